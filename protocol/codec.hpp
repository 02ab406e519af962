// The one codec both ends use: `messages.hpp` to JSON and back.
//
// Strict on what matters and tolerant of what does not: a missing, doubled or ill-typed field is an
// error that names it, a number with a fraction where a whole one is due is an error, unknown
// fields are skipped (a device may say more than we know), and amounts outside 1..60 do not pass,
// whatever the caller intended. Bad UTF-8, nesting deeper than 8 and bodies over `body_bytes_max`
// (`order_bytes_max` for what a dispenser takes in) are refused.
//
// Nothing here allocates: the parser works in a buffer on the stack, so the same code runs on a
// board. Functions are pure and may be called from any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
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
/// 2 or more, and mean nothing otherwise.
[[nodiscard]] Decoded<DeviceStatus> decode_status(std::string_view json) noexcept;
/// A guard must be there whole or not at all.
[[nodiscard]] Decoded<DispenseOrder> decode_order(std::string_view json) noexcept;
/// An empty text is a stop of whatever pours.
[[nodiscard]] Decoded<StopOrder> decode_stop(std::string_view json) noexcept;

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
/// An order outside 1..60 ml or without an id is a broken precondition.
std::string_view encode_status(const DeviceStatus& status, MessageBuffer& buffer) noexcept;
std::string_view encode_order(const DispenseOrder& order, MessageBuffer& buffer) noexcept;
std::string_view encode_stop(const StopOrder& order, MessageBuffer& buffer) noexcept;
std::string_view encode_accepted(const RequestId& id, bool repeated,
                                 MessageBuffer& buffer) noexcept;
std::string_view encode_refusal(Refusal refusal, std::string_view text,
                                MessageBuffer& buffer) noexcept;

/// The HTTP status a refusal travels under: 400 for `bad_order`, 409 for the rest.
[[nodiscard]] int http_status_of(Refusal refusal) noexcept;

using OrderAnswer = std::variant<OrderAccepted, OrderRejected, UnclearAnswer>;

/// Reads a whole HTTP answer to the order `id`. Accepted: 2xx whose body is empty or a JSON object
/// whose `ok`, if it has one, is true. Rejected: 4xx whose body is empty or a JSON object whose
/// `ok`, if it has one, is not true. Either is unclear if it names another id, and so is everything
/// else (5xx, 3xx, 1xx, HTML, garbage).
[[nodiscard]] OrderAnswer read_order_answer(int http_status, std::string_view body,
                                            const RequestId& id) noexcept;

/// Wire names, also used by the server's own API.
[[nodiscard]] std::string_view name_of(DeviceState state) noexcept;
[[nodiscard]] std::string_view name_of(Fault fault) noexcept;
[[nodiscard]] std::string_view name_of(PourOutcome outcome) noexcept;
[[nodiscard]] std::string_view name_of(StopReason reason) noexcept;
[[nodiscard]] std::string_view name_of(Measure measure) noexcept;
[[nodiscard]] std::string_view name_of(Refusal refusal) noexcept;
[[nodiscard]] std::string_view name_of(UnclearAnswer answer) noexcept;

}  // namespace pourtocol::protocol
