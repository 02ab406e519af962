// Reads what a dispenser says of itself.
//
// Three fields are required of every device. The decorations of firmware in the field (last pour,
// NFC) count only if they are well formed. Whether the fields of version 2 matter is known only at
// the end, since `protocol` may stand anywhere; so what is wrong with them is noted, and refused
// only then.
#include <algorithm>
#include <array>

#include "protocol/codec.hpp"
#include "protocol/fields.hpp"

namespace pourtocol::protocol {

namespace {

using namespace detail;

enum class Field : std::uint8_t {
  state,
  glass_present,
  uptime,
  last_pour_ml,
  nfc_ready,
  nfc_tag_present,
  nfc_uid,
  protocol,
  boot_id,
  uptime_ms,
  tap,
  version,
  faults,
  flow_ml_s,
  pour_time_max_ms,
  journal_whole,
  pours_total,
  pour,
  recent,
  // Of version 2, but not required.
  reset_reason,
  machine_id,
};
constexpr std::array<std::string_view, 21> field_names{
    "state",         "glass_present", "uptime",
    "last_pour_ml",  "nfc_ready",     "nfc_tag_present",
    "nfc_uid",       "protocol",      "boot_id",
    "uptime_ms",     "tap",           "version",
    "faults",        "flow_ml_s",     "pour_time_max_ms",
    "journal_whole", "pours_total",   "pour",
    "recent",        "reset_reason",  "machine_id"};

/// The fields of `pour` (the first three and the last) and of each object in `recent`. All but
/// `purpose` are required.
enum class PourField : std::uint8_t {
  request_id,
  requested_ml,
  delivered_ml,
  outcome,
  stop_reason,
  measured_by,
  uncertainty_ml,
  ml_min,
  ml_max,
  purpose,
};
constexpr std::array<std::string_view, 10> pour_field_names{
    "request_id",  "requested_ml",   "delivered_ml", "outcome", "stop_reason",
    "measured_by", "uncertainty_ml", "ml_min",       "ml_max",  "purpose"};

constexpr bool belongs_to_running_pour(PourField field) noexcept {
  return field <= PourField::delivered_ml || field == PourField::purpose;
}

/// Whether so much can have been asked for, now that it is known what for.
constexpr bool is_possible(Millilitres requested, Purpose purpose, bool may_be_none) noexcept {
  if (purpose != Purpose::pour) return requested <= service_amount_max;
  return requested <= amount_max && (requested >= amount_min || may_be_none);
}

class StatusSink final : public Sink {
 public:
  /// The status, once the walk was without complaint.
  [[nodiscard]] Decoded<DeviceStatus> finish() noexcept {
    if (const auto field = fields_.first_missing(Field::state, Field::uptime)) {
      return std::unexpected{sentence({fields_.name(*field), " is missing"})};
    }
    if (!speaks_version_2_) return status_;
    if (flaw_) return std::unexpected{*flaw_};
    if (const auto field = fields_.first_missing(Field::boot_id, Field::recent)) {
      return std::unexpected{sentence({fields_.name(*field), " is missing"})};
    }
    status_.details = details_;
    return status_;
  }

  Place value(Place place, std::string_view key, const Value& value) noexcept override {
    switch (place) {
      case Place::message:
        return message_field(key, value);
      case Place::faults:
        if (const auto fault = as_name<Fault>(value)) {
          details_.faults.insert(*fault);
        } else {
          note({"a fault ", fault.error()});
        }
        return Place::skipped;
      case Place::recent:
        if (value.kind != Value::Kind::object) note({"recent must hold objects only"});
        return start_pour(Place::recent_pour);
      case Place::pour:
      case Place::recent_pour:
        pour_field(place, key, value);
        return Place::skipped;
      default:
        break;
    }
    return Place::skipped;
  }

  void left(Place place) noexcept override {
    if (place == Place::pour) {
      if (!pour_is_whole("pour", PourField::delivered_ml)) return;
      if (!is_possible(pour_.requested, pour_.purpose, false)) {
        note({"pour.requested_ml must be 1 to 60"});
        return;
      }
      details_.pour =
          RunningPour{pour_.request_id, pour_.requested, pour_.delivered, pour_.purpose};
    } else if (place == Place::recent_pour) {
      if (!pour_is_whole("recent", PourField::ml_max)) return;
      const bool cancelled = pour_.outcome == PourOutcome::cancelled;
      if (!is_possible(pour_.requested, pour_.purpose, cancelled)) {
        note({"recent.requested_ml must be 1 to 60"});
      } else if (pour_.min > pour_.max) {
        note({"recent.ml_min must not be above ml_max"});
      } else if (details_.recent.full()) {
        note({"recent holds more than 16 pours"});
      } else {
        details_.recent.push_back(pour_);
      }
    }
  }

