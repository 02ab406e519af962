// Reads a small JSON object without inner structure, field by field, for the control port. Strict:
// what is missing, of the wrong kind or not asked for ends in a sentence that names it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pourtocol::firmware {

class FlatJson {
 public:
  explicit FlatJson(std::string_view text);

  // The value of a field, or nothing if it is absent (or wrong: see `complaint`).
  [[nodiscard]] std::optional<bool> flag(std::string_view name);
  [[nodiscard]] std::optional<std::uint64_t> whole(std::string_view name, std::uint64_t most);
  [[nodiscard]] std::optional<std::string> text(std::string_view name);
  // The same, but its absence is wrong too.
  [[nodiscard]] bool needed_flag(std::string_view name);
  [[nodiscard]] std::uint64_t needed_whole(std::string_view name, std::uint64_t most);
  /// Nothing if it is null.
  [[nodiscard]] std::optional<std::string> needed_text_or_null(std::string_view name);

  void complain(std::string sentence);
  /// What is wrong, once every known field has been asked for: also a field nobody asked for.
  [[nodiscard]] std::optional<std::string> complaint() const;

 private:
  enum class Kind : std::uint8_t { no, yes, number, text, null, other };
  struct Field {
    std::string name;
    Kind kind;
    std::string text;
    bool asked_for = false;
  };
  class Reader;

  [[nodiscard]] Field* find(std::string_view name);

  std::vector<Field> fields_;
  std::optional<std::string> complaint_;
};

}  // namespace pourtocol::firmware
