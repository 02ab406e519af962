#include "simulation/world.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace pourtocol::simulation {

namespace {

using namespace std::chrono_literals;

constexpr Duration minute = 60s;

/// After the storm: the longest pour, its margin, the time-outs before it, and what the promise
/// adds.
constexpr Duration calm = 60s;

/// No storm is so bad that for so long not one order can be placed.
constexpr Duration standstill = 60 * minute;

std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

}  // namespace

World::World(const WorldOptions& options)
    : options_{options},
      random_{options.seed},
      faults_{Faults::draw(random_)},
      disk_{schedule_, random_.fork(), options.bug} {
  make_machines();
  network_.emplace(schedule_, machines_, random_.fork(), options.bug);
  network_->set_faults(faults_);
  checker_.emplace(schedule_, settings_, disk_.ledger(), machines_);
  network_->set_witness(
      {.order_leaves =
           [this](control::TapIndex tap, const protocol::DispenseOrder& order) {
             ++orders_;
             note(hash_of(order.request_id.view()));
             checker_->order_leaves(tap, order);
           },
       .order_taken = [this](control::TapIndex, const protocol::DispenseOrder&,
                             const firmware::OrderReply& reply) { note(reply.index()); },
       .stop_taken = [this](control::TapIndex tap,
                            const protocol::StopOrder& stop) { checker_->stop_taken(tap, stop); }});
  witness_.answered = [this](const control::DispenseRequest& request, const RequestId& id,
                             const control::DispenseAnswer& answer) {
    note(static_cast<std::uint64_t>(answer.code));
    settled_.insert(id);
    checker_->answered(request, id, answer);
  };
  witness_.write_submitted = [this](const control::StoreWrite& write) {
    checker_->write_submitted(write);
  };
  witness_.write_answered = [this](const control::StoreWrite& write,
                                   const control::WriteReply& reply) {
    note(reply.result.index());
    checker_->write_answered(write, reply);
  };
  witness_.stop_answered = [] {};
}

void World::make_machines() {
  const auto taps = static_cast<std::size_t>(random_.between(1, 4));
  for (std::size_t i = 0; i < taps; ++i) {
    control::TapSettings tap;
    tap.name = *TapName::parse("tap" + std::to_string(i + 1));
    settings_.taps.push_back(tap);
    const int protocol = random_.chance(0.3) ? 1 : 2;
    machines_.push_back(
        std::make_unique<Machine>(schedule_, tap.name, protocol, random_.fork(), options_.bug));
  }
}

// ---- the server's life --------------------------------------------------------------------------

void World::open_server() {
  server_.emplace(schedule_, settings_, disk_, *network_, witness_, wall_offset_);
}

