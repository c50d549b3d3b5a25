#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cluster/clients.h"
#include "cluster/stories.h"

namespace seatsaga::cluster {

// One reservation of a load, from its first call to its end.
struct LoadedReservation {
  reservation::v1::CreateReservationRequest request;
  absl::Time sent;
  absl::Time ended;
  absl::StatusOr<FinalState> final_state;

  // Whether a client waited for it at that time.
  bool OpenAt(absl::Time time) const { return sent <= time && time < ended; }
};

// Careful clients that make one reservation after the other, each as soon as the one before has its
// final state, through whatever the servers go through meanwhile.
class ClosedLoop {
 public:
  using NextRequest = std::function<reservation::v1::CreateReservationRequest()>;

  // Starts `client_count` clients. `next` is called by one of them at a time. `clients` must
  // outlive the loop.
  ClosedLoop(Clients& clients, int client_count, NextRequest next);
  ClosedLoop(const ClosedLoop&) = delete;
  ClosedLoop& operator=(const ClosedLoop&) = delete;
  ~ClosedLoop() { Join(); }

  // Reservations that have ended so far. Any thread.
  int64_t ended() const { return ended_; }
  // Makes no further reservations, waits for the end of those under way, and returns all. Once.
  std::vector<LoadedReservation> Finish();

 private:
  void KeepReserving();
  void Join();

  Clients& clients_;
  const NextRequest next_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int64_t> ended_ = 0;
  std::mutex mutex_;
  std::vector<LoadedReservation> all_;
  std::vector<std::thread> threads_;
};

}  // namespace seatsaga::cluster
