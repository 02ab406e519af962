// The port behind which the durable log lives: what the coordinator asks of it, and what it
// answers.
//
// Implemented by backend/database (SQLite) and by the simulation (a store that loses what was not
// yet durable). tests/contract/audit_log_contract.hpp is the suite both must pass.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "backend/control/pour.hpp"
#include "backend/control/stop_number.hpp"

namespace pourtocol::control {

/// Numbers one write within one run of the server; a reply names the write it answers.
enum class WriteId : std::uint64_t {};

/// One decision about a new wish to pour: start it, or refuse it.
///
/// Within ONE transaction the store looks, in this order: is the key known? then nothing is written
/// and the known pour is the answer (`AlreadyKnown`). Has the key been given up (`GiveUpWrite`)?
/// Does the coordinator refuse (`refusal`)? Is the amount not possible, is the tap held, is another
/// pour of the tap open? Then a refused pour is written, with that cause (`Refused`). Otherwise the
/// pour is written as `sending` (`Started`).
/// The last three are the coordinator's own checks once more, where nothing can come between them
/// and the row: it does not trust its memory.
struct StartWrite {
  Pour pour;  ///< `state` and `cause` are set by the store; `updated_at` becomes the row's time
  std::optional<Cause> refusal;
};

/// A wish that may still be on its way is given up: if its key is not in the log, no pour will ever
/// start under it (`Written`, also when it had been given up before). A key that is known is
/// answered with its pour (`AlreadyKnown`), and nothing is written.
struct GiveUpWrite {
  RequestId request_id;
  WallTime at{};
};

/// One step of a known pour. `pour` is the pour as it stands after the step.
/// The store refuses a step that is not legal or does not start from the pour's present state: that
/// is a bug, answered `Failed`.
struct StepWrite {
  PourState from = PourState::fresh;
  Pour pour;
};

/// Taps are stopped and take no order (`held`), or are released again: those whose newest stop is
/// none later than `up_to`. A release that finds nothing to lift writes nothing.
struct HoldWrite {
  std::vector<TapName> taps;
  bool held = true;
  WallTime at{};
  StopNumber up_to = StopNumber::last;  ///< of a release
};

/// One row of `events` that belongs to no pour: what somebody did to a tap's calibration or its
/// machine, or is about to do (`started`). Like a step it always finds room: their number is
/// bounded by the taps.
struct AuditWrite {
  TapName tap;
  UserToken user;
  EventStatus status = EventStatus::success;
  std::string action;  ///< as `LogRow` has it; never empty
  std::string reason;  ///< one plain sentence
  WallTime at{};
};

/// Which machine is the tap's from now on. Finds room like a step.
struct MachineWrite {
  TapName tap;
  std::optional<MachineId> machine;  ///< absent: none is known, the next that says its id will be
  std::vector<TapName> taken_from;   ///< taps whose it was: they know none any more
  std::optional<AuditWrite> act;     ///< a person's, and then a row of `events`; absent: first seen
  WallTime at{};
};

/// A pour that its machine took without an order of ours, final as it stands (`found_pours.hpp`).
/// A known id is answered `AlreadyKnown`, and nothing is written. Finds room like a step: a machine
/// remembers 16.
struct FoundWrite {
  Pour pour;
};

using StoreWrite = std::variant<StartWrite, GiveUpWrite, StepWrite, HoldWrite, AuditWrite,
                                MachineWrite, FoundWrite>;

struct Started {};
struct Refused {
  Cause cause = Cause::busy;
};
struct AlreadyKnown {
  Pour pour;
};
struct Written {};
/// How the taps of a `HoldWrite` are held now: of each, in its order, its newest stop.
struct Holds {
  std::vector<StopNumber> newest;
};
/// Surely not written: the queue is full. Only what guests ask for can be answered so, a start or a
/// giving up; steps and holds always find room, since their number is bounded by the number of
/// taps.
struct Overloaded {};
/// Disk full, I/O error, lock lost. Whether the row is there is NOT known: nothing may be sent, and
/// the truth is to be read from the file (`recover`). Every write still in the queue is answered so
/// too.
struct Failed {
  std::string what;
  bool file_lost = false;  ///< the file was removed, replaced or cut short: no disk heals that
};

using WriteResult =
    std::variant<Started, Refused, AlreadyKnown, Written, Holds, Overloaded, Failed>;

struct WriteReply {
  WriteId id{};
  WriteResult result;
  std::optional<LogRow> row;  ///< the row of `events` this write added, if it added one
};

/// What the file says: all open pours, the newest `unknown` one of each tap where that is the tap's
/// last pour that could have flowed (its device may still know better), and which taps are held.
struct Recovered {
  std::vector<Pour> open;
  std::vector<Pour> unresolved;
  struct Held {
    TapName tap;
    StopNumber stop{};  ///< the newest
    friend bool operator==(const Held&, const Held&) = default;
  };
  std::vector<Held> held;
  StopNumber newest_stop{};  ///< no stop, of any tap, has ever had a higher number
  /// When the calibration of a tap was last accepted, for each tap of which the log knows: the time
  /// of the newest successful `accept`.
  struct Calibrated {
    TapName tap;
    WallTime at{};
    friend bool operator==(const Calibrated&, const Calibrated&) = default;
  };
  std::vector<Calibrated> calibrated;
  /// The machine of each tap that knows one.
  struct Machine {
    TapName tap;
    MachineId id;
    friend bool operator==(const Machine&, const Machine&) = default;
  };
  std::vector<Machine> machines;
  /// Of each tap whose newest pour was one of our firmware: what the machine had counted before it.
  struct Counted {
    TapName tap;
    std::optional<MachineId> machine;  ///< absent: it does not say which it is
    std::uint32_t pours_total = 0;
    friend bool operator==(const Counted&, const Counted&) = default;
  };
  std::vector<Counted> counted;
  std::int64_t last_log_id = 0;  ///< of the newest row of `events`; 0 when there is none
};
struct RecoverFailed {
  std::string what;
  bool file_lost = false;  ///< as of `Failed`
};
using RecoverResult = std::variant<Recovered, RecoverFailed>;

/// Durable, append-only, gapless. Called from the event loop only; returns at once; replies come
/// back on the event loop, in the order of the calls, and only after the write is on the disk for
/// good.
class AuditLog {
 public:
  virtual ~AuditLog() = default;
  virtual void submit(WriteId id, StoreWrite write) = 0;
  /// Reopens what is broken and reads the present state. Writes submitted before are answered
  /// first.
  virtual void recover() = 0;
};

/// Who hears the replies. Outlives the log.
class AuditLogListener {
 public:
  virtual ~AuditLogListener() = default;
  virtual void on_reply(WriteReply reply) = 0;
  /// After `recover`; or unasked, with `RecoverFailed`, where the log noticed by itself, with
  /// nothing to write, that its file is lost.
  virtual void on_recovered(RecoverResult result) = 0;
};

}  // namespace pourtocol::control
