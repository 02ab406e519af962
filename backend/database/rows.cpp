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
using control::Pour;

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
constexpr Range any_volume{0, 1'000'000'000'000};      // ul
constexpr Range any_uptime{0, 100'000'000'000};        // s
constexpr Range any_moment{0, 9'007'199'254'740'991};  // of a clock, in ms or us
constexpr Range any_count{0, std::numeric_limits<std::uint32_t>::max()};
constexpr Range any_portions{0, std::numeric_limits<std::int32_t>::max()};
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

/// The original took tokens of any length. Cuts between characters, so that UTF-8 stays UTF-8.
UserToken cut_to_fit(std::string_view text) {
  if (text.size() > UserToken::capacity) {
    std::size_t size = UserToken::capacity;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
    text = text.substr(0, size);
  }
  return UserToken::truncated(text);
}

control::Cause read_cause(const Statement& row, int column) {
  return require(control::cause_named(row.text(column)), "cause", row.text(column));
}

/// NULL: a guest's pour.
protocol::Purpose read_purpose(const Statement& row, int column) {
  if (row.is_null(column)) return protocol::Purpose::pour;
  return require(protocol::purpose_named(row.text(column)), "purpose", row.text(column));
}

/// NULL: none.
std::optional<protocol::StopReason> read_stop_reason(const Statement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return require(protocol::stop_reason_named(row.text(column)), "stop_reason", row.text(column));
}

// ---- The columns of `pours`

/// One value of a row that is being read.
struct Cell {
  const Statement& row;
  int column;
  std::string_view name;

  [[nodiscard]] bool is_null() const { return row.is_null(column); }
  [[nodiscard]] std::string_view text() const { return row.text(column); }
  [[nodiscard]] std::int64_t within(Range range) const { return whole(row, column, name, range); }
  [[nodiscard]] WallTime time() const { return wall_time(row, column, name); }
  /// What `parsed` made of the text, if it could.
  template <class T>
  [[nodiscard]] T expect(std::optional<T> parsed) const {
    return require(std::move(parsed), name, text());
  }
};

/// How a pour's value of one column is written and read back. What belongs together stands in the
/// order in which it can be read.
struct PourColumn {
  std::string_view name;
  bool asked;  ///< part of what was asked for: no step changes it
  void (*bind)(Statement& to, int at, const Pour& pour, PourTexts& texts);
  void (*read)(const Cell& cell, Pour& pour);
};

void bind_or_null(Statement& to, int at, std::string_view text) {
  if (text.empty()) {
    to.bind_null(at);
  } else {
    to.bind(at, text);
  }
}

/// The clock says whether the moments of an order are known.
void bind_moment(Statement& to, int at, const Pour& pour, Instant moment) {
  if (pour.context.clock.empty()) {
    to.bind_null(at);
  } else {
    to.bind(at, std::int64_t{moment.time_since_epoch().count()});
  }
}

Instant moment_of(const Cell& cell) {
  return Instant{std::chrono::microseconds{cell.within(any_moment)}};
}

/// NULL where there is no delivery, and `basis` too, which decides.
template <Microlitres Delivery::*volume_of>
constexpr PourColumn delivery_column(std::string_view name) {
  return {name, false,
          [](Statement& to, int at, const Pour& pour, PourTexts&) {
            if (pour.delivery) {
              to.bind(at, ((*pour.delivery).*volume_of).count());
            } else {
              to.bind_null(at);
            }
          },
          [](const Cell& cell, Pour& pour) {
            if (cell.is_null()) return;
            if (!pour.delivery) pour.delivery.emplace();
            (*pour.delivery).*volume_of = Microlitres{cell.within(any_volume)};
          }};
}

template <WallTime Pour::*time_of>
constexpr PourColumn time_column(std::string_view name, bool asked) {
  return {name, asked,
          [](Statement& to, int at, const Pour& pour, PourTexts&) {
            to.bind(at, std::int64_t{(pour.*time_of).time_since_epoch().count()});
          },
          [](const Cell& cell, Pour& pour) { pour.*time_of = cell.time(); }};
}

// clang-format off
constexpr std::array pour_table{
    PourColumn{"request_id", true,
     [](Statement& to, int at, const Pour& pour, PourTexts&) {
       to.bind(at, pour.request_id.view());
     },
     [](const Cell& cell, Pour& pour) {
       pour.request_id = cell.expect(RequestId::parse(cell.text()));
     }},
    PourColumn{"tap", true,
     [](Statement& to, int at, const Pour& pour, PourTexts&) { to.bind(at, pour.tap.view()); },
     [](const Cell& cell, Pour& pour) { pour.tap = cell.expect(TapName::parse(cell.text())); }},
    PourColumn{"user_token", true,
     [](Statement& to, int at, const Pour& pour, PourTexts&) { to.bind(at, pour.user.view()); },
     [](const Cell& cell, Pour& pour) { pour.user = cell.expect(UserToken::from(cell.text())); }},
    PourColumn{"amount_ml", true,
     [](Statement& to, int at, const Pour& pour, PourTexts&) { to.bind(at, pour.amount_ml); },
     [](const Cell& cell, Pour& pour) { pour.amount_ml = cell.row.integer(cell.column); }},
    time_column<&Pour::started_at>("started_ms", true),
    PourColumn{"state", false,
     [](Statement& to, int at, const Pour& pour, PourTexts&) {
       to.bind(at, control::name_of(pour.state));
     },
     [](const Cell& cell, Pour& pour) {
       pour.state = cell.expect(control::pour_state_named(cell.text()));
     }},
    PourColumn{"cause", false,
     [](Statement& to, int at, const Pour& pour, PourTexts&) {
       to.bind(at, control::name_of(pour.cause));
     },
     [](const Cell& cell, Pour& pour) {
       pour.cause = cell.expect(control::cause_named(cell.text()));
     }},
    PourColumn{"detail", false,
     [](Statement& to, int at, const Pour& pour, PourTexts&) {
       to.bind(at, std::string_view{pour.detail});
     },
     [](const Cell& cell, Pour& pour) { pour.detail = cell.text(); }},
    PourColumn{"accepted", false,
     [](Statement& to, int at, const Pour& pour, PourTexts&) {
       to.bind(at, std::int64_t{pour.accepted ? 1 : 0});
     },
     [](const Cell& cell, Pour& pour) { pour.accepted = cell.row.integer(cell.column) != 0; }},
    PourColumn{"device_uptime_s", false,
     [](Statement& to, int at, const Pour& pour, PourTexts&) {
       to.bind(at, std::int64_t{pour.context.uptime.count()});
     },
     [](const Cell& cell, Pour& pour) {
       pour.context.uptime = std::chrono::seconds{cell.within(any_uptime)};
     }},
    // NULL, both: no guard.
    PourColumn{"guard_boot_id", false,
     [](Statement& to, int at, const Pour& pour, PourTexts& texts) {
       if (pour.context.guard) texts.boot_id = pour.context.guard->boot_id.text();
       const std::string_view text{texts.boot_id.data(), texts.boot_id.size()};
       bind_or_null(to, at, pour.context.guard ? text : std::string_view{});
     },
     [](const Cell& cell, Pour& pour) {
       if (cell.is_null()) return;
       pour.context.guard = protocol::OrderGuard{
           .boot_id = cell.expect(BootId::parse(cell.text())), .expires = {}};
     }},
    PourColumn{"guard_expires_ms", false,
     [](Statement& to, int at, const Pour& pour, PourTexts&) {
       if (pour.context.guard) {
         to.bind(at, std::int64_t{pour.context.guard->expires.count()});
       } else {
         to.bind_null(at);
       }
     },
     [](const Cell& cell, Pour& pour) {
       if (pour.context.guard) pour.context.guard->expires = Uptime{cell.within(any_moment)};
     }},
    PourColumn{"pours_total", false,
     [](Statement& to, int at, const Pour& pour, PourTexts&) {
       to.bind(at, std::int64_t{pour.context.pours_total});
     },
     [](const Cell& cell, Pour& pour) {
       pour.context.pours_total = static_cast<std::uint32_t>(cell.within(any_count));
     }},
    PourColumn{"most_ul", false,
     [](Statement& to, int at, const Pour& pour, PourTexts&) { to.bind(at, pour.most.count()); },
     [](const Cell& cell, Pour& pour) { pour.most = Microlitres{cell.within(any_volume)}; }},
    delivery_column<&Delivery::delivered>("delivered_ul"),
    delivery_column<&Delivery::uncertainty>("uncertainty_ul"),
    delivery_column<&Delivery::min>("min_ul"),
    delivery_column<&Delivery::max>("max_ul"),
    PourColumn{"basis", false,
     [](Statement& to, int at, const Pour& pour, PourTexts&) {
       bind_or_null(to, at, pour.delivery ? control::name_of(pour.delivery->basis)
                                          : std::string_view{});
     },
     [](const Cell& cell, Pour& pour) {
       if (cell.is_null()) {
         pour.delivery.reset();
         return;
       }
       if (!pour.delivery) pour.delivery.emplace();
       pour.delivery->basis = cell.expect(control::basis_named(cell.text()));
     }},
    PourColumn{"stop_reason", false,
     [](Statement& to, int at, const Pour& pour, PourTexts&) {
       bind_or_null(to, at, pour.stop_reason ? protocol::name_of(*pour.stop_reason)
                                             : std::string_view{});
     },
     [](const Cell& cell, Pour& pour) {
       pour.stop_reason = read_stop_reason(cell.row, cell.column);
     }},
    time_column<&Pour::updated_at>("updated_ms", false),
    PourColumn{"purpose", true,
     [](Statement& to, int at, const Pour& pour, PourTexts&) {
       bind_or_null(to, at, purpose_text(pour.purpose));
     },
     [](const Cell& cell, Pour& pour) { pour.purpose = read_purpose(cell.row, cell.column); }},
    PourColumn{"run_ms", true,
     [](Statement& to, int at, const Pour& pour, PourTexts&) {
       to.bind(at, std::int64_t{pour.run_time.count()});
     },
     [](const Cell& cell, Pour& pour) {
       pour.run_time = std::chrono::milliseconds{cell.within(any_moment)};
     }},
    PourColumn{"portions", true,
     [](Statement& to, int at, const Pour& pour, PourTexts&) {
       to.bind(at, std::int64_t{pour.portions});
     },
     [](const Cell& cell, Pour& pour) {
       pour.portions = static_cast<int>(cell.within(any_portions));
     }},
    PourColumn{"machine_id", false,
     [](Statement& to, int at, const Pour& pour, PourTexts& texts) {
       if (pour.context.machine) texts.machine_id = pour.context.machine->text();
       const std::string_view text{texts.machine_id.data(), texts.machine_id.size()};
       bind_or_null(to, at, pour.context.machine ? text : std::string_view{});
     },
     [](const Cell& cell, Pour& pour) {
       if (cell.is_null()) return;
       pour.context.machine = cell.expect(MachineId::parse(cell.text()));
     }},
    // NULL, all three: an order of before the moments were kept.
    PourColumn{"uptime_at_us", false,
     [](Statement& to, int at, const Pour& pour, PourTexts&) {
       bind_moment(to, at, pour, pour.context.uptime_at);
     },
     [](const Cell& cell, Pour& pour) { pour.context.uptime_at = moment_of(cell); }},
    PourColumn{"sent_at_us", false,
     [](Statement& to, int at, const Pour& pour, PourTexts&) {
       bind_moment(to, at, pour, pour.context.sent_at);
     },
     [](const Cell& cell, Pour& pour) { pour.context.sent_at = moment_of(cell); }},
    PourColumn{"clock_id", false,
     [](Statement& to, int at, const Pour& pour, PourTexts&) {
       bind_or_null(to, at, pour.context.clock.view());
     },
     [](const Cell& cell, Pour& pour) {
       if (!cell.is_null()) pour.context.clock = cell.expect(ClockId::from(cell.text()));
     }},
};
// clang-format on

std::string joined_names() {
  std::string names;
  for (const PourColumn& column : pour_table) {
    if (!names.empty()) names += ", ";
    names += column.name;
  }
  return names;
}

std::string make_update_pour_sql() {
  std::string set;
  std::string where;
  for (std::size_t i = 0; i < pour_table.size(); ++i) {
    const PourColumn& column = pour_table[i];
    if (column.asked) {
      if (!where.empty()) where += " AND ";
      where += fmt::format("{} IS ?{}", column.name, i + 1);  // IS: also where both are NULL
    } else {
      if (!set.empty()) set += ", ";
      set += fmt::format("{} = ?{}", column.name, i + 1);
    }
  }
  return "UPDATE pours SET " + set + " WHERE " + where;
}

}  // namespace

const std::string& pour_columns() {
  static const std::string names = joined_names();
  return names;
}

const std::string& insert_pour_sql() {
  static const std::string sql = [] {
    std::string parameters = "?";
    for (std::size_t i = 1; i < pour_table.size(); ++i) parameters += ",?";
    return "INSERT INTO pours(" + pour_columns() + ") VALUES (" + parameters + ")";
  }();
  return sql;
}

const std::string& update_pour_sql() {
  static const std::string sql = make_update_pour_sql();
  return sql;
}

control::Pour read_pour(const Statement& row) {
  Pour pour;
  int column = 0;
  for (const PourColumn& each : pour_table) {
    each.read(Cell{.row = row, .column = column, .name = each.name}, pour);
    ++column;
  }
  if (pour.state != control::PourState::refused && !is_possible(pour)) {
    throw SqlError{SQLITE_CORRUPT,
                   fmt::format("pour {} asks for what cannot be asked", pour.request_id.view())};
  }
  return pour;
}

BoundPour::BoundPour(Statement& statement, const control::Pour& pour) {
  int parameter = 1;
  for (const PourColumn& each : pour_table) each.bind(statement, parameter++, pour, texts_);
}

control::PourState read_state(const Statement& row, int column, std::string_view name) {
  return require(control::pour_state_named(row.text(column)), name, row.text(column));
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
