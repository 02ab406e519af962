#include "backend/routes/api.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "backend/routes/json_text.hpp"
#include "backend/routes/log_download.hpp"
#include "backend/routes/openapi.hpp"
#include "backend/routes/requests.hpp"
#include "backend/routes/stop_page.hpp"
#include "backend/routes/views.hpp"
#include "http/target.hpp"

namespace pourtocol::routes {

using http::Method;

Api::Api(control::PourService& service, control::LogReader& reader, const Options& options,
         Surroundings surroundings)
    : service_{service},
      reader_{reader},
      server_id_{options.server_id},
      public_url_{options.public_url},
      admission_{{.hosts = options.hosts, .public_url = options.public_url}},
      surroundings_{std::move(surroundings)},
      started_{surroundings_.now()},
      site_{options.web_root},
      openapi_{
          http::prepare(json_response(200, std::string{openapi_document()}), http::Held::anyway)},
      dispense_rate_{options.dispense_rate},
      give_up_rate_{options.dispense_rate} {
  service_.listen(this);
}

Api::~Api() {
  service_.listen(nullptr);
}

// --- which request goes where ---

const std::vector<Api::Route>& Api::routes() {
  static const std::vector<Route> table{
      {Method::get, "/api/status", "/api/status", &Api::get_status},
      {Method::post, "/api/dispense", "/api/dispense", &Api::post_dispense},
      {Method::post, "/api/admission", "/api/admission", &Api::post_admission},
      {Method::get, "/api/pours/", "/api/pours/:request_id", &Api::get_pour},
      {Method::post, "/api/stop", "/api/stop", &Api::post_stop},
      {Method::post, "/api/resume", "/api/resume", &Api::post_resume},
      {Method::get, "/api/logs", "/api/logs", &Api::get_logs},
      {Method::get, "/api/log/head", "/api/log/head", &Api::get_log_head},
      {Method::get, "/api/totals", "/api/totals", &Api::get_totals},
      {Method::get, "/api/why", "/api/why", &Api::get_why},
      {Method::post, "/api/taps/", "/api/taps/:tap/service", &Api::post_service, "/service"},
      {Method::get, "/api/taps/", "/api/taps/:tap/calibration", &Api::get_calibration,
       "/calibration"},
      {Method::post, "/api/taps/", "/api/taps/:tap/calibration", &Api::post_calibration,
       "/calibration"},
      {Method::post, "/api/taps/", "/api/taps/:tap/machine", &Api::post_machine, "/machine"},
      {Method::get, "/api/events", "/api/events", &Api::get_events},
      {Method::get, "/api/openapi.json", "/api/openapi.json", &Api::get_openapi},
      {Method::get, "/stop", "/stop", &Api::get_stop_page},
      {Method::post, "/stop", "/stop", &Api::post_stop_form},
      {Method::get, "/healthz", "/healthz", &Api::get_health},
      {Method::get, "/metrics", "/metrics", &Api::get_metrics},
  };
  return table;
}

std::optional<std::string_view> Api::parameter_of(const Route& route,
                                                  std::string_view path) noexcept {
  if (!route.path.ends_with('/')) {
    return path == route.path ? std::optional{std::string_view{}} : std::nullopt;
  }
  if (!path.starts_with(route.path)) return std::nullopt;
  path.remove_prefix(route.path.size());
  if (path.size() <= route.suffix.size() || !path.ends_with(route.suffix)) return std::nullopt;
  path.remove_suffix(route.suffix.size());
  return path.find('/') == std::string_view::npos ? std::optional{path} : std::nullopt;
}

void Api::handle(const http::Request& request, http::Responder responder) {
  if (const auto admitted = admission_.check(request); !admitted) {
    return refuse_entry(request, counted(std::move(responder), "other"), admitted.error());
  }
  const Method method = request.method == Method::head ? Method::get : request.method;
  std::string allowed;
  for (const Route& route : routes()) {
    const auto parameter = parameter_of(route, request.path);
    if (!parameter) continue;
    if (route.method == method) {
      return (this->*route.answer)(request, *parameter, counted(std::move(responder), route.label));
    }
    if (!allowed.empty()) allowed += ", ";
    allowed += route.method == Method::get ? "GET, HEAD" : name_of(route.method);
  }
  if (!allowed.empty()) {
    return refuse_method(request, counted(std::move(responder), "other"), std::move(allowed));
  }
  if (request.path == "/api" || request.path.starts_with("/api/")) {
    return counted(std::move(responder), "other")
        .refuse({404, "not_found", "There is no such endpoint: see /api/openapi.json."});
  }
  Reply reply = counted(std::move(responder), "page");
  if (method != Method::get) return refuse_method(request, std::move(reply), "GET, HEAD");
  get_file(request, std::move(reply));
}

void Api::refuse_method(const http::Request& request, Reply reply, std::string allowed) {
  http::Response response = error_response(
      {405, "method_not_allowed",
       "The method " + std::string{request.method_name.substr(0, 20)} + " is not possible here."});
  response.add_field("Allow", allowed);
  std::move(reply).send(std::move(response));
}

void Api::refuse_entry(const http::Request& request, Reply reply, const ApiError& error) {
  if (request.path != "/stop") return std::move(reply).refuse(error);
  const auto language = page_language(request.field("accept-language"));
  std::move(reply).send(stop_refused_page(error, language));
}

Reply Api::counted(http::Responder responder, std::string_view label) {
  return Reply{std::move(responder), metrics_, label};
}

void Api::get_file(const http::Request& request, Reply reply) {
  std::move(reply).send(site_.get(request));
}

// --- pouring ---

void Api::post_dispense(const http::Request& request, std::string_view, Reply reply) {
  if (!dispense_rate_.allow(request.client_address, surroundings_.now())) {
    metrics_->count_rate_limited();
    return std::move(reply).refuse(
        {429, "too_many_requests", "Too many orders from this address: wait a moment."});
  }
  if (const auto type = check_content_type(request); !type) {
    return std::move(reply).refuse(type.error());
  }
  std::optional<std::string_view> key;
  if (request.has_field("idempotency-key")) key = request.field("idempotency-key");
  auto wish = read_dispense(request.body, key, run());
  if (!wish) return std::move(reply).refuse(wish.error());
  service_.dispense(std::move(*wish),
                    [reply = std::move(reply)](const control::DispenseAnswer& answer) mutable {
                      std::move(reply).send(dispense_response(answer));
                    });
}

void Api::post_stop(const http::Request& request, std::string_view, Reply reply) {
  if (!request.body.empty()) {
    if (const auto type = check_content_type(request); !type) {
      return std::move(reply).refuse(type.error());
    }
  }
  auto scope = read_stop(request.body);
  if (!scope) return std::move(reply).refuse(scope.error());
  // What runs can be stopped as often as anybody likes; what does not is kept for ever.
  if (const auto* id = std::get_if<RequestId>(&*scope);
      id != nullptr && !is_running(*id) &&
      !give_up_rate_.allow(request.client_address, surroundings_.now())) {
    metrics_->count_rate_limited();
    return std::move(reply).refuse(
        {429, "too_many_requests",
         "Too many orders are given up from this address: wait a moment."});
  }
  service_.stop(std::move(*scope),
                [reply = std::move(reply)](const control::StopAnswer& answer) mutable {
                  JsonText json;
                  write_stop_answer(json, answer);
                  std::move(reply).send(json_response(status_of(answer.code), json.finish()));
                });
}

void Api::get_stop_page(const http::Request& request, std::string_view, Reply reply) {
  std::move(reply).send(stop_page(page_language(request.field("accept-language"))));
}

void Api::post_stop_form(const http::Request& request, std::string_view, Reply reply) {
  const auto language = page_language(request.field("accept-language"));
  service_.stop(control::AllTaps{},
                [language, reply = std::move(reply)](const control::StopAnswer& answer) mutable {
                  std::move(reply).send(stopped_page(answer, language));
                });
}

void Api::post_resume(const http::Request& request, std::string_view, Reply reply) {
  if (const auto type = check_content_type(request); !type) {
    return std::move(reply).refuse(type.error());
  }
  auto wanted = read_resume(request.body, run());
  if (!wanted) return std::move(reply).refuse(wanted.error());
  service_.resume(std::move(*wanted),
                  [reply = std::move(reply)](const control::ResumeAnswer& answer) mutable {
                    JsonText json;
                    write_resume_answer(json, answer);
                    std::move(reply).send(json_response(status_of(answer.code), json.finish()));
                  });
}

/// Who got this far may order and stop: `handle` has judged it as it would judge those.
void Api::post_admission(const http::Request&, std::string_view, Reply reply) {
  JsonText json;
  json.begin_object();
  json.key("success").boolean(true);
  json.end_object();
  std::move(reply).send(json_response(200, json.finish()));
}

// --- looking ---

bool Api::is_running(const RequestId& id) const {
  for (std::uint32_t i = 0; i < service_.tap_count(); ++i) {
    const auto pour = service_.tap_view(control::TapIndex{i}).pour;
    if (pour && pour->request_id == id) return true;
  }
  return false;
}

StatusFacts Api::status_facts(WallTime now) const {
  return {.version = feed_.version(),
          .now = now,
          .server_id = server_id_,
          .uptime = uptime(),
          .public_url = public_url_};
}

std::chrono::milliseconds Api::uptime() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(surroundings_.now() - started_);
}

