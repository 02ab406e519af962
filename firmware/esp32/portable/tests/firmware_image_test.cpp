#include "firmware/esp32/portable/firmware_image.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace pourtocol::board {
namespace {

constexpr RunningFirmware running{.chip = 5, .project = "pourtocol_dispenser", .version = "1.4.2"};

/// The first bytes of an image in which all is right but for what a test changes.
struct Head {
  std::uint8_t magic = 0xE9;
  std::uint16_t chip = 5;
  std::uint32_t description = 0xABCD'5432;
  std::string version = "1.4.2";
  std::string project = "pourtocol_dispenser";
  std::size_t bytes = image_head_bytes;

  [[nodiscard]] std::vector<std::uint8_t> image() const {
    std::vector<std::uint8_t> head(image_head_bytes, 0);
    head[0] = magic;
    for (std::size_t i = 0; i < 2; ++i) head[12 + i] = static_cast<std::uint8_t>(chip >> 8 * i);
    for (std::size_t i = 0; i < 4; ++i) {
      head[32 + i] = static_cast<std::uint8_t>(description >> 8 * i);
    }
    std::ranges::copy(version, head.begin() + 48);
    std::ranges::copy(project, head.begin() + 80);
    head.resize(bytes);
    return head;
  }
};

std::string refused(const Head& head, bool older_is_meant = false,
                    const RunningFirmware& now = running) {
  const auto why = why_not_installed(head.image(), now, older_is_meant);
  return why ? std::string{why->error} : "taken";
}

TEST(FirmwareImage, TakesTheSameVersionAndEachNewerOne) {
  for (const std::string version : {"1.4.2", "1.4.3", "1.5", "1.10.0", "2", "2.0.0"}) {
    EXPECT_EQ(refused({.version = version}), "taken") << version;
  }
}

TEST(FirmwareImage, TakesAnOlderVersionOnlyIfItIsMeant) {
  for (const std::string version : {"1.4.1", "1.4", "1.3.99", "1", "0.9.9", "0"}) {
    EXPECT_EQ(refused({.version = version}), "older") << version;
    EXPECT_EQ(refused({.version = version}, true), "taken") << version;
  }
}

TEST(FirmwareImage, TakesNothingThatItCannotCompare) {
  for (const std::string version : {"", "1.", ".1", "1.2.3.4", "1.2.3-dirty", "v1.4.2", "defad68",
                                    "1,5", "70000", "-1", "+2"}) {
    EXPECT_EQ(refused({.version = version}, true), "no_version") << version;
  }
  // What a maker has built by himself before versions were numbers.
  EXPECT_EQ(refused({.version = "0.1"}, false,
                    {.chip = 5, .project = "pourtocol_dispenser", .version = "defad68-dirty"}),
            "taken");
}

TEST(FirmwareImage, IsOfThisChipAndThisProject) {
  EXPECT_EQ(refused({.chip = 0}), "wrong_chip");
  EXPECT_EQ(refused({.chip = 5 + 256}), "wrong_chip") << "both bytes count";
  EXPECT_EQ(refused({.project = "pourtocol_dispense"}), "bad_update");
  EXPECT_EQ(refused({.project = "pourtocol_dispenser2"}), "bad_update");
  EXPECT_EQ(refused({.project = ""}), "bad_update");
  EXPECT_EQ(refused({.project = std::string(32, 'p')}), "bad_update") << "it has no end";
  EXPECT_EQ(refused({.version = std::string(32, '1')}), "bad_update");
  // Chip and project are no matter of what is meant.
  EXPECT_EQ(refused({.chip = 9}, true), "wrong_chip");
  EXPECT_EQ(refused({.project = "blink"}, true), "bad_update");
}

TEST(FirmwareImage, IsAnImageAtAll) {
  EXPECT_EQ(refused({.magic = '<'}), "bad_update");
  EXPECT_EQ(refused({.magic = 0xFF}), "bad_update");
  EXPECT_EQ(refused({.description = 0xABCD'5433}), "bad_update");
  EXPECT_EQ(refused({.description = 0x3254'CDAB}), "bad_update");
  for (const std::size_t bytes : {0U, 1U, 12U, 33U, 111U, 287U}) {
    EXPECT_EQ(refused({.bytes = bytes}), "bad_update") << bytes;
  }
}

}  // namespace
}  // namespace pourtocol::board
