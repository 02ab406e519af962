// Who may speak to the machine at all: what stands between it and pages of the web, which a browser
// in the same network opens as readily as anything else. The same rules as the server's own.
//
// A name that its owner points at our address (DNS rebinding) would make his page ours in the eyes
// of the browser; so only names that cannot be his are answered. A page of another origin may send
// what it likes without seeing the answer; so what changes something is taken only from programs,
// which send no `Origin`, and from a page the machine itself has served.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace pourtocol::board {

enum class Deed : std::uint8_t {
  look,    ///< changes nothing
  act,     ///< its body is JSON and says so: an order, a service run, a calibration
  stop,    ///< whatever the body calls itself: a stop must not fail for the want of a header
  update,  ///< its body is an image
  setup,   ///< its body is the form of the setup page
};

/// What a request says of where it comes from. Nothing: the field is not there.
struct Origins {
  std::optional<std::string_view> host = {};
  std::optional<std::string_view> origin = {};
  std::optional<std::string_view> fetch_site = {};  ///< Sec-Fetch-Site
  std::optional<std::string_view> content_type = {};
};

/// Nothing was done, and nothing will be: `status` is a 4xx. Both texts end in a null and
/// need no escaping in JSON.
struct NotAdmitted {
  int status = 0;
  std::string_view error;
  std::string_view message;
  friend bool operator==(const NotAdmitted&, const NotAdmitted&) = default;
};

/// 421 `unknown_host` unless `Host` is an address, a name without a dot, or one that only a local
/// network gives (`.local`, `.lan`, …); none at all will do, as in HTTP/1.0. Of what changes
/// something, 403 `foreign_origin` if a page of another origin asks, and of an act 415 `not_json`
/// if its body calls itself anything but JSON. Nothing: it is admitted.
[[nodiscard]] std::optional<NotAdmitted> why_not_admitted(Deed deed,
                                                          const Origins& origins) noexcept;

}  // namespace pourtocol::board
