#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "common/clock.h"
#include "common/rpc/connections.h"
#include "common/rpc/io_thread.h"
#include "common/rpc/listening_sockets.h"

struct epoll_event;

namespace seatsaga {

// Accepts a server's connections, has them handed to gRPC on the I/O thread, watches what they
// cost, and cuts those that cost too much. Its own thread runs no code of gRPC's, which may be busy
// with a flood for long. It keeps a duplicate of every descriptor, so that it can ask the system
// about the connection and shut it down; gRPC notices that as if the client had gone.
//
// On TCP, gRPC names a call's client by address and port, which tells the connection. All clients
// of a Unix socket have the same name, and the system counts none of their bytes: there the number
// of connections is bounded, and nothing else. They are the server's own user's.
class FrontDoor final : private Task {
 public:
  // Takes the descriptor. On the I/O thread.
  using Receiver = std::function<void(int fd)>;

  // `io` must run while connections are accepted.
  FrontDoor(ListeningSockets listener, const ConnectionLimits& limits, IoThread& io,
            Receiver receiver);
  FrontDoor(const FrontDoor&) = delete;
  FrontDoor& operator=(const FrontDoor&) = delete;
  ~FrontDoor() override { Stop(); }

  // FailedPrecondition, with what to do, if the process may not open enough descriptors.
  absl::Status Start();
  // Takes no more connections; watches those that are there. Idempotent, as Stop.
  void StopAccepting();
  void Stop();

  // The counts of the connection that gRPC names so; null if it is not known. Any thread.
  std::shared_ptr<ConnectionCounts> Find(std::string_view peer);
  int port() const { return port_; }

  // Since the start. Any thread.
  struct Totals {
    int64_t accepted = 0;
    int64_t refused = 0;   // more than the bound
    int64_t replaced = 0;  // idle, for a newer one
    int64_t cut = 0;
  };
  Totals totals() const;

 private:
  struct Live {
    Descriptor fd;     // the duplicate
    Descriptor given;  // gRPC's, until it is handed over
    Mono since;
    std::string peer;
    std::shared_ptr<ConnectionCounts> counts = std::make_shared<ConnectionCounts>();
    ConnectionAccount account{};
  };
  using Lives = std::map<int, Live>;  // by the duplicate

  // Log lines of one kind: one per second.
  struct LogRate {
    Mono next = Mono::InfinitePast();
    bool Say(Mono now);
  };

  void Run();
  void Handle(std::span<const epoll_event> events);
  void Wake();
  int NextWait(Mono now) const;
  void Accept(int listening);
  void Admit(Mono now);
  void HandOver(Live& live);
  void Refuse(int listening);
  void Suspect(Mono now, const Live& live);
  void Take(Descriptor fd);
  bool MakeRoom(Mono now);
  void Cut(Live& live);
  void End(Lives::iterator it);
  void Remove(Lives::iterator it);
  absl::Duration Sweep(Mono now);
  void Judge(Mono now);
  void LogExhaustion(Mono now);
  void LogCut(Mono now, const Live& live, CutReason reason);

  // On the I/O thread.
  Mono PrepareWait() override;
  void EndWait() override {}
  void RunDue() override;

  absl::Duration Stalled(Mono now);

  ConnectionLimits limits_;
  IoThread& io_;
  const Receiver receiver_;
  const int port_;
  std::unique_ptr<ListeningSockets> listener_;
  Descriptor poll_;
  Descriptor wake_;
  Descriptor reserve_;  // given up for a moment when no other descriptor is left
  std::atomic<bool> accepting_ = true;
  std::atomic<bool> stopping_ = false;

  // The thread's own.
  Lives lives_;
  ConnectionJudge judge_;
  Mono next_sweep_ = Mono::InfinitePast();
  uint64_t received_ = 0;  // by all, at the last sweep
  uint64_t events_ = 0;    // of the I/O thread, at the last sweep
  Mono moved_at_ = Mono::InfinitePast();
  Mono cut_at_ = Mono::InfinitePast();         // the last one
  std::deque<int> newcomers_;                  // not handed over yet
  absl::flat_hash_set<std::string> suspects_;  // hosts of which one was cut lately
  Mono hand_over_at_ = Mono::InfinitePast();
  absl::Duration between_newcomers_;
  std::array<LogRate, kCutReasons.size()> cuts_said_;
  LogRate refusals_said_;
  LogRate exhaustion_said_;

  std::mutex mutex_;
  std::vector<Descriptor> accepted_fds_;  // to be handed over
  std::atomic<bool> handing_over_ = false;
  absl::flat_hash_map<std::string, std::shared_ptr<ConnectionCounts>> by_peer_;

  std::atomic<int64_t> accepted_ = 0;
  std::atomic<int64_t> refused_ = 0;
  std::atomic<int64_t> replaced_ = 0;
  std::atomic<int64_t> cut_ = 0;
  std::thread thread_;
};

}  // namespace seatsaga
