#include "backend/database/backup.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <optional>
#include <vector>

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

/// Returns its head.
std::string verify(const std::filesystem::path& copy, const std::optional<Head>& kept,
                   const ChainKey* key) {
  {
    Connection connection{copy, Connection::Mode::read_only};
    if (kind_of(connection) == FileKind::seed) {
      if (connection.read_text("PRAGMA integrity_check") == "ok") return {};
      throw SqlError{SQLITE_CORRUPT, "the copy is damaged"};
    }
  }
  std::vector<Head> heads;
  if (kept) heads.push_back(*kept);
  const auto report = check(copy, heads, key);
  if (!report) throw SqlError{SQLITE_CORRUPT, report.error()};
  if (!report->whole()) throw SqlError{SQLITE_CORRUPT, report->problems.front()};
  if (!report->missing_heads.empty()) {
    throw SqlError{SQLITE_CORRUPT, report->missing_heads.front()};
  }
  return report->head;
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

/// A file of its own for its owner alone, on the disk when this returns.
void write_new(const std::filesystem::path& file, const std::string& text) {
  const int descriptor =
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (descriptor < 0) fail_to_name();
  const bool written =
      ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(descriptor) == 0;
  const int error = errno;
  ::close(descriptor);
  if (written) return;
  ::unlink(file.c_str());
  errno = error;
  fail_to_name();
}

}  // namespace

std::string copy_verified(const std::filesystem::path& from, const std::filesystem::path& copy,
                          const ChainKey* key) {
  copy_pages(from, copy);
  close_in_one_file(copy);
  sync(copy, 0);
  return verify(copy, kept_head(from), key);
}

std::filesystem::path head_file_of(const std::filesystem::path& file) {
  std::filesystem::path head{file};
  return head += ".head";
}

std::optional<Head> kept_head(const std::filesystem::path& file) {
  const auto path = head_file_of(file);
  std::error_code failed;
  if (!std::filesystem::exists(path, failed) && !failed) return std::nullopt;
  constexpr std::size_t text_max = 256;
  std::array<char, text_max> text{};
  std::ifstream stream{path, std::ios::binary};
  stream.read(text.data(), text.size());
  const auto head = parse_head(
      {text.data(), static_cast<std::size_t>(std::max(stream.gcount(), std::streamsize{0}))});
  if (!head) {
    throw SqlError{SQLITE_CANTOPEN, fmt::format("{} holds no head: put the one back that was kept "
                                                "there, or remove the file",
                                                path.filename().string())};
  }
  return head;
}

std::expected<std::string, std::string> backup(const std::filesystem::path& from,
                                               const std::filesystem::path& to,
                                               const ChainKey* key) {
  if (!std::filesystem::exists(from)) {
    return std::unexpected{fmt::format("{}: there is no such file.", from.string())};
  }
  const auto head_file = head_file_of(to);
  for (const auto& taken : {to, head_file}) {
    if (!std::filesystem::exists(taken)) continue;
    return std::unexpected{
        fmt::format("{} exists already and is not overwritten.", taken.string())};
  }
  std::filesystem::path copy{to};
  copy += fmt::format(".partial-{}", ::getpid());
  bool head_kept = false;
  try {
    const std::string head = copy_verified(from, copy, key);
    if (!head.empty()) {
      write_new(head_file, head + "\n");
      head_kept = true;
    }
    publish(copy, to);
    return head;
  } catch (const std::exception& error) {
    std::error_code ignored;
    std::filesystem::remove(copy, ignored);
    if (head_kept) std::filesystem::remove(head_file, ignored);
    return std::unexpected{
        fmt::format("{} was not backed up to {}: {}.", from.string(), to.string(), error.what())};
  }
}

}  // namespace pourtocol::database
