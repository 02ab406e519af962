#include "backend/database/instance_lock.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace pourtocol::database {

namespace {

/// Two names of one database must lead to one lock.
std::filesystem::path lock_file_of(const std::filesystem::path& database) {
  std::error_code ignored;
  auto canonical = std::filesystem::weakly_canonical(database, ignored);
  if (ignored || canonical.empty()) canonical = database;
  return canonical += ".lock";
}

std::string holder_of(int descriptor) {
  std::array<char, 24> text{};
  const auto size = ::pread(descriptor, text.data(), text.size(), 0);
  std::string_view number{text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
  number = number.substr(0, number.find_first_not_of("0123456789"));
  return number.empty() ? std::string{} : fmt::format(" (process {})", number);
}

/// The second line.
std::string note_in(int descriptor) {
  std::array<char, 256> text{};
  const auto size = ::pread(descriptor, text.data(), text.size(), 0);
  const std::string_view lines{text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
  const auto first_end = lines.find('\n');
  if (first_end == std::string_view::npos) return {};
  const auto second = lines.substr(first_end + 1);
  return std::string{second.substr(0, second.find('\n'))};
}

/// The process is for the sentence another instance will print; nothing depends on it.
void write_lines(int descriptor, const std::string& note) {
  const auto text = fmt::format("{}\n{}{}", ::getpid(), note, note.empty() ? "" : "\n");
  if (::ftruncate(descriptor, 0) == 0) {
    [[maybe_unused]] const auto written = ::pwrite(descriptor, text.data(), text.size(), 0);
  }
}

bool is_still(int descriptor, const std::filesystem::path& file) {
  struct stat held {};
  struct stat named {};
  return ::fstat(descriptor, &held) == 0 && ::stat(file.c_str(), &named) == 0 &&
         held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

}  // namespace

std::expected<InstanceLock, std::string> InstanceLock::take(const std::filesystem::path& database) {
  const auto file = lock_file_of(database);
  constexpr int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW;
  int descriptor = ::open(file.c_str(), flags | O_CREAT | O_EXCL, 0600);
  const bool made = descriptor >= 0;
  if (!made && errno == EEXIST) descriptor = ::open(file.c_str(), flags | O_CREAT, 0600);
  if (descriptor < 0) {
    return std::unexpected{
        fmt::format("{}: cannot be opened ({}).", file.string(), std::strerror(errno))};
  }
  InstanceLock lock{descriptor, file};
  lock.made_ = made;
  ::fchmod(descriptor, 0600);  // whoever could open it could lock it
  struct flock whole_file {};
  whole_file.l_type = F_WRLCK;
  whole_file.l_whence = SEEK_SET;
  if (::fcntl(descriptor, F_OFD_SETLK, &whole_file) != 0) {
    if (errno == EAGAIN || errno == EACCES) {
      return std::unexpected{fmt::format("{} is in use by another pourtocol{}.", database.string(),
                                         holder_of(descriptor))};
    }
    return std::unexpected{
        fmt::format("{}: cannot be locked ({}).", file.string(), std::strerror(errno))};
  }
  if (!is_still(descriptor, file)) return take(database);  // another has just removed it
  lock.noted_ = note_in(descriptor);
  write_lines(descriptor, lock.noted_);
  return lock;
}

InstanceLock::InstanceLock(InstanceLock&& other) noexcept
    : descriptor_{std::exchange(other.descriptor_, -1)},
      file_{std::move(other.file_)},
      made_{other.made_},
      noted_{std::move(other.noted_)} {}

void InstanceLock::note(const std::string& line) const {
  write_lines(descriptor_, line);
  ::fdatasync(descriptor_);
}

std::string InstanceLock::note_of(const std::filesystem::path& database) {
  const int descriptor = ::open(lock_file_of(database).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) return {};
  struct flock holder {};
  holder.l_type = F_WRLCK;
  holder.l_whence = SEEK_SET;
  const bool free = ::fcntl(descriptor, F_OFD_GETLK, &holder) == 0 && holder.l_type == F_UNLCK;
  auto note = free ? note_in(descriptor) : std::string{};
  ::close(descriptor);
  return note;
}

void InstanceLock::leave_no_file() noexcept {
  if (descriptor_ >= 0 && made_) ::unlink(file_.c_str());
}

InstanceLock::~InstanceLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace pourtocol::database
