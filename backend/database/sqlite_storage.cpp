#include "backend/database/sqlite_storage.hpp"

#include <sqlite3.h>

#include <array>
#include <string_view>

#include <fmt/format.h>

#include "backend/database/rows.hpp"
#include "backend/database/schema.hpp"
#include "core/assert.hpp"
#include "protocol/codec.hpp"

namespace pourtocol::database {

namespace {

using control::Pour;
using control::PourState;
using control::Recovered;
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

Connection open_database(const std::filesystem::path& file, const std::string& vfs,
                         const LogKey& key) {
  Connection connection{file, Connection::Mode::read_write, vfs};
  // Looked at before anything is changed: a file that is not ours stays as it is.
  const FileKind kind = kind_of(connection);
  if (kind == FileKind::newer || kind == FileKind::foreign) {
    throw SqlError{SQLITE_NOTADB, refusal_of(kind, connection)};
  }
  expect_own_key(connection, kind, key);
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
  key_if_due(connection, key);
  settle_wal(connection);
  return connection;
}

// From one tap to the next, and of each the newest, by an index that has both: a log of a million
// pours is not walked through.
constexpr auto last_pours_format = R"sql(
WITH RECURSIVE taps(name) AS (
  SELECT min(tap) FROM pours INDEXED BY pours_flowed WHERE {1}
  UNION ALL
  SELECT (SELECT min(tap) FROM pours INDEXED BY pours_flowed WHERE {1} AND tap > name)
  FROM taps WHERE name IS NOT NULL)
SELECT {0} FROM taps JOIN pours ON number =
  (SELECT max(number) FROM pours INDEXED BY pours_flowed WHERE {1} AND tap = name)
ORDER BY tap)sql";

std::int64_t ms_of(WallTime time) {
  return time.time_since_epoch().count();
}

}  // namespace

SqliteStorage::SqliteStorage(const std::filesystem::path& file, const std::string& vfs,
                             const LogKey& key)
    : connection_{open_database(file, vfs, key)},
      key_{key.key == nullptr ? std::nullopt : std::optional{*key.key}},
      keys_{read_chain_head(connection_, chain_keys_table)},
      events_{connection_, events_table, key_ ? &*key_ : nullptr},
      transitions_{connection_, transitions_table, key_ ? &*key_ : nullptr},
      holds_{connection_, holds_table, key_ ? &*key_ : nullptr},
      machines_{connection_, machines_table, key_ ? &*key_ : nullptr},
      given_up_{connection_, given_up_table, key_ ? &*key_ : nullptr},
      find_pour_{connection_.prepare(
          fmt::format("SELECT {} FROM pours WHERE request_id = ?", pour_columns()))},
      find_given_up_{connection_.prepare("SELECT 1 FROM given_up WHERE request_id = ?")},
      insert_pour_{connection_.prepare(insert_pour_sql())},
      update_pour_{connection_.prepare(update_pour_sql())},
      newest_hold_{
          connection_.prepare("SELECT held, id FROM holds WHERE tap = ? ORDER BY id DESC LIMIT 1")},
      open_pour_{connection_.prepare(
          fmt::format("SELECT state FROM pours WHERE tap = ? AND {}", is_open_sql))} {}

Head SqliteStorage::head() const {
  const std::array ends{events_.head(),   transitions_.head(), holds_.head(),
                        machines_.head(), given_up_.head(),    keys_};
  POURTOCOL_ASSERT(ends.size() == chains_at(schema_version).size());
  return head_of(ends);
}

// ---- What a write is judged by

std::optional<Pour> SqliteStorage::find(const RequestId& id) {
  const ResetAtEnd reset{find_pour_};
  find_pour_.bind(1, id.view());
  if (!find_pour_.step()) return std::nullopt;
  return read_pour(find_pour_);
}

bool SqliteStorage::is_given_up(const RequestId& id) {
  const ResetAtEnd reset{find_given_up_};
  find_given_up_.bind(1, id.view());
  return find_given_up_.step();
}

std::optional<PourState> SqliteStorage::state_of_open(const TapName& tap) {
  const ResetAtEnd reset{open_pour_};
  open_pour_.bind(1, tap.view());
  if (!open_pour_.step()) return std::nullopt;
  return read_state(open_pour_, 0, "state");
}

StopNumber SqliteStorage::stop_that_holds(const TapName& tap) {
  const ResetAtEnd reset{newest_hold_};
  newest_hold_.bind(1, tap.view());
  const bool held = newest_hold_.step() && newest_hold_.integer(0) != 0;
  return held ? StopNumber{newest_hold_.integer(1)} : StopNumber::none;
}

// ---- What a write adds

void SqliteStorage::add_pour(const Pour& pour) {
  const BoundPour bound{insert_pour_, pour};
  insert_pour_.run();
}

void SqliteStorage::update_pour(const Pour& pour) {
  const BoundPour bound{update_pour_, pour};
  update_pour_.run();
}

