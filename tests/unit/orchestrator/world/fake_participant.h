#pragma once

#include <google/protobuf/message.h>

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/saga.h"
#include "common/participant/desk.h"
#include "common/participant/outcome.h"
#include "tests/world/test_world.h"

namespace seatsaga::testing {

// A command as it reached a participant, whatever it is.
struct ArrivedCommand {
  std::string arm;  // "reserve_seats"
  saga::v1::CommandKey key;
  std::shared_ptr<const google::protobuf::Message> body;
  // The batch that it came in, from 0.
  int batch = 0;
};

inline ArrivedCommand Arrived(const google::protobuf::Message& command, int batch) {
  const auto* reflection = command.GetReflection();
  const auto* arm =
      reflection->GetOneofFieldDescriptor(command, command.GetDescriptor()->oneof_decl(0));
  ArrivedCommand arrived{.batch = batch};
  if (arm == nullptr) return arrived;
  arrived.arm = arm->name();
  const google::protobuf::Message& body = reflection->GetMessage(command, arm);
  std::shared_ptr<google::protobuf::Message> copy(body.New());
  copy->CopyFrom(body);
  arrived.body = std::move(copy);
  const auto* key = body.GetDescriptor()->FindFieldByName("key");
  arrived.key.CopyFrom(body.GetReflection()->GetMessage(body, key));
  return arrived;
}

// A participant that is played by the test: it guards its partitions as every participant does, and
// answers what the test says. One thread.
class FakeParticipant {
 public:
  // What a command is answered at once; nullopt: when the test says so.
  using Script = std::function<std::optional<CommandResult>(const ArrivedCommand&)>;

  template <class Method>
  FakeParticipant(TestWorld& test, std::string name, const Method& method)
      : name_(std::move(name)), test_(test), serve_batches_([this, &method](Wire& wire) {
          wire.Serve(method, [this](typename Method::Request& request, const CallContext&,
                                    Reply<typename Method::Response> reply) {
            std::vector<ArrivedCommand> commands;
            for (const auto& command : request.commands()) {
              commands.push_back(Arrived(command, batches_));
            }
            OnBatch(std::move(commands), [reply = std::move(reply)](
                                             absl::StatusOr<participant::Results> results) mutable {
              if (!results.ok()) return reply.Send(results.status());
              reply.Send(participant::ToBatch<typename Method::Response>(*std::move(results)));
            });
          });
        }) {
    Boot();
  }

  void Boot() {
    wire_ = &test_.world(name_).wire;
    serve_batches_(*wire_);
    ServeFencing();
    if (wire_->Start().ok()) wire_->SetServing(true);
  }
  void Crash() {
    open_.clear();
    test_.Crash(name_);
  }
  // As with a new database.
  void LoseMemory() {
    rows_ = {};
    fencing_ = {};
  }
  // As if another orchestrator had taken all partitions.
  void TakenBy(const participant::Token& token, const Id& store_id = Id(), int64_t counter = 1) {
    participant::Fencing::Change change;
    for (int32_t i = 0; i < store::kPartitions; ++i) {
      rows_[static_cast<size_t>(i)] = {i, token.epoch, token.holder, store_id, counter};
      change.emplace_back(i, token);
    }
    fencing_.Remember(change);
  }
  participant::Token holder() const { return fencing_.Of(0); }
  const participant::FencingRow& fencing_row() const { return rows_[0]; }

  const std::string& name() const { return name_; }
  // Every command that was let in, in order, and of all RPCs, how many commands.
  const std::vector<ArrivedCommand>& commands() const { return commands_; }
  std::vector<int> batch_sizes() const { return batch_sizes_; }
  // Answers the command, which is the `index`-th of commands().
  void Answer(size_t index, CommandResult result) {
    for (Open& open : open_) {
      if (index < open.first || index >= open.first + open.results.size()) continue;
      open.results[index - open.first] = std::move(result);
      Finish(open);
      return;
    }
  }
  // Answers the oldest RPC that is open.
  void AnswerBatch(absl::StatusOr<participant::Results> results) {
    Open open = std::move(open_.front());
    open_.pop_front();
    std::move(open.reply)(std::move(results));
  }

