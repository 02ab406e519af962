// What the rest of the server may ask of the pouring side: the requests and answers of the HTTP API
// in our own types, and the view of each tap that everybody is shown.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "backend/control/device_link.hpp"
#include "backend/control/pour.hpp"
#include "backend/control/stop_number.hpp"

namespace pourtocol::control {

/// A wish to pour, or to have the pump run for another purpose. Well formed, but not judged: the
/// amount may be anything.
struct DispenseRequest {
  std::int64_t amount_ml = 0;
  UserToken user;
  std::optional<TapName> tap;    ///< absent: the default tap
  std::optional<RequestId> key;  ///< absent: the server makes one
  protocol::Purpose purpose = protocol::Purpose::pour;
  std::chrono::milliseconds run_time{0};  ///< of a service run that goes by time, else 0
  int portions = 1;                       ///< into which `amount_ml` is divided
  /// Past it the order is not taken any more, and does not leave: its guest has long looked away.
  /// Absent: whenever it comes. Not part of the wish: repeated under its key it may have a later
  /// one.
  std::optional<Instant> deadline = {};
};

/// Whether `pour` is what `request`, under its key, asks for.
[[nodiscard]] bool is_for(const Pour& pour, const DispenseRequest& request) noexcept;

/// What the answer to a wish is. The names are part of the API (`code`).
enum class AnswerCode : std::uint8_t {
  pouring,  ///< the device took the order
  pending,  ///< known, not settled yet: follow the request id
  amount_out_of_range,
  unknown_tap,
  busy,
  no_glass,
  stopped,
  given_up,  ///< its key was given up before it came
  too_late,  ///< it came, or could leave, only after its deadline
  unclear_pour,
  device_fault,
  service_unsupported,
  offline,
  wrong_machine,
  key_conflict,
  device_refused,
  no_answer,
  starting,  ///< the server has just begun and does not know yet how things stand: ask again
  store_failed,
  overloaded,
  shutting_down,
  too_many_requests,
};

struct DispenseAnswer {
  AnswerCode code = AnswerCode::pending;
  RequestId request_id;  ///< empty when nothing is kept under an id
  TapName tap;
  PourState state = PourState::fresh;
  std::string message;  ///< one plain sentence; for a refusal it says what to do
};

struct AllTaps {};
/// What a stop is for: every tap, one tap (both are held until resumed), or one pour (nothing is
/// held). A pour that the log does not know is thereby given up: should its order come after all,
/// it is refused.
using StopScope = std::variant<AllTaps, TapName, RequestId>;
using ResumeScope = std::variant<AllTaps, TapName>;

/// A resume lifts the stops it knows of, and no newer one: it may have been on its way for long.
struct ResumeRequest {
  ResumeScope scope;
  std::optional<StopNumber> stop;        ///< and all before it; needed where something is stopped
  std::optional<Instant> deadline = {};  ///< as of an order
};

enum class TapStopCode : std::uint8_t {
  stopped,      ///< the device has switched its pump off, or the order will never be sent
  not_pouring,  ///< there was nothing to stop
  cannot_stop,  ///< a device of the seed's contract: it ends by itself
  no_answer,    ///< told to stop, but did not answer: look at the machine
};
struct TapStop {
  TapName tap;
  TapStopCode code = TapStopCode::stopped;
};

enum class ControlCode : std::uint8_t {
  ok,
  given_up,  ///< of a stop: no pour will ever start under this id
  unknown_tap,
  unknown_request,  ///< the pour is not running any more; its receipt tells how it ended
  stopped_again,    ///< of a resume: a tap was stopped anew after the stop that it names
  stop_not_named,   ///< of a resume that has to say which stop it lifts
  too_late,         ///< of a resume: after its deadline
  starting,
  store_failed,
  overloaded,
};
struct StopAnswer {
  ControlCode code = ControlCode::ok;
  std::string message;
  std::vector<TapStop> taps;
};
struct ResumeAnswer {
  ControlCode code = ControlCode::ok;
  std::string message;
  std::vector<TapName> still_stopped = {};  ///< of `stopped_again`
};

/// A look at a tap's calibration, or something to be done about it.
struct CalibrationRequest {
  TapName tap;
  UserToken user;                                     ///< who does it; of a look: empty
  std::optional<protocol::CalibrationAction> action;  ///< absent: a look
  std::optional<Instant> deadline = {};               ///< of an action, as of an order
  /// What an action goes by: as of `CalibrationAnswer::act`. Another act since then makes it void.
  std::optional<std::int64_t> act = {};
  /// The faults that are to be cleared. Another one that stands makes it void.
  std::optional<protocol::FaultSet> faults = {};
};

enum class CalibrationCode : std::uint8_t {
  ok,
  unknown_tap,
  too_late,           ///< it came, or could leave, only after its deadline
  changed_meanwhile,  ///< another act has come since what it goes by, or another fault
  service_unsupported,
  offline,
  wrong_machine,
  refused,       ///< the device says no; `refusal` says why
  no_answer,     ///< whether the device did it is not known: look again, or repeat it
  starting,      ///< as of an order
  store_failed,  ///< it could not be recorded
  shutting_down,
  too_many_requests,
};
struct CalibrationAnswer {
  CalibrationCode code = CalibrationCode::ok;
  std::string message;                                  ///< one plain sentence; of `ok`: empty
  std::optional<protocol::CalibrationRefusal> refusal;  ///< of `refused`
  std::optional<protocol::CalibrationReport> report;    ///< of `ok`
  std::optional<WallTime> accepted_at;                  ///< as the log knows it
  /// Grows with every act at the tap, over restarts too.
  std::int64_t act = 0;
};

/// Why whoever answers at a tap's address is not the tap's machine. The names are part of the API.
enum class Mismatch : std::uint8_t {
  names_another_tap,  ///< it says that it is another tap
  another_machine,    ///< it says another id than the tap's
  says_no_id,         ///< the tap's machine says an id, this one none
  of_another_tap,     ///< the tap knows no id yet, and another tap knows this one
};

/// Which machine is a tap's, and which one answered last.
struct MachineView {
  std::optional<MachineId> known;  ///< the tap's; absent: none has ever said its id
  std::optional<MachineId> told;   ///< by what answered last; absent: it does not say, or none did
  TapName named;                   ///< the tap that one says it is; empty: none
  std::optional<Mismatch> mismatch;  ///< absent: it is the tap's, as far as it can be told
  TapName owner;                     ///< another tap whose machine it is; empty: none
  std::vector<TapName> also_at;      ///< other taps at whose addresses this tap's machine answers
  /// Whether a host may take over what answers: it is another machine, and no other tap needs it.
  bool adoptable = false;
  friend bool operator==(const MachineView&, const MachineView&) = default;
};

/// A host says: the machine that answers at the tap's address is the tap's from now on.
struct MachineRequest {
  TapName tap;
  UserToken user;
  std::optional<MachineId> machine;      ///< which, as it was shown; absent: one that says no id
  std::optional<Instant> deadline = {};  ///< as of an order
};

enum class MachineCode : std::uint8_t {
  ok,
  unknown_tap,
  offline,        ///< nothing answers at the tap's address
  wrong_machine,  ///< another one than was named, or one that cannot be the tap's
  too_late,       ///< after its deadline
  starting,       ///< as of an order
  store_failed,
  shutting_down,
};
struct MachineAnswer {
  MachineCode code = MachineCode::ok;
  std::string message;  ///< one plain sentence
};

/// Whether a tap's device can be spoken to.
enum class LinkState : std::uint8_t {
  online,
  offline,  ///< no answer, or none yet
  error,    ///< something answers there, but not as a dispenser does
};

/// How far a wish to pour has come.
enum class PourPhase : std::uint8_t {
  starting,  ///< the device is asked whether it is ready, and `started` goes to the disk
  sending,
  accepted,
  unclear,
};

/// The pour a tap is busy with.
struct PourView {
  RequestId request_id;
  UserToken user;
  Millilitres requested;  ///< 0 for a service run that goes by time
  PourPhase phase = PourPhase::starting;
  std::optional<Microlitres> delivered;  ///< so far; only our firmware tells
  protocol::Purpose purpose = protocol::Purpose::pour;
  friend bool operator==(const PourView&, const PourView&) = default;
};

/// Why a tap takes no order at the moment, and what to do about it.
struct Block {
  Cause cause = Cause::offline;
  std::string action;  ///< "Place a glass."
  friend bool operator==(const Block&, const Block&) = default;
};

/// A tap as everybody is shown it.
struct TapView {
  TapName name;
  std::string drink;  ///< empty: not told
  LinkState link = LinkState::offline;
  std::optional<protocol::DeviceStatus> status;  ///< the last one, however old
  bool stopped = false;
  StopNumber stop{};             ///< its newest stop; `none` until that is durable
  std::optional<Block> blocked;  ///< absent: ready
  std::optional<PourView> pour;
  std::optional<Pour> last;  ///< the last pour of a guest that was settled in this run
};

/// The conditions of pouring, in the order in which they are told, each named after what must be
/// so. The names are part of the API.
enum class InterlockName : std::uint8_t {
  log_writable,
  not_stopped,
  device_online,
  right_machine,
  last_pour_clear,
  idle,
  no_fault,
  glass_present,
};

/// In which of several ways an interlock is not met. The names are part of the API.
enum class InterlockKind : std::uint8_t {
  broke_off,        ///< of `device_online`: its answers break off
  device_error,     ///< of `device_online`: it answers with an error
  not_a_dispenser,  ///< of `device_online`: something else answers
  file_lost,        ///< of `log_writable`: the file is gone, or is another one
};

/// One condition of pouring with its value of this moment.
struct Interlock {
  InterlockName name = InterlockName::log_writable;
  bool ok = false;
  std::string value;                       ///< "answered 0.3 s ago"
  std::string action;                      ///< what to do; empty when ok
  std::optional<InterlockKind> kind = {};  ///< absent: it is met, or there is but one way
};
struct WhyView {
  TapName tap;
  std::vector<Interlock> interlocks;
  MachineView machine;
};

/// Hears of every change, in order, on the event loop.
class ChangeListener {
 public:
  virtual ~ChangeListener() = default;
  virtual void on_tap_changed(TapIndex tap) = 0;
  virtual void on_log_row(const LogRow& row) = 0;
};

/// The pouring side. Used from the event loop only; nothing here blocks. Callbacks are called
/// exactly once, possibly before the call returns.
class PourService {
 public:
  virtual ~PourService() = default;

