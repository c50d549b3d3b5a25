#include "reservation_svc/user_event_recount.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "common/errors.h"
#include "common/log.h"
#include "common/text.h"
#include "reservation_svc/reservation_details.h"

namespace seatsaga::reservation {
namespace {

constexpr int kRowsPerCommit = 1000;
constexpr int kConflictsMax = 20;  // of one commit

using ChangeRows = absl::FunctionRef<void(store::Rows&)>;

// The lane's callbacks have come when Finish returns.
absl::Status Write(store::Lane& lane, ChangeRows want, ChangeRows change) {
  store::CommitResult result;
  for (int conflicts = 0; conflicts < kConflictsMax; ++conflicts) {
    store::Rows rows;
    want(rows);
    lane.Read(rows, [] {});
    lane.Finish();
    change(rows);
    lane.Commit(nullptr, rows, [&](store::CommitResult ended) { result = std::move(ended); });
    lane.Finish();
    if (result.committed == store::Committed::kDurable) return absl::OkStatus();
    if (result.committed != store::Committed::kConflict) break;
  }
  return UnavailableError(
      Cat("what users have of each event cannot be counted: ", View(result.why.message())));
}

// Runs a query whose snapshot must not fail either.
absl::Status Query(store::Store& store, absl::FunctionRef<void(store::Snapshot&)> query) {
  absl::Status read;
  absl::Status status = store.Query([&](store::Snapshot& snapshot) {
    query(snapshot);
    read = snapshot.status();
  });
  return status.ok() ? read : status;
}

absl::StatusOr<bool> AreKept(store::Store& store) {
  bool kept = false;
  absl::Status read = Query(store, [&](store::Snapshot& snapshot) {
    kept = snapshot.Find(kCountsKept, CountsKept::kOnly).has_value();
  });
  if (!read.ok()) return read;
  return kept;
}

absl::Status SetKept(store::Lane& lane, bool kept) {
  return Write(
      lane, [](store::Rows& rows) { rows.Want(kCountsKept, CountsKept::kOnly); },
      [kept](store::Rows& rows) {
        const CountsKept* found = rows.Find(kCountsKept, CountsKept::kOnly);
        if (kept && found == nullptr) rows.Insert(kCountsKept, {});
        if (!kept && found != nullptr) rows.Erase(kCountsKept, *found);
      });
}

using UserEvent = std::pair<std::string, std::string>;

// Counts all reservations anew.
class Recount {
 public:
  explicit Recount(store::Store& store) : store_(store) {}

  absl::Status Run() {
    for (bool more = true; more;) {
      if (absl::Status status = EraseSome(more); !status.ok()) return status;
    }
    for (bool more = true; more;) {
      if (absl::Status status = CountSome(more); !status.ok()) return status;
    }
    log::Info("user_event_counts_made", {{"reservations", Cat(reservations_)}},
              "counted what users have of each event, because the limits are new");
    return absl::OkStatus();
  }

 private:
  absl::Status EraseSome(bool& more) {
    std::vector<UserEvent> keys;
    const store::Scan scan{.table = &kUserEventCounts.info(), .limit = kRowsPerCommit};
    absl::Status read = Query(store_, [&](store::Snapshot& snapshot) {
      snapshot.Visit(scan, [&](const store::RowView& row) {
        UserEventCount count = decltype(kUserEventCounts)::Load(row);
        keys.emplace_back(std::move(count.user_id), std::move(count.event_id));
        return true;
      });
    });
    more = !keys.empty();
    if (!read.ok() || !more) return read;
    return Write(
        store_.lane(),
        [&](store::Rows& rows) {
          for (const auto& [user, event] : keys) rows.Want(kUserEventCounts, user, event);
        },
        [&](store::Rows& rows) {
          for (const auto& [user, event] : keys) {
            const UserEventCount* found = rows.Find(kUserEventCounts, user, event);
            if (found != nullptr) rows.Erase(kUserEventCounts, *found);
          }
        });
  }

  absl::Status CountSome(bool& more) {
    std::vector<Reservation> some;
    absl::Status read =
        Query(store_, [&](store::Snapshot& snapshot) { ReadSome(snapshot, some, more); });
    if (!read.ok() || some.empty()) return read;
    return Write(
        store_.lane(),
        [&](store::Rows& rows) {
          for (const Reservation& one : some) UserEventCounts::Want(one, rows);
        },
        [&](store::Rows& rows) {
          UserEventCounts counts(UserEventLimits(), rows);
          for (const Reservation& one : some) counts.Change(one, Counted(), CountOf(one));
        });
  }

  // The next reservations in the order of their ids, of those that count.
  void ReadSome(store::Snapshot& snapshot, std::vector<Reservation>& some, bool& more) {
    store::Scan scan{.table = &kReservations.info(), .limit = kRowsPerCommit};
    const std::optional<Id> after = after_;
    if (after) scan.beyond = store::ValueOf(*after);
    more = false;
    snapshot.Visit(scan, [&](const store::RowView& row) {
      Reservation reservation = FromRow(decltype(kReservations)::Load(row));
      after_ = reservation.id;
      more = true;
      ++reservations_;
      if (CountOf(reservation) != Counted()) some.push_back(std::move(reservation));
      return true;
    });
  }

  store::Store& store_;
  std::optional<Id> after_;
  int64_t reservations_ = 0;
};

}  // namespace

absl::Status PrepareCounts(const UserEventLimits& limits, store::Store& store) {
  const absl::StatusOr<bool> kept = AreKept(store);
  if (!kept.ok()) return kept.status();
  if (*kept == limits.any()) return absl::OkStatus();
  if (!limits.any()) return SetKept(store.lane(), false);
  if (absl::Status counted = Recount(store).Run(); !counted.ok()) return counted;
  return SetKept(store.lane(), true);
}

}  // namespace seatsaga::reservation
