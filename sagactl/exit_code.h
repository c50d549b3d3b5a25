#pragma once

// What sagactl's exit status means. Part of its interface: scripts depend on it.
namespace seatsaga::cli {

inline constexpr int kExitOk = 0;
// The command did not get what was asked for: a watched saga was parked, the user said no.
inline constexpr int kExitFailure = 1;
// Wrong arguments; nothing was sent.
inline constexpr int kExitUsage = 2;
// The audit found something.
inline constexpr int kExitFindings = 3;
// Plus the gRPC status code: 78 for UNAVAILABLE (14).
inline constexpr int kExitRpcBase = 64;
// Ended by ctrl-C, as shells count it.
inline constexpr int kExitInterrupted = 130;

}  // namespace seatsaga::cli
