#include "backend/database/log_files.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "backend/database/sqlite.hpp"

namespace pourtocol::database {

namespace {

std::filesystem::path beside(std::filesystem::path file, const char* suffix) {
  return file += suffix;
}

}  // namespace

void create_private(const std::filesystem::path& file) {
  const int descriptor =
      ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  // Whatever is in the way, SQLite says it when it opens the file.
  if (descriptor >= 0) ::close(descriptor);
}

void make_private(const std::filesystem::path& file) {
  for (const char* suffix : {"", "-wal", "-shm"}) {
    ::chmod(beside(file, suffix).c_str(), 0600);  // a file system without rights has none to take
  }
}

void sync(const std::filesystem::path& path, int flags) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags);
  const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
  const int error = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (!synced) throw SqlError{SQLITE_IOERR_FSYNC, std::strerror(error)};
}

FileWatch::FileWatch(std::filesystem::path file)
    : file_{std::move(file)},
      wal_{beside(file_, "-wal")},
      file_seen_{look(file_)},
      wal_seen_{look(wal_)} {}

std::optional<FileWatch::Seen> FileWatch::look(const std::filesystem::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return std::nullopt;
  return Seen{.device = status.st_dev, .inode = status.st_ino, .size = status.st_size};
}

std::string FileWatch::change_of(const std::filesystem::path& file,
                                 const std::optional<Seen>& before,
                                 const std::optional<Seen>& now) {
  if (!before) return {};
  if (!now) return fmt::format("{} was removed", file.filename().string());
  if (now->device != before->device || now->inode != before->inode) {
    return fmt::format("{} was replaced", file.filename().string());
  }
  return {};
}

const std::string& FileWatch::loss_while_closed() {
  if (!loss_.empty()) return loss_;
  const auto file = look(file_);
  auto change = change_of(file_, file_seen_, file);
  if (change.empty() && file && file_seen_ && file->size < file_seen_->size) {
    change = fmt::format("{} was cut short", file_.filename().string());
  }
  if (change.empty()) {
    file_seen_ = file;
  } else {
    remember(change);
  }
  return loss_;
}

const std::string& FileWatch::loss() {
  if (!loss_while_closed().empty()) return loss_;
  const auto wal = look(wal_);
  const auto change = change_of(wal_, wal_seen_, wal);
  if (!wal_seen_) wal_seen_ = wal;
  if (!change.empty()) remember(change);
  return loss_;
}

void FileWatch::remember(const std::string& change) {
  loss_ = change +
          " while the server had it open, and nothing is poured any more: end the server, put the "
          "file back or restore a backup, run pourtocol check, and start again";
}

}  // namespace pourtocol::database
