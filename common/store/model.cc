#include "common/store/model.h"

#include <algorithm>

#include "common/store/model_store.h"

namespace seatsaga::store {

// --- Faults

void ModelFaults::EndNextCommits(Ending ending, int count) {
  const std::lock_guard lock(mutex_);
  endings_.insert(endings_.end(), static_cast<size_t>(count), ending);
}

void ModelFaults::SetConnected(bool connected) {
  const std::lock_guard lock(mutex_);
  if (connected_ && !connected) ++connection_;
  connected_ = connected;
  if (connected) return;
  for (Held& held : held_) {
    held.result = {Committed::kInDoubt, absl::UnavailableError("the connection broke")};
  }
}

void ModelFaults::HoldAnswers(bool hold) {
  const std::lock_guard lock(mutex_);
  hold_ = hold;
}

bool ModelFaults::DeliverOne() { return DeliverOneOf(nullptr); }

void ModelFaults::DeliverAll() {
  while (DeliverOne()) {
  }
}

size_t ModelFaults::waiting() const {
  const std::lock_guard lock(mutex_);
  return held_.size();
}

std::optional<Ending> ModelFaults::TakeEnding() {
  const std::lock_guard lock(mutex_);
  if (endings_.empty()) return std::nullopt;
  const Ending ending = endings_.front();
  endings_.pop_front();
  return ending;
}

uint64_t ModelFaults::connection() const {
  const std::lock_guard lock(mutex_);
  return connected_ ? connection_ : 0;
}

void ModelFaults::Answer(const Lane* lane, CommitResult result, Then then) {
  {
    const std::lock_guard lock(mutex_);
    if (hold_) {
      held_.push_back({lane, std::move(result), std::move(then)});
      return;
    }
  }
  std::move(then)(std::move(result));
}

bool ModelFaults::DeliverOneOf(const Lane* lane) {
  std::unique_lock lock(mutex_);
  const auto it = std::find_if(held_.begin(), held_.end(), [&](const Held& held) {
    return lane == nullptr || held.lane == lane;
  });
  if (it == held_.end()) return false;
  Held held = std::move(*it);
  held_.erase(it);
  lock.unlock();
  std::move(held.then)(std::move(held.result));
  return true;
}

void ModelFaults::Drop(const Lane* lane) {
  const std::lock_guard lock(mutex_);
  std::erase_if(held_, [&](const Held& held) { return held.lane == lane; });
}

// --- Stores

std::shared_ptr<internal::ModelStore> ModelStores::Named(std::string_view service) {
  const std::lock_guard lock(mutex_);
  auto it = stores_.find(service);
  if (it == stores_.end()) {
    it = stores_.emplace(service, std::make_shared<internal::ModelStore>(service)).first;
  }
  return it->second;
}

absl::StatusOr<std::unique_ptr<Store>> ModelStores::OpenAs(const Schema& schema, bool shared,
                                                           ModelFaults& faults) {
  auto store = Named(schema.service);
  absl::StatusOr<Identity> identity = store->Open(schema, shared);
  if (!identity.ok()) return identity.status();
  return std::make_unique<internal::OpenModelStore>(std::move(store), *identity, faults, shared);
}

absl::StatusOr<std::unique_ptr<Store>> ModelStores::Open(const Schema& schema) {
  return OpenAs(schema, false, faults_);
}

absl::StatusOr<std::unique_ptr<Store>> ModelStores::OpenSole(const Schema& schema,
                                                             ModelFaults& faults) {
  return OpenAs(schema, false, faults);
}

absl::StatusOr<std::unique_ptr<Store>> ModelStores::OpenShared(const Schema& schema,
                                                               ModelFaults* faults) {
  return OpenAs(schema, true, faults == nullptr ? faults_ : *faults);
}

int64_t ModelStores::conflicts() const {
  const std::lock_guard lock(mutex_);
  int64_t conflicts = 0;
  for (const auto& [service, store] : stores_) conflicts += store->conflicts();
  return conflicts;
}

void ModelStores::SetOwner(std::string_view service, int partition, const Id& holder,
                           uint64_t epoch) {
  Named(service)->SetOwner(partition, holder, epoch);
}

}  // namespace seatsaga::store
