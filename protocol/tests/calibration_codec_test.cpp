// What a dispenser says of its calibration, and what it is told to do about it, one field spoiled
// at a time.
#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "protocol/codec.hpp"
#include "protocol/tests/json.hpp"

namespace pourtocol::protocol {
namespace {

const Json report{{"flow_ml_s", "12.1"},
                  {"start_delay_ms", "150"},
                  {"coast_ml", "1.4"},
                  {"pulses_per_litre", "5880"},
                  {"flow_error_percent", "1.25"},
                  {"calibrated", "true"},
                  {"meter_error_percent", "0.6"},
                  {"learned_flow_ml_s", "11.95"},
                  {"pours_since", "214"},
                  {"drift_percent", "-1.24"},
                  {"estimated_error_percent", "2.1"},
                  {"check_weigh_due", "true"},
                  {"bottle_ml", "700"},
                  {"bottle_poured_ml", "433.25"},
                  {"runs", "[]"},
                  {"proposal", "null"}};

const Json run{{"request_id", "\"c1\""}, {"measured_ml", "101.5"}, {"reckoned_ml", "98.4"}};

const Json proposal{{"flow_ml_s", "12.4"},         {"start_delay_ms", "150"},
                    {"coast_ml", "1.4"},           {"pulses_per_litre", "5790"},
                    {"flow_error_percent", "0.9"}, {"spread_percent", "1.1"},
                    {"from", "\"runs\""}};

std::string complaint_of(const Json& calibration) {
  const auto decoded = decode_calibration(calibration.text());
  return decoded ? "" : std::string{decoded.error().message.view()};
}
Json with_run(const Json& one) {
  return report.with("runs", "[" + run.text() + "," + one.text() + "]");
}
Json with_proposal(const Json& one) {
  return report.with("proposal", one.text());
}
std::string complaint_of_action(const std::string& json) {
  const auto decoded = decode_calibration_action(json);
  return decoded ? "" : std::string{decoded.error().message.view()};
}

TEST(Calibration, NeedsEachOfItsFieldsOnce) {
  ASSERT_EQ(complaint_of(report), "");
  for (const auto& name : report.names()) {
    EXPECT_EQ(complaint_of(report.without(name)), name + " is missing");
    EXPECT_EQ(complaint_of(report.doubling(name)), name + " is given twice");
    EXPECT_NE(complaint_of(report.with(name, "\"?\"")), "") << name;
  }
}

// Firmware from before does not say.
TEST(Calibration, MayLeaveOpenWhetherItIsConfirmed) {
  EXPECT_FALSE(decode_calibration(report.text())->confirmed.has_value());
  for (const bool confirmed : {false, true}) {
    const auto decoded =
        decode_calibration(report.with("confirmed", confirmed ? "true" : "false").text());
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(decoded->confirmed, confirmed);
  }
  EXPECT_EQ(complaint_of(report.with("confirmed", "1")), "confirmed must be true or false");
}

TEST(Calibration, NeedsAllFieldsOfARunOnce) {
  ASSERT_EQ(complaint_of(with_run(run)), "");
  for (const auto& name : run.names()) {
    EXPECT_EQ(complaint_of(with_run(run.without(name))), "runs." + name + " is missing");
    EXPECT_EQ(complaint_of(with_run(run.doubling(name))), name + " is given twice");
    EXPECT_NE(complaint_of(with_run(run.with(name, "[]"))), "") << name;
  }
}

TEST(Calibration, NeedsAllFieldsOfAProposalOnce) {
  ASSERT_EQ(complaint_of(with_proposal(proposal)), "");
  for (const auto& name : proposal.names()) {
    EXPECT_EQ(complaint_of(with_proposal(proposal.without(name))),
              "proposal." + name + " is missing");
    EXPECT_EQ(complaint_of(with_proposal(proposal.doubling(name))), name + " is given twice");
    EXPECT_NE(complaint_of(with_proposal(proposal.with(name, "[]"))), "") << name;
  }
}

TEST(Calibration, MaySayMoreThanTheContractNames) {
  EXPECT_EQ(complaint_of(report.with("mood", "[{}]")), "");
  EXPECT_EQ(complaint_of(with_run(run.with("mood", "[{}]"))), "");
  EXPECT_EQ(complaint_of(with_proposal(proposal.with("mood", "[{}]"))), "");
}

TEST(Calibration, IsNotRefusedForFieldsThatBelongElsewhere) {
  EXPECT_EQ(complaint_of(report.with("from", "5").with("spread_percent", "\"?\"")), "");
  EXPECT_EQ(complaint_of(with_proposal(proposal.with("calibrated", "5"))), "");
}

TEST(Calibration, WantsAListOfRuns) {
  EXPECT_EQ(complaint_of(report.with("runs", "{}")), "runs must be a list");
  EXPECT_EQ(complaint_of(report.with("runs", "[1]")), "runs must hold objects only");
}

TEST(Calibration, BoundsSharesOnBothSides) {
  const auto drift = [](const std::string& number) {
    return complaint_of(report.with("drift_percent", number));
  };
  EXPECT_EQ(drift("-10000"), "");
  EXPECT_EQ(drift("10000"), "");
  EXPECT_EQ(drift("-10000.01"), "drift_percent is too large");
  EXPECT_EQ(drift("10000.01"), "drift_percent is too large");
  EXPECT_EQ(drift("-1.001"), "drift_percent must be a number with at most 2 decimals");
  EXPECT_EQ(drift("\"-1\""), "drift_percent must be a number");
}

TEST(CalibrationActions, AreNamedByATextTheContractKnows) {
  const std::string why = "action is not a name the contract knows";
  EXPECT_EQ(complaint_of_action(R"({"action":"accept"})"), "");
  for (const std::string other : {"\"Accept\"", "\"\"", "5", "null", "[\"accept\"]", "{}"}) {
    EXPECT_EQ(complaint_of_action(R"({"action":)" + other + "}"), why) << other;
  }
}

TEST(CalibrationAnswers, WithoutABodyCountByTheirStatus) {
  const auto refused = read_calibration_answer(404, " \r\n");
  ASSERT_TRUE(std::holds_alternative<CalibrationRefused>(refused));
  EXPECT_EQ(std::get<CalibrationRefused>(refused).refusal, CalibrationRefusal::other);
  EXPECT_TRUE(std::get<CalibrationRefused>(refused).text.empty());
  for (const int status : {-1, 0, 200, 204, 302, 600}) {
    EXPECT_EQ(std::get<UnclearAnswer>(read_calibration_answer(status, "")),
              UnclearAnswer::not_the_contract)
        << status;
  }
  EXPECT_EQ(std::get<UnclearAnswer>(read_calibration_answer(503, "")), UnclearAnswer::server_error);
}

}  // namespace
}  // namespace pourtocol::protocol
