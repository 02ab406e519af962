#include "simulation/script.hpp"

#include <array>
#include <cstdio>

namespace pourtocol::simulation {

namespace {

using namespace std::string_view_literals;

/// Of each deed its name and what is told of it: T is the tap, L its length, N its amount, K the
/// order.
struct Words {
  std::string_view name;
  std::string_view story;
};
constexpr std::array<Words, deed_count> words{{
    {"place_glass"sv, "a glass is placed at T"sv},
    {"lift_glass"sv, "the glass at T is lifted"sv},
    {"order"sv, "a guest orders N ml at T (K)"sv},
    {"late_order"sv, "an order of N ml at T, long on its way, comes (K)"sv},
    {"give_up"sv, "a guest gives K up"sv},
    {"stop_pour"sv, "somebody stops K"sv},
    {"stop_all"sv, "the host presses STOP ALL"sv},
    {"resume_all"sv, "the host resumes all taps"sv},
    {"late_resume"sv, "the host resumes all taps, which takes N us to come"sv},
    {"service_run"sv, "the host runs the pump of T (service-K, N)"sv},
    {"look_up"sv, "the host looks at the calibration of T"sv},
    {"clear_faults"sv, "the host says the faults of T were seen to"sv},
    {"new_bottle"sv, "the host connects a full bottle to T and says so"sv},
    {"misread_cup"sv, "the host reads N thousandths of what T brought (service-K), and accepts"sv},
    {"order_refused"sv, "T takes no connection for the next order (within L)"sv},
    {"order_lost"sv, "the next order to T is lost (within L)"sv},
    {"order_cut"sv, "the next order to T is reset at its byte N (within L)"sv},
    {"order_late"sv, "the next order to T arrives N us late (within L)"sv},
    {"order_doubled"sv, "the next order to T arrives again N us later (within L)"sv},
    {"answer_lost"sv, "T's answer to the next order is lost (within L)"sv},
    {"answer_reset"sv, "T's answer to the next order is reset (within L)"sv},
    {"answer_garbage"sv, "T's answer to the next order is garbage (within L)"sv},
    {"answer_error"sv, "T's answer to the next order is a 503 (within L)"sv},
    {"answer_wrong_id"sv, "T's answer to the next order names another id (within L)"sv},
    {"answer_cut"sv, "T's answer to the next order ends in the middle (within L)"sv},
    {"answer_oversized"sv, "T's answer to the next order never ends (within L)"sv},
    {"answer_trickled"sv, "T's answer to the next order trickles in (within L)"sv},
    {"status_lost"sv, "the next question for T's status is lost (within L)"sv},
    {"status_unanswered"sv, "T's next status is lost (within L)"sv},
    {"status_garbage"sv, "T's next status is garbage (within L)"sv},
    {"status_cut"sv, "T's next status ends in the middle (within L)"sv},
    {"status_oversized"sv, "T's next status never ends (within L)"sv},
    {"status_late"sv, "T's next status is N us late (within L)"sv},
    {"status_forged"sv, "a stranger answers for T that its newest order brought 1,000 l"sv},
    {"stop_lost"sv, "the next stop to T is lost (within L)"sv},
    {"stop_late"sv, "the next stop to T arrives N us late (within L)"sv},
    {"stop_unanswered"sv, "T's answer to the next stop is lost (within L)"sv},
    {"calibration_lost"sv, "the next word on T's calibration is lost (within L)"sv},
    {"calibration_unanswered"sv, "T's next word on its calibration is lost (within L)"sv},
    {"partition"sv, "nothing passes between server and T for L"sv},
    {"partition_to"sv, "nothing reaches T for L"sv},
    {"partition_from"sv, "nothing comes from T for L"sv},
    {"swap_addresses"sv,
     "T and the Nth after it restart with each other's address, and names follow after L"sv},
    {"strange_stops"sv, "a stranger stops N orders at T that never were, within L"sv},
    {"replayed_order"sv, "a stranger sends T its newest order again"sv},
    {"forged_order"sv, "a stranger orders N ml of T itself (stranger-K)"sv},
    {"forged_calibration"sv,
     "a stranger says of T itself that N thousandths came, and accepts (stranger-K)"sv},
    {"power_cut"sv, "the power of T is cut for L"sv},
    {"brown_out"sv, "the power of T fails N times within L"sv},
    {"lost_flash"sv, "T loses its flash, and power for L"sv},
    {"torn_write"sv, "T's power fails at byte N of its next record"sv},
    {"flash_fails"sv, "the flash of T fails for L"sv},
    {"flash_lies"sv, "the flash of T writes, but says it failed, for L"sv},
    {"hang"sv, "the loop of T hangs for L"sv},
    {"press_stop"sv, "somebody holds the stop button of T for L"sv},
    {"spike"sv, "T's glass sensor says the opposite for L"sv},
    {"flicker"sv, "one of N readings of T's glass sensor is false for L"sv},
    {"stuck_present"sv, "T's glass sensor is stuck at \"there\" for L"sv},
    {"stuck_absent"sv, "T's glass sensor is stuck at \"gone\" for L"sv},
    {"sensor_silent"sv, "T's glass sensor is silent for L"sv},
    {"clog"sv, "T's line is clogged for L"sv},
    {"dead_meter"sv, "T's meter is jammed for L"sv},
    {"air"sv, "T has air in its line for N us of pumping"sv},
    {"empty_bottle"sv, "T's bottle has only N ul left for L"sv},
    {"siphon"sv, "T siphons N ul/s for L"sv},
    {"welded_relay"sv, "T's relay is welded for L"sv},
    {"kill_server"sv, "the server is killed, and comes back after L"sv},
    {"hang_server"sv, "the server hangs for L"sv},
    {"power_out"sv, "everything is without power for L"sv},
    {"disk_fails"sv, "the server's disk fails for L"sv},
    {"disk_locked"sv, "the server's database is locked for L"sv},
    {"slow_disk"sv, "the server's disk is slow for L"sv},
    {"no_descriptors"sv, "the server has no descriptors left for L"sv},
    {"clock_jump"sv, "the wall clock jumps N days"sv},
}};

std::string seconds(Duration time) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f s", std::chrono::duration<double>(time).count());
  return text.data();
}

}  // namespace

