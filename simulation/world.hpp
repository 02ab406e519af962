// A whole party in one process, on virtual time: guests, a host, the server, the network, the disk
// and the machines, with everything that can go wrong, from one seed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "simulation/bugs.hpp"
#include "simulation/checker.hpp"
#include "simulation/disk.hpp"
#include "simulation/faults.hpp"
#include "simulation/machine.hpp"
#include "simulation/network.hpp"
#include "simulation/schedule.hpp"
#include "simulation/server.hpp"

namespace pourtocol::simulation {

struct WorldOptions {
  std::uint64_t seed = 1;
  std::uint64_t pours = 1'000;  ///< how many orders shall leave before the faults cease
  Bug bug = Bug::none;
};

struct Report {
  std::uint64_t seed = 0;
  std::uint64_t orders = 0;    ///< that left the server
  std::uint64_t episodes = 0;  ///< times a pump ran
  std::uint64_t faults = 0;    ///< things that went wrong, messages included
  std::uint64_t kills = 0;     ///< of the server
  std::vector<std::pair<std::string, std::uint64_t>> outcomes;  ///< pours by their final state
  Duration virtual_time{0};
  std::uint64_t digest = 0;  ///< of everything that happened: two runs of a seed must share it
  std::optional<Violation> violation;
};

class World {
 public:
  explicit World(const WorldOptions& options);

  /// Runs to the end: a stormy party, then calm, in which everything must converge.
  [[nodiscard]] Report run();

 private:
  void make_machines();
  void open_server();
  void kill_server();
  void plan_faults();
  /// `what` happens again and again at random, `per_minute` times a minute, while the storm lasts.
  void plan(double per_minute, std::function<void(Random&)> what);
  void plan_machine_faults(std::size_t index);
  void plan_server_faults();
  void mend_meter(Machine& machine, Duration after);

  void visit(std::size_t tap);
  void order(std::size_t tap, const RequestId& id, std::int64_t amount_ml, int tries_left);
  [[nodiscard]] std::int64_t pick_amount();
  void calm_down();
  void last_round();
  [[nodiscard]] bool step_until(Instant end);
  void note(std::uint64_t what);
  [[nodiscard]] Report make_report() const;

  WorldOptions options_;
  Random random_;
  Faults faults_;
  bool storm_ = true;
  Schedule schedule_;
  control::Settings settings_;
  Disk disk_;
  std::vector<std::unique_ptr<Machine>> machines_;
  std::optional<Network> network_;
  std::optional<Checker> checker_;
  ServerWitness witness_;
  Duration wall_offset_{0};
  std::optional<Server> server_;

  std::uint64_t orders_ = 0;
  std::uint64_t faults_seen_ = 0;
  std::uint64_t kills_ = 0;
  std::uint64_t last_id_ = 0;
  std::uint64_t digest_ = 0xcbf29ce484222325U;  // FNV-1a, 64 bits
  std::set<RequestId> settled_;                 ///< keys whose client has had an answer
  bool lasts_served_ = true;
};

}  // namespace pourtocol::simulation
