// Walks through one JSON object and tells a `Sink` what stands where. The limits that hold for
// every message live here: size, nesting, encoding, and that the whole text is one object.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

#include "protocol/codec.hpp"

namespace pourtocol::protocol::detail {

inline constexpr std::size_t depth_max = 8;

/// Where in a message a value stands. What is `skipped` is checked to be JSON and not looked at.
enum class Place : std::uint8_t {
  skipped,
  message,
  faults,
  pour,
  recent,
  recent_pour,
  runs,
  run,
  proposal,
};

/// A value, or the beginning of one that holds others. `text` is the content of a text, or a number
/// as it is written; it is valid during the call only.
struct Value {
  enum class Kind : std::uint8_t { null, no, yes, number, text, object, array };
  Kind kind = Kind::null;
  std::string_view text{};
};

/// Takes in one message. The first complaint ends the walk.
class Sink {
 public:
  /// `key` means nothing in arrays, and is empty for names longer than any known one. Returns which
  /// place the inside of an object or array is; for other kinds the result does not matter.
  virtual Place value(Place place, std::string_view key, const Value& value) noexcept = 0;

  /// The object or array `place`, not skipped, is complete.
  virtual void left(Place place) noexcept = 0;

  [[nodiscard]] const std::optional<DecodeError>& complaint() const noexcept { return complaint_; }

 protected:
  ~Sink() = default;
  void complain(const DecodeError& error) noexcept {
    if (!complaint_) complaint_ = error;
  }

 private:
  std::optional<DecodeError> complaint_;
};

/// Nothing if `json` was one whole object to which the sink had no objection. `scratch` is memory
/// for the longest text in it and bounds the size of `json`.
[[nodiscard]] std::optional<DecodeError> walk_object(std::string_view json, std::span<char> scratch,
                                                     Sink& sink) noexcept;

/// The parts one after another, cut to fit: "amount_ml" + " " + "must be 1 to 60".
[[nodiscard]] DecodeError sentence(std::initializer_list<std::string_view> parts) noexcept;

}  // namespace pourtocol::protocol::detail
