// Each value that a pour may have is shown by its name, wherever it is shown. That openapi.json has
// the name too is document_test.cpp's part.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "backend/routes/rapidjson.hpp"
#include "backend/routes/tests/fakes.hpp"
#include "backend/routes/views.hpp"
#include "core/enumeration.hpp"
#include "protocol/codec.hpp"

namespace pourtocol::routes {
namespace {

using control::Basis;
using control::Cause;
using control::PourState;
using protocol::Purpose;
using protocol::StopReason;

/// Every text of a JSON text by its path: "/history/0/code". Null is the text "null".
class Texts : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Texts> {
 public:
  explicit Texts(std::string_view json) {
    rapidjson::MemoryStream stream{json.data(), json.size()};
    rapidjson::Reader reader;
    EXPECT_FALSE(reader.Parse(stream, *this).IsError()) << json;
  }

  /// "nothing" where no text stands.
  [[nodiscard]] std::string at(const std::string& path) const {
    const auto found = texts_.find(path);
    return found == texts_.end() ? "nothing" : found->second;
  }

  bool String(const char* text, rapidjson::SizeType size, bool) { return put({text, size}); }
  bool Null() { return put("null"); }
  bool Default() { return enter() && leave(); }
  bool StartObject() { return enter(); }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    open_.back() = {.name = std::string{text, size}, .next = 0, .counts = false};
    return true;
  }
  bool EndObject(rapidjson::SizeType) { return leave(); }
  bool StartArray() {
    enter();
    open_.back().counts = true;
    return true;
  }
  bool EndArray(rapidjson::SizeType) { return leave(); }

 private:
  /// What is open: of an object its field at hand, of an array the number of its next element.
  struct Level {
    std::string name;
    std::size_t next = 0;
    bool counts = false;
  };

  bool enter() {
    if (!open_.empty() && open_.back().counts) {
      open_.back().name = std::to_string(open_.back().next++);
    }
    open_.emplace_back();
    return true;
  }
  bool leave() {
    open_.pop_back();
    return true;
  }
  bool put(std::string_view text) {
    enter();
    leave();
    std::string path;
    for (const Level& level : open_) path += "/" + level.name;
    texts_.insert_or_assign(path, std::string{text});
    return true;
  }

  std::vector<Level> open_;
  std::map<std::string, std::string> texts_;
};

std::string field_of(const std::string& json, const std::string& name) {
  return Texts{json}.at("/" + name);
}

std::string receipt_of(const control::Pour& pour,
                       const std::vector<control::HistoryStep>* history = nullptr) {
  JsonText json;
  write_receipt(json, pour, history);
  return json.finish();
}

std::string row_of(const control::LogRow& row) {
  JsonText json;
  write_log_row(json, row);
  return json.finish();
}

TEST(ShownNames, OfEachStopReasonAreThoseItIsReadBackBy) {
  for (const StopReason reason : enumerators<StopReason>) {
    auto pour = done_pour("a");
    pour.stop_reason = reason;
    auto row = log_row(1);
    row.stop_reason = reason;
    const std::string shown = field_of(receipt_of(pour), "stop_reason");
    EXPECT_EQ(protocol::stop_reason_named(shown), reason);
    EXPECT_EQ(field_of(row_of(row), "stop_reason"), shown);
  }
}

TEST(ShownNames, OfEachCauseAreThoseItIsReadBackBy) {
  for (const Cause cause : enumerators<Cause>) {
    auto pour = done_pour("a");
    pour.cause = cause;
    auto row = log_row(1);
    row.cause = cause;
    const std::string shown = field_of(receipt_of(pour), "code");
    EXPECT_EQ(control::cause_named(shown), cause);
    EXPECT_EQ(field_of(row_of(row), "code"), shown);
    std::vector<control::HistoryStep> history(1);
    history[0].cause = cause;
    EXPECT_EQ(field_of(receipt_of(pour, &history), "history/0/code"), shown);
  }
}

TEST(ShownNames, OfEachStateAreThoseItIsReadBackBy) {
  for (const PourState state : enumerators<PourState>) {
    auto pour = done_pour("a");
    pour.state = state;
    auto row = log_row(1);
    row.outcome = state;
    const std::string shown = field_of(receipt_of(pour), "state");
    EXPECT_EQ(control::pour_state_named(shown), state);
    EXPECT_EQ(field_of(row_of(row), "outcome"), shown);
    std::vector<control::HistoryStep> history(1);
    history[0].from = history[0].to = state;
    EXPECT_EQ(field_of(receipt_of(pour, &history), "history/0/from"), shown);
    EXPECT_EQ(field_of(receipt_of(pour, &history), "history/0/to"), shown);
  }
}

TEST(ShownNames, OfEachMeasurementAreThoseItIsReadBackBy) {
  for (const Basis basis : enumerators<Basis>) {
    auto pour = done_pour("a");
    pour.delivery->basis = basis;
    const std::string shown = field_of(receipt_of(pour), "measured_by");
    if (basis == Basis::none) {
      EXPECT_EQ(shown, "null") << "nobody measured";
      continue;
    }
    EXPECT_EQ(control::basis_named(shown), basis);
  }
}

TEST(ShownNames, OfEachPurposeAreThoseItIsReadBackBy) {
  for (const Purpose purpose : enumerators<Purpose>) {
    auto pour = done_pour("a");
    pour.purpose = purpose;
    auto row = log_row(1);
    row.purpose = purpose;
    const std::string shown = field_of(receipt_of(pour), "purpose");
    EXPECT_EQ(protocol::purpose_named(shown), purpose);
    EXPECT_EQ(field_of(row_of(row), "purpose"), shown);
  }
}

}  // namespace
}  // namespace pourtocol::routes
