// Keeps a virtual flash in a file, so that a dispenser's journal outlives its process.
#pragma once

#include <expected>
#include <string>

#include "firmware/simulator/plant/virtual_flash.hpp"

namespace pourtocol::firmware {

/// An open flash file, locked against a second dispenser.
class FlashFile {
 public:
  /// Loads `flash` from the file, or makes the file from `flash` if there is none (or an empty
  /// one). Otherwise one sentence that says why not.
  [[nodiscard]] static std::expected<FlashFile, std::string> open(const std::string& path,
                                                                  VirtualFlash& flash);

  FlashFile(FlashFile&& other) noexcept;
  FlashFile& operator=(FlashFile&&) = delete;
  ~FlashFile();

  /// Puts what changed since the last call into the file, where it outlives a killed process. It
  /// costs nothing if nothing changed. False: it could not be written.
  [[nodiscard]] bool save(const VirtualFlash& flash);

 private:
  explicit FlashFile(int fd) noexcept : fd_{fd} {}

  int fd_;
  std::uint64_t saved_changes_ = 0;
};

}  // namespace pourtocol::firmware
