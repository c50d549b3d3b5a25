#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "common/clock.h"
#include "common/wire/wire.h"
#include "orchestrator/participants/call_queue.h"
#include "orchestrator/participants/call_table.h"
#include "orchestrator/participants/claim.h"

namespace seatsaga::participants {

// What is particular to the calls of one participant.
struct ConnectionTraits {
  std::string name;    // "seat_svc"
  std::string target;  // as the wire knows it
  CallQueueLimits limits;
  // Calls may follow from its answers. Not if its steps are the last ones in either direction: then
  // nobody waits for the saga to learn of them.
  bool urgent = true;
};

// The calls to one participant: in batches, once it may be commanded. One thread.
class Connection {
 public:
  struct Events {
    ResultSink results;
    Claim::Events claim;
    // Nothing may be sent any more.
    const std::atomic<bool>& stopped;
  };

  // What is referred to must outlive the connection; calls that are out when it is destroyed end
  // without effect.
  Connection(ConnectionTraits traits, const Claimant& claimant, const Clock& clock, Wire& wire,
             Events events);
  virtual ~Connection() = default;

  Claim& claim() { return claim_; }

  // Each ends in exactly one result, at its deadline at the latest, unless the process is to stop.
  void Send(std::vector<CallRequest> calls);

  Mono NextDue() const;
  void RunDue();

 protected:
  using Answers = google::protobuf::RepeatedPtrField<saga::v1::CommandResult>;
  using Batch = std::vector<CallRequest>;
  using Done = absl::AnyInvocable<void(Batch, absl::StatusOr<Answers>) &&>;

  // Sends the batch as one RPC. `done` has it back.
  virtual void Call(Channel& channel, Batch batch, const participant::Token& token,
                    absl::Duration deadline, Done done) = 0;

 private:
  void OnTaken();
  void SendWaiting(CallQueue& queue);
  void SendOne(CallQueue& queue, Batch batch);
  void OnEnded(CallQueue& queue, Batch batch, absl::StatusOr<Answers> answers);
  void OnAnswer(CallRequest& call, saga::v1::CommandResult& answer,
                std::vector<CallResult>& results, std::vector<CallRequest>& again);
  std::string Name() const { return traits_.name + " (" + traits_.target + ")"; }

  const ConnectionTraits traits_;
  const Clock& clock_;
  const Events events_;
  const std::unique_ptr<Channel> channel_;
  Claim claim_;
  CallQueue fresh_;
  // Calls that the participant is busy with: in a queue of their own, as slow calls must not hold
  // up the batches of quick ones.
  CallQueue busy_;
  // Not sent yet, as the participant must not be commanded yet: by when they end unsent.
  std::multimap<Mono, CallRequest> held_back_;
  // Answers that come when this is gone go nowhere.
  const std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

// `kMethod` takes a batch of commands and gives a result per command.
template <const auto& kMethod>
class BatchConnection final : public Connection {
 public:
  using Connection::Connection;

 private:
  using MethodT = std::remove_cvref_t<decltype(kMethod)>;

  void Call(Channel& channel, Batch batch, const participant::Token& token, absl::Duration deadline,
            Done done) override {
    typename MethodT::Request request;
    request.mutable_commands()->Reserve(static_cast<int>(batch.size()));
    for (const CallRequest& call : batch) {
      RowOf(call.command.call).build(call, token, *request.add_commands());
    }
    channel.Call(kMethod, request, deadline,
                 [batch = std::move(batch), done = std::move(done)](
                     absl::StatusOr<typename MethodT::Response> response) mutable {
                   if (!response.ok()) return std::move(done)(std::move(batch), response.status());
                   std::move(done)(std::move(batch), std::move(*response->mutable_results()));
                 });
  }
};

}  // namespace seatsaga::participants
