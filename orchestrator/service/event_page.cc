#include "orchestrator/service/event_page.h"

#include <algorithm>
#include <utility>

#include "common/text.h"
#include "orchestrator/sagas/domain_events.h"
#include "orchestrator/service/event_teller.h"

namespace seatsaga::service {
namespace {

using namespace orchestrator::v1;  // the API's words

constexpr int kTypesMax = 64;
constexpr std::string_view kBadCursor =
    "is not a cursor of this database; begin again with an empty cursor";

// By its name, with or without the prefix; 0 if there is none.
uint8_t NumberOf(std::string_view type) {
  if (type.starts_with(kEventTypePrefix)) type.remove_prefix(kEventTypePrefix.size());
  const auto& names = sagas::kDomainEventNames;
  const auto found = std::find(names.begin() + 1, names.end(), type);
  return found == names.end() ? 0 : static_cast<uint8_t>(found - names.begin());
}

absl::Status Erased(const Id& store_id, const store::ErasedEvents& erased) {
  return WithMetadata(
      MakeError(absl::StatusCode::kOutOfRange, "EVENTS_ERASED",
                "the events after this cursor are not kept any more; go on with the oldest ones, "
                "from the cursor `oldest_cursor` in the error's metadata"),
      "oldest_cursor", WriteEventCursor(store_id, {erased.last, erased.positions}));
}

// Whether `a` is behind `b` in any partition.
bool IsBehind(const store::EventPositions& a, const store::EventPositions& b) {
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] < b[i]) return true;
  }
  return false;
}

// Reads one page.
class PageReading {
 public:
  PageReading(EventTeller& teller, const EventCursor& from, const std::bitset<256>& types)
      : teller_(teller), types_(types) {
    page_.next = from;
  }

  // Takes a batch. False once the page is full, or something is wrong.
  bool Take(const store::RowView& view);
  absl::StatusOr<EventPage> Done() && {
    if (!status_.ok()) return status_;
    return std::move(page_);
  }

 private:
  bool Take(const orchestrator::store::StoredEvents& events);
  bool Fail(std::string_view why) {
    status_ = absl::DataLossError(Cat("the stored events ", why, "; restore a backup"));
    return false;
  }

  EventTeller& teller_;
  const std::bitset<256>& types_;
  EventPage page_;
  int examined_ = 0;
  int batches_ = 0;
  absl::Status status_;
};

bool PageReading::Take(const store::RowView& view) {
  if (batches_ == kEventBatchesPerPageMax || examined_ >= kEventsExaminedMax) {
    page_.more = true;
    return false;
  }
  const store::EventBatchRow row = store::kEventBatches.Load(view);
  const auto batch = store::DecodeEvents(row.events);
  if (!batch.ok()) return Fail("cannot be read");
  for (const auto& events : batch->events()) {
    if (!Take(events)) return false;
  }
  page_.next.at = {row.epoch, row.number};
  ++batches_;
  return true;
}

// A page may end inside a batch, and then begins with the same one: its positions say with what.
bool PageReading::Take(const orchestrator::store::StoredEvents& events) {
  const int partition = store::PartitionOf(*Id::FromBytes(events.saga_id()));
  int64_t& position = page_.next.positions[static_cast<size_t>(partition)];
  int64_t sequence = events.first_sequence();
  for (const char type : events.types()) {
    const int64_t present = sequence++;
    if (present <= position) continue;
    if (present != position + 1) return Fail(Cat("of partition ", partition, " have a gap"));
    const auto number = static_cast<uint8_t>(type);
    if (types_.test(number)) {
      if (page_.response.events_size() == kEventsPerPageMax) {
        page_.more = true;
        return false;
      }
      teller_.Tell(events, number, present, *page_.response.add_events());
    } else {
      ++page_.passed_over;
    }
    position = present;
    ++examined_;
  }
  return true;
}

}  // namespace

absl::StatusOr<EventsQuery> ParseWatchEvents(const Id& store_id,
                                             const WatchEventsRequest& request) {
  FieldErrors errors;
  EventsQuery query;
  if (!request.cursor().empty()) {
    query.cursor = ReadEventCursor(store_id, request.cursor());
    if (!query.cursor.has_value()) errors.Add("cursor", kBadCursor);
  }
  if (!WatchFrom_IsValid(request.from())) errors.Add("from", "is not a WatchFrom");
  query.from = request.from();
  if (request.types_size() > kTypesMax) errors.Add("types", Cat("at most ", kTypesMax));
  for (int i = 0; i < request.types_size() && i < kTypesMax; ++i) {
    const uint8_t number = NumberOf(request.types(i));
    if (number == 0) {
      errors.Add(Cat("types[", i, "]"), "is not the type of an event; see DomainEvent.type");
    }
    query.types.set(number);
  }
  if (!errors.empty()) return errors.ToStatus();
  if (request.types().empty()) query.types.set();
  return query;
}

// A copy that was taken before the cursor was given has other batches, or none, in that place.
absl::StatusOr<EventCursor> BeginEvents(store::Snapshot& snapshot, const EventsQuery& query) {
  const auto erased = store::ReadErased(snapshot);
  if (!erased.ok()) return erased.status();
  if (!query.cursor.has_value() && query.from != WATCH_FROM_NOW) {
    return EventCursor{erased->last, erased->positions};
  }
  const auto end = store::ReadEventsEnd(snapshot);
  if (!end.ok()) return end.status();
  if (!query.cursor.has_value()) return EventCursor{end->last, end->positions};
  const store::EventBatchKey& at = query.cursor->at;
  const bool has_batch =
      at <= erased->last || snapshot.Find(store::kEventBatches, at.epoch, at.number).has_value();
  if (!has_batch || IsBehind(end->positions, query.cursor->positions)) {
    FieldErrors errors;
    errors.Add(
        "cursor",
        "is ahead of this database, which is an older copy; begin again with an empty cursor");
    return errors.ToStatus();
  }
  return *query.cursor;
}

absl::StatusOr<EventPage> ReadEvents(const sagas::Registry& registry, const Id& store_id,
                                     store::Snapshot& snapshot, const EventCursor& from,
                                     const std::bitset<256>& types) {
  const auto erased = store::ReadErased(snapshot);
  if (!erased.ok()) return erased.status();
  if (IsBehind(from.positions, erased->positions)) return Erased(store_id, *erased);
  EventTeller teller(registry, store_id, snapshot);
  PageReading reading(teller, from, types);
  store::VisitEvents(snapshot, from.at,
                     [&](const store::RowView& view) { return reading.Take(view); });
  return std::move(reading).Done();
}

}  // namespace seatsaga::service
