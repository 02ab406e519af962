#include "simulation/machine.hpp"

#include <algorithm>
#include <utility>

namespace pourtocol::simulation {

namespace {

using namespace std::chrono_literals;

/// How often the board's loop runs. The firmware asks for at most 10 ms.
constexpr Duration loop_period = 10ms;
/// How long the debounce may go on believing a lie after its end.
constexpr Duration belief = 100ms;
/// How long the watchdog lets a hanging loop be before it resets the board.
constexpr Duration watchdog = 3s;
/// A glass that is away for so long is missed by any sensor.
constexpr Duration absence_noticed = 250ms;
/// How long after a siphon or a welded relay the meter may still be counting what it brought.
constexpr Duration aftermath = 4s;

firmware::Calibrated calibrated(const firmware::PlantSpec& spec, Random& random,
                                const TapName& name) {
  firmware::Calibrated found = firmware::calibrate(spec, random);
  // Many hosts never tell a machine which tap it is.
  if (random.chance(0.5)) found.config.tap = name;
  return found;
}

/// A number that no other machine of the party has.
MachineId machine_id_of(const TapName& name) {
  std::uint64_t bits = 0;
  for (const char c : name.view()) bits = bits << 8 | static_cast<unsigned char>(c);
  return MachineId{bits};
}

}  // namespace

Machine::Machine(Schedule& schedule, TapName name, int protocol, Random random, Bug bug)
    : schedule_{schedule},
      name_{name},
      protocol_{protocol},
      bug_{bug},
      random_{random},
      plant_{firmware::PlantSpec::draw(random_), random_.fork(), schedule.now()} {
  calibrated_ = calibrated(plant_.spec(), random_, name_);
  if (random_.chance(0.3)) {
    calibrated_.config.resume_within = std::chrono::milliseconds{random_.between(200, 5'000)};
  }
  if (bug_ == Bug::ignore_glass) {
    plant_.set_sensor(schedule_.now(), firmware::SensorMode::stuck_present);
  }
  boot();
  schedule_.after(loop_period, [this] { step(); });
}

void Machine::boot() {
  // Half of the boots come shortly before the board's 32-bit millisecond counter wraps.
  const std::uint32_t ticks =
      random_.chance(0.5) ? 0U : 0xFFFF'FFFFU - static_cast<std::uint32_t>(random_.below(30'000));
  board_ = std::make_unique<firmware::VirtualBoard>(plant_, flash_, schedule_.clock(),
                                                    random_.fork(), ticks);
  loop_ = std::make_unique<firmware::BoardLoop<firmware::VirtualBoard>>(
      *board_, flash_.with_confirmed(calibrated_.config), calibrated_.tuning);
  board_->hold_stop_button(stop_held_);
  if (bug_ != Bug::deny_identity) board_->set_machine_id(machine_id_of(name_));
  hung_ = false;
  booted_at_ = schedule_.now();
  ++boots_;
  if (!first_boot_) {
    first_boot_ = loop_->status().details->boot_id;
    first_booted_at_ = schedule_.now();
  }
}

void Machine::step() {
  schedule_.after(loop_period, [this] { step(); });
  if (loop_ == nullptr || hung_) return;
  loop_->step();
  note_episodes();
  if (!flash_.powered()) {
    // The write that was just made was torn by the loss of power.
    cut_power(Duration{random_.between(300'000, 3'000'000)});
    return;
  }
  answer_held();
}

/// An order that was taken, whether or not its pump is on already.
void Machine::note_order(const firmware::OrderReply& reply, const RequestId& id) {
  const auto* accepted = std::get_if<protocol::OrderAccepted>(&reply);
  if (accepted != nullptr && !accepted->repeated) {
    if (is_beyond_software()) beyond_software_.insert(id);
    running_ = Running{.id = id, .boot = boots_};
  }
  note_episodes();
}

/// Any episode that has begun since the last look belongs to what the device pours. It is its first
/// one, or it resumed what a doubt about the glass had interrupted.
void Machine::note_episodes() {
  while (labelled_.size() < plant_.episodes().size()) {
    const bool ordered = running_ && running_->boot == boots_;
    labelled_.push_back({.id = ordered ? running_->id : RequestId{},
                         .episode = labelled_.size(),
                         .sensor_honest = true,
                         .resumed = ordered && running_->begun,
                         .glass_for = glass_for(),
                         .glass_gone_for = glass_gone_for(),
                         .beyond_software = false});
    if (ordered) running_->begun = true;
  }
  if (loop_ != nullptr && !loop_->pouring()) running_.reset();
  // At 4-5 cm a misreading may be just where the glass was.
  lies_until_ = std::max(lies_until_, plant_.misread_at() + belief);
  const bool honest = sensor_honest_ && !flickers_ && schedule_.now() > lies_until_;
  if (!honest && plant_.pump_on() && !labelled_.empty()) labelled_.back().sensor_honest = false;
  if (is_beyond_software()) note_misfortune();
}

bool Machine::is_beyond_software() const {
  return siphoning_ || welded_ || schedule_.now() < misfortune_until_;
}

void Machine::note_misfortune() {
  if (running_) beyond_software_.insert(running_->id);
  if (labelled_.empty()) return;
  Labelled& last = labelled_.back();
  if (plant_.episodes()[last.episode].final) return;
  last.beyond_software = true;
  beyond_software_.insert(last.id);
}

void Machine::set_siphon(FlowRate leak) {
  if (siphoning_) misfortune_until_ = schedule_.now() + aftermath;
  siphoning_ = leak > FlowRate{0};
  plant_.set_leak(schedule_.now(), leak);
  note_episodes();
}

void Machine::weld_relay(bool welded) {
  if (welded_) misfortune_until_ = schedule_.now() + aftermath;
  if (welded) note_episodes();
  welded_ = welded;
  plant_.set_relay_welded(schedule_.now(), welded);
  note_episodes();
}

void Machine::hold_stop_button(bool held) {
  stop_held_ = held;
  if (board_ != nullptr) board_->hold_stop_button(held);
}

void Machine::flicker(std::int64_t one_of) {
  if (bug_ == Bug::ignore_glass) return;
  plant_.set_sensor_noise(one_of > 0 ? 1.0 / static_cast<double>(one_of) : 0);
  if (flickers_) lies_until_ = std::max(lies_until_, schedule_.now() + belief);
  flickers_ = one_of > 0;
  note_episodes();
}

firmware::OrderReply Machine::take_order(const protocol::DispenseOrder& order) {
  protocol::DispenseOrder taken = order;
  if (bug_ == Bug::strip_guard) taken.guard.reset();
  if (bug_ == Bug::pour_too_much) {
    taken.amount = Millilitres{std::min(60, 2 * order.amount.count())};
  }
  // A device of the seed's contract takes every order for a new one.
  if (protocol_ == 1 || bug_ == Bug::forget_dedupe) {
    taken.request_id = *RequestId::parse("renamed-" + std::to_string(++renamed_));
  }
  firmware::OrderReply reply = loop_->handle_order(taken);
  note_order(reply, order.request_id);
  return reply;
}

firmware::OrderReply Machine::take_service(const protocol::ServiceOrder& order) {
  if (protocol_ == 1) {
    return protocol::OrderRejected{.refusal = protocol::Refusal::bad_order, .text = {}};
  }
  firmware::OrderReply reply = loop_->handle_service(order);
  note_order(reply, order.request_id);
  return reply;
}

protocol::CalibrationAnswer Machine::take_calibration(const protocol::GuardedAction& asked) {
  protocol::CalibrationAnswer answer = loop_->handle_calibration(asked.action, asked.guard);
  note_episodes();
  return answer;
}

bool Machine::take_stop(const protocol::StopOrder& order) {
  if (bug_ == Bug::ignore_stop) return true;
  return !loop_->handle_stop(order);
}

void Machine::take_status(std::optional<std::uint64_t> after, Duration wait,
                          std::move_only_function<void(protocol::DeviceStatus)> answer) {
  if (after && *after == loop_->version() && wait > 0us) {
    held_.push_back(
        {.after = *after, .until = schedule_.now() + wait, .answer = std::move(answer)});
  } else {
    answer(shown_status());
  }
}

void Machine::answer_held() {
  for (std::size_t i = 0; i < held_.size();) {
    if (held_[i].after == loop_->version() && schedule_.now() < held_[i].until) {
      ++i;
      continue;
    }
    auto answer = std::move(held_[i].answer);
    held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(i));
    answer(shown_status());
  }
}

protocol::DeviceStatus Machine::shown_status() {
  protocol::DeviceStatus status = loop_->status();
  if (protocol_ == 1) {
    status.details.reset();
    return status;
  }
  if (bug_ == Bug::deny_identity) status.details->tap = {};
  if (bug_ == Bug::hide_reboot) {
    status.details->boot_id = *first_boot_;
    status.details->uptime_ms =
        std::chrono::duration_cast<Uptime>(schedule_.now() - first_booted_at_);
  }
  if (bug_ == Bug::overstate_delivered) {
    for (auto& pour : status.details->recent) {
      pour.delivered += Microlitres{10'000};
      pour.min += Microlitres{10'000};
      pour.max += Microlitres{10'000};
    }
  }
  return status;
}

void Machine::place_glass() {
  if (!plant_.glass_present()) {
    glass_placed_at_ = schedule_.now();
    const Instant lie_ended = lies_until_ - belief;
    placed_under_a_lie_ =
        !sensor_honest_ || flickers_ || glass_placed_at_ - lie_ended < absence_noticed;
  }
  plant_.place_glass(schedule_.now());
}
void Machine::lift_glass() {
  if (plant_.glass_present()) glass_lifted_at_ = schedule_.now();
  plant_.lift_glass(schedule_.now());
}

/// An absence too short for the sensor, or one that fell into a time in which nobody looked or the
/// sensor lied, leaves the glass where it was.
Duration Machine::glass_for() const {
  const bool unnoticed = placed_under_a_lie_ ||
                         glass_placed_at_ - glass_lifted_at_ < absence_noticed ||
                         glass_lifted_at_ < hung_until_;
  if (unnoticed || !plant_.glass_present()) return Duration::max();
  return schedule_.now() - glass_placed_at_;
}

Duration Machine::glass_gone_for() const {
  return plant_.glass_present() ? Duration{0} : schedule_.now() - glass_lifted_at_;
}

std::string Machine::description() const {
  const firmware::PlantSpec& spec = plant_.spec();
  std::string text{name_.view()};
  text += protocol_ == 1 ? ": the seed's contract" : ": our firmware";
  text += spec.has_meter ? ", metered" : ", timed";
  text += spec.sensor == firmware::SensorKind::echo ? ", ultrasonic" : ", contact";
  const auto resumes = calibrated_.config.resume_within.count();
  if (resumes > 0) text += ", resumes within " + std::to_string(resumes) + " ms";
  return text;
}

void Machine::cut_power(Duration off) {
  if (loop_ == nullptr) return;
  if (running_ && loop_->pouring()) cut_off_.insert(running_->id);
  if (bug_ != Bug::pump_left_on_at_reboot) plant_.switch_pump_off(schedule_.now());
  if (bug_ == Bug::journal_that_forgets) flash_ = firmware::VirtualFlash{};
  held_.clear();
  loop_.reset();
  board_.reset();
  schedule_.after(off, [this] {
    flash_.restore_power();
    if (bug_ == Bug::pump_left_on_at_reboot) plant_.switch_pump_on(schedule_.now(), 200ms);
    boot();
  });
}

void Machine::brown_out(Duration length, std::int64_t times) {
  const Duration each = length / times;
  for (std::int64_t i = 0; i < times; ++i) {
    schedule_.after(each * i, [this, each] { cut_power(each * 3 / 4); });
  }
}

void Machine::hang(Duration time) {
  if (!responsive()) return;
  hung_ = true;
  hung_until_ = schedule_.now() + std::min(time, watchdog);
  const std::uint64_t boot = boots_;
  schedule_.after(std::min(time, watchdog), [this, boot, reset = time > watchdog] {
    if (loop_ == nullptr || boots_ != boot) return;
    hung_ = false;
    if (reset) cut_power(Duration{300'000});
  });
}

void Machine::spike_sensor(Duration length) {
  if (bug_ == Bug::ignore_glass) return;
  lies_until_ = std::max(lies_until_, schedule_.now() + length + belief);
  plant_.spike_sensor(schedule_.now(), length);
  note_episodes();
}

void Machine::set_sensor(firmware::SensorMode mode) {
  if (bug_ == Bug::ignore_glass) return;
  plant_.set_sensor(schedule_.now(), mode);
  if (!sensor_honest_) lies_until_ = std::max(lies_until_, schedule_.now() + belief);
  sensor_honest_ = mode != firmware::SensorMode::stuck_present;
  note_episodes();
}

void Machine::empty_bottle(Microlitres left, Duration length) {
  bottle_stays_until_ = schedule_.now() + length;
  if (plant_.bottle() > left) plant_.fill_bottle(schedule_.now(), left);
}

void Machine::connect_full_bottle() {
  if (!is_pouring()) plant_.fill_bottle(schedule_.now(), plant_.spec().bottle_full);
}

void Machine::refill_if_low() {
  if (schedule_.now() < bottle_stays_until_) return;
  if (plant_.bottle() < Microlitres{100'000}) {
    plant_.fill_bottle(schedule_.now(), plant_.spec().bottle_full);
  }
}

bool Machine::is_pouring() {
  const bool running = pump_on();
  const auto& episodes = plant_.episodes();
  return running || (!episodes.empty() && !episodes.back().final);
}

Microlitres Machine::came_of(const RequestId& id) {
  plant_.advance(schedule_.now());
  Microlitres came;
  for (const Labelled& one : labelled_) {
    if (one.id == id) came += plant_.episodes()[one.episode].total;
  }
  return came;
}

bool Machine::pump_on() {
  plant_.advance(schedule_.now());
  return plant_.pump_on();
}

}  // namespace pourtocol::simulation