  virtual void dispense(DispenseRequest request,
                        std::move_only_function<void(DispenseAnswer)> done) = 0;
  virtual void stop(StopScope scope, std::move_only_function<void(StopAnswer)> done) = 0;
  virtual void resume(ResumeRequest request, std::move_only_function<void(ResumeAnswer)> done) = 0;

  virtual void calibration(CalibrationRequest request,
                           std::move_only_function<void(CalibrationAnswer)> done) = 0;

  virtual void machine(MachineRequest request,
                       std::move_only_function<void(MachineAnswer)> done) = 0;

  [[nodiscard]] virtual std::size_t tap_count() const = 0;
  [[nodiscard]] virtual TapView tap_view(TapIndex tap) const = 0;
  [[nodiscard]] virtual WhyView why(TapIndex tap) const = 0;
  [[nodiscard]] virtual std::optional<TapIndex> find_tap(const TapName& name) const = 0;
  /// Id of the newest row of `events` known to be durable; 0 when there is none.
  [[nodiscard]] virtual std::int64_t last_log_id() const = 0;
  /// Whether the log can be written: false after a failed write, until it is healed.
  [[nodiscard]] virtual bool store_healthy() const = 0;

  /// At most one listener; it must outlive the service or be replaced by nullptr.
  virtual void listen(ChangeListener* listener) = 0;
};

[[nodiscard]] std::string_view name_of(AnswerCode code) noexcept;
[[nodiscard]] std::string_view name_of(CalibrationCode code) noexcept;
[[nodiscard]] std::string_view name_of(MachineCode code) noexcept;
[[nodiscard]] std::string_view name_of(Mismatch mismatch) noexcept;
[[nodiscard]] std::string_view name_of(TapStopCode code) noexcept;
[[nodiscard]] std::string_view name_of(ControlCode code) noexcept;
[[nodiscard]] std::string_view name_of(LinkState state) noexcept;
[[nodiscard]] std::string_view name_of(PourPhase phase) noexcept;
[[nodiscard]] std::string_view name_of(InterlockName name) noexcept;
[[nodiscard]] std::string_view name_of(InterlockKind kind) noexcept;

}  // namespace pourtocol::control
