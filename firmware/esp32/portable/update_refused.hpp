// The answer to an update that is not taken.
#pragma once

#include <string_view>

namespace pourtocol::board {

/// `status` is a 4xx. Both texts end in a null and need no escaping in JSON.
struct UpdateRefused {
  int status = 0;
  std::string_view error;
  std::string_view message;
  friend bool operator==(const UpdateRefused&, const UpdateRefused&) = default;
};

}  // namespace pourtocol::board
