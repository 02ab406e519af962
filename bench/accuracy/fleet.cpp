// A fleet of machines drawn at random, each calibrated by a person and then pouring through an
// evening: bottles run low, the supply drifts, tubes wear. One line per pour, for accuracy.py:
//
//   pump,measure,machine,asked,flowed,said,plus_minus,min,max,plain,dry
//
// in µl; `said`, `plus_minus`, `min` and `max` are the receipt's; `plain` is what a twin of the
// machine pours when its pump runs for ml / flow seconds, as the original firmware had it; `dry`:
// the bottle ran empty in this pour.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "core/random.hpp"
#include "firmware/simulator/plant/person.hpp"

namespace {

using namespace pourtocol;
using namespace pourtocol::firmware;

struct Fleet {
  std::uint64_t seed = 1;
  int machines = 240;
  int pours = 100;
  double spread = 1;
  StrongPumps strong_pumps = StrongPumps::slowed;
};

constexpr const char* pump_names[pump_kind_count] = {"small", "strong", "peristaltic"};

Millilitres wish(Random& random) {
  constexpr int usual[] = {15, 30, 45, 60};
  const auto kind = random.below(5);
  if (kind < 4) return Millilitres{usual[kind]};
  return Millilitres{static_cast<int>(random.between(5, 60))};
}

/// The original's way: no meter, no coast, no start delay. Its flow was found by running the pump
/// for five seconds into a cup, read to 1 ml.
class PlainTwin {
 public:
  PlainTwin(const PlantSpec& spec, Random random, Instant now)
      : plant_{spec, random.fork(), now}, flow_{0} {
    plant_.place_glass(now);
    constexpr std::chrono::seconds time{5};
    plant_.switch_pump_on(now, time);
    plant_.advance(now + 2 * time);
    const auto cup = plant_.total().count() + random.between(-1'000, 1'000);
    flow_ = FlowRate{cup / time.count()};
    plant_.fill_bottle(now + 2 * time, spec.bottle_full);
  }

  Microlitres pour(Instant now, Millilitres amount) {
    const Microlitres before = plant_.total();
    const Duration time = flow_.time_for(amount.to_microlitres());
    plant_.switch_pump_on(now, time);
    plant_.advance(now + time + std::chrono::seconds{5});
    plant_.forget_final_episodes();
    return plant_.total() - before;
  }
  void fill_bottle(Instant now, Microlitres volume) { plant_.fill_bottle(now, volume); }

 private:
  Plant plant_;
  FlowRate flow_;
};

void evening(const Fleet& fleet, int machine, Random random) {
  const auto pump = static_cast<PumpKind>(machine % pump_kind_count);
  PlantSpec spec = PlantSpec::draw(random, pump, PlantSpreads{}.widened(fleet.spread));
  spec.has_meter = machine / pump_kind_count % 2 == 1;
  spec.air = Duration{random.between(1'000'000, 2'000'000)};
  AttendedMachine attended{spec, random.fork()};
  attended.calibrate(fleet.strong_pumps);
  spec.air = Duration{0};
  PlainTwin twin{spec, random.fork(), attended.now()};
  attended.wait(std::chrono::seconds{60});
  for (int i = 0; i < fleet.pours; ++i) {
    attended.wait(std::chrono::seconds{random.between(60, 300)});
    const Millilitres amount = wish(random);
    twin.fill_bottle(attended.now(), attended.plant().bottle());
    const Microlitres plain = twin.pour(attended.now(), amount);
    const auto poured = attended.pour(amount);
    const auto& receipt = poured.receipt;
    std::printf("%s,%s,%d,%lld,%lld,%lld,%lld,%lld,%lld,%lld,%d\n",
                pump_names[machine % pump_kind_count], spec.has_meter ? "metered" : "timed",
                machine, static_cast<long long>(amount.to_microlitres().count()),
                static_cast<long long>(poured.flowed.count()),
                static_cast<long long>(receipt.delivered.count()),
                static_cast<long long>(receipt.uncertainty.count()),
                static_cast<long long>(receipt.min.count()),
                static_cast<long long>(receipt.max.count()), static_cast<long long>(plain.count()),
                poured.ran_dry ? 1 : 0);
    if (poured.ran_dry) attended.change_bottle();
  }
}

}  // namespace

int main(int argc, char** argv) {
  Fleet fleet;
  CLI::App app{"Pours with a fleet of simulated machines and says what truly flowed."};
  app.add_option("--seed", fleet.seed, "Draws the fleet")->capture_default_str();
  app.add_option("--machines", fleet.machines)
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--pours", fleet.pours, "of each machine")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--spread", fleet.spread, "All spreads of the machines so many times as wide")
      ->check(CLI::Range(0.0, 3.0))
      ->capture_default_str();
  app.add_flag_callback(
      "--full-power", [&] { fleet.strong_pumps = StrongPumps::left; },
      "Nobody slows a strong pump that has no meter");
  CLI11_PARSE(app, argc, argv);
  Random random{fleet.seed};
  for (int machine = 0; machine < fleet.machines; ++machine) evening(fleet, machine, random.fork());
  return 0;
}
