// Draws the script of a party from its seed: what guests and the host do, and what goes wrong, in
// storms with calm spells between them.
#pragma once

#include <cstdint>
#include <vector>

#include "core/random.hpp"
#include "simulation/faults.hpp"
#include "simulation/script.hpp"

namespace pourtocol::simulation {

class Storm {
 public:
  Storm(Random random, std::uint32_t taps, const Faults& faults);

  /// What happens from the end of the last call up to `end` (exclusive), in the order of time.
  [[nodiscard]] std::vector<Happening> draw_until(Duration end);

 private:
  /// One kind of thing that happens to one tap, or to the house, again and again. Each draws from a
  /// source of its own, so that one kind does not shift another.
  struct Stream {
    Deed deed;
    std::uint32_t tap;
    double per_minute;
    Random random;
    Duration next_at;
  };
  struct Guests {
    std::uint32_t tap;
    Random random;
    Duration next_at;
  };

  void add_stream(Deed deed, std::uint32_t tap, double per_minute);
  void draw_phases(Duration end);
  [[nodiscard]] bool is_calm(Duration at) const;
  void visit(Guests& guests);
  [[nodiscard]] std::int64_t pick_amount(Random& random) const;
  void draw(Stream& stream);
  void happens(const Happening& happening) { drawn_.push_back(happening); }

  Random random_;
  Faults faults_;
  std::vector<Stream> streams_;
  std::vector<Guests> guests_;
  std::uint64_t last_key_ = 0;
  std::vector<Happening> drawn_;   ///< and not yet handed out
  std::vector<Duration> turns_{};  ///< from storm to calm and back, beginning with a storm
};

}  // namespace pourtocol::simulation