std::vector<control::TapView> Api::tap_views() const {
  std::vector<control::TapView> views;
  views.reserve(service_.tap_count());
  for (std::uint32_t i = 0; i < service_.tap_count(); ++i) {
    views.push_back(service_.tap_view(control::TapIndex{i}));
  }
  return views;
}

std::size_t Api::taps_online() const {
  const auto views = tap_views();
  return static_cast<std::size_t>(
      std::ranges::count(views, control::LinkState::online, &control::TapView::link));
}

void Api::get_status(const http::Request&, std::string_view, Reply reply) {
  const WallTime now = surroundings_.wall_time();
  const std::int64_t second =
      std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  if (!status_.response || status_.changes != changes_ || status_.second != second) {
    JsonText json;
    write_status(json, tap_views(), status_facts(now));
    status_ = {changes_, second, http::prepare(json_response(200, json.finish()))};
  }
  std::move(reply).send(status_.response);
}

void Api::get_pour(const http::Request&, std::string_view id, Reply reply) {
  const auto decoded = http::percent_decode(id, false);
  const auto request_id = decoded ? RequestId::parse(*decoded) : std::nullopt;
  if (!request_id) {
    return std::move(reply).refuse(
        {400, "bad_request", "This is not a request id: 1 to 64 letters, digits and -_.: are."});
  }
  reader_.find_pour(*request_id, [reply = std::move(reply)](auto found) mutable {
    if (!found) return std::move(reply).refuse(read_error(found.error()));
    if (!*found) {
      return std::move(reply).refuse(
          {404, "unknown_request", "No pour is known under this request id."});
    }
    JsonText json;
    write_receipt(json, (*found)->pour, &(*found)->history);
    std::move(reply).send(json_response(200, json.finish()));
  });
}

