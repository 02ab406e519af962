#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <string>

#include "protocol/codec.hpp"
#include "protocol/numbers.hpp"
#include "protocol/tests/generators.hpp"

namespace pourtocol::protocol {
namespace {

using namespace testing;

RC_GTEST_PROP(RoundTrip, AStatusArrivesAsItWasSent, ()) {
  const DeviceStatus sent = draw_status();
  MessageBuffer buffer;
  const auto received = decode_status(encode_status(sent, buffer));
  RC_ASSERT(received.has_value());
  RC_ASSERT(*received == sent);
}

RC_GTEST_PROP(RoundTrip, AnOrderArrivesAsItWasSent, ()) {
  const DispenseOrder sent = draw_order();
  MessageBuffer buffer;
  const auto received = decode_order(encode_order(sent, buffer));
  RC_ASSERT(received.has_value());
  RC_ASSERT(*received == sent);
}

RC_GTEST_PROP(RoundTrip, AStopArrivesAsItWasSent, ()) {
  StopOrder sent;
  if (draw_bool()) sent.request_id = draw_request_id();
  MessageBuffer buffer;
  const auto received = decode_stop(encode_stop(sent, buffer));
  RC_ASSERT(received.has_value());
  RC_ASSERT(*received == sent);
}

RC_GTEST_PROP(RoundTrip, AServiceRunArrivesAsItWasSent, ()) {
  const ServiceOrder sent = draw_service();
  MessageBuffer buffer;
  const auto received = decode_service(encode_service(sent, buffer));
  RC_ASSERT(received.has_value());
  RC_ASSERT(*received == sent);
}

RC_GTEST_PROP(RoundTrip, ACalibrationArrivesAsItWasSent, ()) {
  const CalibrationReport sent = draw_calibration();
  MessageBuffer buffer;
  const auto received = read_calibration_answer(200, encode_calibration(sent, buffer));
  RC_ASSERT(std::holds_alternative<CalibrationReport>(received));
  RC_ASSERT(std::get<CalibrationReport>(received) == sent);
}

RC_GTEST_PROP(RoundTrip, AnActionArrivesAsItWasSent, ()) {
  const GuardedAction sent = draw_guarded_action();
  MessageBuffer buffer;
  const auto received = decode_calibration_action(encode_calibration_action(sent, buffer));
  RC_ASSERT(received.has_value());
  RC_ASSERT(*received == sent);
}

RC_GTEST_PROP(RoundTrip, ARefusedActionIsReadWithItsReason, ()) {
  CalibrationRefused sent{draw_enum<CalibrationRefusal>(), {}};
  sent.text = RefusalText::truncated(draw_text(name_characters() + " \"\\", 1, 120));
  MessageBuffer buffer;
  const auto body = encode_calibration_refused(sent, buffer);
  const auto received = read_calibration_answer(http_status_of(sent.refusal), body);
  RC_ASSERT(std::holds_alternative<CalibrationRefused>(received));
  RC_ASSERT(std::get<CalibrationRefused>(received) == sent);
}

RC_GTEST_PROP(RoundTrip, AnAcceptanceIsReadAsOne, ()) {
  const RequestId id = draw_request_id();
  const bool repeated = draw_bool();
  MessageBuffer buffer;
  const auto answer = read_order_answer(200, encode_accepted(id, repeated, buffer), id);
  RC_ASSERT(std::holds_alternative<OrderAccepted>(answer));
  RC_ASSERT(std::get<OrderAccepted>(answer).repeated == repeated);
}

RC_GTEST_PROP(RoundTrip, ARefusalIsReadWithItsReason, ()) {
  const auto refusal = draw_enum<Refusal>();
  const std::string text = draw_text(name_characters() + " \"\\", 1, 300);
  MessageBuffer buffer;
  const auto body = encode_refusal(refusal, text, buffer);
  const auto answer = read_order_answer(http_status_of(refusal), body, draw_request_id());
  RC_ASSERT(std::holds_alternative<OrderRejected>(answer));
  RC_ASSERT(std::get<OrderRejected>(answer).refusal == refusal);
  RC_ASSERT(std::get<OrderRejected>(answer).text.view() == text.substr(0, 120));
}

RC_GTEST_PROP(RoundTrip, ThousandthsAreExact, ()) {
  const auto count = *rc::gen::inRange<std::int64_t>(0, std::numeric_limits<std::int64_t>::max());
  RC_ASSERT(detail::read_thousandths(detail::Thousandths{count}.view()) == count);
}

/// What a decoder takes from a damaged message it can say again in its own words, unchanged:
/// nothing out of bounds slips in.
template <class Decode, class Encode>
void check_damaged(std::string text, Decode decode, Encode encode) {
  const int changes = *rc::gen::inRange(1, 4);
  for (int i = 0; i < changes && !text.empty(); ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
        text[at] = *rc::gen::arbitrary<char>();
        break;
      case 1:
        text.erase(at, *rc::gen::inRange<std::size_t>(1, 20));
        break;
      case 2:
        text.insert(at, 1, *rc::gen::elementOf(std::string{"0123456789-+.eE\"{}[],:\\\0"}));
        break;
      default:
        text.insert(at, text.substr(at, *rc::gen::inRange<std::size_t>(1, 60)));
        break;
    }
  }
  const auto first = decode(text);
  if (!first) {
    RC_ASSERT(!first.error().message.empty());
    return;
  }
  MessageBuffer buffer;
  const auto again = decode(encode(*first, buffer));
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == *first);
}

