// Reads the body of a request: one flat JSON object whose fields are all known. Strict, because a
// misspelt or doubled field of an order must not be guessed at.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backend/routes/api_error.hpp"

namespace pourtocol::routes {

class FlatObject {
 public:
  /// Refuses, each with a sentence of its own: what is not JSON or not UTF-8, not one object,
  /// nested values, a field that is not in `known`, a field given twice.
  [[nodiscard]] static Checked<FlatObject> read(std::string_view json,
                                                std::span<const std::string_view> known);

  [[nodiscard]] bool has(std::string_view name) const noexcept;

  /// Nothing if absent. An error if it is there but not a text.
  [[nodiscard]] Checked<std::optional<std::string>> text(std::string_view name) const;

  /// Nothing if absent. An error unless it is a number written without fraction and exponent; one
  /// that does not fit 64 bits is `amount_out_of_range`.
  [[nodiscard]] Checked<std::optional<std::int64_t>> whole_number(std::string_view name) const;

  /// Nothing if absent. An error unless it is a number of at most three decimals, without sign and
  /// exponent. In thousandths: 12.5 is 12500.
  [[nodiscard]] Checked<std::optional<std::int64_t>> thousandths(std::string_view name) const;

  /// Nothing if absent. An error unless it is true or false.
  [[nodiscard]] Checked<std::optional<bool>> boolean(std::string_view name) const;

 private:
  enum class Kind : std::uint8_t { text, number, yes, no, other };
  struct Entry {
    std::string name;
    Kind kind = Kind::other;
    std::string value;  // of a number: as it was written
  };
  class Handler;

  [[nodiscard]] const Entry* find(std::string_view name) const noexcept;

  std::vector<Entry> entries_;
};

}  // namespace pourtocol::routes
