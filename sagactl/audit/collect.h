#pragma once

#include <set>
#include <string>

#include "sagactl/audit/source.h"
#include "sagactl/services.h"
#include "seatsaga/payment/v1/payment.pb.h"
#include "seatsaga/seat/v1/seat.pb.h"

namespace seatsaga::cli {

// Snapshots of the four services, read over gRPC. Holds a few hundred bytes per reservation.
// Not thread-safe.
class ServicesSource final : public SnapshotSource {
 public:
  // `services` must outlive this object.
  explicit ServicesSource(ServiceCalls& services) : services_(services) {}

  absl::StatusOr<Snapshot> ReadAll() override;
  absl::Status Refresh(Snapshot& snapshot, const std::set<Id>& ids,
                       std::set<std::string> events) override;

 private:
  absl::Status ReadSagas(Snapshot& snapshot);
  absl::Status ReadReservations(Snapshot& snapshot);
  absl::Status ReadPayments(Snapshot& snapshot, payment::v1::ListPaymentsRequest request);
  absl::Status ReadEvents(Snapshot& snapshot);
  absl::Status ReadEvent(Snapshot& snapshot, const seat::v1::Event& before);
  absl::Status ReadLedger(Ledger& ledger);
  // Its payments must have been erased. `saga_ids`: of its sagas that the snapshot has.
  absl::Status RefreshCase(Snapshot& snapshot, const Id& id, std::set<Id> saga_ids);
  absl::Status RefreshReservation(Snapshot& snapshot, const Id& id);
  absl::Status RefreshSagas(Snapshot& snapshot, std::set<Id> ids);
  absl::Status RefreshEvent(Snapshot& snapshot, const std::string& event_id);

  // Calls `use(page)` for every page of a list.
  template <class Request, class Use>
  absl::Status ForEachPage(Request request, Use use);
  // Reads one row into `rows`, or erases it there if the service does not know it.
  template <class Request, class Rows, class Get>
  absl::Status RefreshRow(const Request& request, const Id& id, Rows& rows, Get get);

  ServiceCalls& services_;
};

}  // namespace seatsaga::cli
