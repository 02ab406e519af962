#include "firmware/esp32/main/http_exchange.hpp"

#include <esp_timer.h>
#include <lwip/sockets.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>

namespace pourtocol::board {

namespace {

constexpr std::int64_t body_patience_us = 2'000'000;

using FieldSpace = std::array<char, 128>;

/// The field's value in `space`. One that is too long for it is none that could be right.
std::optional<std::string_view> header_field(httpd_req_t* request, const char* name,
                                             FieldSpace& space) {
  const esp_err_t found = httpd_req_get_hdr_value_str(request, name, space.data(), space.size());
  if (found == ESP_ERR_NOT_FOUND) return std::nullopt;
  if (found != ESP_OK) return std::string_view{"?"};
  return std::string_view{space.data()};
}

}  // namespace

std::optional<esp_err_t> turn_away(httpd_req_t* request, Deed deed) noexcept {
  std::array<FieldSpace, 4> spaces{};
  const auto refused =
      why_not_admitted(deed, {.host = header_field(request, "Host", spaces[0]),
                              .origin = header_field(request, "Origin", spaces[1]),
                              .fetch_site = header_field(request, "Sec-Fetch-Site", spaces[2]),
                              .content_type = header_field(request, "Content-Type", spaces[3])});
  if (!refused) return std::nullopt;
  const esp_err_t sent =
      respond_in_words(request, refused->status, refused->error.data(), refused->message.data());
  // A body that was not read would be read to its end, however long it is: the connection ends.
  return request->content_len > 0 ? ESP_FAIL : sent;
}

esp_err_t respond(httpd_req_t* request, const char* status, std::string_view json) noexcept {
  if (httpd_resp_set_status(request, status) != ESP_OK ||
      httpd_resp_set_type(request, "application/json") != ESP_OK) {
    return ESP_FAIL;
  }
  return httpd_resp_send(request, json.data(), static_cast<ssize_t>(json.size()));
}

esp_err_t respond_in_words(httpd_req_t* request, int status, const char* error,
                           const char* message) noexcept {
  std::array<char, 192> json{};
  const int length =
      std::snprintf(json.data(), json.size(), R"({"error":"%s","message":"%s"})", error, message);
  if (length < 0 || static_cast<std::size_t>(length) >= json.size()) return ESP_FAIL;
  return respond(request, status_line(status), {json.data(), static_cast<std::size_t>(length)});
}

std::uint64_t address_of(httpd_req_t* request) noexcept {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  const int socket = httpd_req_to_sockfd(request);
  if (getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return 0;
  if (peer.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &peer, sizeof v4);
    return v4.sin_addr.s_addr;
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &peer, sizeof v6);
  constexpr std::array<std::uint8_t, 12> of_v4{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  const bool is_v4 = std::memcmp(&v6.sin6_addr, of_v4.data(), of_v4.size()) == 0;
  std::array<std::uint8_t, 16> bytes{};
  std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
  std::uint64_t number = 0;
  std::memcpy(&number, bytes.data() + (is_v4 ? 12 : 0), is_v4 ? 4 : 8);
  return number;
}

void give_back(httpd_req_t* request, bool keep) noexcept {
  // A connection that is shut down stays ours until it is given back; the server, when it looks at
  // it again, finds its end and closes it.
  if (!keep) (void)shutdown(httpd_req_to_sockfd(request), SHUT_RDWR);
  (void)httpd_req_async_handler_complete(request);
}

const char* status_line(int status) noexcept {
  switch (status) {
    case 200:
      return "200 OK";
    case 400:
      return "400 Bad Request";
    case 401:
      return "401 Unauthorized";
    case 403:
      return "403 Forbidden";
    case 408:
      return "408 Request Timeout";
    case 409:
      return "409 Conflict";
    case 413:
      return "413 Content Too Large";
    case 415:
      return "415 Unsupported Media Type";
    case 421:
      return "421 Misdirected Request";
    case 503:
      return "503 Service Unavailable";
    default:
      return "500 Internal Server Error";
  }
}

esp_err_t unauthorized(httpd_req_t* request) noexcept {
  return respond_in_words(request, 401, "unauthorized",
                          "The message is not signed with this machine's key.");
}

esp_err_t unavailable(httpd_req_t* request, NoReply why) noexcept {
  return respond_in_words(request, 503, "unavailable",
                          why == NoReply::held ? "The machine is out of service just now."
                                               : "The machine did not answer in time.");
}

std::expected<std::string_view, esp_err_t> read_body(httpd_req_t* request,
                                                     std::span<char> space) noexcept {
  if (request->content_len > space.size()) {
    (void)respond_in_words(request, 413, "bad_order", "The message is too long.");
    return std::unexpected(ESP_FAIL);  // what comes of it is not read: the connection ends
  }
  const std::int64_t deadline = esp_timer_get_time() + body_patience_us;
  std::size_t length = 0;
  while (length < request->content_len) {
    const int got = httpd_req_recv(request, space.data() + length, request->content_len - length);
    if (got <= 0 && got != HTTPD_SOCK_ERR_TIMEOUT) return std::unexpected(ESP_FAIL);
    if (got > 0) length += static_cast<std::size_t>(got);
    if (length < request->content_len && esp_timer_get_time() >= deadline) {
      (void)respond_in_words(request, 408, "bad_order", "The message did not come in time.");
      return std::unexpected(ESP_FAIL);
    }
  }
  return std::string_view{space.data(), length};
}

std::optional<std::uint64_t> query_number(httpd_req_t* request, const char* name,
                                          std::uint64_t fallback) noexcept {
  std::array<char, 128> query{};
  const esp_err_t found = httpd_req_get_url_query_str(request, query.data(), query.size());
  if (found == ESP_ERR_NOT_FOUND) return fallback;
  if (found != ESP_OK) return std::nullopt;
  std::array<char, 24> text{};
  const esp_err_t has = httpd_query_key_value(query.data(), name, text.data(), text.size());
  if (has == ESP_ERR_NOT_FOUND) return fallback;
  if (has != ESP_OK) return std::nullopt;
  std::uint64_t number = 0;
  const char* const end = text.data() + std::strlen(text.data());
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end || end == text.data()) return std::nullopt;
  return number;
}

}  // namespace pourtocol::board
