#include "common/node/node.h"

namespace seatsaga {

absl::Status NodeBase::Start() {
  if (absl::Status serving = world_.wire.Start(); !serving.ok()) return serving;
  for (internal::LoopBase* loop : loops_) {
    if (absl::Status started = loop->Start(world_.executor); !started.ok()) return started;
  }
  OnStarted();
  world_.wire.SetServing(true);
  return absl::OkStatus();
}

void NodeBase::Stop(absl::Duration drain) {
  if (std::exchange(stopped_, true)) return;
  world_.wire.SetServing(false);
  OnStopping();
  for (internal::LoopBase* loop : loops_) loop->Stop();
  queries_.Stop();
  world_.wire.Shutdown(drain);
}

}  // namespace seatsaga
