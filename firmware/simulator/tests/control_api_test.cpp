#include "firmware/simulator/control_api.hpp"

#include <gtest/gtest.h>

#include <string>

#include "firmware/simulator/tests/requests.hpp"

namespace pourtocol::firmware {
namespace {

using namespace testing;
using namespace std::chrono_literals;

class ControlApiTest : public ::testing::Test {
 protected:
  int command(const std::string& path, const std::string& body) {
    answer_ = answer_to(post(path, body));
    return answer_.status;
  }
  http::Response answer_to(const http::Request& request) {
    return std::get<http::Response>(api_.handle(request));
  }
  void pour(int amount_ml, std::string_view id) {
    EXPECT_TRUE(std::holds_alternative<protocol::OrderAccepted>(
        machine_.dispense(order_of(amount_ml, id))));
  }
  bool glass_seen() {
    let_pass(machine_, 1s);
    return machine_.status().glass_present;
  }
  bool truth_says(const std::string& text) { return api_.truth().find(text) != std::string::npos; }

  ReadyMachine machine_;
  NetworkFaults faults_;
  ControlApi api_{machine_, faults_, [](Instant at) {
                    return WallTime{1'780'000'000'000ms} +
                           std::chrono::duration_cast<WallTime::duration>(at - Instant{});
                  }};
  http::Response answer_;
};

TEST_F(ControlApiTest, PlacesAndLiftsTheGlass) {
  EXPECT_EQ(command("/glass", R"({"present":false})"), 200);
  EXPECT_FALSE(glass_seen());
  EXPECT_TRUE(truth_says(R"("glass_present":false)"));
  EXPECT_EQ(command("/glass", R"({"present":true})"), 200);
  EXPECT_TRUE(glass_seen());
}

TEST_F(ControlApiTest, TellsTheTruthOfEachEpisode) {
  pour(15, "wish-1");
  let_pass(machine_, longest_pour);
  EXPECT_TRUE(truth_says(R"("request_id":"wish-1","ml":1)")) << api_.truth();
  EXPECT_TRUE(truth_says(R"("started_at_ms":1000,"began_ms":1780000001000,"ended_ms":178000000)"))
      << api_.truth();
  EXPECT_TRUE(truth_says(R"("pump_on":false,"final":true)")) << api_.truth();
  EXPECT_EQ(answer_to(get("/truth")).body, api_.truth());
}

TEST_F(ControlApiTest, HoldsTheTruthWhileItsVersionIsTheOneThatIsKnown) {
  const std::string known = std::to_string(api_.version());
  const ControlOutcome held = api_.handle(get("/truth?wait_ms=4000&after=" + known));
  ASSERT_TRUE(std::holds_alternative<Held>(held));
  EXPECT_EQ(std::get<Held>(held).after, api_.version());
  EXPECT_EQ(std::get<Held>(held).wait, 4s);
  EXPECT_TRUE(truth_says("\"version\":" + known));
  EXPECT_EQ(answer_to(get("/truth?wait_ms=4000&after=99")).status, 200);
  EXPECT_EQ(answer_to(get("/truth?wait_ms=0&after=" + known)).status, 200);
  EXPECT_EQ(answer_to(get("/truth?wait_ms=soon&after=" + known)).status, 400);
}

TEST_F(ControlApiTest, CountsEachStepOfAPourAndEachCommandAsAChange) {
  const auto idle = api_.version();
  pour(5, "a");
  let_pass(machine_, 100ms);
  EXPECT_EQ(api_.version(), idle + 1);  // pump on
  let_pass(machine_, longest_pour);
  EXPECT_EQ(api_.version(), idle + 3);  // off, and the last drop
  EXPECT_EQ(command("/glass", R"({"present":"perhaps"})"), 400);
  EXPECT_EQ(api_.version(), idle + 3);
  EXPECT_EQ(command("/glass", R"({"present":false})"), 200);
  EXPECT_EQ(api_.version(), idle + 4);
}

TEST_F(ControlApiTest, TellsWhenAStopCameAndWhenThePumpWentOff) {
  pour(30, "wish-1");
  let_pass(machine_, 1s);
  EXPECT_FALSE(machine_.stop({}));
  let_pass(machine_, 100ms);
  EXPECT_FALSE(machine_.stop({RequestId::parse("wish-1")}));
  EXPECT_TRUE(truth_says(R"("stops":[{"request_id":"","arrived_ms":1780000002000,"pump_on":true},)"
                         R"({"request_id":"wish-1","arrived_ms":1780000002100,"pump_on":false}])"))
      << api_.truth();
  EXPECT_TRUE(truth_says(R"("ended_ms":17800000020)")) << api_.truth();
}

TEST_F(ControlApiTest, TellsThatTheMachineGotNoTurn) {
  EXPECT_TRUE(truth_says(R"("late_turns":[])"));
  machine_.advance(machine_.now() + 49ms);
  machine_.advance(machine_.now() + 1300ms);
  EXPECT_TRUE(truth_says(R"("late_turns":[{"from_ms":1780000001049,"ms":1300}])")) << api_.truth();
}

TEST_F(ControlApiTest, EmptiesTheBottle) {
  EXPECT_EQ(command("/bottle", R"({"ml":5})"), 200);
  EXPECT_TRUE(truth_says(R"("bottle_ml":5,)"));
  pour(60, "a");
  let_pass(machine_, longest_pour);
  EXPECT_LE(machine_.plant().total(), Microlitres{5'000});
}

TEST_F(ControlApiTest, ClogsTheLine) {
  EXPECT_EQ(command("/clog", R"({"clogged":true})"), 200);
  pour(30, "a");
  let_pass(machine_, longest_pour);
  EXPECT_EQ(machine_.plant().total(), Microlitres{0});
  EXPECT_TRUE(machine_.status().details->faults.contains(protocol::Fault::no_flow));
}

TEST_F(ControlApiTest, CutsThePower) {
  EXPECT_EQ(command("/power", R"({"on":false})"), 200);
  EXPECT_FALSE(machine_.powered());
  EXPECT_TRUE(truth_says(R"("powered":false,"boots":1)"));
  EXPECT_EQ(command("/button", R"({"held":true})"), 200);
  EXPECT_EQ(command("/power", R"({"on":true})"), 200);
  EXPECT_TRUE(truth_says(R"("powered":true,"boots":2)"));
}

TEST_F(ControlApiTest, MakesTheSensorLie) {
  EXPECT_EQ(command("/sensor", R"({"stuck":"absent"})"), 200);
  EXPECT_FALSE(glass_seen());
  EXPECT_EQ(command("/sensor", R"({"stuck":"none"})"), 200);
  EXPECT_TRUE(glass_seen());
  EXPECT_EQ(command("/sensor", R"({"spike_ms":5000})"), 200);
  EXPECT_FALSE(glass_seen());
  let_pass(machine_, 5s);
  EXPECT_TRUE(glass_seen());
  EXPECT_EQ(command("/sensor", R"({"stuck":"silent"})"), 200);
  let_pass(machine_, 5s);
  EXPECT_TRUE(machine_.status().details->faults.contains(protocol::Fault::sensor_stuck));
}

TEST_F(ControlApiTest, HoldsTheStopButton) {
  pour(60, "a");
  EXPECT_EQ(command("/button", R"({"held":true})"), 200);
  let_pass(machine_, 100ms);
  EXPECT_FALSE(machine_.plant().pump_on());
}

TEST_F(ControlApiTest, LaysATagOnTheReader) {
  const auto seen = [&] {
    let_pass(machine_, 10ms);
    return *machine_.status().nfc;
  };
  EXPECT_FALSE(seen().tag_present);
  const auto before = machine_.version();
  EXPECT_EQ(command("/tag", R"({"uid":"04A2247C9F6180"})"), 200);
  EXPECT_TRUE(seen().tag_present);
  EXPECT_EQ(seen().uid.view(), "04A2247C9F6180");
  EXPECT_EQ(machine_.version(), before + 1);
  command("/power", R"({"on":false})");
  command("/power", R"({"on":true})");
  EXPECT_TRUE(seen().tag_present) << "it lies there whether the machine is on or not";
  EXPECT_EQ(command("/tag", R"({"uid":null})"), 200);
  EXPECT_FALSE(seen().tag_present);
}

TEST_F(ControlApiTest, SetsEachNetworkFaultAndLeavesTheOthers) {
  EXPECT_EQ(command("/network", R"({"delay_ms":40,"drop_answers":1,"only":"dispense"})"), 200);
  EXPECT_EQ(command("/network", R"({"garbage_answers":1,"hang_answers":1})"), 200);
  EXPECT_EQ(faults_.delay, 40ms);
  EXPECT_EQ(faults_.delay_of(RequestKind::status), 0ms);
  EXPECT_EQ(faults_.delay_of(RequestKind::dispense), 40ms);
  EXPECT_EQ(faults_.take(RequestKind::status), Delivery::whole);
  EXPECT_EQ(faults_.take(RequestKind::dispense), Delivery::dropped);
  EXPECT_EQ(faults_.take(RequestKind::dispense), Delivery::garbage);
  EXPECT_EQ(faults_.take(RequestKind::dispense), Delivery::hung);
  EXPECT_EQ(faults_.take(RequestKind::dispense), Delivery::whole);

  EXPECT_EQ(command("/network", R"({"refuse":true,"only":"all","drop_answers":1})"), 200);
  EXPECT_TRUE(faults_.refuse);
  EXPECT_EQ(faults_.take(RequestKind::status), Delivery::dropped);
}

TEST_F(ControlApiTest, RefusesWithASentenceAndChangesNothing) {
  const std::pair<std::string, std::string> wrong[] = {
      {"/glass", "{}"},
      {"/glass", R"({"present":1})"},
      {"/glass", R"({"present":false,"ghost":1})"},
      {"/glass", R"({"present":false,"present":false})"},
      {"/glass", R"({"present":false)"},
      {"/glass", ""},
      {"/bottle", R"({"ml":-1})"},
      {"/bottle", R"({"ml":700.5})"},
      {"/bottle", R"({"ml":100001})"},
      {"/sensor", "{}"},
      {"/sensor", R"({"stuck":"sideways"})"},
      {"/sensor", R"({"stuck":5})"},
      {"/network", R"({"refuse":"yes"})"},
      {"/network", R"({"drop_answers":1,"only":"some"})"},
      {"/power", R"({"on":false,"gently":true})"},
      {"/tag", "{}"},
      {"/tag", R"({"uid":""})"},
      {"/tag", R"({"uid":5})"},
      {"/tag", R"({"uid":")" + std::string(65, 'A') + R"("})"},
  };
  const std::string before = api_.truth();
  for (const auto& [path, body] : wrong) {
    EXPECT_EQ(command(path, body), 400) << path << " " << body;
    EXPECT_NE(answer_.body.find(R"({"error":")"), std::string::npos);
  }
  EXPECT_EQ(api_.truth(), before);
  EXPECT_EQ(faults_.drop_answers, 0U);
}

TEST_F(ControlApiTest, NamesTheFieldItDoesNotKnow) {
  command("/glass", R"({"present":true,"gl\"ass\n":1})");
  EXPECT_EQ(answer_.body, R"({"error":"there is no field 'gl'ass?' here"})");
}

TEST_F(ControlApiTest, KnowsItsPathsAndMethods) {
  EXPECT_EQ(command("/nothing", "{}"), 404);
  EXPECT_EQ(command("/truth", "{}"), 405);
  EXPECT_EQ(answer_to(get("/glass")).status, 405);
}

}  // namespace
}  // namespace pourtocol::firmware
