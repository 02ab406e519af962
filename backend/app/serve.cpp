#include "backend/app/serve.hpp"

#include <fmt/core.h>
#include <sodium.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <malloc.h>
#include <algorithm>
#include <array>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <filesystem>
#include <memory>
#include <optional>

#include "backend/app/descriptors.hpp"
#include "backend/app/engine.hpp"
#include "backend/database/sqlite_audit_log.hpp"
#include "backend/database/sqlite_log_reader.hpp"
#include "backend/esp32/http_device_link.hpp"
#include "backend/routes/api.hpp"
#include "http/server.hpp"

namespace pourtocol::app {

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// The page is put there by `./dev build`; an installation keeps the same shape.
std::filesystem::path default_web_root() {
  std::error_code failed;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
  return program.parent_path().parent_path() / "share" / "pourtocol" / "www";
}

std::string random_server_id() {
  return fmt::format("{:08x}{:08x}", randombytes_random(), randombytes_random());
}

WallTime wall_time() {
  return WallTime{std::chrono::duration_cast<WallTime::duration>(
      std::chrono::system_clock::now().time_since_epoch())};
}

/// What the server answers to: what it was told, and this machine's own name, as it is and without
/// its domain.
std::vector<std::string> host_names(const Configuration& configuration) {
  std::vector<std::string> names = configuration.allowed_hosts;
  std::array<char, 256> own{};
  if (::gethostname(own.data(), own.size() - 1) == 0) {
    names.emplace_back(own.data());
    names.push_back(names.back().substr(0, names.back().find('.')));
  }
  return names;
}

/// As many clients as were wished for, or as the system allows.
http::Limits limits_for(const Configuration& configuration) {
  http::Limits limits = configuration.limits;
  const std::size_t taps = configuration.taps.size();
  const std::size_t allowed =
      raise_descriptor_limit(limits.connections_max + descriptors_besides_clients(taps));
  const std::size_t possible = connections_within(allowed, limits.connections_max, taps);
  if (possible < limits.connections_max) {
    spdlog::warn("this process may open {} files: at most {} connections instead of {}", allowed,
                 possible, limits.connections_max);
  }
  limits.connections_max = possible;
  return limits;
}

bool is_ignored(int signal) {
  struct sigaction present {};
  return ::sigaction(signal, nullptr, &present) == 0 && present.sa_handler == SIG_IGN;
}

/// One run of the server. Members are closed in the reverse order of their opening: first whoever
/// takes requests, then the pouring side, last the log, which writes what is still waiting.
class Run {
 public:
  explicit Run(const Configuration& configuration)
      : configuration_{configuration},
        limits_{limits_for(configuration)},
        engine_{context_, configuration.control_settings(limits_.connections_max)},
        signals_{context_, SIGINT, SIGTERM},
        heartbeat_{context_},
        changes_{context_},
        patience_{context_},
        anchor_{context_} {
    // A terminal that was closed ends the server in good order too; under nohup it serves on.
    if (!is_ignored(SIGHUP)) signals_.add(SIGHUP);
  }

  /// On failure one sentence.
  std::optional<std::string> open(const database::ChainKey* key);
  void run();

 private:
  std::optional<std::string> listen();
  void announce();
  void beat();
  void tell_head(const std::string& head);
  void tell_head_hourly();
  void tell_changes_at(Instant at);
  void close_gracefully();
  void close_now();
  [[nodiscard]] database::Post poster() {
    return [this](std::move_only_function<void()> task) { asio::post(context_, std::move(task)); };
  }

