// The command line of `pourtocol`: what it understands, and what it says to what it does not.
#pragma once

#include <expected>
#include <string>
#include <variant>
#include <vector>

#include "backend/app/configuration.hpp"

namespace pourtocol::app {

struct ServeCommand {
  Options options;
};
/// `pourtocol backup FILE`: the two options say which database is meant.
struct BackupCommand {
  Options options;
  std::string target;
};
/// `pourtocol restore FILE`: the same.
struct RestoreCommand {
  Options options;
  std::string source;
};
/// `pourtocol key FILE`: the same.
struct KeyCommand {
  Options options;
  std::string key_file;
};
struct CheckCommand {
  Options options;
  std::vector<std::string> heads;  ///< as they were typed
};
using Command = std::variant<ServeCommand, BackupCommand, RestoreCommand, CheckCommand, KeyCommand>;

/// What to print instead of running, and the exit status: help, the version, or a complaint.
struct Farewell {
  int exit_status = 0;
  std::string text;
};

[[nodiscard]] std::expected<Command, Farewell> parse_command_line(int argc,
                                                                  const char* const* argv);

}  // namespace pourtocol::app
