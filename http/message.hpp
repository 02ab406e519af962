// What an HTTP handler sees and what it answers with, as small plain values. No header of this room
// drags Asio or Beast into its includers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace pourtocol::http {

enum class Method : std::uint8_t { get, head, post, put, patch, delete_, options, other };

/// The method's name as it stands on the wire. `other` gives an empty text: see
/// `Request::method_name`.
[[nodiscard]] std::string_view name_of(Method method) noexcept;

/// One header line of a request, as sent, without the white space around the value.
struct Field {
  std::string_view name;
  std::string_view value;
};

/// A whole request: head and body have arrived and are within the limits.
///
/// Everything in it points into the connection's buffer and is valid until the handler returns.
/// A handler that answers later copies what it needs.
struct Request {
  Method method = Method::other;
  std::string_view method_name;  ///< also set when `method` is `other`
  std::string_view path;         ///< begins with '/', still percent-encoded, without the query
  std::string_view query;        ///< what followed the '?', still percent-encoded; may be empty
  std::span<const Field> fields;
  std::string_view body;
  /// Of the peer of this connection: "192.168.1.7", or the network of an IPv6 host,
  /// "2001:db8::/64", in which it picks addresses as it likes.
  std::string_view client_address;

  /// The value of the first field of that name (any case), or an empty text.
  [[nodiscard]] std::string_view field(std::string_view name) const noexcept;
  [[nodiscard]] bool has_field(std::string_view name) const noexcept;
};

/// An answer. The server itself adds Date, Content-Length and, where due, Connection.
struct Response {
  int status = 200;
  /// Empty: no Content-Type line.
  std::string content_type = "application/json";
  std::string body;

  /// Adds one header line. Neither text may hold a line break: that would be a broken precondition.
  Response& add_field(std::string_view name, std::string_view value);
  /// The lines added so far, each with its line break.
  [[nodiscard]] const std::string& extra_fields() const noexcept { return extra_fields_; }

 private:
  std::string extra_fields_;
};

/// {"success":false,"code":…,"reason":…} under that status: how this server says no.
/// `code` and `reason` go out as they are: they may hold neither quotes, backslashes nor controls.
[[nodiscard]] Response refusal(int status, std::string_view code, std::string_view reason);

/// "Not Found" for 404. "Unknown" for numbers this server never sends.
[[nodiscard]] std::string_view reason_phrase(int status) noexcept;

/// Whether an answer's bytes are there anyway, once for all who are sent them, or only until they
/// are sent: the latter count as waiting (`Limits::unsent_bytes_max`).
enum class Held : std::uint8_t { until_sent, anyway };

/// An answer put into bytes once, to be sent any number of times, to any number of connections: how
/// a static file or a status that many people ask for costs one copy into the socket and no more.
class PreparedResponse {
 public:
  explicit PreparedResponse(Response response, Held held = Held::until_sent);

  /// Status line and header lines, without Date, Connection and the empty line.
  [[nodiscard]] std::string_view head() const noexcept { return head_; }
  [[nodiscard]] std::string_view body() const noexcept { return body_; }
  [[nodiscard]] int status() const noexcept { return status_; }
  [[nodiscard]] Held held() const noexcept { return held_; }

 private:
  int status_;
  Held held_;
  std::string head_;
  std::string body_;
};

using SharedResponse = std::shared_ptr<const PreparedResponse>;
[[nodiscard]] SharedResponse prepare(Response response, Held held = Held::until_sent);

}  // namespace pourtocol::http