bool Api::holds(const CachedPage& page, std::string_view query) const {
  return page.response && page.query == query && page.last_log_id == service_.last_log_id();
}

Api::CachedPage Api::page_for(std::string_view query) const {
  return {.query = std::string{query}, .last_log_id = service_.last_log_id(), .response = {}};
}

void Api::get_logs(const http::Request& request, std::string_view, Reply reply) {
  if (holds(*page_, request.query)) return std::move(reply).send(page_->response);
  auto wanted = read_log_request(request.query);
  if (!wanted) return std::move(reply).refuse(wanted.error());
  if (wanted->whole_log) {
    return send_whole_log(reader_, std::move(wanted->query), std::move(reply));
  }
  if (wanted->format == LogFormat::csv) {
    return reader_.read_log(wanted->query, [reply = std::move(reply)](auto rows) mutable {
      if (!rows) return std::move(reply).refuse(read_error(rows.error()));
      std::move(reply).send(csv_response(*rows));
    });
  }
  reader_.read_log(wanted->query, [cached = page_, page = page_for(request.query),
                                   reply = std::move(reply)](auto rows) mutable {
    if (!rows) return std::move(reply).refuse(read_error(rows.error()));
    JsonText json;
    json.begin_array();
    for (const auto& row : *rows) write_log_row(json, row);
    json.end_array();
    page.response = http::prepare(json_response(200, json.finish()));
    *cached = page;
    std::move(reply).send(std::move(page.response));
  });
}

void Api::get_log_head(const http::Request&, std::string_view, Reply reply) {
  reader_.read_head([reply = std::move(reply)](auto head) mutable {
    if (!head) return std::move(reply).refuse(read_error(head.error()));
    JsonText json;
    json.begin_object();
    json.key("head").text(*head);
    json.end_object();
    std::move(reply).send(json_response(200, json.finish()));
  });
}

void Api::get_totals(const http::Request& request, std::string_view, Reply reply) {
  if (holds(*totals_, request.query)) return std::move(reply).send(totals_->response);
  const auto since = read_totals(request.query);
  if (!since) return std::move(reply).refuse(since.error());
  std::vector<TapName> taps;
  for (const auto& tap : tap_views()) taps.push_back(tap.name);
  reader_.read_totals(std::move(taps), *since,
                      [cached = totals_, page = page_for(request.query), since = *since,
                       reply = std::move(reply)](auto totals) mutable {
                        if (!totals) return std::move(reply).refuse(read_error(totals.error()));
                        JsonText json;
                        write_totals(json, since, *totals);
                        page.response = http::prepare(json_response(200, json.finish()));
                        *cached = page;
                        std::move(reply).send(std::move(page.response));
                      });
}

