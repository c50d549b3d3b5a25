#include "simulated_provider/simulated_provider.h"

#include <utility>

namespace seatsaga::payment {

absl::StatusOr<std::unique_ptr<SimulatedProvider>> SimulatedProvider::Open(
    const World& world, const SimulatedProviderOptions& options) {
  std::unique_ptr<SimulatedProvider> provider(new SimulatedProvider(world, options.latency));
  absl::StatusOr<std::unique_ptr<store::Store>> store =
      options.in_memory ? provider->memory_.Open(kProviderSchema)
                        : world.stores.Open(kProviderSchema);
  if (!store.ok()) return store.status();
  provider->store_ = *std::move(store);
  provider->loop_ = std::make_unique<Loop<ProviderIo>>(
      LoopWorld{.clock = world.clock, .random = world.random}, provider->store_->lane(),
      provider->logic_, nullptr);
  return provider;
}

}  // namespace seatsaga::payment
