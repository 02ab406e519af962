#include "backend/database/backup.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include <fmt/format.h>

#include "backend/database/check.hpp"
#include "backend/database/instance_lock.hpp"
#include "backend/database/left_log.hpp"
#include "backend/database/log_files.hpp"
#include "backend/database/schema.hpp"
#include "backend/database/sqlite.hpp"

namespace pourtocol::database {

namespace {

constexpr int pages_per_step = 1024;

struct Finish {
  void operator()(sqlite3_backup* backup) const noexcept { sqlite3_backup_finish(backup); }
};

/// Copies all pages of one snapshot: the read transaction keeps what the server writes meanwhile
/// out of the copy, which would otherwise begin anew at each write.
void copy_pages(const std::filesystem::path& from, const std::filesystem::path& to) {
  expect_own_wal(from, InstanceLock::note_of(from));
  Connection source{from, Connection::Mode::read_only};
  if (const auto kind = kind_of(source); kind != FileKind::ours && kind != FileKind::seed) {
    throw SqlError{SQLITE_NOTADB, refusal_of(kind, source)};
  }
  create_private(to);
  Connection target{to, Connection::Mode::read_write};
  Transaction snapshot{source, Transaction::Kind::read};
  (void)source.read_integer("SELECT count(*) FROM sqlite_schema");  // BEGIN alone takes none
  const std::unique_ptr<sqlite3_backup, Finish> copy{
      sqlite3_backup_init(target.handle(), "main", source.handle(), "main")};
  if (!copy) {
    throw SqlError{sqlite3_errcode(target.handle()), harmless(sqlite3_errmsg(target.handle()))};
  }
  int result = SQLITE_OK;
  while (result == SQLITE_OK) result = sqlite3_backup_step(copy.get(), pages_per_step);
  if (result != SQLITE_DONE) throw SqlError{result, sqlite3_errstr(result)};
}

/// Makes the copy one file that needs no other beside it, so that it can be kept anywhere.
void close_in_one_file(const std::filesystem::path& file) {
  Connection copy{file, Connection::Mode::read_write};
  copy.run("PRAGMA synchronous = FULL");
  if (copy.read_text("PRAGMA journal_mode = DELETE") != "delete") {
    throw SqlError{SQLITE_BUSY, "the copy could not be closed"};
  }
}

void verify(const std::filesystem::path& copy) {
  {
    Connection connection{copy, Connection::Mode::read_only};
    if (kind_of(connection) == FileKind::seed) {
      if (connection.read_text("PRAGMA integrity_check") == "ok") return;
      throw SqlError{SQLITE_CORRUPT, "the copy is damaged"};
    }
  }
  const auto report = check(copy);
  if (!report) throw SqlError{SQLITE_CORRUPT, report.error()};
  if (!report->whole()) throw SqlError{SQLITE_CORRUPT, report->problems.front()};
}

[[noreturn]] void fail_to_name() {
  throw SqlError{SQLITE_CANTOPEN, std::strerror(errno)};
}

bool is_about_the_file_system(int error) {
  return error == EINVAL || error == ENOSYS || error == ENOTSUP || error == EPERM ||
         error == EMLINK;
}

/// Where neither a rename nor a second name can be had without replacing: the name is taken first,
/// by an empty file that is ours alone, and then given to the copy.
void rename_over_own_file(const std::filesystem::path& copy, const std::filesystem::path& to) {
  const int reserved =
      ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (reserved < 0) fail_to_name();
  ::close(reserved);
  if (::rename(copy.c_str(), to.c_str()) == 0) return;
  const int error = errno;
  ::unlink(to.c_str());
  errno = error;
  fail_to_name();
}

/// Gives the copy its name, unless there is something of that name by now. NFS, FUSE and others
/// cannot rename without replacing; a second name (a hard link) never replaces either.
void publish(const std::filesystem::path& copy, const std::filesystem::path& to) {
  if (::renameat2(AT_FDCWD, copy.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) != 0) {
    if (!is_about_the_file_system(errno)) fail_to_name();
    if (::link(copy.c_str(), to.c_str()) == 0) {
      ::unlink(copy.c_str());
    } else {
      if (!is_about_the_file_system(errno)) fail_to_name();
      rename_over_own_file(copy, to);
    }
  }
  const auto folder = std::filesystem::absolute(to).parent_path();
  sync(folder, O_DIRECTORY);
}

}  // namespace

void copy_verified(const std::filesystem::path& from, const std::filesystem::path& copy) {
  copy_pages(from, copy);
  close_in_one_file(copy);
  sync(copy, 0);
  verify(copy);
}

std::expected<void, std::string> backup(const std::filesystem::path& from,
                                        const std::filesystem::path& to) {
  if (!std::filesystem::exists(from)) {
    return std::unexpected{fmt::format("{}: there is no such file.", from.string())};
  }
  if (std::filesystem::exists(to)) {
    return std::unexpected{fmt::format("{} exists already and is not overwritten.", to.string())};
  }
  std::filesystem::path copy{to};
  copy += fmt::format(".partial-{}", ::getpid());
  try {
    copy_verified(from, copy);
    publish(copy, to);
    return {};
  } catch (const std::exception& error) {
    std::error_code ignored;
    std::filesystem::remove(copy, ignored);
    return std::unexpected{
        fmt::format("{} was not backed up to {}: {}.", from.string(), to.string(), error.what())};
  }
}

}  // namespace pourtocol::database
