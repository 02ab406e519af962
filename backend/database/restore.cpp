#include "backend/database/restore.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <system_error>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "backend/database/backup.hpp"
#include "backend/database/instance_lock.hpp"
#include "backend/database/log_files.hpp"
#include "backend/database/sqlite.hpp"

namespace pourtocol::database {

namespace {

namespace fs = std::filesystem;

/// What belongs to a database, itself first. `-shm` is only an index of `-wal`, made anew; `.head`
/// lies beside one that was once made by `backup`.
constexpr std::array<const char*, 5> suffixes{"", "-wal", "-shm", "-journal", ".head"};
/// What of it goes before the copy comes.
constexpr std::array<const char*, 2> suffixes_ahead{"-journal", ".head"};

fs::path beside(fs::path file, std::string_view suffix) {
  return file += suffix;
}

[[noreturn]] void fail(std::string_view what, int error) {
  throw SqlError{SQLITE_CANTOPEN, fmt::format("{} ({})", what, std::strerror(error))};
}

/// A name beside the database that nothing has yet, nor anything that would belong to it.
fs::path name_to_keep(const fs::path& database) {
  const std::time_t now = std::time(nullptr);
  const auto stem =
      beside(database, fmt::format(".before-restore-{:%Y%m%d-%H%M%S}", fmt::gmtime(now)));
  for (int i = 1;; ++i) {
    const auto name = i == 1 ? stem : beside(stem, fmt::format("-{}", i));
    bool taken = false;
    for (const char* suffix : suffixes) {
      taken = taken || fs::exists(fs::symlink_status(beside(name, suffix)));
    }
    if (!taken) return name;
  }
}

/// Gives `file` a second name, and where the file system knows no such thing, a copy.
void keep(const fs::path& file, const fs::path& name) {
  if (::link(file.c_str(), name.c_str()) == 0) return;
  std::error_code failed;
  if (!fs::copy_file(file, name, failed))
    fail(file.filename().string() + " cannot be kept", failed.value());
  sync(name, 0);
}

void remove_all_of(const fs::path& name) noexcept {
  std::error_code ignored;
  for (const char* suffix : suffixes) fs::remove(beside(name, suffix), ignored);
}

/// The whole of the log that stands there, under another name as well.
std::optional<fs::path> keep_present(const fs::path& database) {
  std::optional<fs::path> name;
  for (const char* suffix : suffixes) {
    const auto file = beside(database, suffix);
    if (!fs::exists(file)) continue;
    if (!name) name = name_to_keep(database);
    try {
      keep(file, beside(*name, suffix));
    } catch (const SqlError&) {
      remove_all_of(*name);
      throw;
    }
  }
  return name;
}

void take_away(const fs::path& file) {
  if (::unlink(file.c_str()) != 0 && errno != ENOENT) {
    fail(file.filename().string() + " cannot be removed", errno);
  }
}

/// The log is as it was: what was to keep it is not needed.
void undo(const fs::path& database, const fs::path& kept) noexcept {
  for (const char* suffix : suffixes_ahead) {
    const auto taken = beside(database, suffix);
    const auto kept_one = beside(kept, suffix);
    if (fs::exists(kept_one) && !fs::exists(taken) &&
        ::rename(kept_one.c_str(), taken.c_str()) != 0) {
      return;
    }
  }
  remove_all_of(kept);
}

/// Everything has its second name by now. A journal goes before the copy comes, for SQLite would
/// play it into whatever stands there, and so does a head, which the copy need not hold; the
/// write-ahead log after it, for a start refuses a copy
/// beside one (`expect_own_wal`), while the old file without it would be an older log.
void put_in_place(const fs::path& copy, const fs::path& database) {
  const auto folder = database.parent_path();
  sync(folder, O_DIRECTORY);
  for (const char* suffix : suffixes_ahead) take_away(beside(database, suffix));
  if (::rename(copy.c_str(), database.c_str()) != 0) fail("it cannot be put in place", errno);
}

void remove_left_log(const fs::path& database) {
  const auto folder = database.parent_path();
  sync(folder, O_DIRECTORY);
  take_away(beside(database, "-wal"));
  take_away(beside(database, "-shm"));
  sync(folder, O_DIRECTORY);
}

/// Where the links lead: the file itself is replaced, not a link to it.
fs::path file_itself(const fs::path& database) {
  std::error_code ignored;
  auto file = fs::weakly_canonical(database, ignored);
  return ignored || file.empty() ? fs::absolute(database) : file;
}

}  // namespace

std::expected<Restored, std::string> restore(const fs::path& backup, const fs::path& database,
                                             const ChainKey* key) {
  const auto refuse = [&](std::string_view why) {
    return std::unexpected{fmt::format("{} was not restored: {}; {} is as it was.", backup.string(),
                                       why, database.string())};
  };
  std::error_code no_file;
  if (!fs::is_regular_file(backup, no_file)) return refuse("there is no such file");
  if (std::error_code different; fs::equivalent(backup, database, different)) {
    return refuse("it is the log itself; name the file that 'pourtocol backup' made");
  }
  auto lock = InstanceLock::take(database);
  if (!lock) {
    std::string why = std::move(lock).error();
    why.pop_back();  // its full stop
    return refuse(why + "; end the server first");
  }
  Restored restored{.database = file_itself(database), .kept = std::nullopt, .head = {}};
  const auto copy = beside(restored.database, fmt::format(".restoring-{}", ::getpid()));
  try {
    restored.head = copy_verified(backup, copy, key);
    restored.kept = keep_present(restored.database);
    put_in_place(copy, restored.database);
  } catch (const std::exception& error) {
    remove_all_of(copy);
    if (restored.kept) undo(restored.database, *restored.kept);
    lock->leave_no_file();
    return refuse(error.what());
  }
  try {
    lock->note({});  // of the log that stood there
    remove_left_log(restored.database);
  } catch (const std::exception& error) {
    return std::unexpected{
        fmt::format("{} is in place, but the next start will refuse it: {}; restore it again.",
                    backup.string(), error.what())};
  }
  return restored;
}

}  // namespace pourtocol::database
