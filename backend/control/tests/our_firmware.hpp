// A machine that runs our firmware (protocol 2), and what it shows.
#pragma once

#include "backend/control/tests/bar.hpp"

namespace pourtocol::control::testing {

class OurFirmware : public Bar {
 protected:
  OurFirmware() { device_shows(status()); }

  static constexpr BootId first_boot{0x1111};
  static constexpr BootId second_boot{0x2222};

  static protocol::DeviceStatus status(Uptime uptime = 100s, BootId boot = first_boot) {
    protocol::DeviceStatus status = idle(std::chrono::duration_cast<std::chrono::seconds>(uptime));
    auto& details = status.details.emplace();
    details.boot_id = boot;
    details.uptime_ms = uptime;
    details.journal_whole = true;
    details.pours_total = 7;
    return status;
  }
  static protocol::DeviceStatus running(std::string_view id, Microlitres delivered) {
    protocol::DeviceStatus shown = status(101s);
    shown.state = protocol::DeviceState::pouring;
    shown.details->pour = protocol::RunningPour{
        .request_id = rid(id), .requested = Millilitres{30}, .delivered = delivered};
    shown.details->pours_total = 8;
    return shown;
  }
  static protocol::DeviceStatus recorded(std::string_view id, protocol::PourOutcome outcome,
                                         protocol::StopReason reason, Microlitres delivered,
                                         protocol::DeviceStatus shown = status(104s)) {
    protocol::RecentPour record;
    record.request_id = rid(id);
    record.requested = Millilitres{30};
    record.outcome = outcome;
    record.stop_reason = reason;
    record.measure = protocol::Measure::meter;
    record.delivered = delivered;
    record.min = delivered - Microlitres{500};
    record.max = delivered + Microlitres{500};
    shown.details->recent.push_back(record);
    shown.details->pours_total = 8;
    return shown;
  }
  Ticket order_under_way(std::string_view id = "r1") {
    const Ticket ticket = order(30, id);
    EXPECT_TRUE(order_call_) << "our firmware pushes changes: no need to ask first";
    return ticket;
  }
};

}  // namespace pourtocol::control::testing
