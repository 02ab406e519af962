#include "backend/routes/admission.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace pourtocol::routes {

namespace {

constexpr std::string_view digits = "0123456789";
constexpr std::string_view name_characters = "abcdefghijklmnopqrstuvwxyz0123456789-._";
constexpr std::size_t shown_bytes_max = 100;

[[nodiscard]] std::string lower(std::string_view text) {
  std::string lowered{text};
  for (char& c : lowered) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lowered;
}

[[nodiscard]] bool consists_of(std::string_view text, std::string_view characters) noexcept {
  return !text.empty() && text.find_first_not_of(characters) == std::string_view::npos;
}

/// What follows the name: nothing, or a colon and perhaps a number.
[[nodiscard]] bool is_port(std::string_view text) noexcept {
  return text.empty() || text == ":" ||
         (text.size() <= 6 && text.front() == ':' && consists_of(text.substr(1), digits));
}

[[nodiscard]] bool is_ipv4(std::string_view name) noexcept {
  int parts = 0;
  while (true) {
    const std::size_t dot = name.find('.');
    const std::string_view part = name.substr(0, dot);
    if (part.size() > 3 || !consists_of(part, digits)) return false;
    ++parts;
    if (dot == std::string_view::npos) return parts == 4;
    name.remove_prefix(dot + 1);
  }
}

/// An origin without the port that its scheme stands for anyhow.
[[nodiscard]] std::string without_usual_port(std::string origin) {
  const std::string_view port = origin.starts_with("https:") ? ":443" : ":80";
  if (origin.ends_with(port)) origin.resize(origin.size() - port.size());
  return origin;
}

[[nodiscard]] std::string shown(std::string_view text) {
  return std::string{text.substr(0, shown_bytes_max)};
}

[[nodiscard]] bool changes_something(http::Method method) noexcept {
  return method != http::Method::get && method != http::Method::head;
}

}  // namespace

std::optional<std::string> host_name_of(std::string_view host_and_port) {
  if (host_and_port.starts_with('[')) {
    const std::size_t end = host_and_port.find(']');
    if (end == std::string_view::npos || !is_port(host_and_port.substr(end + 1))) {
      return std::nullopt;
    }
    std::string address = lower(host_and_port.substr(1, end - 1));
    if (address.find(':') == std::string::npos) return std::nullopt;
    // Behind a '%' an interface may be named, as in fe80::1%eth0.
    const std::size_t percent = std::min(address.find('%'), address.size());
    const std::string_view all = address;
    if (!consists_of(all.substr(0, percent), "0123456789abcdef:.")) return std::nullopt;
    const std::string_view interface = all.substr(std::min(percent + 1, all.size()));
    if (percent < all.size() && !consists_of(interface, name_characters)) return std::nullopt;
    return address;
  }
  const std::size_t end = std::min(host_and_port.find(':'), host_and_port.size());
  if (!is_port(host_and_port.substr(end))) return std::nullopt;
  std::string name = lower(host_and_port.substr(0, end));
  if (name.ends_with('.')) name.pop_back();
  if (!consists_of(name, name_characters)) return std::nullopt;
  return name;
}

bool is_address(std::string_view name) noexcept {
  return name.find(':') != std::string_view::npos || is_ipv4(name);
}

Admission::Admission(const Rules& rules)
    : public_origin_{without_usual_port(lower(rules.public_url))} {
  for (const std::string& host : rules.hosts) {
    if (auto name = host_name_of(host)) hosts_.push_back(std::move(*name));
  }
  if (const std::size_t scheme = public_origin_.find("://"); scheme != std::string::npos) {
    if (auto name = host_name_of(std::string_view{public_origin_}.substr(scheme + 3))) {
      hosts_.push_back(std::move(*name));
    }
  }
}

Checked<void> Admission::check(const http::Request& request) const {
  const bool has_host = request.has_field("host");  // HTTP/1.0 needs none; a browser always has one
  const std::string_view host = request.field("host");
  const auto name = host_name_of(host);
  if (has_host && !(name && answers_to(*name))) {
    return std::unexpected{
        ApiError{421, "unknown_host",
                 "This server does not answer to the name \"" + shown(host) +
                     "\". Use its address, or name it in the setting allowed_hosts."}};
  }
  if (!changes_something(request.method)) return {};
  const bool foreign = request.has_field("origin") && !is_ours(request.field("origin"), host);
  if (foreign || request.field("sec-fetch-site") == "cross-site") {
    return std::unexpected{
        ApiError{403, "foreign_origin",
                 "A page of another origin asked for this: only this server's own page may. "
                 "Behind a proxy, set public_url to the page's address."}};
  }
  return {};
}

bool Admission::answers_to(std::string_view name) const {
  return is_address(name) || name == "localhost" || name.ends_with(".localhost") ||
         name.ends_with(".local") || std::ranges::find(hosts_, name) != hosts_.end();
}

bool Admission::is_ours(std::string_view origin, std::string_view host) const {
  const std::string given = without_usual_port(lower(origin));
  if (!public_origin_.empty() && given == public_origin_) return true;
  // Plain, or behind a proxy that speaks TLS for us.
  return given == without_usual_port("http://" + lower(host)) ||
         given == without_usual_port("https://" + lower(host));
}

}  // namespace pourtocol::routes
