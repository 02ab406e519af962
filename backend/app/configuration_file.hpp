// The TOML file. docs/configuration.md lists its keys; a test reads that list.
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <string_view>

#include "backend/app/configuration.hpp"

namespace pourtocol::app {

/// Overrides in `to` what `file` says. On failure one sentence with the file, the line and the key.
[[nodiscard]] std::expected<void, std::string> apply_file(const std::filesystem::path& file,
                                                          Configuration& to);

/// The same of a file's text; `file` is how complaints call it.
[[nodiscard]] std::expected<void, std::string> apply_text(std::string_view text,
                                                          std::string_view file, Configuration& to);

}  // namespace pourtocol::app
