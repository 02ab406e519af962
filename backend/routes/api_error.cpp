#include "backend/routes/api_error.hpp"

#include <utility>

#include "backend/routes/json_text.hpp"

namespace pourtocol::routes {

void add_api_fields(http::Response& response) {
  response.add_field("Cache-Control", "no-store")
      .add_field("X-Content-Type-Options", "nosniff")
      .add_field("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
      .add_field("Referrer-Policy", "no-referrer")
      .add_field("Cross-Origin-Resource-Policy", "same-origin");
}

http::Response json_response(int status, std::string body) {
  http::Response response;
  response.status = status;
  response.body = std::move(body);
  add_api_fields(response);
  return response;
}

http::Response error_response(const ApiError& error) {
  JsonText json;
  json.begin_object();
  json.key("success").boolean(false);
  json.key("code").text(error.code);
  json.key("reason").text(error.reason);
  json.end_object();
  return json_response(error.status, json.finish());
}

}  // namespace pourtocol::routes
