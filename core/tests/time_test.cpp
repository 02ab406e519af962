#include "core/time.hpp"

#include <gtest/gtest.h>

namespace pourtocol {
namespace {

using namespace std::chrono_literals;

TEST(UptimeCounter, RunsOnAcrossTheWrapOfTheBoardsCounter) {
  UptimeCounter counter{0xFFFF'FFF0U};
  EXPECT_EQ(counter.advance(0xFFFF'FFFFU), 15ms);
  EXPECT_EQ(counter.advance(0U), 16ms);
  EXPECT_EQ(counter.advance(5U), 21ms);
}

TEST(UptimeCounter, AddsUpManyWraps) {
  UptimeCounter counter;
  Uptime uptime{0};
  for (int i = 0; i < 10; ++i)
    uptime = counter.advance(static_cast<std::uint32_t>(i) * 0x8000'0000U);
  EXPECT_EQ(uptime, Uptime{9LL * 0x8000'0000LL});
}

}  // namespace
}  // namespace pourtocol
