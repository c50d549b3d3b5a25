#pragma once

#include "absl/time/time.h"

// Who runs a batch loop's turns: a thread of its own, or one that does other work between them.
namespace seatsaga {

// What a host runs. Called by the host's thread only, in this order, again and again.
class LoopGuest {
 public:
  virtual ~LoopGuest() = default;
  // Before the host waits: when a turn is due even if nothing arrives; InfinitePast for at once.
  // From here on an arrival calls LoopHost::Wake.
  virtual absl::Time PrepareWait() = 0;
  // The wait is over: arrivals need not wake the host any more.
  virtual void EndWait() = 0;
  // Takes a turn if something has arrived or the time has come.
  virtual void RunDue() = 0;
};

class LoopHost {
 public:
  virtual ~LoopHost() = default;
  // Runs `guest` from now on. Any thread, but not from inside a turn.
  virtual void Attach(LoopGuest& guest) = 0;
  // When it returns, `guest` is not running and will not be run again. Any thread, but not from
  // inside a turn.
  virtual void Detach(LoopGuest& guest) = 0;
  // Ends the host's present or next wait. Any thread.
  virtual void Wake() = 0;
};

}  // namespace seatsaga
