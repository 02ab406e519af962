// What the pure core is told, and what it asks for. Between the two there is only
// `Dispenser::handle(event, now, effects)`.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "core/fixed_vector.hpp"
#include "firmware/core/record.hpp"
#include "firmware/hal/board.hpp"
#include "protocol/messages.hpp"

namespace pourtocol::firmware {

/// One turn of the control loop: what the sensors say now. At least every 10 ms.
struct Tick {
  hal::GlassInput glass;
  std::uint32_t pulses = 0;  ///< the meter's counter
  bool stop_pressed = false;
  std::optional<protocol::NfcReading> tag = std::nullopt;  ///< absent: the board has no reader
};
/// An order came in. Deliver a `Tick` first, so that it is judged by what is true now. Answered by
/// one `Reply`, perhaps after a `JournalWritten`.
struct OrderReceived {
  protocol::DispenseOrder order;
};
/// A host's run of the pump was asked for. As with an order.
struct ServiceReceived {
  protocol::ServiceOrder order;
};
/// Something about the calibration was said. Deliver a `Tick` first: a hand at the stop button
/// makes a difference. Answered by one `CalibrationReply`, perhaps after a `JournalWritten`.
struct CalibrationReceived {
  protocol::CalibrationAction action;
  std::optional<protocol::OrderGuard> guard = std::nullopt;
};
/// A stop came in. Carried out at once; a `Reply` only if it is refused: it names an order that has
/// not come, and too many such stops came lately.
struct StopReceived {
  protocol::StopOrder order;
};
/// The answer to `WriteJournal`, owed before any other event.
struct JournalWritten {
  bool ok = false;
};
/// The answer to `KeepConfirmed` where that failed; there is none where it is kept.
struct ConfirmedNotKept {};
using Event = std::variant<Tick, OrderReceived, ServiceReceived, CalibrationReceived, StopReceived,
                           JournalWritten, ConfirmedNotKept>;

/// The answer to an order; a refusal also to a stop.
using OrderReply = std::variant<protocol::OrderAccepted, protocol::OrderRejected>;

/// A refusal in words; `text` is cut if it is too long.
[[nodiscard]] inline protocol::OrderRejected rejected(protocol::Refusal refusal,
                                                      std::string_view text) noexcept {
  return {.refusal = refusal, .text = protocol::RefusalText::truncated(text)};
}

struct SwitchPumpOff {};
/// The hardware must switch off again after `cut_off`, come what may.
struct SwitchPumpOn {
  std::chrono::milliseconds cut_off{0};
};
/// The hardware's timer is to expire `cut_off` from now, no longer when it was set to.
struct RenewCutOff {
  std::chrono::milliseconds cut_off{0};
};
/// Make this durable, then say so with `JournalWritten`. At most one is under way.
struct WriteJournal {
  Record record;
};
/// Keep this where `Config::confirmed` comes from at the next boot. Only while the pump is off.
struct KeepConfirmed {
  std::optional<Calibration> confirmed;
};
struct Reply {
  OrderReply reply;
};
/// Without a refusal it was done, and the answer is the report as it is now: too large to be handed
/// around with every effect.
struct CalibrationReply {
  std::optional<protocol::CalibrationRefused> refused = std::nullopt;
};
using Effect = std::variant<SwitchPumpOff, SwitchPumpOn, RenewCutOff, WriteJournal, KeepConfirmed,
                            Reply, CalibrationReply>;

/// To be carried out in order. No event causes more than this many.
using Effects = FixedVector<Effect, 4>;

}  // namespace pourtocol::firmware
