#include "firmware/simulator/device_api.hpp"

#include <gtest/gtest.h>

#include <span>
#include <string>

#include "firmware/simulator/tests/requests.hpp"
#include "protocol/codec.hpp"

namespace pourtocol::firmware {
namespace {

using namespace testing;
using namespace std::chrono_literals;

template <int Protocol>
class DeviceApiTest : public ::testing::Test {
 protected:
  static MachineOptions options() {
    MachineOptions result;
    result.protocol = Protocol;
    return result;
  }

  http::Response ask(const http::Request& request) {
    DeviceOutcome outcome = api_.handle(request);
    auto* const response = std::get_if<http::Response>(&outcome);
    if (response == nullptr) {
      ADD_FAILURE() << "the answer is held back";
      return {};
    }
    return *response;
  }
  http::Response order(const std::string& body) { return ask(post("/dispense", body)); }

  protocol::DeviceStatus status() {
    const auto decoded = protocol::decode_status(ask(get("/status")).body);
    EXPECT_TRUE(decoded.has_value());
    return decoded.value_or(protocol::DeviceStatus{});
  }
  std::string poll(std::uint64_t after, const std::string& wait_ms) {
    return "/status?after=" + std::to_string(after) + "&wait_ms=" + wait_ms;
  }

  ReadyMachine machine_{options()};
  DeviceApi api_{machine_};
};

using Version1 = DeviceApiTest<1>;
using Version2 = DeviceApiTest<2>;

TEST_F(Version1, TellsThreeFieldsAndWhatItsTagReaderSees) {
  EXPECT_EQ(ask(get("/status")).body,
            R"({"state":"idle","glass_present":true,"uptime":1,"nfc_ready":true,)"
            R"("nfc_tag_present":false,"nfc_uid":""})");
}

TEST_F(Version1, KnowsOfNoLongPollAndNoStop) {
  EXPECT_EQ(ask(get("/status?after=1&wait_ms=5000")).status, 200);
  EXPECT_EQ(ask(post("/stop", "{}")).status, 404);
}

TEST_F(Version1, KnowsOfNoServiceAndNoCalibration) {
  EXPECT_EQ(ask(post("/service", R"({"kind":"calibrate","amount_ml":5,"request_id":"a"})")).status,
            404);
  EXPECT_EQ(ask(get("/calibration")).status, 404);
  EXPECT_EQ(ask(post("/calibration", R"({"action":"new_bottle"})")).status, 404);
  EXPECT_TRUE(machine_.plant().episodes().empty());
}

TEST_F(Version1, AnswersOkAndThenBusy) {
  const auto first = order(R"({"amount_ml":30,"request_id":"a"})");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.body, R"({"ok":true})");
  let_pass(machine_, 100ms);
  const auto second = order(R"({"amount_ml":30,"request_id":"b"})");
  EXPECT_EQ(second.status, 409);
  EXPECT_EQ(second.body, R"({"error":"busy"})");
}

TEST_F(Version1, RefusesWhatIsNoOrder) {
  for (const std::string body : {"", "{}", R"({"amount_ml":61,"request_id":"a"})"}) {
    const auto answer = order(body);
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.body, R"({"error":"bad_order"})");
  }
  EXPECT_TRUE(machine_.plant().episodes().empty());
}

TEST_F(Version2, AnnouncesItself) {
  const auto details = status().details;
  ASSERT_TRUE(details.has_value());
  EXPECT_TRUE(details->journal_whole);
  EXPECT_EQ(details->reset_reason, protocol::ResetReason::power_on);
  EXPECT_EQ(details->version, machine_.version());
}

TEST_F(Version2, AcceptsRepeatsAndRefusesInTheContractsWords) {
  const auto id = *RequestId::parse("a");
  const std::string body = R"({"amount_ml":30,"request_id":"a"})";
  for (const bool repeated : {false, true}) {
    const auto answer = order(body);
    const auto meaning = protocol::read_order_answer(answer.status, answer.body, id);
    ASSERT_TRUE(std::holds_alternative<protocol::OrderAccepted>(meaning));
    EXPECT_EQ(std::get<protocol::OrderAccepted>(meaning).repeated, repeated);
  }
  const auto busy = order(R"({"amount_ml":30,"request_id":"b"})");
  const auto meaning = protocol::read_order_answer(busy.status, busy.body, id);
  ASSERT_TRUE(std::holds_alternative<protocol::OrderRejected>(meaning));
  EXPECT_EQ(std::get<protocol::OrderRejected>(meaning).refusal, protocol::Refusal::busy);
  EXPECT_FALSE(std::get<protocol::OrderRejected>(meaning).text.empty());
  EXPECT_EQ(order(R"({"amount_ml":30.5,"request_id":"c"})").body,
            R"({"error":"bad_order","message":"amount_ml must be a whole number"})");
}

