#include "backend/app/command_line.hpp"

#include <CLI/CLI.hpp>
#include <sstream>

namespace pourtocol::app {

namespace {

constexpr const char* environment_help =
    "Environment (overrides the file, is overridden by options):\n"
    "  HOST, PORT, DATABASE_PATH, PUBLIC_URL, ESP32_STATUS_TIMEOUT, ESP32_DISPENSE_TIMEOUT\n"
    "  ALLOWED_HOSTS  NAME,NAME,...\n"
    "  ESP32_URL    one URL, for the tap \"main\"; or NAME=URL,NAME=URL,... for several\n";

/// Takes a text option without checking it: `load_configuration` does, and names it.
void take(CLI::App& command, const std::string& name, std::optional<std::string>& to,
          const std::string& placeholder, const std::string& help) {
  command
      .add_option_function<std::string>(
          name, [&to](const std::string& value) { to = value; }, help)
      ->type_name(placeholder);
}

void add_database_options(CLI::App& command, Options& options) {
  take(command, "--config", options.config_file, "FILE",
       "a TOML file with settings; docs/configuration.md lists its keys");
  take(command, "--database", options.database, "FILE", "the log (default pourtocol.db)");
}

void add_serve_options(CLI::App& serve, Options& options) {
  add_database_options(serve, options);
  take(serve, "--host", options.host, "ADDRESS", "address to listen on (default 0.0.0.0)");
  take(serve, "--port", options.port, "N", "port to listen on, 0 for any (default 5000)");
  serve
      .add_option("--tap", options.taps,
                  "a tap and its dispenser; may be given again (default main=http://esp32.local)")
      ->type_name("NAME=URL")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  serve
      .add_option("--drink", options.drinks,
                  "what a tap pours, for the page to show; may be given again")
      ->type_name("NAME=TEXT")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  take(serve, "--status-timeout", options.status_timeout, "SECONDS",
       "how long a dispenser may take to tell its status (default 1.0)");
  take(serve, "--dispense-timeout", options.dispense_timeout, "SECONDS",
       "how long a dispenser may take to answer an order (default 2.0)");
  take(serve, "--web-root", options.web_root, "FOLDER",
       "the built page (default ../share/pourtocol/www beside this program's folder)");
  take(serve, "--public-url", options.public_url, "URL",
       "where guests reach the page, as http://192.168.1.20:5000; for links and QR codes");
  serve
      .add_option("--allowed-host", options.allowed_hosts,
                  "a name the server answers to besides its addresses, localhost, *.local and this "
                  "machine's name; may be given again")
      ->type_name("NAME")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  serve.footer(environment_help);
}

}  // namespace

std::expected<Command, Farewell> parse_command_line(int argc, const char* const* argv) {
  CLI::App program{"Pourtocol: the control system of a drink dispenser.", "pourtocol"};
  program.require_subcommand(0, 1);  // none is refused below: first an unknown word is named
  program.set_help_all_flag("--help-all", "the help of every command");
  program.set_version_flag("--version", std::string{"pourtocol " POURTOCOL_VERSION});
  program.footer(std::string{"Start it with: pourtocol serve --tap bar=http://esp32.local\n\n"} +
                 environment_help);

  Options options;
  std::string target;
  std::string source;
  CLI::App& serve = *program.add_subcommand("serve", "serve the page and the API, and pour");
  add_serve_options(serve, options);
  CLI::App& backup =
      *program.add_subcommand("backup", "copy the log into a new file, also while serving");
  backup.add_option("file", target, "the new file")->required()->type_name("FILE");
  add_database_options(backup, options);
  CLI::App& restore = *program.add_subcommand(
      "restore", "put a backup in the place of the log, which is kept; not while serving");
  restore.add_option("file", source, "the backup")->required()->type_name("FILE");
  add_database_options(restore, options);
  CLI::App& check = *program.add_subcommand(
      "check",
      "verify the log: its schema, numbers without a gap, legal steps, unbroken hash chains");
  std::vector<std::string> heads;
  check
      .add_option(
          "--head", heads,
          "a head that was told earlier, by the server or with a backup: the log must still "
          "hold the rows it had then; may be given again")
      ->type_name("HEAD")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  add_database_options(check, options);

  std::string key_file;
  CLI::App& key = *program.add_subcommand(
      "key", "make a key file, unless it is there, and hash the log with it from here on");
  key.add_option("file", key_file, "the key file")->required()->type_name("FILE");
  add_database_options(key, options);

  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream complaint;
    const int status = program.exit(error, out, complaint);
    if (status == 0) return std::unexpected(Farewell{.exit_status = 0, .text = out.str()});
    return std::unexpected(Farewell{
        .exit_status = 2, .text = std::string{error.what()} + "\nSee pourtocol --help-all.\n"});
  }
  if (program.get_subcommands().empty()) {
    return std::unexpected(Farewell{.exit_status = 2,
                                    .text = "A command is missing: serve, backup, restore, check "
                                            "or key.\nSee pourtocol --help-all.\n"});
  }
  if (backup.parsed()) return BackupCommand{.options = options, .target = target};
  if (restore.parsed()) return RestoreCommand{.options = options, .source = source};
  if (check.parsed()) return CheckCommand{.options = options, .heads = heads};
  if (key.parsed()) return KeyCommand{.options = options, .key_file = key_file};
  return ServeCommand{.options = options};
}

}  // namespace pourtocol::app
