#include "firmware/esp32/portable/form.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace pourtocol::board {
namespace {

std::string value(std::string_view form, std::string_view name, std::size_t room = 32) {
  std::string space(room, '#');
  const auto found = form_value(form, name, space);
  if (found) return std::string{*found};
  switch (found.error()) {
    case FormFault::missing:
      return "(missing)";
    case FormFault::malformed:
      return "(malformed)";
    case FormFault::too_long:
      return "(too long)";
  }
  return "(?)";
}

TEST(Form, FindsAFieldWhereverItStands) {
  EXPECT_EQ(value("a=1&b=2&c=3", "a"), "1");
  EXPECT_EQ(value("a=1&b=2&c=3", "b"), "2");
  EXPECT_EQ(value("a=1&b=2&c=3", "c"), "3");
}

TEST(Form, TakesAFieldByItsWholeName) {
  EXPECT_EQ(value("xa=1&ax=2", "a"), "(missing)");
  EXPECT_EQ(value("", "a"), "(missing)");
  EXPECT_EQ(value("&&=&", "a"), "(missing)");
}

TEST(Form, KnowsAnEmptyValueFromNone) {
  EXPECT_EQ(value("a=&b=1", "a"), "");
  EXPECT_EQ(value("a&b=1", "a"), "");
}

TEST(Form, DecodesWhatBrowsersEscape) {
  EXPECT_EQ(value("a=Caf%C3%A9+%26+Bar%2b%3D", "a"), "Caf\xC3\xA9 & Bar+=");
  EXPECT_EQ(value("a=1=2", "a"), "1=2");
}

TEST(Form, RefusesEscapesWithoutDigits) {
  for (const auto* form : {"a=%", "a=%4", "a=%4&b=", "a=%g1", "a=%1g"}) {
    EXPECT_EQ(value(form, "a"), "(malformed)") << form;
  }
}

TEST(Form, NeverWritesBeyondItsRoom) {
  EXPECT_EQ(value("a=1234", "a", 4), "1234");
  EXPECT_EQ(value("a=12345", "a", 4), "(too long)");
  EXPECT_EQ(value("a=%31%32%33%34%35", "a", 4), "(too long)");
}

TEST(Form, EscapesWhatWouldBeMarkup) {
  std::array<char, 96> space{};
  EXPECT_EQ(html_escaped(R"(<a href="x">'&')", space),
            "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;");
  EXPECT_EQ(html_escaped("Caf\xC3\xA9", space), "Caf\xC3\xA9");
}

}  // namespace
}  // namespace pourtocol::board