TEST_F(Version2, HeedsTheGuardOfAnOrder) {
  const auto details = *status().details;
  protocol::MessageBuffer buffer;
  auto late = order_of(30, "late");
  late.guard = protocol::OrderGuard{details.boot_id, details.uptime_ms - 1ms};
  EXPECT_EQ(order(std::string{protocol::encode_order(late, buffer)}).status, 409);
  auto lost = order_of(30, "lost");
  lost.guard = protocol::OrderGuard{BootId{~details.boot_id.bits()}, details.uptime_ms + 5s};
  EXPECT_EQ(order(std::string{protocol::encode_order(lost, buffer)}).status, 409);
  auto timely = order_of(30, "timely");
  timely.guard = protocol::OrderGuard{details.boot_id, details.uptime_ms + 5s};
  EXPECT_EQ(order(std::string{protocol::encode_order(timely, buffer)}).status, 200);
}

TEST_F(Version2, HeedsTheGuardOfAnActOfCalibration) {
  const auto details = *status().details;
  protocol::MessageBuffer buffer;
  const auto asked = [&](BootId boot, Uptime expires) {
    const protocol::GuardedAction action{.action = protocol::NewBottle{},
                                         .guard = protocol::OrderGuard{boot, expires}};
    return ask(
        post("/calibration", std::string{protocol::encode_calibration_action(action, buffer)}));
  };
  const auto late = asked(details.boot_id, details.uptime_ms - 1ms);
  EXPECT_EQ(late.status, 409);
  EXPECT_TRUE(late.body.starts_with(R"({"error":"expired",)")) << late.body;
  const auto lost = asked(BootId{~details.boot_id.bits()}, details.uptime_ms + 5s);
  EXPECT_EQ(lost.status, 409);
  EXPECT_TRUE(lost.body.starts_with(R"({"error":"wrong_boot",)")) << lost.body;
  EXPECT_EQ(asked(details.boot_id, details.uptime_ms + 5s).status, 200);
  EXPECT_EQ(ask(post("/calibration", R"({"action":"new_bottle"})")).status, 200);
}

MachineOptions demanding() {
  MachineOptions options;
  options.demands_guards = true;
  return options;
}

TEST(DemandingMachine, TakesNothingThatSaysNotUntilWhenButAStop) {
  ReadyMachine machine{demanding()};
  DeviceApi api{machine};
  const auto asked = [&](std::string_view path, const std::string& body) {
    return std::get<http::Response>(api.handle(post(path, body))).status;
  };
  EXPECT_EQ(asked("/dispense", R"({"amount_ml":30,"request_id":"a"})"), 400);
  EXPECT_EQ(asked("/service", R"({"kind":"calibrate","amount_ml":5,"request_id":"b"})"), 400);
  EXPECT_EQ(asked("/calibration", R"({"action":"new_bottle"})"), 400);
  let_pass(machine, 100ms);
  EXPECT_TRUE(machine.plant().episodes().empty());
  EXPECT_EQ(asked("/stop", "{}"), 200);
  const auto details = *machine.status().details;
  const auto boot = details.boot_id.text();
  const std::string guard = R"("boot_id":")" + std::string{boot.data(), boot.size()} +
                            R"(","expires_ms":)" +
                            std::to_string(details.uptime_ms.count() + 5'000) + "}";
  EXPECT_EQ(asked("/calibration", R"({"action":"new_bottle",)" + guard), 200);
  EXPECT_EQ(asked("/dispense", R"({"amount_ml":30,"request_id":"a",)" + guard), 200);
}

TEST_F(Version2, TakesNothingFromAPageOfTheWeb) {
  const http::Field rebound[] = {{"Host", "evil.example"}, {"Content-Type", "application/json"}};
  const http::Field foreign[] = {{"Host", "192.168.4.20"},
                                 {"Origin", "http://evil.example"},
                                 {"Content-Type", "application/json"}};
  const http::Field form[] = {{"Host", "192.168.4.20"}, {"Content-Type", "text/plain"}};
  const auto asked_with = [&](std::span<const http::Field> fields) {
    auto request = post("/dispense", R"({"amount_ml":30,"request_id":"a"})");
    request.fields = fields;
    return ask(request);
  };
  EXPECT_EQ(asked_with(rebound).status, 421);
  EXPECT_EQ(asked_with(foreign).body,
            R"({"error":"foreign_origin","message":"A page of another origin asked for this. )"
            R"(Nothing was done."})");
  EXPECT_EQ(asked_with(form).status, 415);
  let_pass(machine_, 100ms);
  EXPECT_TRUE(machine_.plant().episodes().empty());
  const http::Field program[] = {{"Host", "192.168.4.20"}, {"Content-Type", "application/json"}};
  EXPECT_EQ(asked_with(program).status, 200);
}

