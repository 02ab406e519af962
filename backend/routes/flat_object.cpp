#include "backend/routes/flat_object.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "backend/routes/rapidjson.hpp"
#include "backend/routes/utf8.hpp"

namespace pourtocol::routes {

namespace {

/// How a sentence about a field begins.
std::string field(std::string_view name) {
  constexpr std::size_t shown_max = 40;
  std::string text{"The field \""};
  text += repaired_utf8(name.substr(0, shown_max));
  return text + (name.size() > shown_max ? "…\"" : "\"");
}

std::string known_fields(std::span<const std::string_view> known) {
  std::string text;
  for (const auto name : known) text += (text.empty() ? "" : ", ") + std::string{name};
  return text;
}

}  // namespace

/// Listens to the reader; returning false ends the reading, and `complaint` says why.
class FlatObject::Handler {
 public:
  explicit Handler(std::span<const std::string_view> known) : known_{known} {}

  bool Null() { return value(Kind::other, {}); }
  bool Bool(bool yes) { return value(yes ? Kind::yes : Kind::no, {}); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
    return value(Kind::number, {text, size});
  }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    return value(Kind::text, {text, size});
  }
  bool StartObject() {
    if (inside_) return nested();
    inside_ = true;
    return true;
  }
  bool EndObject(rapidjson::SizeType) { return true; }
  bool StartArray() { return nested(); }
  bool EndArray(rapidjson::SizeType) { return true; }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    const std::string_view name{text, size};
    if (std::ranges::find(known_, name) == known_.end()) {
      return complain(field(name) + " is not known here; known are: " + known_fields(known_) + ".");
    }
    if (object.find(name) != nullptr) {
      return complain(field(name) + " is given twice.");
    }
    object.entries_.push_back({std::string{name}, Kind::other, {}});
    return true;
  }
  // Never called with numbers as texts, but part of the interface.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }

  FlatObject object;
  std::string complaint;

 private:
  bool value(Kind kind, std::string_view text) {
    if (!inside_) return complain("The body must be a JSON object.");
    object.entries_.back().kind = kind;
    object.entries_.back().value = text;
    return true;
  }
  bool nested() {
    if (!inside_) return complain("The body must be a JSON object.");
    return complain(field(object.entries_.back().name) + " must be a single value.");
  }
  bool complain(std::string sentence) {
    complaint = std::move(sentence);
    return false;
  }

  std::span<const std::string_view> known_;
  bool inside_ = false;
};

Checked<FlatObject> FlatObject::read(std::string_view json,
                                     std::span<const std::string_view> known) {
  if (json.empty()) return bad_request("The body is empty: send a JSON object.");
  if (!is_utf8(json)) return bad_request("The body is not UTF-8.");
  // Iterative: however deep a body nests, it cannot exhaust the stack.
  constexpr unsigned flags = rapidjson::kParseIterativeFlag |
                             rapidjson::kParseValidateEncodingFlag |
                             rapidjson::kParseNumbersAsStringsFlag;
  Handler handler{known};
  rapidjson::MemoryStream stream{json.data(), json.size()};
  rapidjson::Reader reader;
  const auto result = reader.Parse<flags>(stream, handler);
  if (!handler.complaint.empty()) return bad_request(std::move(handler.complaint));
  if (result.Code() == rapidjson::kParseErrorNumberTooBig) {
    return bad_request("A number in the body is far too large.");
  }
  // The reader takes a NUL for the end of the text.
  if (result.IsError() || stream.Tell() != json.size()) {
    return bad_request("The body is not JSON: it is malformed at byte " +
                       std::to_string(std::min(result.Offset(), stream.Tell())) + ".");
  }
  return std::move(handler.object);
}

const FlatObject::Entry* FlatObject::find(std::string_view name) const noexcept {
  const auto found = std::ranges::find(entries_, name, &Entry::name);
  return found == entries_.end() ? nullptr : &*found;
}

bool FlatObject::has(std::string_view name) const noexcept {
  return find(name) != nullptr;
}

Checked<std::optional<std::string>> FlatObject::text(std::string_view name) const {
  const Entry* const entry = find(name);
  if (entry == nullptr) return std::nullopt;
  if (entry->kind != Kind::text) return bad_request(field(name) + " must be a text.");
  return entry->value;
}

Checked<std::optional<std::int64_t>> FlatObject::whole_number(std::string_view name) const {
  const Entry* const entry = find(name);
  if (entry == nullptr) return std::nullopt;
  if (entry->kind != Kind::number || entry->value.find_first_of(".eE") != std::string::npos) {
    return bad_request(field(name) + " must be a whole number, without quotes or fraction.");
  }
  std::int64_t number = 0;
  const char* const end = entry->value.data() + entry->value.size();
  const auto [rest, error] = std::from_chars(entry->value.data(), end, number);
  if (error == std::errc::result_out_of_range) {
    return std::unexpected{ApiError{400, "amount_out_of_range",
                                    field(name) + " is far out of range: ask for 1 to 60 ml."}};
  }
  // NaN and Infinity do not get here, but nothing that is not all digits may pass.
  if (error != std::errc{} || rest != end) return bad_request(field(name) + " is no number.");
  return number;
}

Checked<std::optional<std::int64_t>> FlatObject::thousandths(std::string_view name) const {
  constexpr std::size_t whole_digits_max = 12;
  constexpr std::size_t decimals_max = 3;
  const Entry* const entry = find(name);
  if (entry == nullptr) return std::nullopt;
  const auto is_digits = [](std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  };
  const std::string_view text = entry->value;
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  std::string decimals{text.substr(std::min(point + 1, text.size()))};
  const bool fits = entry->kind == Kind::number && is_digits(whole) &&
                    whole.size() <= whole_digits_max && decimals.size() <= decimals_max &&
                    (decimals.empty() || is_digits(decimals));
  if (!fits) return bad_request(field(name) + " must be a number with at most three decimals.");
  decimals.resize(decimals_max, '0');
  return std::stoll(std::string{whole} + decimals);
}

Checked<std::optional<bool>> FlatObject::boolean(std::string_view name) const {
  const Entry* const entry = find(name);
  if (entry == nullptr) return std::nullopt;
  if (entry->kind == Kind::yes) return true;
  if (entry->kind == Kind::no) return false;
  return bad_request(field(name) + " must be true or false.");
}

}  // namespace pourtocol::routes
