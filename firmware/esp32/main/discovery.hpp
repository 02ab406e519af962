// How a server finds this machine by name.
#pragma once

#include "core/ids.hpp"

namespace pourtocol::board {

/// Announces `esp32.local` (or, where another machine bears that name already, `esp32-XXXX.local`
/// after this one's MAC address) and the service `_pourtocol._tcp` with the tap's name and the
/// protocol's version. Takes seconds. Once, when there is an address; later addresses are followed
/// by themselves.
void announce(const TapName& tap) noexcept;

}  // namespace pourtocol::board
