// STOP ALL for a browser without scripts.
#include "backend/routes/stop_page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backend/routes/tests/fakes.hpp"

namespace pourtocol::routes {
namespace {

using control::ControlCode;
using control::TapStopCode;
using testing::HasSubstr;
using testing::Not;

control::StopAnswer answer_of(TapStopCode gin, TapStopCode rum,
                              ControlCode code = ControlCode::ok) {
  control::StopAnswer answer;
  answer.code = code;
  answer.taps = {{tap_named("gin"), gin}, {tap_named("rum"), rum}};
  return answer;
}

TEST(StopPage, SpeaksTheFirstLanguageItKnows) {
  EXPECT_EQ(page_language("de-AT,de;q=0.9,en;q=0.8"), PageLanguage::german);
  EXPECT_EQ(page_language("fr, DE;q=0.7, en;q=0.3"), PageLanguage::german);
  EXPECT_EQ(page_language("en-GB,de"), PageLanguage::english);
  EXPECT_EQ(page_language("den, nd"), PageLanguage::english);
  EXPECT_EQ(page_language(",;,"), PageLanguage::english);
  EXPECT_EQ(page_language(""), PageLanguage::english);
}

TEST(StopPage, HasOneButtonThatNeedsNoScript) {
  const http::Response page = stop_page(PageLanguage::english);
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, HasSubstr(R"(<form method="post" action="/stop"><button>Stop all</)"));
  EXPECT_THAT(page.body, Not(HasSubstr("<script")));
}

TEST(StopPage, SaysThatAllHasStopped) {
  const auto page = stopped_page(answer_of(TapStopCode::stopped, TapStopCode::not_pouring),
                                 PageLanguage::english);
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, HasSubstr("<h1>Every tap is stopped.</h1>"));
  EXPECT_THAT(page.body, HasSubstr("<li>gin: The pump is off.</li>"));
  EXPECT_THAT(page.body, HasSubstr("<li>rum: It was not pouring.</li>"));
  EXPECT_THAT(page.body, HasSubstr("<button>Stop again</button>"));
}

TEST(StopPage, NamesTheMachineThatMayStillPour) {
  for (const auto code : {TapStopCode::no_answer, TapStopCode::cannot_stop}) {
    const auto page = stopped_page(answer_of(TapStopCode::stopped, code), PageLanguage::german);
    EXPECT_THAT(page.body, HasSubstr("<h1>Nicht alles hat gestoppt.</h1>"));
    EXPECT_THAT(page.body, HasSubstr("<li class=\"bad\">rum: "));
    EXPECT_THAT(page.body, HasSubstr("Glas wegnehmen"));
  }
}

TEST(StopPage, SaysWhichPumpsAreOffEvenWhenTheLogFails) {
  const auto page =
      stopped_page(answer_of(TapStopCode::stopped, TapStopCode::stopped, ControlCode::store_failed),
                   PageLanguage::english);
  EXPECT_EQ(page.status, 503);
  EXPECT_THAT(page.body, HasSubstr("the log cannot be written"));
  EXPECT_THAT(page.body, HasSubstr("gin: The pump is off."));
}

TEST(StopPage, QuotesWhatItWasSentAsText) {
  const ApiError error{421, "unknown_host", R"(It is not "<b>&'".)"};
  const auto page = stop_refused_page(error, PageLanguage::english);
  EXPECT_EQ(page.status, 421);
  EXPECT_THAT(page.body, HasSubstr("It is not &quot;&lt;b&gt;&amp;'&quot;."));
  EXPECT_THAT(page.body, HasSubstr("lift the glass or pull its plug"));
}

}  // namespace
}  // namespace pourtocol::routes
