#include "seat_svc/seat_node.h"

#include <utility>

#include "api/saga.h"
#include "api/seat.h"
#include "seat_svc/seat_requests.h"
#include "seat_svc/seat_tables.h"

namespace seatsaga::seat {

absl::StatusOr<std::unique_ptr<SeatNode>> SeatNode::Open(const World& world,
                                                         const SeatOptions& options) {
  absl::StatusOr<std::unique_ptr<store::Store>> store = world.stores.Open(kSchema);
  if (!store.ok()) return store.status();
  return std::unique_ptr<SeatNode>(new SeatNode(world, options, *std::move(store)));
}

SeatNode::SeatNode(const World& world, const SeatOptions& options,
                   std::unique_ptr<store::Store> store)
    : SeatParts{SeatLogic(store->lane().shared()), {}},
      ParticipantNode(world, std::move(store), SeatParts::logic, nullptr, options.limits),
      watches_(world, queries_, SeatParts::queries, store_->lane().shared()) {
  loop_.Observe(watches_);
  ServeBatch(kExecuteSeatCommands, ParseCommand);
  ServeCommand(kReserveSeats, ParseReserve);
  ServeCommand(kReleaseSeats, ParseRelease);
  ServeFencing(saga::kGetFencing, saga::kTakePartitions);
  ServeInput(kCreateEvent, ParseCreate, [](Out&& out) {
    v1::CreateEventResponse response;
    *response.mutable_event() = std::get<v1::Event>(std::move(out));
    return response;
  });
  const auto run = [this](auto method) {
    return [this, method](store::Snapshot& snapshot, const auto& query) {
      return (SeatParts::queries.*method)(snapshot, query);
    };
  };
  ServeQuery(kGetEvent, ParseGetEvent, run(&SeatQueries::GetEvent));
  ServeQuery(kListEvents, ParseListEvents, run(&SeatQueries::ListEvents));
  ServeQuery(kListSeats, ParseListSeats, run(&SeatQueries::ListSeats));
  ServeStream(kWatchSeats, ParseWatchSeats, [this](WatchQuery query, SeatFeed::Stream stream) {
    watches_.Add(std::move(query), std::move(stream));
  });
}

}  // namespace seatsaga::seat
