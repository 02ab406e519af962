// The answer of a name server that knows one address for every name: how a phone that has joined
// the setup network finds the setup page by itself.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace pourtocol::board {

/// The longest query that is looked at (RFC 1035: 512 over UDP), and what its answer is longer by.
inline constexpr std::size_t dns_query_bytes_max = 512;
inline constexpr std::size_t dns_answer_bytes_more = 16;

/// Writes the answer to `query`, which must be one question, to `answer`: `address` if it asks for
/// an IPv4 address, no record if it asks for anything else. The length; 0: nothing is to be sent.
[[nodiscard]] std::size_t answer_dns(std::span<const std::uint8_t> query,
                                     std::array<std::uint8_t, 4> address,
                                     std::span<std::uint8_t> answer) noexcept;

}  // namespace pourtocol::board