void Api::get_why(const http::Request& request, std::string_view, Reply reply) {
  const auto name = read_why(request.query);
  if (!name) return std::move(reply).refuse(name.error());
  const auto tap = *name ? service_.find_tap(**name) : std::optional{control::TapIndex{0}};
  if (!tap) return std::move(reply).refuse(unknown_tap());
  JsonText json;
  write_why(json, service_.why(*tap));
  std::move(reply).send(json_response(200, json.finish()));
}

void Api::get_health(const http::Request&, std::string_view, Reply reply) {
  const bool healthy = service_.store_healthy();
  JsonText json;
  json.begin_object();
  json.key("ok").boolean(healthy);
  json.key("store").text(healthy ? "ok" : "failed");
  json.key("taps").whole(static_cast<std::int64_t>(service_.tap_count()));
  json.key("taps_online").whole(static_cast<std::int64_t>(taps_online()));
  json.end_object();
  std::move(reply).send(json_response(healthy ? 200 : 503, json.finish()));
}

void Api::get_metrics(const http::Request&, std::string_view, Reply reply) {
  Metrics::Gauges gauges;
  gauges.http = surroundings_.http_counters();
  gauges.live_clients = feed_.clients();
  gauges.taps = service_.tap_count();
  gauges.taps_online = taps_online();
  gauges.store_healthy = service_.store_healthy();
  gauges.uptime_s = std::chrono::duration<double>{surroundings_.now() - started_}.count();
  http::Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = metrics_->text(gauges);
  add_api_fields(response);
  std::move(reply).send(std::move(response));
}

void Api::get_openapi(const http::Request&, std::string_view, Reply reply) {
  std::move(reply).send(openapi_);
}

// --- the live stream ---

std::string Api::snapshot() const {
  JsonText json;
  json.begin_object();
  json.key("version").whole(static_cast<std::int64_t>(feed_.version()));
  json.key("server_id").text(server_id_);
  json.key("status");
  write_status(json, tap_views(), status_facts(surroundings_.wall_time()));
  json.key("last_log_id").whole(service_.last_log_id());
  json.end_object();
  return feed_.event("snapshot", json.finish());
}

void Api::get_events(const http::Request&, std::string_view, Reply reply) {
  tell_now();  // what the snapshot holds is not told again
  feed_.join(std::move(reply).stream(LiveFeed::opening(snapshot())));
}

void Api::on_tap_changed(control::TapIndex tap) {
  ++changes_;
  pending_.note(tap);
  tell_when_due();
}

void Api::on_log_row(const control::LogRow& row) {
  const bool is_pour = row.action.empty() && row.purpose == protocol::Purpose::pour;
  if (is_pour && control::is_final(row.outcome)) metrics_->count_pour(row.outcome);
  ++changes_;
  pending_.note(row);
  tell_when_due();
}

void Api::tell_changes() {
  waking_ = false;
  if (!pending_.empty()) tell_when_due();
}

void Api::tell_when_due() {
  if (waking_) return;
  if (feed_.empty() || pending_.due() <= surroundings_.now()) return tell_now();
  waking_ = true;
  surroundings_.wake_at(pending_.due());
}

void Api::tell_now() {
  if (pending_.empty()) return;
  const bool heard = !feed_.empty();
  std::string message;
  for (const auto& change : pending_.take(surroundings_.now())) {
    feed_.advance();
    if (heard) message += event_of(change);
  }
  if (heard) feed_.publish(std::move(message));
}

std::string Api::event_of(const PendingChanges::Change& change) {
  const auto* row = std::get_if<control::LogRow>(&change);
  JsonText json;
  json.begin_object();
  json.key("version").whole(static_cast<std::int64_t>(feed_.version()));
  json.key(row != nullptr ? "row" : "tap");
  if (row != nullptr) {
    write_log_row(json, *row);
  } else {
    write_tap(json, service_.tap_view(std::get<control::TapIndex>(change)));
  }
  json.end_object();
  return feed_.event(row != nullptr ? "log" : "tap", json.finish());
}

void Api::heartbeat() {
  site_.forget_unpacked();
  if (feed_.empty()) return;
  JsonText json;
  json.begin_object();
  json.key("version").whole(static_cast<std::int64_t>(feed_.version()));
  json.key("timestamp").seconds(surroundings_.wall_time());
  json.key("server_id").text(server_id_);
  json.key("uptime_ms").whole(uptime().count());
  json.end_object();
  feed_.publish(feed_.event("heartbeat", json.finish(), false));
}

}  // namespace pourtocol::routes
