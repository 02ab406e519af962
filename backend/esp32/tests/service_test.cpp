// Service runs, which are orders, and calls about the calibration.
#include <gmock/gmock.h>

#include <string>

#include "backend/esp32/tests/link_fixture.hpp"

namespace pourtocol::esp32::testing {
namespace {

using protocol::UnclearAnswer;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* report_json =
    R"({"calibrated":true,"flow_ml_s":12.1,"start_delay_ms":150,"coast_ml":1.4,)"
    R"("pulses_per_litre":null,"flow_error_percent":1.25,"meter_error_percent":null,)"
    R"("learned_flow_ml_s":12,"pours_since":3,"drift_percent":-0.8,)"
    R"("estimated_error_percent":1.5,"check_weigh_due":false,"bottle_ml":700,)"
    R"("bottle_poured_ml":90,"runs":[],"proposal":null})";

class Service : public LinkFixture {
 protected:
  const std::string& last_request() { return device_.requests().back(); }
};

TEST_F(Service, GoesToItsOwnAddress) {
  device_.plays({.answer = answer_of(200, R"({"ok":true,"request_id":"r1"})")});
  EXPECT_TRUE(std::holds_alternative<protocol::OrderAccepted>(service()));
  EXPECT_THAT(last_request(), StartsWith("POST /service HTTP/1.1\r\n"));
  EXPECT_THAT(last_request(),
              HasSubstr(R"({"kind":"clean","run_ms":30000,"confirm":true,"request_id":"r1"})"));
}

TEST_F(Service, IsSentOnceLikeAnOrder) {
  const std::string whole = answer_of(200, R"({"ok":true,"request_id":"r1"})");
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    device_.plays({.answer = whole.substr(0, size)});
    const auto requests = device_.requests().size();
    EXPECT_EQ(unclear_of(service()), UnclearAnswer::connection_lost) << size;
    EXPECT_EQ(device_.requests().size(), requests + 1) << "sent once, at cut " << size;
  }
}

TEST_F(Service, IsRejectedByADeviceThatKnowsNone) {
  device_.plays({.answer = answer_of(404, "")});
  EXPECT_TRUE(std::holds_alternative<protocol::OrderRejected>(service()));
}

TEST_F(Service, IsNotSentWhenNobodyListens) {
  connect_to("http://127.0.0.1:1");
  EXPECT_TRUE(is_not_sent(service()));
}

TEST_F(Service, ReadsTheCalibration) {
  device_.plays({.answer = answer_of(200, report_json)});
  const auto result = calibration();
  const auto* report = std::get_if<protocol::CalibrationReport>(&result);
  ASSERT_NE(report, nullptr);
  EXPECT_EQ(report->flow, FlowRate{12'100});
  EXPECT_EQ(report->drift, protocol::Share{-80});
  EXPECT_THAT(last_request(), StartsWith("GET /calibration HTTP/1.1\r\n"));
}

TEST_F(Service, TellsWhatTheCupShowed) {
  device_.plays({.answer = answer_of(200, report_json)});
  const auto result =
      calibration(protocol::MeasuredRun{RequestId::parse("cal-1").value(), Microlitres{101'500}});
  EXPECT_TRUE(std::holds_alternative<protocol::CalibrationReport>(result));
  EXPECT_THAT(last_request(), StartsWith("POST /calibration HTTP/1.1\r\n"));
  EXPECT_THAT(last_request(),
              HasSubstr(R"({"action":"measured","request_id":"cal-1","measured_ml":101.5})"));
}

TEST_F(Service, HearsWhyNothingWasChanged) {
  device_.plays({.answer = answer_of(409, R"({"error":"nothing_to_accept","message":"No."})")});
  const auto result = calibration(protocol::AcceptCalibration{});
  const auto* refused = std::get_if<protocol::CalibrationRefused>(&result);
  ASSERT_NE(refused, nullptr);
  EXPECT_EQ(refused->refusal, protocol::CalibrationRefusal::nothing_to_accept);
}

TEST_F(Service, KnowsNothingFromHalfAnAnswer) {
  const std::string whole = answer_of(200, report_json);
  for (std::size_t size = 0; size < whole.size(); size += 31) {
    device_.plays({.answer = whole.substr(0, size)});
    const auto requests = device_.requests().size();
    const auto result = calibration(protocol::AcceptCalibration{});
    ASSERT_TRUE(std::holds_alternative<UnclearAnswer>(result)) << size;
    EXPECT_EQ(device_.requests().size(), requests + 1) << "sent once, at cut " << size;
  }
  device_.plays({.answer = answer_of(200, "<html>")});
  EXPECT_TRUE(std::holds_alternative<UnclearAnswer>(calibration()));
}

}  // namespace
}  // namespace pourtocol::esp32::testing
