// The pouring side and the log as a test of the routes sees them: told what to answer, and
// remembering what they were asked.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "backend/control/log_reader.hpp"
#include "backend/control/service.hpp"

namespace pourtocol::routes {

inline TapName tap_named(std::string_view name) {
  return TapName::parse(name).value();
}
inline RequestId id_named(std::string_view name) {
  return RequestId::parse(name).value();
}
inline UserToken user_named(std::string_view name) {
  return UserToken::from(name).value();
}

/// A tap of our firmware: online, idle, with a glass.
inline control::TapView ready_tap(std::string_view name) {
  control::TapView tap;
  tap.name = tap_named(name);
  tap.link = control::LinkState::online;
  tap.status.emplace();
  tap.status->glass_present = true;
  tap.status->uptime = std::chrono::seconds{123};
  tap.status->details.emplace();
  return tap;
}

/// A pour that went as ordered.
inline control::Pour done_pour(std::string_view id) {
  control::Pour pour;
  pour.request_id = id_named(id);
  pour.tap = tap_named("main");
  pour.user = user_named("ann");
  pour.amount_ml = 30;
  pour.state = control::PourState::done;
  pour.cause = control::Cause::device_reported;
  pour.delivery = control::Delivery{.basis = control::Basis::meter,
                                    .delivered = Microlitres{29'800},
                                    .uncertainty = Microlitres{400},
                                    .min = Microlitres{29'400},
                                    .max = Microlitres{30'200}};
  pour.stop_reason = protocol::StopReason::target_reached;
  pour.started_at = WallTime{std::chrono::milliseconds{1'700'000'000'123}};
  pour.updated_at = WallTime{std::chrono::milliseconds{1'700'000'002'500}};
  return pour;
}

inline control::LogRow log_row(std::int64_t id) {
  control::LogRow row;
  row.id = id;
  row.timestamp = WallTime{std::chrono::milliseconds{1'700'000'000'123}};
  row.user = user_named("ann");
  row.amount_ml = 30;
  row.status = control::EventStatus::success;
  row.tap = tap_named("main");
  row.request_id = id_named("wish-" + std::to_string(id));
  row.outcome = control::PourState::done;
  row.delivery = done_pour("x").delivery;
  row.cause = control::Cause::device_reported;
  row.stop_reason = protocol::StopReason::target_reached;
  return row;
}

class FakeService final : public control::PourService {
 public:
  std::int64_t newest_row = 41;
  void dispense(control::DispenseRequest request,
                std::move_only_function<void(control::DispenseAnswer)> done) override {
    wishes.push_back(std::move(request));
    if (hold_answers) {
      held.push_back(std::move(done));
    } else {
      done(dispense_answer);
    }
  }
  void stop(control::StopScope scope,
            std::move_only_function<void(control::StopAnswer)> done) override {
    stops.push_back(std::move(scope));
    done(stop_answer);
  }
  void resume(control::ResumeRequest request,
              std::move_only_function<void(control::ResumeAnswer)> done) override {
    resumes.push_back(std::move(request));
    done(resume_answer);
  }
  void calibration(control::CalibrationRequest request,
                   std::move_only_function<void(control::CalibrationAnswer)> done) override {
    calibrations.push_back(std::move(request));
    done(calibration_answer);
  }
  void machine(control::MachineRequest request,
               std::move_only_function<void(control::MachineAnswer)> done) override {
    takeovers.push_back(std::move(request));
    done(machine_answer);
  }
  std::size_t tap_count() const override { return taps.size(); }
  control::TapView tap_view(control::TapIndex tap) const override {
    ++views_asked;
    return taps.at(static_cast<std::size_t>(tap));
  }
  control::WhyView why(control::TapIndex tap) const override {
    return {
        .tap = taps.at(static_cast<std::size_t>(tap)).name,
        .interlocks = {{control::InterlockName::glass_present, false, "absent", "Place a glass."}},
        .machine = machine_view};
  }
  std::optional<control::TapIndex> find_tap(const TapName& name) const override {
    for (std::uint32_t i = 0; i < taps.size(); ++i) {
      if (taps[i].name == name) return control::TapIndex{i};
    }
    return std::nullopt;
  }
  std::int64_t last_log_id() const override { return newest_row; }
  bool store_healthy() const override { return healthy; }
  void listen(control::ChangeListener* to) override { listener = to; }

  std::vector<control::TapView> taps{ready_tap("main"), ready_tap("second")};
  control::DispenseAnswer dispense_answer{.code = control::AnswerCode::pouring,
                                          .request_id = id_named("wish-1"),
                                          .tap = tap_named("main"),
                                          .state = control::PourState::accepted,
                                          .message = "Pouring 30 ml."};
  control::StopAnswer stop_answer{.code = control::ControlCode::ok,
                                  .message = "Stopped.",
                                  .taps = {{tap_named("main"), control::TapStopCode::stopped}}};
  control::ResumeAnswer resume_answer{.code = control::ControlCode::ok, .message = "Resumed."};
  control::CalibrationAnswer calibration_answer;
  control::MachineAnswer machine_answer{.code = control::MachineCode::ok, .message = "Taken."};
  control::MachineView machine_view;
  bool healthy = true;
  bool hold_answers = false;

  std::vector<control::DispenseRequest> wishes;
  std::vector<std::move_only_function<void(control::DispenseAnswer)>> held;
  std::vector<control::StopScope> stops;
  std::vector<control::ResumeRequest> resumes;
  std::vector<control::CalibrationRequest> calibrations;
  std::vector<control::MachineRequest> takeovers;
  mutable std::size_t views_asked = 0;
  control::ChangeListener* listener = nullptr;
};

/// A log of `rows` rows, ids 1 to `rows`.
class FakeReader final : public control::LogReader {
 public:
  void read_log(const control::LogQuery& query,
                control::ReadCallback<std::vector<control::LogRow>> done) override {
    queries.push_back(query);
    if (queries.size() > fail_after) return done(std::unexpected{control::ReadError::failed});
    std::vector<control::LogRow> page;
    const std::int64_t newest = std::min(query.before_id.value_or(rows + 1) - 1, rows);
    for (std::int64_t id = newest; id > 0 && page.size() < query.limit; --id) {
      page.push_back(log_row(id));
      if (!user.empty()) page.back().user = user_named(user);
    }
    done(std::move(page));
  }
  void find_pour(const RequestId& id,
                 control::ReadCallback<std::optional<control::PourWithHistory>> done) override {
    if (id != id_named("wish-1")) return done(std::nullopt);
    control::PourWithHistory found{.pour = done_pour("wish-1"), .history = {}};
    found.history.push_back({.at = found.pour.started_at,
                             .from = control::PourState::fresh,
                             .to = control::PourState::sending,
                             .cause = control::Cause::checks_passed,
                             .detail = {}});
    done(std::move(found));
  }

  void read_totals(std::vector<TapName> taps, WallTime since,
                   control::ReadCallback<std::vector<control::TapTotal>> done) override {
    totals_asked.push_back(since);
    if (totals_asked.size() > fail_after) return done(std::unexpected{control::ReadError::failed});
    std::vector<control::TapTotal> totals;
    for (const TapName& tap : taps) {
      totals.push_back({.tap = tap, .pours = 2, .delivered = Microlitres{59'800}});
    }
    done(std::move(totals));
  }

  void read_head(control::ReadCallback<std::string> done) override {
    if (fail_after == 0) return done(std::unexpected{control::ReadError::failed});
    done("3-4-0-0-0:00112233445566778899aabbccddeeff");
  }

  std::vector<WallTime> totals_asked;
  std::int64_t rows = 3;
  std::string user;
  std::size_t fail_after = SIZE_MAX;
  std::vector<control::LogQuery> queries;
};

}  // namespace pourtocol::routes
