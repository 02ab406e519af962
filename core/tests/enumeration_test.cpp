#include "core/enumeration.hpp"

#include <gtest/gtest.h>

namespace pourtocol {
namespace {

enum class Colour : std::uint8_t { red, green, blue };
enum class Weekday : std::uint8_t { monday = 1, tuesday = 2, sunday = 3 };
enum class Nothing : std::uint8_t {};

TEST(Enumeration, KnowsHowManyEnumeratorsItHas) {
  EXPECT_EQ(enumerator_count<Colour>, 3U);
  EXPECT_EQ((enumerator_count<Weekday, Weekday::monday>), 3U);
  EXPECT_EQ(enumerator_count<Nothing>, 0U);
}

TEST(Enumeration, ListsItsEnumeratorsInTheirOrder) {
  EXPECT_EQ(enumerators<Colour>, (std::array{Colour::red, Colour::green, Colour::blue}));
  EXPECT_EQ((enumerators<Weekday, Weekday::monday>),
            (std::array{Weekday::monday, Weekday::tuesday, Weekday::sunday}));
}

TEST(Enumeration, TellsTheNumberOfAnEnumeratorFromAnyOther) {
  EXPECT_TRUE(numbers_enumerator<Colour>(0));
  EXPECT_TRUE(numbers_enumerator<Colour>(2));
  EXPECT_FALSE(numbers_enumerator<Colour>(3));
  EXPECT_FALSE((numbers_enumerator<Weekday, Weekday::monday>(0)));
  EXPECT_TRUE((numbers_enumerator<Weekday, Weekday::monday>(1)));
  EXPECT_TRUE((numbers_enumerator<Weekday, Weekday::monday>(3)));
  EXPECT_FALSE((numbers_enumerator<Weekday, Weekday::monday>(4)));
  EXPECT_FALSE(numbers_enumerator<Nothing>(0));
}

}  // namespace
}  // namespace pourtocol
