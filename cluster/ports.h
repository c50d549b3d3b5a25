#pragma once

#include "absl/status/statusor.h"

namespace seatsaga::cluster {

// Some TCP ports of 127.0.0.1 in a row that nobody uses, and that no other PortBlock of this
// machine takes while this one lives: so a server that is down finds its port free when it comes
// back. They lie below the range that the system hands out for outgoing connections. Not
// thread-safe.
class PortBlock {
 public:
  static constexpr int kSize = 4;

  // ResourceExhausted if all are taken.
  static absl::StatusOr<PortBlock> Take();

  PortBlock(PortBlock&& other) noexcept;
  PortBlock& operator=(PortBlock&& other) noexcept;
  ~PortBlock();

  int base() const { return base_; }

 private:
  PortBlock(int base, int lock) : base_(base), lock_(lock) {}

  int base_;
  int lock_;  // a socket whose abstract name only one process can have
};

}  // namespace seatsaga::cluster
