#include "backend/app/descriptors.hpp"

#include <sys/resource.h>

#include <algorithm>

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
  constexpr std::size_t log_and_loop = 64;
  constexpr std::size_t per_tap = 6;  // status, order, stop, calibration, and a name being resolved
  return refusals + log_and_loop + per_tap * taps;
}

std::size_t connections_within(std::size_t limit, std::size_t wanted, std::size_t taps) noexcept {
  const std::size_t besides = descriptors_besides_clients(taps);
  const std::size_t left = limit > besides ? limit - besides : 0;
  return std::max<std::size_t>(std::min(wanted, left), 1);
}

}  // namespace pourtocol::app
