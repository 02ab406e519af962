#include "firmware/core/journal.hpp"

#include "firmware/core/tests/bench.hpp"

namespace pourtocol::firmware {
namespace {

using protocol::PourOutcome;

class JournalInFlash : public testing::Test {
 protected:
  JournalInFlash() { EXPECT_TRUE(format_journal(flash_)); }

  History boot() {
    journal_.emplace(flash_);
    return journal_->open();
  }
  static RequestId number(int n) {
    char text[] = "pour-0000";
    for (int i = 8; n > 0; --i, n /= 10) text[i] = static_cast<char>('0' + n % 10);
    return *RequestId::parse(text);
  }
  static protocol::RecentPour pour(int n, PourOutcome outcome) {
    protocol::RecentPour pour;
    pour.request_id = number(n);
    pour.requested = Millilitres{30};
    pour.outcome = outcome;
    pour.max = Microlitres{36'000};
    return pour;
  }
  bool write(RecordKind kind, int n, PourOutcome outcome = PourOutcome::interrupted) {
    EXPECT_TRUE(journal_->make_room(1));
    if (kind == RecordKind::started) ++total_;
    return journal_->append({.kind = kind, .pour = pour(n, outcome), .pours_total = total_});
  }
  bool write_whole_pour(int n) {
    return write(RecordKind::started, n) && write(RecordKind::checkpoint, n) &&
           write(RecordKind::ended, n, PourOutcome::finished);
  }
  static bool remembers(const History& history, int n) {
    for (const auto& pour : history.recent) {
      if (pour.request_id == number(n)) return true;
    }
    return false;
  }

