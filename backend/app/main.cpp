// pourtocol: the server, and the tools for its log.
#include <fmt/core.h>
#include <sodium.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <expected>
#include <filesystem>
#include <functional>
#include <string>
#include <type_traits>
#include <vector>

#include "backend/app/command_line.hpp"
#include "backend/app/serve.hpp"
#include "backend/database/backup.hpp"
#include "backend/database/chain_key.hpp"
#include "backend/database/check.hpp"
#include "backend/database/head.hpp"
#include "backend/database/keying.hpp"
#include "backend/database/restore.hpp"
#include "backend/database/sqlite.hpp"
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

/// For whoever keeps it elsewhere. Empty: there is none.
void tell_head(const std::string& head) {
  if (!head.empty()) fmt::print("Its head is {}\n", head);
}

/// Calls `act` with the key that the configuration names, null where it names none.
int with_key(const Configuration& configuration,
             const std::function<int(const database::ChainKey*)>& act) {
  if (configuration.key_file.empty()) return act(nullptr);
  const auto key = database::ChainKey::read(configuration.key_file);
  return key ? act(&*key) : complain(key.error(), 1);
}

int run(const ServeCommand&, const Configuration& configuration, const database::ChainKey* key) {
  return serve(configuration, key);
}

int run(const BackupCommand& command, const Configuration& configuration,
        const database::ChainKey* key) {
  const auto copied = database::backup(configuration.database, command.target, key);
  if (!copied) return complain(copied.error(), 1);
  fmt::print("{} is a verified copy of {}\n", command.target, configuration.database.string());
  tell_head(*copied);
  return 0;
}

int run(const RestoreCommand& command, const Configuration& configuration,
        const database::ChainKey* key) {
  const auto restored = database::restore(command.source, configuration.database, key);
  if (!restored) return complain(restored.error(), 1);
  fmt::print("{} is a verified copy of {}\n", restored->database.string(), command.source);
  if (restored->kept) {
    fmt::print("The log that was there is kept as {}\n", restored->kept->string());
  }
  tell_head(restored->head);
  return 0;
}

/// The heads that were given, and the one kept beside the log. On failure a sentence.
std::expected<std::vector<database::Head>, std::string> heads_for(
    const CheckCommand& command, const std::filesystem::path& database) {
  std::vector<database::Head> heads;
  for (const std::string& text : command.heads) {
    const auto head = database::parse_head(text);
    if (!head) {
      return std::unexpected{fmt::format(
          "--head: {} is no head: copy the whole word that the server, a backup or a check told.",
          database::legible(text))};
    }
    heads.push_back(*head);
  }
  try {
    if (const auto kept = database::kept_head(database)) heads.push_back(*kept);
  } catch (const std::exception& error) {
    return std::unexpected{fmt::format("{}.", error.what())};
  }
  return heads;
}

int run(const CheckCommand& command, const Configuration& configuration,
        const database::ChainKey* key) {
  const auto heads = heads_for(command, configuration.database);
  if (!heads) return complain(heads.error(), 2);
  const auto report = database::check(configuration.database, *heads, key);
  if (!report) return complain(report.error(), 1);
  fmt::print("{}: {} events, {} steps, {} pours ({} open), {} stops and resumes\n",
             configuration.database.string(), report->events, report->transitions, report->pours,
             report->open_pours, report->holds);
  for (const std::string& problem : report->problems) fmt::print("  {}\n", problem);
  for (const std::string& missing : report->missing_heads) fmt::print("  {}\n", missing);
  tell_head(report->head);
  const bool held = report->missing_heads.empty();
  if (!report->whole()) {
    fmt::print("The log is NOT whole: {} problems.\n", report->problem_count);
  } else if (!held) {
    fmt::print("The log fits itself, but NOT what was told of it: it is not the log it was.\n");
  } else if (heads->empty()) {
    fmt::print("The log is whole.\n");
  } else {
    fmt::print("The log is whole, and holds what was told of it (heads: {}).\n", heads->size());
  }
  return report->whole() && held ? 0 : 1;
}

/// The key is the one it names, whatever the configuration says.
int run(const KeyCommand& command, const Configuration& configuration) {
  const std::filesystem::path file{command.key_file};
  const bool is_new = !std::filesystem::exists(file);
  const auto key = is_new ? database::ChainKey::make(file) : database::ChainKey::read(file);
  if (!key) return complain(key.error(), 1);
  if (is_new)
    fmt::print("{} is a new key, {}: keep it where the log is not\n", file.string(), key->id());
  if (std::filesystem::exists(configuration.database)) {
    const auto head = database::key_log(configuration.database, *key);
    if (!head) return complain(head.error(), 1);
    fmt::print("{} is keyed with it\n", configuration.database.string());
    tell_head(*head);
  }
  fmt::print("Name it in the configuration: [log] key_file = \"{}\"\n",
             std::filesystem::absolute(file).string());
  return 0;
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
        if constexpr (std::is_same_v<std::decay_t<decltype(one)>, KeyCommand>) {
          return run(one, *configuration);
        } else {
          return with_key(*configuration, [&](const database::ChainKey* key) {
            return run(one, *configuration, key);
          });
        }
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
