// What the firmware promises, held against the physics of machines drawn at random: any machine,
// any order, any mishap at any moment.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>

#include "firmware/simulator/plant/tests/machine.hpp"

namespace pourtocol::firmware {
namespace {

using protocol::PourOutcome;

enum class Mishap {
  none,
  lift_glass,
  lift_glass_under_a_spiking_sensor,
  sensor_falls_silent,
  stop,
  clog,
  empty_bottle,
  meter_dies,
  meter_stutters,
  air,
  hang,
  hang_while_the_glass_leaves,
  power_cut,
  flash_fails,
};
constexpr int mishap_count = 14;

void suffer(Machine& machine, Mishap mishap, Random& random) {
  const Instant now = machine.clock.now;
  switch (mishap) {
    case Mishap::none:
      break;
    case Mishap::lift_glass_under_a_spiking_sensor:
      machine.plant.spike_sensor(now, milliseconds{random.between(1, 12)});
      machine.lift_glass();
      break;
    case Mishap::lift_glass:
      machine.lift_glass();
      break;
    case Mishap::sensor_falls_silent:
      machine.plant.set_sensor(now, SensorMode::silent);
      break;
    case Mishap::stop:
      (void)machine.loop->handle_stop({});
      RC_ASSERT(!machine.plant.pump_on());
      break;
    case Mishap::clog:
      machine.plant.set_clogged(now, true);
      break;
    case Mishap::empty_bottle:
      machine.plant.fill_bottle(now, Microlitres{random.between(0, 5'000)});
      break;
    case Mishap::meter_dies:
      machine.plant.set_meter_dead(now, true);
      break;
    case Mishap::meter_stutters:
      machine.plant.set_meter_dead(now, true);
      machine.pass(milliseconds{random.between(1, 900)});
      machine.plant.set_meter_dead(machine.clock.now, false);
      break;
    case Mishap::air:
      machine.plant.let_air_in(now, milliseconds{random.between(0, 2'000)});
      break;
    case Mishap::hang:
      machine.hang(milliseconds{random.between(20, 30'000)});
      break;
    case Mishap::hang_while_the_glass_leaves:
      machine.lift_glass();
      machine.hang(milliseconds{random.between(20, 30'000)});
      break;
    case Mishap::power_cut:
      machine.power_off();
      machine.pass(milliseconds{random.between(0, 3'000)});
      machine.power_on();
      break;
    case Mishap::flash_fails:
      machine.flash.set_failing(true, random.chance(0.5));
      break;
  }
}

void repair(Machine& machine) {
  const Instant now = machine.clock.now;
  machine.flash.set_failing(false);
  machine.plant.set_sensor(now, SensorMode::works);
  machine.plant.set_clogged(now, false);
  machine.plant.let_air_in(now, Duration{0});
  machine.plant.set_meter_dead(now, false);
  if (machine.plant.bottle() < Microlitres{70'000}) {
    machine.plant.fill_bottle(now, Microlitres{700'000});
  }
  machine.change_glass();
  machine.pass(milliseconds{6'000});
}

/// What the spans of one pour come to.
struct Poured {
  Microlitres total;
  Duration on{0};
  Duration longest_without_glass{0};
  int spans = 0;
};

Poured poured_since(const Machine& machine, std::size_t first) {
  Poured poured;
  const auto& episodes = machine.plant.episodes();
  for (std::size_t i = first; i < episodes.size(); ++i) {
    RC_ASSERT(episodes[i].final);
    RC_ASSERT(episodes[i].glass_at_start);
    poured.total += episodes[i].total;
    poured.on += episodes[i].ended - episodes[i].started;
    poured.longest_without_glass =
        std::max(poured.longest_without_glass, episodes[i].longest_without_glass);
    ++poured.spans;
  }
  return poured;
}

void check_truth(const Machine& machine, const std::string& id, int ml, const Poured& episode,
                 Milliseconds cut_off, Mishap mishap) {
  const auto pour = machine.remembered(id);
  RC_ASSERT(pour.has_value());
  RC_LOG() << ml << " ml, mishap " << static_cast<int>(mishap) << ", stop reason "
           << static_cast<int>(pour->stop_reason) << ", true " << episode.total.count()
           << " µl, said " << pour->delivered.count() << " in [" << pour->min.count() << ", "
           << pour->max.count() << "], " << machine.plant.spec().flow.microlitres_per_second()
           << " µl/s, delay " << machine.plant.spec().start_delay.count() << " µs, coast "
           << machine.plant.spec().coast.count() << " µl, on for " << episode.on.count()
           << " µs in " << episode.spans << " spans, meter " << machine.plant.spec().has_meter
           << ", echo " << (machine.plant.spec().sensor == SensorKind::echo) << ", uncertainty "
           << pour->uncertainty.count() << "\n";
  RC_ASSERT(episode.total <= most_for(Millilitres{ml}));
  RC_ASSERT(pour->min <= episode.total);
  RC_ASSERT(episode.total <= pour->max);
  RC_ASSERT(pour->min <= pour->delivered);
  RC_ASSERT(pour->delivered <= pour->max);
  RC_ASSERT(pour->max <= most_for(Millilitres{ml}));
  RC_ASSERT(episode.on <= cut_off * episode.spans);
  RC_ASSERT(episode.longest_without_glass <= milliseconds{100});
  RC_ASSERT(episode.spans > 0 || pour->max == Microlitres{0} ||
            pour->outcome == PourOutcome::interrupted);
  if (mishap == Mishap::none) {
    // A pour that was interrupted may have to end before it could pass the most it may bring.
    const bool interrupted = episode.spans != 1;
    RC_ASSERT(pour->outcome == PourOutcome::finished || ml < 10 || interrupted);
  }
}

void pour_once(Machine& machine, Random& random, int number) {
  const auto ml = static_cast<int>(random.between(1, 60));
  const auto mishap = static_cast<Mishap>(random.below(mishap_count));
  const auto when = milliseconds{random.between(0, 5'000)};
  const std::string id = "pour-" + std::to_string(number);
  if (mishap == Mishap::air) suffer(machine, mishap, random);
  const std::size_t before = machine.plant.episodes().size();
  const Milliseconds cut_off =
      plan_pour(expect(machine.calibrated.config, machine.loop->tuning()), Millilitres{ml}).cut_off;
  RC_ASSERT(machine.order(id, ml));
  machine.pass(when);
  if (mishap != Mishap::air) suffer(machine, mishap, random);
  machine.finish_pour();
  const Poured poured = poured_since(machine, before);
  // Only a doubt about a glass makes several of one, or none if it never was laid to rest.
  RC_ASSERT(poured.spans == 1 || machine.plant.spec().sensor == SensorKind::echo);
  check_truth(machine, id, ml, poured, cut_off, mishap);
  repair(machine);
  RC_ASSERT(!machine.order(id, ml));
  RC_ASSERT(machine.plant.episodes().size() == before + static_cast<std::size_t>(poured.spans));
}

RC_GTEST_PROP(Truth, LiesWithinWhatTheMachineSays, (std::uint64_t seed)) {
  Random random{seed};
  Machine machine{random.fork()};
  machine.place_glass();
  for (int i = 0; i < 20; ++i) pour_once(machine, random, i);
}

RC_GTEST_PROP(Truth, PowerCutsAtAnyWriteLoseNothing, (std::uint64_t seed)) {
  Random random{seed};
  Machine machine{random.fork()};
  for (int i = 0; i < 10; ++i) {
    machine.change_glass();
    const std::string id = "pour-" + std::to_string(i);
    const std::size_t before = machine.plant.episodes().size();
    machine.pass(milliseconds{random.between(0, 20)});
    if (random.chance(0.3)) machine.flash.cut_power_at_next_write(random.below(129));
    (void)machine.order(id, 30);
    if (machine.flash.powered()) machine.flash.cut_power_at_next_write(random.below(129));
    for (int n = 0; n < 2000 && machine.flash.powered() && machine.pouring(); ++n) {
      machine.pass(milliseconds{10});
    }
    machine.power_off();
    machine.hang(milliseconds{2'000});
    machine.power_on();
    machine.pass(milliseconds{100});

    RC_ASSERT(machine.details().journal_whole);
    const auto pour = machine.remembered(id);
    if (machine.plant.episodes().size() == before) {
      if (pour) RC_ASSERT(pour->min == Microlitres{0});
      continue;
    }
    const Poured poured = poured_since(machine, before);
    RC_ASSERT(poured.spans == 1 || machine.plant.spec().sensor == SensorKind::echo);
    RC_ASSERT(pour.has_value());
    RC_ASSERT(pour->min <= poured.total);
    RC_ASSERT(poured.total <= pour->max);
  }
}

}  // namespace
}  // namespace pourtocol::firmware
