#include "backend/database/check.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "backend/control/pour.hpp"
#include "backend/database/chain.hpp"
#include "backend/database/head.hpp"
#include "backend/database/instance_lock.hpp"
#include "backend/database/keyed_log.hpp"
#include "backend/database/left_log.hpp"
#include "backend/database/pour_checks.hpp"
#include "backend/database/schema.hpp"
#include "backend/database/schema_check.hpp"
#include "backend/database/sqlite.hpp"

namespace pourtocol::database {

namespace {

using control::PourState;

/// One check of one file, within one snapshot.
class Checker {
 public:
  Checker(Connection& connection, std::span<const Head> heads, const ChainKey* key)
      : connection_{connection}, heads_{heads}, key_{key} {}

  CheckReport run() {
    const Transaction snapshot{connection_, Transaction::Kind::read};
    report_.schema_version = static_cast<int>(connection_.read_integer("PRAGMA user_version"));
    check_integrity();
    check_schema();
    try {
      check_rows();
    } catch (const SqlError& error) {
      if (report_.whole()) throw;  // else the report is worth more than the error
      problem("The rest cannot be checked: {}.", error.what());
    }
    return std::move(report_);
  }

 private:
  template <class... Args>
  void problem(fmt::format_string<Args...> format, Args&&... args) {
    ++report_.problem_count;
    if (report_.problems.size() < CheckReport::problems_listed_max) {
      report_.problems.push_back(fmt::format(format, std::forward<Args>(args)...));
    }
  }

  void check_rows() {
    check_keying();
    report_.seed_events = connection_.read_integer("SELECT seed_rows FROM origin");
    const auto seed_last_id = connection_.read_integer("SELECT seed_last_id FROM origin");
    const bool has_purposes = report_.schema_version >= 3;
    report_.events = check_chain(has_purposes ? events_table : first_events_table, seed_last_id,
                                 report_.seed_events);
    report_.transitions = check_chain(transitions_table);
    report_.holds = check_chain(holds_table);
    if (report_.schema_version >= 4) report_.machines = check_chain(machines_table);
    check_steps(has_purposes);
    check_pour_columns();
    if (report_.schema_version >= 5) {
      report_.given_up = check_chain(given_up_table);
      check_given_up();
    }
    if (report_.schema_version >= chain_keys_since) (void)check_chain(chain_keys_table);
    if (unverified_ > 0) {
      problem(
          "Of {} rows nobody knows whether they were changed: they are hashed with the key {}, "
          "which is not at hand ([log] key_file).",
          unverified_, keying_->key_id);
    }
    report_.head = text_of(read_head(connection_));
    report_.missing_heads = heads_.missing();
    check_open_pours();
    check_events_have_transitions(has_purposes);
    if (report_.schema_version >= 2) check_clock_turns();
  }

  void check_integrity() {
    Statement integrity = connection_.prepare("PRAGMA integrity_check(5)");
    while (integrity.step()) {
      if (integrity.text(0) != "ok")
        problem("The file is damaged: {}.", harmless(integrity.text(0)));
    }
    Statement orphans = connection_.prepare("PRAGMA foreign_key_check");
    while (orphans.step()) {
      problem("Row {} of {} names a row of {} that is not there.", orphans.integer(1),
              legible(orphans.text(0)), legible(orphans.text(2)));
    }
  }

  void check_schema() {
    for (const std::string& fault : schema_faults(connection_)) problem("Schema: {}.", fault);
  }

  /// Returns how many rows there are. Rows up to `seed_last` may have gaps, but are `seed_count`.
  std::int64_t check_chain(const ChainedTable& table, std::int64_t seed_last = 0,
                           std::int64_t seed_count = 0) {
    const std::size_t chain = chains_read_++;
    Statement rows = connection_.prepare(fmt::format(
        "SELECT {}, hash FROM {} ORDER BY {}", table.chained_columns, table.name, table.number));
    Digest previous{};
    std::int64_t count = 0;
    std::int64_t from_seed = 0;
    std::int64_t expected = seed_last + 1;
    for (; rows.step(); ++count) {
      const std::int64_t number = rows.integer(0);
      if (number <= seed_last) {
        ++from_seed;
      } else {
        if (number != expected) {
          problem("{}: between row {} and row {} rows are missing.", table.name, expected - 1,
                  number);
        }
        expected = number + 1;
      }
      check_hash(table, chain, rows, previous);
      heads_.pass(chain, {.number = number, .hash = previous});
    }
    if (from_seed != seed_count) {
      problem("{}: {} of the original's rows were taken over, {} are there.", table.name,
              seed_count, from_seed);
    }
    check_end(table, std::max(expected - 1, std::int64_t{0}));
    return count;
  }

