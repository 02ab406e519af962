#include "core/units.hpp"

#include <gtest/gtest.h>

namespace pourtocol {
namespace {

using namespace literals;
using namespace std::chrono_literals;

TEST(Units, MillilitresAreAThousandMicrolitres) {
  EXPECT_EQ((30_ml).to_microlitres(), 30'000_ul);
}

TEST(FlowRate, TellsVolumeAndTimeOfEachOther) {
  const FlowRate flow{20'000};
  EXPECT_EQ(flow.over(1'500ms), 30'000_ul);
  EXPECT_EQ(flow.time_for(30'000_ul), 1'500ms);
}

TEST(FlowRate, RoundsTimeUpSoThatNothingIsCutShort) {
  EXPECT_EQ(FlowRate{3}.time_for(1_ul), Duration{333'334});
}

TEST(Units, PermilleAddsAShare) {
  EXPECT_EQ(permille(60'000_ul, 1'050), 63'000_ul);
}

}  // namespace
}  // namespace pourtocol
