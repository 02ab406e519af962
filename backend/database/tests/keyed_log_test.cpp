// A log whose chain is keyed: whoever can write the file, but not read the key, can change nothing
// unseen.
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "backend/database/keyed_log.hpp"
#include "backend/database/keying.hpp"
#include "backend/database/restore.hpp"
#include "backend/database/tests/log_fixture.hpp"

namespace pourtocol::database::testing {
namespace {

using std::filesystem::perms;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class KeyFile : public ::testing::Test {
 protected:
  void write(const std::string& text, perms rights = perms::owner_read | perms::owner_write) {
    std::ofstream{file_} << text;
    std::filesystem::permissions(file_, rights);
  }
  TemporaryFolder folder_;
  const std::filesystem::path file_ = folder_ / "chain.key";
  const std::string digits_ = std::string(62, '0') + "1f";
};

TEST_F(KeyFile, IsMadeForItsOwnerAloneAndReadAgain) {
  const auto made = ChainKey::make(file_);
  ASSERT_TRUE(made) << made.error();
  EXPECT_EQ(std::filesystem::status(file_).permissions(), perms::owner_read | perms::owner_write);
  const auto read = ChainKey::read(file_);
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->bytes(), made->bytes());
  EXPECT_EQ(read->id(), made->id());
}

TEST_F(KeyFile, IsAnotherEachTimeAndNeverOverwritten) {
  const auto first = ChainKey::make(file_);
  const auto second = ChainKey::make(folder_ / "other.key");
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->bytes(), second->bytes());
  EXPECT_THAT(ChainKey::make(file_).error(), HasSubstr("exists"));
  EXPECT_EQ(ChainKey::read(file_)->bytes(), first->bytes());
}

TEST_F(KeyFile, HasAnIdThatSaysNothingOfIt) {
  write(digits_ + "\n");
  // HMAC-SHA256 of "pourtocol.key.1", reckoned elsewhere.
  EXPECT_EQ(ChainKey::read(file_)->id(), "1d344210a344b5b8");
}

TEST_F(KeyFile, IsRefusedWhereOthersCanReadIt) {
  for (const auto others : {perms::group_read, perms::others_read, perms::others_write}) {
    write(digits_, perms::owner_read | perms::owner_write | others);
    EXPECT_THAT(ChainKey::read(file_).error(), HasSubstr("chmod 600"));
  }
}

TEST_F(KeyFile, IsRefusedWhereItHoldsNoKeyWithoutTellingWhatItHolds) {
  for (const std::string& text : {std::string{}, digits_.substr(1), digits_ + "0", digits_ + "\n\n",
                                  "x" + digits_.substr(1), " " + digits_}) {
    write(text);
    const auto key = ChainKey::read(file_);
    ASSERT_FALSE(key) << text;
    EXPECT_THAT(key.error(), HasSubstr("holds no key"));
    EXPECT_EQ(key.error().find("0000"), std::string::npos);
  }
  EXPECT_THAT(ChainKey::read(folder_ / "none.key").error(), HasSubstr("No such file"));
  EXPECT_THAT(ChainKey::read(file_.parent_path()).error(), HasSubstr("is no file"));
}

ChainKey key_of(unsigned char byte) {
  ChainKey::Bytes bytes;
  bytes.fill(byte);
  return ChainKey{bytes};
}

