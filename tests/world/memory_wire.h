#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "common/wire/wire.h"
#include "tests/world/network.h"

namespace seatsaga::testing {

// One process on the network. Not thread-safe.
class MemoryWire final : public Wire {
 public:
  // `clock` is the process' own.
  MemoryWire(Network& network, const Clock& clock, std::shared_ptr<Life> life)
      : network_(network), clock_(clock), life_(std::move(life)) {}
  ~MemoryWire() override { network_.Close(life_->process, *this); }

  std::unique_ptr<Channel> Connect(const std::string& target) override;
  void ServeRaw(const MethodInfo& method, RawHandler handler) override;
  void ServeRawStream(const MethodInfo& method, const google::protobuf::Message& prototype,
                      RawStreamHandler handler) override;
  absl::Status Start() override;
  void SetServing(bool serving) override { serving_ = serving; }
  // Nothing that this process could still answer waits any more: does not move the clock.
  void Shutdown(absl::Duration drain) override;

  // A request has arrived.
  void Accept(const Network::CallPtr& call);
  const std::shared_ptr<Life>& life() const { return life_; }
  bool serving() const { return serving_; }
  bool shut_down() const { return shut_down_; }

 private:
  Network& network_;
  const Clock& clock_;
  const std::shared_ptr<Life> life_;
  std::map<std::string, std::function<void(const Network::CallPtr&)>> methods_;  // by path
  bool serving_ = false;
  bool shut_down_ = false;
};

// Connects `caller` to the process `target`.
class MemoryChannel final : public Channel {
 public:
  MemoryChannel(Network& network, std::shared_ptr<Life> caller, std::string target)
      : network_(network), caller_(std::move(caller)), target_(std::move(target)) {}

  void CallRaw(const MethodInfo& method, const google::protobuf::Message& request,
               absl::Duration deadline, google::protobuf::Message* response,
               absl::AnyInvocable<void(absl::Status) &&> done) override;

 private:
  Network& network_;
  const std::shared_ptr<Life> caller_;
  const std::string target_;
};

// Fills what a unary caller waits with: `response` from the one message, then `done`.
void ExpectAnswer(NetworkCall& call, google::protobuf::Message* response,
                  absl::AnyInvocable<void(absl::Status) &&> done);

}  // namespace seatsaga::testing
