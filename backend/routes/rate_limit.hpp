// How often one address may order. Generous: a whole party may share one address behind a router.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/time.hpp"

namespace pourtocol::routes {

/// A bucket of tokens per address, in bounded memory.
class RateLimit {
 public:
  struct Rule {
    double burst = 1'000;     ///< tokens of a full bucket; 0 switches the limit off
    double per_second = 200;  ///< tokens that flow in
    std::size_t addresses_max = 4'096;
  };

  explicit RateLimit(Rule rule) : rule_{rule} {}

  /// Takes a token of that address. False: none is left, try again later. When more addresses are
  /// in use than can be remembered, new ones are let through: the limit is a courtesy among guests,
  /// not a wall.
  [[nodiscard]] bool allow(std::string_view address, Instant now);

 private:
  struct Bucket {
    double tokens = 0;
    Instant at{};
  };
  void refill(Bucket& bucket, Instant now) const;
  void forget_full_buckets(Instant now);

  Rule rule_;
  std::unordered_map<std::string, Bucket> buckets_;
  Instant swept_{};
};

}  // namespace pourtocol::routes
