#include "orchestrator/service/event_watches.h"

#include <algorithm>
#include <utility>

namespace seatsaga::service {

void EventWatches::Open(EventsQuery query, Stream stream) {
  auto watch = std::make_shared<Watch>(std::move(query), std::move(stream));
  watch->reading = true;  // until all is stored
  Reply<bool> stored([this, watch](absl::StatusOr<bool> done) {
    if (done.ok()) return ReadOn(watch);
    watch->stream.Finish(done.status());
    Remove(watch);
  });
  bool taken = false;
  {
    // The engine hears of the first watch and the last in their order.
    const std::lock_guard lock(mutex_);
    watches_.push_back(watch);
    count_ = watches_.size();
    taken = tell_engine_(true, stored);
  }
  if (!taken) stored.Send(OverloadedError());
}

// Costs nothing while nobody watches: this is called for every batch.
void EventWatches::Wake() {
  if (count_ == 0) return;
  std::vector<WatchPtr> all;
  {
    const std::lock_guard lock(mutex_);
    all = watches_;
  }
  for (const WatchPtr& watch : all) Pump(watch);
}

void EventWatches::Pump(const WatchPtr& watch) {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(watch->reading, true)) {
      watch->wakened = true;
      return;
    }
  }
  ReadOn(watch);
}

void EventWatches::ReadOn(const WatchPtr& watch) {
  // The stream must not keep its own watch alive.
  watch->stream.WhenUnsentBelow(kUnsentMax, [this, waiting = std::weak_ptr<Watch>(watch)] {
    if (const WatchPtr ready = waiting.lock()) Post(ready);
  });
}

void EventWatches::Post(const WatchPtr& watch) {
  if (!watch->stream.open()) return Remove(watch);
  queries_.Answer(Reply<EventPage>([this, watch](absl::StatusOr<EventPage> page) {
                    OnPage(watch, std::move(page));
                  }),
                  [this, watch](store::Snapshot& snapshot) { return Read(snapshot, *watch); });
}

absl::StatusOr<EventPage> EventWatches::Read(store::Snapshot& snapshot, const Watch& watch) const {
  absl::StatusOr<EventCursor> from =
      watch.cursor.has_value() ? *watch.cursor : BeginEvents(snapshot, watch.query);
  if (!from.ok()) return from.status();
  return ReadEvents(registry_, store_id_, snapshot, *from, watch.query.types);
}

void EventWatches::OnPage(const WatchPtr& watch, absl::StatusOr<EventPage> page) {
  if (!page.ok()) {
    watch->stream.Finish(page.status());
    return Remove(watch);
  }
  const bool is_first = !watch->cursor.has_value();
  watch->cursor = page->next;
  watch->passed_over += page->passed_over;
  auto& response = page->response;
  if (is_first || !response.events().empty() || watch->passed_over >= kPassedOverMax) {
    watch->passed_over = 0;
    response.set_cursor(WriteEventCursor(store_id_, page->next));
    if (!watch->stream.Write(response)) return Remove(watch);
  }
  {
    const std::lock_guard lock(mutex_);
    const bool wakened = std::exchange(watch->wakened, false);
    watch->reading = page->more || wakened;
    if (!watch->reading) return;
  }
  ReadOn(watch);
}

void EventWatches::Remove(const WatchPtr& watch) {
  const std::lock_guard lock(mutex_);
  if (std::erase(watches_, watch) == 0) return;
  count_ = watches_.size();
  Reply<bool> nobody;
  if (watches_.empty()) tell_engine_(false, nobody);
}

}  // namespace seatsaga::service
