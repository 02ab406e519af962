// What happens to the coordinator (events) and what it wants done (effects). Plain values: a party
// can be recorded, replayed, and run faster than the clock.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "backend/control/audit_log.hpp"
#include "backend/control/device_link.hpp"
#include "backend/control/service.hpp"

namespace pourtocol::control {

/// Stands for one waiting request of a client within one run of the server.
enum class Ticket : std::uint64_t {};

/// The two times of one moment: all decisions use `instant`, `wall` is only written down.
struct Now {
  Instant instant{};
  WallTime wall{};
};

// ---- events -------------------------------------------------------------------------------------

/// The first event: the coordinator asks the store what the file says, and asks the devices.
struct Begin {};
/// `id` is the client's key, or one the outside has drawn at random for it.
struct DispenseAsked {
  Ticket ticket{};
  DispenseRequest request;
  RequestId id;
};
struct StopAsked {
  Ticket ticket{};
  StopScope scope;
};
struct ResumeAsked {
  Ticket ticket{};
  ResumeRequest request;
};
struct CalibrationAsked {
  Ticket ticket{};
  CalibrationRequest request;
};
struct MachineAsked {
  Ticket ticket{};
  MachineRequest request;
};
struct StatusAnswered {
  TapIndex tap{};
  CallId call{};
  Instant asked_at{};
  StatusResult result;
};
struct OrderAnswered {
  TapIndex tap{};
  CallId call{};
  OrderResult result;
};
struct StopAnswered {
  TapIndex tap{};
  CallId call{};
  StopResult result{};
};
struct CalibrationAnswered {
  TapIndex tap{};
  CallId call{};
  CalibrationResult result;
};
/// `next_deadline()` has come.
struct TimePassed {};
/// Take no new order; `ShutdownReady` follows when nothing is open any more.
struct ShutdownAsked {};

using Event = std::variant<Begin, DispenseAsked, StopAsked, ResumeAsked, CalibrationAsked,
                           MachineAsked, WriteReply, RecoverResult, StatusAnswered, OrderAnswered,
                           StopAnswered, CalibrationAnswered, TimePassed, ShutdownAsked>;

// ---- effects ------------------------------------------------------------------------------------

struct SubmitWrite {
  WriteId id{};
  StoreWrite write;
};
struct RecoverStore {};
struct CallDeviceStatus {
  TapIndex tap{};
  CallId id{};
  StatusCall call;
};
struct CallDeviceOrder {
  TapIndex tap{};
  CallId id{};
  OrderCall call;
};
struct CallDeviceStop {
  TapIndex tap{};
  CallId id{};
  StopCall call;
};
struct CallDeviceCalibration {
  TapIndex tap{};
  CallId id{};
  CalibrationCall call;
};
struct DoubtDeviceAddress {
  TapIndex tap{};
};
struct AnswerDispense {
  Ticket ticket{};
  DispenseAnswer answer;
};
struct AnswerStop {
  Ticket ticket{};
  StopAnswer answer;
};
struct AnswerResume {
  Ticket ticket{};
  ResumeAnswer answer;
};
struct AnswerCalibration {
  Ticket ticket{};
  CalibrationAnswer answer;
};
struct AnswerMachine {
  Ticket ticket{};
  MachineAnswer answer;
};
/// Something a person who keeps this server should read, though nobody has asked: a line of its own
/// log.
struct Warn {
  std::string text;
};
struct TapChanged {
  TapIndex tap{};
};
struct LogAppended {
  LogRow row;
};
struct ShutdownReady {};

using Effect = std::variant<SubmitWrite, RecoverStore, CallDeviceStatus, CallDeviceOrder,
                            CallDeviceStop, CallDeviceCalibration, DoubtDeviceAddress,
                            AnswerDispense, AnswerStop, AnswerResume, AnswerCalibration,
                            AnswerMachine, Warn, TapChanged, LogAppended, ShutdownReady>;
using Effects = std::vector<Effect>;

}  // namespace pourtocol::control
