#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

#include "protocol/codec.hpp"
#include "protocol/numbers.hpp"

namespace pourtocol::protocol {
namespace {

constexpr std::int64_t longest_number = std::numeric_limits<std::int64_t>::min();

/// The longest of everything, whether it makes sense or not: what no real status can exceed.
DeviceStatus largest_status() {
  const auto id = *RequestId::parse(std::string(64, 'r'));
  const Millilitres amount{std::numeric_limits<std::int32_t>::min()};
  const Microlitres volume{longest_number};
  RecentPour pour{id,
                  amount,
                  PourOutcome::interrupted,
                  StopReason::target_reached,
                  Measure::meter,
                  volume,
                  volume,
                  volume,
                  volume,
                  Purpose::empty_line};
  DeviceDetails details;
  details.boot_id = BootId{~std::uint64_t{0}};
  details.uptime_ms = Uptime{longest_number};
  details.reset_reason = ResetReason::brown_out;
  details.machine_id = MachineId{~std::uint64_t{0}};
  details.tap = *TapName::parse(std::string(32, 't'));
  details.version = ~std::uint64_t{0};
  for (std::size_t i = 0; i < fault_count; ++i) details.faults.insert(static_cast<Fault>(i));
  details.flow = FlowRate{longest_number};
  details.pour_time_max = Duration{longest_number};
  details.pours_total = ~std::uint32_t{0};
  details.pour = RunningPour{id, amount, volume, Purpose::empty_line};
  while (!details.recent.full()) details.recent.push_back(pour);

  DeviceStatus status;
  status.state = DeviceState::pouring;
  status.uptime = std::chrono::seconds{longest_number};
  status.last_pour = volume;
  // A control character takes six bytes.
  status.nfc = NfcReading{false, false, *FixedText<64>::from(std::string(64, '\x01'))};
  status.details = details;
  return status;
}

CalibrationReport largest_calibration() {
  const Microlitres volume{longest_number};
  const Share share{std::numeric_limits<std::int32_t>::min()};
  CalibrationReport report;
  report.flow = report.learned_flow = FlowRate{longest_number};
  report.start_delay = std::chrono::milliseconds{longest_number};
  report.coast = report.bottle = report.bottle_poured = volume;
  report.pulses_per_litre = ~std::uint32_t{0};
  report.flow_error = report.drift = report.estimated_error = share;
  report.meter_error = share;
  report.pours_since = ~std::uint32_t{0};
  const CalibrationRun run{*RequestId::parse(std::string(64, 'r')), volume, volume};
  while (!report.runs.full()) report.runs.push_back(run);
  report.proposal = CalibrationProposal{
      report.flow, report.start_delay,    volume, report.pulses_per_litre, share,
      share,       ProposalSource::bottle};
  return report;
}

std::string order_with_padding(std::size_t size) {
  const std::string head = R"({"amount_ml":30,"request_id":"r","x":")";
  const std::string tail = R"("})";
  return head + std::string(size - head.size() - tail.size(), 'x') + tail;
}

std::string nested_lists(std::size_t depth) {
  return R"({"amount_ml":30,"request_id":"r","x":)" + std::string(depth, '[') +
         std::string(depth, ']') + "}";
}

TEST(Limits, TheLargestStatusFitsTheBuffer) {
  MessageBuffer buffer;
  EXPECT_LE(encode_status(largest_status(), buffer).size(), body_bytes_max);
}

TEST(Limits, TheLargestOrderFitsWhatADispenserAccepts) {
  const DispenseOrder order{
      amount_max, *RequestId::parse(std::string(64, 'r')),
      OrderGuard{BootId{~std::uint64_t{0}}, Uptime{std::numeric_limits<std::int64_t>::max()}}};
  MessageBuffer buffer;
  EXPECT_LE(encode_order(order, buffer).size(), order_bytes_max);
}

TEST(Limits, TheLargestServiceRunFitsWhatADispenserAccepts) {
  const ServiceOrder order{
      ServiceKind::empty_line, line_run_max, true, *RequestId::parse(std::string(64, 'r')),
      OrderGuard{BootId{~std::uint64_t{0}}, Uptime{std::numeric_limits<std::int64_t>::max()}}};
  MessageBuffer buffer;
  EXPECT_LE(encode_service(order, buffer).size(), order_bytes_max);
}

TEST(Limits, TheLargestCalibrationFitsTheBuffer) {
  MessageBuffer buffer;
  EXPECT_LE(encode_calibration(largest_calibration(), buffer).size(), body_bytes_max);
}

