#include "http/target.hpp"

#include <gtest/gtest.h>

namespace pourtocol::http {
namespace {

TEST(Target, DecodesPercentAndPlus) {
  EXPECT_EQ(percent_decode("a%20b+c", true), "a b c");
  EXPECT_EQ(percent_decode("a+b", false), "a+b");
  EXPECT_EQ(percent_decode("%c3%A4", true), "ä");
}

TEST(Target, RefusesBrokenPercentEncoding) {
  for (const auto* broken : {"%", "%2", "%zz", "abc%4"}) {
    EXPECT_EQ(percent_decode(broken, true), std::nullopt) << broken;
  }
}

TEST(Target, KeepsDoubledParametersInOrder) {
  const auto parameters = parse_query("a=1&&b&a=2&c=x%26y");
  ASSERT_TRUE(parameters.has_value());
  ASSERT_EQ(parameters->size(), 4U);
  EXPECT_EQ((*parameters)[0].value, "1");
  EXPECT_EQ((*parameters)[1].name, "b");
  EXPECT_EQ((*parameters)[2].value, "2");
  EXPECT_EQ((*parameters)[3].value, "x&y");
}

TEST(Target, FindsTheFirstValueOfAName) {
  EXPECT_EQ(query_value("after=7&wait_ms=1000", "wait_ms"), "1000");
  EXPECT_EQ(query_value("after=7", "wait_ms"), std::nullopt);
  EXPECT_EQ(query_value("after=%", "after"), std::nullopt);
}

}  // namespace
}  // namespace pourtocol::http
