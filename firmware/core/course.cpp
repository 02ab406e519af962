#include "firmware/core/course.hpp"

#include <algorithm>

#include "firmware/core/reckoning.hpp"
#include "protocol/limits.hpp"

namespace pourtocol::firmware {

namespace {

constexpr Microlitres cup = protocol::service_amount_max.to_microlitres();

// Cleaner works while it stands and scrubs while it starts and stops.
constexpr Milliseconds clean_on{500};
constexpr Milliseconds clean_off{500};

}  // namespace

Course course_of(Millilitres amount) noexcept {
  return {.purpose = protocol::Purpose::pour,
          .requested = amount,
          .portion = amount.to_microlitres(),
          .portion_time = std::nullopt,
          .portions = 1,
          .between = Milliseconds{0}};
}

Course course_of(const protocol::ServiceOrder& order, const Behaviour& behaviour) noexcept {
  Course course;
  course.purpose = purpose_of(order.kind);
  if (const auto* amount = std::get_if<Millilitres>(&order.extent)) {
    course.portions = order.portions;
    course.portion = amount->to_microlitres();
    course.requested = Millilitres{amount->count() * order.portions};
    course.between = protocol::portion_pause;
    return course;
  }
  const Milliseconds time = *std::get_if<Milliseconds>(&order.extent);
  // What the run's own time brings at most, with the coast counted as pumped.
  const auto filled = std::chrono::floor<Milliseconds>(behaviour.flow.time_for(cup));
  if (order.kind == protocol::ServiceKind::clean) {
    const auto asked = (time + clean_off) / (clean_on + clean_off);
    course.portions = static_cast<int>(std::clamp<std::int64_t>(filled / clean_on, 1, asked));
    course.portion_time = clean_on;
    course.between = clean_off;
  } else {
    course.portion_time = std::min(time, filled);
  }
  course.portion = behaviour.flow.over(*course.portion_time);
  return course;
}

Microlitres most_for(const Course& course) noexcept {
  // Whatever follows the pump does so after each portion; the pulses of a cleaning follow each
  // other too soon for that.
  if (course.portion_time) {
    return most_for(Microlitres{course.portion.count() * course.portions});
  }
  return Microlitres{most_for(course.portion).count() * course.portions};
}

}  // namespace pourtocol::firmware