TEST(Limits, AnOrderMayBeAsLongAsTheBoundAndNoLonger) {
  EXPECT_TRUE(decode_order(order_with_padding(order_bytes_max)).has_value());
  const auto over = decode_order(order_with_padding(order_bytes_max + 1));
  EXPECT_EQ(over.error().message.view(), "the message is too large");
}

TEST(Limits, AStatusMayBeAsLongAsTheBoundAndNoLonger) {
  std::string status = R"({"state":"idle","glass_present":true,"uptime":1})";
  status.resize(body_bytes_max, ' ');
  EXPECT_TRUE(decode_status(status).has_value());
  EXPECT_FALSE(decode_status(status + " ").has_value());
}

TEST(Limits, ATextMayFillTheWholeMessage) {
  const std::string text(body_bytes_max - 2, 'x');
  EXPECT_EQ(decode_status('"' + text + '"').error().message.view(),
            "the message must be a JSON object");
}

TEST(Limits, NestingEndsAtEight) {
  EXPECT_TRUE(decode_order(nested_lists(7)).has_value());
  EXPECT_EQ(decode_order(nested_lists(8)).error().message.view(),
            "the message is nested too deeply");
  EXPECT_FALSE(decode_order(nested_lists(400)).has_value());
}

TEST(Limits, ASizeBelongsToTheLimitsAndNotToTheAnswer) {
  const auto id = *RequestId::parse("r");
  const auto answer = read_order_answer(200, order_with_padding(body_bytes_max + 1), id);
  EXPECT_EQ(std::get<UnclearAnswer>(answer), UnclearAnswer::not_the_contract);
}

TEST(LimitsDeathTest, AnAmountBeyondTheCapIsNeverWritten) {
  MessageBuffer buffer;
  const auto id = *RequestId::parse("r");
  EXPECT_DEATH(encode_order({Millilitres{61}, id, {}}, buffer), "");
  EXPECT_DEATH(encode_order({Millilitres{0}, id, {}}, buffer), "");
  EXPECT_DEATH(encode_order({Millilitres{30}, RequestId{}, {}}, buffer), "");
}

TEST(LimitsDeathTest, AServiceRunBeyondItsBoundsIsNeverWritten) {
  MessageBuffer buffer;
  const auto id = *RequestId::parse("r");
  EXPECT_DEATH(encode_service({ServiceKind::calibrate, Millilitres{201}, true, id, {}}, buffer),
               "");
  EXPECT_DEATH(encode_service({ServiceKind::prime, Millilitres{30}, false, id, {}}, buffer), "");
  EXPECT_DEATH(encode_service({ServiceKind::clean, cup_run_min, true, id, {}}, buffer), "");
  EXPECT_DEATH(encode_service({ServiceKind::calibrate, cup_run_max, true, {}, {}}, buffer), "");
}

TEST(Numbers, AreWrittenWithoutTrailingZeros) {
  EXPECT_EQ(detail::Thousandths{29'800}.view(), "29.8");
  EXPECT_EQ(detail::Thousandths{30'000}.view(), "30");
  EXPECT_EQ(detail::Thousandths{7}.view(), "0.007");
  EXPECT_EQ(detail::Thousandths{0}.view(), "0");
  EXPECT_EQ(detail::Thousandths{-1'050}.view(), "-1.05");
  EXPECT_EQ(detail::Thousandths{longest_number}.view(), "-9223372036854775.808");
}

TEST(Numbers, ThatDoNotFitAreNotRead) {
  EXPECT_EQ(detail::read_thousandths("9223372036854775.807"), 9'223'372'036'854'775'807);
  EXPECT_FALSE(detail::read_thousandths("9223372036854775.808"));
  EXPECT_FALSE(detail::read_thousandths("99999999999999999999"));
  EXPECT_FALSE(detail::read_thousandths("1."));
  EXPECT_FALSE(detail::read_thousandths("1.-5"));
  EXPECT_FALSE(detail::read_thousandths("1e2"));
  EXPECT_FALSE(detail::read_thousandths("1.5e2"));
  EXPECT_FALSE(detail::read_thousandths(""));
}

TEST(Texts, AreCutBetweenCharacters) {
  EXPECT_EQ(detail::cut_at_character("abcdef", 4), "abcd");
  EXPECT_EQ(detail::cut_at_character("aé", 2), "a");
  EXPECT_EQ(detail::cut_at_character("aé", 3), "aé");
  EXPECT_EQ(detail::cut_at_character("é", 1), "");
  EXPECT_EQ(detail::cut_at_character("🍸🍸", 7), "🍸");
}

}  // namespace
}  // namespace pourtocol::protocol
