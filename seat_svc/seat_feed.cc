#include "seat_svc/seat_feed.h"

#include <algorithm>
#include <utility>

#include "seat_svc/seat_tables.h"

namespace seatsaga::seat {
namespace {

using Messages = std::vector<v1::WatchSeatsResponse>;

// Writes seats, in the hall's order, into messages of limited size.
class Writer {
 public:
  explicit Writer(const Hall& hall) : cursor_(hall, 0) {}

  void Add(SeatNo seat_no, bool reserved) {
    if (messages_.empty() || in_last_ == SeatFeed::kSeatsPerMessage) {
      messages_.emplace_back();
      in_last_ = 0;
    }
    cursor_.MoveTo(seat_no);
    v1::WatchSeatsResponse& last = messages_.back();
    (reserved ? *last.add_reserved_seat_ids() : *last.add_available_seat_ids()) = cursor_.seat_id();
    ++in_last_;
  }
  Messages Take() { return std::move(messages_); }

 private:
  Hall::Cursor cursor_;
  Messages messages_;
  int in_last_ = 0;
};

bool WriteAll(SeatFeed::Stream& stream, const Messages& messages) {
  return std::all_of(messages.begin(), messages.end(),
                     [&](const auto& message) { return stream.Write(message); });
}

void DropEnded(std::vector<SeatFeed::Stream>& streams) {
  std::erase_if(streams, [](const SeatFeed::Stream& stream) { return !stream.open(); });
}

}  // namespace

SeatFeed::SeatFeed(std::shared_ptr<const Hall> hall)
    : hall_(std::move(hall)), reserved_(static_cast<size_t>(hall_->seat_count())) {}

void SeatFeed::Add(const SeatRange& seats, Stream stream) {
  groups_[seats].fresh.push_back(std::move(stream));
}

void SeatFeed::Read(store::Snapshot& snapshot, const SeatNote& note) {
  if (note.all) return ReadAll(snapshot);
  // any order: each seat is its own, and what has changed is sorted when it is shown
  for (const SeatNo seat_no : note.seats) {
    Set(seat_no, snapshot.Find(kReservedSeats, hall_->event_no(), seat_no).has_value());
  }
}

void SeatFeed::ReadAll(store::Snapshot& snapshot) {
  store::Scan scan{.table = &kReservedSeats.info()};
  scan.prefix.push_back(store::ValueOf(hall_->event_no()));
  SeatNo next = 0;  // the first seat that is not known yet
  snapshot.Visit(scan, [&](const store::RowView& row) {
    const auto reserved = kReservedSeats.Column<&ReservedSeatRow::seat_no>(row);
    while (next < reserved) Set(next++, false);
    Set(next++, true);
    return true;
  });
  while (next < hall_->seat_count()) Set(next++, false);
}

void SeatFeed::Set(SeatNo seat_no, bool reserved) {
  const auto i = static_cast<size_t>(seat_no);
  if (reserved_[i] == reserved) return;
  reserved_[i] = reserved;
  changed_.push_back(seat_no);
}

void SeatFeed::Show() {
  std::sort(changed_.begin(), changed_.end());
  for (auto& [seats, group] : groups_) {
    if (!changed_.empty() && !group.shown.empty()) {
      const Messages changes = ChangesOf(seats);
      std::erase_if(group.shown, [&](Stream& stream) { return !WriteAll(stream, changes); });
    }
    if (group.fresh.empty()) continue;
    const Messages snapshot = SnapshotOf(seats);
    for (Stream& stream : std::exchange(group.fresh, {})) {
      if (WriteAll(stream, snapshot)) group.shown.push_back(std::move(stream));
    }
  }
  changed_.clear();
  absl::erase_if(groups_, [](const auto& group) { return group.second.shown.empty(); });
}

void SeatFeed::End(const absl::Status& status) {
  for (auto& [seats, group] : groups_) {
    for (Stream& stream : group.shown) stream.Finish(status);
    for (Stream& stream : group.fresh) stream.Finish(status);
  }
  groups_.clear();
}

size_t SeatFeed::Sweep() {
  size_t left = 0;
  for (auto& [seats, group] : groups_) {
    DropEnded(group.shown);
    DropEnded(group.fresh);
    left += group.shown.size() + group.fresh.size();
  }
  absl::erase_if(groups_, [](const auto& group) {
    return group.second.shown.empty() && group.second.fresh.empty();
  });
  return left;
}

SeatFeed::Messages SeatFeed::SnapshotOf(const SeatRange& seats) const {
  Writer writer(*hall_);
  for (SeatNo seat_no = seats.first; seat_no < seats.end; ++seat_no) {
    if (reserved_[static_cast<size_t>(seat_no)]) writer.Add(seat_no, true);
  }
  Messages messages = writer.Take();
  if (messages.empty()) messages.emplace_back();
  messages.back().set_snapshot_complete(true);
  return messages;
}

SeatFeed::Messages SeatFeed::ChangesOf(const SeatRange& seats) const {
  Writer writer(*hall_);
  const auto first = std::lower_bound(changed_.begin(), changed_.end(), seats.first);
  const auto end = std::lower_bound(first, changed_.end(), seats.end);
  for (auto it = first; it != end; ++it) writer.Add(*it, reserved_[static_cast<size_t>(*it)]);
  return writer.Take();
}

}  // namespace seatsaga::seat
