#include "common/participant/command.h"

namespace seatsaga::participant {

std::string ToString(const Token& token) {
  if (token.epoch == 0) return "none";
  return Cat("epoch ", token.epoch, " of process ", token.holder.ToString());
}

void ToProto(const Token& token, saga::v1::FencingToken& proto) {
  proto.set_epoch(token.epoch);
  proto.set_holder(std::string(token.holder.bytes()));
}

CommandResult NoKnownCommand(const google::protobuf::Message& command) {
  if (command.GetReflection()->GetUnknownFields(command).empty()) {
    return Invalid("INVALID_REQUEST", "command: required");
  }
  return WithReason(saga::v1::OUTCOME_UNKNOWN, kUnknownCommand,
                    "this release does not know the command; update the participant");
}

void ParseKey(const saga::v1::CommandKey& key, saga::v1::Direction direction, CommandBase& command,
              FieldErrors& errors) {
  if (const auto saga_id = CheckId("key.saga_id", key.saga_id(), errors))
    command.saga_id = *saga_id;
  CheckText("key.step", key.step(), kStepMax, errors);
  command.step = key.step();
  command.direction = direction;
  if (key.round() < 1 || key.round() > kRoundMax) {
    errors.Add("key.round", Cat("must be 1 to ", kRoundMax, ": which visit of the step it is"));
  }
  command.round = key.round();
  command.token.epoch = key.fencing_epoch();
  if (const auto holder = Id::FromBytes(key.fencing_holder()); holder.ok()) {
    command.token.holder = *holder;
  } else if (key.fencing_epoch() != 0 || !key.fencing_holder().empty()) {
    errors.Add("key.fencing_holder", "must be the 16 bytes of the process that took the partition");
  }
}

Id ParseReservationId(std::string_view text, const CommandBase& command, FieldErrors& errors) {
  if (text.empty()) return command.saga_id;
  return CheckId("reservation_id", text, errors).value_or(Id());
}

}  // namespace seatsaga::participant
