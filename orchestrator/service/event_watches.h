#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "common/node/queries.h"
#include "common/wire/wire.h"
#include "orchestrator/service/event_page.h"

namespace seatsaga::service {

// The clients that watch the events. Each reads from the store, page by page, where it is and as
// fast as it can: a slow one keeps nothing in memory and holds up nobody. Thread-safe.
class EventWatches {
 public:
  using Stream = StreamOf<orchestrator::v1::WatchEventsResponse>;

  // Tells the engine whether anybody watches; `stored` is answered once all that has been told so
  // far can be read. False, and nothing is done, if the engine takes no more. Does not block.
  using TellEngine = std::function<bool(bool watched, Reply<bool>& stored)>;

  // All must outlive this. Stop the queries before this is destroyed.
  EventWatches(const sagas::Registry& registry, const Id& store_id, Queries& queries,
               TellEngine tell_engine)
      : registry_(registry),
        store_id_(store_id),
        queries_(queries),
        tell_engine_(std::move(tell_engine)) {}

  void Open(EventsQuery query, Stream stream);
  // There may be more events, and they are durable.
  void Wake();

 private:
  // Responses that may wait for a client. Two, so that one is read while the other is sent.
  static constexpr int kUnsentMax = 2;
  // Events of other types after which a client gets a new cursor all the same, so that its cursor
  // does not grow old.
  static constexpr int kPassedOverMax = 1000;

  struct Watch {
    Watch(EventsQuery the_query, Stream the_stream)
        : query(std::move(the_query)), stream(std::move(the_stream)) {}
    const EventsQuery query;
    Stream stream;
    // Used only by the read that is under way.
    std::optional<EventCursor> cursor;  // none before the first page
    int passed_over = 0;
    // With the mutex held.
    bool reading = false;
    bool wakened = false;  // meanwhile
  };
  using WatchPtr = std::shared_ptr<Watch>;

  // Reads on, unless that is under way; then once more.
  void Pump(const WatchPtr& watch);
  // When the client has read enough.
  void ReadOn(const WatchPtr& watch);
  void Post(const WatchPtr& watch);
  absl::StatusOr<EventPage> Read(store::Snapshot& snapshot, const Watch& watch) const;
  void OnPage(const WatchPtr& watch, absl::StatusOr<EventPage> page);
  void Remove(const WatchPtr& watch);

  const sagas::Registry& registry_;
  const Id store_id_;
  Queries& queries_;
  const TellEngine tell_engine_;
  std::atomic<size_t> count_ = 0;
  std::mutex mutex_;
  std::vector<WatchPtr> watches_;
};

}  // namespace seatsaga::service
