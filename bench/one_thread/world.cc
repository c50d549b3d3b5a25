#include "bench/one_thread/world.h"

#include <algorithm>

#include "bench/one_thread/must.h"
#include "common/sqlite/lane.h"
#include "common/store/model.h"
#include "common/text.h"

namespace seatsaga::bench {
namespace {

// A call in progress; frees itself when it was answered. Whatever is measured here must succeed.
class Call final : public ServerCall {
 public:
  Call(std::string request, Mono arrival, absl::AnyInvocable<void(std::string) &&> answer)
      : request_(std::move(request)), arrival_(arrival), answer_(std::move(answer)) {}

  bool ParseRequest(google::protobuf::Message& request) override {
    if (!request.ParseFromString(request_)) Die("a request cannot be parsed");
    return true;
  }
  void Finish(const google::protobuf::Message& response) override {
    std::move(answer_)(response.SerializeAsString());
    delete this;
  }
  void Fail(const absl::Status& status) override { Die(status.ToString()); }
  Mono arrival() const override { return arrival_; }
  Mono deadline() const override { return arrival_ + absl::Seconds(30); }
  std::string peer() const override { return ""; }
  std::string metadata(std::string_view) const override { return ""; }

 private:
  const std::string request_;
  const Mono arrival_;
  absl::AnyInvocable<void(std::string) &&> answer_;
};

class InTurn final : public Worker {
 public:
  bool full() const override { return false; }
  void Post(absl::AnyInvocable<void() &&> job) override { std::move(job)(); }
  void Stop() override {}
};

}  // namespace

// Another process, as this one sees it.
class Process::ToProcess final : public Channel {
 public:
  ToProcess(Process& from, Process& to) : from_(from), to_(to) {}

  void CallRaw(const MethodInfo& method, const google::protobuf::Message& request, absl::Duration,
               google::protobuf::Message* response,
               absl::AnyInvocable<void(absl::Status) &&> done) override {
    auto answer = [this, response, done = std::move(done)](std::string bytes) mutable {
      from_.Post([response, bytes = std::move(bytes), done = std::move(done)]() mutable {
        if (!response->ParseFromString(bytes)) Die("an answer cannot be parsed");
        std::move(done)(absl::OkStatus());
      });
    };
    to_.Deliver(method.path, request.SerializeAsString(), std::move(answer));
  }

 private:
  Process& from_;
  Process& to_;
};

Process::Process(OneThread& all, std::string name)
    : all_(all), name_(std::move(name)), stores_(all.MakeStores()) {}

Process::~Process() = default;

World Process::world() {
  return {.clock = *this,
          .executor = *this,
          .wire = *this,
          .stores = *stores_,
          .make_worker = [] { return std::make_unique<InTurn>(); },
          .random = [this] { return all_.NextRandom(); },
          .stop = [] { Die("a process was told to stop"); }};
}

void Process::Turn() {
  for (auto& arrival : std::exchange(arrivals_, {})) std::move(arrival)();
  for (Task* task : std::vector<Task*>(tasks_)) {
    task->PrepareWait();
    task->EndWait();
    task->RunDue();
  }
}

bool Process::HasWork() const {
  return !arrivals_.empty() || std::any_of(tasks_.begin(), tasks_.end(), [this](Task* task) {
    const bool due = task->PrepareWait() <= Now();
    task->EndWait();
    return due;
  });
}

void Process::Deliver(const std::string& path, std::string request,
                      absl::AnyInvocable<void(std::string) &&> answer) {
  Post([this, &path, request = std::move(request), answer = std::move(answer)]() mutable {
    const auto method = std::find_if(methods_.begin(), methods_.end(),
                                     [&](const auto& known) { return known.first == path; });
    if (method == methods_.end()) Die(Cat(name_, " does not serve ", path));
    method->second(new Call(std::move(request), Now(), std::move(answer)));
  });
}

std::unique_ptr<Channel> Process::Connect(const std::string& target) {
  return std::make_unique<ToProcess>(*this, all_.process(target));
}

void Process::ServeRaw(const MethodInfo& method, RawHandler handler) {
  methods_.emplace_back(method.path, std::move(handler));
}

absl::Time Process::Wall() const { return all_.wall(); }
Mono Process::Now() const { return Mono() + all_.elapsed(); }

std::unique_ptr<store::Stores> OneThread::MakeStores() const {
  if (!on_disk_) return std::make_unique<store::ModelStores>();
  return std::make_unique<sqlite::SqliteStores>(
      [folder = folder_](std::string_view service) { return Cat(folder, "/", service, ".db"); });
}

Process& OneThread::process(const std::string& name) {
  const auto known = std::find_if(processes_.begin(), processes_.end(),
                                  [&](const auto& process) { return process.first == name; });
  if (known != processes_.end()) return *known->second;
  processes_.emplace_back(name, std::make_unique<Process>(*this, name));
  return *processes_.back().second;
}

}  // namespace seatsaga::bench
