#include "reservation_svc/reservation_node.h"

#include <utility>

#include "api/reservation.h"
#include "api/saga.h"
#include "common/token_keys.h"
#include "reservation_svc/reservation_protos.h"
#include "reservation_svc/reservation_queries.h"
#include "reservation_svc/reservation_requests.h"
#include "reservation_svc/user_event_recount.h"

namespace seatsaga::reservation {
namespace {

template <class Response>
Response ToResponse(ReservationIo::Out&& out) {
  Response response;
  ToProto(*std::get<ReservationPtr>(out), *response.mutable_reservation());
  return response;
}

CallTimes TimesOf(const CallContext& context) { return {context.arrival(), context.deadline()}; }

}  // namespace

absl::StatusOr<std::unique_ptr<ReservationNode>> ReservationNode::Open(
    const World& world, const ReservationOptions& options, const TokenSealer& sealer) {
  auto store = world.stores.Open(kSchema);
  if (!store.ok()) return store.status();
  absl::Status kept = KeepTokenKeys(**store, sealer, options.forget_token_keys);
  if (!kept.ok()) return kept;
  absl::Status counted = PrepareCounts(options.limits.user_event, **store);
  if (!counted.ok()) return counted;
  auto logic = std::make_unique<ReservationLogic>(options.limits, (*store)->lane().shared());
  return std::unique_ptr<ReservationNode>(
      new ReservationNode(world, options, sealer, *std::move(store), std::move(logic)));
}

ReservationNode::ReservationNode(const World& world, const ReservationOptions& options,
                                 const TokenSealer& sealer, std::unique_ptr<store::Store> store,
                                 std::unique_ptr<ReservationLogic> logic)
    : ParticipantNode(
          world, std::move(store), *logic,
          [this](const std::vector<ReservationIo::Send>& sends) {
            for (const auto& send : sends) {
              std::visit([this](const auto& call) { relay_.Send(call); }, send);
            }
          },
          options.loop),
      logic_(std::move(logic)),
      sealer_(sealer),
      ids_(world.random),
      holds_(options.holds),
      relay_(
          world.wire, options.orchestrator, world.clock,
          [this](DeliveryResult result) { loop_.PushDeferred(std::move(result)); },
          [this](const ExtendResult& result) { loop_.Push(result); }),
      watches_(world, queries_, store_->lane().shared()) {
  loop_.Observe(watches_);
  ServeInput(
      kCreateReservation,
      [this](v1::CreateReservationRequest& request, const CallContext& context) {
        return ParseCreate(request, ids_.Next(world_.clock.Wall()), sealer_, holds_,
                           TimesOf(context));
      },
      ToResponse<v1::CreateReservationResponse>);
  ServeInput(
      kPayReservation,
      [this](v1::PayReservationRequest& request, const CallContext& context) {
        return ParsePay(request, sealer_, TimesOf(context));
      },
      ToResponse<v1::PayReservationResponse>);
  ServeInput(
      kExtendHold,
      [this](v1::ExtendHoldRequest& request, const CallContext& context) {
        return ParseExtend(request, holds_, TimesOf(context));
      },
      ToResponse<v1::ExtendHoldResponse>);
  ServeInput(
      kCancelReservation,
      [this](v1::CancelReservationRequest& request, const CallContext& context) {
        return ParseCancel(request, ids_.Next(world_.clock.Wall()), TimesOf(context));
      },
      ToResponse<v1::CancelReservationResponse>);
  ServeInput(
      kExchangeSeats,
      [this](v1::ExchangeSeatsRequest& request, const CallContext& context) {
        return ParseExchange(request, ids_.Next(world_.clock.Wall()), sealer_, TimesOf(context));
      },
      ToResponse<v1::ExchangeSeatsResponse>);
  ServeBatch(kExecuteReservationCommands, ParseCommand);
  ServeQuery(kGetReservation, ParseGet, Get);
  ServeQuery(kListReservations, ParseList, List);
  ServeStream(kWatchReservation, ParseWatch,
              [this](const WatchQuery& query, ReservationWatches::Stream stream) {
                watches_.Add(query, std::move(stream));
              });
  ServeFencing(saga::kGetFencing, saga::kTakePartitions);
}

}  // namespace seatsaga::reservation
