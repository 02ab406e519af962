#include "backend/app/descriptors.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace pourtocol::app {
namespace {

TEST(Descriptors, LeaveRoomForTheLogAndTheMachines) {
  EXPECT_EQ(connections_within(1'000'000, 12'000, 1), 12'000U);
  const std::size_t besides = descriptors_besides_clients(3);
  EXPECT_EQ(connections_within(12'000 + besides, 12'000, 3), 12'000U);
  EXPECT_EQ(connections_within(1024, 12'000, 3), 1024 - besides);
  EXPECT_LT(connections_within(1024, 12'000, 8), connections_within(1024, 12'000, 1));
  EXPECT_EQ(connections_within(0, 12'000, 1), 1U);
}

TEST(Descriptors, AreRaisedAsFarAsTheSystemAllows) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit few = before;
  few.rlim_cur = 64;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  EXPECT_EQ(raise_descriptor_limit(200), 200U);
  EXPECT_EQ(raise_descriptor_limit(100), 200U) << "never lowered";
  EXPECT_EQ(raise_descriptor_limit(RLIM_INFINITY), before.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace pourtocol::app
