// pourtocol: the server, and the tools for its log.
#include <fmt/core.h>
#include <sodium.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

#include "backend/app/command_line.hpp"
#include "backend/app/serve.hpp"
#include "backend/database/backup.hpp"
#include "backend/database/check.hpp"
#include "backend/database/restore.hpp"
#include "core/assert.hpp"

namespace pourtocol::app {

namespace {

/// The dispensers switch their pumps off by themselves; what was open is settled at the next start.
[[noreturn]] void die(const char* condition, const char* file, int line) {
  fmt::print(stderr, "assertion failed: {} ({}:{})\n", condition, file, line);
  std::abort();
}

int complain(const std::string& sentence, int exit_status) {
  fmt::print(stderr, "pourtocol: {}\n", sentence);
  return exit_status;
}

std::optional<std::string> environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>{value};
}

int run(const ServeCommand&, const Configuration& configuration) {
  return serve(configuration);
}

int run(const BackupCommand& command, const Configuration& configuration) {
  if (auto copied = database::backup(configuration.database, command.target); !copied) {
    return complain(copied.error(), 1);
  }
  fmt::print("{} is a verified copy of {}\n", command.target, configuration.database.string());
  return 0;
}

int run(const RestoreCommand& command, const Configuration& configuration) {
  const auto restored = database::restore(command.source, configuration.database);
  if (!restored) return complain(restored.error(), 1);
  fmt::print("{} is a verified copy of {}\n", restored->database.string(), command.source);
  if (restored->kept) {
    fmt::print("The log that was there is kept as {}\n", restored->kept->string());
  }
  return 0;
}

int run(const CheckCommand&, const Configuration& configuration) {
  const auto report = database::check(configuration.database);
  if (!report) return complain(report.error(), 1);
  fmt::print("{}: {} events, {} steps, {} pours ({} open), {} stops and resumes\n",
             configuration.database.string(), report->events, report->transitions, report->pours,
             report->open_pours, report->holds);
  for (const std::string& problem : report->problems) fmt::print("  {}\n", problem);
  if (report->whole()) {
    fmt::print("The log is whole.\n");
    return 0;
  }
  fmt::print("The log is NOT whole: {} problems.\n", report->problem_count);
  return 1;
}

int run_program(int argc, char** argv) {
  const auto command = parse_command_line(argc, argv);
  if (!command) {
    fmt::print(command.error().exit_status == 0 ? stdout : stderr, "{}", command.error().text);
    return command.error().exit_status;
  }
  return std::visit(
      [](const auto& one) {
        const auto configuration = load_configuration(one.options, environment);
        if (!configuration) return complain(configuration.error(), 2);
        return run(one, *configuration);
      },
      *command);
}

}  // namespace

}  // namespace pourtocol::app

int main(int argc, char** argv) {
  using namespace pourtocol;
  set_assert_handler(app::die);
  // Standard output is for answers; what happens goes to standard error.
  spdlog::set_default_logger(spdlog::stderr_color_mt("pourtocol"));
  spdlog::set_pattern("%Y-%m-%d %H:%M:%S.%e %l %v");
  if (sodium_init() < 0) return app::complain("no source of randomness", 1);
  try {
    return app::run_program(argc, argv);
  } catch (const std::exception& error) {
    return app::complain(error.what(), 1);
  }
}
