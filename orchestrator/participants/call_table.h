#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <span>

#include "common/participant/command.h"
#include "orchestrator/participants/call.h"
#include "orchestrator/sagas/calls.h"

// Whom each call is for, and what it looks like as a command. Pure; thread-safe.
namespace seatsaga::participants {

enum class Participant : uint8_t { kSeats, kPayments, kReservations };
inline constexpr size_t kParticipants = 3;

struct CallRow {
  sagas::Call call = sagas::Call::kNone;
  Participant participant = Participant::kSeats;
  // Fills a command of that participant: its key, and what is the call's own.
  void (*build)(const CallRequest& call, const participant::Token& token,
                google::protobuf::Message& command) = nullptr;
};

// One row per call.
std::span<const CallRow> CallTable();
// `call` is one that a definition makes.
const CallRow& RowOf(core::CallId call);

}  // namespace seatsaga::participants
