// What the network does to a dispenser's answers. The requests themselves always arrive: what is
// lost on the way to a device is something its clients can do to it without help.
#pragma once

#include <cstdint>

#include "core/time.hpp"

namespace pourtocol::firmware {

/// Which request an answer belongs to.
enum class RequestKind : std::uint8_t { status, dispense, stop, service, calibration, other };

/// How one answer travels.
enum class Delivery : std::uint8_t {
  whole,
  dropped,  ///< the connection is reset instead
  garbage,  ///< bytes that are not HTTP instead
  hung,     ///< nothing, and the connection stays open
};

struct NetworkFaults {
  /// Every answer is held back for so long.
  Duration delay{0};
  /// So many answers still to be dropped, then replaced by garbage, then never sent.
  std::uint32_t drop_answers = 0;
  std::uint32_t garbage_answers = 0;
  std::uint32_t hang_answers = 0;
  /// Nothing listens: connections are refused.
  bool refuse = false;
  /// If set, the delay and the counts concern answers to these requests only.
  bool only_some = false;
  RequestKind some = RequestKind::other;

  [[nodiscard]] bool concern(RequestKind kind) const noexcept { return !only_some || kind == some; }
  /// How the next answer travels, counting it.
  [[nodiscard]] Delivery take(RequestKind kind) noexcept {
    if (!concern(kind)) return Delivery::whole;
    if (spend(drop_answers)) return Delivery::dropped;
    if (spend(garbage_answers)) return Delivery::garbage;
    if (spend(hang_answers)) return Delivery::hung;
    return Delivery::whole;
  }
  [[nodiscard]] Duration delay_of(RequestKind kind) const noexcept {
    return concern(kind) ? delay : Duration{0};
  }

 private:
  static bool spend(std::uint32_t& count) noexcept {
    if (count == 0) return false;
    --count;
    return true;
  }
};

}  // namespace pourtocol::firmware
