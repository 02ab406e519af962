// Draws arbitrary messages within the contract, for property tests.
#pragma once

#include <rapidcheck.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "core/enumeration.hpp"
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

inline MachineId draw_machine_id() {
  return MachineId{*rc::gen::arbitrary<std::uint64_t>()};
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
Enum draw_enum() {
  return static_cast<Enum>(*rc::gen::inRange(0, static_cast<int>(enumerator_count<Enum>)));
}

/// What may be asked for under `purpose`.
inline Millilitres draw_requested(Purpose purpose) {
  if (purpose == Purpose::pour) return draw_amount();
  return Millilitres{*rc::gen::inRange(0, 201)};
}

inline RecentPour draw_recent_pour() {
  RecentPour pour;
  pour.request_id = draw_request_id();
  pour.purpose = draw_enum<Purpose>();
  pour.requested = draw_requested(pour.purpose);
  pour.outcome = draw_enum<PourOutcome>();
  pour.stop_reason = draw_enum<StopReason>();
  pour.measure = draw_enum<Measure>();
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
  if (draw_bool()) details.reset_reason = draw_enum<ResetReason>();
  if (draw_bool()) details.machine_id = draw_machine_id();
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
    const auto purpose = draw_enum<Purpose>();
    details.pour = RunningPour{draw_request_id(), draw_requested(purpose), draw_volume(), purpose};
  }
  const int pours = *rc::gen::inRange(0, static_cast<int>(recent_pours_max) + 1);
  for (int i = 0; i < pours; ++i) details.recent.push_back(draw_recent_pour());
  return details;
}

inline DeviceStatus draw_status() {
  DeviceStatus status;
  status.state = draw_enum<DeviceState>();
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

inline std::optional<OrderGuard> draw_guard() {
  if (!draw_bool()) return std::nullopt;
  const auto expires = *rc::gen::inRange<std::int64_t>(0, 4'294'967'295'001);
  return OrderGuard{draw_boot_id(), Uptime{expires}};
}

inline DispenseOrder draw_order() {
  DispenseOrder order;
  order.amount = draw_amount();
  order.request_id = draw_request_id();
  order.guard = draw_guard();
  return order;
}

inline ServiceOrder draw_service() {
  ServiceOrder order;
  order.kind = draw_enum<ServiceKind>();
  const bool into_cup = order.kind == ServiceKind::calibrate || order.kind == ServiceKind::prime;
  if (into_cup && draw_bool()) {
    order.extent = Millilitres{*rc::gen::inRange(1, 201)};
    if (order.kind == ServiceKind::calibrate) {
      const int amount = std::get<Millilitres>(order.extent).count();
      order.portions = *rc::gen::inRange(1, std::min(8, 200 / amount) + 1);
    }
  } else {
    order.extent = std::chrono::milliseconds{into_cup ? *rc::gen::inRange(500, 20'001)
                                                      : *rc::gen::inRange(1'000, 60'001)};
  }
  order.confirmed = order.kind != ServiceKind::calibrate || draw_bool();
  order.request_id = draw_request_id();
  order.guard = draw_guard();
  return order;
}

inline Share draw_share() {
  return Share{*rc::gen::inRange(-1'000'000, 1'000'001)};
}

inline std::optional<std::uint32_t> draw_pulses() {
  if (!draw_bool()) return std::nullopt;
  return *rc::gen::arbitrary<std::uint32_t>();
}

/// What a report and a proposal have in common.
template <class Fit>
Fit draw_fit() {
  Fit fit;
  fit.flow = FlowRate{*rc::gen::inRange<std::int64_t>(0, 1'000'001)};
  fit.start_delay = std::chrono::milliseconds{*rc::gen::inRange(0, 2'001)};
  fit.coast = draw_volume();
  fit.pulses_per_litre = draw_pulses();
  fit.flow_error = draw_share();
  return fit;
}

inline CalibrationReport draw_calibration() {
  auto report = draw_fit<CalibrationReport>();
  report.calibrated = draw_bool();
  if (draw_bool()) report.meter_error = draw_share();
  report.learned_flow = FlowRate{*rc::gen::inRange<std::int64_t>(0, 1'000'001)};
  report.pours_since = *rc::gen::arbitrary<std::uint32_t>();
  report.drift = draw_share();
  report.estimated_error = draw_share();
  report.check_weigh_due = draw_bool();
  if (draw_bool()) report.confirmed = draw_bool();
  report.bottle = draw_volume();
  report.bottle_poured = draw_volume();
  const int runs = *rc::gen::inRange(0, static_cast<int>(calibration_runs_max) + 1);
  for (int i = 0; i < runs; ++i) {
    CalibrationRun run{draw_request_id(), std::nullopt, draw_volume()};
    if (draw_bool()) run.measured = draw_volume();
    report.runs.push_back(run);
  }
  if (draw_bool()) {
    auto proposal = draw_fit<CalibrationProposal>();
    proposal.spread = draw_share();
    proposal.from = draw_enum<ProposalSource>();
    report.proposal = proposal;
  }
  return report;
}

inline CalibrationAction draw_calibration_action() {
  switch (*rc::gen::inRange(0, 7)) {
    case 0:
      return MeasuredRun{draw_request_id(),
                         Microlitres{*rc::gen::inRange<std::int64_t>(0, 300'001)}};
    case 1:
      return DropRun{draw_request_id()};
    case 2:
      return AcceptCalibration{};
    case 3:
      return DiscardCalibration{};
    case 4:
      return NewBottle{};
    case 5:
      return BottleEmpty{};
    default:
      return ClearFaults{};
  }
}

inline GuardedAction draw_guarded_action() {
  return {.action = draw_calibration_action(), .guard = draw_guard()};
}

}  // namespace pourtocol::protocol::testing
