// The stop calls to one machine: few at a time, however many people press STOP.
#pragma once

#include <vector>

#include "backend/control/device_link.hpp"
#include "backend/control/turn.hpp"

namespace pourtocol::control {

/// A stop is answered by a call that left no sooner than it was asked for: one that is under way
/// may have reached the machine before that, and a pour may have begun since. So the first two go
/// out at once (the second need not wait for a first that hangs), and whoever asks while they are
/// under way shares the one call that follows.
class StopCalls {
 public:
  explicit StopCalls(TapIndex tap) noexcept : tap_{tap} {}

  /// The call whose answer tells how this stop went.
  CallId ask(const protocol::StopOrder& stop, Turn& turn);
  /// Every call has ended once it was answered, in whatever way. Calls of others are no news.
  void on_answer(CallId call, Turn& turn);

 private:
  struct Call {
    CallId id{};
    protocol::StopOrder stop;
  };

  [[nodiscard]] bool is_room_for(const protocol::StopOrder& stop) const;
  void send(Call call, Turn& turn);

  TapIndex tap_;
  std::vector<Call> under_way_;
  std::vector<Call> next_;  ///< one for each different stop, which follow as soon as there is room
};

}  // namespace pourtocol::control
