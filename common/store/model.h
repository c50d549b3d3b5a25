#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "common/id.h"
#include "common/store/lane.h"

// Stores in memory, with the contract of the real ones, and with faults on demand. For tests, for
// simulations, and for measurements that must not measure a disk.
namespace seatsaga::store {

namespace internal {
class ModelStore;
class ModelLane;
class ModelSnapshot;
}  // namespace internal

// How a commit can be made to end.
enum class Ending : uint8_t {
  kNothing,
  kConflict,
  kFenced,
  kInDoubtApplied,  // in doubt, and all of it is stored
  kInDoubtLost,     // in doubt, and nothing of it is stored
};

// What goes wrong between one process and its stores. Thread-safe.
class ModelFaults {
 public:
  // The next `count` commits, after those of earlier calls, end like this without being tried.
  void EndNextCommits(Ending ending, int count = 1);

  // Without a connection reads find nothing, commits end kNothing, and loads and queries fail. A
  // batch that was reading when the connection broke cannot be committed afterwards. Answers that
  // are held become kInDoubt.
  void SetConnected(bool connected);

  // If true, commits from now on take effect at once, but their answers wait for DeliverOne.
  // Answers that wait when this is set to false keep waiting.
  void HoldAnswers(bool hold);
  // Delivers the oldest waiting answer, on this thread. False if none waits.
  bool DeliverOne();
  // Delivers all waiting answers, and those to commits that these cause.
  void DeliverAll();
  size_t waiting() const;

 private:
  friend class internal::ModelLane;
  friend class internal::ModelSnapshot;
  using Then = absl::AnyInvocable<void(CommitResult) &&>;
  struct Held {
    const Lane* lane;
    CommitResult result;
    Then then;
  };

  // How the next commit must end, if a fault is set.
  std::optional<Ending> TakeEnding();
  // Changes whenever the connection breaks; 0 while there is none.
  uint64_t connection() const;
  // Calls `then` now, or holds it.
  void Answer(const Lane* lane, CommitResult result, Then then);
  bool DeliverOneOf(const Lane* lane);
  void Drop(const Lane* lane);

  mutable std::mutex mutex_;
  std::deque<Ending> endings_;
  std::deque<Held> held_;
  bool hold_ = false;
  bool connected_ = true;
  uint64_t connection_ = 1;
};

// All stores of a world. They keep their contents when a Store is closed, so that a process which
// has crashed finds them again. Ids of stores are the same in every run.
//
// Thread-safe; for each Store see lane.h. This, and faults that were given, must outlive the stores
// that were opened.
class ModelStores final : public Stores {
 public:
  // For the only writer. FAILED_PRECONDITION while the store is open.
  absl::StatusOr<std::unique_ptr<Store>> Open(const Schema& schema) override;
  // For one of several writers. FAILED_PRECONDITION while the store has an only writer. Without
  // `faults`: faults().
  absl::StatusOr<std::unique_ptr<Store>> OpenShared(const Schema& schema,
                                                    ModelFaults* faults = nullptr);
  // Open, with faults of its own.
  absl::StatusOr<std::unique_ptr<Store>> OpenSole(const Schema& schema, ModelFaults& faults);

  // The faults of everything that was opened without its own.
  ModelFaults& faults() { return faults_; }

  // Commits that ended kConflict because another writer was faster.
  int64_t conflicts() const;

  // Makes `holder`, in `epoch`, the holder of the partition in this store: from now on a commit
  // whose fence claims the partition for another holder or epoch ends kFenced. Until the first call
  // for a partition, every claim to it is accepted.
  void SetOwner(std::string_view service, int partition, const Id& holder, uint64_t epoch);

 private:
  std::shared_ptr<internal::ModelStore> Named(std::string_view service);
  absl::StatusOr<std::unique_ptr<Store>> OpenAs(const Schema& schema, bool shared,
                                                ModelFaults& faults);

  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<internal::ModelStore>, std::less<>> stores_;
  ModelFaults faults_;
};

// World::stores of one process. It opens each store as the only writer, or as one of several.
class ModelProcess final : public Stores {
 public:
  enum class Writers : uint8_t { kOne, kSeveral };
  // `stores` must outlive this; this must outlive the stores that it opens.
  ModelProcess(ModelStores& stores, Writers writers) : stores_(stores), writers_(writers) {}

  absl::StatusOr<std::unique_ptr<Store>> Open(const Schema& schema) override {
    return writers_ == Writers::kOne ? stores_.OpenSole(schema, faults_)
                                     : stores_.OpenShared(schema, &faults_);
  }
  ModelFaults& faults() { return faults_; }

 private:
  ModelStores& stores_;
  const Writers writers_;
  ModelFaults faults_;
};

}  // namespace seatsaga::store
