#include "backend/routes/requests.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "backend/routes/tests/fakes.hpp"

namespace pourtocol::routes {
namespace {

WallTime moment(std::int64_t ms) {
  return WallTime{std::chrono::milliseconds{ms}};
}

using namespace std::string_view_literals;
using testing::HasSubstr;

const ServerRun this_run{.id = "cafe", .began = Instant{std::chrono::hours{1}}};

ApiError refusal_of(std::string_view body, std::optional<std::string_view> key = {}) {
  const auto wish = read_dispense(body, key, this_run);
  EXPECT_FALSE(wish.has_value()) << body;
  return wish ? ApiError{} : wish.error();
}

/// A whole order with one field written as given.
std::string order_with_amount(std::string_view amount) {
  return R"({"user_token":"ann","amount_ml":)" + std::string{amount} + "}";
}
std::string order_with_user(std::string_view user) {
  return R"({"amount_ml":30,"user_token":")" + std::string{user} + "\"}";
}

TEST(ReadDispense, TakesAWholeOrder) {
  const auto wish = read_dispense(
      R"({"amount_ml":30,"user_token":"Zoë","tap":"main","request_id":"a-1"})", {}, this_run);
  ASSERT_TRUE(wish.has_value());
  EXPECT_EQ(wish->amount_ml, 30);
  EXPECT_EQ(wish->user.view(), "Zoë");
  EXPECT_EQ(wish->tap, tap_named("main"));
  EXPECT_EQ(wish->key, id_named("a-1"));
}

TEST(ReadDispense, LeavesTheAmountsRangeToTheCoordinator) {
  const std::pair<std::string_view, std::int64_t> amounts[] = {
      {"0", 0}, {"-0", 0}, {"-1", -1}, {"61", 61}, {"9223372036854775807", INT64_MAX}};
  for (const auto& [text, amount] : amounts) {
    const auto wish = read_dispense(order_with_amount(text), {}, this_run);
    ASSERT_TRUE(wish.has_value()) << text;
    EXPECT_EQ(wish->amount_ml, amount);
  }
}

TEST(ReadDispense, TakesWholeNumbersOnly) {
  for (const auto* amount : {"30.5", "30.0", "3e1", "1e400", "\"30\"", "null", "true", "[30]",
                             "{\"ml\":30}", "NaN", "Infinity", "0x1E", "030", "+30", ""}) {
    EXPECT_EQ(refusal_of(order_with_amount(amount)).code, "bad_request") << amount;
  }
  for (const auto* amount :
       {"9223372036854775808", "18446744073709551646", "-9223372036854775809"}) {
    EXPECT_EQ(refusal_of(order_with_amount(amount)).code, "amount_out_of_range") << amount;
  }
}

TEST(ReadDispense, NamesWhatIsMissingUnknownOrDoubled) {
  EXPECT_EQ(refusal_of(R"({"user_token":"ann"})").reason, "The field \"amount_ml\" is missing.");
  EXPECT_EQ(refusal_of(R"({"amount_ml":30})").reason, "The field \"user_token\" is missing.");
  EXPECT_THAT(refusal_of(R"({"amount":30,"user_token":"ann"})").reason,
              HasSubstr("The field \"amount\" is not known here"));
  EXPECT_EQ(refusal_of(R"({"amount_ml":30,"amount_ml":60,"user_token":"ann"})").reason,
            "The field \"amount_ml\" is given twice.");
  EXPECT_EQ(refusal_of(R"({"amount_ml":30,"\u0061mount_ml":60,"user_token":"ann"})").reason,
            "The field \"amount_ml\" is given twice.");
}

TEST(ReadDispense, RefusesWhatIsNotOneObject) {
  for (const auto body :
       {""sv, "null"sv, "[30]"sv, "\"30\""sv, "30"sv, "{"sv, "{} {}"sv, "{\"amount_ml\":30,}"sv,
        "\xEF\xBB\xBF{}"sv, "{}\0{}"sv, "{\"amount_ml\":30 /* ml */}"sv}) {
    EXPECT_EQ(refusal_of(body).status, 400) << body;
  }
}

TEST(ReadDispense, SurvivesDeepNesting) {
  const std::string deep = R"({"amount_ml":)" + std::string(4000, '[') + "}";
  EXPECT_THAT(refusal_of(deep).reason, HasSubstr("must be a single value"));
  EXPECT_EQ(refusal_of(std::string(4000, '[')).status, 400);
}

TEST(ReadDispense, RefusesPeopleWithoutAPrintableName) {
  for (const auto user : {""sv, "a\\u0000b"sv, "a\\nb"sv, "\x01"sv, "\xff"sv, "\xc0\xaf"sv,
                          "\xed\xa0\x80"sv, "\\ud800"sv, "\\udc00"sv, "\\u0085"sv, "\x7f"sv}) {
    EXPECT_EQ(refusal_of(order_with_user(user)).status, 400) << user;
  }
  EXPECT_TRUE(read_dispense(order_with_user(std::string(128, 'x')), {}, this_run).has_value());
  EXPECT_EQ(refusal_of(order_with_user(std::string(129, 'x'))).status, 400);
}

TEST(ReadDispense, TakesTheKeyFromTheHeaderUnlessTheBodyContradicts) {
  const auto* plain = R"({"amount_ml":30,"user_token":"ann"})";
  const auto* with_key = R"({"amount_ml":30,"user_token":"ann","request_id":"a-1"})";
  EXPECT_EQ(read_dispense(plain, "a-1", this_run)->key, id_named("a-1"));
  EXPECT_EQ(read_dispense(with_key, "a-1", this_run)->key, id_named("a-1"));
  EXPECT_THAT(refusal_of(with_key, "a-2").reason, HasSubstr("two different keys"));
  EXPECT_EQ(refusal_of(plain, "not a key").status, 400);
  EXPECT_EQ(refusal_of(plain, "").status, 400);
}

RC_GTEST_PROP(ReadDispense, SurvivesAnyBytes, (const std::string& bytes)) {
  const auto wish = read_dispense(bytes, {}, this_run);
  if (!wish) {
    RC_ASSERT(!wish.error().reason.empty());
  }
}

RC_GTEST_PROP(ReadDispense, SurvivesADamagedOrder, ()) {
  std::string body = R"({"amount_ml":30,"user_token":"Zo\u00eb","tap":"main","request_id":"a"})";
  const auto place = *rc::gen::inRange<std::size_t>(0, body.size());
  body[place] = *rc::gen::arbitrary<char>();
  const auto wish = read_dispense(body, {}, this_run);
  if (!wish) {
    RC_ASSERT(wish.error().reason.ends_with('.'));
    RC_ASSERT(wish.error().reason.starts_with("The ") || wish.error().reason.starts_with("A "));
  }
}

TEST(ReadDispense, TakesADeadlineOfThisRunOfTheServer) {
  const auto with = [](std::string_view more) {
    return read_dispense(R"({"amount_ml":30,"user_token":"ann",)" + std::string{more} + "}", {},
                         this_run);
  };
  const auto wish = with(R"("server_id":"cafe","expires_ms":61234)");
  ASSERT_TRUE(wish.has_value());
  EXPECT_EQ(wish->deadline, this_run.began + std::chrono::milliseconds{61'234});
  const auto of_another_run = with(R"("server_id":"beef","expires_ms":61234)");
  ASSERT_TRUE(of_another_run.has_value());
  EXPECT_LT(of_another_run->deadline, this_run.began) << "it has passed";
  EXPECT_EQ(read_dispense(order_with_amount("30"), {}, this_run)->deadline, std::nullopt);
  for (const auto* bad :
       {R"("server_id":"cafe")", R"("expires_ms":61234)", R"("server_id":"cafe","expires_ms":-1)",
        R"("server_id":"cafe","expires_ms":9223372036854775807)",
        R"("server_id":"cafe","expires_ms":1.5)", R"("server_id":7,"expires_ms":1)",
        R"("server_id":"cafe","expires_ms":null)"}) {
    EXPECT_FALSE(with(bad).has_value()) << bad;
  }
}

TEST(ReadStop, KnowsThreeScopes) {
  EXPECT_TRUE(std::holds_alternative<control::AllTaps>(*read_stop("{}")));
  EXPECT_TRUE(std::holds_alternative<control::AllTaps>(*read_stop("")));
  EXPECT_EQ(std::get<TapName>(*read_stop(R"({"tap":"main"})")), tap_named("main"));
  EXPECT_EQ(std::get<RequestId>(*read_stop(R"({"request_id":"a"})")), id_named("a"));
  EXPECT_FALSE(read_stop(R"({"tap":"main","request_id":"a"})").has_value());
  EXPECT_FALSE(read_stop(R"({"tap":null})").has_value());
}

TEST(ReadResume, NamesATapAndAStop) {
  const auto read = [](std::string_view body) { return read_resume(body, this_run); };
  EXPECT_TRUE(std::holds_alternative<control::AllTaps>(read("{}")->scope));
  EXPECT_EQ(read("{}")->stop, std::nullopt);
  const auto whole = read(R"({"tap":"main","stop":7,"server_id":"cafe","expires_ms":50})");
  ASSERT_TRUE(whole.has_value());
  EXPECT_EQ(std::get<TapName>(whole->scope), tap_named("main"));
  EXPECT_EQ(whole->stop, control::StopNumber{7});
  EXPECT_EQ(whole->deadline, this_run.began + std::chrono::milliseconds{50});
  for (const auto* bad : {"", R"({"request_id":"a"})", R"({"stop":-1})", R"({"stop":"7"})",
                          R"({"stop":1.5})", R"({"stop":null})", R"({"server_id":"cafe"})"}) {
    EXPECT_FALSE(read(bad).has_value()) << bad;
  }
}

TEST(ReadLogRequest, TakesEveryFilter) {
  const auto request = read_log_request(
      "limit=10&before_id=100&after_id=5&tap=main&user=Zo%C3%AB+1&status=failed&format=json"
      "&since=1780000000&until=1780000000.5");
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->query.limit, 10U);
  EXPECT_EQ(request->query.before_id, 100);
  EXPECT_EQ(request->query.after_id, 5);
  EXPECT_EQ(request->query.tap, tap_named("main"));
  EXPECT_EQ(request->query.user, user_named("Zoë 1"));
  EXPECT_EQ(request->query.status, control::EventStatus::failed);
  EXPECT_EQ(request->query.since, moment(1'780'000'000'000));
  EXPECT_EQ(request->query.until, moment(1'780'000'000'500));
  EXPECT_EQ(request->format, LogFormat::json);
  EXPECT_FALSE(request->whole_log);
}

TEST(ReadLogRequest, TakesAMomentExactly) {
  const auto since = [](const std::string& text) {
    return read_log_request("since=" + text)->query.since;
  };
  EXPECT_EQ(since("0"), moment(0));
  EXPECT_EQ(since("1.5"), moment(1'500));
  EXPECT_EQ(since("1780000000.123"), moment(1'780'000'000'123));
  EXPECT_EQ(since("1780000000.1230000"), moment(1'780'000'000'123));
  EXPECT_EQ(since("1780000000.1230001"), moment(1'780'000'000'124)) << "not the row before it";
  EXPECT_EQ(since("1780000000.9999"), moment(1'780'000'001'000));
  EXPECT_EQ(since("999999999999"), moment(999'999'999'999'000));
}

TEST(ReadTotals, TakesAMomentOrNone) {
  EXPECT_EQ(*read_totals(""), moment(0));
  EXPECT_EQ(*read_totals("since=1780000000.25"), moment(1'780'000'000'250));
  EXPECT_THAT(read_totals("since=today").error().reason, HasSubstr("\"since\""));
  EXPECT_THAT(read_totals("until=1").error().reason, HasSubstr("\"until\""));
}

TEST(ReadLogRequest, GivesFiftyRowsButTheWholeLogAsCsv) {
  EXPECT_EQ(read_log_request("")->query.limit, 50U);
  EXPECT_TRUE(read_log_request("format=csv")->whole_log);
  const auto limited = read_log_request("format=csv&limit=7");
  EXPECT_FALSE(limited->whole_log);
  EXPECT_EQ(limited->query.limit, 7U);
}

TEST(ReadLogRequest, NamesTheParameterItRefuses) {
  for (const auto* query : {"limit=0",         "limit=1001",
                            "limit=abc",       "limit=-1",
                            "limit=1e2",       "limit=",
                            "before_id=x",     "after_id=-1",
                            "status=perhaps",  "format=xml",
                            "tap=a/b",         "since=today",
                            "since=",          "since=-1",
                            "since=1e9",       "since=1.",
                            "until=.5",        "until=1.5.5",
                            "until=0x1",       "until=+1",
                            "until=nan",       "until=1000000000000",
                            "since=1&since=2", "user=",
                            "user=%00",        "user=%FF",
                            "colour=red",      "limit=1&limit=2"}) {
    const auto request = read_log_request(query);
    ASSERT_FALSE(request.has_value()) << query;
    EXPECT_EQ(request.error().status, 400);
    const std::string_view name =
        std::string_view{query}.substr(0, std::string_view{query}.find('='));
    EXPECT_THAT(request.error().reason, HasSubstr(std::string{name})) << query;
  }
  EXPECT_FALSE(read_log_request("user=%zz").has_value());
}

}  // namespace
}  // namespace pourtocol::routes
