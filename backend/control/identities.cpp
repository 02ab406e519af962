#include "backend/control/identities.hpp"

#include <algorithm>
#include <utility>

#include "backend/control/wording.hpp"

namespace pourtocol::control {

Identities::Identities(const Settings& settings) {
  for (const TapSettings& tap : settings.taps) {
    OfTap& one = taps_.emplace_back();
    one.name = tap.name;
  }
}

void Identities::on_recovered(const std::vector<Recovered::Machine>& machines) {
  writable_ = true;
  for (OfTap& tap : taps_) {
    const auto found = std::find_if(machines.begin(), machines.end(),
                                    [&](const auto& one) { return one.tap == tap.name; });
    tap.known = found == machines.end() ? std::optional<MachineId>{} : std::optional{found->id};
  }
  judge_anew();
}

void Identities::saw(TapIndex tap, const protocol::DeviceStatus& status) {
  OfTap& seen = at(tap);
  const auto told = status.details ? status.details->machine_id : std::nullopt;
  const TapName named = status.details ? status.details->tap : TapName{};
  if (seen.heard && told == seen.told && named == seen.named) return;
  if (told != seen.told) seen.told_since = revision_;
  seen.heard = true;
  seen.told = told;
  seen.named = named;
  judge_anew();
}

void Identities::lost(TapIndex tap) {
  OfTap& seen = at(tap);
  if (!std::exchange(seen.heard, false)) return;
  seen.told.reset();
  seen.named = {};
  judge_anew();
}

void Identities::remember(TapIndex tap, std::optional<MachineId> machine) {
  at(tap).known = machine;
  judge_anew();
}

std::optional<MachineId> Identities::newcomer(TapIndex tap) const {
  if (!writable_ || at(tap).known || mismatch(tap)) return std::nullopt;
  return at(tap).told;
}

/// All of them: what one tap knows says something about the machine of another.
void Identities::judge_anew() {
  ++revision_;
  for (std::uint32_t i = 0; i < taps_.size(); ++i) taps_[i].mismatch = judge(TapIndex{i});
}

std::optional<Mismatch> Identities::judge(TapIndex tap) const {
  const OfTap& one = at(tap);
  if (!one.heard) return std::nullopt;
  if (!one.named.empty() && one.named != one.name) return Mismatch::names_another_tap;
  if (one.known && !one.told) return Mismatch::says_no_id;
  if (one.known && one.told != one.known) return Mismatch::another_machine;
  if (!one.known && one.told && !others_with(*one.told, tap).empty()) {
    return Mismatch::of_another_tap;
  }
  if (one.known && came_second(tap)) return Mismatch::of_another_tap;
  return std::nullopt;
}

bool Identities::came_second(TapIndex tap) const {
  const OfTap& one = at(tap);
  const auto others = others_with(*one.known, tap);
  return std::any_of(others.begin(), others.end(), [&](TapIndex other) {
    return at(other).told == one.known && at(other).told_since < one.told_since;
  });
}

std::vector<TapIndex> Identities::others_with(MachineId machine, TapIndex tap) const {
  std::vector<TapIndex> found;
  for (std::uint32_t i = 0; i < taps_.size(); ++i) {
    if (TapIndex{i} != tap && taps_[i].known == machine) found.push_back(TapIndex{i});
  }
  return found;
}

bool Identities::is_needed_elsewhere(TapIndex tap) const {
  const auto told = at(tap).told;
  if (!told) return false;
  const auto others = others_with(*told, tap);
  return std::any_of(others.begin(), others.end(),
                     [&](TapIndex other) { return at(other).told == told; });
}

MachineView Identities::view(TapIndex tap) const {
  const OfTap& one = at(tap);
  MachineView view{.known = one.known,
                   .told = one.told,
                   .named = one.named,
                   .mismatch = mismatch(tap),
                   .owner = {},
                   .also_at = {}};
  if (one.told) {
    const auto others = others_with(*one.told, tap);
    if (!others.empty()) view.owner = at(others.front()).name;
  }
  for (std::uint32_t i = 0; i < taps_.size(); ++i) {
    const bool same = one.known && one.told == one.known && taps_[i].told == one.known;
    if (TapIndex{i} != tap && same) view.also_at.push_back(taps_[i].name);
  }
  view.adoptable =
      view.mismatch && view.mismatch != Mismatch::names_another_tap && !is_needed_elsewhere(tap);
  return view;
}

std::variant<MachineWrite, MachineAnswer> judge_takeover(const Identities& identities, TapIndex tap,
                                                         const MachineRequest& request,
                                                         WallTime at) {
  const MachineView view = identities.view(tap);
  if (view.told != request.machine) {
    return machine_answer(MachineCode::wrong_machine,
                          "Another machine answers at this tap's "
                          "address by now: look again.");
  }
  if (!view.mismatch) return machine_answer(MachineCode::ok, "It is this tap's machine already.");
  if (!view.adoptable) {
    std::string why = "It cannot be taken over: " + sentence_of(view) + ". ";
    why += action_for_machine(view);
    return machine_answer(MachineCode::wrong_machine, std::move(why));
  }
  MachineWrite write{.tap = request.tap,
                     .machine = request.machine,
                     .taken_from = {},
                     .act = AuditWrite{.tap = request.tap,
                                       .user = request.user,
                                       .status = EventStatus::success,
                                       .action = std::string{takeover_action},
                                       .reason = takeover_sentence(view),
                                       .at = at},
                     .at = at};
  if (!view.owner.empty()) write.taken_from.push_back(view.owner);
  return write;
}

}  // namespace pourtocol::control
