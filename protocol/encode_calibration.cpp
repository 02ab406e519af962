// Writes what a dispenser and a host say to each other about its calibration.
#include <cstdint>
#include <variant>

#include "protocol/codec.hpp"
#include "protocol/object_writer.hpp"

namespace pourtocol::protocol {

namespace {

using detail::ObjectWriter;

void write_fit(const auto& fit, ObjectWriter& out) noexcept {
  out.field("flow_ml_s", fit.flow);
  out.field("start_delay_ms", fit.start_delay);
  out.field("coast_ml", fit.coast);
  out.field("pulses_per_litre", fit.pulses_per_litre);
  out.field("flow_error_percent", fit.flow_error);
}

void write_runs(const CalibrationRuns& runs, ObjectWriter& out) noexcept {
  out.start_list("runs");
  for (const CalibrationRun& run : runs) {
    out.start_object();
    out.field("request_id", run.request_id.view());
    out.field("measured_ml", run.measured);
    out.field("reckoned_ml", run.reckoned);
    out.end_object();
  }
  out.end_list();
}

void write_proposal(const std::optional<CalibrationProposal>& proposal,
                    ObjectWriter& out) noexcept {
  if (!proposal) return out.null("proposal");
  out.start_object("proposal");
  write_fit(*proposal, out);
  out.field("spread_percent", proposal->spread);
  out.field("from", name_of(proposal->from));
  out.end_object();
}

/// What an action says besides its name.
struct ParticularsWriter {
  ObjectWriter& out;

  void operator()(const MeasuredRun& run) const noexcept {
    out.field("request_id", run.request_id.view());
    out.field("measured_ml", run.measured);
  }
  void operator()(const DropRun& run) const noexcept {
    out.field("request_id", run.request_id.view());
  }
  void operator()(const auto&) const noexcept {}
};

}  // namespace

std::string_view encode_calibration(const CalibrationReport& report,
                                    MessageBuffer& buffer) noexcept {
  ObjectWriter out{buffer};
  out.field("calibrated", report.calibrated);
  write_fit(report, out);
  out.field("meter_error_percent", report.meter_error);
  out.field("learned_flow_ml_s", report.learned_flow);
  out.field("pours_since", report.pours_since);
  out.field("drift_percent", report.drift);
  out.field("estimated_error_percent", report.estimated_error);
  out.field("check_weigh_due", report.check_weigh_due);
  out.field("bottle_ml", report.bottle);
  out.field("bottle_poured_ml", report.bottle_poured);
  write_runs(report.runs, out);
  write_proposal(report.proposal, out);
  if (report.confirmed) out.field("confirmed", *report.confirmed);
  return out.finish();
}

std::string_view encode_calibration_action(const GuardedAction& asked,
                                           MessageBuffer& buffer) noexcept {
  ObjectWriter out{buffer};
  out.field("action", name_of(asked.action));
  std::visit(ParticularsWriter{out}, asked.action);
  detail::write_guard(asked.guard, out);
  return out.finish();
}

std::string_view encode_calibration_refused(const CalibrationRefused& refused,
                                            MessageBuffer& buffer) noexcept {
  ObjectWriter out{buffer};
  out.field("error", name_of(refused.refusal));
  out.field("message", detail::cut_at_character(refused.text.view(), RefusalText::capacity));
  return out.finish();
}

int http_status_of(CalibrationRefusal refusal) noexcept {
  return refusal == CalibrationRefusal::bad_action ? 400 : 409;
}

}  // namespace pourtocol::protocol
