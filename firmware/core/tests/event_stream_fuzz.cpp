// Any stream of events into the core of any machine: the first bytes say which machine it is, each
// later one what happens next. Most that can happen has a letter, so that the seeds can be read
// (seeds/): "gt\x80oA#t\xff" is a glass, time, an order, time.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string_view>

#include "core/tests/fuzzing.hpp"
#include "firmware/core/spreads.hpp"
#include "firmware/core/tests/watcher.hpp"

namespace pourtocol::firmware {
namespace {

/// What the fuzzer decides, byte by byte; zeros when it has said enough.
class Decisions {
 public:
  Decisions(const std::uint8_t* data, std::size_t size) : data_{data}, size_{size} {}
  [[nodiscard]] bool over() const { return at_ >= size_; }
  std::uint8_t byte() { return over() ? std::uint8_t{0} : data_[at_++]; }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + (high - low) * byte() / 255;
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
  std::size_t at_ = 0;
};

constexpr std::array<std::uint32_t, 4> pulses_per_litre{5880, 500, 20'000, 100'000};

Tuning draw_tuning(Decisions& from, bool calibrated) {
  Calibration calibration;
  if (calibrated) calibration.flow = FlowRate{from.between(2'000, 50'000)};
  calibration.start_delay = Milliseconds{from.between(0, 2'000)};
  calibration.coast = Microlitres{from.between(0, 5'000)};
  calibration.pulses_per_litre = pulses_per_litre[from.byte() % pulses_per_litre.size()];
  calibration.flow_error = 150;
  return fresh_tuning(calibration);
}

/// A machine that is as far from what is believed of it as it may be, or less.
World draw_world(Decisions& from) {
  const std::uint8_t kind = from.byte();
  World world;
  world.config.metered = (kind & 1) != 0;
  world.by_echo = (kind & 2) != 0;
  world.tuning = draw_tuning(from, (kind & 4) == 0);
  if ((kind & 8) != 0) world.config.resume_within = Milliseconds{from.between(0, 30'000)};
  if ((kind & 16) != 0) world.config.bottle = Microlitres{from.between(50'000, 3'000'000)};
  if ((kind & 32) != 0) {
    world.config.glass = {.settle = Milliseconds{from.between(50, 5'000)},
                          .confirm = Milliseconds{from.between(0, 30)}};
    world.config.glass_within_mm = static_cast<std::uint16_t>(from.between(20, 500));
  }
  if ((kind & 64) != 0) {
    world.ticks = 0U - static_cast<std::uint32_t>(from.byte()) * 256;
    world.journal_at = from.byte() * std::size_t{2};
    world.flash_ms = from.between(0, 400);
  }
  const Calibration& believed = world.tuning.calibration;
  if (world.tuning.calibrated()) world.config.confirmed = believed;
  const bool calibrated = world.tuning.calibrated();
  TrueMachine::Nature& nature = world.nature;
  nature.flow = calibrated ? believed.flow.microlitres_per_second() *
                                 from.between(spreads::flow_low + 10, spreads::flow_high) / 1000
                           : from.between(2'000, 27'000);
  const auto delay = calibrated ? believed.start_delay : factory_calibration().start_delay;
  const auto coast = calibrated ? believed.coast : factory_calibration().coast;
  nature.start_delay =
      delay.count() * from.between(spreads::delay_low, spreads::delay_high) / 1000 + 1;
  nature.coast = coast.count() * from.between(0, spreads::coast_high);
  nature.drops = from.between(0, spreads::drops_max.count() * 1000);
  nature.pulses_per_litre = believed.pulses_per_litre * from.between(985, 1015) / 1000;
  return world;
}

class Story {
 public:
  Story(const World& world, Decisions& from) : watcher_{world}, from_{from} {}

  void tell() {
    while (!from_.over() && turns_left_ > 0) next(static_cast<char>(from_.byte()));
  }

 private:
  void turns(int count, std::uint32_t ms) {
    for (int i = 0; i < count && turns_left_ > 0; ++i, --turns_left_) {
      watcher_.pass(ms);
      watcher_.turn();
    }
  }
  RequestId id() {
    std::array<char, 1> text{static_cast<char>('A' + from_.byte() % 24)};
    return *RequestId::parse({text.data(), text.size()});
  }
  std::optional<protocol::OrderGuard> guard() {
    const std::uint8_t kind = from_.byte();
    if (kind < 128) return std::nullopt;
    return protocol::OrderGuard{.boot_id = kind % 8 == 0 ? BootId{99} : watcher_.boot_id(),
                                .expires = watcher_.uptime() + Uptime{from_.between(-50, 200)}};
  }
  protocol::ServiceOrder service() {
    const std::uint8_t kind = from_.byte();
    protocol::ServiceOrder order;
    order.kind = static_cast<protocol::ServiceKind>(kind % 4);
    if ((kind & 4) != 0) {
      order.extent = Millilitres{static_cast<int>(from_.between(0, 210))};
      order.portions = 1 + (kind >> 4) % 9;
    } else {
      order.extent = std::chrono::milliseconds{from_.between(0, 61'000)};
    }
    order.confirmed = (kind & 8) == 0;
    order.request_id = id();
    order.guard = guard();
    return order;
  }
  protocol::CalibrationAction action() {
    switch (from_.byte() % 7) {
      case 0:
        return protocol::MeasuredRun{.request_id = id(),
                                     .measured = Microlitres{from_.between(0, 250'000)}};
      case 1:
        return protocol::DropRun{.request_id = id()};
      case 2:
        return protocol::AcceptCalibration{};
      case 3:
        return protocol::DiscardCalibration{};
      case 4:
        return protocol::NewBottle{};
      case 5:
        return protocol::BottleEmpty{};
      default:
        return protocol::ClearFaults{};
    }
  }

  void next(char what) {
    switch (what) {
      case 'g':
        return watcher_.place_glass();
      case 'l':
        return watcher_.lift_glass();
      case 'm':
        return watcher_.misread();
      case 'x':
        return watcher_.silence_sensor(true);
      case 'X':
        return watcher_.silence_sensor(false);
      case 'b':
        return watcher_.press_stop(true);
      case 'B':
        return watcher_.press_stop(false);
      case 'k':
        return watcher_.kill_meter(true);
      case 'K':
        return watcher_.kill_meter(false);
      case 'n':
        return watcher_.knock_meter(from_.byte());
      case 'f':
        return watcher_.let_flash_fail(true);
      case 'F':
        return watcher_.let_flash_fail(false);
      case 'd':
        return watcher_.let_flash_deny(true);
      case 'D':
        return watcher_.let_flash_deny(false);
      case 'T':
        return watcher_.tear_next_record(from_.byte() % (hal::slot_bytes + 1));
      case 'r':
        return watcher_.reboot(static_cast<std::uint32_t>(from_.byte()) << 24);
      case 'w':
        return watcher_.pass(from_.byte());
      case 'W':
        return watcher_.pass(static_cast<std::uint32_t>(from_.byte()) << 24);
      case 't':
        return turns(from_.byte() + 1, 10);
      case 'q':
        return turns(from_.byte() + 1, 3);
      case 's':
        return watcher_.stop({});
      case 'S':
        return watcher_.stop({.request_id = id()});
      case 'v':
        return watcher_.service(service());
      case 'c':
        return watcher_.calibrate(action());
      case 'o': {
        const RequestId of = id();
        const Millilitres amount{from_.byte() - 5};
        return watcher_.order({.amount = amount, .request_id = of, .guard = guard()});
      }
      default:
        return turns(1, 10);
    }
  }

  Watcher watcher_;
  Decisions& from_;
  int turns_left_ = 3000;
};

}  // namespace
}  // namespace pourtocol::firmware

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pourtocol::firmware;
  Decisions decisions{data, size};
  try {
    Story{draw_world(decisions), decisions}.tell();
  } catch (const RuleBroken& broken) {
    std::fprintf(stderr, "safety.md %s\n", broken.what());
    std::abort();
  }
  return 0;
}
