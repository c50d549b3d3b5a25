#include "reservation_svc/user_event_recount.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/log.h"
#include "common/store/one_off.h"
#include "common/text.h"
#include "reservation_svc/reservation_details.h"

namespace seatsaga::reservation {
namespace {

constexpr int kRowsPerCommit = 1000;

absl::StatusOr<bool> AreKept(store::Store& store) {
  bool kept = false;
  absl::Status read = store::QueryOnce(store, [&](store::Snapshot& snapshot) {
    kept = snapshot.Find(kCountsKept, CountsKept::kOnly).has_value();
  });
  if (!read.ok()) return read;
  return kept;
}

absl::Status SetKept(store::Lane& lane, bool kept) {
  return store::WriteOnce(
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
    absl::Status read = store::QueryOnce(store_, [&](store::Snapshot& snapshot) {
      snapshot.Visit(scan, [&](const store::RowView& row) {
        UserEventCount count = decltype(kUserEventCounts)::Load(row);
        keys.emplace_back(std::move(count.user_id), std::move(count.event_id));
        return true;
      });
    });
    more = !keys.empty();
    if (!read.ok() || !more) return read;
    return store::WriteOnce(
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
    absl::Status read = store::QueryOnce(
        store_, [&](store::Snapshot& snapshot) { ReadSome(snapshot, some, more); });
    if (!read.ok() || some.empty()) return read;
    return store::WriteOnce(
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
