// The duty to answer one request, and to count the answer.
#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "backend/routes/api_error.hpp"
#include "backend/routes/metrics.hpp"
#include "http/server.hpp"

namespace pourtocol::routes {

/// Move-only; complete it exactly once. May outlive the API it came from.
class Reply {
 public:
  Reply(http::Responder responder, std::shared_ptr<Metrics> metrics,
        std::string_view route) noexcept
      : responder_{std::move(responder)}, metrics_{std::move(metrics)}, route_{route} {}

  void send(http::Response response) && {
    metrics_->count_answer(route_, response.status);
    std::move(responder_).send(std::move(response));
  }
  void send(http::SharedResponse response) && {
    metrics_->count_answer(route_, response->status());
    std::move(responder_).send(std::move(response));
  }
  void refuse(const ApiError& error) && { std::move(*this).send(error_response(error)); }
  [[nodiscard]] http::Stream stream(http::Response response) && {
    metrics_->count_answer(route_, response.status);
    return std::move(responder_).stream(std::move(response));
  }
  [[nodiscard]] http::Stream download(http::Response response) && {
    metrics_->count_answer(route_, response.status);
    return std::move(responder_).download(std::move(response));
  }

 private:
  http::Responder responder_;
  std::shared_ptr<Metrics> metrics_;
  std::string_view route_;
};

}  // namespace pourtocol::routes
