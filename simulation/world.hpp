// A whole party in one process, on virtual time: guests, a host, the server, the network, the disk
// and the machines, with everything that can go wrong, from one seed or by a script.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "simulation/bugs.hpp"
#include "simulation/checker.hpp"
#include "simulation/disk.hpp"
#include "simulation/machine.hpp"
#include "simulation/network.hpp"
#include "simulation/schedule.hpp"
#include "simulation/script.hpp"
#include "simulation/server.hpp"
#include "simulation/storm.hpp"

namespace pourtocol::simulation {

struct WorldOptions {
  std::uint64_t seed = 1;
  std::uint64_t pours = 1'000;  ///< how many orders shall leave before the faults cease
  Bug bug = Bug::none;
  /// Performed in place of what the seed would draw: the same machines, other happenings. Must
  /// outlive the world. With the script of the seed's own run all happens as it did there.
  const Script* script = nullptr;
};

struct Report {
  std::uint64_t seed = 0;
  std::uint64_t orders = 0;    ///< that left the server
  std::uint64_t episodes = 0;  ///< times a pump ran
  std::uint64_t pours = 0;     ///< whose order left, and that came to an end
  /// Of these, the ones in whose life, from the wish to the last row, at least one fault befell
  /// their tap, its messages, the server or its disk, or was still going on. What people do (lift a
  /// glass, press twice, stop) is no fault, nor is a fault armed for a message that never came.
  std::uint64_t faulted_pours = 0;
  std::uint64_t faults = 0;                           ///< things that went wrong
  std::array<std::uint64_t, deed_count> faults_of{};  ///< by kind; a message's when it met one
  std::uint64_t kills = 0;                            ///< of the server
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

  /// What happened in it, up to now.
  [[nodiscard]] const Script& script() const noexcept { return script_; }
  /// One line for each machine.
  [[nodiscard]] std::vector<std::string> cast() const;

 private:
  void make_machines();
  void listen();
  void watch_stop(std::size_t tap);
  void open_server();
  void kill_server(Duration off);

  void perform(const Happening& happening);
  void do_as_people(const Happening& happening);
  void break_machine(const Happening& happening);
  void attack(const Happening& happening);
  void swap_addresses(const Happening& happening);
  void break_sensor(const Happening& happening);
  void break_house(const Happening& happening);
  void mend_meter(Machine& machine, Duration after);
  void resume(control::StopNumber stop);
  void run_service(const Happening& happening);
  void host_calibrates(std::uint32_t tap, const protocol::CalibrationAction& action);
  void misread_cup(const Happening& happening);
  void forge_calibration(Machine& machine, const RequestId& id, std::int64_t share);
  void set_right(std::uint32_t tap);
  void give_up(const RequestId& id);
  /// What a guest wants, and for how long it may leave the server once it has come there.
  struct Wish {
    std::uint32_t tap;
    RequestId id;
    std::int64_t amount_ml;
    Duration lasts;
  };
  [[nodiscard]] static Wish wish_of(const Happening& happening);
  void order(const Wish& wish, int tries_left);
  void has_fault(Deed deed, std::uint32_t tap, Instant until);

  /// Lets the party go on until `end`. False once a promise is broken.
  [[nodiscard]] bool play_until(Instant end);
  [[nodiscard]] bool step_until(Instant end);
  [[nodiscard]] bool party();
  void count_closed_pours();
  void calm_down();
  void last_round();
  void look_at_last_round();
  void note(std::uint64_t what);
  [[nodiscard]] Report make_report() const;
  [[nodiscard]] Duration elapsed() const { return schedule_.now() - began_; }

  WorldOptions options_;
  Random random_;
  Schedule schedule_;
  Instant began_ = schedule_.now();
  control::Settings settings_;
  Disk disk_;
  std::vector<std::unique_ptr<Machine>> machines_;
  std::optional<Network> network_;
  std::optional<Checker> checker_;
  ServerWitness witness_;
  Duration wall_offset_{0};
  std::optional<Storm> storm_;
  Script script_;
  std::size_t performed_ = 0;  ///< of a script that was given
  bool over_ = false;          ///< nobody comes any more, nothing new goes wrong
  std::optional<Server> server_;

  std::uint64_t orders_ = 0;
  std::uint64_t pours_ = 0;
  std::uint64_t faulted_pours_ = 0;
  std::array<std::uint64_t, deed_count> faults_of_{};
  std::uint64_t kills_ = 0;
  std::vector<Instant> fault_until_;  ///< of each tap, and last of the house
  std::map<RequestId, Instant> wished_at_;
  std::set<RequestId> sent_;
  std::size_t transitions_seen_ = 0;
  std::uint64_t digest_ = 0xcbf29ce484222325U;  // FNV-1a, 64 bits
  std::set<RequestId> settled_;                 ///< keys whose client has had an answer
  std::set<RequestId> given_up_;                ///< and those whose giving up was answered
};

}  // namespace pourtocol::simulation