  const Configuration& configuration_;
  const http::Limits limits_;
  asio::io_context context_{1};
  Engine engine_;
  std::unique_ptr<database::SqliteAuditLog> log_;
  std::unique_ptr<database::SqliteLogReader> reader_;
  std::optional<esp32::HttpDeviceLink> link_;
  std::optional<routes::Api> api_;
  std::optional<http::Server> server_;
  std::uint16_t port_ = 0;
  asio::signal_set signals_;
  asio::steady_timer heartbeat_;
  asio::steady_timer changes_;   ///< that the live stream has still to tell
  asio::steady_timer patience_;  ///< with devices at the start, with running pours at the end
  asio::steady_timer anchor_;    ///< when the log's head is told again
  std::string head_told_;
  bool announced_ = false;
  bool closing_ = false;
  bool pours_settled_ = false;
  bool clients_gone_ = false;
};

std::optional<std::string> Run::open(const database::ChainKey* key) {
  if (const auto& page = configuration_.web_root;
      !page.empty() && !std::filesystem::is_directory(page)) {
    return fmt::format("The web root {} is no folder: build the page, or name its folder.",
                       page.string());
  }
  // First the port: whoever is told of a wrong address finds no new file lying about.
  if (auto complaint = listen()) return complaint;
  database::AuditLogOptions log_options;
  if (key != nullptr) log_options.key = *key;
  auto log = database::SqliteAuditLog::open(configuration_.database, engine_, poster(),
                                            std::move(log_options));
  if (!log) return log.error();
  log_ = std::move(*log);
  tell_head(log_->head_at_opening());
  auto reader = database::SqliteLogReader::open(configuration_.database, poster());
  if (!reader) return reader.error();
  reader_ = std::move(*reader);
  log_->pause_readers_while_reopening(reader_->pause());

  std::vector<esp32::DeviceUrl> devices;
  for (const TapConfiguration& tap : configuration_.taps) devices.push_back(tap.url);
  link_.emplace(context_, std::move(devices), engine_, [] { return Engine::now(); });
  engine_.connect(*log_, *link_);

  routes::Options options;
  options.web_root = configuration_.web_root.empty() ? default_web_root() : configuration_.web_root;
  options.server_id = random_server_id();
  options.public_url = configuration_.public_url;
  options.hosts = host_names(configuration_);
  options.dispense_rate = configuration_.dispense_rate;
  routes::Surroundings surroundings{.now = [] { return Engine::now(); },
                                    .wall_time = wall_time,
                                    .http_counters = [this] { return server_->counters(); },
                                    .wake_at = [this](Instant at) { tell_changes_at(at); }};
  api_.emplace(engine_, *reader_, options, std::move(surroundings));
  return std::nullopt;
}

/// Requests that come from now on wait for `run`, when there is an API.
std::optional<std::string> Run::listen() {
  server_.emplace(
      context_, limits_,
      [this](const http::Request& request, http::Responder responder) {
        api_->handle(request, std::move(responder));
      },
      [](std::string_view report) { spdlog::warn("{}", report); });
  const auto port = server_->listen(configuration_.host, configuration_.port);
  if (!port) return port.error() + " See --host and --port.";
  port_ = *port;
  return std::nullopt;
}

void Run::run() {
  signals_.async_wait([this](const boost::system::error_code& cancelled, int signal) {
    if (cancelled) return;
    spdlog::info("signal {}: closing", signal);
    close_gracefully();
  });
  engine_.begin([this] { announce(); });
  // A dispenser that does not answer must not keep the page from being announced, however patient
  // the server has been told to be with it.
  patience_.expires_after(std::min(configuration_.status_timeout, 1000ms) + 500ms);
  patience_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) announce();
  });
  beat();
  tell_head_hourly();
  context_.run();
  // As the members would go, but for the last word.
  server_.reset();
  api_.reset();
  link_.reset();
  reader_.reset();
  tell_head(log_->close());
}

/// What is told here is kept by whoever keeps these messages, out of reach of who can write the
/// log: that shows later whether it was rewritten.
void Run::tell_head(const std::string& head) {
  if (head.empty() || head == head_told_) return;
  spdlog::info("the log's head is {}", head);
  head_told_ = head;
}

void Run::tell_head_hourly() {
  anchor_.expires_after(1h);
  anchor_.async_wait([this](const boost::system::error_code& cancelled) {
    if (cancelled) return;
    reader_->read_head([this](const std::expected<std::string, control::ReadError>& head) {
      if (head) tell_head(*head);
    });
    tell_head_hourly();
  });
}

void Run::announce() {
  if (std::exchange(announced_, true)) return;
  // What it took to read the log, the page and the configuration is not needed any more.
  ::malloc_trim(0);
  const bool v6 = configuration_.host.find(':') != std::string::npos;
  spdlog::info("ready on http://{}{}{}:{}", v6 ? "[" : "", configuration_.host, v6 ? "]" : "",
               port_);
}

void Run::tell_changes_at(Instant at) {
  changes_.expires_after(at - Engine::now());
  changes_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) api_->tell_changes();
  });
}

void Run::beat() {
  heartbeat_.expires_after(routes::Api::heartbeat_interval);
  heartbeat_.async_wait([this](const boost::system::error_code& cancelled) {
    if (cancelled) return;
    api_->heartbeat();
    beat();
  });
}

void Run::close_gracefully() {
  if (std::exchange(closing_, true)) return;
  constexpr auto for_pours = 2s;
  constexpr auto for_clients = 2s;
  patience_.expires_after(for_pours);
  patience_.async_wait([this](const boost::system::error_code& cancelled) {
    if (cancelled) return;
    spdlog::info("a pour is still open: it will be settled at the next start");
    pours_settled_ = true;
    close_now();
  });
  engine_.shut_down([this] {
    patience_.cancel();
    pours_settled_ = true;
    close_now();
  });
  server_->shutdown(for_clients, [this] {
    clients_gone_ = true;
    close_now();
  });
}

void Run::close_now() {
  if (pours_settled_ && clients_gone_) context_.stop();
}

}  // namespace

int serve(const Configuration& configuration, const database::ChainKey* key) {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file over its limit is an error of the log, not an end
  Run run{configuration};
  if (const auto complaint = run.open(key)) {
    spdlog::error("{}", *complaint);
    return 1;
  }
  run.run();
  return 0;
}

}  // namespace pourtocol::app
