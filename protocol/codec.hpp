// The one codec both ends use: `messages.hpp` to JSON and back.
//
// Strict on what matters and tolerant of what does not: a missing, doubled or ill-typed field is an
// error that names it, a number with a fraction where a whole one is due is an error, unknown
// fields are skipped (a device may say more than we know), and amounts outside 1..60 (a service
// run's outside its own bounds) do not pass, whatever the caller intended. Bad UTF-8, nesting
// deeper than 8 and bodies over `body_bytes_max`
// (`order_bytes_max` for what a dispenser takes in) are refused.
//
// Nothing here allocates: the parser works in a buffer on the stack, so the same code runs on a
// board. Functions are pure and may be called from any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "core/fixed_text.hpp"
#include "protocol/messages.hpp"

namespace pourtocol::protocol {

/// Why a text is not the message it should be, for a log or a 400: "amount_ml must be a whole
/// number".
struct DecodeError {
  FixedText<120> message;
  friend bool operator==(const DecodeError&, const DecodeError&) = default;
};

template <class T>
using Decoded = std::expected<T, DecodeError>;

/// The three fields of version 1 must be right. The decorations of firmware in the field (last
/// pour, NFC) are left out if they are not. All fields of version 2 must be right if `protocol` is
/// 2 or more, and mean nothing otherwise; but why the device started is a decoration, too: a word
/// that is not known is read as `other`, anything but a text as nothing. So is which machine it is:
/// what is not 16 digits 0-9 a-f is read as nothing.
[[nodiscard]] Decoded<DeviceStatus> decode_status(std::string_view json) noexcept;
/// A guard must be there whole or not at all.
[[nodiscard]] Decoded<DispenseOrder> decode_order(std::string_view json) noexcept;
/// An empty text is a stop of whatever pours.
[[nodiscard]] Decoded<StopOrder> decode_stop(std::string_view json) noexcept;

/// Kind, extent and confirmation must pass `flaw_of`.
[[nodiscard]] Decoded<ServiceOrder> decode_service(std::string_view json) noexcept;
[[nodiscard]] Decoded<GuardedAction> decode_calibration_action(std::string_view json) noexcept;
[[nodiscard]] Decoded<CalibrationReport> decode_calibration(std::string_view json) noexcept;

/// What is wrong with a service run as such, as a sentence: its extent does not go with its kind or
/// is out of bounds, or it lacks a confirmation. Empty: nothing. Both ends ask this, so that
/// neither relies on the other.
[[nodiscard]] std::string_view flaw_of(const ServiceOrder& order) noexcept;

/// A place to write one message into, and the text once it is there.
class MessageBuffer {
 public:
  [[nodiscard]] std::string_view view() const noexcept { return {bytes_.data(), size_}; }
  [[nodiscard]] std::span<char> space() noexcept { return bytes_; }
  void set_size(std::size_t size) noexcept { size_ = size; }

 private:
  std::array<char, body_bytes_max> bytes_{};
  std::size_t size_ = 0;
};

/// Encoding cannot fail: every message of `messages.hpp` fits a `MessageBuffer` (a test proves it
/// for the largest). Returns a view into `buffer`. Texts must be UTF-8; a refusal's is cut to fit.
/// An order outside 1..60 ml or without an id is a broken precondition, and so is a service run
/// that has a flaw.
std::string_view encode_status(const DeviceStatus& status, MessageBuffer& buffer) noexcept;
std::string_view encode_order(const DispenseOrder& order, MessageBuffer& buffer) noexcept;
std::string_view encode_stop(const StopOrder& order, MessageBuffer& buffer) noexcept;
std::string_view encode_accepted(const RequestId& id, bool repeated,
                                 MessageBuffer& buffer) noexcept;
std::string_view encode_refusal(Refusal refusal, std::string_view text,
                                MessageBuffer& buffer) noexcept;

std::string_view encode_service(const ServiceOrder& order, MessageBuffer& buffer) noexcept;
std::string_view encode_calibration_action(const GuardedAction& asked,
                                           MessageBuffer& buffer) noexcept;
std::string_view encode_calibration(const CalibrationReport& report,
                                    MessageBuffer& buffer) noexcept;
std::string_view encode_calibration_refused(const CalibrationRefused& refused,
                                            MessageBuffer& buffer) noexcept;

/// The HTTP status a refusal travels under: 400 for `bad_order` and `bad_action`, 409 for the rest.
[[nodiscard]] int http_status_of(Refusal refusal) noexcept;
[[nodiscard]] int http_status_of(CalibrationRefusal refusal) noexcept;

using OrderAnswer = std::variant<OrderAccepted, OrderRejected, UnclearAnswer>;

/// Reads a whole HTTP answer to the order `id`. Accepted: 2xx whose body is empty or a JSON object
/// whose `ok`, if it has one, is true. Rejected: 4xx whose body is empty or a JSON object whose
/// `ok`, if it has one, is not true. Either is unclear if it names another id, and so is everything
/// else (5xx, 3xx, 1xx, HTML, garbage).
[[nodiscard]] OrderAnswer read_order_answer(int http_status, std::string_view body,
                                            const RequestId& id) noexcept;

/// Reads a whole HTTP answer to `GET` or `POST /calibration`: 200 with a report, 4xx with an object
/// (or without a body) is a refusal, everything else is unclear.
using CalibrationReading = std::variant<CalibrationReport, CalibrationRefused, UnclearAnswer>;
[[nodiscard]] CalibrationReading read_calibration_answer(int http_status,
                                                         std::string_view body) noexcept;

/// Wire names, also used by the server's own API.
[[nodiscard]] std::string_view name_of(DeviceState state) noexcept;
[[nodiscard]] std::string_view name_of(Fault fault) noexcept;
[[nodiscard]] std::string_view name_of(PourOutcome outcome) noexcept;
[[nodiscard]] std::string_view name_of(StopReason reason) noexcept;
[[nodiscard]] std::string_view name_of(Measure measure) noexcept;
[[nodiscard]] std::string_view name_of(ResetReason reason) noexcept;
[[nodiscard]] std::string_view name_of(Refusal refusal) noexcept;
[[nodiscard]] std::string_view name_of(UnclearAnswer answer) noexcept;
[[nodiscard]] std::string_view name_of(Purpose purpose) noexcept;
[[nodiscard]] std::string_view name_of(ServiceKind kind) noexcept;
[[nodiscard]] std::string_view name_of(ProposalSource source) noexcept;
[[nodiscard]] std::string_view name_of(CalibrationRefusal refusal) noexcept;
/// What `action` is called: "measured".
[[nodiscard]] std::string_view name_of(const CalibrationAction& action) noexcept;

/// What has that wire name; nothing: none has.
[[nodiscard]] std::optional<StopReason> stop_reason_named(std::string_view name) noexcept;
[[nodiscard]] std::optional<Purpose> purpose_named(std::string_view name) noexcept;
[[nodiscard]] std::optional<ServiceKind> service_kind_named(std::string_view name) noexcept;

}  // namespace pourtocol::protocol
