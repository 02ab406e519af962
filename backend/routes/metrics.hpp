// What the server counts about itself, for Prometheus (text exposition format 0.0.4).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "backend/control/pour.hpp"
#include "http/server.hpp"

namespace pourtocol::routes {

class Metrics {
 public:
  /// `route` has static storage and holds no quotes.
  void count_answer(std::string_view route, int status) { ++answers_[{route, status}]; }
  void count_pour(control::PourState outcome) { ++pours_[static_cast<std::size_t>(outcome)]; }
  void count_rate_limited() { ++rate_limited_; }

  /// What is asked for at the moment of asking.
  struct Gauges {
    http::Counters http;
    std::size_t live_clients = 0;
    std::size_t taps = 0;
    std::size_t taps_online = 0;
    bool store_healthy = false;
    double uptime_s = 0;
  };
  [[nodiscard]] std::string text(const Gauges& gauges) const;

 private:
  std::map<std::pair<std::string_view, int>, std::uint64_t> answers_;
  std::array<std::uint64_t, control::pour_state_count> pours_{};
  std::uint64_t rate_limited_ = 0;
};

}  // namespace pourtocol::routes