  void check_keying() {
    keying_ = read_keying(connection_);
    if (!keying_ && key_ != nullptr) {
      problem("The log is not keyed, though a key is named: it never was, or somebody rewrote it.");
    }
    if (keying_ && key_ != nullptr && keying_->key_id != key_->id()) {
      problem("The log is keyed with the key {}, and the one named is {}.", keying_->key_id,
              key_->id());
      key_ = nullptr;
    }
  }

  void check_hash(const ChainedTable& table, std::size_t chain, const Statement& row,
                  Digest& previous) {
    const bool keyed = keying_ && row.integer(0) >= keying_->from[chain];
    const auto stored = row.blob(table.column_count);
    if (keyed && key_ == nullptr) {
      ++unverified_;
    } else {
      check_hash(table, row, stored, RowHasher{table, previous, keyed ? key_ : nullptr});
    }
    // Goes on from what is stored, so that one changed row is one problem and not a thousand.
    if (stored.size() == previous.size()) std::ranges::copy(stored, previous.begin());
  }

  void check_hash(const ChainedTable& table, const Statement& row,
                  std::span<const unsigned char> stored, RowHasher hasher) {
    for (int i = 0; i < table.column_count; ++i) hasher.add_column(row, i);
    const Digest expected = hasher.finish();
    if (!std::ranges::equal(stored, expected)) {
      problem("{}: row {} does not fit its hash: it or the row before it was changed.", table.name,
              row.integer(0));
    }
  }

  /// SQLite remembers the highest number it ever gave: rows cut off the end leave it behind.
  void check_end(const ChainedTable& table, std::int64_t last) {
    Statement query = connection_.prepare("SELECT seq FROM sqlite_sequence WHERE name = ?");
    query.bind(1, table.name);
    const std::int64_t highest = query.step() ? query.integer(0) : 0;
    if (highest > last) {
      problem("{}: the rows after {} up to {} are missing.", table.name, last, highest);
    }
  }

  void check_steps(bool has_purposes) {
    Statement steps = connection_.prepare(fmt::format(
        "SELECT p.request_id, p.state, t.seq, t.from_state, t.to_state, t.event_id, "
        "e.id IS NOT NULL AND e.request_id IS t.request_id AND e.outcome IS t.to_state AND "
        "e.user_token IS p.user_token AND e.amount_ml IS p.amount_ml AND e.tap IS p.tap AND "
        "e.delivered_ul IS t.delivered_ul AND e.uncertainty_ul IS t.uncertainty_ul AND "
        "e.min_ul IS t.min_ul AND e.max_ul IS t.max_ul AND e.basis IS t.basis AND "
        "e.timestamp_ms IS t.at_ms{}, e.status "
        "FROM pours AS p LEFT JOIN transitions AS t ON t.request_id = p.request_id "
        "LEFT JOIN events AS e ON e.id = t.event_id ORDER BY p.request_id, t.seq",
        has_purposes ? " AND e.purpose IS p.purpose AND e.action IS NULL" : ""));
    PourAtHand pour;
    while (steps.step()) {
      if (report_.pours == 0 || steps.text(0) != pour.id) {
        pour = PourAtHand{.id = std::string{steps.text(0)}};
        ++report_.pours;
        const auto kept = control::pour_state_named(steps.text(1));
        if (kept && control::is_open(*kept)) ++report_.open_pours;
      }
      if (!steps.is_null(2)) check_step(pour, steps);
    }
  }

  struct PourAtHand {
    std::string id;
    std::string at{control::name_of(PourState::fresh)};  ///< where the steps so far have led
  };

  void check_step(PourAtHand& pour, const Statement& step) {
    const std::int64_t seq = step.integer(2);
    const auto from = control::pour_state_named(step.text(3));
    const auto to = control::pour_state_named(step.text(4));
    if (!from || !to || step.text(3) != pour.at || !control::is_legal(*from, *to)) {
      problem("Pour {}: step {} goes from {} to {}, but the pour was {}.", legible(pour.id), seq,
              legible(step.text(3)), legible(step.text(4)), legible(pour.at));
    }
    if (from && to) check_event(pour, step, *from, *to);
    pour.at = step.text(4);
  }

  void check_event(const PourAtHand& pour, const Statement& step, PourState from, PourState to) {
    if (!control::makes_event(from, to)) {
      if (!step.is_null(5)) {
        problem("Pour {}: step {} made row {} of events, which it should not.", legible(pour.id),
                step.integer(2), step.integer(5));
      }
      return;
    }
    const bool status_fits = step.text(7) == control::name_of(control::event_status_of(to));
    if (step.integer(6) == 0 || !status_fits) {
      problem("Pour {}: step {} and its row of events do not say the same.", legible(pour.id),
              step.integer(2));
    }
  }

