// What the turns and calls of a dispenser take in instructions, and the budgets they are held to.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>

namespace pourtocol::firmware {

/// As the control task takes them; the core asks for one in `turn_ms_max`.
inline constexpr int turn_ms = 5;
inline constexpr int turn_ms_max = 10;
/// 160 MHz is all that a C3 and a C6 can do, and what ESP-IDF gives the other targets too unless it
/// is told otherwise; sdkconfig.defaults does not tell. Assumed, not measured: no more than four
/// cycles per instruction on average, where most take one or two, for misses of the flash's cache
/// and what interrupts take away.
constexpr std::uint32_t instructions_in(int milliseconds) noexcept {
  return static_cast<std::uint32_t>(milliseconds) * 160'000 / 4;
}

/// Instructions retired since reset; differences are exact across the wrap of 32 bits.
inline std::uint32_t instructions() noexcept {
  std::uint32_t count = 0;
  asm volatile(".option push\n.option arch, +zicsr\ncsrr %0, minstret\n.option pop"
               : "=r"(count)::"memory");
  return count;
}

[[nodiscard]] std::uint32_t taken_by(auto&& doing) noexcept {
  const std::uint32_t before = instructions();
  doing();
  return instructions() - before;
}

struct Worst {
  std::uint32_t most = 0;
  std::uint32_t times = 0;

  void note(std::uint32_t taken, std::uint32_t as_often = 1) noexcept {
    times += as_often;
    most = std::max(most, taken);
  }
  /// False: over budget, or it never happened at all.
  bool within(const char* what, std::uint32_t budget) const noexcept {
    std::printf("%-34s %8lu of %8lu instructions at most, in %lu\n", what,
                static_cast<unsigned long>(most), static_cast<unsigned long>(budget),
                static_cast<unsigned long>(times));
    return times > 0 && most <= budget;
  }
};

/// Turns by what happens in them.
struct Turns {
  Worst idle;
  Worst on;
  Worst waiting;  ///< in a pour, with the pump off, perhaps to go on again
  Worst recording;

  void add(const Turns& others) noexcept {
    idle.note(others.idle.most, others.idle.times);
    waiting.note(others.waiting.most, others.waiting.times);
    on.note(others.on.most, others.on.times);
    recording.note(others.recording.most, others.recording.times);
  }
  void print(const char* situation) const noexcept {
    std::printf("%s: at most %lu idle, %lu pumping, %lu waiting, %lu recording\n", situation,
                static_cast<unsigned long>(idle.most), static_cast<unsigned long>(on.most),
                static_cast<unsigned long>(waiting.most),
                static_cast<unsigned long>(recording.most));
  }
};

/// What comes of all situations.
struct Figures {
  Turns turns;
  Worst publishing;  ///< the status, at the end of a turn that changed something in it
  Worst unchanged;   ///< and of one that did not
  Worst ordering;
  Worst refusing;
  Worst serving;
  Worst stopping;
  Worst measuring;
  Worst accepting;
  Worst telling;
  Worst booting;
  // All that the control task does in one turn: what was asked, the turn, the status.
  Worst whole;
  Worst calibrating;  ///< the same where something about the calibration was said

  bool report() const noexcept;
};

/// What one compiler's code may take, where g++ 12 (Debian 12) and 14 (Debian 13) differ by more
/// than the budgets' margin.
constexpr std::uint32_t by_compiler(std::uint32_t gcc_12, std::uint32_t gcc_14) noexcept {
  return __GNUC__ >= 14 ? gcc_14 : gcc_12;
}

// The budgets, about a quarter above today's need, are there so that growth is a decision; the last
// two are what a board has time for. Of RapidJSON's writer, g++ 14 makes code that takes half as
// much again for a status: 241,000 instructions against 160,000. No turn pays for it (the server's
// task tells a status, when it is asked or something changed), so it may.
inline bool Figures::report() const noexcept {
  const struct {
    const char* what;
    const Worst& worst;
    std::uint32_t budget;
  } held[] = {
      {"a turn without a pour", turns.idle, 7'000},
      {"a turn with the pump on", turns.on, 35'000},
      {"a turn of a pour, pump off", turns.waiting, 59'000},
      {"a turn with a record written", turns.recording, 90'000},
      {"the status after a turn", publishing, by_compiler(63'000, 73'000)},
      {"the status, nothing changed", unchanged, 200},
      {"an order taken, recorded, pump on", ordering, 98'000},
      {"an order refused", refusing, 29'000},
      {"a service run taken", serving, 98'000},
      {"a stop", stopping, 46'000},
      {"a cup measured, all runs fitted", measuring, 217'000},
      {"a calibration accepted", accepting, 64'000},
      {"a status told", telling, by_compiler(200'000, 300'000)},
      {"a boot with a full journal", booting, 20'000'000},
      {"a request, a turn and its status", whole, instructions_in(turn_ms)},
      // Floating point without a unit for it: a turn may come late, but as the core may have it.
      {"the same, about a calibration", calibrating, instructions_in(turn_ms_max)},
  };
  bool good = true;
  for (const auto& [what, worst, budget] : held) good = worst.within(what, budget) && good;
  return good;
}

}  // namespace pourtocol::firmware
