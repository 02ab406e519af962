// openapi.json, as it stood when the server was built.
#pragma once

#include <string_view>

namespace pourtocol::routes {

[[nodiscard]] std::string_view openapi_document() noexcept;

}  // namespace pourtocol::routes
