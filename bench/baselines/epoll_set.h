#pragma once

#include <vector>

#include "absl/time/time.h"

namespace seatsaga::bench {

// Waits for many file descriptors and the clock at once. Not thread-safe.
class EpollSet {
 public:
  EpollSet();
  ~EpollSet();
  EpollSet(const EpollSet&) = delete;
  EpollSet& operator=(const EpollSet&) = delete;

  // `tag` is what Wait returns when `file` can be read; not null. A closed file leaves by itself.
  void Add(int file, void* tag);

  // Waits until a file can be read, or until `wake`. Valid until the next call.
  const std::vector<void*>& Wait(absl::Time wake);

 private:
  const int epoll_;
  const int timer_;  // epoll's own timeout counts in milliseconds: too coarse for a wait of 50
  std::vector<void*> ready_;
};

}  // namespace seatsaga::bench
