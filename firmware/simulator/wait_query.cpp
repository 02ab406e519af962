#include "firmware/simulator/wait_query.hpp"

#include <algorithm>
#include <charconv>

#include "http/target.hpp"

namespace pourtocol::firmware {

namespace {

/// A whole number in a query. `fallback` if it is not given, nothing if it is not one.
std::optional<std::uint64_t> query_number(std::string_view query, std::string_view name,
                                          std::uint64_t fallback) {
  const auto text = http::query_value(query, name);
  if (!text) return fallback;
  std::uint64_t number = 0;
  const char* const end = text->data() + text->size();
  const auto [rest, error] = std::from_chars(text->data(), end, number);
  if (error != std::errc{} || rest != end) return std::nullopt;
  return number;
}

}  // namespace

std::optional<Held> read_wait(std::string_view query, std::uint64_t version,
                              std::chrono::milliseconds longest) {
  const auto after = query_number(query, "after", version + 1);
  const auto wait_ms = query_number(query, "wait_ms", 0);
  if (!after || !wait_ms) return std::nullopt;
  if (*after != version) return Held{};
  const auto most = static_cast<std::uint64_t>(longest.count());
  return Held{.after = *after, .wait = std::chrono::milliseconds{std::min(*wait_ms, most)}};
}

}  // namespace pourtocol::firmware
