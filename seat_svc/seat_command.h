#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/barrier.h"
#include "common/outcome.h"
#include "common/reply.h"
#include "seatsaga/seat/v1/seat.pb.h"

// What seat_svc's writer can be asked for.
namespace seatsaga::seat {

// One action or compensation of a saga, its fields already checked (seat_requests.h).
struct SeatCommand {
  BarrierCommand key;                 // ACTION reserves, COMPENSATION releases
  std::string event_id;               // of an action
  std::vector<std::string> seat_ids;  // of an action: 1-20 different ones
  // The answer to a command that broke a rule of its fields; it has no effect and no key.
  std::optional<CommandResult> rejected;
};

// The commands of one call, answered together and in order.
struct SeatCommands {
  std::vector<SeatCommand> commands;
  Reply<std::vector<CommandResult>> reply;
};

// `event` has passed CheckEvent and KeepInputFields.
struct CreateEvent {
  v1::Event event;
  Reply<v1::Event> reply;
};

using SeatInput = std::variant<SeatCommands, CreateEvent>;

}  // namespace seatsaga::seat
