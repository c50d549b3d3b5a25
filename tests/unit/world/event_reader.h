#pragma once

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "api/orchestrator.h"
#include "common/text.h"
#include "tests/world/test_world.h"

namespace seatsaga::testing {

// A client that watches the events, and keeps its cursor. It requires of every event that it is the
// next of its partition.
class EventReader {
 public:
  using Request = orchestrator::v1::WatchEventsRequest;
  using Response = orchestrator::v1::WatchEventsResponse;

  explicit EventReader(TestWorld& world) : world_(world) {}

  // Opens the stream, from its cursor on if it has one.
  void Open() {
    Request request;
    request.set_cursor(cursor);
    for (const std::string& type : types) request.add_types(type);
    request.set_from(from);
    stream = world_.Open("orchestrator", orchestrator::kWatchEvents, request,
                         {.deadline = absl::Hours(24 * 365), .from = "reader"});
    taken_ = 0;
    Take();
  }
  // Takes what has arrived.
  void Take() {
    world_.Run();
    for (; taken_ < stream.messages().size(); ++taken_) {
      const Response& response = stream.messages()[taken_];
      for (const auto& event : response.events()) Take(event);
      cursor = response.cursor();
    }
  }
  // What has been told of a reservation, in order, without "seatsaga.".
  std::vector<std::string> Of(const Id& id) {
    Take();
    std::vector<std::string> names;
    for (const auto& event : events) {
      if (event.subject() == id.ToString()) names.push_back(event.type().substr(9));
    }
    return names;
  }
  // The newest event of this name.
  const orchestrator::v1::DomainEvent& Last(const std::string& name) {
    Take();
    const orchestrator::v1::DomainEvent* last = nullptr;
    for (const auto& event : events) {
      if (event.type() == Cat("seatsaga.", name)) last = &event;
    }
    REQUIRE(last != nullptr);
    return *last;
  }

  std::string cursor;
  std::vector<std::string> types;
  orchestrator::v1::WatchFrom from = orchestrator::v1::WATCH_FROM_BEGINNING;
  Received<Response> stream;
  std::vector<orchestrator::v1::DomainEvent> events;

 private:
  void Take(const orchestrator::v1::DomainEvent& event) {
    int64_t& last = last_[event.partition()];
    INFO(event.DebugString());
    REQUIRE(event.sequence() > last);
    if (types.empty() && from != orchestrator::v1::WATCH_FROM_NOW) {
      REQUIRE(event.sequence() == last + 1);
    }
    last = event.sequence();
    events.push_back(event);
  }

  TestWorld& world_;
  size_t taken_ = 0;
  std::map<int, int64_t> last_;
};

}  // namespace seatsaga::testing