void World::kill_server() {
  if (!server_) return;
  ++kills_;
  ++faults_seen_;
  server_.reset();
  schedule_.after(Duration{random_.between(100'000, 3'000'000)}, [this] { open_server(); });
}

// ---- what goes wrong ----------------------------------------------------------------------------

void World::plan(double per_minute, std::function<void(Random&)> what) {
  if (per_minute <= 0) return;
  // Waiting times between nothing and twice the mean keep the rate without needing a logarithm.
  const double mean_us = static_cast<double>(minute.count()) / per_minute;
  const Duration wait{static_cast<std::int64_t>(random_.uniform(0, 2 * mean_us))};
  schedule_.after(wait, [this, per_minute, what = std::move(what)]() mutable {
    if (!storm_) return;
    ++faults_seen_;
    what(random_);
    plan(per_minute, std::move(what));
  });
}

void World::plan_faults() {
  for (std::size_t i = 0; i < machines_.size(); ++i) plan_machine_faults(i);
  plan_server_faults();
}

void World::plan_machine_faults(std::size_t index) {
  Machine& machine = *machines_[index];
  const auto tap = static_cast<control::TapIndex>(index);
  const auto for_a_while = [this](Duration time, std::function<void()> end) {
    schedule_.after(time, [end = std::move(end)] { end(); });
  };
  plan(faults_.partitions, [this, tap](Random& r) {
    network_->partition(tap, Duration{r.between(500'000, 20'000'000)});
  });
  plan(faults_.power_cuts, [this, &machine](Random& r) {
    if (r.chance(faults_.lost_flash)) machine.lose_flash();
    machine.cut_power(Duration{r.between(200'000, 5'000'000)});
  });
  plan(faults_.torn_writes, [&machine](Random& r) { machine.tear_next_write(r.below(128)); });
  plan(faults_.flash_failures, [&machine, for_a_while](Random& r) {
    machine.set_flash_failing(true, r.chance(0.3));
    for_a_while(Duration{r.between(100'000, 4'000'000)},
                [&machine] { machine.set_flash_failing(false, false); });
  });
  plan(faults_.hangs,
       [&machine](Random& r) { machine.hang(Duration{r.between(20'000, 5'000'000)}); });
  plan(faults_.glass_spikes,
       [&machine](Random& r) { machine.spike_sensor(Duration{r.between(5'000, 60'000)}); });
  plan(faults_.stuck_sensors, [&machine, for_a_while](Random& r) {
    machine.set_sensor(static_cast<firmware::SensorMode>(r.between(1, 3)));
    for_a_while(Duration{r.between(500'000, 8'000'000)},
                [&machine] { machine.set_sensor(firmware::SensorMode::works); });
  });
  plan(faults_.clogs, [&machine, for_a_while](Random& r) {
    machine.set_clogged(true);
    for_a_while(Duration{r.between(500'000, 8'000'000)},
                [&machine] { machine.set_clogged(false); });
  });
  plan(faults_.dead_meters, [this, &machine](Random& r) {
    machine.set_meter_dead(true);
    mend_meter(machine, Duration{r.between(500'000, 8'000'000)});
  });
}

/// A jammed meter does not come free by itself in mid-pour: somebody frees it when the pump is off.
void World::mend_meter(Machine& machine, Duration after) {
  schedule_.after(after, [this, &machine] {
    if (machine.is_pouring()) {
      mend_meter(machine, 500ms);
    } else {
      machine.set_meter_dead(false);
    }
  });
}

void World::plan_server_faults() {
  plan(faults_.server_kills, [this](Random&) { kill_server(); });
  plan(faults_.disk_failures, [this](Random& r) {
    disk_.set_failing(true);
    schedule_.after(Duration{r.between(50'000, 3'000'000)}, [this] { disk_.set_failing(false); });
  });
  plan(faults_.slow_disks, [this](Random& r) {
    disk_.set_slow(true);
    schedule_.after(Duration{r.between(500'000, 5'000'000)}, [this] { disk_.set_slow(false); });
  });
  plan(faults_.wall_clock_jumps,
       [this](Random& r) { wall_offset_ = std::chrono::hours{24} * r.between(-3'650, 3'650); });
}

// ---- guests -------------------------------------------------------------------------------------

std::int64_t World::pick_amount() {
  constexpr std::array<std::int64_t, 3> usual{15, 30, 45};
  if (random_.chance(0.6)) return usual[random_.below(usual.size())];
  if (random_.chance(0.97)) return random_.between(1, 60);
  constexpr std::array<std::int64_t, 5> impossible{-1, 0, 61, 1'000, 1'000'000'000'000};
  return impossible[random_.below(impossible.size())];
}

/// Somebody comes to a tap: a glass, an order, a drink (perhaps), and away.
void World::visit(std::size_t index) {
  if (!storm_) return;
  Machine& machine = *machines_[index];
  machine.refill_if_low();
  if (!random_.chance(0.03)) machine.place_glass();
  const RequestId id = *RequestId::parse("order-" + std::to_string(++last_id_));
  const std::int64_t amount = pick_amount();
  const Duration thinks{random_.between(250'000, 900'000)};
  schedule_.after(thinks, [this, index, id, amount] { order(index, id, amount, 3); });
  if (random_.chance(faults_.double_tap)) {
    schedule_.after(thinks + Duration{random_.between(1'000, 400'000)},
                    [this, index, id, amount] { order(index, id, amount, 0); });
  }
  if (random_.chance(0.1)) {  // somebody else presses too
    const RequestId other = *RequestId::parse("order-" + std::to_string(++last_id_));
    schedule_.after(thinks + Duration{random_.between(0, 600'000)},
                    [this, index, other] { order(index, other, 15, 0); });
  }
  if (random_.chance(faults_.stop_pressed)) {
    schedule_.after(thinks + Duration{random_.between(1'000, 2'500'000)}, [this, id] {
      if (server_) server_->stop(id);
    });
  }
  if (random_.chance(faults_.host_stops)) {
    schedule_.after(thinks + Duration{random_.between(1'000, 2'500'000)}, [this] {
      if (server_) server_->stop(control::AllTaps{});
    });
  }
  const bool impatient = random_.chance(faults_.lifted_glass);
  const Duration stays = thinks + Duration{impatient ? random_.between(200'000, 3'000'000)
                                                     : random_.between(4'500'000, 7'000'000)};
  schedule_.after(stays, [this, index] {
    machines_[index]->lift_glass();
    schedule_.after(Duration{random_.between(200'000, 1'500'000)}, [this, index] { visit(index); });
  });
}

/// A phone asks again under the same key until it has heard something.
void World::order(std::size_t index, const RequestId& id, std::int64_t amount_ml, int tries_left) {
  if (server_) {
    server_->dispense({.amount_ml = amount_ml,
                       .user = *UserToken::from("guest"),
                       .tap = settings_.taps[index].name,
                       .key = id},
                      id);
  }
  if (tries_left == 0) return;
  schedule_.after(Duration{random_.between(2'500'000, 3'500'000)},
                  [this, index, id, amount_ml, tries_left] {
                    if (!settled_.contains(id)) order(index, id, amount_ml, tries_left - 1);
                  });
}

// ---- the course of the party --------------------------------------------------------------------

bool World::step_until(Instant end) {
  while (schedule_.next_at() <= end) {
    schedule_.run_next();
    checker_->look();
    if (checker_->violation()) return false;
  }
  return true;
}

void World::calm_down() {
  storm_ = false;
  faults_ = Faults::calm();
  network_->set_faults(faults_);
  network_->heal();
  disk_.set_failing(false);
  disk_.set_slow(false);
}

/// A healthy party: every tap must serve again.
void World::last_round() {
  server_->resume();
  for (const auto& machine : machines_) {
    machine->lift_glass();
    machine->set_sensor(firmware::SensorMode::works);
    machine->set_clogged(false);
    machine->set_meter_dead(false);
    machine->set_flash_failing(false, false);
    // A person switches the machine off and on: some faults stand until then.
    machine->cut_power(500ms);
    machine->refill_if_low();
  }
  schedule_.after(8s, [this] {
    for (const auto& machine : machines_) machine->place_glass();
  });
  schedule_.after(10s, [this] {
    for (std::size_t i = 0; i < machines_.size(); ++i) {
      const RequestId last = *RequestId::parse("last-" + std::to_string(i));
      order(i, last, 20, 0);
    }
  });
}

Report World::run() {
  open_server();
  for (std::size_t i = 0; i < machines_.size(); ++i) {
    schedule_.after(1s + Duration{random_.between(0, 500'000)}, [this, i] { visit(i); });
  }
  plan_faults();
  // The host looks around every few seconds and resumes what was stopped.
  plan(10, [this](Random&) {
    --faults_seen_;
    if (server_) server_->resume();
  });
  Instant last_order_at = schedule_.now();
  for (std::uint64_t before = 0; orders_ < options_.pours;) {
    if (!step_until(schedule_.now() + 1s)) return make_report();
    if (std::exchange(before, orders_) != orders_) last_order_at = schedule_.now();
    if (schedule_.now() - last_order_at > standstill) {
      Report report = make_report();
      report.violation = Violation{
          .invariant = 17, .at = schedule_.now(), .what = "the party has come to a standstill"};
      return report;
    }
  }
  calm_down();
  // A server that was down when the faults ceased comes back within its restart time.
  if (!step_until(schedule_.now() + calm)) return make_report();
  last_round();
  if (!step_until(schedule_.now() + calm)) return make_report();
  checker_->look_back();
  Report report = make_report();
  for (std::size_t i = 0; i < machines_.size() && !report.violation; ++i) {
    const control::Pour* last = disk_.ledger().find(*RequestId::parse("last-" + std::to_string(i)));
    if (last == nullptr || last->state != control::PourState::done) {
      report.violation = Violation{
          .invariant = 17,
          .at = schedule_.now(),
          .what = "a healthy tap does not serve: " + std::string{settings_.taps[i].name.view()} +
                  (last == nullptr ? "" : ", " + control::reason_for(*last))};
    }
  }
  return report;
}

void World::note(std::uint64_t what) {
  for (const std::uint64_t word :
       {what, static_cast<std::uint64_t>(schedule_.now().time_since_epoch().count())}) {
    digest_ = (digest_ ^ word) * 0x100000001b3U;
  }
}

Report World::make_report() const {
  Report report{.seed = options_.seed,
                .orders = orders_,
                .episodes = checker_->episodes(),
                .faults = faults_seen_,
                .kills = kills_,
                .outcomes = {},
                .virtual_time = schedule_.now() - Instant{} - std::chrono::hours{1},
                .digest = digest_,
                .violation = checker_->violation()};
  std::map<std::string, std::uint64_t> outcomes;
  for (const auto& [id, pour] : disk_.ledger().pours())
    ++outcomes[std::string{name_of(pour.state)}];
  report.outcomes.assign(outcomes.begin(), outcomes.end());
  for (const auto& machine : machines_) {
    report.digest = (report.digest ^ static_cast<std::uint64_t>(machine->plant().total().count())) *
                    0x100000001b3U;
  }
  return report;
}

}  // namespace pourtocol::simulation
