#pragma once

#include "common/store/rows.h"

namespace seatsaga {

// Told by a loop what has become durable, before anybody is answered. Called on the loop's thread;
// must not block.
class CommitObserver {
 public:
  virtual ~CommitObserver() = default;
  // A batch is durable. `rows` holds what it wrote (Rows::ForEachWritten) and is valid during the
  // call.
  virtual void OnDurable(const store::Rows& rows) = 0;
  // A commit failed, perhaps in doubt, and the store works again: anything may have changed.
  virtual void OnReloaded() = 0;
};

}  // namespace seatsaga
