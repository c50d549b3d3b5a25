#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "common/loop_host.h"

namespace seatsaga {

// A thread for one guest and nothing else.
class ThreadHost final : public LoopHost {
 public:
  ~ThreadHost() override { Join(); }

  void Attach(LoopGuest& guest) override;  // once
  void Detach(LoopGuest& guest) override;
  void Wake() override;

 private:
  void Run(LoopGuest& guest);
  // Returns false when the guest was detached.
  bool WaitUntil(absl::Time until);
  void Join();

  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace seatsaga
