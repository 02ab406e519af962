// The bounds of the contract between server and dispenser. Each side enforces them for itself and
// does not trust the other to have done so.
#pragma once

#include <chrono>
#include <cstddef>

#include "core/units.hpp"

namespace pourtocol::protocol {

/// The largest and smallest amount of one order. 60 ml is the owner's cap ("Volume Cap" of the
/// original).
inline constexpr Millilitres amount_max{60};
inline constexpr Millilitres amount_min{1};

/// The most one service run is reckoned to give: what a measuring cup holds.
inline constexpr Millilitres service_amount_max{200};
/// Into how many portions a calibration to an amount may be divided: many small ones in one cup
/// show what start and end of a pour make up, where one big one shows the flow.
inline constexpr int portions_max = 8;
/// The pause between two portions.
inline constexpr std::chrono::milliseconds portion_pause{1'500};
/// How long a service run that goes by time may take: into a cup, or through the line.
inline constexpr std::chrono::milliseconds cup_run_min{500};
inline constexpr std::chrono::milliseconds cup_run_max{20'000};
inline constexpr std::chrono::milliseconds line_run_min{1'000};
inline constexpr std::chrono::milliseconds line_run_max{60'000};
/// The most a measuring cup can have shown: more than `service_amount_max` for a pump whose
/// calibration is far off.
inline constexpr Microlitres measured_max{300'000};
/// How many runs a calibration is fitted to.
inline constexpr std::size_t calibration_runs_max = 8;

/// How many past pours a dispenser remembers, names in `/status`, and refuses to pour again.
inline constexpr std::size_t recent_pours_max = 16;

/// The largest message body either side accepts. A status with 16 past pours takes about 5 kB.
inline constexpr std::size_t body_bytes_max = 8192;

/// The largest order or stop a dispenser accepts. Smaller than a status, because decoding takes as
/// much stack as the message may be long, and a board's web task has little. Our orders take 150
/// bytes.
inline constexpr std::size_t order_bytes_max = 1024;

/// The longest a dispenser holds back the answer to `GET /status?after=…&wait_ms=…`.
inline constexpr std::chrono::milliseconds status_wait_max{10'000};

/// The version our firmware announces. A device that announces none speaks version 1, the seed's
/// contract.
inline constexpr int protocol_version = 2;

}  // namespace pourtocol::protocol
