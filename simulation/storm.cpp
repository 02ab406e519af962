#include "simulation/storm.hpp"

#include <algorithm>
#include <array>

namespace pourtocol::simulation {

namespace {

using namespace std::chrono_literals;

constexpr Duration minute = 60s;

/// How long a fault of a message waits for one to happen to.
constexpr Duration message_comes_within = 20s;

/// For how long an order may leave the server, of most guests and of those in a hurry: a slow disk
/// takes longer to write its row.
constexpr Duration order_lasts = 10s;
constexpr Duration hurried_order_lasts = 1s;

/// How long a deed lasts, and how much of it there is.
struct Size {
  Duration length_min{0};
  Duration length_max{0};
  std::int64_t amount_min = 0;
  std::int64_t amount_max = 0;
};

Size size_of(Deed deed) {
  switch (deed) {
    case Deed::order_cut:
      return {message_comes_within, message_comes_within, 0, 120};
    case Deed::late_resume:
      return {0s, 0s, 20'000, 20'000'000};
    case Deed::stop_late:
    case Deed::order_late:
    case Deed::order_doubled:
      return {message_comes_within, message_comes_within, 20'000, 20'000'000};
    case Deed::status_late:
      return {message_comes_within, message_comes_within, 20'000, 2'500'000};
    case Deed::partition:
    case Deed::partition_to:
    case Deed::partition_from:
      return {500ms, 20s};
    case Deed::swap_addresses:
      return {500ms, 20s, 1, 11};
    case Deed::strange_stops:
      return {200ms, 5s, 1, 60};
    case Deed::forged_order:
      return {0s, 0s, 1, 60};
    case Deed::power_cut:
    case Deed::lost_flash:
    case Deed::power_out:
      return {200ms, 5s};
    case Deed::brown_out:
      return {300ms, 3s, 2, 8};
    case Deed::torn_write:
      return {0s, 0s, 0, 127};
    case Deed::flash_fails:
    case Deed::flash_lies:
      return {100ms, 4s};
    case Deed::hang:
      return {20ms, 5s};
    case Deed::spike:
      return {5ms, 60ms};
    case Deed::stuck_present:
    case Deed::stuck_absent:
    case Deed::sensor_silent:
    case Deed::clog:
    case Deed::dead_meter:
      return {500ms, 8s};
    case Deed::press_stop:
      return {50ms, 4s};
    case Deed::flicker:
      return {500ms, 8s, 2, 40};
    case Deed::air:
      return {0s, 0s, 50'000, 2'000'000};
    case Deed::empty_bottle:
      return {2s, 15s, 0, 40'000};
    case Deed::siphon:
      return {500ms, 8s, 100, 5'000};
    case Deed::welded_relay:
      return {500ms, 8s};
    case Deed::kill_server:
      return {100ms, 3s};
    case Deed::hang_server:
      return {50ms, 4s};
    case Deed::disk_fails:
    case Deed::disk_locked:
      return {50ms, 3s};
    case Deed::no_descriptors:
    case Deed::slow_disk:
      return {500ms, 5s};
    case Deed::clock_jump:
      return {0s, 0s, -3'650, 3'650};
    default:
      return {message_comes_within, message_comes_within};
  }
}

bool is_order(Deed deed) {
  return deed == Deed::order || deed == Deed::late_order;
}

bool is_numbered(Deed deed) {
  return deed == Deed::service_run || deed == Deed::misread_cup || deed == Deed::strange_stops ||
         deed == Deed::forged_order || deed == Deed::forged_calibration;
}

bool is_of_house(Deed deed) {
  return deed >= Deed::kill_server || deed == Deed::late_resume;
}

}  // namespace

Storm::Storm(Random random, std::uint32_t taps, const Faults& faults)
    : random_{random}, faults_{faults} {
  for (std::uint32_t tap = 0; tap < taps; ++tap) {
    guests_.push_back({.tap = tap, .random = random_.fork(), .next_at = 1s});
    guests_.back().next_at += Duration{guests_.back().random.between(0, 500'000)};
  }
  // The host looks around every few seconds and resumes what was stopped.
  add_stream(Deed::resume_all, no_tap, 10);
  for (std::uint32_t tap = 0; tap < taps; ++tap) add_stream(Deed::clear_faults, tap, 1);
  for (std::size_t i = 0; i < deed_count; ++i) {
    const auto deed = static_cast<Deed>(i);
    if (is_of_house(deed)) {
      add_stream(deed, no_tap, faults_.of(deed));
    } else {
      for (std::uint32_t tap = 0; tap < taps; ++tap) add_stream(deed, tap, faults_.of(deed));
    }
  }
}

void Storm::add_stream(Deed deed, std::uint32_t tap, double per_minute) {
  if (per_minute <= 0) return;
  streams_.push_back({.deed = deed,
                      .tap = tap,
                      .per_minute = per_minute,
                      .random = random_.fork(),
                      .next_at = Duration{0}});
  // Waiting times between nothing and twice the mean keep the rate without needing a logarithm.
  const double mean = static_cast<double>(minute.count()) / per_minute;
  Stream& stream = streams_.back();
  stream.next_at = Duration{static_cast<std::int64_t>(stream.random.uniform(0, 2 * mean))};
}

std::vector<Happening> Storm::draw_until(Duration end) {
  draw_phases(end);
  for (Guests& guests : guests_) {
    while (guests.next_at < end) visit(guests);
  }
  for (Stream& stream : streams_) {
    while (stream.next_at < end) draw(stream);
  }
  std::stable_sort(drawn_.begin(), drawn_.end(),
                   [](const Happening& a, const Happening& b) { return a.at < b.at; });
  const auto later = std::find_if(drawn_.begin(), drawn_.end(),
                                  [&](const Happening& one) { return one.at >= end; });
  std::vector<Happening> now(drawn_.begin(), later);
  drawn_.erase(drawn_.begin(), later);
  return now;
}

void Storm::draw_phases(Duration end) {
  while (turns_.empty() || turns_.back() < end) {
    const bool storm = turns_.size() % 2 == 0;
    const Duration length{storm ? random_.between(40'000'000, 240'000'000)
                                : random_.between(5'000'000, 40'000'000)};
    turns_.push_back((turns_.empty() ? Duration{0} : turns_.back()) + length);
  }
}

bool Storm::is_calm(Duration at) const {
  const auto passed = std::upper_bound(turns_.begin(), turns_.end(), at) - turns_.begin();
  return passed % 2 == 1;
}

void Storm::draw(Stream& stream) {
  const Size size = size_of(stream.deed);
  Random& r = stream.random;
  Happening one{.at = stream.next_at,
                .deed = stream.deed,
                .tap = stream.tap,
                .length = Duration{r.between(size.length_min.count(), size.length_max.count())},
                .amount = r.between(size.amount_min, size.amount_max),
                .key = is_numbered(stream.deed) ? ++last_key_ : 0};
  if (one.deed == Deed::service_run) {
    constexpr std::array<std::int64_t, 4> extents{20, 100, 200, 3'000};
    one.amount = extents[r.below(extents.size())];
  }
  if (one.deed == Deed::misread_cup || one.deed == Deed::forged_calibration) {
    // ml read as cl and the other way, half a cup; and as far off as passes without a hand.
    constexpr std::array<std::int64_t, 9> shares{100, 200,   500,   720,   750,
                                                 800, 1'000, 1'280, 10'000};
    one.amount = shares[r.below(shares.size())];
  }
  const double mean = static_cast<double>(minute.count()) / stream.per_minute;
  stream.next_at += Duration{1 + static_cast<std::int64_t>(r.uniform(0, 2 * mean))};
  if (!is_fault(one.deed) || !is_calm(one.at)) happens(one);
}

std::int64_t Storm::pick_amount(Random& random) const {
  constexpr std::array<std::int64_t, 3> usual{15, 30, 45};
  if (random.chance(0.6)) return usual[random.below(usual.size())];
  if (random.chance(0.97)) return random.between(1, 60);
  constexpr std::array<std::int64_t, 5> impossible{-1, 0, 61, 1'000, 1'000'000'000'000};
  return impossible[random.below(impossible.size())];
}

/// Somebody comes to a tap: a glass, an order, a drink (perhaps), and away.
void Storm::visit(Guests& guests) {
  Random& r = guests.random;
  const Duration comes = guests.next_at;
  const Duration lasts = r.chance(0.1) ? hurried_order_lasts : order_lasts;
  const auto does = [&](Duration at, Deed deed, std::int64_t amount = 0, std::uint64_t key = 0) {
    happens({.at = at,
             .deed = deed,
             .tap = deed == Deed::stop_all ? no_tap : guests.tap,
             .length = is_order(deed) ? lasts : Duration{0},
             .amount = amount,
             .key = key});
  };
  const std::uint64_t key = ++last_key_;
  const std::int64_t amount = pick_amount(r);
  if (!r.chance(0.03)) does(comes, Deed::place_glass);
  const Duration asks = comes + Duration{r.between(250'000, 900'000)};
  if (r.chance(faults_.gives_up) && r.chance(0.2)) {
    // Taken back while its row is being written, and what was not yet there is lost.
    const Duration given_up = asks + Duration{r.between(20, 300)};
    does(asks, Deed::late_order, amount, key);
    does(given_up, Deed::give_up, 0, key);
    does(given_up + Duration{r.between(4'000'000, 60'000'000)}, Deed::late_order, amount, key);
    if (faults_.of(Deed::kill_server) > 0 && !is_calm(asks)) {
      happens({.at = given_up + Duration{r.between(20, 400)},
               .deed = Deed::kill_server,
               .tap = no_tap,
               .length = Duration{r.between(100'000, 3'000'000)},
               .amount = 0,
               .key = 0});
    }
  } else if (r.chance(faults_.gives_up)) {
    const Duration given_up = asks + Duration{r.between(500'000, 12'000'000)};
    does(given_up, Deed::give_up, 0, key);
    // Some of its packets overtake that, others come long after.
    does(asks + Duration{r.between(400'000, 60'000'000)}, Deed::late_order, amount, key);
    does(given_up + Duration{r.between(0, 60'000'000)}, Deed::late_order, amount, key);
  } else {
    does(asks, Deed::order, amount, key);
  }
  if (r.chance(faults_.double_tap)) {
    does(asks + Duration{r.between(1'000, 400'000)}, Deed::order, amount, key);
  }
  if (r.chance(faults_.other_body)) {
    does(asks + Duration{r.between(1'000, 8'000'000)}, Deed::order, amount + 1, key);
  }
  if (r.chance(0.1)) {  // somebody else presses too
    does(asks + Duration{r.between(0, 600'000)}, Deed::order, 15, ++last_key_);
  }
  if (r.chance(faults_.stop_pressed)) {
    does(asks + Duration{r.between(1'000, 2'500'000)}, Deed::stop_pour, 0, key);
  }
  if (r.chance(faults_.host_stops)) {
    does(asks + Duration{r.between(1'000, 2'500'000)}, Deed::stop_all);
  }
  const bool impatient = r.chance(faults_.lifted_glass);
  const Duration goes =
      asks + Duration{impatient ? r.between(200'000, 3'000'000) : r.between(4'500'000, 7'000'000)};
  does(goes, Deed::lift_glass);
  if (impatient && r.chance(0.3)) {  // only to look at it
    does(goes + Duration{r.between(50'000, 2'000'000)}, Deed::place_glass);
    does(goes + 4s, Deed::lift_glass);
    guests.next_at = goes + 4s + Duration{r.between(200'000, 1'500'000)};
    return;
  }
  guests.next_at = goes + Duration{r.between(200'000, 1'500'000)};
}

}  // namespace pourtocol::simulation