std::int64_t SqliteStorage::add_event(const control::LogRow& row) {
  const bool is_audit = !row.action.empty();
  const std::string timestamp = timestamp_text(row.timestamp);
  const std::int64_t id = events_.begin();
  events_.put(std::string_view{timestamp});
  events_.put(row.user.view());
  events_.put(row.amount_ml);
  events_.put(control::name_of(row.status));
  events_.put_or_null(row.reason);
  events_.put(row.tap.view());
  events_.put_or_null(row.request_id.view());
  events_.put_or_null(is_audit ? std::string_view{} : control::name_of(row.outcome));
  put_delivery(events_, row.delivery);
  events_.put(ms_of(row.timestamp));
  events_.put_or_null(is_audit ? control::purpose_of_act(row.action) : purpose_text(row.purpose));
  events_.put_or_null(row.action);
  events_.finish();
  return id;
}

void SqliteStorage::add_transition(PourState from, const Pour& pour,
                                   std::optional<std::int64_t> event) {
  transitions_.begin();
  transitions_.put(pour.request_id.view());
  if (event) {
    transitions_.put(*event);
  } else {
    transitions_.put_null();
  }
  transitions_.put(control::name_of(from));
  transitions_.put(control::name_of(pour.state));
  transitions_.put(control::name_of(pour.cause));
  transitions_.put(std::string_view{pour.detail});
  transitions_.put(ms_of(pour.updated_at));
  put_delivery(transitions_, pour.delivery);
  transitions_.put_or_null(pour.stop_reason ? protocol::name_of(*pour.stop_reason)
                                            : std::string_view{});
  transitions_.finish();
}

StopNumber SqliteStorage::add_hold(const TapName& tap, bool held, WallTime at) {
  const std::int64_t number = holds_.begin();
  holds_.put(tap.view());
  holds_.put(std::int64_t{held ? 1 : 0});
  holds_.put(ms_of(at));
  holds_.finish();
  return StopNumber{number};
}

void SqliteStorage::add_machine(const TapName& tap, const std::optional<MachineId>& machine,
                                WallTime at) {
  const auto text = machine.value_or(MachineId{}).text();
  machines_.begin();
  machines_.put(tap.view());
  if (machine) {
    machines_.put(std::string_view{text.data(), text.size()});
  } else {
    machines_.put_null();
  }
  machines_.put(ms_of(at));
  machines_.finish();
}

void SqliteStorage::add_given_up(const RequestId& id, WallTime at) {
  given_up_.begin();
  given_up_.put(id.view());
  given_up_.put(ms_of(at));
  given_up_.finish();
}

// ---- What stands, each by tap

std::vector<Pour> SqliteStorage::open_pours() {
  // By the index that holds the open pours alone, and so by tap. Another would serve as well, and
  // holds nearly all pours of all time.
  Statement open = connection_.prepare(
      fmt::format("SELECT {} FROM pours INDEXED BY pours_one_open_per_tap WHERE {} ORDER BY tap",
                  pour_columns(), is_open_sql));
  std::vector<Pour> pours;
  while (open.step()) pours.push_back(read_pour(open));
  return pours;
}

std::vector<Pour> SqliteStorage::last_that_may_have_flowed() {
  Statement last =
      connection_.prepare(fmt::format(last_pours_format, pour_columns(), may_have_flowed_sql));
  std::vector<Pour> pours;
  while (last.step()) pours.push_back(read_pour(last));
  return pours;
}

std::vector<Recovered::Held> SqliteStorage::held_taps() {
  Statement held = connection_.prepare(
      "SELECT tap, id FROM holds AS h WHERE held = 1 AND "
      "id = (SELECT max(id) FROM holds WHERE tap = h.tap) ORDER BY tap");
  std::vector<Recovered::Held> taps;
  while (held.step()) {
    if (const auto tap = TapName::parse(held.text(0))) {
      taps.push_back({.tap = *tap, .stop = StopNumber{held.integer(1)}});
    }
  }
  return taps;
}

std::vector<Recovered::Calibrated> SqliteStorage::last_accepted() {
  constexpr std::string_view is_accepted = "action = 'accept' AND status = 'success'";
  Statement newest = connection_.prepare(
      fmt::format("SELECT tap, timestamp_ms FROM events AS e WHERE {0} AND "
                  "id = (SELECT max(id) FROM events WHERE tap = e.tap AND {0}) ORDER BY tap",
                  is_accepted));
  std::vector<Recovered::Calibrated> accepted;
  while (newest.step()) {
    if (const auto tap = TapName::parse(newest.text(0))) {
      accepted.push_back(
          {.tap = *tap, .at = WallTime{std::chrono::milliseconds{newest.integer(1)}}});
    }
  }
  return accepted;
}

std::vector<Recovered::Machine> SqliteStorage::machines() {
  Statement newest = connection_.prepare(
      "SELECT tap, machine_id FROM machines AS m WHERE machine_id IS NOT NULL AND "
      "id = (SELECT max(id) FROM machines WHERE tap = m.tap) ORDER BY tap");
  std::vector<Recovered::Machine> machines;
  while (newest.step()) {
    const auto tap = TapName::parse(newest.text(0));
    const auto id = MachineId::parse(newest.text(1));
    if (tap && id) machines.push_back({.tap = *tap, .id = *id});
  }
  return machines;
}

}  // namespace pourtocol::database
