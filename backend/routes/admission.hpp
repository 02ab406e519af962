// Who may speak to this server at all: what stands between it and pages of other origins, which a
// guest's browser opens as readily as ours. Pure.
//
// A name that its owner points at our address (DNS rebinding) would make his page ours in the eyes
// of the browser; so only names that cannot be his are answered. A page of another origin may send
// what it likes without seeing the answer; so what changes something is taken only from our own
// pages, or from programs, which send no `Origin`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backend/routes/api_error.hpp"
#include "http/message.hpp"

namespace pourtocol::routes {

class Admission {
 public:
  /// Besides what every server answers to (addresses, `localhost`, names that end in `.local`):
  struct Rules {
    std::vector<std::string> hosts;  ///< names, without port
    std::string public_url;          ///< its origin is ours too: a proxy may hide it; may be empty
  };
  explicit Admission(const Rules& rules);

  /// 421 if the request's `Host` is not ours, 403 if it comes from a page that is not ours and
  /// would change something.
  [[nodiscard]] Checked<void> check(const http::Request& request) const;

 private:
  [[nodiscard]] bool answers_to(std::string_view name) const;
  [[nodiscard]] bool is_ours(std::string_view origin, std::string_view host) const;

  std::vector<std::string> hosts_;
  std::string public_origin_;
};

/// The name or address in a `Host` field or behind the scheme of an origin, in lower case, without
/// port, brackets and a dot at the end. Nothing if it is neither.
[[nodiscard]] std::optional<std::string> host_name_of(std::string_view host_and_port);

/// Whether `name` (as `host_name_of` gives it) is an address: nobody can point that elsewhere.
[[nodiscard]] bool is_address(std::string_view name) noexcept;

}  // namespace pourtocol::routes
