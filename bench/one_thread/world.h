#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "common/node/world.h"
#include "common/random.h"

// The four services' nodes in one thread, for measurements that must repeat exactly: bytes travel
// through mailboxes, and each process does its work when it is told to, so that what it costs can
// be counted where it falls. Stores are on SQLite, in a folder.
namespace seatsaga::bench {

class OneThread;

// One process: its executor, its wire, its clock.
class Process final : public Executor, public Wire, public Clock {
 public:
  Process(OneThread& all, std::string name);
  ~Process() override;

  World world();
  // The I/O thread's part, then the loops': takes in what has arrived, and lets each loop take one
  // turn.
  void Turn();
  // Whether anything has arrived, or is due.
  bool HasWork() const;
  void Post(absl::AnyInvocable<void() &&> arrival) { arrivals_.push_back(std::move(arrival)); }
  // Hands bytes to the method `path`; `answer` takes the answer's.
  void Deliver(const std::string& path, std::string request,
               absl::AnyInvocable<void(std::string) &&> answer);

  // Executor
  void Attach(Task& task) override { tasks_.push_back(&task); }
  void Detach(Task& task) override { std::erase(tasks_, &task); }
  void Wake() override {}
  // Wire
  std::unique_ptr<Channel> Connect(const std::string& target) override;
  void ServeRaw(const MethodInfo& method, RawHandler handler) override;
  void ServeRawStream(const MethodInfo&, const google::protobuf::Message&,
                      RawStreamHandler) override {}
  absl::Status Start() override { return absl::OkStatus(); }
  void SetServing(bool) override {}
  void Shutdown(absl::Duration) override {}
  // Clock
  absl::Time Wall() const override;
  Mono Now() const override;

 private:
  class ToProcess;

  OneThread& all_;
  const std::string name_;
  std::unique_ptr<store::Stores> stores_;
  std::vector<Task*> tasks_;
  std::vector<std::pair<std::string, RawHandler>> methods_;
  std::vector<absl::AnyInvocable<void() &&>> arrivals_;
};

class OneThread {
 public:
  // Stores go to `folder`, whose path should have the same length in every run; or stay in memory.
  OneThread(std::string folder, bool on_disk) : folder_(std::move(folder)), on_disk_(on_disk) {}

  // The process of this name; made when it is first asked for.
  Process& process(const std::string& name);
  void Advance(absl::Duration by) { elapsed_ += by; }
  absl::Time wall() const { return absl::FromUnixSeconds(1'800'000'000) + elapsed_; }
  absl::Duration elapsed() const { return elapsed_; }
  std::unique_ptr<store::Stores> MakeStores() const;
  uint64_t NextRandom() { return random_.Next(); }

 private:
  const std::string folder_;
  const bool on_disk_;
  absl::Duration elapsed_ = absl::Seconds(1);
  Random random_{1};
  std::vector<std::pair<std::string, std::unique_ptr<Process>>> processes_;
};

}  // namespace seatsaga::bench
