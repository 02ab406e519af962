// Draws arbitrary messages within the contract, for property tests.
#pragma once

#include <rapidcheck.h>

#include <cstdint>
#include <string>

#include "protocol/codec.hpp"

namespace pourtocol::protocol::testing {

inline std::string draw_text(const std::string& alphabet, int size_min, int size_max) {
  const auto size = static_cast<std::size_t>(*rc::gen::inRange(size_min, size_max + 1));
  return *rc::gen::container<std::string>(size, rc::gen::elementOf(alphabet));
}

inline const std::string& name_characters() {
  static const std::string characters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  return characters;
}

inline RequestId draw_request_id() {
  return *RequestId::parse(draw_text(name_characters() + ".:", 1, 64));
}

inline BootId draw_boot_id() {
  return BootId{*rc::gen::arbitrary<std::uint64_t>()};
}

inline Microlitres draw_volume() {
  return Microlitres{*rc::gen::inRange<std::int64_t>(0, 1'000'000'001)};
}

inline Millilitres draw_amount() {
  return Millilitres{*rc::gen::inRange(1, 61)};
}

inline bool draw_bool() {
  return *rc::gen::arbitrary<bool>();
}

template <class Enum>
Enum draw_enum(int count) {
  return static_cast<Enum>(*rc::gen::inRange(0, count));
}

inline RecentPour draw_recent_pour() {
  RecentPour pour;
  pour.request_id = draw_request_id();
  pour.requested = draw_amount();
  pour.outcome = draw_enum<PourOutcome>(4);
  pour.stop_reason = draw_enum<StopReason>(9);
  pour.measure = draw_enum<Measure>(2);
  pour.delivered = draw_volume();
  pour.uncertainty = draw_volume();
  pour.min = draw_volume();
  pour.max = draw_volume();
  if (pour.min > pour.max) std::swap(pour.min, pour.max);
  return pour;
}

inline DeviceDetails draw_details() {
  DeviceDetails details;
  details.boot_id = draw_boot_id();
  details.uptime_ms = Uptime{*rc::gen::inRange<std::int64_t>(0, 4'294'967'295'001)};
  if (draw_bool()) details.tap = *TapName::parse(draw_text(name_characters(), 1, 32));
  details.version = *rc::gen::arbitrary<std::uint64_t>();
  for (std::size_t i = 0; i < fault_count; ++i) {
    if (draw_bool()) details.faults.insert(static_cast<Fault>(i));
  }
  details.flow = FlowRate{*rc::gen::inRange<std::int64_t>(0, 1'000'001)};
  details.pour_time_max = Duration{*rc::gen::inRange<std::int64_t>(0, 86'400'000'001)};
  details.journal_whole = draw_bool();
  details.pours_total = *rc::gen::arbitrary<std::uint32_t>();
  if (draw_bool()) {
    details.pour = RunningPour{draw_request_id(), draw_amount(), draw_volume()};
  }
  const int pours = *rc::gen::inRange(0, static_cast<int>(recent_pours_max) + 1);
  for (int i = 0; i < pours; ++i) details.recent.push_back(draw_recent_pour());
  return details;
}

inline DeviceStatus draw_status() {
  DeviceStatus status;
  status.state = draw_enum<DeviceState>(2);
  status.glass_present = draw_bool();
  status.uptime = std::chrono::seconds{*rc::gen::inRange<std::int64_t>(0, 4'294'967'296)};
  if (draw_bool()) status.last_pour = draw_volume();
  if (draw_bool()) {
    NfcReading nfc{draw_bool(), draw_bool(), {}};
    // What needs escaping, and what is more than one byte.
    for (const std::string part : {"04", "\"", "\\", "\n", "\x01", "é", "🍸"}) {
      if (!draw_bool()) continue;
      const std::string longer = std::string{nfc.uid.view()} + part;
      nfc.uid = *FixedText<64>::from(longer);
    }
    status.nfc = nfc;
  }
  if (draw_bool()) status.details = draw_details();
  return status;
}

inline DispenseOrder draw_order() {
  DispenseOrder order;
  order.amount = draw_amount();
  order.request_id = draw_request_id();
  if (draw_bool()) {
    const auto expires = *rc::gen::inRange<std::int64_t>(0, 4'294'967'295'001);
    order.guard = OrderGuard{draw_boot_id(), Uptime{expires}};
  }
  return order;
}

}  // namespace pourtocol::protocol::testing
