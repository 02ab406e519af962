#include "firmware/simulator/machine_identity.hpp"

#include <filesystem>
#include <string>
#include <string_view>

#include "core/random.hpp"

namespace pourtocol::firmware {

namespace {

/// FNV-1a, stirred once more, so that names that differ in one letter differ in all digits.
MachineId id_from(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return MachineId{Random{hash}.bits()};
}

/// The same for the same file, from wherever it is named, and when it is not there (any more).
std::string whole_path(const std::string& file) {
  std::error_code failed;
  const auto path =
      std::filesystem::weakly_canonical(std::filesystem::absolute(file, failed), failed);
  return failed ? file : path.string();
}

}  // namespace

std::optional<MachineId> machine_id_of(const Options& options, std::uint16_t port) {
  if (options.tells_no_machine_id) return std::nullopt;
  if (options.machine_id) return options.machine_id;
  const std::string seed = " seed " + std::to_string(options.seed);
  if (options.flash_file) return id_from("flash " + whole_path(*options.flash_file) + seed);
  if (!options.tap.empty()) return id_from("tap " + std::string{options.tap.view()} + seed);
  return id_from("port " + std::to_string(port) + seed);
}

}  // namespace pourtocol::firmware
