#include "tests/world/faulty_stores.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace seatsaga::testing {
namespace {

using store::CommitResult;
using store::Committed;

bool WritesNothing(const store::Rows& rows) {
  return std::all_of(rows.tables().begin(), rows.tables().end(),
                     [](const auto& table) { return table->TakeWrites().empty(); });
}

class FaultyLane final : public store::Lane {
 public:
  using Then = absl::AnyInvocable<void(CommitResult) &&>;

  FaultyLane(store::Lane& lane, std::string service, CommitFaults& faults, Agenda& agenda,
             const Clock& clock, std::shared_ptr<Life> life)
      : lane_(lane),
        service_(std::move(service)),
        faults_(faults),
        agenda_(agenda),
        clock_(clock),
        life_(std::move(life)) {}
  ~FaultyLane() override { late_->reset(); }

  void Read(store::Rows& rows, absl::AnyInvocable<void() &&> then) override {
    if (life_->alive) return lane_.Read(rows, std::move(then));
    for (const auto& table : rows.tables()) table->wanted.clear();
    rows.NothingWanted();
    std::move(then)();  // finds nothing; the commit will say why
  }
  void Commit(const store::Fence* fence, store::Rows& rows, Then then) override {
    if (faults_.delay == nullptr || !life_->alive) return CommitNow(fence, rows, std::move(then));
    late_->emplace(Late{fence, &rows, std::move(then)});
    agenda_.PostAt(clock_.Now() + faults_.delay(), life_, [this, late = late_] {
      if (late->has_value()) CommitLate();
    });
  }
  void Abandon() override {
    if (life_->alive) lane_.Abandon();
  }
  void Finish() override {
    if (late_->has_value()) CommitLate();
    if (life_->alive) lane_.Finish();
  }
  absl::Status Load(absl::FunctionRef<absl::Status(store::Snapshot&)> load) override {
    return life_->alive ? lane_.Load(load) : absl::CancelledError("this process has crashed");
  }
  bool shared() const override { return lane_.shared(); }

 private:
  struct Late {
    const store::Fence* fence;
    store::Rows* rows;
    Then then;
  };

  void CommitLate() {
    Late late = std::move(**late_);
    late_->reset();
    CommitNow(late.fence, *late.rows, std::move(late.then));
  }
  void CommitNow(const store::Fence* fence, store::Rows& rows, Then then) {
    if (!life_->alive) {
      return std::move(then)({.committed = Committed::kNothing,
                              .why = absl::CancelledError("this process has crashed")});
    }
    if (WritesNothing(rows)) return lane_.Commit(fence, rows, std::move(then));
    if (faults_.draw != nullptr) faults_.draw(faults_);
    if (!Fails()) return lane_.Commit(fence, rows, std::move(then));
    --faults_.count;
    const CommitResult result{.committed = faults_.how,
                              .why = absl::AbortedError("the test wants it so")};
    if (faults_.applied) {
      return lane_.Commit(fence, rows, [result, then = std::move(then)](CommitResult) mutable {
        std::move(then)(result);
      });
    }
    lane_.Abandon();
    std::move(then)(result);
  }
  bool Fails() const {
    return faults_.count > 0 && (faults_.service.empty() || faults_.service == service_);
  }

  store::Lane& lane_;
  const std::string service_;
  CommitFaults& faults_;
  Agenda& agenda_;
  const Clock& clock_;
  const std::shared_ptr<Life> life_;
  // The commit that is on its way to the store; there is one batch at a time.
  const std::shared_ptr<std::optional<Late>> late_ = std::make_shared<std::optional<Late>>();
};

class FaultyStore final : public store::Store {
 public:
  FaultyStore(std::unique_ptr<store::Store> store, std::string service, CommitFaults& faults,
              Agenda& agenda, const Clock& clock, std::shared_ptr<Life> life)
      : store_(std::move(store)),
        lane_(store_->lane(), std::move(service), faults, agenda, clock, life),
        life_(std::move(life)) {}

  store::Lane& lane() override { return lane_; }
  absl::Status Query(absl::FunctionRef<void(store::Snapshot&)> query) override {
    return life_->alive ? store_->Query(query) : absl::CancelledError("this process has crashed");
  }
  const store::Identity& identity() const override { return store_->identity(); }
  absl::Status Adopt() override { return store_->Adopt(); }

 private:
  const std::unique_ptr<store::Store> store_;
  FaultyLane lane_;
  const std::shared_ptr<Life> life_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<store::Store>> FaultyStores::Open(const store::Schema& schema) {
  auto store = stores_.Open(schema);
  if (!store.ok()) return store.status();
  return std::make_unique<FaultyStore>(*std::move(store), std::string(schema.service), faults_,
                                       agenda_, clock_, life_);
}

}  // namespace seatsaga::testing
