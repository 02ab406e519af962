// Writes one JSON text. Whatever bytes come in, well-formed JSON in well-formed UTF-8 comes out.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"
#include "core/units.hpp"

namespace pourtocol::routes {

/// Call the members in the order of the text. An unbalanced text is a broken precondition.
class JsonText {
 public:
  JsonText();
  ~JsonText();
  JsonText(const JsonText&) = delete;
  JsonText& operator=(const JsonText&) = delete;

  JsonText& begin_object();
  JsonText& end_object();
  JsonText& begin_array();
  JsonText& end_array();
  JsonText& key(std::string_view name);

  JsonText& text(std::string_view value);
  JsonText& boolean(bool value);
  JsonText& whole(std::int64_t value);
  JsonText& null();
  /// In ml, exactly: 12345 µl is 12.345.
  JsonText& ml(Microlitres volume);
  JsonText& ml_or_null(const std::optional<Microlitres>& volume);
  /// In seconds since 1970, exactly: 1700000000123 ms is 1700000000.123.
  JsonText& seconds(WallTime time);

  /// The finished text.
  [[nodiscard]] std::string finish() const;

 private:
  struct Parts;
  void raw_number(std::string_view number);
  std::unique_ptr<Parts> parts_;
};

/// `count` thousandths without trailing zeros: 12345 → "12.345", -500 → "-0.5", 2000 → "2".
[[nodiscard]] std::string thousandths(std::int64_t count);

}  // namespace pourtocol::routes
