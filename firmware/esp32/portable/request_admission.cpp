#include "firmware/esp32/portable/request_admission.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace pourtocol::board {

namespace {

/// Endings that no registry sells: what a name under them means is said by the local network alone.
constexpr std::array<std::string_view, 10> local_endings{
    ".local",    ".localhost", ".lan",     ".home",        ".home.arpa",
    ".internal", ".intranet",  ".private", ".localdomain", ".fritz.box"};

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, {}, lower, lower);
}

bool ends_with(std::string_view text, std::string_view ending) noexcept {
  return text.size() > ending.size() &&
         same({text.data() + (text.size() - ending.size()), ending.size()}, ending);
}

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

constexpr bool is_in_names(char c) noexcept {
  c = lower(c);
  return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_';
}

constexpr bool is_in_ipv6(char c) noexcept {
  c = lower(c);
  return is_digit(c) || (c >= 'a' && c <= 'f') || c == ':' || c == '.';
}

/// What follows a name: nothing, or a colon and perhaps a number.
bool is_port(std::string_view text) noexcept {
  if (text.empty()) return true;
  const std::string_view number{text.data() + 1, text.size() - 1};
  return text.front() == ':' && number.size() <= 5 && std::ranges::all_of(number, is_digit);
}

bool is_ipv4(std::string_view name) noexcept {
  int parts = 1;
  std::size_t digits = 0;
  for (const char c : name) {
    if (c == '.') {
      if (digits == 0 || ++parts > 4) return false;
      digits = 0;
    } else if (!is_digit(c) || ++digits > 3) {
      return false;
    }
  }
  return parts == 4 && digits > 0;
}

bool is_local_name(std::string_view name) noexcept {
  if (!name.empty() && name.back() == '.') name.remove_suffix(1);
  if (name.empty() || !std::ranges::all_of(name, is_in_names)) return false;
  return is_ipv4(name) || name.find('.') == std::string_view::npos ||
         std::ranges::any_of(local_endings,
                             [name](std::string_view ending) { return ends_with(name, ending); });
}

bool answers_to(std::string_view host) noexcept {
  if (!host.empty() && host.front() == '[') {
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos || !is_port({host.data() + end + 1, host.size() - end - 1})) {
      return false;
    }
    // Behind a '%' an interface may be named, as in fe80::1%eth0.
    const std::string_view inside{host.data() + 1, end - 1};
    const std::size_t percent = std::min(inside.find('%'), inside.size());
    const std::string_view address{inside.data(), percent};
    return address.find(':') != std::string_view::npos && std::ranges::all_of(address, is_in_ipv6);
  }
  const std::size_t end = std::min(host.find(':'), host.size());
  return is_port({host.data() + end, host.size() - end}) && is_local_name({host.data(), end});
}

/// Without the port that http stands for anyhow.
std::string_view without_usual_port(std::string_view host) noexcept {
  constexpr std::string_view usual = ":80";
  if (ends_with(host, usual)) host.remove_suffix(usual.size());
  return host;
}

/// A machine speaks no TLS, so its own pages are of plain http.
bool is_ours(std::string_view origin, const std::optional<std::string_view>& host) noexcept {
  constexpr std::string_view scheme = "http://";
  if (!host || origin.size() <= scheme.size() || !same({origin.data(), scheme.size()}, scheme)) {
    return false;
  }
  origin.remove_prefix(scheme.size());
  return same(without_usual_port(origin), without_usual_port(*host));
}

/// "application/json", whatever parameters follow.
bool is_json(std::string_view content_type) noexcept {
  std::size_t end = std::min(content_type.find(';'), content_type.size());
  while (end > 0 && (content_type[end - 1] == ' ' || content_type[end - 1] == '\t')) --end;
  return same({content_type.data(), end}, "application/json");
}

}  // namespace

std::optional<NotAdmitted> why_not_admitted(Deed deed, const Origins& origins) noexcept {
  if (origins.host && !answers_to(*origins.host)) {
    return NotAdmitted{421, "unknown_host",
                       "The machine does not answer to that name. Use its address, or a name that "
                       "ends in .local."};
  }
  if (deed == Deed::look) return std::nullopt;
  if ((origins.origin && !is_ours(*origins.origin, origins.host)) ||
      (origins.fetch_site && same(*origins.fetch_site, "cross-site"))) {
    return NotAdmitted{403, "foreign_origin",
                       "A page of another origin asked for this. Nothing was done."};
  }
  // None at all is a small program's; a page that leaves it out is known by its origin.
  if (deed == Deed::act && origins.content_type && !is_json(*origins.content_type)) {
    return NotAdmitted{415, "not_json", "Send it as Content-Type: application/json."};
  }
  return std::nullopt;
}

}  // namespace pourtocol::board
