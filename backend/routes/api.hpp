// The server's HTTP API: requests become calls of the pouring side, its answers become JSON, and
// every change goes out on the live stream. openapi.json says the same to other people's programs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backend/control/log_reader.hpp"
#include "backend/control/service.hpp"
#include "backend/routes/admission.hpp"
#include "backend/routes/live_feed.hpp"
#include "backend/routes/metrics.hpp"
#include "backend/routes/pending_changes.hpp"
#include "backend/routes/rate_limit.hpp"
#include "backend/routes/reply.hpp"
#include "backend/routes/requests.hpp"
#include "backend/routes/static_site.hpp"
#include "backend/routes/views.hpp"
#include "core/time.hpp"

namespace pourtocol::routes {

struct Options {
  std::filesystem::path web_root;  ///< the built page; may be missing
  /// Tells one run of the server from another, in the live stream. Hexadecimal digits.
  std::string server_id;
  std::string public_url;          ///< the address guests reach the page under; empty: not told
  std::vector<std::string> hosts;  ///< names this server answers to besides the usual ones
  RateLimit::Rule dispense_rate;
};

/// Where the API learns what it cannot know by itself.
struct Surroundings {
  std::function<Instant()> now;
  std::function<WallTime()> wall_time;
  std::function<http::Counters()> http_counters;  ///< of the server this API is served by
  /// Asks for one call of `Api::tell_changes` at that moment, later.
  std::function<void(Instant)> wake_at;
};

/// Used from the event loop only. Listens to `service` from its construction to its end. `service`
/// and `reader` must outlive it; answers it still owes may come after its end.
class Api final : public control::ChangeListener {
 public:
  Api(control::PourService& service, control::LogReader& reader, const Options& options,
      Surroundings surroundings);
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;
  ~Api() override;

  /// Answers one request, now or later. The `Handler` of the HTTP server.
  void handle(const http::Request& request, http::Responder responder);

  /// Tells the live stream that the server lives, and gives back what nobody asks for. To be called
  /// every `heartbeat_interval`.
  void heartbeat();
  static constexpr std::chrono::seconds heartbeat_interval{5};

  /// Tells the live stream what has changed, as far as it is due. At the moment `wake_at` named.
  void tell_changes();

  void on_tap_changed(control::TapIndex tap) override;
  void on_log_row(const control::LogRow& row) override;

 private:
  struct Route {
    http::Method method;
    std::string_view path;   ///< ending in '/': the rest of the request's path is a parameter
    std::string_view label;  ///< in the metrics
    void (Api::*answer)(const http::Request&, std::string_view parameter, Reply reply);
    std::string_view suffix{};  ///< what follows the parameter
  };
  static const std::vector<Route>& routes();
  /// What stands in `path` for the route's parameter; nothing if the route does not lead there.
  [[nodiscard]] static std::optional<std::string_view> parameter_of(const Route& route,
                                                                    std::string_view path) noexcept;
  void refuse_method(const http::Request& request, Reply reply, std::string allowed);
  /// As a page to whoever looks at one, else as the API says it.
  void refuse_entry(const http::Request& request, Reply reply, const ApiError& error);
  [[nodiscard]] Reply counted(http::Responder responder, std::string_view label);

  void get_status(const http::Request&, std::string_view, Reply reply);
  void post_dispense(const http::Request& request, std::string_view, Reply reply);
  void post_stop(const http::Request& request, std::string_view, Reply reply);
  void get_stop_page(const http::Request& request, std::string_view, Reply reply);
  void post_stop_form(const http::Request& request, std::string_view, Reply reply);
  void post_resume(const http::Request& request, std::string_view, Reply reply);
  void post_admission(const http::Request&, std::string_view, Reply reply);
  void get_pour(const http::Request&, std::string_view id, Reply reply);
  void get_logs(const http::Request& request, std::string_view, Reply reply);
  void get_log_head(const http::Request&, std::string_view, Reply reply);
  void get_totals(const http::Request& request, std::string_view, Reply reply);
  void get_why(const http::Request& request, std::string_view, Reply reply);
  void post_service(const http::Request& request, std::string_view tap, Reply reply);
  void get_calibration(const http::Request&, std::string_view tap, Reply reply);
  void post_calibration(const http::Request& request, std::string_view tap, Reply reply);
  void post_machine(const http::Request& request, std::string_view tap, Reply reply);
  void get_events(const http::Request&, std::string_view, Reply reply);
  void get_health(const http::Request&, std::string_view, Reply reply);
  void get_metrics(const http::Request&, std::string_view, Reply reply);
  void get_openapi(const http::Request&, std::string_view, Reply reply);
  void get_file(const http::Request& request, Reply reply);

  /// Whether a tap is busy with the pour of that id.
  [[nodiscard]] bool is_running(const RequestId& id) const;
  [[nodiscard]] ServerRun run() const noexcept { return {.id = server_id_, .began = started_}; }
  [[nodiscard]] std::chrono::milliseconds uptime() const;
  [[nodiscard]] StatusFacts status_facts(WallTime now) const;
  [[nodiscard]] std::vector<control::TapView> tap_views() const;
  [[nodiscard]] std::size_t taps_online() const;
  [[nodiscard]] std::string snapshot() const;
  void tell_when_due();
  void tell_now();
  [[nodiscard]] std::string event_of(const PendingChanges::Change& change);

  control::PourService& service_;
  control::LogReader& reader_;
  const std::string server_id_;
  const std::string public_url_;
  const Admission admission_;
  const Surroundings surroundings_;
  const Instant started_;
  StaticSite site_;
  http::SharedResponse openapi_;
  LiveFeed feed_;
  PendingChanges pending_;
  bool waking_ = false;  ///< `wake_at` was called and has not called back yet
  RateLimit dispense_rate_;
  RateLimit give_up_rate_;
  std::shared_ptr<Metrics> metrics_ = std::make_shared<Metrics>();

  /// Many people ask for the same status: it is put into bytes once per change and second.
  struct CachedStatus {
    std::uint64_t changes = 0;
    std::int64_t second = 0;
    http::SharedResponse response;
  };
  CachedStatus status_;
  std::uint64_t changes_ = 0;  ///< of a tap or the log, told or not

  /// So do they for the newest page of the log and for the totals: the last one read holds until a
  /// row is added. Shared, since a read may end after the API.
  struct CachedPage {
    std::string query;
    std::int64_t last_log_id = 0;
    http::SharedResponse response;
  };
  [[nodiscard]] bool holds(const CachedPage& page, std::string_view query) const;
  /// Named by the row that is the newest when it is asked for: it may tell of newer ones, never of
  /// fewer.
  [[nodiscard]] CachedPage page_for(std::string_view query) const;
  std::shared_ptr<CachedPage> page_ = std::make_shared<CachedPage>();
  std::shared_ptr<CachedPage> totals_ = std::make_shared<CachedPage>();
};

}  // namespace pourtocol::routes
