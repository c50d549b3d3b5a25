#include "bench/in_process/seat_server.h"

#include <utility>
#include <vector>

#include "common/errors.h"
#include "seat_svc/schema/migrations.h"
#include "seat_svc/seat_requests.h"

namespace seatsaga::bench {
namespace {

seat::v1::ExecuteSeatCommandsResponse ToResponse(std::vector<CommandResult> results) {
  seat::v1::ExecuteSeatCommandsResponse response;
  response.mutable_results()->Reserve(static_cast<int>(results.size()));
  for (CommandResult& result : results) *response.add_results() = std::move(result);
  return response;
}

}  // namespace

SeatServer::SeatServer(const std::string& folder, const Halls& halls, absl::Time now)
    : database_(Must(sqlite::Database::OpenWriter(folder + "/seat.db", seat::kMigrations))),
      barrier_(*database_),
      events_(*database_),
      seats_(*database_),
      inventory_(events_, seats_, barrier_),
      writer_(std::make_unique<Writer<seat::SeatInput>>(*database_, inventory_, now)) {
  absl::Status created;
  for (int i = 0; i < halls.event_count(); ++i) {
    auto request = Halls::CreationOf(halls.EventId(i), Halls::kSeatsPerEvent);
    FieldErrors errors;
    seat::v1::Event event = seat::ParseCreate(request, errors);
    Must(errors.ToStatus());
    writer_->Push(seat::CreateEvent{
        std::move(event), Reply<seat::v1::Event>([&](const absl::StatusOr<seat::v1::Event>& made) {
          created.Update(made.status());
        })});
  }
  writer_->RunBatch(now);
  Must(created);
}

void SeatServer::Execute(const std::string& request, WireSink answer) {
  auto message = FromWire<seat::v1::ExecuteSeatCommandsRequest>(request);
  FieldErrors errors;
  std::vector<seat::SeatCommand> commands = seat::ParseCommands(message, errors);
  Must(errors.ToStatus());
  writer_->Push(seat::SeatCommands{
      std::move(commands), WireReply<std::vector<CommandResult>>(std::move(answer), ToResponse)});
}

}  // namespace seatsaga::bench
