// What a host asks of a machine, as it comes over HTTP and as it is answered.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "backend/routes/service_requests.hpp"
#include "backend/routes/tests/fakes.hpp"
#include "protocol/codec.hpp"

namespace pourtocol::routes {
namespace {

using protocol::Purpose;
using testing::HasSubstr;

const ServerRun this_run{.id = "cafe", .began = Instant{std::chrono::hours{1}}};

Checked<control::DispenseRequest> service(std::string_view body) {
  return read_service(body, std::nullopt, tap_named("main"), this_run);
}
std::string complaint_of(std::string_view body) {
  const auto read = service(body);
  return read ? "" : read.error().reason;
}
Checked<control::CalibrationRequest> action(std::string_view body) {
  return read_calibration_action(body, tap_named("main"), this_run);
}
std::string complaint_of_action(std::string_view body) {
  const auto read = action(body);
  return read ? "" : read.error().reason;
}

TEST(ServiceRequest, GoesToAnAmountOrForATime) {
  const auto cup = service(R"({"kind":"calibrate","amount_ml":100,"user_token":"host"})");
  ASSERT_TRUE(cup) << cup.error().reason;
  EXPECT_EQ(cup->purpose, Purpose::calibrate);
  EXPECT_EQ(cup->amount_ml, 100);
  EXPECT_EQ(cup->run_time.count(), 0);
  EXPECT_EQ(cup->portions, 1);
  EXPECT_EQ(cup->tap, tap_named("main"));
  EXPECT_EQ(cup->user, user_named("host"));
  const auto wash = service(
      R"({"kind":"clean","seconds":30.5,"confirm":true,"user_token":"host","request_id":"w"})");
  ASSERT_TRUE(wash) << wash.error().reason;
  EXPECT_EQ(wash->purpose, Purpose::clean);
  EXPECT_EQ(wash->amount_ml, 0);
  EXPECT_EQ(wash->run_time.count(), 30'500);
  EXPECT_EQ(wash->key, id_named("w"));
}

TEST(ServiceRequest, AddsItsPortionsUp) {
  const auto cup =
      service(R"({"kind":"calibrate","amount_ml":15,"portions":8,"user_token":"host"})");
  ASSERT_TRUE(cup) << cup.error().reason;
  EXPECT_EQ(cup->amount_ml, 120);
  EXPECT_EQ(cup->portions, 8);
}

TEST(ServiceRequest, MakesNoRunTheMachineWouldNotTake) {
  int readable = 0;
  for (const std::string kind : {"calibrate", "prime", "clean", "empty_line"}) {
    for (const std::string extent :
         {R"("amount_ml":1)", R"("amount_ml":200)", R"("amount_ml":25,"portions":8)",
          R"("seconds":0.5)", R"("seconds":1)", R"("seconds":20)", R"("seconds":60)"}) {
      const auto read =
          service(R"({"user_token":"h","confirm":true,"kind":")" + kind + "\"," + extent + "}");
      if (!read) continue;
      control::Pour pour;
      pour.amount_ml = read->amount_ml;
      pour.purpose = read->purpose;
      pour.run_time = read->run_time;
      pour.portions = read->portions;
      EXPECT_TRUE(control::is_possible(pour)) << kind << " " << extent;
      ++readable;
    }
  }
  EXPECT_EQ(readable, 17);
}

TEST(ServiceRequest, IsReadStrictly) {
  EXPECT_THAT(complaint_of(R"({"kind":"pour","amount_ml":1,"user_token":"h"})"),
              HasSubstr("must be calibrate, prime, clean or empty_line"));
  EXPECT_THAT(complaint_of(R"({"amount_ml":1,"user_token":"h"})"),
              HasSubstr("\"kind\" is missing"));
  EXPECT_THAT(complaint_of(R"({"kind":"calibrate","amount_ml":1})"),
              HasSubstr("\"user_token\" is missing"));
  EXPECT_THAT(complaint_of(R"({"kind":"calibrate","user_token":"h"})"),
              HasSubstr("one of the two"));
  EXPECT_THAT(complaint_of(R"({"kind":"calibrate","amount_ml":1,"seconds":1,"user_token":"h"})"),
              HasSubstr("one of the two"));
  EXPECT_THAT(complaint_of(R"({"kind":"calibrate","amount_ml":201,"user_token":"h"})"),
              HasSubstr("must be 1 to 200."));
  EXPECT_THAT(complaint_of(R"({"kind":"calibrate","amount_ml":101,"portions":2,"user_token":"h"})"),
              HasSubstr("must be 1 to 100"));
  EXPECT_THAT(
      complaint_of(
          R"({"kind":"prime","amount_ml":10,"portions":2,"confirm":true,"user_token":"h"})"),
      HasSubstr("calibrate only"));
  EXPECT_THAT(complaint_of(R"({"kind":"calibrate","seconds":1,"portions":2,"user_token":"h"})"),
              HasSubstr("goes with \"amount_ml\" only"));
  EXPECT_THAT(complaint_of(R"({"kind":"clean","amount_ml":1,"user_token":"h","confirm":true})"),
              HasSubstr("goes by \"seconds\""));
  EXPECT_THAT(complaint_of(R"({"kind":"calibrate","seconds":20.001,"user_token":"h"})"),
              HasSubstr("must be 0.5 to 20"));
  EXPECT_THAT(complaint_of(R"({"kind":"clean","seconds":0.999,"user_token":"h","confirm":true})"),
              HasSubstr("must be 1 to 60"));
  for (const std::string number : {"-1", "1e1", "\"1\"", "1.2345", "null", "9999999999999"}) {
    EXPECT_THAT(complaint_of(R"({"kind":"calibrate","user_token":"h","seconds":)" + number + "}"),
                HasSubstr("must be a number with at most three decimals"))
        << number;
  }
}

TEST(ServiceRequest, NeedsAConfirmationWhereWhatComesIsNotMeasured) {
  for (const std::string confirm : {"", R"(,"confirm":false)"}) {
    for (const std::string kind : {"prime", "clean", "empty_line"}) {
      const auto read =
          service(R"({"seconds":5,"user_token":"h","kind":")" + kind + '"' + confirm + "}");
      ASSERT_FALSE(read) << kind;
      EXPECT_EQ(read.error().code, "confirm_needed");
    }
  }
  EXPECT_THAT(complaint_of(R"({"kind":"prime","seconds":5,"user_token":"h","confirm":"yes"})"),
              HasSubstr("must be true or false"));
}

TEST(CalibrationRequest, NamesEachAction) {
  for (const std::string name :
       {"accept", "discard", "new_bottle", "bottle_empty", "clear_faults"}) {
    const auto read = action(R"({"user_token":"host","action":")" + name + "\"}");
    ASSERT_TRUE(read) << read.error().reason;
    EXPECT_EQ(protocol::name_of(*read->action), name);
  }
  const auto measured =
      action(R"({"user_token":"host","action":"measured","request_id":"c1","measured_ml":101.5})");
  ASSERT_TRUE(measured) << measured.error().reason;
  EXPECT_EQ(
      *measured->action,
      (protocol::CalibrationAction{protocol::MeasuredRun{id_named("c1"), Microlitres{101'500}}}));
  const auto dropped = action(R"({"user_token":"host","action":"drop_run","request_id":"c1"})");
  ASSERT_TRUE(dropped) << dropped.error().reason;
  EXPECT_EQ(protocol::name_of(*dropped->action), "drop_run");
}

TEST(ServiceRequest, MayHaveADeadlineAsAnOrderHas) {
  const auto run = service(
      R"({"kind":"calibrate","amount_ml":9,"user_token":"h","server_id":"cafe","expires_ms":50})");
  ASSERT_TRUE(run) << run.error().reason;
  EXPECT_EQ(run->deadline, this_run.began + std::chrono::milliseconds{50});
  const auto act =
      action(R"({"action":"accept","user_token":"h","server_id":"cafe","expires_ms":50})");
  ASSERT_TRUE(act) << act.error().reason;
  EXPECT_EQ(act->deadline, this_run.began + std::chrono::milliseconds{50});
  EXPECT_THAT(complaint_of_action(R"({"action":"accept","user_token":"h","expires_ms":50})"),
              HasSubstr("\"server_id\""));
}

TEST(CalibrationRequest, NamesWhatTheHostHasSeen) {
  const auto seen = action(
      R"({"action":"clear_faults","user_token":"h","act_id":7,"faults":"no_flow,too_fast"})");
  ASSERT_TRUE(seen) << seen.error().reason;
  EXPECT_EQ(seen->act, 7);
  protocol::FaultSet faults;
  faults.insert(protocol::Fault::no_flow);
  faults.insert(protocol::Fault::too_fast);
  EXPECT_EQ(seen->faults, faults);
  const auto none = action(R"({"action":"clear_faults","user_token":"h","faults":""})");
  ASSERT_TRUE(none) << none.error().reason;
  EXPECT_EQ(none->faults, protocol::FaultSet{});
  const auto blind = action(R"({"action":"clear_faults","user_token":"h"})");
  ASSERT_TRUE(blind) << blind.error().reason;
  EXPECT_EQ(blind->act, std::nullopt);
  EXPECT_EQ(blind->faults, std::nullopt);
  for (const char* bad : {R"("")", "-1", "1.5", "null", "[7]"}) {
    EXPECT_THAT(complaint_of_action(
                    std::string{R"({"action":"accept","user_token":"h","act_id":)"} + bad + "}"),
                HasSubstr("act_id"))
        << bad;
  }
  for (const char* bad : {"no_flow,", ",no_flow", "no_flow no_flow", "NO_FLOW", ","}) {
    EXPECT_THAT(
        complaint_of_action(std::string{R"({"action":"clear_faults","user_token":"h","faults":")"} +
                            bad + "\"}"),
        HasSubstr("with commas between"))
        << bad;
  }
  EXPECT_THAT(complaint_of_action(R"({"action":"accept","user_token":"h","faults":"no_flow"})"),
              HasSubstr("clear_faults only"));
}

TEST(Takeover, NamesTheMachineThatIsMeantOrNone) {
  const auto named = read_takeover(
      R"({"action":"adopt","machine_id":"0000240ac4123456","user_token":"h","server_id":"cafe",)"
      R"("expires_ms":50})",
      tap_named("main"), this_run);
  ASSERT_TRUE(named) << named.error().reason;
  EXPECT_EQ(named->machine, MachineId{0x0000'240a'c412'3456});
  EXPECT_EQ(named->user, user_named("h"));
  EXPECT_EQ(named->deadline, this_run.began + std::chrono::milliseconds{50});
  const auto silent = read_takeover(R"({"action":"adopt"})", tap_named("main"), this_run);
  ASSERT_TRUE(silent) << silent.error().reason;
  EXPECT_EQ(silent->machine, std::nullopt);
  EXPECT_EQ(silent->tap, tap_named("main"));
}

TEST(Takeover, IsReadStrictly) {
  const auto complaint = [](std::string_view body) {
    const auto read = read_takeover(body, tap_named("main"), this_run);
    return read ? std::string{} : read.error().reason;
  };
  EXPECT_THAT(complaint("{}"), HasSubstr("must be adopt"));
  EXPECT_THAT(complaint(R"({"action":"steal"})"), HasSubstr("must be adopt"));
  EXPECT_THAT(complaint(R"({"action":"adopt","machine":"0000240ac4123456"})"),
              HasSubstr("machine"));
  for (const char* bad : {R"("")", R"("7")", R"("0000240AC4123456")", "7", "[]"}) {
    EXPECT_THAT(complaint(std::string{R"({"action":"adopt","machine_id":)"} + bad + "}"),
                HasSubstr("machine_id"))
        << bad;
  }
}

TEST(CalibrationRequest, IsReadStrictly) {
  EXPECT_THAT(complaint_of_action(R"({"user_token":"h"})"), HasSubstr("\"action\" is missing"));
  EXPECT_THAT(complaint_of_action(R"({"action":"accept"})"),
              HasSubstr("\"user_token\" is missing"));
  EXPECT_THAT(complaint_of_action(R"({"action":"guess","user_token":"h"})"),
              HasSubstr("must be measured, drop_run"));
  EXPECT_THAT(complaint_of_action(R"({"action":"measured","user_token":"h","measured_ml":5})"),
              HasSubstr("which run is meant"));
  EXPECT_THAT(complaint_of_action(R"({"action":"measured","user_token":"h","request_id":"c"})"),
              HasSubstr("\"measured_ml\" is missing"));
  EXPECT_THAT(
      complaint_of_action(
          R"({"action":"measured","user_token":"h","request_id":"c","measured_ml":300.001})"),
      HasSubstr("must be 0 to 300"));
  EXPECT_THAT(complaint_of_action(R"({"action":"accept","user_token":"h","measured_ml":5})"),
              HasSubstr("measured only"));
  EXPECT_THAT(complaint_of_action(R"({"action":"accept","user_token":"h","request_id":"c"})"),
              HasSubstr("measured and drop_run only"));
}

}  // namespace
}  // namespace pourtocol::routes
