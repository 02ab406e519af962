#include "backend/database/ledger.hpp"

#include <sqlite3.h>

#include <array>

#include <fmt/format.h>

#include "backend/database/rows.hpp"
#include "backend/database/schema.hpp"
#include "core/assert.hpp"
#include "protocol/codec.hpp"

namespace pourtocol::database {

namespace {

using control::Cause;
using control::Pour;
using control::PourState;
using control::StopNumber;

/// Moves the whole write-ahead log into the database and empties it.
///
/// Whatever the log holds at this moment may be there without being durable: a server killed
/// between write and fsync, or an fsync that failed, leaves whole transactions in the kernel's
/// cache only, and after a failed fsync the kernel will not try those pages again. Reading them as
/// the truth would be wrong if the power then failed. Copied into the database and synced anew,
/// they are the truth; and a transaction beyond the last one that readers were told of, which a
/// later crash could bring to life, is gone with the emptied file.
void settle_wal(Connection& connection) {
  {
    Statement checkpoint = connection.prepare("PRAGMA wal_checkpoint(TRUNCATE)");
    if (checkpoint.step() && checkpoint.integer(0) != 0) {
      throw SqlError{SQLITE_BUSY, "another program keeps the database busy; close it"};
    }
  }
  // SQLite does not sync the emptied log: a power cut could bring back what was in it.
  sqlite3_file* log = nullptr;
  sqlite3_file_control(connection.handle(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  if (log == nullptr || log->pMethods == nullptr) return;  // no log was opened yet
  const int result = log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
  if (result != SQLITE_OK) throw SqlError{result, sqlite3_errstr(result)};
}

Connection open_database(const std::filesystem::path& file, const std::string& vfs) {
  Connection connection{file, Connection::Mode::read_write, vfs};
  // Looked at before anything is changed: a file that is not ours stays as it is.
  const FileKind kind = kind_of(connection);
  if (kind == FileKind::newer || kind == FileKind::foreign) {
    throw SqlError{SQLITE_NOTADB, refusal_of(kind, connection)};
  }
  connection.run("PRAGMA synchronous = FULL");
  // In the journal mode the file has: what cannot be taken over keeps that too.
  migrate(connection);
  connection.refuse_long_rows();
  if (connection.read_text("PRAGMA journal_mode = WAL") != "wal") {
    throw SqlError{SQLITE_CANTOPEN, "its file system does not carry a write-ahead log"};
  }
  // Changing the mode leaves a lock that the next reading gives back.
  (void)connection.read_integer("SELECT count(*) FROM sqlite_schema");
  connection.run("PRAGMA foreign_keys = ON");
  connection.run("PRAGMA wal_autocheckpoint = 1000");     // pages: 4 MB
  connection.run("PRAGMA journal_size_limit = 8388608");  // what a burst leaves is given back
  settle_wal(connection);
  return connection;
}

constexpr std::string_view update_pour_sql =
    "UPDATE pours SET state = ?6, cause = ?7, detail = ?8, accepted = ?9, device_uptime_s = ?10, "
    "guard_boot_id = ?11, guard_expires_ms = ?12, pours_total = ?13, most_ul = ?14, "
    "delivered_ul = ?15, uncertainty_ul = ?16, min_ul = ?17, max_ul = ?18, basis = ?19, "
    "stop_reason = ?20, updated_ms = ?21, machine_id = ?25, uptime_at_us = ?26, "
    "sent_at_us = ?27, clock_id = ?28 "
    // Named so that all parameters of a pour can be bound; they are equal (`fault_of`).
    "WHERE request_id = ?1 AND tap = ?2 AND user_token = ?3 AND amount_ml = ?4 AND started_ms = ?5 "
    "AND purpose IS ?22 AND run_ms = ?23 AND portions = ?24";

std::string insert_pour_sql() {
  std::string sql = fmt::format("INSERT INTO pours({}) VALUES (?", pour_columns);
  for (int i = 1; i < pour_column_count; ++i) sql += ",?";
  return sql + ")";
}

}  // namespace

Ledger::Ledger(const std::filesystem::path& file, const std::string& vfs)
    : connection_{open_database(file, vfs)},
      events_{connection_, events_table},
      transitions_{connection_, transitions_table},
      holds_{connection_, holds_table},
      machines_{connection_, machines_table},
      given_up_{connection_, given_up_table},
      find_pour_{connection_.prepare(
          fmt::format("SELECT {} FROM pours WHERE request_id = ?", pour_columns))},
      find_given_up_{connection_.prepare("SELECT 1 FROM given_up WHERE request_id = ?")},
      insert_pour_{connection_.prepare(insert_pour_sql())},
      update_pour_{connection_.prepare(update_pour_sql)},
      newest_hold_{
          connection_.prepare("SELECT held, id FROM holds WHERE tap = ? ORDER BY id DESC LIMIT 1")},
      open_pour_{connection_.prepare(
          fmt::format("SELECT state FROM pours WHERE tap = ? AND {}", is_open_sql))} {}

Head Ledger::head() const {
  const std::array ends{events_.head(), transitions_.head(), holds_.head(), machines_.head(),
                        given_up_.head()};
  POURTOCOL_ASSERT(ends.size() == chains_at(schema_version).size());
  return head_of(ends);
}

control::WriteReply Ledger::apply(control::WriteId id, const control::StoreWrite& write) {
  control::WriteReply reply{.id = id, .result = control::Written{}, .row = std::nullopt};
  if (const auto* start = std::get_if<control::StartWrite>(&write)) {
    apply_start(*start, reply);
  } else if (const auto* give_up = std::get_if<control::GiveUpWrite>(&write)) {
    apply_give_up(*give_up, reply);
  } else if (const auto* step = std::get_if<control::StepWrite>(&write)) {
    apply_step(*step, reply);
  } else if (const auto* hold = std::get_if<control::HoldWrite>(&write)) {
    apply_hold(*hold, reply);
  } else if (const auto* machine = std::get_if<control::MachineWrite>(&write)) {
    apply_machine(*machine, reply);
  } else if (const auto* found = std::get_if<control::FoundWrite>(&write)) {
    apply_found(*found, reply);
  } else {
    apply_audit(std::get<control::AuditWrite>(write), reply);
  }
  return reply;
}

void Ledger::apply_start(const control::StartWrite& write, control::WriteReply& reply) {
  if (auto known = find(write.pour.request_id)) {
    reply.result = control::AlreadyKnown{std::move(*known)};
    return;
  }
  Pour pour = write.pour;
  if (const auto against = cause_against(write)) {
    pour.state = PourState::refused;
    pour.cause = *against;
    reply.result = control::Refused{*against};
  } else {
    pour.state = PourState::sending;
    pour.cause = Cause::checks_passed;
    reply.result = control::Started{};
  }
  const BoundPour bound{insert_pour_, pour};
  insert_pour_.run();
  record(PourState::fresh, pour, reply);
}

std::optional<Cause> Ledger::cause_against(const control::StartWrite& write) {
  if (is_given_up(write.pour.request_id)) return Cause::given_up;
  if (write.refusal) return write.refusal;
  if (!control::is_possible(write.pour)) return Cause::amount_out_of_range;

  if (newest_stop(write.pour.tap) != StopNumber::none) return Cause::stopped;

  const ResetAtEnd reset_open{open_pour_};
  open_pour_.bind(1, write.pour.tap.view());
  if (!open_pour_.step()) return std::nullopt;
  const bool unclear = open_pour_.text(0) == control::name_of(PourState::unclear);
  return unclear ? Cause::unclear_pour : Cause::busy;
}

void Ledger::apply_give_up(const control::GiveUpWrite& write, control::WriteReply& reply) {
  if (auto known = find(write.request_id)) {
    reply.result = control::AlreadyKnown{std::move(*known)};
    return;
  }
  if (is_given_up(write.request_id)) return;
  given_up_.begin();
  given_up_.put(write.request_id.view());
  given_up_.put(std::int64_t{write.at.time_since_epoch().count()});
  given_up_.finish();
}

void Ledger::apply_step(const control::StepWrite& write, control::WriteReply& reply) {
  if (auto fault = fault_of(write)) {
    reply.result = control::Failed{std::move(*fault)};
    return;
  }
  const BoundPour bound{update_pour_, write.pour};
  update_pour_.run();
  record(write.from, write.pour, reply);
}

std::optional<std::string> Ledger::fault_of(const control::StepWrite& write) {
  const Pour& pour = write.pour;
  const auto present = find(pour.request_id);
  if (!present) return fmt::format("pour {} is not in the log", pour.request_id.view());
  if (present->state != write.from || !control::is_legal(write.from, pour.state)) {
    return fmt::format("pour {} is {} and cannot go from {} to {}", pour.request_id.view(),
                       control::name_of(present->state), control::name_of(write.from),
                       control::name_of(pour.state));
  }
  if (present->tap != pour.tap || present->user != pour.user ||
      present->amount_ml != pour.amount_ml || present->started_at != pour.started_at ||
      present->purpose != pour.purpose || present->run_time != pour.run_time ||
      present->portions != pour.portions) {
    return fmt::format("pour {} is not what was asked", pour.request_id.view());
  }
  return std::nullopt;
}

void Ledger::apply_found(const control::FoundWrite& write, control::WriteReply& reply) {
  if (auto known = find(write.pour.request_id)) {
    reply.result = control::AlreadyKnown{std::move(*known)};
    return;
  }
  const BoundPour bound{insert_pour_, write.pour};
  insert_pour_.run();
  record(PourState::fresh, write.pour, reply);
}

void Ledger::apply_hold(const control::HoldWrite& write, control::WriteReply& reply) {
  control::Holds holds;
  for (const TapName& tap : write.taps) {
    StopNumber newest = newest_stop(tap);
    const bool lifted = newest != StopNumber::none && newest <= write.up_to;
    if (write.held || lifted) {
      const std::int64_t number = holds_.begin();
      holds_.put(tap.view());
      holds_.put(std::int64_t{write.held ? 1 : 0});
      holds_.put(std::int64_t{write.at.time_since_epoch().count()});
      holds_.finish();
      newest = write.held ? StopNumber{number} : StopNumber::none;
    }
    holds.newest.push_back(newest);
  }
  reply.result = std::move(holds);
}

StopNumber Ledger::newest_stop(const TapName& tap) {
  const ResetAtEnd reset{newest_hold_};
  newest_hold_.bind(1, tap.view());
  const bool held = newest_hold_.step() && newest_hold_.integer(0) != 0;
  return held ? StopNumber{newest_hold_.integer(1)} : StopNumber::none;
}

void Ledger::apply_audit(const control::AuditWrite& write, control::WriteReply& reply) {
  control::LogRow row;
  row.timestamp = write.at;
  row.user = write.user;
  row.status = write.status;
  row.reason = write.reason;
  row.tap = write.tap;
  row.outcome = control::outcome_of(write.status);
  row.action = write.action;
  write_event(row);
  reply.row = std::move(row);
}

void Ledger::apply_machine(const control::MachineWrite& write, control::WriteReply& reply) {
  for (const TapName& tap : write.taken_from) add_machine(tap, std::nullopt, write.at);
  add_machine(write.tap, write.machine, write.at);
  if (write.act) apply_audit(*write.act, reply);
}

void Ledger::add_machine(const TapName& tap, std::optional<MachineId> machine, WallTime at) {
  const auto text = machine.value_or(MachineId{}).text();
  machines_.begin();
  machines_.put(tap.view());
  if (machine) {
    machines_.put(std::string_view{text.data(), text.size()});
  } else {
    machines_.put_null();
  }
  machines_.put(std::int64_t{at.time_since_epoch().count()});
  machines_.finish();
}

std::optional<Pour> Ledger::find(const RequestId& id) {
  const ResetAtEnd reset{find_pour_};
  find_pour_.bind(1, id.view());
  if (!find_pour_.step()) return std::nullopt;
  return read_pour(find_pour_);
}

bool Ledger::is_given_up(const RequestId& id) {
  const ResetAtEnd reset{find_given_up_};
  find_given_up_.bind(1, id.view());
  return find_given_up_.step();
}

void Ledger::record(PourState from, const Pour& pour, control::WriteReply& reply) {
  if (control::makes_event(from, pour.state)) reply.row = add_event(pour);

  transitions_.begin();
  transitions_.put(pour.request_id.view());
  if (reply.row) {
    transitions_.put(reply.row->id);
  } else {
    transitions_.put_null();
  }
  transitions_.put(control::name_of(from));
  transitions_.put(control::name_of(pour.state));
  transitions_.put(control::name_of(pour.cause));
  transitions_.put(std::string_view{pour.detail});
  transitions_.put(std::int64_t{pour.updated_at.time_since_epoch().count()});
  put_delivery(transitions_, pour.delivery);
  transitions_.put_or_null(pour.stop_reason ? protocol::name_of(*pour.stop_reason)
                                            : std::string_view{});
  transitions_.finish();
}

control::LogRow Ledger::add_event(const Pour& pour) {
  control::LogRow row;
  row.timestamp = pour.updated_at;
  row.user = pour.user;
  row.amount_ml = pour.amount_ml;
  row.status = control::event_status_of(pour.state);
  row.reason = control::reason_for(pour);
  row.tap = pour.tap;
  row.request_id = pour.request_id;
  row.outcome = pour.state;
  row.delivery = pour.delivery;
  row.cause = pour.cause;
  row.stop_reason = pour.stop_reason;
  row.purpose = pour.purpose;
  write_event(row);
  return row;
}

void Ledger::write_event(control::LogRow& row) {
  const bool is_audit = !row.action.empty();
  const std::string timestamp = timestamp_text(row.timestamp);
  row.id = events_.begin();
  events_.put(std::string_view{timestamp});
  events_.put(row.user.view());
  events_.put(row.amount_ml);
  events_.put(control::name_of(row.status));
  events_.put_or_null(row.reason);
  events_.put(row.tap.view());
  events_.put_or_null(row.request_id.view());
  events_.put_or_null(is_audit ? std::string_view{} : control::name_of(row.outcome));
  put_delivery(events_, row.delivery);
  events_.put(std::int64_t{row.timestamp.time_since_epoch().count()});
  events_.put_or_null(is_audit ? control::purpose_of_act(row.action) : purpose_text(row.purpose));
  events_.put_or_null(row.action);
  events_.finish();
}

control::Recovered Ledger::read_present_state() {
  control::Recovered recovered;
  const Transaction snapshot{connection_, Transaction::Kind::read};
  // By the index that holds the open pours alone, and so by tap. Another would serve as well, and
  // holds nearly all pours of all time.
  Statement open = connection_.prepare(
      fmt::format("SELECT {} FROM pours INDEXED BY pours_one_open_per_tap WHERE {} ORDER BY tap",
                  pour_columns, is_open_sql));
  while (open.step()) recovered.open.push_back(read_pour(open));

  Statement unresolved = connection_.prepare(fmt::format(
      "SELECT {} FROM pours AS p WHERE state = 'unknown' AND NOT EXISTS "
      "(SELECT 1 FROM pours AS later WHERE later.tap = p.tap AND later.number > p.number AND {}) "
      "ORDER BY number",
      pour_columns, may_have_flowed_sql));
  while (unresolved.step()) recovered.unresolved.push_back(read_pour(unresolved));

  Statement held = connection_.prepare(
      "SELECT tap, id FROM holds AS h WHERE held = 1 AND "
      "id = (SELECT max(id) FROM holds WHERE tap = h.tap) ORDER BY tap");
  while (held.step()) {
    if (const auto tap = TapName::parse(held.text(0))) {
      recovered.held.push_back({.tap = *tap, .stop = StopNumber{held.integer(1)}});
    }
  }
  recovered.newest_stop = StopNumber{holds_.head().number};
  Statement calibrated = connection_.prepare(
      "SELECT tap, timestamp_ms FROM events AS e WHERE action = 'accept' AND status = 'success' "
      "AND "
      "id = (SELECT max(id) FROM events WHERE tap = e.tap AND action = 'accept' AND "
      "status = 'success') ORDER BY tap");
  while (calibrated.step()) {
    if (const auto tap = TapName::parse(calibrated.text(0))) {
      recovered.calibrated.push_back(
          {.tap = *tap, .at = WallTime{std::chrono::milliseconds{calibrated.integer(1)}}});
    }
  }
  Statement machines = connection_.prepare(
      "SELECT tap, machine_id FROM machines AS m WHERE machine_id IS NOT NULL AND "
      "id = (SELECT max(id) FROM machines WHERE tap = m.tap) ORDER BY tap");
  while (machines.step()) {
    const auto tap = TapName::parse(machines.text(0));
    const auto id = MachineId::parse(machines.text(1));
    if (tap && id) recovered.machines.push_back({.tap = *tap, .id = *id});
  }
  Statement counted = connection_.prepare(
      "SELECT tap, machine_id, pours_total FROM pours WHERE number IN "
      "(SELECT max(number) FROM pours WHERE "
      "state IN ('sending', 'accepted', 'unclear', 'done', 'partial', 'unknown') GROUP BY tap) "
      "AND (guard_boot_id IS NOT NULL OR cause = 'ordered_at_machine') ORDER BY tap");
  while (counted.step()) {
    const auto tap = TapName::parse(counted.text(0));
    if (!tap) continue;
    recovered.counted.push_back({.tap = *tap,
                                 .machine = MachineId::parse(counted.text(1)),
                                 .pours_total = static_cast<std::uint32_t>(counted.integer(2))});
  }
  recovered.last_log_id = events_.head().number;
  return recovered;
}

}  // namespace pourtocol::database
