#include "backend/routes/views.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "backend/routes/csv.hpp"
#include "backend/routes/tests/fakes.hpp"
#include "backend/routes/utf8.hpp"

namespace pourtocol::routes {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string tap_json(const control::TapView& tap) {
  JsonText json;
  write_tap(json, tap);
  return json.finish();
}
std::string receipt_json(const control::Pour& pour) {
  JsonText json;
  write_receipt(json, pour, nullptr);
  return json.finish();
}
std::string row_json(const control::LogRow& row) {
  JsonText json;
  write_log_row(json, row);
  return json.finish();
}
std::string csv_text(std::string_view text) {
  std::string csv;
  append_csv_text(csv, text);
  return csv;
}

TEST(Views, WriteAmountsExactly) {
  EXPECT_EQ(thousandths(0), "0");
  EXPECT_EQ(thousandths(30'000), "30");
  EXPECT_EQ(thousandths(29'800), "29.8");
  EXPECT_EQ(thousandths(1), "0.001");
  EXPECT_EQ(thousandths(-500), "-0.5");
  EXPECT_EQ(thousandths(std::numeric_limits<std::int64_t>::min()), "-9223372036854775.808");
}

TEST(Views, ShowAReadyTap) {
  const std::string json = tap_json(ready_tap("main"));
  EXPECT_EQ(json,
            R"({"name":"main","drink":null,"online":true,"state":"idle","glass_present":true,)"
            R"("uptime":123,"last_pour_ml":null,"protocol":2,"tag":null,"reset_reason":null,)"
            R"("stopped":false,"stop_id":0,"faults":[],"ready":true,"blocked_by":null,"pour":null,)"
            R"("last":null})");
}

TEST(Views, TellWhatATapPours) {
  auto tap = ready_tap("main");
  tap.drink = "Gin & Tonic";
  EXPECT_THAT(tap_json(tap), HasSubstr(R"("name":"main","drink":"Gin & Tonic","online":true)"));
}

TEST(Views, ShowTheTagThatLiesOnTheReaderNow) {
  auto tap = ready_tap("main");
  const auto with = [&](bool present, std::string_view uid) {
    tap.status->nfc =
        protocol::NfcReading{.ready = true,
                             .tag_present = present,
                             .uid = decltype(protocol::NfcReading::uid)::truncated(uid)};
    return tap_json(tap);
  };
  EXPECT_THAT(with(true, "04A2247C9F6180"), HasSubstr(R"("tag":"04A2247C9F6180",)"));
  EXPECT_THAT(with(false, "04A2247C9F6180"), HasSubstr(R"("tag":null)")) << "taken away";
  for (const char* no_person : {"", "a\nb", "\xff"}) {
    EXPECT_THAT(with(true, no_person), HasSubstr(R"("tag":null)"));
  }
  tap.status->details.reset();
  EXPECT_THAT(with(true, "04A2247C9F6180"), HasSubstr(R"("tag":"04A2247C9F6180",)"));
  tap.link = control::LinkState::offline;
  EXPECT_THAT(tap_json(tap), HasSubstr(R"("tag":null)"));
}

TEST(Views, ShowNothingOfAnOfflineTapAsIfItWereNow) {
  auto tap = ready_tap("main");
  tap.link = control::LinkState::offline;
  tap.blocked = control::Block{control::Cause::offline, "Check it."};
  const std::string json = tap_json(tap);
  EXPECT_THAT(json, HasSubstr(R"("online":false,"state":"offline","glass_present":false)"));
  EXPECT_THAT(json,
              HasSubstr(R"("ready":false,"blocked_by":{"code":"offline","reason":"Check it."})"));
}

TEST(Views, ShowATapThatWasNeverReached) {
  control::TapView tap;
  tap.name = tap_named("main");
  EXPECT_THAT(tap_json(tap), HasSubstr(R"("uptime":0,"last_pour_ml":null,"protocol":null)"));
}

TEST(Views, TellWhyAMachineStarted) {
  auto tap = ready_tap("main");
  tap.status->details->reset_reason = protocol::ResetReason::brown_out;
  EXPECT_THAT(tap_json(tap), HasSubstr(R"("reset_reason":"brown_out")"));
}

TEST(Views, DoNotInventWhyAMachineOfVersion1OrOneNeverReachedStarted) {
  auto tap = ready_tap("main");
  tap.status->details.reset();
  EXPECT_THAT(tap_json(tap), HasSubstr(R"("reset_reason":null)"));
  tap.status.reset();
  EXPECT_THAT(tap_json(tap), HasSubstr(R"("reset_reason":null)"));
}

TEST(Views, ShowARunningPourAndFaults) {
  auto tap = ready_tap("main");
  tap.status->details->faults.insert(protocol::Fault::no_flow);
  tap.pour = control::PourView{.request_id = id_named("a"),
                               .user = user_named("ann"),
                               .requested = Millilitres{30},
                               .phase = control::PourPhase::accepted,
                               .delivered = Microlitres{12'300}};
  const std::string json = tap_json(tap);
  EXPECT_THAT(json, HasSubstr(R"("faults":["no_flow"])"));
  EXPECT_THAT(json, HasSubstr(R"("pour":{"request_id":"a","user_token":"ann","requested_ml":30,)"
                              R"("delivered_ml":12.3,"state":"accepted","purpose":"pour"})"));
  tap.pour->purpose = protocol::Purpose::clean;
  EXPECT_THAT(tap_json(tap), HasSubstr(R"("purpose":"clean"})"));
}

TEST(Views, ShowAReceiptWithItsInterval) {
  EXPECT_EQ(receipt_json(done_pour("wish-1")),
            R"({"request_id":"wish-1","tap":"main","user_token":"ann","amount_ml":30,)"
            R"("state":"done","final":true,"status":"success","code":"device_reported",)"
            R"("reason":"","delivered_ml":29.8,"uncertainty_ml":0.4,"ml_min":29.4,"ml_max":30.2,)"
            R"("measured_by":"meter","stop_reason":"target_reached",)"
            R"("started_at":1700000000.123,"updated_at":1700000002.5,"purpose":"pour"})");
}

TEST(Views, DoNotPassAnIntervalOffAsAMeasurement) {
  auto pour = done_pour("wish-1");
  pour.state = control::PourState::unknown;
  pour.delivery.emplace().max = Microlitres{38'500};
  EXPECT_THAT(receipt_json(pour), HasSubstr(R"("delivered_ml":null,"uncertainty_ml":null,)"
                                            R"("ml_min":0,"ml_max":38.5,"measured_by":null)"));
  pour.delivery = control::Delivery{};
  EXPECT_THAT(receipt_json(pour), HasSubstr(R"("delivered_ml":0,"uncertainty_ml":0,)"));
}

TEST(Views, SpeakOfTheFirstTapAtTheTop) {
  auto pouring = ready_tap("main");
  pouring.status->state = protocol::DeviceState::pouring;
  pouring.status->last_pour = Microlitres{30'200};
  JsonText json;
  write_status(json, {pouring, ready_tap("second")},
               {.version = 7,
                .now = WallTime{std::chrono::seconds{1'700'000'000}},
                .server_id = "f00d",
                .uptime = std::chrono::milliseconds{61'234},
                .public_url = "http://bar.example"});
  EXPECT_THAT(
      json.finish(),
      HasSubstr(R"({"server_online":true,"esp_online":true,"esp_status":{"state":"pouring",)"
                R"("glass_present":true,"uptime":123,"last_pour_ml":30.2},)"
                R"("timestamp":1700000000,"is_pouring":true,"version":7,)"
                R"("server_id":"f00d","uptime_ms":61234,)"
                R"("public_url":"http://bar.example","taps":[)"));
}

TEST(Views, WriteALogRowInTheSeedsWordsAndOurs) {
  auto row = log_row(7);
  EXPECT_EQ(row_json(row),
            R"({"id":7,"timestamp":"2023-11-14 22:13:20","timestamp_ms":1700000000123,)"
            R"("user_token":"ann","amount_ml":30,"status":"success","reason":null,"tap":"main",)"
            R"("request_id":"wish-7","outcome":"done","delivered_ml":29.8,"ml_min":29.4,)"
            R"("ml_max":30.2,"code":"device_reported","stop_reason":"target_reached",)"
            R"("purpose":"pour","action":null})");
  row.cause.reset();
  row.stop_reason.reset();
  EXPECT_THAT(row_json(row), HasSubstr(R"("code":null,"stop_reason":null,)"));
}

TEST(Views, WriteWhatBelongsToNoPourAsSuch) {
  control::LogRow row;
  row.status = control::EventStatus::success;
  row.outcome = control::outcome_of(row.status);
  row.reason = "Calibration accepted: 12.1 ml/s (was 11.8 ml/s), 3 runs.";
  row.action = "accept";
  EXPECT_THAT(row_json(row), HasSubstr(R"("amount_ml":0,"status":"success",)"));
  EXPECT_THAT(row_json(row), HasSubstr(R"("request_id":"","outcome":"done",)"));
  EXPECT_THAT(row_json(row), HasSubstr(R"("purpose":"calibration","action":"accept"})"));
  row.action = control::takeover_action;
  EXPECT_THAT(row_json(row), HasSubstr(R"("purpose":"machine","action":"adopt"})"));
}

TEST(Views, AddUpWhatEachTapPoured) {
  JsonText json;
  write_totals(json, WallTime{std::chrono::milliseconds{1'700'000'000'500}},
               {{.tap = tap_named("left"), .pours = 3, .delivered = Microlitres{89'400}},
                {.tap = tap_named("right"), .pours = 0, .delivered = {}}});
  EXPECT_EQ(json.finish(),
            R"({"since":1700000000.5,"taps":[{"tap":"left","pours":3,"delivered_ml":89.4},)"
            R"({"tap":"right","pours":0,"delivered_ml":0}]})");
}

TEST(Views, RepairTextThatIsNoUtf8) {
  auto row = log_row(7);
  row.reason = "broken \xff text";
  EXPECT_THAT(row_json(row), HasSubstr("broken \xEF\xBF\xBD text"));
}

TEST(Views, WriteDatesOfAnyCentury) {
  EXPECT_EQ(utc_text(WallTime{}), "1970-01-01 00:00:00");
  EXPECT_EQ(utc_text(WallTime{std::chrono::milliseconds{-1}}), "1969-12-31 23:59:59");
  EXPECT_EQ(utc_text(WallTime{std::chrono::seconds{4'107'542'399}}), "2100-02-28 23:59:59");
}

TEST(Views, AnswerUnderTheRightStatus) {
  using enum control::AnswerCode;
  EXPECT_EQ(status_of(pouring), 200);
  EXPECT_EQ(status_of(pending), 202);
  EXPECT_EQ(status_of(amount_out_of_range), 400);
  EXPECT_EQ(status_of(no_glass), 409);
  EXPECT_EQ(status_of(key_conflict), 422);
  EXPECT_EQ(status_of(device_refused), 502);
  EXPECT_EQ(status_of(offline), 503);
  EXPECT_EQ(status_of(no_answer), 504);
}

TEST(Csv, QuotesWhatNeedsIt) {
  EXPECT_EQ(csv_text("plain"), "plain");
  EXPECT_EQ(csv_text(R"(Zoë "Z", the 1st)"), R"("Zoë ""Z"", the 1st")");
  EXPECT_EQ(csv_text("two\nlines"), "\"two\nlines\"");
  EXPECT_EQ(csv_text(""), "");
}

TEST(Csv, DisarmsFormulas) {
  EXPECT_EQ(csv_text("=1+1"), "'=1+1");
  EXPECT_EQ(csv_text("+1"), "'+1");
  EXPECT_EQ(csv_text("-1"), "'-1");
  EXPECT_EQ(csv_text("@SUM(A1)"), "'@SUM(A1)");
  EXPECT_EQ(csv_text("\t=1"), "'\t=1");
  EXPECT_EQ(csv_text("=HYPERLINK(\"x\",\"y\")"), "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"");
}

TEST(Csv, DisarmsFormulasThatHideBehindSpacesQuotesOrASemicolon) {
  EXPECT_EQ(csv_text("  =1"), "'  =1");
  EXPECT_EQ(csv_text("\"=1"), "\"'\"\"=1\"");
  EXPECT_EQ(csv_text("ann;=1;b; -2"), "ann;'=1;b;' -2");
  EXPECT_EQ(csv_text("\n=1"), "\"'\n=1\"");
  EXPECT_EQ(csv_text("\"\r=1"), "\"'\"\"\r=1\"");
  EXPECT_EQ(csv_text("＝1"), "'＝1");
  EXPECT_EQ(csv_text("a=1; b-2, c@d"), "\"a=1; b-2, c@d\"") << "in the middle they mean nothing";
}

TEST(Csv, HasAsManyFieldsAsNames) {
  std::string csv;
  append_csv_row(csv, log_row(7));
  const auto commas = [](std::string_view text) { return std::ranges::count(text, ','); };
  EXPECT_EQ(commas(csv), commas(csv_header()));
  EXPECT_EQ(csv,
            "7,2023-11-14 22:13:20,1700000000123,ann,30,success,,main,wish-7,done,29.8,29.4,"
            "30.2,device_reported,target_reached,pour,,UTC\r\n");
}

TEST(Utf8, TellsWellFormedFromNot) {
  EXPECT_TRUE(is_utf8("Zoë 🍹"));
  for (const auto* bad : {"\x80", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff"}) {
    EXPECT_FALSE(is_utf8(bad)) << bad;
  }
  EXPECT_FALSE(is_printable_utf8("a\x7f"));
  EXPECT_FALSE(is_printable_utf8("\xc2\x85"));
  EXPECT_EQ(repaired_utf8("a\xc3"), "a\xEF\xBF\xBD");
  EXPECT_EQ(repaired_utf8("a\tb"), "a\tb");
  EXPECT_EQ(printable_utf8("Zo\xc3\xab\t\x7f\xc2\x85\xff"),
            "Zo\xc3\xab\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Utf8, TellsANameThatShowsNothing) {
  EXPECT_TRUE(has_visible_sign("ada"));
  EXPECT_TRUE(has_visible_sign(" \u200b.\u200b"));
  EXPECT_TRUE(has_visible_sign("\U0001F469\u200d\U0001F373"));
  EXPECT_FALSE(has_visible_sign(""));
  EXPECT_FALSE(has_visible_sign(" \u00a0\u3000"));
  EXPECT_FALSE(has_visible_sign("\u200b\u200d\u2060\ufeff"));
  EXPECT_FALSE(has_visible_sign("\u115f\u1160\u3164\uffa0"));
  EXPECT_FALSE(has_visible_sign("\u2800"));
  EXPECT_FALSE(has_visible_sign("\U000E0041\U000E007F\ufe0f"));
}

}  // namespace
}  // namespace pourtocol::routes
