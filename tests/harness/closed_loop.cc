#include "tests/harness/closed_loop.h"

#include <utility>

#include "absl/time/clock.h"

namespace seatsaga::cluster {

ClosedLoop::ClosedLoop(Clients& clients, int client_count, NextRequest next)
    : clients_(clients), next_(std::move(next)) {
  for (int i = 0; i < client_count; ++i) threads_.emplace_back([this] { KeepReserving(); });
}

std::vector<LoadedReservation> ClosedLoop::Finish() {
  Join();
  return std::move(all_);
}

void ClosedLoop::KeepReserving() {
  while (!stopping_) {
    LoadedReservation made;
    {
      const std::scoped_lock lock(mutex_);
      made.request = next_();
    }
    made.sent = absl::Now();
    made.final_state = ReserveAndCount(clients_, made.request);
    made.ended = absl::Now();
    const std::scoped_lock lock(mutex_);
    all_.push_back(std::move(made));
    ++ended_;
  }
}

void ClosedLoop::Join() {
  stopping_ = true;
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

}  // namespace seatsaga::cluster
