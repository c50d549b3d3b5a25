#include "common/node/node.h"

namespace seatsaga {

absl::Status NodeBase::Start() {
  if (absl::Status serving = world_.wire.Start(); !serving.ok()) return serving;
  for (internal::LoopBase* loop : loops_) {
    if (absl::Status started = loop->Start(world_.executor); !started.ok()) return started;
  }
  OnStarted();
  health_.Start();
  return absl::OkStatus();
}

void NodeBase::Stop(absl::Duration drain) {
  if (!health_.Stop()) return;
  OnStopping();
  for (internal::LoopBase* loop : loops_) loop->Stop();
  queries_.Stop();
  world_.wire.Shutdown(drain);
}

}  // namespace seatsaga
