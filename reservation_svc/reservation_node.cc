#include "reservation_svc/reservation_node.h"

#include <utility>

#include "api/reservation.h"
#include "api/saga.h"
#include "reservation_svc/reservation_protos.h"
#include "reservation_svc/reservation_queries.h"
#include "reservation_svc/reservation_requests.h"

namespace seatsaga::reservation {
namespace {

v1::CreateReservationResponse ToCreated(ReservationIo::Out&& out) {
  v1::CreateReservationResponse response;
  ToProto(*std::get<ReservationPtr>(out), *response.mutable_reservation());
  return response;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ReservationNode>> ReservationNode::Open(
    const World& world, const ReservationOptions& options, const TokenSealer& sealer) {
  auto store = world.stores.Open(kSchema);
  if (!store.ok()) return store.status();
  auto logic = std::make_unique<ReservationLogic>(options.limits, (*store)->lane().shared());
  return std::unique_ptr<ReservationNode>(
      new ReservationNode(world, options, sealer, *std::move(store), std::move(logic)));
}

ReservationNode::ReservationNode(const World& world, const ReservationOptions& options,
                                 const TokenSealer& sealer, std::unique_ptr<store::Store> store,
                                 std::unique_ptr<ReservationLogic> logic)
    : ParticipantNode(
          world, std::move(store), *logic,
          [this](const std::vector<StartBatch>& batches) {
            for (const StartBatch& batch : batches) relay_.Start(batch);
          },
          options.loop),
      logic_(std::move(logic)),
      sealer_(sealer),
      ids_(world.random),
      relay_(world.wire, options.orchestrator, world.clock,
             [this](StartResult result) { loop_.PushDeferred(std::move(result)); }) {
  ServeInput(
      kCreateReservation,
      [this](v1::CreateReservationRequest& request, const CallContext& context) {
        return ParseCreate(request, ids_.Next(world_.clock.Wall()), sealer_, context.arrival(),
                           context.deadline());
      },
      ToCreated);
  ServeBatch(kExecuteReservationCommands, ParseCommand);
  ServeQuery(kGetReservation, ParseGet, Get);
  ServeQuery(kListReservations, ParseList, List);
  ServeFencing(saga::kGetFencing, saga::kTakePartitions);
}

}  // namespace seatsaga::reservation
