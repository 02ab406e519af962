// Who may bring a new firmware: what is looked at before a byte of the image is read.
//
// The image itself is signed by whoever built it, but that shows only when all of it is here. So an
// update is announced by a line that is signed with the key of updates, is meant for this boot, and
// runs out: a stranger, or a line that somebody has overheard, holds up nobody.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "core/ids.hpp"
#include "core/time.hpp"
#include "firmware/esp32/portable/update_refused.hpp"

namespace pourtocol::board {

/// How far ahead an announcement may run out: who may look further could prepare one for ever.
inline constexpr Uptime announcement_longest{10 * 60 * 1'000};

/// All that is known when somebody asks.
struct UpdateAsked {
  bool build_checks_signatures = false;  ///< of images
  bool key_is_set = false;
  std::size_t image_bytes = 0;  ///< as the request says
  std::size_t place_bytes = 0;  ///< that there is room for
  std::optional<std::string_view> announcement = {};
  bool signature_is_right = false;  ///< of the announcement, under the key
  BootId boot_id = {};
  Uptime uptime{0};
  bool another_comes_in = false;
  bool on_trial = false;  ///< what runs has not proved itself yet
};

/// What the announcement says beside when it holds.
struct UpdateMeant {
  bool older = false;  ///< also a version that is older than the one that runs
};

/// The announcement is `boot_id=…&expires_ms=…`, as in an order's guard, and `&older=yes` if that
/// is meant.
[[nodiscard]] std::expected<UpdateMeant, UpdateRefused> admit_update(
    const UpdateAsked& asked) noexcept;

}  // namespace pourtocol::board