  Script script;
  // Called with every command that is let in.
  std::function<void(const ArrivedCommand&)> on_command;

 private:
  using BatchReply = absl::AnyInvocable<void(absl::StatusOr<participant::Results>) &&>;
  struct Open {
    size_t first = 0;
    std::vector<std::optional<CommandResult>> results;
    BatchReply reply;
  };

  void OnBatch(std::vector<ArrivedCommand> arrived, BatchReply reply) {
    batch_sizes_.push_back(static_cast<int>(arrived.size()));
    Open open{.first = commands_.size(), .results = {}, .reply = std::move(reply)};
    for (ArrivedCommand& command : arrived) {
      open.results.push_back(Admit(command));
      if (!open.results.back().has_value()) {
        if (on_command) on_command(command);
        if (script) open.results.back() = script(command);
      }
      commands_.push_back(std::move(command));
    }
    ++batches_;
    open_.push_back(std::move(open));
    Finish(open_.back());
  }
  std::optional<CommandResult> Admit(const ArrivedCommand& arrived) const {
    participant::CommandBase command;
    FieldErrors errors;
    participant::ParseKey(arrived.key, saga::v1::DIRECTION_ACTION, command, errors);
    if (!errors.empty()) return Invalid("INVALID_REQUEST", errors.ToStatus().ToString());
    store::Rows none;
    return participant::Desk(fencing_, false, none).AdmitProbe(command);
  }
  void Finish(Open& open) {
    participant::Results results;
    for (auto& result : open.results) {
      if (!result.has_value()) return;
      results.push_back(*result);
    }
    BatchReply reply = std::move(open.reply);
    std::erase_if(open_, [&](const Open& other) { return &other == &open; });
    std::move(reply)(std::move(results));
  }

  void ServeFencing() {
    wire_->Serve(saga::kGetFencing,
                 [this](auto&, const CallContext&, Reply<saga::v1::GetFencingResponse> reply) {
                   saga::v1::GetFencingResponse response;
                   for (int32_t i = 0; i < store::kPartitions; ++i) {
                     const participant::FencingRow& row = rows_[static_cast<size_t>(i)];
                     auto& range = *response.add_ranges();
                     range.set_first(i);
                     range.set_last(i);
                     if (row.epoch == 0) continue;
                     range.mutable_token()->set_epoch(row.epoch);
                     range.mutable_token()->set_holder(std::string(row.holder.bytes()));
                     range.set_store_id(row.store_id.ToString());
                     range.set_store_counter(row.store_counter);
                   }
                   reply.Send(std::move(response));
                 });
    wire_->Serve(saga::kTakePartitions, [this](saga::v1::TakePartitionsRequest& request,
                                               const CallContext&,
                                               Reply<saga::v1::TakePartitionsResponse> reply) {
      const auto take = participant::ParseTake(request);
      if (!take.ok()) return reply.Send(take.status());
      store::Rows rows;
      participant::Desk desk(fencing_, false, rows);
      if (absl::Status taken = desk.Decide(*take); !taken.ok()) return reply.Send(taken);
      for (const auto& [partition, token] : take->held) {
        rows_[static_cast<size_t>(partition)] = {partition, take->token.epoch, take->token.holder,
                                                 take->store_id, take->store_counter};
      }
      fencing_.Remember(desk.TakeChange());
      reply.Send(saga::v1::TakePartitionsResponse());
    });
  }

  const std::string name_;
  TestWorld& test_;
  const std::function<void(Wire&)> serve_batches_;
  Wire* wire_ = nullptr;
  participant::Fencing fencing_;
  std::array<participant::FencingRow, store::kPartitions> rows_{};
  std::vector<ArrivedCommand> commands_;
  std::vector<int> batch_sizes_;
  int batches_ = 0;
  std::deque<Open> open_;
};

}  // namespace seatsaga::testing
