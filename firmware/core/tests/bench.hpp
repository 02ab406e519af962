// A machine to try the core on, in a few kilobytes and without a heap, so that it fits a board too:
// an ideal pump that does exactly what its calibration says, a glass, a meter, and flash in memory.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "firmware/core/board_loop.hpp"
#include "firmware/core/tests/memory_flash.hpp"
#include "firmware/hal/board.hpp"
#include "firmware/testing/check.hpp"

namespace pourtocol::firmware {

/// How a machine is set up, and what is believed of it.
struct Rig {
  Config config;
  Tuning tuning;
};
/// A small pump that is what it is said to be as bought, as somebody has confirmed; timed or with a
/// meter.
inline Rig timed_rig() noexcept {
  Rig rig{.config = {}, .tuning = fresh_tuning(factory_calibration())};
  rig.config.confirmed = rig.tuning.calibration;
  return rig;
}
inline Rig metered_rig() noexcept {
  Rig rig = timed_rig();
  rig.config.metered = true;
  return rig;
}

/// The pins, and at their other end a machine that is just what its tuning says. Time passes by
/// `pass_ms`.
class BenchBoard {
 public:
  explicit BenchBoard(const Rig& rig, std::uint32_t ticks = 0) noexcept
      : rig_{rig}, behaviour_{expect(rig.config, rig.tuning)}, ticks_{ticks} {}

  BenchBoard& pump() noexcept { return *this; }
  BenchBoard& glass_sensor() noexcept { return *this; }
  BenchBoard& flow_meter() noexcept { return *this; }
  BenchBoard& clock() noexcept { return *this; }
  BenchBoard& stop_button() noexcept { return *this; }
  BenchBoard& entropy() noexcept { return *this; }
  MemoryFlash& journal_store() noexcept { return flash; }

  void switch_on(hal::Milliseconds cut_off) noexcept {
    on_ = true;
    ++episodes;
    on_for_ = 0;
    pumped_ = coast_left_;  // what still moves may coast after this span
    coast_left_ = 0;
    cut_off_ = cut_off.count();
  }
  void renew_cut_off(hal::Milliseconds cut_off) noexcept { cut_off_ = cut_off.count(); }
  void switch_off() noexcept {
    if (on_) coast_left_ = clogged ? 0 : std::min(behaviour_.coast.count() * 1000, pumped_);
    on_ = false;
  }
  hal::GlassInput read() noexcept { return glass; }
  std::uint32_t pulses() noexcept {
    if (!rig_.config.metered) return 0;
    return first_pulse + static_cast<std::uint32_t>(
                             metered_ * rig_.tuning.calibration.pulses_per_litre / 1'000'000'000);
  }
  std::uint32_t ticks_ms() noexcept { return ticks_; }
  bool pressed() noexcept { return stop_pressed; }
  std::uint64_t random_bits() noexcept { return ++boots_; }
  std::optional<MachineId> machine_id() noexcept { return own_id; }
  bool keep_confirmed(std::span<const std::uint8_t> bytes) noexcept {
    ++keepings;
    EXPECT_EQ(bytes.size(), stored_confirmed_bytes);
    if (settings_fail || bytes.size() != stored_confirmed_bytes) return false;
    std::ranges::copy(bytes, kept.emplace().begin());
    return true;
  }

  /// One millisecond of physics, in nanolitres.
  void pass_ms() noexcept {
    ++ticks_;
    std::int64_t flow = 0;
    if (on_) {
      ++on_for_;
      if (on_for_ > behaviour_.start_delay.count() && !clogged) {
        flow = behaviour_.flow.microlitres_per_second() * speed_permille / 1000;
        pumped_ += flow;
      }
      if (--cut_off_ <= 0) switch_off();
    } else {
      flow = std::min(coast_left_, behaviour_.flow.microlitres_per_second() / 2);
      coast_left_ -= flow;
    }
    flow += leak;
    flowed_ += flow;
    if (!meter_dead) metered_ += flow * meter_permille / 1000;
  }

  [[nodiscard]] bool is_on() const noexcept { return on_; }
  [[nodiscard]] Microlitres flowed() const noexcept { return Microlitres{flowed_ / 1000}; }

  MemoryFlash flash;
  hal::GlassInput glass = hal::GlassReading{.present = false, .valid = true};
  bool stop_pressed = false;
  bool clogged = false;
  bool meter_dead = false;
  std::int64_t leak = 0;  ///< nl per ms
  std::int64_t speed_permille = 1000;
  std::int64_t meter_permille = 1000;  ///< of what flows, what its pulses tell of
  std::uint32_t first_pulse = 0;
  int episodes = 0;  ///< times the pump was switched on
  std::optional<MachineId> own_id;
  std::optional<StoredConfirmed> kept;
  int keepings = 0;  ///< times something was to be kept
  bool settings_fail = false;

 private:
  Rig rig_;
  Behaviour behaviour_;
  std::uint32_t ticks_;
  std::uint64_t boots_ = 0;
  bool on_ = false;
  std::int64_t on_for_ = 0;
  std::int64_t cut_off_ = 0;
  std::int64_t pumped_ = 0;
  std::int64_t coast_left_ = 0;
  std::int64_t flowed_ = 0;
  std::int64_t metered_ = 0;
};

static_assert(hal::Board<BenchBoard>);
static_assert(!hal::BoardWithTagReader<BenchBoard>);

/// The same with an NFC reader.
class TagBoard : public BenchBoard {
 public:
  using BenchBoard::BenchBoard;
  TagBoard& tag_reader() noexcept { return *this; }
  protocol::NfcReading read_tag() noexcept { return tag; }

