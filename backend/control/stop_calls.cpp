#include "backend/control/stop_calls.hpp"

#include <algorithm>
#include <utility>

namespace pourtocol::control {

namespace {

constexpr std::ptrdiff_t under_way_max = 2;

}  // namespace

CallId StopCalls::ask(const protocol::StopOrder& stop, Turn& turn) {
  if (!is_room_for(stop)) {
    const auto shared = std::ranges::find(next_, stop, &Call::stop);
    if (shared != next_.end()) return shared->id;
    return next_.emplace_back(Call{.id = turn.new_call(), .stop = stop}).id;
  }
  const CallId call = turn.new_call();
  send({.id = call, .stop = stop}, turn);
  return call;
}

void StopCalls::on_answer(CallId call, Turn& turn) {
  std::erase_if(under_way_, [&](const Call& one) { return one.id == call; });
  for (std::size_t i = 0; i < next_.size();) {
    if (!is_room_for(next_[i].stop)) {
      ++i;
      continue;
    }
    send(std::exchange(next_[i], next_.back()), turn);
    next_.pop_back();
  }
}

bool StopCalls::is_room_for(const protocol::StopOrder& stop) const {
  return std::ranges::count(under_way_, stop, &Call::stop) < under_way_max;
}

void StopCalls::send(Call call, Turn& turn) {
  under_way_.push_back(call);
  turn.emit(CallDeviceStop{.tap = tap_,
                           .id = call.id,
                           .call = {.stop = call.stop, .timeout = turn.settings().status_timeout}});
}

}  // namespace pourtocol::control
