#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <type_traits>

namespace seatsaga::simulation {

// Values that a process shares with those that it forks. Zero at first.
template <class T>
requires std::is_trivially_destructible_v<T>
class SharedMemory {
 public:
  explicit SharedMemory(size_t count) : count_(count) {
    void* const memory =
        mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    values_ = static_cast<T*>(memory);
    std::uninitialized_value_construct_n(values_, count);
  }
  ~SharedMemory() { munmap(values_, count_ * sizeof(T)); }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  T& operator[](size_t i) { return values_[i]; }
  std::span<T> all() { return {values_, count_}; }

 private:
  const size_t count_;
  T* values_ = nullptr;
};

}  // namespace seatsaga::simulation
