#include "firmware/esp32/portable/update_admission.hpp"

#include <array>
#include <charconv>

#include "firmware/esp32/portable/firmware_image.hpp"
#include "firmware/esp32/portable/form.hpp"

namespace pourtocol::board {

namespace {

struct Announcement {
  BootId boot_id;
  Uptime expires{0};
  UpdateMeant meant;
};

std::optional<Uptime> read_uptime(std::string_view text) {
  std::int64_t ms = -1;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, ms);
  if (error != std::errc{} || rest != end || ms < 0) return std::nullopt;
  return Uptime{ms};
}

std::optional<Announcement> read_announcement(std::string_view text) {
  std::array<char, 32> space{};
  const auto boot = form_value(text, "boot_id", space);
  const auto boot_id = boot ? BootId::parse(*boot) : std::nullopt;
  const auto expires_text = form_value(text, "expires_ms", space);
  const auto expires = expires_text ? read_uptime(*expires_text) : std::nullopt;
  if (!boot_id || !expires) return std::nullopt;
  const auto older = form_value(text, "older", space);
  if (older ? *older != "yes" : older.error() != FormFault::missing) return std::nullopt;
  return Announcement{
      .boot_id = *boot_id, .expires = *expires, .meant = {.older = older.has_value()}};
}

std::unexpected<UpdateRefused> refused(int status, std::string_view error,
                                       std::string_view message) {
  return std::unexpected{UpdateRefused{status, error, message}};
}

}  // namespace

std::expected<UpdateMeant, UpdateRefused> admit_update(const UpdateAsked& asked) noexcept {
  if (!asked.build_checks_signatures) {
    return refused(403, "no_signing_key",
                   "This firmware was built without a signing key. Update it over the cable.");
  }
  if (!asked.key_is_set) {
    return refused(403, "no_update_key",
                   "Set a key of updates on the setup page first, or update over the cable.");
  }
  if (!asked.announcement || !asked.signature_is_right) {
    return refused(401, "unauthorized",
                   "The update is not announced, or not signed with the key of updates.");
  }
  const auto announced = read_announcement(*asked.announcement);
  if (!announced) {
    return refused(400, "bad_update",
                   "Announce the update as boot_id=...&expires_ms=..., perhaps &older=yes.");
  }
  if (announced->boot_id != asked.boot_id) {
    return refused(409, "wrong_boot", "The update was meant for an earlier boot.");
  }
  if (asked.uptime > announced->expires) {
    return refused(409, "expired", "The update came after its expires_ms.");
  }
  if (announced->expires - asked.uptime > announcement_longest) {
    return refused(400, "bad_update", "expires_ms must be within the next ten minutes.");
  }
  if (asked.image_bytes < image_head_bytes) {
    return refused(400, "bad_update", "The body must be the signed image.");
  }
  if (asked.image_bytes > asked.place_bytes) {
    return refused(413, "bad_update", "The image is larger than the place for it.");
  }
  if (asked.on_trial) {
    return refused(409, "on_trial",
                   "The firmware that runs is on trial. Try again in five minutes.");
  }
  if (asked.another_comes_in) return refused(409, "busy", "Another update is coming in.");
  return announced->meant;
}

}  // namespace pourtocol::board
