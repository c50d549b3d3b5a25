#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "common/store/lane.h"
#include "common/store/model.h"
#include "common/store/model_table.h"

namespace seatsaga::store::internal {

// One store of a ModelStores, shared by all that have it open. Thread-safe: its mutex guards
// everything, and is held while rows are visited.
class ModelStore {
 public:
  explicit ModelStore(std::string_view service);

  absl::StatusOr<Identity> Open(const Schema& schema, bool shared);
  void Close();
  void SetOwner(int partition, const Id& holder, uint64_t epoch);

  // Pins the present state until Release.
  Moment Pin();
  void Release(Moment pinned);

  // Null if no schema has it.
  ModelTable* Find(const TableInfo& table);

  // What a batch has read: all rows whose key in an index begins with these bytes.
  struct Range {
    const ModelTable* table;
    int index;
    std::string prefix;
  };
  // `seen` is the state that the batch was decided on; kNewest if nobody else writes.
  CommitResult Commit(const Fence* fence, const std::vector<Range>& read, Moment seen,
                      const Rows& rows);

  int64_t conflicts() const;

  std::recursive_mutex& mutex() { return mutex_; }

 private:
  bool IsFenced(const Fence& fence) const;
  CommitResult Write(const Rows& rows, Moment seen);
  absl::Status WriteTable(const TableRows& rows, Moment seen, bool& conflict);
  void Collect();

  struct Owner {
    Id holder;
    uint64_t epoch = 0;
  };

  mutable std::recursive_mutex mutex_;
  const std::string service_;
  Identity identity_;
  int open_ = 0;
  bool shared_ = false;  // of those that have it open
  std::array<std::optional<Owner>, kPartitions> owners_;
  std::vector<std::unique_ptr<ModelTable>> tables_;  // a handful
  Moment now_ = 0;
  int64_t conflicts_ = 0;
  std::multiset<Moment> pinned_;
};

// The state that was pinned.
class ModelSnapshot final : public Snapshot {
 public:
  ModelSnapshot(ModelStore& store, const ModelFaults& faults);
  ~ModelSnapshot() override { store_.Release(moment_); }
  ModelSnapshot(const ModelSnapshot&) = delete;
  ModelSnapshot& operator=(const ModelSnapshot&) = delete;

  void Visit(const Scan& scan, absl::FunctionRef<bool(const RowView&)> visit) override;
  void Visit(const Query& query, std::span<const Value> arguments,
             absl::FunctionRef<bool(const RowView&)> visit) override;
  absl::Status status() const override { return status_; }

 private:
  bool Check();

  ModelStore& store_;
  const ModelFaults& faults_;
  const uint64_t connection_;
  const Moment moment_;
  absl::Status status_;
};

class ModelLane final : public Lane {
 public:
  ModelLane(ModelStore& store, ModelFaults& faults, bool shared)
      : store_(store), faults_(faults), shared_(shared) {}
  ~ModelLane() override;

  void Read(Rows& rows, absl::AnyInvocable<void() &&> then) override;
  void Commit(const Fence* fence, Rows& rows,
              absl::AnyInvocable<void(CommitResult) &&> then) override;
  void Abandon() override { EndBatch(); }
  void Finish() override;
  absl::Status Load(absl::FunctionRef<absl::Status(Snapshot&)> load) override;
  bool shared() const override { return shared_; }

 private:
  void BeginBatch();
  void ReadTable(TableRows& rows);
  CommitResult End(const Fence* fence, const Rows& rows);
  void EndBatch();

  ModelStore& store_;
  ModelFaults& faults_;
  const bool shared_;
  // The batch's.
  bool reading_ = false;
  uint64_t connection_ = 0;
  Moment seen_ = kNewest;
  std::vector<ModelStore::Range> read_;
  absl::Status error_;
};

// A store that is open.
class OpenModelStore final : public Store {
 public:
  OpenModelStore(std::shared_ptr<ModelStore> store, Identity identity, ModelFaults& faults,
                 bool shared)
      : store_(std::move(store)),
        identity_(identity),
        faults_(faults),
        lane_(*store_, faults, shared) {}
  ~OpenModelStore() override { store_->Close(); }

  Lane& lane() override { return lane_; }
  absl::Status Query(absl::FunctionRef<void(Snapshot&)> query) override;
  const Identity& identity() const override { return identity_; }
  absl::Status Adopt() override { return absl::OkStatus(); }  // never a copy

 private:
  const std::shared_ptr<ModelStore> store_;
  const Identity identity_;
  const ModelFaults& faults_;
  ModelLane lane_;
};

}  // namespace seatsaga::store::internal
