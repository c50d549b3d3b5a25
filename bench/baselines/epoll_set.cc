#include "bench/baselines/epoll_set.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/time/clock.h"

namespace seatsaga::bench {
namespace {

constexpr size_t kEventsMax = 512;

// All zeros would disarm the timer: what is already due comes at once.
timespec TimeFromNow(absl::Time wake) {
  return absl::ToTimespec(std::max(wake - absl::Now(), absl::Nanoseconds(1)));
}

}  // namespace

EpollSet::EpollSet()
    : epoll_(epoll_create1(EPOLL_CLOEXEC)),
      timer_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) {
  Add(timer_, nullptr);
}

EpollSet::~EpollSet() {
  close(timer_);
  close(epoll_);
}

void EpollSet::Add(int file, void* tag) {
  epoll_event event{.events = EPOLLIN, .data = {.ptr = tag}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, file, &event);
}

const std::vector<void*>& EpollSet::Wait(absl::Time wake) {
  const itimerspec timeout{.it_interval = {}, .it_value = TimeFromNow(wake)};
  timerfd_settime(timer_, 0, &timeout, nullptr);  // also forgets an earlier expiry
  std::array<epoll_event, kEventsMax> events;
  const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
  ready_.clear();
  for (int i = 0; i < count; ++i) {
    void* tag = events[static_cast<size_t>(i)].data.ptr;
    if (tag != nullptr) ready_.push_back(tag);
  }
  return ready_;
}

}  // namespace seatsaga::bench
