#include "tests/world/network.h"

#include <algorithm>

#include "common/text.h"
#include "tests/world/memory_wire.h"

namespace seatsaga::testing {
namespace {

size_t Index(Leg leg) { return leg == Leg::kRequest ? 0 : 1; }

}  // namespace

void Network::Close(const std::string& process, const MemoryWire& wire) {
  const auto it = wires_.find(process);
  if (it != wires_.end() && it->second == &wire) wires_.erase(it);
}

void Network::EndCallsOf(const std::shared_ptr<Life>& life) {
  const auto open = open_;  // it changes meanwhile
  for (const auto& [number, call] : open) {
    if (call->server == life && !call->answered) {
      SendEnd(call, absl::UnavailableError("the server has shut down"));
    }
    if (call->caller == life) End(call, absl::CancelledError("this process shuts down"));
  }
}

void Network::Crash(const std::shared_ptr<Life>& life) {
  const auto open = open_;
  for (const auto& [number, call] : open) {
    if (call->caller == life) End(call, absl::CancelledError());
    const bool under_way =
        call->server == nullptr && call->to == life->process && !call->request_held;
    if (call->server != life && !under_way) continue;
    call->lost = call->answered = true;
    if (!weather_.NoticesCrash(*call)) continue;
    PostEnd(call, absl::UnavailableError(Cat(life->process, " has crashed")));
  }
}

void Network::Start(CallPtr call) {
  call->number = ++last_number_;
  call->to = weather_.ServerOf(call->to);
  calls.push_back({call->caller->process, call->to, call->method->descriptor->name()});
  open_.emplace(call->number, call);
  agenda_.PostAt(call->deadline, network_, [this, waiting = std::weak_ptr<NetworkCall>(call)] {
    if (const CallPtr late = waiting.lock()) {
      End(late, absl::DeadlineExceededError("no answer within the deadline"));
    }
  });
  Send(call, Leg::kRequest, [this, call] { Arrive(call); });
}

void Network::Arrive(const CallPtr& call) {
  if (call->lost) return;
  const auto it = wires_.find(call->to);
  if (it == wires_.end()) {
    return End(call, absl::UnavailableError(Cat("nobody serves at ", call->to)));
  }
  const std::shared_ptr<Life>& server = it->second->life();
  if (server->HoldsUp(clock_.Now())) {
    return agenda_.PostAt(server->paused_until, network_, [this, call] { Arrive(call); });
  }
  if (call->repeated) weather_.ArrivesAgain(*call);
  call->server = server;
  it->second->Accept(call);
}

void Network::SendMessage(const CallPtr& call, std::string bytes) {
  ++call->unread;
  Send(call, Leg::kAnswer, [call, bytes = std::move(bytes)] {
    --call->unread;
    if (!call->ended) call->on_message(bytes);
    TellRead(*call);
  });
}

void Network::TellRead(NetworkCall& call) {
  const bool over = call.answered || call.ended;
  if (!over && call.unread >= call.waits_below) return;
  auto tell = std::exchange(call.when_read, nullptr);
  if (tell && call.server->alive) std::move(tell)();
}

void Network::SendEnd(const CallPtr& call, absl::Status status) {
  if (std::exchange(call->answered, true)) return;
  Send(call, Leg::kAnswer,
       [this, call, status = std::move(status)]() mutable { End(call, std::move(status)); });
}

void Network::SendAnswer(const CallPtr& call, std::string bytes) {
  if (std::exchange(call->answered, true)) return;
  call->answer = std::move(bytes);
  Send(call, Leg::kAnswer, [this, call] {
    WhenRunning(call->caller, [this, call] {
      if (!call->ended) call->on_message(call->answer);
      End(call, absl::OkStatus());
    });
  });
}

void Network::WhenRunning(const std::shared_ptr<Life>& receiver, Event event) {
  if (!receiver->HoldsUp(clock_.Now())) return std::move(event)();
  agenda_.PostAt(receiver->paused_until, network_, std::move(event));
}

// The call's process lives, or was not there: what a crashed one sends goes nowhere.
void Network::Send(const CallPtr& call, Leg leg, Event arrive) {
  const std::shared_ptr<Life>& sender = leg == Leg::kRequest ? call->caller : call->server;
  if (!sender->alive) return;
  Link& link = links_[{call->caller->process, call->to}];
  if (int& drops = link.drops[Index(leg)]; drops > 0) {
    --drops;
    call->lost = call->answered = true;
    return PostEnd(call, absl::UnavailableError(Cat("the connection to ", call->to, " is lost")));
  }
  if (link.holding[Index(leg)]) {
    if (leg == Leg::kRequest) call->request_held = true;
    link.held.push_back(std::move(arrive));
    return;
  }
  if (call->broken) return;
  Fate fate = weather_.Of(*call, leg);
  switch (fate.kind) {
    case Fate::Kind::kVanishes:
      call->broken = leg == Leg::kAnswer;
      return;
    case Fate::Kind::kReset:
      call->lost = call->answered = true;
      return PostEnd(call, absl::UnavailableError(Cat("the connection to ", call->to, " broke")));
    case Fate::Kind::kArrives:
      break;
  }
  if (leg == Leg::kRequest && fate.again != absl::InfiniteDuration()) {
    agenda_.PostAt(clock_.Now() + fate.delay + fate.again, network_,
                   [this, again = CopyOf(*call)] { Arrive(again); });
  }
  if (leg == Leg::kAnswer) {
    fate.delay = std::max(fate.delay, call->last_arrival - clock_.Now());
    call->last_arrival = clock_.Now() + fate.delay;
  }
  if (fate.delay == absl::ZeroDuration()) return agenda_.Post(sender, std::move(arrive));
  // What is on the way arrives, whatever becomes of its sender.
  agenda_.PostAt(clock_.Now() + fate.delay, network_, std::move(arrive));
}

// The same request, whose answer interests nobody.
Network::CallPtr Network::CopyOf(const NetworkCall& call) {
  auto copy = std::make_shared<NetworkCall>();
  copy->caller = call.caller;
  copy->to = call.to;
  copy->method = call.method;
  copy->request = call.request;
  copy->deadline = call.deadline;
  copy->metadata = call.metadata;
  copy->repeated = true;
  copy->on_message = [](std::string_view) {};
  copy->on_end = [](absl::Status) {};
  return copy;
}

void Network::PostEnd(const CallPtr& call, absl::Status status) {
  agenda_.Post(network_, [this, call, status = std::move(status)]() mutable {
    End(call, std::move(status));
  });
}

// What the caller hears last, unless it has crashed.
void Network::End(const CallPtr& call, absl::Status status) {
  if (call->ended) return;
  if (call->caller->alive && call->caller->HoldsUp(clock_.Now())) {
    return agenda_.PostAt(
        call->caller->paused_until, network_,
        [this, call, status = std::move(status)]() mutable { End(call, std::move(status)); });
  }
  call->ended = true;
  open_.erase(call->number);
  auto on_end = std::move(call->on_end);
  if (call->caller->alive) std::move(on_end)(std::move(status));
  if (call->when_read) TellRead(*call);
}

void Network::Drop(const std::string& from, const std::string& to, Leg leg, int count) {
  links_[{from, to}].drops[Index(leg)] = count;
}

void Network::Hold(const std::string& from, const std::string& to, Leg leg) {
  links_[{from, to}].holding[Index(leg)] = true;
}

void Network::Release(const std::string& from, const std::string& to) {
  Link link = std::exchange(links_[{from, to}], Link());
  for (Event& event : link.held) agenda_.Post(network_, std::move(event));
}

}  // namespace seatsaga::testing
