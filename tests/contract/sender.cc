#include "tests/contract/sender.h"

#include <google/protobuf/unknown_field_set.h>

#include <algorithm>

#include "common/errors.h"
#include "common/text.h"

namespace seatsaga::contract {
namespace {

using google::protobuf::UnknownFieldSet;
using saga::v1::CommandResult;

constexpr int kTriesMax = 1'000;

// A message that consists of other messages, whatever their types.
class Envelope {
 public:
  void Add(int field, const std::string& message) { fields_.AddLengthDelimited(field, message); }
  std::string bytes() const {
    std::string bytes;
    fields_.SerializeToString(&bytes);
    return bytes;
  }
  // The contents of a field of `message`, in order.
  static std::vector<std::string> Read(const std::string& message, int field) {
    UnknownFieldSet fields;
    std::vector<std::string> found;
    if (!fields.ParseFromString(message)) return found;
    for (int i = 0; i < fields.field_count(); ++i) {
      const auto& one = fields.field(i);
      if (one.number() == field &&
          one.type() == google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED)
        found.push_back(one.length_delimited());
    }
    return found;
  }

 private:
  UnknownFieldSet fields_;
};

// The command's message: its key and its body, one behind the other.
std::string WithKey(const Command& command) {
  saga::v1::CommandKey key;
  key.set_saga_id(command.saga_id);
  key.set_step(command.step);
  key.set_round(command.round);
  key.set_fencing_epoch(command.token.epoch);
  key.set_fencing_holder(std::string(16, command.token.holder));
  Envelope message;
  message.Add(1, key.SerializeAsString());
  return message.bytes() + command.body.bytes;
}

Answer FromResult(const CommandResult& result) { return {result.outcome(), result.reason()}; }

// A unary method says INVALID as a gRPC error; no other error is part of the contract.
Answer FromError(const absl::Status& status) {
  if (absl::IsInvalidArgument(status)) return {saga::v1::OUTCOME_INVALID, ReasonOfError(status)};
  return {saga::v1::OUTCOME_UNSPECIFIED, status.ToString()};
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Answer& answer) {
  return out << saga::v1::Outcome_Name(answer.outcome) << " " << answer.reason;
}

const char* NameOf(Form form) { return form == Form::kUnary ? "unary" : "batch"; }

std::string ReasonOfError(const absl::Status& status) { return ReasonOf(status); }

absl::StatusOr<std::vector<CommandResult>> Sender::BatchResults(
    const std::vector<Command>& commands) const {
  Envelope batch;
  for (const Command& command : commands) {
    Envelope one;
    one.Add(command.body.field, WithKey(command));
    batch.Add(1, one.bytes());
  }
  const auto response = participant_.call(participant_.batch_method, batch.bytes());
  if (!response.ok()) return response.status();
  std::vector<CommandResult> results;
  for (const std::string& bytes : Envelope::Read(*response, 1)) {
    results.emplace_back().ParseFromString(bytes);
  }
  if (results.size() != commands.size()) {
    return absl::InternalError(
        AbslView(Cat(results.size(), " results for ", commands.size(), " commands")));
  }
  return results;
}

std::vector<Answer> Sender::Batch(const std::vector<Command>& commands) const {
  const auto results = BatchResults(commands);
  if (!results.ok()) return std::vector<Answer>(commands.size(), FromError(results.status()));
  std::vector<Answer> answers;
  for (const CommandResult& result : *results) answers.push_back(FromResult(result));
  return answers;
}

Answer Sender::SendOnce(const Command& command, Form form) const {
  if (form == Form::kBatch) return Batch({command}).front();
  const auto response = participant_.call(command.body.unary_method, WithKey(command));
  if (!response.ok()) return FromError(response.status());
  CommandResult result;
  for (const std::string& bytes : Envelope::Read(*response, 1)) result.MergeFromString(bytes);
  return FromResult(result);
}

Answer Sender::Send(const Command& command, Form form) const {
  Answer answer = SendOnce(command, form);
  for (int i = 0; i < kTriesMax && answer.outcome == saga::v1::OUTCOME_IN_PROGRESS; ++i) {
    participant_.wait();
    answer = SendOnce(command, form);
  }
  return answer;
}

absl::StatusOr<saga::v1::GetFencingResponse> Sender::GetFencing() const {
  const auto bytes = participant_.call("/seatsaga.saga.v1.ParticipantService/GetFencing", "");
  if (!bytes.ok()) return bytes.status();
  saga::v1::GetFencingResponse response;
  if (!response.ParseFromString(*bytes)) return absl::InternalError("no GetFencingResponse");
  return response;
}

absl::Status Sender::Take(const saga::v1::TakePartitionsRequest& request) const {
  return participant_
      .call("/seatsaga.saga.v1.ParticipantService/TakePartitions", request.SerializeAsString())
      .status();
}

saga::v1::TakePartitionsRequest Sender::TakeOfAll(const Token& token) const {
  saga::v1::TakePartitionsRequest request;
  if (const auto fencing = GetFencing(); fencing.ok()) *request.mutable_held() = fencing->ranges();
  request.mutable_token()->set_epoch(token.epoch);
  request.mutable_token()->set_holder(std::string(16, token.holder));
  request.set_store_id("00000000-0000-7000-8000-000000000001");
  request.set_store_counter(1);
  return request;
}

Token Sender::TakeAll(char holder) const {
  saga::v1::TakePartitionsRequest request = TakeOfAll({.holder = holder});
  uint64_t epoch = 0;
  for (const auto& range : request.held()) epoch = std::max(epoch, range.token().epoch());
  request.mutable_token()->set_epoch(epoch + 1);
  return Take(request).ok() ? Token{epoch + 1, holder} : Token{};
}

}  // namespace seatsaga::contract