RC_GTEST_PROP(Damage, OfAStatusIsRefusedOrHarmless, ()) {
  MessageBuffer buffer;
  check_damaged(std::string{encode_status(draw_status(), buffer)}, decode_status, encode_status);
}

RC_GTEST_PROP(Damage, OfAnOrderIsRefusedOrHarmless, ()) {
  MessageBuffer buffer;
  check_damaged(std::string{encode_order(draw_order(), buffer)}, decode_order, encode_order);
}

RC_GTEST_PROP(Damage, OfAServiceRunIsRefusedOrHarmless, ()) {
  MessageBuffer buffer;
  check_damaged(std::string{encode_service(draw_service(), buffer)}, decode_service,
                encode_service);
}

RC_GTEST_PROP(Damage, OfACalibrationIsRefusedOrHarmless, ()) {
  MessageBuffer buffer;
  check_damaged(std::string{encode_calibration(draw_calibration(), buffer)}, decode_calibration,
                encode_calibration);
}

RC_GTEST_PROP(Damage, OfAnActionIsRefusedOrHarmless, ()) {
  MessageBuffer buffer;
  check_damaged(std::string{encode_calibration_action(draw_guarded_action(), buffer)},
                decode_calibration_action, encode_calibration_action);
}

RC_GTEST_PROP(Damage, ArbitraryBytesAreNeverAnOrder, (const std::string& bytes)) {
  RC_ASSERT(!decode_order(bytes).has_value());
  RC_ASSERT(!decode_status(bytes).has_value());
  RC_ASSERT(!decode_service(bytes).has_value());
  RC_ASSERT(!decode_calibration_action(bytes).has_value());
}

RC_GTEST_PROP(Damage, AnAnswerCutShortIsNeverAYesOrANo, ()) {
  const RequestId id = draw_request_id();
  MessageBuffer buffer;
  const bool accepted = draw_bool();
  const auto body = accepted ? encode_accepted(id, draw_bool(), buffer)
                             : encode_refusal(Refusal::busy, "Wait.", buffer);
  const auto kept = *rc::gen::inRange<std::size_t>(1, body.size());
  const auto answer = read_order_answer(accepted ? 200 : 409, body.substr(0, kept), id);
  RC_ASSERT(std::holds_alternative<UnclearAnswer>(answer));
}

}  // namespace
}  // namespace pourtocol::protocol
