#include "firmware/esp32/portable/update_admission.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pourtocol::board {
namespace {

constexpr std::string_view good = "boot_id=9f86d081884c7d65&expires_ms=5033731";

/// A request in which all is right but for what a test changes.
UpdateAsked asked(std::optional<std::string_view> announcement = good) {
  return {.build_checks_signatures = true,
          .key_is_set = true,
          .image_bytes = 1'200'000,
          .place_bytes = 0x1e0000,
          .announcement = announcement,
          .signature_is_right = true,
          .boot_id = *BootId::parse("9f86d081884c7d65"),
          .uptime = Uptime{5'000'000}};
}

std::string refused(const UpdateAsked& request) {
  const auto admitted = admit_update(request);
  if (admitted) return admitted->older ? "taken, older" : "taken";
  return std::to_string(admitted.error().status) + " " + std::string{admitted.error().error};
}

template <class Change>
std::string refused_with(Change change) {
  UpdateAsked request = asked();
  change(request);
  return refused(request);
}

TEST(UpdateAdmission, LetsInWhatIsAnnouncedAndSigned) {
  EXPECT_EQ(refused(asked()), "taken");
  EXPECT_EQ(refused(asked("boot_id=9f86d081884c7d65&expires_ms=5000000&older=yes")),
            "taken, older");
  EXPECT_EQ(refused(asked("older=yes&expires_ms=5600000&boot_id=9f86d081884c7d65&more=1")),
            "taken, older");
}

TEST(UpdateAdmission, NeedsAKey) {
  EXPECT_EQ(refused_with([](UpdateAsked& r) { r.key_is_set = false; }), "403 no_update_key");
  EXPECT_EQ(refused_with([](UpdateAsked& r) { r.signature_is_right = false; }), "401 unauthorized");
  EXPECT_EQ(refused(asked(std::nullopt)), "401 unauthorized");
  EXPECT_EQ(refused_with([](UpdateAsked& r) { r.build_checks_signatures = false; }),
            "403 no_signing_key");
}

TEST(UpdateAdmission, TellsAStrangerNothingButThatHeIsOne) {
  EXPECT_EQ(refused_with([](UpdateAsked& r) {
              r.signature_is_right = false;
              r.another_comes_in = true;
              r.on_trial = true;
              r.image_bytes = 0;
              r.announcement = "rubbish";
            }),
            "401 unauthorized");
}

TEST(UpdateAdmission, HoldsForThisBootAndNotForLong) {
  EXPECT_EQ(refused(asked("boot_id=9f86d081884c7d66&expires_ms=5033731")), "409 wrong_boot");
  EXPECT_EQ(refused(asked("boot_id=9f86d081884c7d65&expires_ms=4999999")), "409 expired");
  EXPECT_EQ(refused(asked("boot_id=9f86d081884c7d65&expires_ms=5600001")), "400 bad_update");
  EXPECT_EQ(refused(asked("boot_id=9f86d081884c7d65&expires_ms=9223372036854775807")),
            "400 bad_update");
}

TEST(UpdateAdmission, ReadsNoAnnouncementThatIsNotOne) {
  for (const std::string_view text :
       {"", "boot_id=9f86d081884c7d65", "expires_ms=5033731",
        "boot_id=9F86D081884C7D65&expires_ms=5033731", "boot_id=1&expires_ms=5033731",
        "boot_id=9f86d081884c7d65&expires_ms=", "boot_id=9f86d081884c7d65&expires_ms=-1",
        "boot_id=9f86d081884c7d65&expires_ms=5033731.0",
        "boot_id=9f86d081884c7d65&expires_ms=99999999999999999999",
        "boot_id=9f86d081884c7d65&expires_ms=5033731&older=",
        "boot_id=9f86d081884c7d65&expires_ms=5033731&older=no",
        "boot_id=9f86d081884c7d65&expires_ms=5033731&older=%"}) {
    EXPECT_EQ(refused(asked(text)), "400 bad_update") << text;
  }
}

TEST(UpdateAdmission, TakesOneAtATimeAndOnlyWhatFits) {
  EXPECT_EQ(refused_with([](UpdateAsked& r) { r.another_comes_in = true; }), "409 busy");
  EXPECT_EQ(refused_with([](UpdateAsked& r) { r.on_trial = true; }), "409 on_trial");
  EXPECT_EQ(refused_with([](UpdateAsked& r) { r.image_bytes = 0; }), "400 bad_update");
  EXPECT_EQ(refused_with([](UpdateAsked& r) { r.image_bytes = 287; }), "400 bad_update");
  EXPECT_EQ(refused_with([](UpdateAsked& r) { r.image_bytes = r.place_bytes; }), "taken");
  EXPECT_EQ(refused_with([](UpdateAsked& r) { r.image_bytes = r.place_bytes + 1; }),
            "413 bad_update");
  EXPECT_EQ(refused_with([](UpdateAsked& r) { r.place_bytes = 0; }), "413 bad_update");
}

}  // namespace
}  // namespace pourtocol::board
