// Whatever code the API says is in openapi.json, as an enumeration that has all of them and no
// more.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "backend/routes/openapi.hpp"
#include "backend/routes/rapidjson.hpp"
#include "backend/routes/views.hpp"
#include "core/enumeration.hpp"
#include "protocol/codec.hpp"

namespace pourtocol::routes {
namespace {

using Names = std::set<std::string, std::less<>>;

using control::name_of;
using protocol::name_of;

/// The names of the enumerators that are `wanted`.
template <class Enum, class Wanted>
Names names_if(Wanted wanted) {
  Names names;
  for (const Enum value : enumerators<Enum>) {
    if (wanted(value)) names.emplace(name_of(value));
  }
  return names;
}

template <class Enum>
Names names_of() {
  return names_if<Enum>([](Enum) { return true; });
}

/// The names of all enumerators but one, which is never sent.
template <class Enum>
Names names_without(Enum unsent) {
  return names_if<Enum>([unsent](Enum value) { return value != unsent; });
}

Names joined(Names names, const Names& more) {
  names.insert(more.begin(), more.end());
  return names;
}

Names action_names() {
  const auto all = []<std::size_t... Index>(std::index_sequence<Index...>) {
    return Names{std::string{name_of(protocol::CalibrationAction{std::in_place_index<Index>})}...};
  };
  return all(std::make_index_sequence<std::variant_size_v<protocol::CalibrationAction>>{});
}

/// What stands in place of a purpose in the rows that belong to no pour.
Names purposes_of_acts() {
  Names names{std::string{control::purpose_of_act(control::takeover_action)}};
  for (const std::string& action : action_names()) names.emplace(control::purpose_of_act(action));
  return names;
}

bool refuses(control::AnswerCode code) {
  return status_of(code) >= 300;
}
bool refuses(control::ControlCode code) {
  return status_of(code) >= 300;
}

/// For each enumeration of the document the names that the program has.
std::map<std::string, Names> enumerations() {
  using namespace control;
  return {
      {"OrderRefusalCode", names_if<AnswerCode>([](AnswerCode code) { return refuses(code); })},
      {"ControlRefusalCode", names_if<ControlCode>([](ControlCode code) { return refuses(code); })},
      {"StopAnswerCode", names_if<ControlCode>([](ControlCode code) {
         return !refuses(code) && code != ControlCode::ok;
       })},
      {"CalibrationRefusalCode", names_if<CalibrationCode>([](CalibrationCode code) {
         return code != CalibrationCode::ok && code != CalibrationCode::refused;
       })},
      {"MachineRefusalCode", names_of<protocol::CalibrationRefusal>()},
      {"TakeoverRefusalCode", names_without(MachineCode::ok)},
      {"TapStopCode", names_of<TapStopCode>()},
      {"Cause", names_of<Cause>()},
      {"StateBefore", names_of<PourState>()},
      {"PourState", names_without(PourState::fresh)},
      {"PourPhase", names_of<PourPhase>()},
      {"EventStatus", names_of<EventStatus>()},
      {"MeasuredBy", names_without(Basis::none)},
      {"Mismatch", names_of<Mismatch>()},
      {"InterlockName", names_of<InterlockName>()},
      {"InterlockKind", names_of<InterlockKind>()},
      {"StopReason", names_of<protocol::StopReason>()},
      {"Fault", names_of<protocol::Fault>()},
      {"ResetReason", names_of<protocol::ResetReason>()},
      {"DeviceState", joined(names_of<protocol::DeviceState>(), names_without(LinkState::online))},
      {"PourPurpose", names_of<protocol::Purpose>()},
      {"RowPurpose", joined(names_of<protocol::Purpose>(), purposes_of_acts())},
      {"ServiceKind", names_of<protocol::ServiceKind>()},
      {"ProposalSource", names_of<protocol::ProposalSource>()},
      {"CalibrationActionName", action_names()},
      {"TakeoverActionName", {std::string{takeover_action}}},
  };
}

/// The enumerations of the document that are none in the program. Of the first,
/// tests/tidy/test_codes.py finds each code where it is written.
const std::set<std::string, std::less<>> of_words_alone{"RequestRefusalCode", "StoreState"};

/// Reads which names the enumerations among `components.schemas` have.
class EnumerationReader
    : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, EnumerationReader> {
 public:
  bool StartObject() {
    place_.emplace_back();
    return true;
  }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    place_.back().assign(text, size);
    return true;
  }
  bool EndObject(rapidjson::SizeType) {
    place_.pop_back();
    return true;
  }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    const bool is_name = place_.size() == 4 && place_[0] == "components" &&
                         place_[1] == "schemas" && place_[3] == "enum";
    if (!is_name) return true;
    const std::string name{text, size};
    EXPECT_TRUE(found_[place_[2]].insert(name).second) << place_[2] << " has it twice: " << name;
    return true;
  }
  [[nodiscard]] const std::map<std::string, Names>& found() const { return found_; }

 private:
  std::vector<std::string> place_;  ///< the keys on the way to what is being read
  std::map<std::string, Names> found_;
};

std::map<std::string, Names> documented() {
  const std::string_view text = openapi_document();
  rapidjson::MemoryStream stream{text.data(), text.size()};
  EnumerationReader names;
  rapidjson::Reader reader;
  EXPECT_FALSE(reader.Parse(stream, names).IsError());
  return names.found();
}

TEST(Document, ListsEveryCodeOfTheProgramAndNoOther) {
  const auto listed = documented();
  for (const auto& [schema, names] : enumerations()) {
    ASSERT_TRUE(listed.contains(schema)) << schema;
    EXPECT_EQ(listed.at(schema), names) << schema;
  }
}

TEST(Document, HasNoEnumerationThatNothingIsHeldAgainst) {
  const auto held = enumerations();
  for (const auto& [schema, names] : documented()) {
    EXPECT_NE(held.contains(schema), of_words_alone.contains(schema)) << schema;
  }
}

}  // namespace
}  // namespace pourtocol::routes
