#include "firmware/simulator/flash_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

namespace pourtocol::firmware {

namespace {

std::uint64_t changes_of(const VirtualFlash& flash) {
  return flash.writes() + flash.erasures();
}

bool write_all(int fd, std::span<const std::uint8_t> bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count =
        ::pwrite(fd, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    done += static_cast<std::size_t>(count);
  }
  return true;
}

bool read_all(int fd, std::span<std::uint8_t> bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count =
        ::pread(fd, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    done += static_cast<std::size_t>(count);
  }
  return true;
}

}  // namespace

std::expected<FlashFile, std::string> FlashFile::open(const std::string& path,
                                                      VirtualFlash& flash) {
  const auto cannot = [&path](const std::string& why) {
    return std::unexpected{"The flash file " + path + " " + why + "."};
  };
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return cannot(std::string{"cannot be opened: "} + std::strerror(errno));
  FlashFile file{fd};
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) return cannot("is in use by another dispenser");

  struct stat status {};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return cannot("is not a file");
  if (status.st_size == 0) {
    if (!write_all(fd, flash.bytes())) return cannot("cannot be written");
  } else {
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size > flash.bytes().size()) return cannot("is not the flash of a dispenser");
    std::vector<std::uint8_t> bytes(size);
    if (!read_all(fd, bytes)) return cannot("cannot be read");
    if (!flash.load(bytes)) return cannot("is not the flash of a dispenser");
  }
  file.saved_changes_ = changes_of(flash);
  return file;
}

FlashFile::FlashFile(FlashFile&& other) noexcept
    : fd_{std::exchange(other.fd_, -1)}, saved_changes_{other.saved_changes_} {}

FlashFile::~FlashFile() {
  if (fd_ >= 0) ::close(fd_);
}

bool FlashFile::save(const VirtualFlash& flash) {
  const std::uint64_t changes = changes_of(flash);
  if (changes == saved_changes_) return true;
  if (!write_all(fd_, flash.bytes())) return false;
  saved_changes_ = changes;
  return true;
}

}  // namespace pourtocol::firmware
