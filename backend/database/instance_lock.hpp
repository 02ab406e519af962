// One server per database.
//
// The lock is taken on a file of its own beside the database, NAME.lock, which only its
// owner may open, and which stays but where the database is refused.
// Not on the database itself, nor by SQLite's `locking_mode = EXCLUSIVE`: `pourtocol backup` and
// `pourtocol check` are to work while the server runs, and closing any descriptor of the database
// would drop the POSIX locks by which SQLite guards it. An open-file-description lock belongs to
// this descriptor alone and goes with the process, however that ends.
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <utility>

namespace pourtocol::database {

class InstanceLock {
 public:
  /// Never waits. On failure one sentence that names the database and, where known, the process
  /// that has it.
  [[nodiscard]] static std::expected<InstanceLock, std::string> take(
      const std::filesystem::path& database);

  /// A line that stays in the file for whoever comes after, however this process ends; on the disk
  /// when this returns, unless the disk fails.
  void note(const std::string& line) const;
  /// What was noted before the lock was taken; empty: nothing.
  [[nodiscard]] const std::string& noted() const noexcept { return noted_; }
  /// What was noted last beside a database nobody has the lock of; empty: nothing, or somebody has.
  [[nodiscard]] static std::string note_of(const std::filesystem::path& database);

  /// Removes the file, if this lock made it: for a database that is refused, beside which nothing
  /// is to be left.
  void leave_no_file() noexcept;

  /// False once it was moved from.
  [[nodiscard]] bool holds() const noexcept { return descriptor_ >= 0; }

  InstanceLock(InstanceLock&& other) noexcept;
  InstanceLock& operator=(InstanceLock&&) = delete;
  ~InstanceLock();

 private:
  InstanceLock(int descriptor, std::filesystem::path file) noexcept
      : descriptor_{descriptor}, file_{std::move(file)} {}
  int descriptor_;
  std::filesystem::path file_;
  bool made_ = false;
  std::string noted_;
};

}  // namespace pourtocol::database
