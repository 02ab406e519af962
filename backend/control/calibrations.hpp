// What a host does to the calibrations of the taps: asked for here, done by the device, and written
// into the log.
//
// What changes how or whether a machine pours (a calibration accepted, a full bottle, faults
// cleared) is written down before it is done, and again when it is known how it went: no machine
// pours differently without a row that says who wanted it. What only gathers material for a
// proposal is done first, for only then can the row say what came of it (decision 14).
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "backend/control/events.hpp"
#include "backend/control/tap.hpp"
#include "backend/control/turn.hpp"

namespace pourtocol::control {

class Calibrations {
 public:
  /// `tap` is null, and `index` nothing, if there is no tap of that name.
  void ask(const CalibrationAsked& event, std::optional<TapIndex> index, const Tap* tap,
           Turn& turn);
  void on_answer(const CalibrationAnswered& answer, Turn& turn);
  void on_written(Ticket ticket, bool durable, Turn& turn);
  void on_recovered(const Recovered& recovered);
  void on_row(const LogRow& row);

  /// Nobody waits for anything.
  [[nodiscard]] bool idle() const noexcept { return jobs_.empty(); }

  /// How many requests of one tap may be under way.
  static constexpr std::size_t jobs_per_tap_max = 4;

 private:
  enum class Stage : std::uint8_t { looking, recording_intent, acting, recording_end };
  struct Job {
    TapIndex tap{};
    CalibrationRequest request;
    protocol::FaultSet faults;                  ///< standing when it was asked
    std::optional<protocol::OrderGuard> guard;  ///< for an act that left at `asked_at`
    Instant asked_at{};
    Stage stage = Stage::looking;
    CallId call{};
    std::optional<protocol::CalibrationReport> before;  ///< of an action that is recorded first
    CalibrationAnswer answer;                           ///< to be given once the end is recorded
    WallTime ended_at{};
  };
  using Jobs = std::map<Ticket, Job>;

  [[nodiscard]] std::int64_t newest_act(const TapName& tap) const;
  void count_act(const TapName& tap, std::int64_t row);
  [[nodiscard]] bool is_overtaken(const CalibrationRequest& request, TapIndex index,
                                  const Tap& tap) const;
  void call_device(Job& job, bool act, Turn& turn);
  void looked(Jobs::iterator at, const CalibrationResult& result, Turn& turn);
  void acted(Jobs::iterator at, const CalibrationResult& result, Turn& turn);
  void failed(Jobs::iterator at, CalibrationAnswer answer, Turn& turn);
  void record(Jobs::iterator at, EventStatus status, std::string reason, Turn& turn);
  void answer(Jobs::iterator at, CalibrationAnswer answer, Turn& turn);

  Jobs jobs_;
  std::map<TapName, WallTime> accepted_;  ///< when the calibration of a tap was last accepted
  /// The newest act at each tap in this run of the server: the number of its last row.
  std::map<TapName, std::int64_t> acts_;
  std::optional<std::int64_t> acts_before_;  ///< none of an earlier run has a higher number
};

}  // namespace pourtocol::control