  MemoryFlash flash_;
  std::optional<Journal<MemoryFlash>> journal_;
  std::uint32_t total_ = 0;
};

TEST_F(JournalInFlash, OfANewMachineIsWholeAndEmpty) {
  const History history = boot();
  EXPECT_TRUE(history.whole);
  EXPECT_TRUE(history.recent.empty());
  EXPECT_FALSE(history.interrupted.has_value());
}

TEST_F(JournalInFlash, ThatCannotBeReadIsNotWholeAndTakesNothing) {
  flash_.readable = false;
  const History history = boot();
  EXPECT_FALSE(history.whole);
  EXPECT_FALSE(write(RecordKind::started, 1));
  flash_.reports_failure = true;
  EXPECT_FALSE(write(RecordKind::started, 2));
}

TEST_F(JournalInFlash, RemembersPoursAcrossBoots) {
  (void)boot();
  EXPECT_TRUE(write_whole_pour(1));
  EXPECT_TRUE(write_whole_pour(2));
  const History history = boot();
  EXPECT_TRUE(history.whole);
  ASSERT_EQ(history.recent.size(), 2U);
  EXPECT_EQ(history.recent[0].request_id, number(1));
  EXPECT_EQ(history.recent[1].request_id, number(2));
  EXPECT_EQ(history.pours_total, 2U);
}

TEST_F(JournalInFlash, APourWithoutAnEndIsInterrupted) {
  (void)boot();
  EXPECT_TRUE(write_whole_pour(1));
  EXPECT_TRUE(write(RecordKind::started, 2));
  EXPECT_TRUE(write(RecordKind::checkpoint, 2));
  const History history = boot();
  ASSERT_TRUE(history.interrupted.has_value());
  EXPECT_EQ(history.interrupted->request_id, number(2));
  EXPECT_EQ(history.recent.size(), 1U);
  EXPECT_TRUE(history.whole);
}

TEST_F(JournalInFlash, ACancelledOrderDoesNotEndTheRunningPour) {
  (void)boot();
  EXPECT_TRUE(write(RecordKind::started, 1));
  EXPECT_TRUE(write(RecordKind::ended, 2, PourOutcome::cancelled));
  const History history = boot();
  ASSERT_TRUE(history.interrupted.has_value());
  EXPECT_EQ(history.interrupted->request_id, number(1));
  EXPECT_TRUE(remembers(history, 2));
}

TEST_F(JournalInFlash, ATornLastRecordIsNothingUnusual) {
  (void)boot();
  EXPECT_TRUE(write_whole_pour(1));
  flash_.kept_bytes = 60;
  EXPECT_FALSE(write(RecordKind::started, 2));
  flash_.kept_bytes = hal::slot_bytes;
  const History history = boot();
  EXPECT_TRUE(history.whole);
  EXPECT_FALSE(history.interrupted.has_value());
  EXPECT_TRUE(write_whole_pour(3));
  const History later = boot();
  EXPECT_TRUE(later.whole);
  EXPECT_FALSE(remembers(later, 2));
  EXPECT_TRUE(remembers(later, 3));
}

TEST_F(JournalInFlash, ALastRecordTornAtAnyByteIsNothingUnusual) {
  (void)boot();
  for (std::size_t kept = 0; kept < hal::slot_bytes; ++kept) {
    const int n = static_cast<int>(kept) + 1;
    EXPECT_TRUE(write_whole_pour(n));
    flash_.kept_bytes = kept;
    EXPECT_FALSE(write(RecordKind::started, 500 + n));
    flash_.kept_bytes = hal::slot_bytes;
    EXPECT_TRUE(boot().whole);
  }
}

TEST_F(JournalInFlash, ARecordThatRottedIsMissed) {
  (void)boot();
  EXPECT_TRUE(write_whole_pour(1));
  EXPECT_TRUE(write(RecordKind::started, 2));
  const std::size_t rotten = flash_.last;
  EXPECT_TRUE(write(RecordKind::ended, 2, PourOutcome::finished));
  EXPECT_TRUE(write_whole_pour(3));
  flash_.corrupt(rotten);
  EXPECT_FALSE(boot().whole);
}

TEST_F(JournalInFlash, ANewestRecordThatRottedIsMissedWhereverItStands) {
  (void)boot();
  for (int n = 1; n <= 40; ++n) {
    EXPECT_TRUE(write(RecordKind::started, n));
    const std::size_t rotten = flash_.last;
    flash_.corrupt(rotten);
    EXPECT_FALSE(boot().whole);
    flash_.corrupt(rotten);  // flips the bit back
    EXPECT_TRUE(boot().whole);
  }
}

TEST_F(JournalInFlash, ASlotBehindTheNewestRecordThatCannotBeReadIsMissed) {
  (void)boot();
  EXPECT_TRUE(write_whole_pour(1));
  flash_.unreadable = flash_.last + 1;
  EXPECT_FALSE(boot().whole);
}

TEST_F(JournalInFlash, WritesTornAtEachOfManyBootsAreNothingUnusual) {
  (void)boot();
  EXPECT_TRUE(write_whole_pour(1));
  for (int n = 2; n <= 60; ++n) {
    flash_.kept_bytes = 60;
    EXPECT_FALSE(write(RecordKind::started, n));
    flash_.kept_bytes = hal::slot_bytes;
    const History history = boot();
    EXPECT_TRUE(history.whole);
    EXPECT_TRUE(remembers(history, 1));
  }
}

TEST_F(JournalInFlash, IsWholeAgainWhenSixteenPoursAreNewerThanTheGap) {
  (void)boot();
  EXPECT_TRUE(write_whole_pour(1));
  const std::size_t rotten = flash_.last;
  for (int n = 2; n <= 16; ++n) EXPECT_TRUE(write_whole_pour(n));
  flash_.corrupt(rotten);
  EXPECT_FALSE(boot().whole);
  EXPECT_TRUE(write_whole_pour(17));
  EXPECT_TRUE(boot().whole);
}

TEST_F(JournalInFlash, LostFlashIsAdmittedAndStaysSo) {
  (void)boot();
  EXPECT_TRUE(write_whole_pour(1));
  flash_.lose();
  EXPECT_FALSE(boot().whole);
  EXPECT_TRUE(write_whole_pour(2));
  const History later = boot();
  EXPECT_FALSE(later.whole);
  EXPECT_TRUE(remembers(later, 2));
}

TEST_F(JournalInFlash, ARecordReportedAsFailedDoesNotCountOnceAnotherFollows) {
  (void)boot();
  flash_.reports_failure = true;
  EXPECT_FALSE(write(RecordKind::started, 1));
  flash_.reports_failure = false;
  EXPECT_TRUE(write(RecordKind::probe, 0));
  const History history = boot();
  EXPECT_TRUE(history.whole);
  EXPECT_FALSE(history.interrupted.has_value());
}

TEST_F(JournalInFlash, ARecordReportedAsFailedDoesNotCountWhereTheRingBeginsAnew) {
  (void)boot();
  while (flash_.last != 510) EXPECT_TRUE(write(RecordKind::probe, 0));
  flash_.reports_failure = true;
  EXPECT_FALSE(write(RecordKind::started, 1));
  EXPECT_EQ(flash_.last, 511U);
  flash_.reports_failure = false;
  EXPECT_TRUE(write(RecordKind::probe, 0));
  EXPECT_EQ(flash_.last, 0U);
  EXPECT_FALSE(boot().interrupted.has_value());
}

TEST_F(JournalInFlash, DeadFlashUsesUpNoRoom) {
  (void)boot();
  EXPECT_TRUE(journal_->make_room(1));
  flash_.works = false;
  for (int n = 0; n < 2000; ++n) EXPECT_FALSE(journal_->append({.kind = RecordKind::probe}));
  flash_.works = true;
  EXPECT_TRUE(write_whole_pour(1));
  EXPECT_TRUE(remembers(boot(), 1));
}

TEST_F(JournalInFlash, GoesRoundForEverAndKeepsTheLastSixteenPours) {
  for (int n = 1; n <= 700; ++n) {
    if (n % 7 == 1) (void)boot();
    EXPECT_TRUE(write_whole_pour(n));
    if (n % 97 != 0) continue;
    const History history = boot();
    EXPECT_TRUE(history.whole);
    EXPECT_EQ(history.pours_total, static_cast<std::uint32_t>(n));
    for (int kept = n > 16 ? n - 15 : 1; kept <= n; ++kept) EXPECT_TRUE(remembers(history, kept));
  }
  EXPECT_GT(flash_.erasures, 45);
}

TEST_F(JournalInFlash, APowerCutWhileASectorIsErasedLosesNothingThatIsRemembered) {
  (void)boot();
  for (int n = 1; n <= 400; ++n) {
    EXPECT_TRUE(write_whole_pour(n));
    // Half of the sector that is next to be erased is garbage.
    const std::size_t next = (flash_.last / 32 + 1) % 16 * 32;
    for (std::size_t i = next; n % 50 == 0 && i < next + 16; ++i) flash_.corrupt(i);
    if (n % 50 != 0) continue;
    const History history = boot();
    EXPECT_TRUE(history.whole);
    EXPECT_EQ(history.recent.size(), 16U);
  }
}

TEST_F(JournalInFlash, ASectorOfNothingButGarbageBehindTheNewestRecordIsAnErasureCutShort) {
  (void)boot();
  for (int n = 1; n <= 400; ++n) EXPECT_TRUE(write_whole_pour(n));
  while (flash_.last % 32 != 31) EXPECT_TRUE(write(RecordKind::probe, 0));
  const std::size_t next = (flash_.last + 1) % 512;
  for (std::size_t i = next; i < next + 32; ++i) flash_.corrupt(i);
  const History history = boot();
  EXPECT_TRUE(history.whole);
  EXPECT_EQ(history.recent.size(), 16U);
  EXPECT_TRUE(write_whole_pour(401));
  EXPECT_TRUE(remembers(boot(), 401));
}

TEST_F(JournalInFlash, NeverErasesWhileItAppends) {
  (void)boot();
  EXPECT_TRUE(journal_->make_room(journal_room_for_pour));
  const int before = flash_.erasures;
  for (std::size_t n = 0; n < journal_room_for_pour; ++n) {
    EXPECT_TRUE(journal_->append({.kind = RecordKind::probe}));
  }
  EXPECT_EQ(flash_.erasures, before);
}

TEST_F(JournalInFlash, APourWithoutAnEndIsRememberedWhenAnotherHasBegun) {
  (void)boot();
  EXPECT_TRUE(write(RecordKind::started, 1));
  EXPECT_TRUE(write(RecordKind::started, 2));
  const History history = boot();
  EXPECT_TRUE(remembers(history, 1));
  EXPECT_TRUE(history.interrupted.has_value());
}

TEST_F(JournalInFlash, ABootAfterAGapWritesBehindTheTornSlot) {
  (void)boot();
  EXPECT_TRUE(write(RecordKind::started, 1));
  const std::size_t torn = flash_.last + 1;
  flash_.kept_bytes = 40;
  EXPECT_FALSE(write(RecordKind::checkpoint, 1));
  EXPECT_EQ(flash_.last, torn);
  flash_.kept_bytes = hal::slot_bytes;
  (void)boot();
  EXPECT_TRUE(write(RecordKind::checkpoint, 1));
  EXPECT_EQ(flash_.last, torn + 1);
}

TEST_F(JournalInFlash, WhoseBeginningWasErasedIsNotWhole) {
  (void)boot();
  EXPECT_TRUE(flash_.erase_sector(0));
  EXPECT_TRUE(write(RecordKind::started, 1));
  EXPECT_FALSE(boot().whole);
}

// ---- What flash can do to a record

TEST_F(JournalInFlash, NothingIsWrittenWithoutRoom) {
  (void)boot();
  int written = 0;
  while (journal_->append({.kind = RecordKind::probe}) && written < 512) ++written;
  EXPECT_LT(written, 512);
  const std::size_t last = flash_.last;
  EXPECT_FALSE(journal_->append({.kind = RecordKind::probe}));
  EXPECT_EQ(flash_.last, last);
}

TEST_F(JournalInFlash, ThereIsNoRoomInFlashThatCannotBeErased) {
  (void)boot();
  for (int i = 0; i < 512 && journal_->append({.kind = RecordKind::probe}); ++i) continue;
  flash_.works = false;
  EXPECT_FALSE(journal_->make_room(1));
  flash_.works = true;
  EXPECT_TRUE(journal_->make_room(1));
}

TEST_F(JournalInFlash, ASlotThatAFailureLeftUntouchedIsTheNextToBeWritten) {
  (void)boot();
  EXPECT_TRUE(write(RecordKind::started, 1));
  const std::size_t last = flash_.last;
  flash_.works = false;
  EXPECT_FALSE(write(RecordKind::checkpoint, 1));
  flash_.works = true;
  EXPECT_TRUE(write(RecordKind::checkpoint, 1));
  EXPECT_EQ(flash_.last, last + 1);
}

/// Says that it has written what it has not.
class LyingFlash : public MemoryFlash {
 public:
  bool write_slot(std::size_t index, const hal::Slot& in) noexcept {
    const bool written = MemoryFlash::write_slot(index, in);
    corrupt(index);
    return written;
  }
};

TEST(JournalInLyingFlash, ARecordThatReadsBackWrongIsNotDurable) {
  LyingFlash flash;
  Journal<LyingFlash> journal{flash};
  (void)journal.open();
  EXPECT_TRUE(journal.make_room(1));
  EXPECT_FALSE(journal.append({.kind = RecordKind::probe}));
}

/// Can be read only so often.
class FailingFlash : public MemoryFlash {
 public:
  bool read_slot(std::size_t index, hal::Slot& out) noexcept {
    return reads_left-- > 0 && MemoryFlash::read_slot(index, out);
  }
  int reads_left = 0;
};

TEST(JournalInFailingFlash, IsNotWholeIfItCannotBeReadToItsEnd) {
  FailingFlash flash;
  EXPECT_TRUE(format_journal(flash));
  for (const int reads : {0, 1, 512, 513, 1024, 1025}) {
    flash.reads_left = reads;
    Journal<FailingFlash> journal{flash};
    EXPECT_FALSE(journal.open().whole);
    EXPECT_FALSE(journal.append({.kind = RecordKind::probe}));
  }
}

}  // namespace
}  // namespace pourtocol::firmware
