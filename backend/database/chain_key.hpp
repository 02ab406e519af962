// The secret that the hashes of a log can be made with, so that whoever can write the log, but not
// read the secret, cannot reckon its chain anew.
#pragma once

#include <array>
#include <expected>
#include <filesystem>
#include <span>
#include <string>

#include <sodium/crypto_auth_hmacsha256.h>

namespace pourtocol::database {

class ChainKey {
 public:
  using Bytes = std::array<unsigned char, crypto_auth_hmacsha256_KEYBYTES>;

  /// Draws a key and writes it into the new file `file`, which only its owner may read: 64
  /// hexadecimal digits on one line. It is on the disk when this returns. On failure one sentence.
  [[nodiscard]] static std::expected<ChainKey, std::string> make(const std::filesystem::path& file);
  /// Reads what `make` wrote. A file that others than its owner may read or write is refused. On
  /// failure one sentence, in which nothing of the key stands.
  [[nodiscard]] static std::expected<ChainKey, std::string> read(const std::filesystem::path& file);

  explicit ChainKey(const Bytes& bytes);
  ChainKey(const ChainKey&) = default;
  ChainKey& operator=(const ChainKey&) = default;
  ~ChainKey();  ///< wipes it

  [[nodiscard]] const Bytes& bytes() const noexcept { return bytes_; }
  /// Tells this key from others and says nothing of it: the first 16 hexadecimal digits of the
  /// HMAC-SHA256 of "pourtocol.key.1" under it.
  [[nodiscard]] const std::string& id() const noexcept { return id_; }

 private:
  Bytes bytes_;
  std::string id_;
};

}  // namespace pourtocol::database
