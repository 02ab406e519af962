#include "firmware/simulator/flash_file.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace pourtocol::firmware {
namespace {

class FlashFileTest : public ::testing::Test {
 protected:
  FlashFileTest() {
    std::string folder = ::testing::TempDir() + "flash-XXXXXX";
    EXPECT_NE(::mkdtemp(folder.data()), nullptr);
    folder_ = folder;
  }
  ~FlashFileTest() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string path() const { return folder_ / "flash.bin"; }

  static void write(VirtualFlash& flash, std::size_t slot, std::uint8_t byte) {
    hal::Slot content;
    content.fill(byte);
    ASSERT_TRUE(flash.write_slot(slot, content));
  }
  /// What a process finds that opens the file now.
  [[nodiscard]] VirtualFlash reopened() const {
    VirtualFlash flash;
    EXPECT_TRUE(FlashFile::open(path(), flash).has_value());
    return flash;
  }
  [[nodiscard]] std::string refusal() const {
    VirtualFlash flash;
    const auto file = FlashFile::open(path(), flash);
    return file ? "" : file.error();
  }

  std::filesystem::path folder_;
};

bool same(const VirtualFlash& a, const VirtualFlash& b) {
  return std::ranges::equal(a.bytes(), b.bytes());
}

TEST_F(FlashFileTest, KeepsWhatWasSaved) {
  VirtualFlash flash;
  {
    auto file = FlashFile::open(path(), flash);
    ASSERT_TRUE(file.has_value());
    write(flash, 3, 0x5A);
    ASSERT_TRUE(file->save(flash));
  }
  EXPECT_TRUE(same(reopened(), flash));
  EXPECT_FALSE(same(reopened(), VirtualFlash{}));
}

TEST_F(FlashFileTest, BeginsAsAFactoryNewFlash) {
  VirtualFlash flash;
  { ASSERT_TRUE(FlashFile::open(path(), flash).has_value()); }
  EXPECT_TRUE(same(reopened(), VirtualFlash{}));
}

TEST_F(FlashFileTest, KeepsNothingThatWasNotSaved) {
  VirtualFlash flash;
  {
    auto file = FlashFile::open(path(), flash);
    ASSERT_TRUE(file.has_value());
    write(flash, 3, 0x5A);
  }
  EXPECT_TRUE(same(reopened(), VirtualFlash{}));
}

TEST_F(FlashFileTest, BelongsToOneDispenserAtATime) {
  VirtualFlash flash;
  {
    const auto file = FlashFile::open(path(), flash);
    ASSERT_TRUE(file.has_value());
    EXPECT_NE(refusal().find("is in use by another dispenser"), std::string::npos);
  }
  EXPECT_EQ(refusal(), "");
}

TEST_F(FlashFileTest, RefusesAFileThatIsSomethingElse) {
  std::ofstream{path()} << "a shopping list";
  EXPECT_NE(refusal().find("is not the flash of a dispenser"), std::string::npos);
  std::ifstream file{path()};
  std::string content;
  std::getline(file, content);
  EXPECT_EQ(content, "a shopping list");
}

TEST_F(FlashFileTest, RefusesWhatCannotBeOpened) {
  std::filesystem::create_directory(path());
  EXPECT_NE(refusal().find("cannot be opened"), std::string::npos);
}

}  // namespace
}  // namespace pourtocol::firmware
