#include "bench/in_process/reservation_server.h"

#include <utility>
#include <vector>

#include "reservation_svc/reservation_replies.h"
#include "reservation_svc/reservation_requests.h"
#include "reservation_svc/schema/migrations.h"

namespace seatsaga::bench {
namespace {

using reservation::Reservation;

constexpr absl::Duration kCallDeadline = absl::Seconds(15);

reservation::v1::CreateReservationResponse CreateResponseOf(const Reservation& reservation) {
  reservation::v1::CreateReservationResponse response;
  *response.mutable_reservation() = reservation::ToProto(reservation);
  return response;
}

reservation::v1::ExecuteReservationCommandsResponse ExecuteResponseOf(
    std::vector<CommandResult> results) {
  return reservation::ToProto(std::move(results));
}

}  // namespace

ReservationServer::ReservationServer(const std::string& folder, const TokenSealer& sealer,
                                     reservation::SagaStarter& starter, absl::Time now)
    : sealer_(sealer),
      database_(Must(sqlite::Database::OpenWriter(folder + "/reservation.db",
                                                  reservation::ReservationMigrations()))),
      store_(*database_),
      barrier_(*database_),
      book_(store_, barrier_, starter),
      writer_(std::make_unique<Writer<reservation::Input>>(*database_, book_, now)) {}

void ReservationServer::Create(const std::string& request, absl::Time now, WireSink answer) {
  const auto message = FromWire<reservation::v1::CreateReservationRequest>(request);
  reservation::CreateInput input =
      Must(reservation::ParseCreate(message, ids_.Next(now), sealer_, now, now + kCallDeadline));
  input.reply = WireReply<Reservation>(std::move(answer), CreateResponseOf);
  writer_->Push(std::move(input));
}

void ReservationServer::Execute(const std::string& request, WireSink answer) {
  const auto message = FromWire<reservation::v1::ExecuteReservationCommandsRequest>(request);
  reservation::ExecuteInput input = Must(reservation::ParseExecute(message));
  input.reply = WireReply<std::vector<CommandResult>>(std::move(answer), ExecuteResponseOf);
  writer_->Push(std::move(input));
}

}  // namespace seatsaga::bench
