#include "backend/app/descriptors.hpp"

#include <sys/resource.h>

#include <algorithm>

#include "http/server.hpp"

namespace pourtocol::app {

std::size_t raise_descriptor_limit(std::size_t wanted) noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  if (limit.rlim_cur >= wanted) return limit.rlim_cur;
  rlimit raised = limit;
  raised.rlim_cur = std::min<rlim_t>(wanted, limit.rlim_max);
  return ::setrlimit(RLIMIT_NOFILE, &raised) == 0 ? raised.rlim_cur : limit.rlim_cur;
}

std::size_t descriptors_besides_clients(std::size_t taps) noexcept {
  constexpr std::size_t refusals = 64;
  constexpr std::size_t reserved = http::Limits{}.reserved_connections;
  constexpr std::size_t log_and_loop = 64;
  // Status, order, calibration, a name being resolved, and the stops: two at a time of each of the
  // pours that were open within one call's time.
  constexpr std::size_t per_tap = 10;
  return refusals + reserved + log_and_loop + per_tap * taps;
}

std::size_t connections_within(std::size_t limit, std::size_t wanted, std::size_t taps) noexcept {
  const std::size_t besides = descriptors_besides_clients(taps);
  const std::size_t left = limit > besides ? limit - besides : 0;
  return std::max<std::size_t>(std::min(wanted, left), 1);
}

}  // namespace pourtocol::app
