#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bench/services.h"
#include "seatsaga/orchestrator/v1/orchestrator.pb.h"

// Sagas that are in flight when the servers are killed, and what becomes of them.
namespace seatsaga::bench {

// What a saga's history says about the time after a restart.
struct SagaAfter {
  bool completed = false;
  absl::Time moved;     // its first transition after the restart; InfiniteFuture if none
  absl::Time finished;  // its last transition
  int charges = 0;      // how often the step's action became known to be done, in the whole history
  int confirms = 0;
};
// Pure.
SagaAfter ReadHistory(const orchestrator::v1::Saga& saga, absl::Time restart);

// Makes `count` reservations without waiting for their end. Returns once the provider has every
// payment and answered none, so the provider must be slow.
absl::Status MakeInFlight(Services& services, const std::string& event_prefix, int count,
                          absl::Duration within);

// What became of all sagas.
struct AfterRestart {
  int sagas = 0;
  int completed = 0;
  int charged_once = 0;
  int confirmed_once = 0;
  absl::Duration moving;    // from the restart until the last saga had moved
  absl::Duration finished;  // from the restart until the last saga had ended
};

// Waits until nothing is in flight any more, then reads every saga's history: reading it earlier
// would slow the servers down. Tries again while servers do not answer yet.
absl::StatusOr<AfterRestart> AwaitFinished(Services& services, absl::Time restart,
                                           absl::Duration within);

}  // namespace seatsaga::bench
