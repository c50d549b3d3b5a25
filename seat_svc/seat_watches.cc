#include "seat_svc/seat_watches.h"

#include <utility>

#include "seat_svc/seat_tables.h"

namespace seatsaga::seat {

SeatWatches::SeatWatches(const World& world, Queries& queries, SeatQueries& reader, bool shared)
    : reader_(reader),
      shared_(shared),
      passes_(world.executor, world.clock, queries,
              {.pause = kPause, .interval = shared ? kInterval : absl::InfiniteDuration()},
              [this](store::Store& store, bool everything) { return Pass(store, everything); }) {}

void SeatWatches::Add(WatchQuery query, SeatFeed::Stream stream) {
  {
    const std::lock_guard lock(mutex_);
    arrived_.push_back({std::move(query), std::move(stream), nullptr});
  }
  passes_.Request();
}

void SeatWatches::OnDurable(const store::Rows& rows) {
  bool any = false;
  {
    const std::lock_guard lock(mutex_);
    if (noted_.empty()) return;
    rows.ForEachWritten(kReservedSeats, [&](const ReservedSeatRow& row) {
      const auto noted = noted_.find(row.event_no);
      if (noted == noted_.end()) return;
      any = true;
      SeatNote& note = noted->second;
      if (note.all) return;
      note.seats.insert(row.seat_no);
      if (note.seats.size() > kNotedMax) note = {.all = true};
    });
  }
  if (any) passes_.Request();
}

void SeatWatches::OnReloaded() {
  {
    const std::lock_guard lock(mutex_);
    if (noted_.empty()) return;
    for (auto& [event_no, note] : noted_) note = {.all = true};
  }
  passes_.Request();
}

// Changes of an event are noted before it is first read. So a change is in what is read, or noted
// for the next pass.
bool SeatWatches::Pass(store::Store& store, bool everything) {
  Admit(store);
  const Notes notes = TakeNotes(everything);
  const absl::Status read = store.Query([&](store::Snapshot& snapshot) {
    for (const auto& [event_no, note] : notes) feeds_.at(event_no).Read(snapshot, note);
  });
  if (!read.ok()) {
    for (const auto& [event_no, note] : notes) feeds_.at(event_no).End(read);
  }
  for (auto& [event_no, feed] : feeds_) feed.Show();
  DropUnwatched();
  return !feeds_.empty();
}

void SeatWatches::Admit(store::Store& store) {
  std::vector<Arrival> arrived;
  {
    const std::lock_guard lock(mutex_);
    arrived.swap(arrived_);
  }
  if (arrived.empty()) return;
  const absl::Status read = store.Query([&](store::Snapshot& snapshot) {
    for (Arrival& arrival : arrived) {
      arrival.hall = reader_.FindHall(snapshot, arrival.query.event_id);
    }
  });
  for (Arrival& arrival : arrived) {
    if (!read.ok()) {
      arrival.stream.Finish(read);
    } else if (arrival.hall == nullptr) {
      arrival.stream.Finish(EventNotFoundError(arrival.query.event_id));
    } else {
      Admit(arrival);
    }
  }
  sweep_.Added(arrived.size());
}

void SeatWatches::Admit(Arrival& arrival) {
  const auto seats = arrival.hall->SeatsOf(arrival.query.section);
  if (!seats) {
    return arrival.stream.Finish(
        SectionNotFoundError(arrival.query.event_id, arrival.query.section));
  }
  const int64_t event_no = arrival.hall->event_no();
  const auto [feed, is_new] = feeds_.try_emplace(event_no, arrival.hall);
  feed->second.Add(*seats, std::move(arrival.stream));
  const std::lock_guard lock(mutex_);
  SeatNote& note = noted_[event_no];
  // What this process has written was noted before it was acknowledged; what others have was not.
  if (is_new || shared_) note = {.all = true};
}

SeatWatches::Notes SeatWatches::TakeNotes(bool everything) {
  Notes notes;
  const std::lock_guard lock(mutex_);
  for (auto& [event_no, note] : noted_) {
    if (everything) note = {.all = true};
    if (note.all || !note.seats.empty()) {
      notes.emplace_back(event_no, std::exchange(note, SeatNote()));
    }
  }
  return notes;
}

void SeatWatches::DropUnwatched() {
  if (sweep_.due()) {
    size_t left = 0;
    for (auto& [event_no, feed] : feeds_) left += feed.Sweep();
    sweep_.Swept(left);
  }
  const std::lock_guard lock(mutex_);
  for (auto it = feeds_.begin(); it != feeds_.end();) {
    if (it->second.watched()) {
      ++it;
      continue;
    }
    noted_.erase(it->first);
    it = feeds_.erase(it);
  }
}

}  // namespace seatsaga::seat
