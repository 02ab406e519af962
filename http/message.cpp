#include "http/message.hpp"

#include <algorithm>
#include <utility>

#include "core/assert.hpp"
#include "http/text.hpp"

namespace pourtocol::http {

std::string_view name_of(Method method) noexcept {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::head:
      return "HEAD";
    case Method::post:
      return "POST";
    case Method::put:
      return "PUT";
    case Method::patch:
      return "PATCH";
    case Method::delete_:
      return "DELETE";
    case Method::options:
      return "OPTIONS";
    case Method::other:
      break;
  }
  return {};
}

std::string_view Request::field(std::string_view name) const noexcept {
  const auto found = std::ranges::find_if(
      fields, [&](const Field& field) { return equal_ignoring_case(field.name, name); });
  return found == fields.end() ? std::string_view{} : found->value;
}

bool Request::has_field(std::string_view name) const noexcept {
  return std::ranges::any_of(
      fields, [&](const Field& field) { return equal_ignoring_case(field.name, name); });
}

Response& Response::add_field(std::string_view name, std::string_view value) {
  POURTOCOL_ASSERT(name.find_first_of("\r\n:") == std::string_view::npos);
  POURTOCOL_ASSERT(value.find_first_of("\r\n") == std::string_view::npos);
  extra_fields_.append(name).append(": ").append(value).append("\r\n");
  return *this;
}

Response refusal(int status, std::string_view code, std::string_view reason) {
  Response response;
  response.status = status;
  response.body.append(R"({"success":false,"code":")")
      .append(code)
      .append(R"(","reason":")")
      .append(reason)
      .append("\"}");
  response.add_field("Cache-Control", "no-store").add_field("X-Content-Type-Options", "nosniff");
  return response;
}

std::string_view reason_phrase(int status) noexcept {
  switch (status) {
    case 200:
      return "OK";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Unknown";
  }
}

std::string head_of(const Response& response) {
  std::string head;
  head.reserve(128 + response.extra_fields().size());
  head.append("HTTP/1.1 ")
      .append(std::to_string(response.status))
      .append(" ")
      .append(reason_phrase(response.status))
      .append("\r\n");
  if (!response.content_type.empty()) {
    head.append("Content-Type: ").append(response.content_type).append("\r\n");
  }
  return head.append(response.extra_fields());
}

std::string head_with_length(const Response& response) {
  std::string head = head_of(response);
  if (response.status != 204 && response.status != 304) {
    head.append("Content-Length: ").append(std::to_string(response.body.size())).append("\r\n");
  }
  return head;
}

PreparedResponse::PreparedResponse(Response response, Held held)
    : status_{response.status},
      held_{held},
      head_{head_with_length(response)},
      body_{std::move(response.body)} {
  body_.shrink_to_fit();
}

SharedResponse prepare(Response response, Held held) {
  return std::make_shared<const PreparedResponse>(std::move(response), held);
}

}  // namespace pourtocol::http
