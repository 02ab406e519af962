// The files of a log: the database, and what SQLite keeps beside it.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <string>

namespace pourtocol::database {

/// Makes an empty file only its owner may read, unless something of that name is there.
void create_private(const std::filesystem::path& file);

/// Takes others' rights off the database and what lies beside it, whatever the umask was.
void make_private(const std::filesystem::path& file);

/// Has what stands in a file on the disk; with `O_DIRECTORY` the names in a folder. Throws
/// `SqlError`.
void sync(const std::filesystem::path& path, int flags);

/// Knows the files a log was opened with again. SQLite goes on writing into a file that was removed
/// or replaced, and all of it would be gone with the process.
class FileWatch {
 public:
  /// The files as they are now.
  explicit FileWatch(std::filesystem::path file);
  /// Whether `loss` or `loss_while_closed` has seen one.
  [[nodiscard]] bool is_lost() const noexcept { return !loss_.empty(); }
  /// What happened to them since; empty: they are in their place. Once lost, lost for good. To be
  /// asked while the log is open.
  [[nodiscard]] const std::string& loss();
  /// The same while the log is closed, when SQLite may have removed what lies beside the database.
  [[nodiscard]] const std::string& loss_while_closed();

 private:
  struct Seen {
    dev_t device;
    ino_t inode;
    off_t size;
  };
  [[nodiscard]] static std::optional<Seen> look(const std::filesystem::path& file);
  [[nodiscard]] static std::string change_of(const std::filesystem::path& file,
                                             const std::optional<Seen>& before,
                                             const std::optional<Seen>& now);

  void remember(const std::string& change);

  std::filesystem::path file_;
  std::filesystem::path wal_;
  std::optional<Seen> file_seen_;
  std::optional<Seen> wal_seen_;
  std::string loss_;
};

}  // namespace pourtocol::database
