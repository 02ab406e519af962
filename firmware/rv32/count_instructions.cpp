// An hour behind the bar on the bare processor, turn by turn, and how many instructions the worst
// turn of each kind took. qemu counts (`-icount`), so the figures are the same on every machine.
//
// The board's pins and flash are memory here: what a real board's drivers take comes on top.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "core/assert.hpp"
#include "firmware/core/tests/bench.hpp"
#include "protocol/codec.hpp"

namespace pourtocol::firmware {
namespace {

/// Instructions retired since reset; differences are exact across the wrap of 32 bits.
std::uint32_t instructions() noexcept {
  std::uint32_t count = 0;
  asm volatile(".option push\n.option arch, +zicsr\ncsrr %0, minstret\n.option pop"
               : "=r"(count)::"memory");
  return count;
}

struct Worst {
  const char* what;
  std::uint32_t budget;
  std::uint32_t most = 0;
  std::uint32_t times = 0;

  void note(std::uint32_t count) noexcept {
    ++times;
    if (count > most) most = count;
  }
  /// False: over budget, or it never happened at all.
  bool report() const noexcept {
    std::printf("%-34s %8lu of %8lu instructions at most, in %lu\n", what,
                static_cast<unsigned long>(most), static_cast<unsigned long>(budget),
                static_cast<unsigned long>(times));
    return times > 0 && most <= budget;
  }
};

class Evening : public Bench {
 public:
  Evening() noexcept : Bench{metered_rig()} {}

  bool run_an_hour() noexcept {
    change_to_a_new_glass();
    char id[] = "00000000-0000-0000-0000-0000000000000000000000000000000000000000";
    for (int turn = 1; turn <= 360'000; ++turn) {
      pass_turn();
      if (turn % 1000 == 0) order_next(id, turn);
      if (turn % 1000 == 900) change_to_a_new_glass();
      if (turn % 500 == 0) tell_status();
    }
    const std::uint32_t before = instructions();
    boot();
    boot_.note(instructions() - before);
    EXPECT_GE(board.episodes, 300);
    bool good = testing::failures == 0;
    for (const Worst* worst :
         {&idle_, &pumping_, &recording_, &ordering_, &refusing_, &status_, &boot_}) {
      good = worst->report() && good;
    }
    return good;
  }

 private:
  /// Ten milliseconds and one turn of the loop.
  void pass_turn() noexcept {
    for (int i = 0; i < 10; ++i) board.pass_ms();
    const std::size_t written = board.flash.last;
    const bool was_on = board.is_on();
    const std::uint32_t before = instructions();
    loop->step();
    const std::uint32_t count = instructions() - before;
    if (board.flash.last != written) {
      recording_.note(count);
    } else if (was_on) {
      pumping_.note(count);
    } else {
      idle_.note(count);
    }
  }
  void order_next(char* id, int turn) noexcept {
    for (int i = 35; i >= 24; --i, turn /= 10) id[i] = static_cast<char>('0' + turn % 10);
    constexpr int amounts[] = {15, 30, 45, 60, 22};
    const int ml = amounts[++orders_ % 5];
    std::uint32_t before = instructions();
    EXPECT_TRUE(accepted({id, 64}, ml));
    ordering_.note(instructions() - before);
    before = instructions();
    EXPECT_EQ(refusal("another", ml), protocol::Refusal::busy);
    refusing_.note(instructions() - before);
  }
  void change_to_a_new_glass() noexcept {
    lift_glass();
    for (int i = 0; i < 50; ++i) pass_turn();
    board.glass = hal::GlassReading{.present = true, .valid = true};
  }
  void tell_status() noexcept {
    static protocol::MessageBuffer buffer;
    const std::uint32_t before = instructions();
    (void)protocol::encode_status(loop->status(), buffer);
    status_.note(instructions() - before);
  }

  // A processor of 160 MHz has 1,600,000 for each turn of 10 ms. The budgets, a quarter above
  // today's need, are there so that growth is a decision.
  Worst idle_{"a turn with the pump off", 20'000};
  Worst pumping_{"a turn with the pump on", 25'000};
  Worst recording_{"a turn with a record written", 90'000};
  Worst ordering_{"an order taken, recorded, pump on", 98'000};
  Worst refusing_{"an order refused", 29'000};
  Worst status_{"a status told", 212'000};
  Worst boot_{"a boot with a full journal", 20'000'000};
  int orders_ = 0;
};

[[noreturn]] void stop(const char* condition, const char* file, int line) {
  std::printf("%s:%d: assertion failed: %s\n", file, line, condition);
  std::_Exit(2);
}

}  // namespace
}  // namespace pourtocol::firmware

int main() {
  using namespace pourtocol;
  set_assert_handler([](const char* condition, const char* file, int line) {
    firmware::stop(condition, file, line);
  });
  static firmware::Evening evening;
  const bool good = evening.run_an_hour();
  std::printf(good ? "within all budgets\n" : "over budget\n");
  return good ? 0 : 1;
}
