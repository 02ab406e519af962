// Any bytes, into every reader of the contract: nothing may overrun, overflow or hang, and whatever
// a reader makes of them must survive being written and read once more. The golden messages of
// protocol/vectors are where the fuzzer starts from.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

#include "core/assert.hpp"
#include "core/tests/fuzzing.hpp"
#include "protocol/codec.hpp"

namespace pourtocol::protocol {
namespace {

template <class Decode, class Encode>
void check_message(std::string_view bytes, Decode decode, Encode encode) {
  const auto first = decode(bytes);
  if (!first) {
    POURTOCOL_ASSERT(!first.error().message.empty());
    return;
  }
  static MessageBuffer buffer;
  const auto again = decode(encode(*first, buffer));
  POURTOCOL_ASSERT(again.has_value());
  POURTOCOL_ASSERT(*again == *first);
}

/// A yes needs a 2xx and a no a 4xx, and each is read again as what it was.
void check_answer(int http_status, std::string_view body, const RequestId& id) {
  static MessageBuffer buffer;
  const OrderAnswer answer = read_order_answer(http_status, body, id);
  if (const auto* accepted = std::get_if<OrderAccepted>(&answer)) {
    POURTOCOL_ASSERT(http_status / 100 == 2);
    const OrderAnswer again =
        read_order_answer(200, encode_accepted(id, accepted->repeated, buffer), id);
    const auto* same = std::get_if<OrderAccepted>(&again);
    POURTOCOL_ASSERT(same != nullptr && same->repeated == accepted->repeated);
  } else if (const auto* rejected = std::get_if<OrderRejected>(&answer)) {
    POURTOCOL_ASSERT(http_status / 100 == 4);
    const auto text = encode_refusal(rejected->refusal, rejected->text.view(), buffer);
    const OrderAnswer again = read_order_answer(http_status_of(rejected->refusal), text, id);
    const auto* same = std::get_if<OrderRejected>(&again);
    POURTOCOL_ASSERT(same != nullptr && same->refusal == rejected->refusal);
    // A refusal without words gets those of its code.
    POURTOCOL_ASSERT(rejected->text.empty() || same->text == rejected->text);
  }
}

/// The same for what a calibration was answered.
void check_calibration_answer(int http_status, std::string_view body) {
  static MessageBuffer buffer;
  const CalibrationReading reading = read_calibration_answer(http_status, body);
  if (const auto* report = std::get_if<CalibrationReport>(&reading)) {
    POURTOCOL_ASSERT(http_status == 200);
    POURTOCOL_ASSERT(decode_calibration(encode_calibration(*report, buffer)) == *report);
  } else if (const auto* refused = std::get_if<CalibrationRefused>(&reading)) {
    POURTOCOL_ASSERT(http_status / 100 == 4);
    const auto text = encode_calibration_refused(*refused, buffer);
    const auto again = read_calibration_answer(http_status_of(refused->refusal), text);
    const auto* same = std::get_if<CalibrationRefused>(&again);
    POURTOCOL_ASSERT(same != nullptr && same->refusal == refused->refusal);
    POURTOCOL_ASSERT(refused->text.empty() || same->text == refused->text);
  }
}

}  // namespace
}  // namespace pourtocol::protocol

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pourtocol::protocol;
  static const auto id = *pourtocol::RequestId::parse("01HXAMPLE-3");
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  check_message(bytes, decode_status, encode_status);
  check_message(bytes, decode_order, encode_order);
  check_message(bytes, decode_stop, encode_stop);
  check_message(bytes, decode_service, encode_service);
  check_message(bytes, decode_calibration_action, encode_calibration_action);
  check_message(bytes, decode_calibration, encode_calibration);
  for (const int status : {200, 302, 400, 409, 500}) {
    check_answer(status, bytes, id);
    check_calibration_answer(status, bytes);
  }
  return 0;
}
