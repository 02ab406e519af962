#include "backend/routes/json_text.hpp"

#include "backend/routes/rapidjson.hpp"
#include "backend/routes/utf8.hpp"

namespace pourtocol::routes {

struct JsonText::Parts {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
};

JsonText::JsonText() : parts_{std::make_unique<Parts>()} {}
JsonText::~JsonText() = default;

JsonText& JsonText::begin_object() {
  parts_->writer.StartObject();
  return *this;
}

JsonText& JsonText::end_object() {
  parts_->writer.EndObject();
  return *this;
}

JsonText& JsonText::begin_array() {
  parts_->writer.StartArray();
  return *this;
}

JsonText& JsonText::end_array() {
  parts_->writer.EndArray();
  return *this;
}

JsonText& JsonText::key(std::string_view name) {
  parts_->writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  return *this;
}

JsonText& JsonText::text(std::string_view value) {
  if (!is_utf8(value)) return text(repaired_utf8(value));
  // RapidJSON takes no null pointer, not even for an empty text.
  const char* const data = value.empty() ? "" : value.data();
  parts_->writer.String(data, static_cast<rapidjson::SizeType>(value.size()));
  return *this;
}

JsonText& JsonText::boolean(bool value) {
  parts_->writer.Bool(value);
  return *this;
}

JsonText& JsonText::whole(std::int64_t value) {
  parts_->writer.Int64(value);
  return *this;
}

JsonText& JsonText::null() {
  parts_->writer.Null();
  return *this;
}

JsonText& JsonText::ml(Microlitres volume) {
  raw_number(thousandths(volume.count()));
  return *this;
}

JsonText& JsonText::ml_or_null(const std::optional<Microlitres>& volume) {
  return volume ? ml(*volume) : null();
}

JsonText& JsonText::seconds(WallTime time) {
  raw_number(thousandths(time.time_since_epoch().count()));
  return *this;
}

std::string JsonText::finish() const {
  POURTOCOL_ASSERT(parts_->writer.IsComplete());
  return {parts_->buffer.GetString(), parts_->buffer.GetSize()};
}

void JsonText::raw_number(std::string_view number) {
  parts_->writer.RawValue(number.data(), number.size(), rapidjson::kNumberType);
}

std::string thousandths(std::int64_t count) {
  const std::uint64_t size =
      count < 0 ? 0 - static_cast<std::uint64_t>(count) : static_cast<std::uint64_t>(count);
  std::string text = (count < 0 ? "-" : "") + std::to_string(size / 1000);
  if (const std::uint64_t rest = size % 1000; rest != 0) {
    std::string digits = std::to_string(1000 + rest).substr(1);
    digits.erase(digits.find_last_not_of('0') + 1);
    text += "." + digits;
  }
  return text;
}

}  // namespace pourtocol::routes
