#pragma once

#include <variant>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/id.h"
#include "common/outcome.h"
#include "common/sealed_token.h"
#include "reservation_svc/reservation_book.h"
#include "reservation_svc/reservation_reader.h"
#include "seatsaga/reservation/v1/reservation.pb.h"

// Requests checked and put into the domain's words. All errors of one request come together, as
// INVALID_ARGUMENT (INVALID_REQUEST) with a BadRequest; none ever holds a payment token.
// Thread-safe.
namespace seatsaga::reservation {

inline constexpr absl::Duration kWaitMax = absl::Seconds(30);
// The answer at the end of a wait leaves so long before the call's own deadline.
inline constexpr absl::Duration kAnswerMargin = absl::Milliseconds(50);

// `id` is the new reservation's, should it be new. The reply is left empty.
absl::StatusOr<CreateInput> ParseCreate(const v1::CreateReservationRequest& request, const Id& id,
                                        const TokenSealer& sealer, absl::Time now,
                                        absl::Time deadline);

// The reply is left empty. A command that breaks a rule becomes its own OUTCOME_INVALID; an error
// only if there are no commands, or too many.
absl::StatusOr<ExecuteInput> ParseExecute(const v1::ExecuteReservationCommandsRequest& request);

absl::StatusOr<Id> ParseGet(const v1::GetReservationRequest& request);

absl::StatusOr<ListQuery> ParseList(const v1::ListReservationsRequest& request);

// The token with which the same list goes on after `last`.
std::string NextPageToken(const v1::ListReservationsRequest& request, const Id& last);

}  // namespace seatsaga::reservation