  protocol::NfcReading tag{.ready = true, .tag_present = false, .uid = {}};
};

static_assert(hal::BoardWithTagReader<TagBoard>);

/// A dispenser on the bench, and what a person may do to it.
class Bench {
 public:
  explicit Bench(const Rig& rig, std::uint32_t ticks = 0) noexcept : rig_{rig}, board{rig, ticks} {
    EXPECT_TRUE(format_journal(board.flash));
    boot();
  }

  void boot() noexcept {
    Config config = rig_.config;
    if (board.kept) {
      const auto kept = decode_confirmed(*board.kept);
      EXPECT_TRUE(kept.has_value());
      config.confirm_journalled = false;
      if (kept) config.confirmed = *kept;
    }
    loop.emplace(board, config, rig_.tuning);
  }
  void cut_power() noexcept {
    board.switch_off();
    loop.reset();
  }
  void reboot() noexcept {
    cut_power();
    boot();
    settle_glass();
  }

  /// The loop runs for a while, a step each 10 ms.
  void run(int milliseconds) noexcept {
    for (int i = 0; i < milliseconds; ++i) {
      board.pass_ms();
      if (i % 10 == 9) loop->step();
    }
  }
  /// The loop hangs for a while.
  void hang(int milliseconds) noexcept {
    for (int i = 0; i < milliseconds; ++i) board.pass_ms();
  }
  void settle_glass() noexcept { run(500); }
  void place_glass() noexcept {
    board.glass = hal::GlassReading{.present = true, .valid = true};
    settle_glass();
  }
  void lift_glass() noexcept { board.glass = hal::GlassReading{.present = false, .valid = true}; }
  /// The last glass away for long enough, another one there.
  void change_glass() noexcept {
    lift_glass();
    run(1500);
    place_glass();
  }
  /// Until the running pour has ended, or for ten seconds.
  void finish_pour() noexcept {
    for (int i = 0; i < 1000 && state() == protocol::DeviceState::pouring; ++i) run(10);
  }

  static RequestId id(std::string_view text) noexcept { return *RequestId::parse(text); }
  OrderReply order(std::string_view text, int ml) noexcept {
    return loop->handle_order(
        {.amount = Millilitres{ml}, .request_id = id(text), .guard = std::nullopt});
  }
  bool accepted(std::string_view text, int ml) noexcept {
    const OrderReply reply = order(text, ml);
    const auto* yes = std::get_if<protocol::OrderAccepted>(&reply);
    return yes != nullptr && !yes->repeated;
  }
  bool repeated(std::string_view text, int ml) noexcept {
    const OrderReply reply = order(text, ml);
    const auto* yes = std::get_if<protocol::OrderAccepted>(&reply);
    return yes != nullptr && yes->repeated;
  }
  std::optional<protocol::Refusal> refusal(std::string_view text, int ml) noexcept {
    return refusal_in(order(text, ml));
  }
  static std::optional<protocol::Refusal> refusal_in(const OrderReply& reply) noexcept {
    const auto* no = std::get_if<protocol::OrderRejected>(&reply);
    if (no == nullptr) return std::nullopt;
    return no->refusal;
  }
  void stop() noexcept { EXPECT_FALSE(loop->handle_stop({}).has_value()); }
  void stop(std::string_view text) noexcept { EXPECT_FALSE(stop_refused(text)); }
  /// Whether the machine says that it will not remember the stop.
  bool stop_refused(std::string_view text) noexcept {
    return loop->handle_stop({.request_id = id(text)}).has_value();
  }
  bool pour(std::string_view text, int ml) noexcept {
    if (!accepted(text, ml)) return false;
    finish_pour();
    return true;
  }

  protocol::DeviceState state() const noexcept { return loop->status().state; }
  protocol::DeviceDetails details() const noexcept { return *loop->status().details; }
  protocol::RecentPour last() const noexcept {
    const auto recent = details().recent;
    return recent.empty() ? protocol::RecentPour{} : recent.back();
  }
  bool has_fault(protocol::Fault fault) const noexcept { return details().faults.contains(fault); }

  Rig rig_;
  BenchBoard board;
  std::optional<BoardLoop<BenchBoard>> loop;
};

/// A machine that reckons by time, and one with a meter.
class Timed : public testing::Test, public Bench {
 protected:
  Timed() : Bench{timed_rig()} {}
};
class Metered : public testing::Test, public Bench {
 protected:
  Metered() : Bench{metered_rig()} {}
};

}  // namespace pourtocol::firmware