std::string_view name_of(Deed deed) noexcept {
  return words[static_cast<std::size_t>(deed)].name;
}

std::string told(const Happening& happening) {
  std::string text = seconds(happening.at);
  text.insert(0, text.size() < 12 ? 12 - text.size() : 0, ' ');
  text += "  ";
  // Capitals that stand alone, or before an 's, are places to fill in.
  const std::string_view story = words[static_cast<std::size_t>(happening.deed)].story;
  for (std::size_t i = 0; i < story.size(); ++i) {
    const auto is_letter = [&](std::size_t at) {
      return at < story.size() &&
             ((story[at] >= 'A' && story[at] <= 'Z') || (story[at] >= 'a' && story[at] <= 'z'));
    };
    const bool alone = !(i > 0 && is_letter(i - 1)) && !is_letter(i + 1);
    if (alone && story[i] == 'T') {
      text += "tap" + std::to_string(happening.tap + 1);
    } else if (alone && story[i] == 'L') {
      text += seconds(happening.length);
    } else if (alone && story[i] == 'N') {
      text += std::to_string(happening.amount);
    } else if (alone && story[i] == 'K') {
      const bool has_own_word =
          happening.deed == Deed::service_run || happening.deed == Deed::misread_cup ||
          happening.deed == Deed::forged_order || happening.deed == Deed::forged_calibration;
      if (!has_own_word) text += "order-";
      text += std::to_string(happening.key);
    } else {
      text += story[i];
    }
  }
  return text;
}

}  // namespace pourtocol::simulation
