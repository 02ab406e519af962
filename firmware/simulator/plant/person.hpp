// A person before a virtual machine: calibrates it with a measuring cup, changes its bottles, pours
// glasses. What such a person can see is all that flows from the plant to the core here.
//
// One thread, virtual time.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/random.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "firmware/core/board_loop.hpp"
#include "firmware/simulator/plant/virtual_board.hpp"

namespace pourtocol::firmware {

/// What a person does about a pump without a meter that is too fast to be timed well.
enum class StrongPumps : std::uint8_t {
  slowed,  ///< sets its power lower, until a first run says 14 ml/s or less
  left,
};

/// The machine and the person; as bought at first, with air in its line and nobody's calibration.
class AttendedMachine {
 public:
  AttendedMachine(const PlantSpec& spec, Random random);

  AttendedMachine(const AttendedMachine&) = delete;
  AttendedMachine& operator=(const AttendedMachine&) = delete;

  /// Primes the line and calibrates: a short run by time, then three big runs and five of many
  /// small portions. A cup is read to 1 ml (even within ± 1 ml), and poured back into the bottle.
  void calibrate(StrongPumps strong_pumps);

  struct Poured {
    protocol::RecentPour receipt;
    Microlitres flowed;    ///< truly
    bool ran_dry = false;  ///< the bottle was empty before its end
  };
  /// A glass is placed, poured into and taken away.
  [[nodiscard]] Poured pour(Millilitres amount);

  /// Says that the bottle is empty, accepts what the machine concludes from it, connects a full
  /// one, primes, and says so. What this bottle holds is what its label says within 1 %.
  void change_bottle();

  void wait(Duration time);
  [[nodiscard]] Instant now() const { return clock_.now; }
  [[nodiscard]] const Plant& plant() const { return plant_; }
  [[nodiscard]] const Tuning& tuning() const { return loop_->tuning(); }

 private:
  void step();
  void place_glass();
  void finish();
  [[nodiscard]] RequestId fresh_id();
  /// Runs into the cup; what truly came.
  Microlitres run(protocol::ServiceKind kind, const protocol::ServiceExtent& extent, int portions);
  void measure(Microlitres truly);
  void set_pump_power(PumpPower power);
  void act(const protocol::CalibrationAction& action);
  void accept();
  void prime();
  void fill_bottle(Microlitres volume);
  void fill_up();

  Random random_;
  VirtualClock clock_;
  Plant plant_;
  VirtualFlash flash_;
  Config config_;
  std::optional<VirtualBoard> board_;
  std::optional<BoardLoop<VirtualBoard>> loop_;
  std::uint64_t ids_ = 0;
  RequestId last_id_;
};

}  // namespace pourtocol::firmware
