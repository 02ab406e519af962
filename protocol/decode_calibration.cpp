// Reads what a dispenser says of its calibration, and what it is told to do about it.
#include <array>

#include "protocol/codec.hpp"
#include "protocol/fields.hpp"

namespace pourtocol::protocol {

namespace {

using namespace detail;

/// What both decoders need: a value or a complaint that names its field.
class CalibrationSink : public Sink {
 protected:
  ~CalibrationSink() = default;

  template <class T>
  void keep(std::string_view key, const Read<T>& read, T& into) noexcept {
    if (read) {
      into = *read;
    } else {
      refuse({key, " ", read.error()});
    }
  }
  void keep_volume(std::string_view key, const Value& value, Microlitres& into,
                   std::int64_t most = volume_max) noexcept {
    std::int64_t count = 0;
    keep(key, as_thousandths(value, most), count);
    into = Microlitres{count};
  }
  void keep_flow(std::string_view key, const Value& value, FlowRate& into) noexcept {
    std::int64_t count = 0;
    keep(key, as_thousandths(value, flow_max), count);
    into = FlowRate{count};
  }
  std::uint64_t whole(std::string_view key, const Value& value) noexcept {
    std::uint64_t count = 0;
    keep(key, as_whole(value, 0xFFFF'FFFF), count);
    return count;
  }
  void refuse(std::initializer_list<std::string_view> parts) noexcept { complain(sentence(parts)); }
  /// False, with a complaint, if it has been met before.
  template <class Field, std::size_t Count>
  bool meets(FieldSet<Field, Count>& fields, Field field) noexcept {
    if (fields.met(field)) {
      refuse({fields.name(field), " is given twice"});
      return false;
    }
    fields.meet(field);
    return true;
  }
};

enum class Field : std::uint8_t {
  flow_ml_s,
  start_delay_ms,
  coast_ml,
  pulses_per_litre,
  flow_error_percent,
  spread_percent,
  from,
  calibrated,
  meter_error_percent,
  learned_flow_ml_s,
  pours_since,
  drift_percent,
  estimated_error_percent,
  check_weigh_due,
  bottle_ml,
  bottle_poured_ml,
  runs,
  proposal,
  confirmed,
};
// The report has all but `spread_percent` and `from`, and may lack `confirmed`; a proposal has
// those up to `from`.
constexpr std::array<std::string_view, 19> field_names{"flow_ml_s",
                                                       "start_delay_ms",
                                                       "coast_ml",
                                                       "pulses_per_litre",
                                                       "flow_error_percent",
                                                       "spread_percent",
                                                       "from",
                                                       "calibrated",
                                                       "meter_error_percent",
                                                       "learned_flow_ml_s",
                                                       "pours_since",
                                                       "drift_percent",
                                                       "estimated_error_percent",
                                                       "check_weigh_due",
                                                       "bottle_ml",
                                                       "bottle_poured_ml",
                                                       "runs",
                                                       "proposal",
                                                       "confirmed"};

enum class RunField : std::uint8_t { request_id, measured_ml, reckoned_ml };
constexpr std::array<std::string_view, 3> run_field_names{"request_id", "measured_ml",
                                                          "reckoned_ml"};

class ReportSink final : public CalibrationSink {
 public:
  [[nodiscard]] Decoded<CalibrationReport> finish() const noexcept {
    for (const auto& [from, to] : {std::pair{Field::flow_ml_s, Field::flow_error_percent},
                                   std::pair{Field::calibrated, Field::proposal}}) {
      if (const auto field = fields_.first_missing(from, to)) {
        return std::unexpected{sentence({fields_.name(*field), " is missing"})};
      }
    }
    return report_;
  }

  Place value(Place place, std::string_view key, const Value& value) noexcept override {
    switch (place) {
      case Place::message:
        return report_field(key, value);
      case Place::runs:
        if (value.kind != Value::Kind::object) refuse({"runs must hold objects only"});
        run_ = {};
        run_fields_.forget_all();
        return Place::run;
      case Place::run:
        run_field(key, value);
        return Place::skipped;
      case Place::proposal: {
        const auto field = proposal_fields_.find(key);
        if (!field || *field > Field::from || !meets(proposal_fields_, *field)) break;
        proposal_field(*field, key, value);
        break;
      }
      default:
        break;
    }
    return Place::skipped;
  }

  void left(Place place) noexcept override {
    if (place == Place::run) {
      if (const auto field =
              run_fields_.first_missing(RunField::request_id, RunField::reckoned_ml)) {
        return refuse({"runs.", run_fields_.name(*field), " is missing"});
      }
      if (report_.runs.full()) return refuse({"runs holds more than 8"});
      report_.runs.push_back(run_);
    } else if (place == Place::proposal) {
      if (const auto field = proposal_fields_.first_missing(Field::flow_ml_s, Field::from)) {
        return refuse({"proposal.", proposal_fields_.name(*field), " is missing"});
      }
      report_.proposal = proposal_;
    }
  }

 private:
  Place report_field(std::string_view key, const Value& value) noexcept {
    const auto field = fields_.find(key);
    const bool known = field && *field != Field::spread_percent && *field != Field::from;
    if (!known || !meets(fields_, *field)) return Place::skipped;
    switch (*field) {
      case Field::calibrated:
        keep(key, as_bool(value), report_.calibrated);
        break;
      case Field::meter_error_percent:
        if (value.kind == Value::Kind::null) break;
        keep(key, as_share(value), report_.meter_error.emplace());
        break;
      case Field::learned_flow_ml_s:
        keep_flow(key, value, report_.learned_flow);
        break;
      case Field::pours_since:
        report_.pours_since = static_cast<std::uint32_t>(whole(key, value));
        break;
      case Field::drift_percent:
        keep(key, as_share(value), report_.drift);
        break;
      case Field::estimated_error_percent:
        keep(key, as_share(value), report_.estimated_error);
        break;
      case Field::check_weigh_due:
        keep(key, as_bool(value), report_.check_weigh_due);
        break;
      case Field::confirmed:
        keep(key, as_bool(value), report_.confirmed.emplace());
        break;
      case Field::bottle_ml:
        keep_volume(key, value, report_.bottle);
        break;
      case Field::bottle_poured_ml:
        keep_volume(key, value, report_.bottle_poured);
        break;
      case Field::runs:
        if (value.kind == Value::Kind::array) return Place::runs;
        refuse({"runs must be a list"});
        break;
      case Field::proposal:
        if (value.kind == Value::Kind::object) return Place::proposal;
        if (value.kind != Value::Kind::null) refuse({"proposal must be null or an object"});
        break;
      default:
        fit_field(*field, key, value, report_);
        break;
    }
    return Place::skipped;
  }

  void proposal_field(Field field, std::string_view key, const Value& value) noexcept {
    if (field == Field::spread_percent) {
      keep(key, as_share(value), proposal_.spread);
    } else if (field == Field::from) {
      keep(key, as_name<ProposalSource>(value), proposal_.from);
    } else {
      fit_field(field, key, value, proposal_);
    }
  }

  /// What a report and a proposal have in common.
  void fit_field(Field field, std::string_view key, const Value& value, auto& fit) noexcept {
    if (field == Field::flow_ml_s) {
      keep_flow(key, value, fit.flow);
    } else if (field == Field::start_delay_ms) {
      fit.start_delay = std::chrono::milliseconds{static_cast<std::int64_t>(whole(key, value))};
    } else if (field == Field::coast_ml) {
      keep_volume(key, value, fit.coast);
    } else if (field == Field::flow_error_percent) {
      keep(key, as_share(value), fit.flow_error);
    } else if (value.kind != Value::Kind::null) {
      fit.pulses_per_litre = static_cast<std::uint32_t>(whole(key, value));
    }
  }

  void run_field(std::string_view key, const Value& value) noexcept {
    const auto field = run_fields_.find(key);
    if (!field || !meets(run_fields_, *field)) return;
    switch (*field) {
      case RunField::request_id:
        return keep(key, as_request_id(value), run_.request_id);
      case RunField::measured_ml:
        if (value.kind != Value::Kind::null) keep_volume(key, value, run_.measured.emplace());
        return;
      case RunField::reckoned_ml:
        return keep_volume(key, value, run_.reckoned);
    }
  }

  FieldSet<Field, field_names.size()> fields_{field_names};
  FieldSet<Field, field_names.size()> proposal_fields_{field_names};
  FieldSet<RunField, run_field_names.size()> run_fields_{run_field_names};
  CalibrationReport report_;
  CalibrationProposal proposal_;
  CalibrationRun run_;  ///< the one being read
};

enum class ActionField : std::uint8_t { action, request_id, measured_ml, boot_id, expires_ms };
constexpr std::array<std::string_view, 5> action_field_names{"action", "request_id", "measured_ml",
                                                             "boot_id", "expires_ms"};

class ActionSink final : public CalibrationSink {
 public:
  [[nodiscard]] Decoded<GuardedAction> finish() const noexcept {
    const auto action = finish_action();
    if (!action) return std::unexpected{action.error()};
    if (!fields_.met(ActionField::boot_id) && !fields_.met(ActionField::expires_ms)) {
      return GuardedAction{.action = *action};
    }
    // Half a guard is a guard that failed to arrive whole.
    if (const auto field = fields_.first_missing(ActionField::boot_id, ActionField::expires_ms)) {
      return missing(*field);
    }
    return GuardedAction{.action = *action, .guard = guard_};
  }

  Place value(Place, std::string_view key, const Value& value) noexcept override {
    const auto field = fields_.find(key);
    if (!field || !meets(fields_, *field)) return Place::skipped;
    switch (*field) {
      case ActionField::action:
        for (const std::string_view name : action_names) {
          if (value.kind == Value::Kind::text && value.text == name) action_ = name;
        }
        if (action_.empty()) refuse({"action is not a name the contract knows"});
        break;
      case ActionField::request_id:
        keep(key, as_request_id(value), request_id_);
        break;
      case ActionField::measured_ml:
        keep_volume(key, value, measured_, measured_max.count());
        break;
      case ActionField::boot_id:
        keep(key, as_boot_id(value), guard_.boot_id);
        break;
      case ActionField::expires_ms: {
        std::uint64_t expires = 0;
        keep(key, as_whole(value, uptime_ms_max), expires);
        guard_.expires = Uptime{static_cast<std::int64_t>(expires)};
        break;
      }
    }
    return Place::skipped;
  }

  void left(Place) noexcept override {}

 private:
  [[nodiscard]] Decoded<CalibrationAction> finish_action() const noexcept {
    if (!fields_.met(ActionField::action)) return missing(ActionField::action);
    const auto is = [this](std::string_view name) { return action_ == name; };
    if (is("measured") || is("drop_run")) {
      if (!fields_.met(ActionField::request_id)) return missing(ActionField::request_id);
      if (is("drop_run")) return DropRun{request_id_};
      if (!fields_.met(ActionField::measured_ml)) return missing(ActionField::measured_ml);
      return MeasuredRun{request_id_, measured_};
    }
    if (is("accept")) return AcceptCalibration{};
    if (is("discard")) return DiscardCalibration{};
    if (is("new_bottle")) return NewBottle{};
    if (is("bottle_empty")) return BottleEmpty{};
    return ClearFaults{};
  }

  static std::unexpected<DecodeError> missing(ActionField field) noexcept {
    return std::unexpected{
        sentence({action_field_names[static_cast<std::size_t>(field)], " is missing"})};
  }

  FieldSet<ActionField, action_field_names.size()> fields_{action_field_names};
  std::string_view action_;  ///< one of `action_names`, or empty
  RequestId request_id_;
  Microlitres measured_;
  OrderGuard guard_;
};

}  // namespace

Decoded<CalibrationReport> decode_calibration(std::string_view json) noexcept {
  std::array<char, body_bytes_max> scratch;
  ReportSink sink;
  if (const auto error = walk_object(json, scratch, sink)) return std::unexpected{*error};
  return sink.finish();
}

Decoded<GuardedAction> decode_calibration_action(std::string_view json) noexcept {
  std::array<char, order_bytes_max> scratch;
  ActionSink sink;
  if (const auto error = walk_object(json, scratch, sink)) return std::unexpected{*error};
  return sink.finish();
}

}  // namespace pourtocol::protocol
