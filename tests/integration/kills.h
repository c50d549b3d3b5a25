#pragma once

#include <atomic>
#include <functional>
#include <iterator>
#include <random>
#include <thread>
#include <vector>

#include "tests/integration/support.h"

// Clients that are at work while processes are killed.
namespace seatsaga::integration {

// Clients that take one job after the other. Starts at once. The destructor waits for the end.
class Load {
 public:
  // Calls `work(i, lost)` for each job; it adds the calls that were not answered to `lost`.
  Load(int clients, int jobs, const std::function<void(size_t, std::atomic<int>&)>& work)
      : jobs_(jobs) {
    for (int i = 0; i < clients; ++i) {
      threads_.emplace_back([this, work] {
        for (size_t next = taken_++; next < static_cast<size_t>(jobs_); next = taken_++) {
          work(next, lost_);
          ++ended_;
        }
      });
    }
  }
  ~Load() {
    for (std::thread& thread : threads_) thread.join();
  }

  int jobs() const { return jobs_; }
  int ended() const { return ended_; }
  int lost() const { return lost_; }

 private:
  const int jobs_;
  std::atomic<size_t> taken_ = 0;
  std::atomic<int> ended_ = 0;
  std::atomic<int> lost_ = 0;
  std::vector<std::thread> threads_;
};

// Mostly one; sometimes all four.
inline std::vector<Service> Victims(std::mt19937& random) {
  const size_t which = random() % (2 * std::size(cluster::kServices) + 1);
  if (which == 0) return {std::begin(cluster::kServices), std::end(cluster::kServices)};
  return {cluster::kServices[which % std::size(cluster::kServices)]};
}

// Kills processes until the load has ended, each time after at most so many more jobs; how often.
inline int KillWhile(TestCluster& cluster, const Load& load, int jobs_between_max,
                     std::mt19937& random) {
  int kills = 0;
  while (true) {
    const int moment =
        load.ended() + 1 + static_cast<int>(random() % static_cast<unsigned>(jobs_between_max));
    if (moment >= load.jobs()) return kills;
    REQUIRE(WaitUntil([&] { return load.ended() >= moment; }));
    for (const Service victim : Victims(random)) cluster->Kill(victim);
    for (const Service service : cluster::kServices) {
      if (cluster->process(service).Running()) continue;
      const absl::Status restarted = cluster->Start(service);
      INFO(cluster::ProgramOf(service) << ": " << restarted);
      REQUIRE(restarted.ok());
    }
    ++kills;
  }
}

}  // namespace seatsaga::integration