 private:
  Place message_field(std::string_view key, const Value& value) noexcept {
    const auto field = fields_.find(key);
    if (!field) return Place::skipped;
    if (fields_.met(*field)) {
      const DecodeError twice = sentence({key, " is given twice"});
      if (*field <= Field::protocol) {
        complain(twice);
      } else {
        note(twice);
      }
      return Place::skipped;
    }
    fields_.meet(*field);
    if (*field <= Field::uptime) {
      required(*field, key, value);
    } else if (*field <= Field::protocol) {
      decoration(*field, value);
    } else {
      return detail(*field, key, value);
    }
    return Place::skipped;
  }

  void required(Field field, std::string_view key, const Value& value) noexcept {
    if (field == Field::state) {
      state(key, value);
    } else if (field == Field::glass_present) {
      if (const auto present = as_bool(value)) {
        status_.glass_present = *present;
      } else {
        complain(sentence({key, " ", present.error()}));
      }
    } else {
      if (const auto uptime = as_whole(value, uptime_s_max)) {
        status_.uptime = std::chrono::seconds{static_cast<std::int64_t>(*uptime)};
      } else {
        complain(sentence({key, " ", uptime.error()}));
      }
    }
  }

  /// A machine with a word of its own for what it does is a machine, and does something.
  void state(std::string_view key, const Value& value) noexcept {
    if (value.kind == Value::Kind::text && !value.text.empty()) {
      status_.state = from_name<DeviceState>(value.text).value_or(DeviceState::other);
    } else {
      complain(sentence({key, " must be a text: \"idle\", \"pouring\" or another"}));
    }
  }

  void decoration(Field field, const Value& value) noexcept {
    if (field == Field::last_pour_ml) {
      last_pour(value);
    } else if (field == Field::nfc_ready) {
      if (const auto ready = as_bool(value)) nfc().ready = *ready;
    } else if (field == Field::nfc_tag_present) {
      if (const auto present = as_bool(value)) nfc().tag_present = *present;
    } else if (field == Field::nfc_uid) {
      if (value.kind != Value::Kind::text) return;
      if (const auto uid = decltype(NfcReading::uid)::from(value.text)) nfc().uid = *uid;
    } else {
      // A later version keeps what version 2 says, so whoever says more than 1 is read as 2.
      const auto spoken = as_whole(value, 0xFFFF);
      speaks_version_2_ = spoken && *spoken >= static_cast<std::uint64_t>(protocol_version);
    }
  }

  /// Firmware in the field prints floats: 30.200001 is meant as 30.2.
  void last_pour(Value value) noexcept {
    if (value.text.find_first_of("eE") != std::string_view::npos) return;
    const std::size_t point = std::min(value.text.find('.'), value.text.size());
    value.text = {value.text.data(), std::min(point + 4, value.text.size())};
    if (const auto volume = as_thousandths(value, volume_max)) {
      status_.last_pour = Microlitres{*volume};
    }
  }

