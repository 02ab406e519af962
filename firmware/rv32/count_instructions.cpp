// Situations of a bar on the bare processor, turn by turn as the control task takes them, and how
// many instructions the worst turn and the worst call took. qemu counts (`-icount`), so the figures
// are the same on every machine.
//
// The board's pins and flash are memory here: what a real board's drivers take comes on top.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "core/assert.hpp"
#include "firmware/core/tests/host.hpp"
#include "firmware/rv32/instruction_figures.hpp"
#include "protocol/codec.hpp"

namespace pourtocol::firmware {
namespace {

using protocol::PourOutcome;
using protocol::ServiceKind;
using protocol::StopReason;
using namespace literals;

/// A machine whose turns are counted.
class Bar : public Host {
 public:
  Bar(const Rig& rig, Figures& figures) noexcept : Host{rig}, figures_{figures} {}

  /// Five milliseconds and one turn of the loop.
  void pass_turn() noexcept {
    for (int i = 0; i < turn_ms; ++i) board.pass_ms();
    ++turn_;
    if (echo_us_ != 0 && turn_ % (60 / turn_ms) == 0) {
      board.glass = hal::EchoReading{.number = ++echoes_, .echo_us = echo_us_};
    }
    const std::size_t written = board.flash.last;
    const bool was_on = board.is_on();
    const bool was_pouring = loop->pouring();
    Worst& kind = was_on ? turns_.on : was_pouring ? turns_.waiting : turns_.idle;
    const std::uint32_t turn = taken_by([&] { loop->step(); });
    (board.flash.last != written ? turns_.recording : kind).note(turn);
    // A board hands out the status after each turn.
    bool changed = false;
    const std::uint32_t status = taken_by([&] { changed = loop->refresh(published_); });
    (changed ? figures_.publishing : figures_.unchanged).note(status);
    (calibrating_ ? figures_.calibrating : figures_.whole).note(asked_ + turn + status);
    asked_ = 0;
    calibrating_ = false;
  }
  void pass(int milliseconds) noexcept {
    for (int i = 0; i < milliseconds; i += turn_ms) pass_turn();
  }
  /// Until the pour or run has ended.
  void pass_pour() noexcept {
    for (int i = 0; i < 20'000 && loop->pouring(); ++i) pass_turn();
    EXPECT_FALSE(loop->pouring());
  }
  /// An ultrasonic sensor, from now on, and what it measures.
  void see(std::uint16_t echo_us, int milliseconds) noexcept {
    echo_us_ = echo_us;
    pass(milliseconds);
  }
  void give_glass() noexcept {
    board.glass = hal::GlassReading{.present = true, .valid = true};
    pass(500);
  }
  void next_glass() noexcept {
    lift_glass();
    pass(1'100);  // as long as it takes to clear the faults that were seen
    give_glass();
  }

  void order_next(int ml) noexcept {
    const std::string_view text = next_id();
    // No two pours are alike, so that all that is learned from them is.
    board.speed_permille = 950 + number_ * 7 % 100;
    bool taken = false;
    ask(figures_.ordering, [&] { taken = accepted(text, ml); });
    EXPECT_TRUE(taken);
  }
  void be_refused() noexcept {
    std::optional<protocol::Refusal> why;
    ask(figures_.refusing, [&] { why = refusal("another", 30); });
    EXPECT_TRUE(why.has_value());
  }
  std::string_view serve_next(ServiceKind kind, protocol::ServiceExtent extent,
                              int portions) noexcept {
    const auto order = service(next_id(), kind, extent, portions);
    bool taken = false;
    ask(figures_.serving, [&] {
      const OrderReply reply = loop->handle_service(order);
      taken = std::holds_alternative<protocol::OrderAccepted>(reply);
    });
    EXPECT_TRUE(taken);
    return {id_, sizeof id_ - 1};
  }
  void stop_by(const protocol::StopOrder& order) noexcept {
    ask(figures_.stopping, [&] { (void)loop->handle_stop(order); });
  }
  void say_counted(const protocol::CalibrationAction& action, Worst& worst) noexcept {
    bool done = false;
    ask(worst, [&] { done = say(action).has_value(); });
    calibrating_ = true;
    EXPECT_TRUE(done);
  }
  void tell_status() noexcept {
    static protocol::MessageBuffer buffer;
    figures_.telling.note(taken_by([&] { (void)protocol::encode_status(loop->status(), buffer); }));
  }
  void boot_counted() noexcept {
    cut_power();
    figures_.booting.note(taken_by([&] { boot(); }));
  }
  void end(const char* situation) noexcept {
    turns_.print(situation);
    figures_.turns.add(turns_);
    turns_ = {};
  }
  Figures& figures() noexcept { return figures_; }

 private:
  /// Something is asked, before the next turn.
  void ask(Worst& worst, auto&& asking) noexcept {
    const std::uint32_t taken = taken_by(asking);
    worst.note(taken);
    asked_ += taken;
  }
  std::string_view next_id() noexcept {
    ++number_;
    for (int i = 35, n = number_; i >= 24; --i, n /= 10) id_[i] = static_cast<char>('0' + n % 10);
    return {id_, sizeof id_ - 1};
  }

  Figures& figures_;
  Turns turns_;
  protocol::DeviceStatus published_;
  std::uint32_t asked_ = 0;  ///< what the requests since the last turn took
  bool calibrating_ = false;
  char id_[65] = "00000000-0000-0000-0000-0000000000000000000000000000000000000000";
  int number_ = 0;
  int turn_ = 0;
  std::uint32_t echoes_ = 0;
  std::uint16_t echo_us_ = 0;  ///< 0: a plain sensor
};

Rig waiting(Rig rig) noexcept {
  rig.config.resume_within = Milliseconds{5'000};
  return rig;
}
Rig with_a_bottle(Rig rig) noexcept {
  rig.config.bottle = 700'000_ul;
  return rig;
}

void pour_drinks(Bar& bar, int pours, const char* situation) noexcept {
  constexpr int amounts[] = {15, 30, 45, 60, 22};
  for (int i = 0; i < pours; ++i) {
    bar.next_glass();
    bar.order_next(amounts[i % 5]);
    bar.pass(200);
    bar.be_refused();
    bar.tell_status();
    bar.pass_pour();
    EXPECT_EQ(bar.last().outcome, PourOutcome::finished);
  }
  EXPECT_EQ(bar.board.episodes, pours);
  bar.end(situation);
}

void pour_by_echo(Figures& figures) noexcept {
  constexpr std::uint16_t glass_us = 160;    // 27 mm
  constexpr std::uint16_t misread_us = 270;  // 46 mm
  constexpr std::uint16_t wall_us = 1800;    // 31 cm
  static Bar bar{metered_rig(), figures};
  for (int i = 0; i < 5; ++i) {
    const int before = bar.board.episodes;
    bar.see(wall_us, 1'500);
    bar.see(glass_us, 900);
    bar.order_next(45);
    bar.see(glass_us, 900);
    bar.see(misread_us, 60);
    bar.see(glass_us, 60);
    bar.pass_pour();
    EXPECT_EQ(bar.last().outcome, PourOutcome::finished);
    EXPECT_EQ(bar.board.episodes - before, 2);
  }
  bar.order_next(45);
  bar.see(glass_us, 900);
  bar.see(wall_us, 60);
  bar.pass_pour();
  EXPECT_EQ(bar.last().stop_reason, StopReason::glass_removed);
  bar.end("pours seen by echo, with misreadings");
}

/// Eight runs into the cup, half of them in portions, and what the cup showed.
void calibrate(const Rig& rig, Bar& bar, const char* situation) noexcept {
  bar.give_glass();
  RequestId runs[protocol::calibration_runs_max];
  Microlitres cups[protocol::calibration_runs_max];
  for (std::size_t i = 0; i < std::size(runs); ++i) {
    const Microlitres before = bar.board.flowed();
    const int portions = rig.tuning.calibrated() && i % 2 == 1 ? 4 : 1;
    protocol::ServiceExtent extent = Milliseconds{4'000};
    if (rig.tuning.calibrated()) extent = portions == 1 ? 100_ml : 10_ml;
    runs[i] = Bench::id(bar.serve_next(ServiceKind::calibrate, extent, portions));
    bar.pass_pour();
    EXPECT_EQ(bar.last().outcome, PourOutcome::finished);
    cups[i] = bar.board.flowed() - before + Microlitres{i % 3 * 300};
  }
  for (std::size_t i = 0; i < std::size(runs); ++i) {
    bar.say_counted(protocol::MeasuredRun{.request_id = runs[i], .measured = cups[i]},
                    bar.figures().measuring);
    bar.pass(100);
  }
  bar.board.stop_pressed = true;  // a hand at the machine
  bar.pass(static_cast<int>(hand_after.count()) + 20);
  bar.say_counted(protocol::AcceptCalibration{}, bar.figures().accepting);
  bar.board.stop_pressed = false;
  bar.pass(100);
  EXPECT_TRUE(bar.loop->tuning().calibrated());
  bar.end(situation);
}

void clean(Figures& figures) noexcept {
  static Bar bar{with_a_bottle(timed_rig()), figures};
  bar.give_glass();
  (void)bar.serve_next(ServiceKind::clean, Milliseconds{6'000}, 1);
  bar.pass_pour();
  EXPECT_EQ(bar.board.episodes, 6);
  bar.end("a line cleaned by pulses");
}

/// By a message and by the button.
void stop_pours(Figures& figures) noexcept {
  static Bar bar{metered_rig(), figures};
  for (int i = 0; i < 6; ++i) {
    bar.next_glass();
    bar.order_next(60);
    bar.pass(1'000);
    if (i % 2 == 0) {
      bar.stop_by({});
    } else {
      bar.board.stop_pressed = true;
    }
    bar.pass_turn();
    EXPECT_FALSE(bar.board.is_on());
    bar.board.stop_pressed = false;
    bar.pass_pour();
    EXPECT_EQ(bar.last().stop_reason, StopReason::stop_requested);
  }
  bar.end("pours stopped halfway");
}

void lift_glasses(Figures& figures) noexcept {
  static Bar bar{waiting(metered_rig()), figures};
  for (int i = 0; i < 5; ++i) {
    bar.next_glass();
    const int before = bar.board.episodes;
    bar.order_next(45);
    bar.pass(1'500);
    bar.lift_glass();
    bar.pass(1'000);
    bar.give_glass();
    bar.pass_pour();
    EXPECT_EQ(bar.last().outcome, PourOutcome::finished);
    EXPECT_EQ(bar.board.episodes - before, 2);
  }
  bar.end("glasses lifted, and the remainder");
}

void clog_the_line(Figures& figures) noexcept {
  static Bar bar{metered_rig(), figures};
  for (int i = 0; i < 5; ++i) {
    bar.next_glass();
    bar.board.clogged = false;
    bar.order_next(60);
    bar.pass(i * 500);
    bar.board.clogged = true;
    bar.pass_pour();
    EXPECT_EQ(bar.last().stop_reason, StopReason::no_flow);
    EXPECT_TRUE(bar.has_fault(protocol::Fault::no_flow));
    bar.be_refused();
  }
  bar.end("a clogged line, a fault each time");
}

/// An order is stopped before it comes, and power goes in mid-pour, with a ring that has been
/// written round.
void boot_after_an_evening(Bar& bar) noexcept {
  EXPECT_GE(bar.board.flash.erasures, 16);
  bar.stop_by({.request_id = Bench::id("never-seen")});
  EXPECT_EQ(bar.last().outcome, PourOutcome::cancelled);
  bar.next_glass();
  bar.order_next(60);
  bar.pass(1'500);
  bar.boot_counted();
  EXPECT_EQ(bar.last().outcome, PourOutcome::interrupted);
  bar.pass(4'000);
  bar.end("after a loss of power in mid-pour");
}

bool count_all() noexcept {
  static Figures figures;
  static Bar metered{metered_rig(), figures};
  pour_drinks(metered, 50, "metered pours");
  boot_after_an_evening(metered);
  static Bar timed{with_a_bottle(timed_rig()), figures};
  pour_drinks(timed, 20, "timed pours, a bottle told");
  pour_by_echo(figures);
  static Bar metered_cups{metered_rig(), figures};
  calibrate(metered_rig(), metered_cups, "runs in portions, metered");
  static Bar timed_cups{with_a_bottle(timed_rig()), figures};
  calibrate(with_a_bottle(timed_rig()), timed_cups, "runs in portions, timed");
  static Bar unknown_cups{Rig{}, figures};
  calibrate(Rig{}, unknown_cups, "runs of a machine nobody knows");
  clean(figures);
  stop_pours(figures);
  lift_glasses(figures);
  clog_the_line(figures);
  return figures.report() && testing::failures == 0;
}

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
  const bool good = firmware::count_all();
  std::printf(good ? "within all budgets\n" : "over budget\n");
  return good ? 0 : 1;
}
