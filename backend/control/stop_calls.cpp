#include "backend/control/stop_calls.hpp"

#include <algorithm>
#include <utility>

namespace pourtocol::control {

namespace {

constexpr std::ptrdiff_t under_way_max = 2;

}  // namespace

CallId StopCalls::ask(const protocol::StopOrder& stop, Turn& turn) {
  if (!is_room_for(stop)) {
    if (!next_) next_ = Call{.id = turn.new_call(), .stop = stop};
    if (next_->stop == stop) return next_->id;
    // Two pours were stopped within one call's time: the newer is kept waiting by nobody.
  }
  const CallId call = turn.new_call();
  send({.id = call, .stop = stop}, turn);
  return call;
}

void StopCalls::on_answer(CallId call, Turn& turn) {
  std::erase_if(under_way_, [&](const Call& one) { return one.id == call; });
  if (next_ && is_room_for(next_->stop)) send(*std::exchange(next_, std::nullopt), turn);
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
