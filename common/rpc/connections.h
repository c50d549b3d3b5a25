#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/clock.h"

// What clients' connections may cost, and which are cut when they cost more. gRPC 1.51 bounds
// little of this itself (docs/security.md).
namespace seatsaga {

// Bounds of what all connections of a server cost together, and of what one may cost. They are far
// above what a busy client needs, and what ends a connection is a client that keeps being above.
struct ConnectionLimits {
  // One more takes the place of the one that has been idle longest, or is closed if none is idle.
  int connections_max = 4096;

  // Unexplained bytes: those that gRPC has read and that no call has brought. What it is in the
  // middle of, and what is no call: headers without end, calls without end, calls reset before they
  // arrived. At any moment:
  size_t unexplained_max = 48 << 20;
  size_t unexplained_of_all_max = 64 << 20;
  // Those that are not explained within a second, as a request on its way is:
  size_t settled_max = 2 << 20;
  size_t settled_of_all_max = 4 << 20;

  // Answers that the client does not read, each with what a call costs besides.
  size_t unread_max = 32 << 20;
  size_t unread_of_all_max = 48 << 20;

  // Calls that ended before their answer could be sent: cancelled, or too late.
  int cancelled_per_s_max = 20'000;

  // When the process has grown by so much while bytes are unexplained or answers unread, those
  // connections go; at twice that also those that are so for the moment only, and those that have
  // made no call yet and have much to say.
  size_t growth_max = 24 << 20;

  // gRPC reads a connection until it is empty. When that keeps the I/O thread from everything else
  // for so long, the connection goes; a third of it is enough for a second after that.
  absl::Duration stall_max = absl::Milliseconds(150);

  // Only for a test that shows what happens without: connections are counted, and never cut.
  bool enforced = true;
};

// What one connection's calls have brought and cost so far. Thread-safe: calls count as they come,
// and the judge reads now and then.
class ConnectionCounts {
 public:
  // What a call's headers and frames take beyond its message.
  static constexpr size_t kCallBytes = 128;
  // The frame of a stream's message.
  static constexpr size_t kMessageBytes = 16;
  // What gRPC and we need for a call whose answer waits to be sent.
  static constexpr size_t kCallCost = 16 << 10;

  // A unary call has come, whole. It ends with its answer, sent or not.
  void CallArrived(size_t bytes) {
    Add(explained_, bytes + kCallBytes);
    Add(open_, 1);
  }
  void AnswerStarted(size_t bytes) { Add(unread_, bytes + kCallCost); }
  void AnswerEnded(size_t bytes, bool sent) {
    Subtract(unread_, bytes + kCallCost);
    Subtract(open_, 1);
    if (!sent) Add(cancelled_, 1);
  }
  // A stream has an order of its own for clients that do not read.
  void StreamArrived() { CallArrived(0); }
  void StreamMessageArrived(size_t bytes) { Add(explained_, bytes + kMessageBytes); }
  void StreamEnded() { Subtract(open_, 1); }

  uint64_t explained() const { return Get(explained_); }
  uint64_t unread() const { return Get(unread_); }
  uint64_t cancelled() const { return Get(cancelled_); }
  uint64_t open() const { return Get(open_); }

 private:
  using Count = std::atomic<uint64_t>;
  static void Add(Count& count, uint64_t more) { count.fetch_add(more, std::memory_order_relaxed); }
  static void Subtract(Count& count, uint64_t less) {
    count.fetch_sub(less, std::memory_order_relaxed);
  }
  static uint64_t Get(const Count& count) { return count.load(std::memory_order_relaxed); }

  Count explained_ = 0;
  Count unread_ = 0;
  Count cancelled_ = 0;
  Count open_ = 0;
};

// A number that changes all the time, and the least that it was in the last 250 to 500 ms.
class Settling {
 public:
  void Set(Mono now, uint64_t value);
  uint64_t now() const { return now_; }
  uint64_t settled() const { return std::min({now_, least_, least_before_}); }

 private:
  static constexpr absl::Duration kSpan = absl::Milliseconds(250);

