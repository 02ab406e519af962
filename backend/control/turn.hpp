// One call of `Coordinator::handle`: the moment, the effects collected, and the writes under way.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "backend/control/deadlines.hpp"
#include "backend/control/events.hpp"
#include "backend/control/settings.hpp"

namespace pourtocol::control {

/// What is to happen when a write has become durable, or has failed.
struct StartPending {  ///< a tap waits for its `started` row
  TapIndex tap{};
};
struct RefusalPending {  ///< a client waits until its refusal is in the log
  Ticket ticket{};
  DispenseRequest request;
  Pour pour;  ///< as it was written, but for its state and cause
};
struct StepPending {  ///< clients wait until a step of their pour is in the log
  std::vector<std::pair<Ticket, DispenseAnswer>> answers;
};
struct GiveUpPending {  ///< a client waits until an id has been given up
  Ticket ticket{};
};
struct HoldPending {             ///< a stop or a resume waits for its row
  std::optional<Ticket> ticket;  ///< absent: a stop that could not be written when it was asked for
  bool held = true;
  std::vector<TapIndex> taps;
};
struct AuditPending {  ///< a row about the calibration, for the request of `ticket`
  Ticket ticket{};
};
struct MachinePending {          ///< the machine of a tap is being remembered
  std::optional<Ticket> ticket;  ///< of the host who takes it over; absent: it was the first seen
  TapIndex tap{};
  std::optional<MachineId> machine;
};
using PendingWrite = std::variant<StartPending, RefusalPending, GiveUpPending, StepPending,
                                  HoldPending, AuditPending, MachinePending>;

/// What outlives a turn and every part of the coordinator shares.
struct Shared {
  std::uint64_t last_write = 0;
  std::uint64_t last_call = 0;
  std::unordered_map<WriteId, PendingWrite> writes;
  bool store_ready = false;  ///< false until the file has been read, and after a failed write
  bool store_read = false;   ///< the file has been read once in this run
  bool shutting_down = false;
  /// Why the log takes nothing at the moment; nothing: it does.
  [[nodiscard]] std::optional<Cause> log_block() const noexcept {
    if (store_ready) return std::nullopt;
    return store_read ? Cause::log_failed : Cause::starting;
  }
  Deadlines deadlines;  ///< of the taps, kept true by them
};

class Turn {
 public:
  Turn(const Now& now, const Settings& settings, Shared& shared, Effects& effects) noexcept
      : now_{now}, settings_{settings}, shared_{shared}, effects_{effects} {}

  [[nodiscard]] Instant now() const noexcept { return now_.instant; }
  [[nodiscard]] WallTime wall() const noexcept { return now_.wall; }
  [[nodiscard]] const Settings& settings() const noexcept { return settings_; }
  [[nodiscard]] Shared& shared() noexcept { return shared_; }

  void emit(Effect effect) { effects_.push_back(std::move(effect)); }

  void submit(StoreWrite write, PendingWrite pending) {
    const WriteId id{++shared_.last_write};
    shared_.writes.emplace(id, std::move(pending));
    emit(SubmitWrite{.id = id, .write = std::move(write)});
  }

  void submit_refusal(Ticket ticket, const DispenseRequest& request, const Pour& pour,
                      Cause cause) {
    submit(StartWrite{.pour = pour, .refusal = cause},
           RefusalPending{.ticket = ticket, .request = request, .pour = pour});
  }

  [[nodiscard]] CallId new_call() noexcept { return CallId{++shared_.last_call}; }

  void answer(Ticket ticket, DispenseAnswer answer) {
    emit(AnswerDispense{.ticket = ticket, .answer = std::move(answer)});
  }

 private:
  const Now& now_;
  const Settings& settings_;
  Shared& shared_;
  Effects& effects_;
};

}  // namespace pourtocol::control
