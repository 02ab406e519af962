// The side door of a simulated dispenser: what people and physics do to it, and the truth about
// what flowed. README.md lists it. No sockets: the same function serves the process and its tests.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <variant>

#include "core/time.hpp"
#include "firmware/simulator/flat_json.hpp"
#include "firmware/simulator/machine.hpp"
#include "firmware/simulator/network_faults.hpp"
#include "firmware/simulator/wait_query.hpp"
#include "http/message.hpp"

namespace pourtocol::firmware {

/// The answer, or when the truth is due.
using ControlOutcome = std::variant<http::Response, Held>;

class ControlApi {
 public:
  /// What the wall clock shows at a moment of the machine's time.
  using WallClock = std::function<WallTime(Instant)>;

  /// Both must outlive this. Whoever serves the device looks at `faults` and at the machine's power
  /// after each request: they say whether it is to be reachable.
  ControlApi(Machine& machine, NetworkFaults& faults, WallClock wall_clock)
      : machine_{machine}, faults_{faults}, wall_clock_{std::move(wall_clock)} {}

  [[nodiscard]] ControlOutcome handle(const http::Request& request);

  /// What truly happened so far, as JSON.
  [[nodiscard]] std::string truth() const;
  [[nodiscard]] http::Response truth_answer() const;

  /// Grows with every change of the truth but flow itself: pump, glass, power, the last drop,
  /// stops, commands. What a held truth waits for.
  [[nodiscard]] std::uint64_t version() const;

 private:
  using Command = void (ControlApi::*)(FlatJson& body);
  struct Entry {
    std::string_view path;
    Command command;
  };
  static const Entry commands[];

  [[nodiscard]] ControlOutcome get_truth(std::string_view query) const;

  // Each reads all of its fields and acts only if none of them is wrong.
  void glass(FlatJson& body);
  void bottle(FlatJson& body);
  void clog(FlatJson& body);
  void power(FlatJson& body);
  void sensor(FlatJson& body);
  void network(FlatJson& body);
  void button(FlatJson& body);
  void tag(FlatJson& body);

  Machine& machine_;
  NetworkFaults& faults_;
  WallClock wall_clock_;
  std::uint64_t commands_ = 0;  ///< obeyed
};

}  // namespace pourtocol::firmware
