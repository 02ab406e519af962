#include "backend/database/keying.hpp"

#include <fmt/format.h>

#include "backend/database/instance_lock.hpp"
#include "backend/database/left_log.hpp"
#include "backend/database/log_files.hpp"
#include "backend/database/sqlite_storage.hpp"

namespace pourtocol::database {

std::expected<std::string, std::string> key_log(const std::filesystem::path& file,
                                                const ChainKey& key) {
  if (!std::filesystem::exists(file)) {
    return std::unexpected{fmt::format("{}: there is no such file.", file.string())};
  }
  const auto lock = InstanceLock::take(file);
  if (!lock) return std::unexpected{lock.error()};
  const LogKey begin{.key = &key, .begin = true};
  try {
    expect_own_wal(file, lock->noted());
    take_up_left_log(file, {}, begin);
    SqliteStorage storage{file, {}, begin};
    make_private(file);
    lock->note(mark_of(storage.connection()));
    return text_of(storage.head());
  } catch (const std::exception& error) {
    return std::unexpected{fmt::format("{}: {}.", file.string(), error.what())};
  }
}

}  // namespace pourtocol::database
