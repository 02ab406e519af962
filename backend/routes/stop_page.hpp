// STOP ALL without scripts: a page with one button, and the plain page that answers its press. For
// a browser that cannot run ours, and for the moment in which its files do not come.
#pragma once

#include <cstdint>
#include <string_view>

#include "backend/control/service.hpp"
#include "backend/routes/api_error.hpp"
#include "http/message.hpp"

namespace pourtocol::routes {

enum class PageLanguage : std::uint8_t { english, german };

/// The first language of `Accept-Language: header` that these pages speak; English if it has none.
/// Browsers list what they like best first, so the weights are not looked at.
[[nodiscard]] PageLanguage page_language(std::string_view header);

/// The button. Pressing it posts an empty form to /stop.
[[nodiscard]] http::Response stop_page(PageLanguage language);

/// What each machine said, and the button again: a stop may be pressed as often as one likes.
[[nodiscard]] http::Response stopped_page(const control::StopAnswer& answer, PageLanguage language);

/// Why the press was not taken, in the refusal's own words, with its status.
[[nodiscard]] http::Response stop_refused_page(const ApiError& error, PageLanguage language);

}  // namespace pourtocol::routes
