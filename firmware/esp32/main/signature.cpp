#include "firmware/esp32/main/signature.hpp"

#include <psa/crypto.h>

#include <array>
#include <cstdint>
#include <optional>

namespace pourtocol::board {

namespace {

constexpr std::size_t mac_bytes = 32;

std::optional<std::uint8_t> digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

std::optional<std::array<std::uint8_t, mac_bytes>> from_hex(std::string_view hex) {
  if (hex.size() != 2 * mac_bytes) return std::nullopt;
  std::array<std::uint8_t, mac_bytes> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto high = digit(hex[2 * i]);
    const auto low = digit(hex[2 * i + 1]);
    if (!high || !low) return std::nullopt;
    bytes[i] = static_cast<std::uint8_t>(*high << 4 | *low);
  }
  return bytes;
}

}  // namespace

bool signature_is_right(const Key& key, std::string_view text, std::string_view hex) noexcept {
  const auto mac = from_hex(hex);
  if (!mac || key.empty() || psa_crypto_init() != PSA_SUCCESS) return false;
  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_VERIFY_MESSAGE);
  psa_set_key_algorithm(&attributes, PSA_ALG_HMAC(PSA_ALG_SHA_256));
  psa_set_key_type(&attributes, PSA_KEY_TYPE_HMAC);
  psa_key_id_t id = PSA_KEY_ID_NULL;
  if (psa_import_key(&attributes, key.bytes.data(), key.size, &id) != PSA_SUCCESS) return false;
  const psa_status_t verified = psa_mac_verify(id, PSA_ALG_HMAC(PSA_ALG_SHA_256),
                                               reinterpret_cast<const std::uint8_t*>(text.data()),
                                               text.size(), mac->data(), mac->size());
  (void)psa_destroy_key(id);
  return verified == PSA_SUCCESS;
}

}  // namespace pourtocol::board
