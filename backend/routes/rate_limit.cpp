#include "backend/routes/rate_limit.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>

namespace pourtocol::routes {

bool RateLimit::allow(std::string_view address, Instant now) {
  if (rule_.burst <= 0) return true;
  auto found = buckets_.find(std::string{address});
  if (found == buckets_.end()) {
    if (buckets_.size() >= rule_.addresses_max) {
      forget_full_buckets(now);
      if (buckets_.size() >= rule_.addresses_max) return true;
    }
    found = buckets_.emplace(address, Bucket{rule_.burst, now}).first;
  }
  Bucket& bucket = found->second;
  refill(bucket, now);
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

void RateLimit::refill(Bucket& bucket, Instant now) const {
  const double passed_s = std::chrono::duration<double>{now - bucket.at}.count();
  bucket.tokens = std::min(rule_.burst, bucket.tokens + std::max(passed_s, 0.0) * rule_.per_second);
  bucket.at = now;
}

void RateLimit::forget_full_buckets(Instant now) {
  // At most once a second: a flood of addresses must not make every order look through all of them.
  if (now - swept_ < std::chrono::seconds{1}) return;
  swept_ = now;
  for (auto it = buckets_.begin(); it != buckets_.end();) {
    refill(it->second, now);
    it = it->second.tokens >= rule_.burst ? buckets_.erase(it) : std::next(it);
  }
}

}  // namespace pourtocol::routes
