// Runs the pure core on a board: gathers its events, carries out its effects.
#pragma once

#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "core/assert.hpp"
#include "core/time.hpp"
#include "firmware/core/dispenser.hpp"
#include "firmware/core/journal.hpp"
#include "firmware/core/stored_config.hpp"
#include "firmware/hal/board.hpp"

namespace pourtocol::firmware {

/// One dispenser on one board. Call everything from one thread. No heap, no exceptions.
template <hal::Board B>
class BoardLoop {
 public:
  /// Boots: pump off first, then the journal is replayed (a pour without an end becomes
  /// `interrupted`) and a boot id drawn. Nothing resumes. `config` and `unless_known`, what the
  /// machine is taken for where the journal does not know, must be valid. The board must outlive
  /// the loop.
  BoardLoop(B& board, const Config& config, const Tuning& unless_known) noexcept;

  BoardLoop(const BoardLoop&) = delete;
  BoardLoop& operator=(const BoardLoop&) = delete;

  /// One turn: read the sensors, let the core decide, act. Call at least every 10 ms.
  void step() noexcept;

  /// Takes, repeats or refuses an order. When this returns an acceptance that is no repeat, the
  /// order is in the journal and the pump is on, or goes on in a moment if the glass was in doubt.
  /// May take as long as the flash needs to erase a sector.
  [[nodiscard]] OrderReply handle_order(const protocol::DispenseOrder& order) noexcept;

  /// The same for a service run.
  [[nodiscard]] OrderReply handle_service(const protocol::ServiceOrder& order) noexcept;

  /// What it changed is in the journal when this returns. With a guard it is done for that boot
  /// only, and not after that time.
  [[nodiscard]] protocol::CalibrationAnswer handle_calibration(
      const protocol::CalibrationAction& action,
      const std::optional<protocol::OrderGuard>& guard = std::nullopt) noexcept;

  /// The pump is off when this returns, if `order` meant the running pour. A refusal: it meant an
  /// order that has not come, and will not be remembered.
  [[nodiscard]] std::optional<protocol::OrderRejected> handle_stop(
      const protocol::StopOrder& order) noexcept;

  /// As of the last call of any of the above.
  [[nodiscard]] protocol::DeviceStatus status() const noexcept {
    protocol::DeviceStatus status = dispenser_.status();
    status.details->machine_id = board_.machine_id();
    return status;
  }

  /// The same into `status`, which is empty or an earlier one of this loop: most turns change
  /// nothing but the uptimes, and cost next to nothing then. True: it was built anew.
  bool refresh(protocol::DeviceStatus& status) const noexcept {
    if (!dispenser_.refresh(status)) return false;
    status.details->machine_id = board_.machine_id();
    return true;
  }

  [[nodiscard]] protocol::CalibrationReport calibration() const noexcept {
    return dispenser_.calibration();
  }
  /// Whether `status()` says so, at less cost.
  [[nodiscard]] bool pouring() const noexcept { return dispenser_.pouring(); }
  [[nodiscard]] const Tuning& tuning() const noexcept { return dispenser_.tuning(); }

  /// Grows with every visible change of the status (uptime does not count): what a held status
  /// request waits for. Starts anew at boot.
  [[nodiscard]] std::uint64_t version() const noexcept { return dispenser_.version(); }

 private:
  using Store = std::remove_cvref_t<decltype(std::declval<B&>().journal_store())>;

  [[nodiscard]] static B& with_pump_off(B& board) noexcept {
    board.pump().switch_off();
    return board;
  }
  [[nodiscard]] Tick read_sensors() noexcept;
  /// Hands `event` to the core, and after it whatever follows from its effects.
  void deliver(const Event& event) noexcept;
  /// Returns what a written journal has to say, if there was something to write.
  [[nodiscard]] std::optional<JournalWritten> carry_out(const Effects& effects) noexcept;
  [[nodiscard]] bool write(const Record& record) noexcept;

