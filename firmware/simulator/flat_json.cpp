#include "firmware/simulator/flat_json.hpp"

#include <array>
#include <utility>

#include "protocol/fields.hpp"
#include "protocol/json_reader.hpp"

namespace pourtocol::firmware {

namespace json = protocol::detail;

/// Collects the fields as they come.
class FlatJson::Reader final : public json::Sink {
 public:
  explicit Reader(FlatJson& into) : into_{into} {}

  json::Place value(json::Place, std::string_view key, const json::Value& value) noexcept override {
    if (into_.find(key) != nullptr) {
      complain(json::sentence({key, " is given twice"}));
    } else {
      into_.fields_.push_back(
          {.name = std::string{key}, .kind = kind_of(value.kind), .text = std::string{value.text}});
    }
    return json::Place::skipped;
  }
  void left(json::Place) noexcept override {}

 private:
  static Kind kind_of(json::Value::Kind kind) {
    switch (kind) {
      case json::Value::Kind::no:
        return Kind::no;
      case json::Value::Kind::yes:
        return Kind::yes;
      case json::Value::Kind::number:
        return Kind::number;
      case json::Value::Kind::text:
        return Kind::text;
      case json::Value::Kind::null:
        return Kind::null;
      default:
        return Kind::other;
    }
  }
  FlatJson& into_;
};

FlatJson::FlatJson(std::string_view text) {
  std::array<char, 4096> scratch;
  Reader reader{*this};
  if (const auto error = json::walk_object(text, scratch, reader)) {
    complain(std::string{error->message.view()});
  }
  for (Field& field : fields_) field.asked_for = false;
}

std::optional<bool> FlatJson::flag(std::string_view name) {
  const Field* field = find(name);
  if (field == nullptr) return std::nullopt;
  if (field->kind == Kind::yes) return true;
  if (field->kind == Kind::no) return false;
  complain(std::string{name} + " must be true or false");
  return std::nullopt;
}

std::optional<std::uint64_t> FlatJson::whole(std::string_view name, std::uint64_t most) {
  const Field* field = find(name);
  if (field == nullptr) return std::nullopt;
  const auto number = field->kind == Kind::number ? json::read_whole(field->text) : std::nullopt;
  if (number && *number <= most) return number;
  complain(std::string{name} + " must be a whole number from 0 to " + std::to_string(most));
  return std::nullopt;
}

std::optional<std::string> FlatJson::text(std::string_view name) {
  const Field* field = find(name);
  if (field == nullptr) return std::nullopt;
  if (field->kind == Kind::text) return field->text;
  complain(std::string{name} + " must be a text");
  return std::nullopt;
}

bool FlatJson::needed_flag(std::string_view name) {
  const auto value = flag(name);
  if (!value) complain(std::string{name} + " is missing");
  return value.value_or(false);
}

std::uint64_t FlatJson::needed_whole(std::string_view name, std::uint64_t most) {
  const auto value = whole(name, most);
  if (!value) complain(std::string{name} + " is missing");
  return value.value_or(0);
}

std::optional<std::string> FlatJson::needed_text_or_null(std::string_view name) {
  const Field* field = find(name);
  if (field == nullptr) complain(std::string{name} + " is missing");
  if (field == nullptr || field->kind == Kind::null) return std::nullopt;
  return text(name);
}

void FlatJson::complain(std::string sentence) {
  if (!complaint_) complaint_ = std::move(sentence);
}

std::optional<std::string> FlatJson::complaint() const {
  if (complaint_) return complaint_;
  for (const Field& field : fields_) {
    if (!field.asked_for) return "there is no field \"" + field.name + "\" here";
  }
  return std::nullopt;
}

FlatJson::Field* FlatJson::find(std::string_view name) {
  for (Field& field : fields_) {
    if (field.name != name) continue;
    field.asked_for = true;
    return &field;
  }
  return nullptr;
}

}  // namespace pourtocol::firmware