  Place detail(Field field, std::string_view key, const Value& value) noexcept {
    switch (field) {
      case Field::boot_id:
        keep(key, as_boot_id(value), details_.boot_id);
        break;
      case Field::uptime_ms:
        if (const auto uptime = whole(key, value, uptime_ms_max)) {
          details_.uptime_ms = Uptime{static_cast<std::int64_t>(*uptime)};
        }
        break;
      case Field::tap:
        tap(value);
        break;
      case Field::version:
        keep(key, as_whole(value, ~std::uint64_t{0}), details_.version);
        break;
      case Field::flow_ml_s:
        if (const auto flow = thousandths(key, value, flow_max)) details_.flow = FlowRate{*flow};
        break;
      case Field::pour_time_max_ms:
        if (const auto time = thousandths(key, value, pour_time_max)) {
          details_.pour_time_max = Duration{*time};
        }
        break;
      case Field::journal_whole:
        keep(key, as_bool(value), details_.journal_whole);
        break;
      case Field::pours_total:
        if (const auto total = whole(key, value, 0xFFFF'FFFF)) {
          details_.pours_total = static_cast<std::uint32_t>(*total);
        }
        break;
      case Field::reset_reason:
        reset_reason(value);
        break;
      case Field::machine_id:
        if (const auto id = as_machine_id(value)) details_.machine_id = *id;
        break;
      case Field::faults:
        return list(Place::faults, key, value);
      case Field::recent:
        return list(Place::recent, key, value);
      default:
        if (value.kind == Value::Kind::object) return start_pour(Place::pour);
        if (value.kind != Value::Kind::null) note({key, " must be null or an object"});
        break;
    }
    return Place::skipped;
  }

  void tap(const Value& value) noexcept {
    const bool unnamed = value.kind == Value::Kind::text && value.text.empty();
    const auto name = value.kind == Value::Kind::text ? TapName::parse(value.text) : std::nullopt;
    if (name) {
      details_.tap = *name;
    } else if (!unnamed) {
      note({"tap must be a text of up to 32 letters, digits or any of - _"});
    }
  }

  /// Nothing is decided upon it: whoever has a new word for it must not go offline over that.
  void reset_reason(const Value& value) noexcept {
    if (value.kind != Value::Kind::text) return;
    details_.reset_reason = from_name<ResetReason>(value.text).value_or(ResetReason::other);
  }

  Place list(Place inside, std::string_view key, const Value& value) noexcept {
    if (value.kind == Value::Kind::array) return inside;
    note({key, " must be a list"});
    return Place::skipped;
  }

  Place start_pour(Place place) noexcept {
    pour_ = {};
    pour_fields_.forget_all();
    return place;
  }

  void pour_field(Place place, std::string_view key, const Value& value) noexcept {
    const auto field = pour_fields_.find(key);
    if (!field || (place == Place::pour && !belongs_to_running_pour(*field))) return;
    if (pour_fields_.met(*field)) return note({key, " of a pour is given twice"});
    pour_fields_.meet(*field);
    switch (*field) {
      case PourField::request_id:
        return keep(key, as_request_id(value), pour_.request_id);
      case PourField::requested_ml:
        return keep(key, as_requested(value), pour_.requested);
      case PourField::outcome:
        return keep(key, as_name<PourOutcome>(value), pour_.outcome);
      case PourField::stop_reason:
        return keep(key, as_name<StopReason>(value), pour_.stop_reason);
      case PourField::measured_by:
        return keep(key, as_name<Measure>(value), pour_.measure);
      case PourField::delivered_ml:
        return keep_volume(key, value, pour_.delivered);
      case PourField::uncertainty_ml:
        return keep_volume(key, value, pour_.uncertainty);
      case PourField::ml_min:
        return keep_volume(key, value, pour_.min);
      case PourField::ml_max:
        return keep_volume(key, value, pour_.max);
      case PourField::purpose:
        return keep(key, as_name<Purpose>(value), pour_.purpose);
    }
  }

  bool pour_is_whole(std::string_view where, PourField last) noexcept {
    const auto field = pour_fields_.first_missing(PourField::request_id, last);
    if (field) note({where, ".", pour_fields_.name(*field), " is missing"});
    return !flaw_;
  }

  template <class T>
  void keep(std::string_view key, const Read<T>& read, T& into) noexcept {
    if (read) {
      into = *read;
    } else {
      note({key, " ", read.error()});
    }
  }
  void keep_volume(std::string_view key, const Value& value, Microlitres& into) noexcept {
    if (const auto volume = thousandths(key, value, volume_max)) into = Microlitres{*volume};
  }
  Read<std::uint64_t> whole(std::string_view key, const Value& value, std::uint64_t most) noexcept {
    const auto read = as_whole(value, most);
    if (!read) note({key, " ", read.error()});
    return read;
  }
  Read<std::int64_t> thousandths(std::string_view key, const Value& value,
                                 std::int64_t most) noexcept {
    const auto read = as_thousandths(value, most);
    if (!read) note({key, " ", read.error()});
    return read;
  }

  NfcReading& nfc() noexcept {
    if (!status_.nfc) status_.nfc.emplace();
    return *status_.nfc;
  }

  /// A flaw in what only version 2 has.
  void note(const DecodeError& flaw) noexcept {
    if (!flaw_) flaw_ = flaw;
  }
  void note(std::initializer_list<std::string_view> parts) noexcept { note(sentence(parts)); }

  FieldSet<Field, field_names.size()> fields_{field_names};
  FieldSet<PourField, pour_field_names.size()> pour_fields_{pour_field_names};
  DeviceStatus status_;
  DeviceDetails details_;
  RecentPour pour_;  ///< the one being read
  bool speaks_version_2_ = false;
  std::optional<DecodeError> flaw_;
};

}  // namespace

Decoded<DeviceStatus> decode_status(std::string_view json) noexcept {
  std::array<char, body_bytes_max> scratch;
  StatusSink sink;
  if (const auto error = walk_object(json, scratch, sink)) return std::unexpected{*error};
  return sink.finish();
}

}  // namespace pourtocol::protocol
