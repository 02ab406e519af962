#include "backend/routes/pending_changes.hpp"

#include <gtest/gtest.h>

namespace pourtocol::routes {
namespace {

using control::TapIndex;

class Pending : public testing::Test {
 protected:
  /// Tells whatever is pending as soon as it is due, while a tap changes every millisecond.
  int messages_within(Duration length) {
    int messages = 0;
    for (const Instant end = now_ + length; now_ < end; now_ += std::chrono::milliseconds{1}) {
      changes_.note(TapIndex{0});
      if (changes_.due() > now_) continue;
      EXPECT_EQ(changes_.take(now_).size(), 1U);
      ++messages;
    }
    return messages;
  }
  static control::LogRow row(std::int64_t id) {
    control::LogRow row;
    row.id = id;
    return row;
  }

  PendingChanges changes_;
  Instant now_{std::chrono::hours{1}};
};

TEST_F(Pending, IsToldAtOnceInASmallHouse) {
  for (int i = 0; i < 100; ++i) {
    for (int j = 0; j < PendingChanges::burst; ++j) {
      EXPECT_LE(changes_.due(), now_);
      changes_.note(TapIndex{0});
      EXPECT_EQ(changes_.take(now_).size(), 1U);
    }
    now_ += PendingChanges::burst * PendingChanges::interval;
  }
}

TEST_F(Pending, IsMergedToTenMessagesASecond) {
  EXPECT_EQ(messages_within(std::chrono::seconds{1}), PendingChanges::burst + 9);
  EXPECT_EQ(messages_within(std::chrono::seconds{10}), 100);
}

TEST_F(Pending, LosesNoRowAndNamesEachTapOnce) {
  for (int round = 0; round < 3; ++round) {
    changes_.note(TapIndex{1});
    changes_.note(row(round));
    changes_.note(TapIndex{0});
  }
  const auto told = changes_.take(now_);
  ASSERT_EQ(told.size(), 5U);
  EXPECT_EQ(std::get<TapIndex>(told[0]), TapIndex{1});
  EXPECT_EQ(std::get<control::LogRow>(told[1]).id, 0);
  EXPECT_EQ(std::get<TapIndex>(told[2]), TapIndex{0});
  EXPECT_EQ(std::get<control::LogRow>(told[4]).id, 2);
  EXPECT_TRUE(changes_.empty());
  changes_.note(TapIndex{1});
  EXPECT_EQ(changes_.take(now_).size(), 1U);
}

TEST_F(Pending, IsNoLaterBecauseSomebodyCouldNotWait) {
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(changes_.take(now_).empty());
  EXPECT_EQ(changes_.due(), now_ + PendingChanges::interval);
}

}  // namespace
}  // namespace pourtocol::routes