  B& board_;
  Journal<Store> journal_;
  UptimeCounter uptime_;
  Dispenser dispenser_;
  bool pump_on_ = false;
  bool unkept_ = false;  ///< what is confirmed could not be kept, and the core does not know yet
  std::optional<OrderReply> reply_;
  std::optional<protocol::CalibrationAnswer> calibration_answer_;
};

template <hal::Board B>
BoardLoop<B>::BoardLoop(B& board, const Config& config, const Tuning& unless_known) noexcept
    : board_{with_pump_off(board)},
      journal_{board.journal_store()},
      uptime_{board.clock().ticks_ms()},
      dispenser_{config, unless_known, BootId{board.entropy().random_bits()}, journal_.open()} {
  step();
}

template <hal::Board B>
void BoardLoop<B>::step() noexcept {
  deliver(read_sensors());
}

template <hal::Board B>
OrderReply BoardLoop<B>::handle_order(const protocol::DispenseOrder& order) noexcept {
  step();
  reply_.reset();
  deliver(OrderReceived{order});
  POURTOCOL_ASSERT(reply_.has_value());
  return *reply_;
}

template <hal::Board B>
OrderReply BoardLoop<B>::handle_service(const protocol::ServiceOrder& order) noexcept {
  step();
  reply_.reset();
  deliver(ServiceReceived{order});
  POURTOCOL_ASSERT(reply_.has_value());
  return *reply_;
}

template <hal::Board B>
protocol::CalibrationAnswer BoardLoop<B>::handle_calibration(
    const protocol::CalibrationAction& action,
    const std::optional<protocol::OrderGuard>& guard) noexcept {
  step();
  calibration_answer_.reset();
  deliver(CalibrationReceived{action, guard});
  POURTOCOL_ASSERT(calibration_answer_.has_value());
  return *calibration_answer_;
}

template <hal::Board B>
std::optional<protocol::OrderRejected> BoardLoop<B>::handle_stop(
    const protocol::StopOrder& order) noexcept {
  reply_.reset();
  deliver(StopReceived{order});
  if (!reply_) return std::nullopt;
  const auto* refused = std::get_if<protocol::OrderRejected>(&*reply_);
  POURTOCOL_ASSERT(refused != nullptr);
  return *refused;
}

template <hal::Board B>
Tick BoardLoop<B>::read_sensors() noexcept {
  Tick tick{.glass = board_.glass_sensor().read(),
            .pulses = board_.flow_meter().pulses(),
            .stop_pressed = board_.stop_button().pressed(),
            .tag = std::nullopt};
  if constexpr (hal::BoardWithTagReader<B>) tick.tag = board_.tag_reader().read_tag();
  return tick;
}

template <hal::Board B>
void BoardLoop<B>::deliver(const Event& event) noexcept {
  Effects effects;
  dispenser_.handle(event, uptime_.advance(board_.clock().ticks_ms()), effects);
  auto written = carry_out(effects);
  while (written) {
    // Flash takes its time: what the sensors said before may no longer be so.
    dispenser_.handle(read_sensors(), uptime_.advance(board_.clock().ticks_ms()), effects);
    (void)carry_out(effects);  // no write is asked for while one is owed
    dispenser_.handle(*written, uptime_.advance(board_.clock().ticks_ms()), effects);
    written = carry_out(effects);
  }
  if (!unkept_) return;
  unkept_ = false;
  dispenser_.handle(ConfirmedNotKept{}, uptime_.advance(board_.clock().ticks_ms()), effects);
  POURTOCOL_ASSERT(effects.empty());
}

template <hal::Board B>
std::optional<JournalWritten> BoardLoop<B>::carry_out(const Effects& effects) noexcept {
  std::optional<JournalWritten> written;
  for (const Effect& effect : effects) {
    if (std::holds_alternative<SwitchPumpOff>(effect)) {
      board_.pump().switch_off();
      pump_on_ = false;
    } else if (const auto* on = std::get_if<SwitchPumpOn>(&effect)) {
      pump_on_ = true;
      board_.pump().switch_on(on->cut_off);
    } else if (const auto* renew = std::get_if<RenewCutOff>(&effect)) {
      board_.pump().renew_cut_off(renew->cut_off);
    } else if (const auto* journal = std::get_if<WriteJournal>(&effect)) {
      written = JournalWritten{.ok = write(journal->record)};
    } else if (const auto* keep = std::get_if<KeepConfirmed>(&effect)) {
      unkept_ = !board_.keep_confirmed(encode_confirmed(keep->confirmed));
    } else if (const auto* reply = std::get_if<Reply>(&effect)) {
      reply_ = reply->reply;
    } else {
      const auto* answer = std::get_if<CalibrationReply>(&effect);
      POURTOCOL_ASSERT(answer != nullptr);
      calibration_answer_.emplace(dispenser_.calibration());
      if (answer->refused) calibration_answer_.emplace(std::unexpect, *answer->refused);
    }
  }
  return written;
}

template <hal::Board B>
bool BoardLoop<B>::write(const Record& record) noexcept {
  const std::size_t room = record.kind == RecordKind::started ? journal_room_for_pour : 1;
  if (!pump_on_ && !journal_.make_room(room)) return false;
  return journal_.append(record);
}

}  // namespace pourtocol::firmware
