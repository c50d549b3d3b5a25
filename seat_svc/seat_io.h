#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "common/participant/command.h"
#include "common/participant/fencing.h"
#include "seat_svc/hall.h"
#include "seatsaga/seat/v1/seat.pb.h"

// What goes into seat_svc's logic and comes out of it.
namespace seatsaga::seat {

enum class CommandKind { kReserve, kRelease, kGiveBack };

struct SeatBody {
  CommandKind kind = CommandKind::kReserve;
  Id reservation_id;
  bool all_seats = false;  // of kRelease: all that the reservation holds
  // Not of kRelease.
  std::string event_id;
  std::vector<std::string> seat_ids;  // 1-20, all different
};
using SeatCommand = participant::Command<SeatBody>;
using SeatCommands = participant::Commands<SeatBody>;

// `event` has passed CheckEvent and KeepInputFields.
struct CreateEvent {
  v1::Event event;
};

struct SeatIo {
  using In = std::variant<SeatCommands, participant::Take, CreateEvent>;
  using Out = std::variant<participant::Results, participant::Taken, v1::Event>;
  using Send = std::monostate;  // seat_svc calls nobody
  struct Memory {
    participant::Fencing::Change taken;
    std::vector<std::shared_ptr<const Hall>> used_halls;
  };
};

}  // namespace seatsaga::seat
