#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "common/clock.h"
#include "common/wire/method.h"
#include "tests/world/agenda.h"
#include "tests/world/test_world.h"

namespace seatsaga::testing {

class MemoryWire;

// One call under way, unary or streaming: a unary one is answered with one message, then its end.
struct NetworkCall {
  // The caller's side, which hears nothing more once it has `ended`.
  std::shared_ptr<Life> caller;
  std::string to;
  const MethodInfo* method = nullptr;
  std::string request;
  Mono deadline;
  std::map<std::string, std::string> metadata;
  absl::AnyInvocable<void(std::string_view)> on_message;
  absl::AnyInvocable<void(absl::Status) &&> on_end;
  bool ended = false;

  // The server's side; null until the request has arrived.
  std::shared_ptr<Life> server;
  bool answered = false;                     // its end has been sent
  std::string answer;                        // of a unary call that succeeded
  int unread = 0;                            // messages that were sent and have not arrived
  Mono last_arrival = Mono::InfinitePast();  // of a stream's messages, which stay in order
  bool broken = false;                       // one vanished, and so will those behind it
  // What the server of a stream waits for: that fewer are unread, or that the stream is over.
  int waits_below = 0;
  absl::AnyInvocable<void() &&> when_read;

  uint64_t number = 0;
  bool request_held = false;
  bool lost = false;      // the request goes to a process that has crashed
  bool repeated = false;  // it arrives once more, and its answer interests nobody

  bool awaited() const { return !ended && !repeated; }
};

// What becomes of one message.
struct Fate {
  enum class Kind {
    kArrives,
    kReset,     // the connection breaks: the caller hears UNAVAILABLE
    kVanishes,  // nobody hears anything: the caller's deadline tells
  };
  Kind kind = Kind::kArrives;
  absl::Duration delay = absl::ZeroDuration();
  // A request that arrives once more, so much later; the second answer goes nowhere.
  absl::Duration again = absl::InfiniteDuration();
};

// What the network does by itself. By default every message arrives at once.
class Weather {
 public:
  virtual ~Weather() = default;
  virtual Fate Of(const NetworkCall& /*call*/, Leg /*leg*/) { return {}; }
  // Which process answers a call to this target.
  virtual std::string ServerOf(const std::string& target) { return target; }
  // Whether the caller finds out that the server of its call has crashed.
  virtual bool NoticesCrash(const NetworkCall& /*call*/) { return true; }
  // A request arrives once more.
  virtual void ArrivesAgain(const NetworkCall& /*call*/) {}
};

// Carries the calls between processes, and loses or holds them on demand. Not thread-safe.
class Network {
 public:
  using CallPtr = std::shared_ptr<NetworkCall>;

  Network(const Clock& clock, Agenda& agenda, Weather& weather)
      : clock_(clock), agenda_(agenda), weather_(weather) {}

  // --- Wires
  void Open(const std::string& process, MemoryWire& wire) { wires_[process] = &wire; }
  void Close(const std::string& process, const MemoryWire& wire);
  // Calls that `life` has not answered end UNAVAILABLE; those that it made end CANCELLED, before
  // this returns.
  void EndCallsOf(const std::shared_ptr<Life>& life);
  // Nobody hears of `life` any more, and callers find out.
  void Crash(const std::shared_ptr<Life>& life);

  // --- Calls
  void Start(CallPtr call);
  void SendMessage(const CallPtr& call, std::string bytes);
  // Calls when_read if it is time. Not once the server has crashed.
  static void TellRead(NetworkCall& call);
  void SendEnd(const CallPtr& call, absl::Status status);
  // The end of a unary call that succeeded.
  void SendAnswer(const CallPtr& call, std::string bytes);
  // The caller gives up.
  void Cancel(const CallPtr& call) { End(call, absl::CancelledError()); }
  Mono now() const { return clock_.Now(); }

  // --- Trouble
  void Drop(const std::string& from, const std::string& to, Leg leg, int count);
  void Hold(const std::string& from, const std::string& to, Leg leg);
  void Release(const std::string& from, const std::string& to);

  std::vector<CallRecord> calls;

 private:
  using Event = Agenda::Event;
  struct Link {
    std::array<int, 2> drops{};     // by Leg
    std::array<bool, 2> holding{};  // by Leg
    std::deque<Event> held;
  };

  void Send(const CallPtr& call, Leg leg, Event arrive);
  // At once, or when the receiver goes on after a pause.
  void WhenRunning(const std::shared_ptr<Life>& receiver, Event event);
  static CallPtr CopyOf(const NetworkCall& call);
  void Arrive(const CallPtr& call);
  void End(const CallPtr& call, absl::Status status);
  void PostEnd(const CallPtr& call, absl::Status status);

  const Clock& clock_;
  Agenda& agenda_;
  Weather& weather_;
  // The network's own: what is on the way survives its sender.
  const std::shared_ptr<Life> network_ = std::make_shared<Life>();
  std::map<std::string, MemoryWire*> wires_;
  std::map<std::pair<std::string, std::string>, Link> links_;
  std::map<uint64_t, CallPtr> open_;  // whose callers wait
  uint64_t last_number_ = 0;
};

}  // namespace seatsaga::testing