TEST_F(Version2, StopsThePumpBeforeItAnswers) {
  ASSERT_EQ(order(R"({"amount_ml":60,"request_id":"a"})").status, 200);
  let_pass(machine_, 500ms);
  const auto answer = ask(post("/stop", R"({"request_id":"a"})"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"ok":true})");
  EXPECT_FALSE(machine_.plant().pump_on());
  EXPECT_EQ(ask(post("/stop", "")).status, 200);
  EXPECT_EQ(ask(post("/stop", R"({"request_id":5})")).status, 400);
}

TEST_F(Version2, HoldsAStatusBackUntilSomethingChanges) {
  const auto version = machine_.version();
  const DeviceOutcome held = api_.handle(get(poll(version, "4000")));
  ASSERT_TRUE(std::holds_alternative<Held>(held));
  EXPECT_EQ(std::get<Held>(held).after, version);
  EXPECT_EQ(std::get<Held>(held).wait, 4s);
  EXPECT_EQ(ask(get(poll(version + 1, "4000"))).status, 200) << "that version is another";
  EXPECT_EQ(ask(get(poll(version, "0"))).status, 200);
  EXPECT_EQ(ask(get("/status?wait_ms=4000")).status, 200);
}

TEST_F(Version2, HoldsAStatusNoLongerThanTheContractAllows) {
  const auto path = poll(machine_.version(), "99999999");
  EXPECT_EQ(std::get<Held>(api_.handle(get(path))).wait, protocol::status_wait_max);
}

TEST_F(Version2, RefusesQueriesThatAreNoNumbers) {
  for (const std::string query :
       {"after=x&wait_ms=5", "after=-1", "after=1&wait_ms=1.5", "after="}) {
    EXPECT_EQ(ask(get("/status?" + query)).status, 400) << query;
  }
}

TEST_F(Version2, RunsIntoACupAndIsToldWhatItShows) {
  const auto id = *RequestId::parse("cup");
  const auto taken =
      ask(post("/service", R"({"kind":"calibrate","amount_ml":20,"request_id":"cup"})"));
  const auto meaning = protocol::read_order_answer(taken.status, taken.body, id);
  ASSERT_TRUE(std::holds_alternative<protocol::OrderAccepted>(meaning)) << taken.body;
  let_pass(machine_, longest_pour);
  const auto details = *status().details;
  ASSERT_EQ(details.recent.size(), 1U);
  EXPECT_EQ(details.recent[0].purpose, protocol::Purpose::calibrate);
  const auto measured =
      ask(post("/calibration", R"({"action":"measured","request_id":"cup","measured_ml":20.5})"));
  const auto report = protocol::decode_calibration(measured.body);
  ASSERT_TRUE(report.has_value()) << measured.body;
  ASSERT_EQ(report->runs.size(), 1U);
  EXPECT_EQ(report->runs[0].measured, Microlitres{20'500});
  EXPECT_TRUE(report->proposal.has_value());
  EXPECT_EQ(ask(get("/calibration")).body, measured.body);
}

TEST_F(Version2, RefusesWhatIsNoServiceRunInTheContractsWords) {
  const auto answer = ask(post("/service", R"({"kind":"prime","amount_ml":5,"request_id":"a"})"));
  EXPECT_EQ(answer.status, 400);
  EXPECT_NE(answer.body.find("confirm must be true"), std::string::npos);
  EXPECT_TRUE(machine_.plant().episodes().empty());
}

TEST_F(Version2, SaysWhyItsCalibrationStaysAsItIs) {
  const auto nothing = ask(post("/calibration", R"({"action":"accept"})"));
  EXPECT_EQ(nothing.status, 409);
  EXPECT_NE(nothing.body.find(R"("error":"nothing_to_accept")"), std::string::npos);
  const auto nonsense = ask(post("/calibration", R"({"action":"guess"})"));
  EXPECT_EQ(nonsense.status, 400);
  EXPECT_NE(nonsense.body.find(R"("error":"bad_action")"), std::string::npos);
}

TEST_F(Version2, KnowsItsPathsAndMethods) {
  EXPECT_EQ(ask(get("/service")).status, 405);
  EXPECT_EQ(ask(make_request(http::Method::put, "/calibration")).status, 405);
  EXPECT_EQ(ask(get("/")).status, 404);
  EXPECT_EQ(ask(get("/status/")).status, 404);
  EXPECT_EQ(ask(get("/dispense")).status, 405);
  EXPECT_EQ(ask(get("/stop")).status, 405);
  EXPECT_EQ(ask(post("/status", "{}")).status, 405);
}

}  // namespace
}  // namespace pourtocol::firmware
