// Reads what a dispenser answers to an order or about its calibration, and decides whether it is
// wholly a yes, wholly a no, or unclear.
#include <array>

#include "protocol/codec.hpp"
#include "protocol/fields.hpp"

namespace pourtocol::protocol {

namespace {

using namespace detail;

enum class AnswerField : std::uint8_t { ok, request_id, repeated, error, message };
constexpr std::array<std::string_view, 5> answer_fields{"ok", "request_id", "repeated", "error",
                                                        "message"};

class AnswerSink final : public Sink {
 public:
  explicit AnswerSink(const RequestId& id) noexcept : id_{id} {}

  [[nodiscard]] std::optional<bool> ok() const noexcept { return ok_; }
  [[nodiscard]] bool names_another() const noexcept { return names_another_; }
  [[nodiscard]] bool repeated() const noexcept { return repeated_; }

  /// An `OrderRejected` or a `CalibrationRefused`.
  template <class Rejection>
  [[nodiscard]] Rejection rejection() const noexcept {
    Rejection rejected;
    using Code = decltype(rejected.refusal);
    if (const auto refusal = from_name<Code>(error_.view())) rejected.refusal = *refusal;
    // A device of version 1 has only its `error`, in its own words.
    rejected.text = message_.empty() ? error_ : message_;
    return rejected;
  }

  Place value(Place, std::string_view key, const Value& value) noexcept override {
    const auto field = fields_.find(key);
    if (!field) return Place::skipped;
    if (fields_.met(*field)) {
      complain(sentence({key, " is given twice"}));
      return Place::skipped;
    }
    fields_.meet(*field);
    switch (*field) {
      case AnswerField::ok:
        ok_ = value.kind == Value::Kind::yes;
        break;
      case AnswerField::request_id:
        names_another_ = value.kind != Value::Kind::text || value.text != id_.view();
        break;
      case AnswerField::repeated:
        repeated_ = value.kind == Value::Kind::yes;
        break;
      case AnswerField::error:
        error_ = words(value);
        break;
      case AnswerField::message:
        message_ = words(value);
        break;
    }
    return Place::skipped;
  }

  void left(Place) noexcept override {}

 private:
  static RefusalText words(const Value& value) noexcept {
    if (value.kind != Value::Kind::text) return {};
    return RefusalText::truncated(cut_at_character(value.text, RefusalText::capacity));
  }

  const RequestId& id_;
  FieldSet<AnswerField, answer_fields.size()> fields_{answer_fields};
  std::optional<bool> ok_;
  bool names_another_ = false;
  bool repeated_ = false;
  RefusalText error_;
  RefusalText message_;
};

bool is_blank(std::string_view body) noexcept {
  return body.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

OrderAnswer read_order_answer(int http_status, std::string_view body,
                              const RequestId& id) noexcept {
  const int hundreds = http_status / 100;
  if (hundreds == 5) return UnclearAnswer::server_error;
  if (hundreds != 2 && hundreds != 4) return UnclearAnswer::not_the_contract;

  AnswerSink sink{id};
  if (!is_blank(body)) {
    std::array<char, body_bytes_max> scratch;
    if (walk_object(body, scratch, sink)) return UnclearAnswer::not_the_contract;
  }
  if (sink.names_another()) return UnclearAnswer::wrong_request_id;
  // A body that contradicts its status proves nothing.
  const bool yes = hundreds == 2;
  if (sink.ok().value_or(yes) != yes) return UnclearAnswer::not_the_contract;
  if (yes) return OrderAccepted{sink.repeated()};
  return sink.rejection<OrderRejected>();
}

CalibrationReading read_calibration_answer(int http_status, std::string_view body) noexcept {
  const int hundreds = http_status / 100;
  if (hundreds == 5) return UnclearAnswer::server_error;
  if (http_status == 200) {
    const auto report = decode_calibration(body);
    if (!report) return UnclearAnswer::not_the_contract;
    return *report;
  }
  if (hundreds != 4) return UnclearAnswer::not_the_contract;
  const RequestId none;
  AnswerSink sink{none};
  if (!is_blank(body)) {
    std::array<char, body_bytes_max> scratch;
    if (walk_object(body, scratch, sink)) return UnclearAnswer::not_the_contract;
  }
  return sink.rejection<CalibrationRefused>();
}

}  // namespace pourtocol::protocol
