#include "simulation/world.hpp"

#include <algorithm>
#include <utility>

#include "backend/control/wording.hpp"

namespace pourtocol::simulation {

namespace {

using namespace std::chrono_literals;

/// After the storm: the longest pour, its margin, the time-outs before it, and what the promise
/// adds.
constexpr Duration calm = 60s;
/// How long a host needs to calibrate a machine.
constexpr Duration set_right_within = 24s;

/// No storm is so bad that for so long not one order can be placed.
constexpr Duration standstill = 60min;

/// A stop has left, pump off within this (invariant 15).
constexpr Duration stop_grace = 250ms;

/// How much of the party is drawn, and begun, at a time.
constexpr Duration act = 1s;

std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

RequestId id_of(const control::OrderCall& call) {
  return std::visit([](const auto& order) { return order.request_id; }, call.order);
}

}  // namespace

World::World(const WorldOptions& options)
    : options_{options}, random_{options.seed}, disk_{schedule_, random_.fork(), options.bug} {
  const Faults faults = Faults::draw(random_);
  settings_.clock = *ClockId::from("the schedule");
  make_machines();
  network_.emplace(schedule_, machines_, random_.fork(), options.bug);
  checker_.emplace(schedule_, settings_, disk_.ledger(), machines_);
  storm_.emplace(random_.fork(), static_cast<std::uint32_t>(machines_.size()), faults);
  fault_until_.resize(machines_.size() + 1);
  listen();
}

void World::make_machines() {
  // Most parties are small; a big one shows what taps do to each other.
  const auto taps = static_cast<std::size_t>(random_.chance(0.8) ? random_.between(1, 4)
                                                                 : random_.between(5, 12));
  for (std::size_t i = 0; i < taps; ++i) {
    control::TapSettings tap;
    tap.name = *TapName::parse("tap" + std::to_string(i + 1));
    settings_.taps.push_back(tap);
    const int protocol = random_.chance(0.3) ? 1 : 2;
    machines_.push_back(
        std::make_unique<Machine>(schedule_, tap.name, protocol, random_.fork(), options_.bug));
  }
}

void World::listen() {
  network_->set_witness(
      {.order_leaves =
           [this](control::TapIndex tap, const control::OrderCall& call) {
             ++orders_;
             sent_.insert(id_of(call));
             note(hash_of(id_of(call).view()));
             checker_->order_leaves(tap, call);
           },
       .order_taken =
           [this](control::TapIndex tap, const RequestId& id, const firmware::OrderReply& reply) {
             note(reply.index());
             checker_->order_taken(tap, id, reply);
           },
       .stop_leaves = [this](control::TapIndex tap) { watch_stop(static_cast<std::size_t>(tap)); },
       .stop_taken = [this](control::TapIndex tap,
                            const protocol::StopOrder& stop) { checker_->stop_taken(tap, stop); },
       .message_spoilt =
           [this](control::TapIndex tap, Deed deed) {
             has_fault(deed, static_cast<std::uint32_t>(tap), schedule_.now());
           }});
  witness_.answered = [this](const control::DispenseRequest& request, const RequestId& id,
                             const control::DispenseAnswer& answer) {
    note(static_cast<std::uint64_t>(answer.code));
    settled_.insert(id);
    checker_->answered(request, id, answer);
  };
  witness_.write_submitted = [this](const control::StoreWrite& write) {
    if (const auto* start = std::get_if<control::StartWrite>(&write)) {
      wished_at_.emplace(start->pour.request_id, schedule_.now());
    }
    checker_->write_submitted(write);
  };
  witness_.write_answered = [this](const control::StoreWrite& write,
                                   const control::WriteReply& reply) {
    note(reply.result.index());
    checker_->write_answered(write, reply);
  };
  witness_.stop_answered = [this](const control::StopScope& scope,
                                  const control::StopAnswer& answer) {
    const auto* id = std::get_if<RequestId>(&scope);
    if (id == nullptr) return;
    using enum control::ControlCode;
    if (answer.code == given_up || answer.code == ok || answer.code == unknown_request) {
      given_up_.insert(*id);
    }
    checker_->pour_stopped(*id, answer.code);
  };
}

/// Where nothing is out of order, what runs now must stand still soon.
void World::watch_stop(std::size_t tap) {
  Machine& machine = *machines_[tap];
  if (machine.protocol() == 1 || !machine.pump_on()) return;
  if (!network_->leads_to_its_machine(tap)) return;  // it goes to whatever stands there
  const Instant asked_at = schedule_.now();
  const std::size_t episode = machine.plant().episodes().size();
  schedule_.after(stop_grace, [this, tap, asked_at, episode, &machine] {
    const bool in_order = fault_until_[tap] < asked_at && fault_until_.back() < asked_at &&
                          !machine.labelled().back().beyond_software;
    if (in_order && machine.pump_on() && machine.plant().episodes().size() == episode) {
      checker_->broken(15, "a pump runs on 250 ms after a stop has left");
    }
  });
}

// ---- the server's life --------------------------------------------------------------------------

void World::open_server() {
  if (!server_) server_.emplace(schedule_, settings_, disk_, *network_, witness_, wall_offset_);
}

void World::kill_server(Duration off) {
  if (!server_) return;
  ++kills_;
  server_.reset();
  checker_->server_died();
  schedule_.after(off, [this] { open_server(); });
}

// ---- the course of the party --------------------------------------------------------------------

bool World::step_until(Instant end) {
  while (schedule_.next_at() <= end) {
    schedule_.run_next();
    count_closed_pours();
    checker_->look();
    if (checker_->violation()) return false;
  }
  return true;
}

bool World::play_until(Instant end) {
  if (options_.script == nullptr) {
    for (const Happening& one : storm_->draw_until(end - began_)) {
      script_.happenings.push_back(one);
      schedule_.at(began_ + one.at, [this, one] { perform(one); });
    }
  } else {
    const std::vector<Happening>& given = options_.script->happenings;
    for (; performed_ < given.size() && given[performed_].at < end - began_; ++performed_) {
      const Happening one = given[performed_];
      script_.happenings.push_back(one);
      schedule_.at(began_ + one.at, [this, one] { perform(one); });
    }
  }
  const bool kept = step_until(end);
  script_.ends_at = end - began_;
  return kept;
}

bool World::party() {
  if (options_.script != nullptr) {
    while (elapsed() < options_.script->ends_at) {
      if (!play_until(schedule_.now() + act)) return false;
    }
    return true;
  }
  Instant last_order_at = schedule_.now();
  for (std::uint64_t before = 0; orders_ < options_.pours;) {
    if (!play_until(began_ + script_.ends_at + act)) return false;
    if (std::exchange(before, orders_) != orders_) last_order_at = schedule_.now();
    if (schedule_.now() - last_order_at > standstill) {
      checker_->broken(17, "the party has come to a standstill");
      return false;
    }
  }
  return true;
}

void World::calm_down() {
  over_ = true;
  network_->heal();
  disk_.set_failing(false);
  disk_.set_locked(false);
  disk_.set_slow(false);
  // What goes on for a while, a server that is being restarted among it, still ends by itself.
  const Instant last = *std::max_element(fault_until_.begin(), fault_until_.end());
  checker_->faults_cease(std::max(last, schedule_.now()));
}

/// A healthy party: every tap must serve again.
void World::last_round() {
  resume(server_->newest_stop());
  for (const auto& machine : machines_) {
    machine->lift_glass();
    // A person switches the machine off and on: some faults stand until then.
    machine->cut_power(500ms);
    machine->connect_full_bottle();
    machine->let_air_in(0s);  // and primes the line
    machine->steady_sensor();
  }
  schedule_.after(8s, [this] {
    for (const auto& machine : machines_) machine->place_glass();
  });
  schedule_.after(10s, [this] {
    for (std::uint32_t i = 0; i < machines_.size(); ++i) {
      // What somebody else has made of its calibration leaves a machine safe, and not healthy.
      const bool right = machines_[i]->calibration().confirmed.value_or(false);
      if (!right) set_right(i);
      schedule_.after(right ? 0s : set_right_within, [this, i] {
        order({.tap = i,
               .id = *RequestId::parse("last-" + std::to_string(i)),
               .amount_ml = 20,
               .lasts = 10s},
              0);
      });
    }
  });
}

/// A host who knows how, with a hand at the machine: runs into a cup, reads it, holds the machine's
/// stop button and accepts.
void World::set_right(std::uint32_t tap) {
  const RequestId id = *RequestId::parse("right-" + std::to_string(tap));
  const auto acts = [this, tap](const protocol::CalibrationAction& action) {
    if (!server_) return;
    server_->calibrate(
        {.tap = settings_.taps[tap].name, .user = *UserToken::from("host"), .action = action});
  };
  control::DispenseRequest run;
  run.user = *UserToken::from("host");
  run.tap = settings_.taps[tap].name;
  run.key = id;
  run.purpose = protocol::Purpose::calibrate;
  run.amount_ml = 60;
  server_->dispense(run, id);
  schedule_.after(15s, [this, tap, id, acts] {
    const Microlitres cup = machines_[tap]->came_of(id);
    acts(protocol::MeasuredRun{.request_id = id, .measured = cup});
    machines_[tap]->hold_stop_button(true);
  });
  schedule_.after(21s, [acts] { acts(protocol::AcceptCalibration{}); });
  schedule_.after(22s, [this, tap] { machines_[tap]->hold_stop_button(false); });
}

void World::look_at_last_round() {
  for (std::size_t i = 0; i < machines_.size(); ++i) {
    const control::Pour* last = disk_.ledger().pour(*RequestId::parse("last-" + std::to_string(i)));
    if (last == nullptr || last->state != control::PourState::done) {
      checker_->broken(
          17, "a healthy tap does not serve: " + std::string{settings_.taps[i].name.view()} +
                  (last == nullptr ? "" : ", " + control::reason_for(*last)));
    }
  }
  if (server_->unanswered() != 0) {
    checker_->broken(9, std::to_string(server_->unanswered()) + " wishes were never answered");
  }
}

Report World::run() {
  open_server();
  if (!party()) return make_report();
  calm_down();
  // A server that was down when the faults ceased comes back within its restart time.
  if (!step_until(schedule_.now() + calm)) return make_report();
  last_round();
  if (!step_until(schedule_.now() + calm)) return make_report();
  checker_->look_back();
  look_at_last_round();
  return make_report();
}

// ---- what is told of it -------------------------------------------------------------------------

void World::has_fault(Deed deed, std::uint32_t tap, Instant until) {
  ++faults_of_[static_cast<std::size_t>(deed)];
  Instant& known = tap == no_tap ? fault_until_.back() : fault_until_[tap];
  known = std::max(known, until);
}

void World::count_closed_pours() {
  const auto& transitions = disk_.ledger().transitions();
  for (; transitions_seen_ < transitions.size(); ++transitions_seen_) {
    const auto& step = transitions[transitions_seen_];
    const auto wished = wished_at_.find(step.request_id);
    if (!control::is_final(step.to) || wished == wished_at_.end()) continue;
    if (sent_.contains(step.request_id)) {
      ++pours_;
      const TapName& name = disk_.ledger().pour(step.request_id)->tap;
      const auto tap =
          static_cast<std::size_t>(std::find_if(settings_.taps.begin(), settings_.taps.end(),
                                                [&](const auto& one) { return one.name == name; }) -
                                   settings_.taps.begin());
      const Instant last = std::max(fault_until_[tap], fault_until_.back());
      if (last >= wished->second) ++faulted_pours_;
    }
    wished_at_.erase(wished);
  }
}

void World::note(std::uint64_t what) {
  for (const std::uint64_t word :
       {what, static_cast<std::uint64_t>(schedule_.now().time_since_epoch().count())}) {
    digest_ = (digest_ ^ word) * 0x100000001b3U;
  }
}

std::vector<std::string> World::cast() const {
  std::vector<std::string> lines;
  for (const auto& machine : machines_) lines.push_back(machine->description());
  return lines;
}

Report World::make_report() const {
  Report report;
  report.seed = options_.seed;
  report.orders = orders_;
  report.episodes = checker_->episodes();
  report.pours = pours_;
  report.faulted_pours = faulted_pours_;
  report.faults_of = faults_of_;
  for (const std::uint64_t count : faults_of_) report.faults += count;
  report.kills = kills_;
  report.virtual_time = elapsed();
  report.digest = digest_;
  report.violation = checker_->violation();
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