  /// Every column of every pour, by the table.
  void check_pour_columns() {
    std::string sql = "SELECT p.request_id, p.state, ended.to_state";
    std::vector<std::string_view> columns;
    for (const PourCheck& check : pour_checks) {
      if (check.since > report_.schema_version) continue;
      sql += fmt::format(", ifnull({}, 0)", check.rule);
      columns.push_back(check.column);
    }
    Statement pours =
        connection_.prepare(sql +
                            " FROM pours AS p "
                            "LEFT JOIN transitions AS asked ON asked.seq = "
                            "(SELECT min(seq) FROM transitions WHERE request_id = p.request_id) "
                            "LEFT JOIN transitions AS ended ON ended.seq = "
                            "(SELECT max(seq) FROM transitions WHERE request_id = p.request_id) "
                            "LEFT JOIN events AS row ON row.id = asked.event_id ORDER BY p.number");
    while (pours.step()) {
      std::string odd;
      for (std::size_t i = 0; i < columns.size(); ++i) {
        if (pours.integer(static_cast<int>(i) + 3) != 0) continue;
        odd += odd.empty() ? "" : ", ";
        odd += columns[i];
      }
      if (!odd.empty()) tell_odd_columns(pours, odd);
    }
  }

  void tell_odd_columns(const Statement& pour, std::string_view odd) {
    if (pour.is_null(2)) {
      problem("Pour {} is kept as {}, but no step led to it: {}.", legible(pour.text(0)),
              legible(pour.text(1)), odd);
      return;
    }
    problem("Pour {} is kept as {}, but its steps end in {}{}: {}.", legible(pour.text(0)),
            legible(pour.text(1)), legible(pour.text(2)),
            pour.text(1) == pour.text(2) ? " with other particulars" : "", odd);
  }

  void check_open_pours() {
    Statement taps = connection_.prepare(
        "SELECT tap, count(*) FROM pours WHERE state IN ('sending', 'accepted', 'unclear') "
        "GROUP BY tap HAVING count(*) > 1");
    while (taps.step())
      problem("Tap {} has {} open pours.", legible(taps.text(0)), taps.integer(1));
  }

  void check_events_have_transitions(bool has_purposes) {
    // What was done to a calibration is no step of a pour.
    Statement lost = connection_.prepare(
        fmt::format("SELECT id FROM events WHERE id > (SELECT seed_last_id FROM origin) {}"
                    "AND id NOT IN (SELECT event_id FROM transitions WHERE event_id IS NOT NULL)",
                    has_purposes ? "AND (action IS NULL OR request_id IS NOT NULL) " : ""));
    while (lost.step()) problem("events: row {} belongs to no step.", lost.integer(0));
  }

  /// Only what is not in the log can be given up, and what comes afterwards is refused.
  void check_given_up() {
    Statement poured = connection_.prepare(
        "SELECT p.request_id, p.state FROM pours AS p "
        "JOIN given_up AS g ON g.request_id = p.request_id "
        "WHERE p.state IS NOT 'refused' OR p.cause IS NOT 'given_up'");
    while (poured.step()) {
      problem("Pour {} was given up before it came, and yet is {}.", poured.text(0),
              poured.text(1));
    }
  }

  void check_clock_turns() {
    Statement lost = connection_.prepare(
        "SELECT id FROM (SELECT id, timestamp_ms < lag(timestamp_ms) OVER (ORDER BY id) AS turned "
        "FROM events WHERE timestamp_ms IS NOT NULL) "
        "WHERE turned AND id NOT IN (SELECT event_id FROM clock_turns)");
    while (lost.step()) {
      problem("clock_turns: at row {} of events the clock was set back, which is not noted.",
              lost.integer(0));
    }
  }

  Connection& connection_;
  HeadSearch heads_;
  const ChainKey* key_;  ///< null: not at hand
  std::optional<Keying> keying_;
  std::int64_t unverified_ = 0;  ///< rows hashed with a key that is not at hand
  std::size_t chains_read_ = 0;  ///< in the order of `chains_at`
  CheckReport report_;
};

}  // namespace

std::expected<CheckReport, std::string> check(const std::filesystem::path& file,
                                              std::span<const Head> heads, const ChainKey* key) {
  try {
    expect_own_wal(file, InstanceLock::note_of(file));
    Connection connection{file, Connection::Mode::read_only};
    const FileKind kind = kind_of(connection);
    if (kind == FileKind::seed || kind == FileKind::empty) {
      return std::unexpected{fmt::format(
          "{} has no log of this program yet: start the server on it once.", file.string())};
    }
    if (kind != FileKind::ours) {
      return std::unexpected{fmt::format("{}: {}.", file.string(), refusal_of(kind, connection))};
    }
    connection.refuse_long_rows();
    return Checker{connection, heads, key}.run();
  } catch (const std::exception& error) {
    return std::unexpected{fmt::format("{}: {}.", file.string(), error.what())};
  }
}

}  // namespace pourtocol::database
