// The core behind the codec, as a board's web server will use the two: text in, text out. That it
// runs on RV32 as well shows that the codec does.
#include "firmware/core/tests/bench.hpp"
#include "protocol/codec.hpp"

namespace pourtocol::firmware {
namespace {

class OverTheWire : public testing::Test, public Bench {
 protected:
  OverTheWire() : Bench{metered_rig()} {}

  std::optional<OrderReply> post(std::string_view json) {
    const auto order = protocol::decode_order(json);
    if (!order) return std::nullopt;
    return loop->handle_order(*order);
  }
  /// The status as a server reads it.
  protocol::DeviceStatus get_status() {
    static protocol::MessageBuffer buffer;
    const auto status = protocol::decode_status(protocol::encode_status(loop->status(), buffer));
    EXPECT_TRUE(status.has_value());
    return status.value_or(protocol::DeviceStatus{});
  }
};

TEST_F(OverTheWire, AnOrderIsPouredAndTheStatusTells) {
  place_glass();
  const auto reply = post(R"({"amount_ml":30,"request_id":"wire-1"})");
  ASSERT_TRUE(reply.has_value());
  EXPECT_TRUE(std::holds_alternative<protocol::OrderAccepted>(*reply));
  run(1000);
  const auto pouring = get_status();
  EXPECT_EQ(pouring.state, protocol::DeviceState::pouring);
  EXPECT_TRUE(pouring.details->pour.has_value());
  finish_pour();
  EXPECT_EQ(get_status(), loop->status());
}

TEST_F(OverTheWire, AFullRingSurvivesTheJourney) {
  place_glass();
  char text[] = "0123456789012345678901234567890123456789012345678901234567890-a";
  for (int i = 0; i < 16; ++i, ++text[62]) EXPECT_TRUE(pour(text, 1 + i));
  EXPECT_EQ(get_status(), loop->status());
}

TEST_F(OverTheWire, AnOrderStoppedBeforeItCameIsNamedToo) {
  place_glass();
  stop("never-came");
  EXPECT_EQ(get_status(), loop->status());
  EXPECT_EQ(get_status().details->recent.back().outcome, protocol::PourOutcome::cancelled);
}

TEST_F(OverTheWire, WithoutAReaderNothingIsSaidOfTags) {
  EXPECT_FALSE(get_status().nfc.has_value());
}

TEST_F(OverTheWire, WhatIsNoOrderReachesNobody) {
  place_glass();
  for (const std::string_view json :
       {R"({"amount_ml":61,"request_id":"a"})", R"({"amount_ml":30.5,"request_id":"a"})",
        R"({"amount_ml":30,"amount_ml":1,"request_id":"a"})", R"({"amount_ml":30})", "", "[]"}) {
    EXPECT_FALSE(post(json).has_value());
  }
  EXPECT_EQ(board.episodes, 0);
}

class WithATagReader : public testing::Test {
 protected:
  WithATagReader() {
    EXPECT_TRUE(format_journal(board_.flash));
    loop_.emplace(board_, timed_rig().config, timed_rig().tuning);
  }
  std::optional<protocol::NfcReading> told() {
    static protocol::MessageBuffer buffer;
    const auto status = protocol::decode_status(protocol::encode_status(loop_->status(), buffer));
    EXPECT_TRUE(status.has_value());
    return status.value_or(protocol::DeviceStatus{}).nfc;
  }

  TagBoard board_{timed_rig()};
  std::optional<BoardLoop<TagBoard>> loop_;
};

TEST_F(WithATagReader, WhatLiesThereIsTold) {
  EXPECT_EQ(told(), board_.tag);
  board_.tag = {.ready = true, .tag_present = true, .uid = *FixedText<64>::from("04A2247C9F6180")};
  loop_->step();
  EXPECT_EQ(told(), board_.tag);
}

TEST_F(WithATagReader, EachTagThatComesOrGoesIsOneChange) {
  const std::uint64_t before = loop_->version();
  loop_->step();
  EXPECT_EQ(loop_->version(), before);
  board_.tag.tag_present = true;
  loop_->step();
  loop_->step();
  EXPECT_EQ(loop_->version(), before + 1);
  board_.tag.tag_present = false;
  loop_->step();
  EXPECT_EQ(loop_->version(), before + 2);
  EXPECT_FALSE(told()->tag_present);
}

}  // namespace
}  // namespace pourtocol::firmware
