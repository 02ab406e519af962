// A machine of ours, and what a host does to look after it: the verbs of the service runs and the
// calibrations.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "backend/control/tests/bar.hpp"

namespace pourtocol::control::testing {

class Upkeep : public Bar {
 protected:
  explicit Upkeep(Settings settings = one_tap()) : Bar{std::move(settings)} {
    device_shows(ours());
  }

  static protocol::DeviceStatus ours(Uptime uptime = 100s) {
    protocol::DeviceStatus status = idle(std::chrono::duration_cast<std::chrono::seconds>(uptime));
    auto& details = status.details.emplace();
    details.boot_id = BootId{0x1111};
    details.uptime_ms = uptime;
    details.journal_whole = true;
    return status;
  }
  static protocol::DeviceStatus ours_finished(std::string_view id, protocol::Purpose purpose,
                                              Millilitres requested) {
    protocol::DeviceStatus status = ours(130s);
    protocol::RecentPour record;
    record.request_id = rid(id);
    record.requested = requested;
    record.purpose = purpose;
    const Microlitres flowed =
        requested.count() > 0 ? requested.to_microlitres() : Microlitres{99'000};
    record.delivered = record.min = record.max = flowed;
    status.details->recent.push_back(record);
    status.details->pours_total = 1;
    return status;
  }
  static DispenseRequest cup(std::int64_t amount_ml, int portions = 1) {
    DispenseRequest request;
    request.amount_ml = amount_ml;
    request.purpose = protocol::Purpose::calibrate;
    request.portions = portions;
    return request;
  }
  static DispenseRequest wash(std::chrono::milliseconds time) {
    DispenseRequest request;
    request.purpose = protocol::Purpose::clean;
    request.run_time = time;
    return request;
  }
  static protocol::CalibrationReport report(bool proposed = true) {
    protocol::CalibrationReport report;
    report.calibrated = true;
    report.flow = FlowRate{11'800};
    report.bottle = Microlitres{700'000};
    report.bottle_poured = Microlitres{693'000};
    for (const std::string_view id : {"c1", "c2", "c3"}) {
      report.runs.push_back({.request_id = rid(id),
                             .measured = Microlitres{101'500},
                             .reckoned = Microlitres{98'400}});
    }
    if (!proposed) return report;
    auto& proposal = report.proposal.emplace();
    proposal.flow = FlowRate{12'100};
    return report;
  }
  /// "started: …", one for each row that belongs to no pour.
  std::vector<std::string> deeds() const {
    std::vector<std::string> told;
    for (const LogRow& row : ledger_.rows()) {
      if (row.action.empty()) continue;
      told.push_back(std::string{name_of(row.status)} + " " + row.action + ": " + row.reason);
    }
    return told;
  }
  CalibrationCode told(Ticket ticket) const {
    const auto* answer = calibration_answer_to(ticket);
    EXPECT_NE(answer, nullptr) << "not answered";
    return answer == nullptr ? CalibrationCode::too_many_requests : answer->code;
  }
  using Told = std::vector<std::string>;
};

}  // namespace pourtocol::control::testing
