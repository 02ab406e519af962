// One request and its answer, over ESP-IDF's server: what every route needs of it.
#pragma once

#include <esp_http_server.h>

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>

#include "firmware/esp32/main/control_task.hpp"
#include "firmware/esp32/portable/request_admission.hpp"

namespace pourtocol::board {

/// Sends a JSON object. `status` is a whole line of one (`status_line`). ESP_FAIL, which ends the
/// connection, if it could not be sent.
esp_err_t respond(httpd_req_t* request, const char* status, std::string_view json) noexcept;

/// "409 Conflict"; 500 for a number no route of ours answers.
[[nodiscard]] const char* status_line(int status) noexcept;

/// Nothing: the request may go on. Else it comes from where none is taken, has been answered so,
/// and what is returned is to be returned by the handler.
[[nodiscard]] std::optional<esp_err_t> turn_away(httpd_req_t* request, Deed deed) noexcept;

/// The same with `error` and `message`, our own and without anything that JSON would want escaped.
esp_err_t respond_in_words(httpd_req_t* request, int status, const char* error,
                           const char* message) noexcept;

/// The end of a request that was answered by another task than the server's
/// (`httpd_req_async_handler_begin`); `keep` false: of its connection, too. Neither is the caller's
/// any more: the server may have closed the connection, and given its number to another one.
void give_back(httpd_req_t* request, bool keep) noexcept;

/// Of whoever asks, as a number that no other address has; the 2^64 addresses of an IPv6 network
/// count as one. 0: it is not known.
[[nodiscard]] std::uint64_t address_of(httpd_req_t* request) noexcept;

/// 401: the key that this machine was given was not used.
esp_err_t unauthorized(httpd_req_t* request) noexcept;

/// 503, which proves nothing about what came of the request.
esp_err_t unavailable(httpd_req_t* request, NoReply why) noexcept;

/// The request's body, read into `space` within two seconds in all. If it is longer, or does not
/// come, the request has been answered (413, 408) and what is returned is to be returned by the
/// handler.
[[nodiscard]] std::expected<std::string_view, esp_err_t> read_body(httpd_req_t* request,
                                                                   std::span<char> space) noexcept;

/// True if a request that takes no body has one. ESP-IDF would read it to its end, however long it
/// is, and nobody else meanwhile: the handler returns ESP_FAIL, which ends the connection.
[[nodiscard]] inline bool has_body(const httpd_req_t* request) noexcept {
  return request->content_len > 0;
}

/// A whole number in the query; `fallback` if it is not given, nothing if it is not one.
[[nodiscard]] std::optional<std::uint64_t> query_number(httpd_req_t* request, const char* name,
                                                        std::uint64_t fallback) noexcept;

}  // namespace pourtocol::board
