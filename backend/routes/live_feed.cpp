#include "backend/routes/live_feed.hpp"

#include <memory>
#include <utility>

#include "backend/routes/api_error.hpp"

namespace pourtocol::routes {

http::Response LiveFeed::opening(const std::string& first_event) {
  http::Response response;
  response.content_type = "text/event-stream";
  add_api_fields(response);
  response.add_field("X-Accel-Buffering", "no");  // a proxy must not hold events back
  response.body = "retry: 1000\n" + first_event;
  return response;
}

void LiveFeed::join(http::Stream stream) {
  if (stream.open()) clients_.push_back(std::move(stream));
}

void LiveFeed::publish(std::string event) {
  const auto message = std::make_shared<const std::string>(std::move(event));
  std::erase_if(clients_, [&](const http::Stream& client) { return !client.send(message); });
}

std::string LiveFeed::event(std::string_view name, std::string_view data, bool numbered) const {
  std::string text;
  text.reserve(data.size() + 64);
  text.append("event: ").append(name).append("\n");
  if (numbered) text.append("id: ").append(std::to_string(version_)).append("\n");
  return text.append("data: ").append(data).append("\n\n");
}

}  // namespace pourtocol::routes
