#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/id.h"
#include "common/store/lane.h"
#include "reservation_svc/reservation.h"
#include "seatsaga/reservation/v1/reservation.pb.h"

// Queries of clients, on one state of the store. Thread-safe.
namespace seatsaga::reservation {

// A page ends after this many rows were looked at, whether they matched or not, so that no query
// holds up the others for long.
inline constexpr size_t kRowsExaminedMax = 5000;
// The same for the number of id ranges that were looked into, for a user who reserves rarely.
inline constexpr size_t kRangesMax = 1000;

// Filters that are set must all match.
struct ListQuery {
  size_t page_size = 50;
  std::optional<Id> before;  // only older ones: where the previous page ended
  std::string user_id;       // empty: any
  std::string event_id;      // empty: any
  std::optional<State> state;
  std::string external_ref;  // empty: any
  std::string labels;        // labels.h; all of them
  std::string scope;         // of its page tokens
};

// NOT_FOUND (RESERVATION_NOT_FOUND) if there is none.
absl::StatusOr<v1::GetReservationResponse> Get(store::Snapshot& snapshot, const Id& id);

v1::ListReservationsResponse List(store::Snapshot& snapshot, const ListQuery& query);

}  // namespace seatsaga::reservation