  uint64_t now_ = 0;
  uint64_t least_ = 0;
  uint64_t least_before_ = 0;
  Mono span_end_ = Mono::InfinitePast();
};

// What is known of one connection when it is judged. Not thread-safe.
class ConnectionAccount {
 public:
  // Bytes that the system has seen.
  struct Traffic {
    uint64_t received = 0;  // and gRPC has read
    uint64_t waiting = 0;   // for gRPC to read
    uint64_t sent = 0;      // and the client has acknowledged
  };

  // Reads the counts. They must be read before the traffic, so that no byte is explained before it
  // is seen: call `counts`, read the traffic, call Update.
  void Read(const ConnectionCounts& counts);
  void Update(Mono now, const Traffic& traffic);

  // Bytes that no call has explained so far.
  uint64_t unexplained() const { return unexplained_; }
  // Those of them that gRPC had half a second to a second ago: calls explain bytes in the order in
  // which they came, so a client that sends large requests without a pause has none.
  uint64_t settled() const;
  // Those beyond what it has explained in about that time: a busy client has some on their way.
  uint64_t excess() const;
  const Settling& unread() const { return unread_; }
  uint64_t cancelled_per_s() const { return cancelled_per_s_; }
  // Bytes that gRPC has read since the last update.
  uint64_t read_now() const { return read_now_; }
  // Bytes that wait on a connection that has made no call yet.
  uint64_t strange() const { return counts_.explained == 0 ? traffic_.waiting : 0; }
  // Since when it has neither sent anything nor had a call open; infinite future if it is not idle.
  Mono idle_since() const { return idle_since_; }

 private:
  struct Counts {
    uint64_t explained = 0;
    uint64_t unread = 0;
    uint64_t cancelled = 0;
    uint64_t open = 0;
  };

  Counts counts_;
  uint64_t explained_before_ = 0;
  Traffic traffic_;
  struct Then {
    uint64_t unexplained = 0;
    uint64_t explained = 0;
  };

  uint64_t unexplained_ = 0;
  uint64_t explained_ = 0;  // since the start
  Then then_;
  Then before_then_;
  Mono then_end_ = Mono::InfinitePast();
  Settling unread_;
  uint64_t read_now_ = 0;
  uint64_t cancelled_before_ = 0;
  uint64_t cancelled_per_s_ = 0;
  Mono second_end_ = Mono::InfinitePast();
  Mono idle_since_ = Mono::InfiniteFuture();
};

// Why a connection was cut.
enum class CutReason : uint8_t { kUnexplained, kUnread, kCancelled, kMemory, kStall };
inline constexpr std::array kCutReasons = {CutReason::kUnexplained, CutReason::kUnread,
                                           CutReason::kCancelled, CutReason::kMemory,
                                           CutReason::kStall};
// "unexplained_bytes"; for the log.
std::string_view NameOf(CutReason reason);

struct Cut {
  size_t index;  // of the account
  CutReason reason;
};

// Decides which connections to cut. Not thread-safe.
class ConnectionJudge {
 public:
  explicit ConnectionJudge(const ConnectionLimits& limits) : limits_(limits) {}

  // How the process does.
  struct State {
    uint64_t memory = 0;       // in use
    absl::Duration stalled{};  // for how long gRPC has kept the I/O thread
  };
  // Every account is up to date. No account comes twice.
  std::vector<Cut> Judge(Mono now, const std::vector<const ConnectionAccount*>& accounts,
                         const State& state);

  // How much of a connection's could keep the I/O thread.
  static uint64_t Stalling(const ConnectionAccount& account);

 private:
  bool IsStall(Mono now, absl::Duration stalled);
  uint64_t Growth(Mono now, uint64_t suspect, uint64_t memory);

  const ConnectionLimits limits_;
  // Memory at the end of the second before last, unless something was suspect since.
  uint64_t memory_before_ = 0;
  uint64_t memory_then_ = 0;
  Mono second_end_ = Mono::InfinitePast();
  Mono stall_at_ = Mono::InfinitePast();  // the last one
};

}  // namespace seatsaga
