// One server per database.
//
// The lock is taken on a file of its own beside the database, NAME.lock, which is never removed.
// Not on the database itself, nor by SQLite's `locking_mode = EXCLUSIVE`: `pourtocol backup` and
// `pourtocol check` are to work while the server runs, and closing any descriptor of the database
// would drop the POSIX locks by which SQLite guards it. An open-file-description lock belongs to
// this descriptor alone and goes with the process, however that ends.
#pragma once

#include <expected>
#include <filesystem>
#include <string>

namespace pourtocol::database {

class InstanceLock {
 public:
  /// Never waits. On failure one sentence that names the database and, where known, the process
  /// that has it.
  [[nodiscard]] static std::expected<InstanceLock, std::string> take(
      const std::filesystem::path& database);

  InstanceLock(InstanceLock&& other) noexcept;
  InstanceLock& operator=(InstanceLock&&) = delete;
  ~InstanceLock();

 private:
  explicit InstanceLock(int descriptor) noexcept : descriptor_{descriptor} {}
  int descriptor_;
};

}  // namespace pourtocol::database