class KeyedLog : public LogFixture {
 protected:
  void use(const ChainKey* key) {
    options_.key.reset();
    if (key != nullptr) options_.key = *key;
  }
  /// A log that was keyed after its first pour.
  void make_keyed_later() {
    open_log();
    pour_out("a", "main");
    close_log();
    ASSERT_TRUE(key_log(file_, key_));
    use(&key_);
    open_log();
    pour_out("b", "main");
    write(control::HoldWrite{{TapName::parse("main").value()}, true, WallTime{}});
    close_log();
  }
  [[nodiscard]] std::vector<std::string> problems(const ChainKey* key) {
    const auto report = check(file_, {}, key);
    return report ? report->problems : std::vector{report.error()};
  }
  [[nodiscard]] std::string bytes() const {
    std::ifstream stream{file_, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
  }
  void expect_refused_and_untouched(const std::string& why) {
    const auto before = bytes();
    EXPECT_THAT(open_error(), AllOf(HasSubstr(why), HasSubstr("nothing was changed")));
    EXPECT_EQ(bytes(), before);
  }
  /// What a forger does who has no key: the hashes of these rows made anew, without it.
  void reckon_anew_without_key(const ChainedTable& table, std::int64_t from) {
    const std::string name{table.name};
    std::string changes;
    Digest previous{};
    {
      Connection connection{file_, Connection::Mode::read_only};
      const std::string number{table.number};
      Statement rows = connection.prepare("SELECT " + std::string{table.chained_columns} +
                                          ", hash FROM " + name + " ORDER BY " + number);
      while (rows.step()) {
        if (rows.integer(0) < from) {
          std::ranges::copy(rows.blob(table.column_count), previous.begin());
          continue;
        }
        RowHasher hasher{table, previous};
        for (int i = 0; i < table.column_count; ++i) hasher.add_column(rows, i);
        previous = hasher.finish();
        changes += "UPDATE " + name + " SET hash = X'";
        for (const unsigned char byte : previous) changes += fmt::format("{:02x}", byte);
        changes += "' WHERE " + number + " = " + std::to_string(rows.integer(0)) + ";";
      }
    }
    forge_unseen(changes);
  }

  const ChainKey key_ = key_of(7);
  const ChainKey other_ = key_of(8);
};

TEST_F(KeyedLog, IsHashedWithItsKeyFromTheFirstRowWhereItIsNew) {
  use(&key_);
  open_log();
  pour_out("a", "main");
  EXPECT_THAT(problems(&key_), IsEmpty());
  EXPECT_EQ(ask_text("SELECT key_id || events_from || holds_from FROM chain_keys"),
            key_.id() + "11");
  // HMAC-SHA256, not SHA-256: the first row does not fit without the key.
  Connection connection{file_, Connection::Mode::read_only};
  Statement row = connection.prepare("SELECT " + std::string{events_table.chained_columns} +
                                     ", hash FROM events WHERE id = 1");
  ASSERT_TRUE(row.step());
  for (const ChainKey* key : {static_cast<const ChainKey*>(nullptr), &key_, &other_}) {
    RowHasher hasher{events_table, Digest{}, key};
    for (int i = 0; i < events_table.column_count; ++i) hasher.add_column(row, i);
    EXPECT_EQ(std::ranges::equal(hasher.finish(), row.blob(events_table.column_count)),
              key == &key_);
  }
}

TEST_F(KeyedLog, KeepsTheRowsBeforeItWasKeyedCheckable) {
  make_keyed_later();
  EXPECT_THAT(problems(&key_), IsEmpty());
  EXPECT_EQ(ask("SELECT events_from FROM chain_keys"), 3);
  const auto unkeyed = problems(nullptr);
  EXPECT_THAT(unkeyed, ElementsAre(HasSubstr("Of 7 rows nobody knows")));
  EXPECT_THAT(unkeyed, ElementsAre(HasSubstr(key_.id())));
  // With and without the key a changed row from before is found.
  forge_unseen("UPDATE events SET amount_ml = 5 WHERE id = 1");
  EXPECT_THAT(problems(nullptr), Contains(HasSubstr("events: row 1 does not fit its hash")));
  EXPECT_THAT(problems(&key_), Contains(HasSubstr("events: row 1 does not fit its hash")));
}

TEST_F(KeyedLog, FindsAKeyedRowThatWasChangedAndHashedAnew) {
  make_keyed_later();
  forge_unseen("UPDATE holds SET held = 0");
  EXPECT_THAT(problems(&key_), ElementsAre(HasSubstr("holds: row 1 does not fit its hash")));
  reckon_anew_without_key(holds_table, 1);
  EXPECT_THAT(problems(&key_), ElementsAre(HasSubstr("holds: row 1 does not fit its hash")));
}

TEST_F(KeyedLog, FindsRowsFromBeforeThatWereRewrittenWhole) {
  make_keyed_later();
  forge_unseen(
      "PRAGMA foreign_keys = OFF; UPDATE pours SET user_token = 'eve' WHERE request_id = 'a';"
      "UPDATE events SET user_token = 'eve' WHERE request_id = 'a'");
  reckon_anew_without_key(events_table, 1);
  EXPECT_THAT(problems(&key_), Contains(HasSubstr("events: row 3 does not fit its hash")));
}

TEST_F(KeyedLog, FindsThatItsKeyWasTakenOut) {
  make_keyed_later();
  forge_unseen("DELETE FROM chain_keys; DELETE FROM sqlite_sequence WHERE name = 'chain_keys'");
  for (const auto* table : {&events_table, &transitions_table, &holds_table}) {
    reckon_anew_without_key(*table, 1);
  }
  EXPECT_THAT(problems(nullptr), IsEmpty()) << "all that can be said without a key";
  EXPECT_THAT(problems(&key_), ElementsAre(HasSubstr("is not keyed, though a key is named")));
  expect_refused_and_untouched("somebody rewrote it without the key");
}

TEST_F(KeyedLog, FindsThatItIsToldToBeKeyedLater) {
  make_keyed_later();
  forge_unseen("UPDATE chain_keys SET holds_from = 2");
  EXPECT_THAT(problems(&key_), Contains(HasSubstr("chain_keys: row 1 does not fit its hash")));
  expect_refused_and_untouched("row 1 of chain_keys was not written with the log's key");
}

TEST_F(KeyedLog, FindsASecondKeying) {
  make_keyed_later();
  tamper(
      "INSERT INTO chain_keys(key_id, events_from, transitions_from, holds_from, machines_from, "
      "given_up_from, hash) VALUES ('ff', 1, 1, 1, 1, 1, zeroblob(32))");
  EXPECT_THAT(problems(&key_), Contains(HasSubstr("says twice")));
  EXPECT_THAT(open_error(), HasSubstr("says twice"));
}

// ---- Who may go on with it

TEST_F(KeyedLog, IsNotGoneOnWithWithoutItsKey) {
  make_keyed_later();
  use(nullptr);
  expect_refused_and_untouched("is keyed (key " + key_.id());
}

TEST_F(KeyedLog, IsNotGoneOnWithWithAnotherKey) {
  make_keyed_later();
  use(&other_);
  expect_refused_and_untouched("holds " + other_.id());
  EXPECT_THAT(problems(&other_), Contains(HasSubstr("and the one named is " + other_.id())));
}

TEST_F(KeyedLog, IsNotGoneOnWithWhereTheNewestRowWasWrittenWithoutItsKey) {
  make_keyed_later();
  forge_unseen("UPDATE holds SET held = 0");
  reckon_anew_without_key(holds_table, 1);
  expect_refused_and_untouched("row 1 of holds was not written with the log's key");
}

TEST_F(KeyedLog, IsNotKeyedBehindAHostsBackWhereItHasRows) {
  open_log();
  pour_out("a", "main");
  close_log();
  use(&key_);
  expect_refused_and_untouched("'pourtocol key' keys it from here on");
}

TEST_F(KeyedLog, OfTheOriginalIsKeyedByTheCommandAlone) {
  tamper(
      "CREATE TABLE events(id INTEGER PRIMARY KEY, timestamp, user_token, amount_ml, status, "
      "reason); INSERT INTO events(id, user_token) VALUES (3, 'ada')");
  use(&key_);
  expect_refused_and_untouched("is the original's database and not keyed");
  ASSERT_TRUE(key_log(file_, key_));
  open_log();
  pour_out("a", "main");
  EXPECT_THAT(problems(&key_), IsEmpty());
  EXPECT_EQ(ask("SELECT events_from FROM chain_keys"), 4);
}

TEST_F(KeyedLog, IsKeyedOnceHoweverOftenItIsAsked) {
  make_keyed_later();
  const auto before = key_log(file_, key_);
  ASSERT_TRUE(before) << before.error();
  EXPECT_EQ(key_log(file_, key_), before);
  EXPECT_THAT(key_log(file_, other_).error(), HasSubstr("is keyed with the key"));
  EXPECT_EQ(ask("SELECT count(*) FROM chain_keys"), 1);
}

TEST_F(KeyedLog, IsNotKeyedWhileAServerHasIt) {
  open_log();
  EXPECT_THAT(key_log(file_, key_).error(), HasSubstr("in use by another pourtocol"));
}

TEST_F(KeyedLog, OfAnOlderVersionIsMigratedAndKeyed) {
  open_log();
  pour_out("a", "main");
  close_log();
  make_older(5);
  ASSERT_TRUE(key_log(file_, key_));
  use(&key_);
  open_log();
  pour_out("b", "main");
  EXPECT_THAT(problems(&key_), IsEmpty());
}

TEST_F(KeyedLog, GoesOnWithItsKeyAfterAFaultOfTheDisk) {
  FaultyVfs disk{"keyed"};
  options_.vfs = disk.name();
  use(&key_);
  open_log();
  pour_out("a", "main");
  disk.fail_from(FaultyVfs::Operation::write, 1, SQLITE_IOERR_WRITE);
  EXPECT_TRUE(is<control::Failed>(start(wish("b", "main"))));
  disk.heal();
  EXPECT_TRUE(std::holds_alternative<control::Recovered>(recover()));
  pour_out("c", "main");
  EXPECT_THAT(problems(&key_), IsEmpty());
  close_log();
}

TEST_F(KeyedLog, HoldsTheHeadsItToldBeforeItWasKeyed) {
  open_log();
  pour_out("a", "main");
  const std::string before = log_->close();
  log_.reset();
  ASSERT_TRUE(key_log(file_, key_));
  const auto report = check(file_, std::vector{*parse_head(before)}, &key_);
  ASSERT_TRUE(report);
  EXPECT_THAT(report->missing_heads, IsEmpty());
  EXPECT_NE(report->head, before);
}

TEST_F(KeyedLog, IsBackedUpAndRestoredWithItsKeyOnly) {
  make_keyed_later();
  const auto copy = folder_ / "copy.db";
  EXPECT_THAT(backup(file_, copy).error(), HasSubstr("not at hand"));
  EXPECT_FALSE(std::filesystem::exists(copy));
  const auto told = backup(file_, copy, &key_);
  ASSERT_TRUE(told) << told.error();
  EXPECT_THAT(restore(copy, file_).error(), HasSubstr("not at hand"));
  EXPECT_TRUE(restore(copy, file_, &key_));
}

}  // namespace
}  // namespace pourtocol::database::testing
