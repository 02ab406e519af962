// A disk that can fail, and lose its power: an SQLite VFS over the system's own.
#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace pourtocol::database::testing {

/// Register one, open databases with its `name()`, and let them fail. Files are real ones. What is
/// "on the disk" is what a file held at its last successful sync; cutting the power loses the rest.
/// Safe to steer from another thread than the one that writes.
class FaultyVfs {
 public:
  explicit FaultyVfs(std::string name);
  FaultyVfs(const FaultyVfs&) = delete;
  FaultyVfs& operator=(const FaultyVfs&) = delete;
  ~FaultyVfs();

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  enum class Operation : std::uint8_t { write, sync, unlock };
  /// From the `nth` such call on (1 = the next) every one fails with `code`, until `heal`.
  void fail_from(Operation operation, int nth, int code);
  void heal();

  /// From now on nothing reaches the files.
  void cut_power();
  /// To be called when no database is open any more: every file is as it was at its last sync.
  void restore_power();

  /// How many calls of that kind were made so far.
  [[nodiscard]] int calls(Operation operation) const;

 private:
  struct File;
  static const sqlite3_io_methods methods;
  static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out);
  static int remove(sqlite3_vfs* vfs, const char* path, int sync_folder);

  /// What the next call of that kind answers: SQLITE_OK to go on.
  [[nodiscard]] int verdict(Operation operation);
  void remember_as_durable(File& file);

  struct Fault {
    int calls_left = 0;  ///< counts down to the first failing call; 0: none is set
    int code = 0;
    int calls = 0;
  };

  std::string name_;
  sqlite3_vfs vfs_;
  sqlite3_vfs* real_;
  mutable std::mutex mutex_;
  Fault faults_[3];
  bool power_ = true;
  std::set<std::string> touched_;
  std::map<std::string, std::vector<char>> durable_;
};

}  // namespace pourtocol::database::testing
