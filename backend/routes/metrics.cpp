#include "backend/routes/metrics.hpp"

#include "backend/routes/json_text.hpp"

namespace pourtocol::routes {

namespace {

void begin(std::string& text, std::string_view name, std::string_view type, std::string_view help) {
  text.append("# HELP ").append(name).append(" ").append(help).append("\n");
  text.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

void sample(std::string& text, std::string_view name, std::string_view value) {
  text.append(name).append(" ").append(value).append("\n");
}

void counter(std::string& text, std::string_view name, std::string_view help, std::uint64_t value) {
  begin(text, name, "counter", help);
  sample(text, name, std::to_string(value));
}

void gauge(std::string& text, std::string_view name, std::string_view help, std::uint64_t value) {
  begin(text, name, "gauge", help);
  sample(text, name, std::to_string(value));
}

}  // namespace

std::string Metrics::text(const Gauges& gauges) const {
  std::string text;
  begin(text, "pourtocol_http_requests_total", "counter", "Answers by route and status.");
  for (const auto& [key, count] : answers_) {
    text.append("pourtocol_http_requests_total{route=\"")
        .append(key.first)
        .append("\",status=\"")
        .append(std::to_string(key.second))
        .append("\"} ")
        .append(std::to_string(count))
        .append("\n");
  }
  begin(text, "pourtocol_pours_total", "counter", "Pours settled since the start, by outcome.");
  for (std::size_t i = 0; i < pours_.size(); ++i) {
    const auto outcome = static_cast<control::PourState>(i);
    if (!control::is_final(outcome)) continue;
    text.append("pourtocol_pours_total{outcome=\"")
        .append(control::name_of(outcome))
        .append("\"} ")
        .append(std::to_string(pours_[i]))
        .append("\n");
  }
  counter(text, "pourtocol_dispense_rate_limited_total",
          "Orders refused because one address asked too often.", rate_limited_);

  gauge(text, "pourtocol_taps", "Taps configured.", gauges.taps);
  gauge(text, "pourtocol_taps_online", "Taps whose device answers.", gauges.taps_online);
  gauge(text, "pourtocol_store_healthy", "1 while the log can be written.",
        gauges.store_healthy ? 1 : 0);
  gauge(text, "pourtocol_live_clients", "Clients of the live stream.", gauges.live_clients);
  begin(text, "pourtocol_uptime_seconds", "gauge", "Seconds since the server's start.");
  sample(text, "pourtocol_uptime_seconds",
         thousandths(static_cast<std::int64_t>(gauges.uptime_s * 1000)));

  const http::Counters& http = gauges.http;
  gauge(text, "pourtocol_http_connections", "Connections open now.", http.connections);
  gauge(text, "pourtocol_http_streams", "Answers being streamed now.", http.streams);
  counter(text, "pourtocol_http_connections_total", "Connections accepted.", http.accepted);
  counter(text, "pourtocol_http_malformed_total", "Requests refused before they were routed.",
          http.malformed);
  counter(text, "pourtocol_http_over_limit_total", "Connections refused as too many.",
          http.over_limit);
  counter(text, "pourtocol_http_made_room_total",
          "Connections that kept the server waiting, let go for others.", http.made_room);
  gauge(text, "pourtocol_http_unsent_bytes", "Bytes held because clients do not read.",
        http.unsent_bytes);
  counter(text, "pourtocol_http_readers_let_go_total",
          "Connections let go for the bytes that waited for them.", http.readers_let_go);
  counter(text, "pourtocol_http_timed_out_total", "Connections cut for being too slow.",
          http.timed_out);
  counter(text, "pourtocol_http_streams_too_slow_total", "Streams closed as too slow.",
          http.streams_too_slow);
  counter(text, "pourtocol_http_accept_failures_total", "Failures to accept a connection.",
          http.accept_failures);
  return text;
}

}  // namespace pourtocol::routes
