#include "backend/database/chain_key.hpp"

#include <fcntl.h>
#include <sodium/randombytes.h>
#include <sodium/utils.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "backend/database/log_files.hpp"

namespace pourtocol::database {

namespace {

constexpr std::size_t digits = 2 * crypto_auth_hmacsha256_KEYBYTES;

std::string id_of(const ChainKey::Bytes& bytes) {
  constexpr std::string_view title = "pourtocol.key.1";
  constexpr std::size_t shown = 8;
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> digest;
  crypto_auth_hmacsha256(digest.data(), reinterpret_cast<const unsigned char*>(title.data()),
                         title.size(), bytes.data());
  return fmt::format("{:02x}", fmt::join(std::span{digest}.first(shown), ""));
}

/// An open file that is closed at the end.
class File {
 public:
  explicit File(int descriptor) noexcept : descriptor_{descriptor} {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (is_open()) ::close(descriptor_);
  }
  [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }
  [[nodiscard]] int get() const noexcept { return descriptor_; }

 private:
  int descriptor_;
};

std::unexpected<std::string> refuse(const std::filesystem::path& file, std::string_view why) {
  return std::unexpected{fmt::format("The key file {}: {}.", file.string(), why)};
}

}  // namespace

ChainKey::ChainKey(const Bytes& bytes) : bytes_{bytes}, id_{id_of(bytes)} {}

ChainKey::~ChainKey() {
  sodium_memzero(bytes_.data(), bytes_.size());
}

std::expected<ChainKey, std::string> ChainKey::make(const std::filesystem::path& file) {
  const File made{::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
  if (!made.is_open()) return refuse(file, std::strerror(errno));
  Bytes bytes;
  randombytes_buf(bytes.data(), bytes.size());
  std::string line = fmt::format("{:02x}\n", fmt::join(bytes, ""));
  const bool written =
      ::write(made.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
      ::fsync(made.get()) == 0;
  const int error = errno;
  sodium_memzero(line.data(), line.size());
  if (!written) {
    ::unlink(file.c_str());
    return refuse(file, std::strerror(error));
  }
  try {
    sync(std::filesystem::absolute(file).parent_path(), O_DIRECTORY);
  } catch (const std::exception& failed) {
    return refuse(file, failed.what());
  }
  ChainKey key{bytes};
  sodium_memzero(bytes.data(), bytes.size());
  return key;
}

std::expected<ChainKey, std::string> ChainKey::read(const std::filesystem::path& file) {
  const File opened{::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
  if (!opened.is_open()) return refuse(file, std::strerror(errno));
  struct stat status {};
  if (::fstat(opened.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return refuse(file, "is no file");
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return refuse(file, "others than its owner may read or write it: chmod 600");
  }
  std::array<char, digits + 2> text{};  // and what must not follow
  const auto size = ::read(opened.get(), text.data(), text.size());
  const std::string_view line{text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
  Bytes bytes{};
  std::size_t length = 0;
  const bool whole =
      (line.size() == digits || (line.size() == digits + 1 && line.back() == '\n')) &&
      sodium_hex2bin(bytes.data(), bytes.size(), line.data(), digits, nullptr, &length, nullptr) ==
          0 &&
      length == bytes.size();
  sodium_memzero(text.data(), text.size());
  if (!whole) return refuse(file, "holds no key: 64 hexadecimal digits, as 'pourtocol key' writes");
  ChainKey key{bytes};
  sodium_memzero(bytes.data(), bytes.size());
  return key;
}

}  // namespace pourtocol::database
