// What a pour or a service run is to do: so much, or for so long, once or in portions.
#pragma once

#include <chrono>
#include <optional>

#include "core/units.hpp"
#include "firmware/core/behaviour.hpp"
#include "protocol/messages.hpp"

namespace pourtocol::firmware {

struct Course {
  protocol::Purpose purpose = protocol::Purpose::pour;
  Millilitres requested;  ///< in all; 0 for a run by time
  Microlitres portion;    ///< of each portion; of a run by time, the most one may bring
  std::optional<Milliseconds> portion_time;  ///< present: each portion runs the pump for so long
  int portions = 1;
  Milliseconds between{0};  ///< pump off between portions
  friend bool operator==(const Course&, const Course&) = default;
};

/// A guest's order.
[[nodiscard]] Course course_of(Millilitres amount) noexcept;

/// A service run, which must be sound (`protocol::flaw_of`). It ends early where more than
/// `protocol::service_amount_max` would be reckoned to come: that much a cup holds.
[[nodiscard]] Course course_of(const protocol::ServiceOrder& order,
                               const Behaviour& behaviour) noexcept;

/// The most that a course may bring, whatever happens to the software.
[[nodiscard]] Microlitres most_for(const Course& course) noexcept;

}  // namespace pourtocol::firmware
