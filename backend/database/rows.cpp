#include "backend/database/rows.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>

#include <fmt/format.h>

#include "protocol/codec.hpp"

namespace pourtocol::database {

namespace {

using control::Basis;
using control::Delivery;

template <class T>
T require(std::optional<T> value, std::string_view column, std::string_view text) {
  if (!value) {
    throw SqlError{SQLITE_CORRUPT, fmt::format("column {} holds {}", column, printable(text))};
  }
  return *value;
}

struct Range {
  std::int64_t least = 0;
  std::int64_t most = 0;
};
/// Wider than what is ever written, so narrow that nothing that is reckoned with it overflows.
constexpr Range any_volume{0, 1'000'000'000'000};                    // ul
constexpr Range any_uptime{0, 100'000'000'000};                      // s
constexpr Range any_moment{0, 9'007'199'254'740'991};                // of a clock, in ms or us
constexpr Range any_time{-62'135'596'800'000, 253'402'300'799'999};  // ms; years 1 to 9999

std::int64_t whole(const Statement& row, int column, std::string_view name, Range range) {
  const std::int64_t value = row.integer(column);
  if (value < range.least || value > range.most) {
    throw SqlError{SQLITE_CORRUPT, fmt::format("column {} holds {}", name, value)};
  }
  return value;
}

WallTime wall_time(const Statement& row, int column, std::string_view name) {
  return WallTime{std::chrono::milliseconds{whole(row, column, name, any_time)}};
}

/// Of a row that is only shown, and may be the original's.
WallTime nearest_time(std::int64_t ms) {
  return WallTime{std::chrono::milliseconds{std::clamp(ms, any_time.least, any_time.most)}};
}

Microlitres volume(const Statement& row, int column, std::string_view name) {
  return Microlitres{whole(row, column, name, any_volume)};
}

std::optional<protocol::StopReason> stop_reason_named(std::string_view name) {
  using enum protocol::StopReason;
  for (const auto reason : {target_reached, glass_removed, stop_requested, no_flow, too_fast,
                            cut_off, sensor_stuck, journal_failed, power_lost, too_slow}) {
    if (protocol::name_of(reason) == name) return reason;
  }
  return std::nullopt;
}

/// The five columns from `first` on; their `basis` is NULL when there is no delivery.
std::optional<Delivery> read_delivery(const Statement& row, int first) {
  if (row.is_null(first + 4)) return std::nullopt;
  const auto basis = row.text(first + 4);
  return Delivery{.basis = require(control::basis_named(basis), "basis", basis),
                  .delivered = volume(row, first, "delivered_ul"),
                  .uncertainty = volume(row, first + 1, "uncertainty_ul"),
                  .min = volume(row, first + 2, "min_ul"),
                  .max = volume(row, first + 3, "max_ul")};
}

void bind_delivery(Statement& statement, int first, const std::optional<Delivery>& delivery) {
  if (!delivery) {
    for (int i = 0; i < 5; ++i) statement.bind_null(first + i);
    return;
  }
  statement.bind(first, delivery->delivered.count());
  statement.bind(first + 1, delivery->uncertainty.count());
  statement.bind(first + 2, delivery->min.count());
  statement.bind(first + 3, delivery->max.count());
  statement.bind(first + 4, control::name_of(delivery->basis));
}

/// The original took tokens of any length. Cuts between characters, so that UTF-8 stays UTF-8.
UserToken cut_to_fit(std::string_view text) {
  if (text.size() > UserToken::capacity) {
    std::size_t size = UserToken::capacity;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
    text = text.substr(0, size);
  }
  return UserToken::truncated(text);
}

control::PourState read_state(const Statement& row, int column, std::string_view name) {
  return require(control::pour_state_named(row.text(column)), name, row.text(column));
}
control::Cause read_cause(const Statement& row, int column) {
  return require(control::cause_named(row.text(column)), "cause", row.text(column));
}

/// NULL: a guest's pour.
protocol::Purpose read_purpose(const Statement& row, int column) {
  if (row.is_null(column)) return protocol::Purpose::pour;
  return require(control::purpose_named(row.text(column)), "purpose", row.text(column));
}

/// NULL: none.
std::optional<protocol::StopReason> read_stop_reason(const Statement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return require(stop_reason_named(row.text(column)), "stop_reason", row.text(column));
}

control::OrderContext read_context(const Statement& row, int first) {
  control::OrderContext context;
  context.uptime = std::chrono::seconds{whole(row, first, "device_uptime_s", any_uptime)};
  if (!row.is_null(first + 1)) {
    const auto boot_id = row.text(first + 1);
    context.guard = protocol::OrderGuard{
        .boot_id = require(BootId::parse(boot_id), "guard_boot_id", boot_id),
        .expires = Uptime{whole(row, first + 2, "guard_expires_ms", any_moment)}};
  }
  context.pours_total = static_cast<std::uint32_t>(
      whole(row, first + 3, "pours_total", {0, std::numeric_limits<std::uint32_t>::max()}));
  return context;
}

}  // namespace

control::Pour read_pour(const Statement& row) {
  control::Pour pour;
  pour.request_id = require(RequestId::parse(row.text(0)), "request_id", row.text(0));
  pour.tap = require(TapName::parse(row.text(1)), "tap", row.text(1));
  pour.user = require(UserToken::from(row.text(2)), "user_token", row.text(2));
  pour.amount_ml = row.integer(3);
  pour.started_at = wall_time(row, 4, "started_ms");
  pour.state = read_state(row, 5, "state");
  pour.cause = read_cause(row, 6);
  pour.detail = row.text(7);
  pour.accepted = row.integer(8) != 0;
  pour.context = read_context(row, 9);
  pour.most = volume(row, 13, "most_ul");
  pour.delivery = read_delivery(row, 14);
  pour.stop_reason = read_stop_reason(row, 19);
  pour.updated_at = wall_time(row, 20, "updated_ms");
  pour.purpose = read_purpose(row, 21);
  pour.run_time = std::chrono::milliseconds{whole(row, 22, "run_ms", any_moment)};
  pour.portions =
      static_cast<int>(whole(row, 23, "portions", {0, std::numeric_limits<std::int32_t>::max()}));
  if (!row.is_null(24)) {
    pour.context.machine = require(MachineId::parse(row.text(24)), "machine_id", row.text(24));
  }
  if (!row.is_null(27)) {
    using std::chrono::microseconds;
    pour.context.uptime_at = Instant{microseconds{whole(row, 25, "uptime_at_us", any_moment)}};
    pour.context.sent_at = Instant{microseconds{whole(row, 26, "sent_at_us", any_moment)}};
    pour.context.clock = require(ClockId::from(row.text(27)), "clock_id", row.text(27));
  }
  if (pour.state != control::PourState::refused && !is_possible(pour)) {
    throw SqlError{SQLITE_CORRUPT,
                   fmt::format("pour {} asks for what cannot be asked", pour.request_id.view())};
  }
  return pour;
}

BoundPour::BoundPour(Statement& statement, const control::Pour& pour) : boot_id_{}, machine_id_{} {
  statement.bind(1, pour.request_id.view());
  statement.bind(2, pour.tap.view());
  statement.bind(3, pour.user.view());
  statement.bind(4, pour.amount_ml);
  statement.bind(5, std::int64_t{pour.started_at.time_since_epoch().count()});
  statement.bind(6, control::name_of(pour.state));
  statement.bind(7, control::name_of(pour.cause));
  statement.bind(8, std::string_view{pour.detail});
  statement.bind(9, std::int64_t{pour.accepted ? 1 : 0});
  statement.bind(10, std::int64_t{pour.context.uptime.count()});
  if (pour.context.guard) {
    boot_id_ = pour.context.guard->boot_id.text();
    statement.bind(11, std::string_view{boot_id_.data(), boot_id_.size()});
    statement.bind(12, std::int64_t{pour.context.guard->expires.count()});
  } else {
    statement.bind_null(11);
    statement.bind_null(12);
  }
  statement.bind(13, std::int64_t{pour.context.pours_total});
  statement.bind(14, pour.most.count());
  bind_delivery(statement, 15, pour.delivery);
  if (pour.stop_reason) {
    statement.bind(20, protocol::name_of(*pour.stop_reason));
  } else {
    statement.bind_null(20);
  }
  statement.bind(21, std::int64_t{pour.updated_at.time_since_epoch().count()});
  if (const auto purpose = purpose_text(pour.purpose); !purpose.empty()) {
    statement.bind(22, purpose);
  } else {
    statement.bind_null(22);
  }
  statement.bind(23, std::int64_t{pour.run_time.count()});
  statement.bind(24, std::int64_t{pour.portions});
  if (pour.context.machine) {
    machine_id_ = pour.context.machine->text();
    statement.bind(25, std::string_view{machine_id_.data(), machine_id_.size()});
  } else {
    statement.bind_null(25);
  }
  if (pour.context.clock.empty()) {
    for (int i = 26; i <= 28; ++i) statement.bind_null(i);
  } else {
    statement.bind(26, std::int64_t{pour.context.uptime_at.time_since_epoch().count()});
    statement.bind(27, std::int64_t{pour.context.sent_at.time_since_epoch().count()});
    statement.bind(28, pour.context.clock.view());
  }
}

control::LogRow read_log_row(const Statement& row) {
  control::LogRow result;
  result.id = row.integer(0);
  result.timestamp = nearest_time(row.integer(1));
  result.user = cut_to_fit(row.text(2));
  result.amount_ml = row.integer(3);
  const auto status = row.text(4);
  result.status = status == "started"   ? control::EventStatus::started
                  : status == "success" ? control::EventStatus::success
                                        : control::EventStatus::failed;
  result.reason = row.text(5);
  result.tap = TapName::parse(row.text(6)).value_or(TapName{});
  result.request_id = RequestId::parse(row.text(7)).value_or(RequestId{});
  if (row.is_null(8)) {
    // The original's word for it is all there is, or the row belongs to no pour.
    result.outcome = control::outcome_of(result.status);
  } else {
    result.outcome = read_state(row, 8, "outcome");
  }
  result.delivery = read_delivery(row, 9);
  if (!row.is_null(14)) result.cause = read_cause(row, 14);
  result.stop_reason = read_stop_reason(row, 15);
  if (row.is_null(17)) {
    result.purpose = read_purpose(row, 16);
  } else {
    result.action = row.text(17);
  }
  return result;
}

control::HistoryStep read_history_step(const Statement& row) {
  return {.at = nearest_time(row.integer(0)),
          .from = read_state(row, 1, "from_state"),
          .to = read_state(row, 2, "to_state"),
          .cause = read_cause(row, 3),
          .detail = std::string{row.text(4)}};
}

std::string_view purpose_text(protocol::Purpose purpose) noexcept {
  return purpose == protocol::Purpose::pour ? std::string_view{} : protocol::name_of(purpose);
}

void put_delivery(ChainedInsert& insert, const std::optional<Delivery>& delivery) {
  if (!delivery) {
    for (int i = 0; i < 5; ++i) insert.put_null();
    return;
  }
  insert.put(delivery->delivered.count());
  insert.put(delivery->uncertainty.count());
  insert.put(delivery->min.count());
  insert.put(delivery->max.count());
  insert.put(control::name_of(delivery->basis));
}

std::string timestamp_text(WallTime time) {
  using namespace std::chrono;
  const auto whole = floor<seconds>(time.time_since_epoch());
  const sys_seconds civil{whole};
  const auto day = floor<days>(civil);
  const year_month_day date{day};
  const hh_mm_ss clock{civil - day};
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

}  // namespace pourtocol::database
