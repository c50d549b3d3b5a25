#include "reservation_svc/reservation_watches.h"

#include <algorithm>
#include <utility>

#include "reservation_svc/reservation_changes.h"
#include "reservation_svc/reservation_details.h"
#include "reservation_svc/reservation_errors.h"
#include "reservation_svc/reservation_protos.h"

namespace seatsaga::reservation {
namespace {

bool IsFinal(State state, bool until_cancelled) {
  return state == State::kCancelled || (state == State::kConfirmed && !until_cancelled);
}

}  // namespace

ReservationWatches::ReservationWatches(const World& world, Queries& queries, bool shared)
    : passes_(world.executor, world.clock, queries,
              {.interval = shared ? kInterval : absl::InfiniteDuration()},
              [this](store::Store& store, bool everything) { return Pass(store, everything); }) {}

void ReservationWatches::Add(const WatchQuery& query, Stream stream) {
  {
    const std::lock_guard lock(mutex_);
    arrived_.push_back({query.reservation_id,
                        {.stream = std::move(stream), .until_cancelled = query.until_cancelled}});
  }
  passes_.Request();
}

void ReservationWatches::OnDurable(const store::Rows& rows) {
  {
    const std::lock_guard lock(mutex_);
    if (noted_.empty()) return;
    rows.ForEachWritten(kReservations, [this](const ReservationRow& row) {
      const auto noted = noted_.find(row.id);
      if (noted == noted_.end() || std::exchange(noted->second, true)) return;
      changed_.push_back(row.id);
    });
    if (changed_.empty()) return;
  }
  passes_.Request();
}

void ReservationWatches::OnReloaded() {
  {
    const std::lock_guard lock(mutex_);
    if (noted_.empty()) return;
    all_changed_ = true;
  }
  passes_.Request();
}

// Everything is noted before it is read. So a change is in what is read, or noted for the next
// pass.
bool ReservationWatches::Pass(store::Store& store, bool everything) {
  std::vector<Subject> subjects;
  TakeArrivals(subjects);
  TakeNoted(everything, subjects);
  const absl::Status read = store.Query([&](store::Snapshot& snapshot) {
    for (Subject& subject : subjects) subject.row = snapshot.Find(kReservations, subject.id);
  });
  for (Subject& subject : subjects) {
    if (!read.ok()) {
      End(subject.id, read);
    } else if (!subject.row) {
      End(subject.id, NotFoundError(subject.id));
    } else {
      Show(subject);
    }
    DropIfUnwatched(subject.id);
  }
  Sweep();
  return !watches_.empty();
}

void ReservationWatches::TakeArrivals(std::vector<Subject>& subjects) {
  std::vector<Arrival> arrived;
  {
    const std::lock_guard lock(mutex_);
    arrived.swap(arrived_);
    for (const Arrival& arrival : arrived) noted_.try_emplace(arrival.reservation_id, false);
  }
  for (Arrival& arrival : arrived) {
    subjects.push_back({arrival.reservation_id});
    watches_[arrival.reservation_id].push_back(std::move(arrival.watch));
  }
  sweep_.Added(arrived.size());
}

void ReservationWatches::TakeNoted(bool everything, std::vector<Subject>& subjects) {
  {
    const std::lock_guard lock(mutex_);
    for (const Id& id : std::exchange(changed_, {})) {
      const auto noted = noted_.find(id);
      if (noted == noted_.end()) continue;  // no longer watched
      noted->second = false;
      subjects.push_back({id});
    }
    everything |= std::exchange(all_changed_, false);
  }
  if (everything) {
    subjects.clear();
    for (const auto& [id, watches] : watches_) subjects.push_back({id});
    return;
  }
  const auto by_id = [](const Subject& a, const Subject& b) { return a.id < b.id; };
  std::sort(subjects.begin(), subjects.end(), by_id);
  const auto same = [](const Subject& a, const Subject& b) { return a.id == b.id; };
  subjects.erase(std::unique(subjects.begin(), subjects.end(), same), subjects.end());
}

void ReservationWatches::Show(Subject& subject) {
  const Reservation reservation = FromRow(*std::move(subject.row));
  const std::string etag = EtagOf(reservation);
  v1::WatchReservationResponse response;
  ToProto(reservation, *response.mutable_reservation());
  WatchesOfOne& watches = watches_[subject.id];
  const auto ends = [&](Watch& watch) {
    if (watch.seen != etag && !watch.stream.Write(response)) return true;
    watch.seen = etag;
    if (!IsFinal(reservation.state, watch.until_cancelled)) return false;
    watch.stream.Finish(absl::OkStatus());
    return true;
  };
  watches.erase(std::remove_if(watches.begin(), watches.end(), ends), watches.end());
}

void ReservationWatches::End(const Id& id, const absl::Status& status) {
  WatchesOfOne& watches = watches_[id];
  for (Watch& watch : watches) watch.stream.Finish(status);
  watches.clear();
}

void ReservationWatches::DropIfUnwatched(const Id& id) {
  const auto watches = watches_.find(id);
  if (watches == watches_.end() || !watches->second.empty()) return;
  watches_.erase(watches);
  const std::lock_guard lock(mutex_);
  noted_.erase(id);
}

// Also of reservations that never change again.
void ReservationWatches::Sweep() {
  if (!sweep_.due()) return;
  const auto gone = [](const Watch& watch) { return !watch.stream.open(); };
  std::vector<Id> ids;
  size_t left = 0;
  for (auto& [id, watches] : watches_) {
    watches.erase(std::remove_if(watches.begin(), watches.end(), gone), watches.end());
    left += watches.size();
    if (watches.empty()) ids.push_back(id);
  }
  for (const Id& id : ids) DropIfUnwatched(id);
  sweep_.Swept(left);
}

}  // namespace seatsaga::reservation
