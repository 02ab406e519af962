#include "protocol/json_reader.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "protocol/rapidjson.hpp"

namespace pourtocol::protocol::detail {

namespace {

/// RapidJSON checks raw UTF-8 but turns the escape \udc00, half of a surrogate pair, into bytes
/// that are not UTF-8.
bool holds_lone_surrogate(std::string_view text) noexcept {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (static_cast<unsigned char>(text[i]) == 0xED &&
        static_cast<unsigned char>(text[i + 1]) >= 0xA0) {
      return true;
    }
  }
  return false;
}

/// UTF-8 as RapidJSON checks it, but for the letters that need no check, which nearly all are.
struct Utf8 : rapidjson::UTF8<> {
  template <class In, class Out>
  static bool Validate(In& in, Out& out) {
    if ((static_cast<unsigned char>(in.Peek()) & 0x80U) != 0) {
      return rapidjson::UTF8<>::Validate(in, out);
    }
    out.Put(in.Take());
    return true;
  }
};

/// RapidJSON's handler: keeps track of places and hands values to the sink.
class Walker {
 public:
  explicit Walker(Sink& sink) noexcept : sink_{sink} {}

  [[nodiscard]] const std::optional<DecodeError>& complaint() const noexcept { return complaint_; }

  bool Null() noexcept { return scalar({Value::Kind::null}); }
  bool Bool(bool value) noexcept { return scalar({value ? Value::Kind::yes : Value::Kind::no}); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) noexcept {
    return scalar({Value::Kind::number, {text, size}});
  }
  bool String(const char* text, rapidjson::SizeType size, bool) noexcept {
    const std::string_view view{text, size};
    if (holds_lone_surrogate(view)) return refuse("a text is not valid Unicode");
    return scalar({Value::Kind::text, view});
  }
  bool Key(const char* text, rapidjson::SizeType size, bool) noexcept {
    key_ = KeyText::from({text, size}).value_or(KeyText{});
    return true;
  }
  bool StartObject() noexcept { return enter({Value::Kind::object}); }
  bool EndObject(rapidjson::SizeType) noexcept { return leave(); }
  bool StartArray() noexcept { return enter({Value::Kind::array}); }
  bool EndArray(rapidjson::SizeType) noexcept { return leave(); }

  // RapidJSON names these, but hands every number over as text.
  bool Int(int) noexcept { return false; }
  bool Uint(unsigned) noexcept { return false; }
  bool Int64(std::int64_t) noexcept { return false; }
  bool Uint64(std::uint64_t) noexcept { return false; }
  bool Double(double) noexcept { return false; }

 private:
  // Longer than any name of the contract.
  using KeyText = FixedText<32>;

  bool refuse(std::string_view why) noexcept {
    complaint_ = sentence({why});
    return false;
  }

  bool scalar(const Value& value) noexcept {
    if (depth_ == 0) return refuse("the message must be a JSON object");
    tell(value);
    return !sink_.complaint();
  }

  bool enter(const Value& value) noexcept {
    if (depth_ == depth_max) return refuse("the message is nested too deeply");
    Place inside = Place::message;
    if (depth_ > 0) {
      inside = tell(value);
    } else if (value.kind != Value::Kind::object) {
      return refuse("the message must be a JSON object");
    }
    places_[depth_++] = inside;
    return !sink_.complaint();
  }

  bool leave() noexcept {
    const Place place = places_[--depth_];
    if (place != Place::skipped) sink_.left(place);
    return !sink_.complaint();
  }

  Place tell(const Value& value) noexcept {
    const Place place = places_[depth_ - 1];
    if (place == Place::skipped) return Place::skipped;
    return sink_.value(place, key_.view(), value);
  }

  Sink& sink_;
  KeyText key_;
  std::array<Place, depth_max> places_{};
  std::size_t depth_ = 0;
  std::optional<DecodeError> complaint_;
};

DecodeError not_json(const rapidjson::ParseResult& result, std::size_t size) noexcept {
  if (size == 0) return sentence({"the message is empty"});
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), result.Offset()).ptr;
  const std::string_view where{digits.data(), static_cast<std::size_t>(end - digits.data())};
  if (result.Code() == rapidjson::kParseErrorStringInvalidEncoding) {
    return sentence({"the message is not valid UTF-8 at byte ", where});
  }
  return sentence({"the message is not valid JSON at byte ", where});
}

}  // namespace

DecodeError sentence(std::initializer_list<std::string_view> parts) noexcept {
  std::array<char, decltype(DecodeError::message)::capacity> text{};
  std::size_t size = 0;
  for (const std::string_view part : parts) {
    const std::string_view fitting{part.data(), std::min(part.size(), text.size() - size)};
    std::copy(fitting.begin(), fitting.end(), text.begin() + static_cast<std::ptrdiff_t>(size));
    size += fitting.size();
  }
  return {decltype(DecodeError::message)::truncated({text.data(), size})};
}

std::optional<DecodeError> walk_object(std::string_view json, std::span<char> scratch,
                                       Sink& sink) noexcept {
  if (json.size() > scratch.size()) return sentence({"the message is too large"});

  // Numbers stay text: what is exact on the wire stays exact.
  constexpr unsigned flags =
      rapidjson::kParseValidateEncodingFlag | rapidjson::kParseNumbersAsStringsFlag;
  OneBlock memory{scratch};
  // No text or number needs more room, its closing NUL included, than the message it stands in.
  rapidjson::GenericReader<Utf8, Utf8, OneBlock> reader{&memory, scratch.size()};
  rapidjson::MemoryStream stream{json.data(), json.size()};
  Walker walker{sink};
  const rapidjson::ParseResult result = reader.Parse<flags>(stream, walker);

  if (sink.complaint()) return sink.complaint();
  if (walker.complaint()) return walker.complaint();
  if (result.IsError()) return not_json(result, json.size());
  // RapidJSON takes a NUL for the end of the text.
  if (stream.Tell() != json.size()) return sentence({"the message has more after its end"});
  return std::nullopt;
}

}  // namespace pourtocol::protocol::detail
