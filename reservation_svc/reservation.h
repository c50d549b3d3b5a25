#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/id.h"
#include "common/participant/desk.h"
#include "common/participant/fencing.h"
#include "common/store/lane.h"
#include "common/store/table.h"
#include "common/token_keys.h"

// What reservation_svc stores.
namespace seatsaga::reservation {

// The numbers are stored, and are those of reservation.v1.ReservationState.
enum class State : uint8_t {
  kPending = 1,
  kConfirmed = 2,
  kCancelled = 3,
  kHeld = 4,
  kCancelling = 5,
  kChanging = 6,
};
// Its saga has work to do: it waits neither for the client nor for nothing any more.
constexpr bool IsLive(State state) {
  return state == State::kPending || state == State::kCancelling || state == State::kChanging;
}

enum class Mode : uint8_t { kPayNow, kHold };

// What is stored of a reservation. A live one is also the stored message to the orchestrator: the
// command to start its saga, or the signal that it was paid for or cancelled. It is written in the
// same transaction as the state that caused it, and sent again after every restart until the state
// has changed.
struct ReservationRow {
  Id id;  // also the saga's and the payment's
  Id request_id;
  std::string fingerprint;  // keyed digest of the request that made it
  std::string user_id;
  std::string event_id;
  std::string seats;  // seat ids, one per line, in the order of the request
  State state = State::kPending;
  std::string reason;  // of a cancellation, in UPPER_SNAKE_CASE
  std::string message;
  int64_t amount_minor = 0;  // the price; stays when it is cancelled and paid back later
  std::string currency;      // empty: the price is not known yet
  std::string sealed_token;  // what the saga needs to charge; empty once it needs it no more
  absl::Time create_time;
  absl::Time update_time;
  int64_t range_no = 0;  // of its id (id_ranges.h)
  // Packed, what only some have: every further column would cost each reservation more.
  std::string details;
};

// A partial cancellation or an exchange.
struct SeatChange {
  Id saga_id;
  std::vector<std::string> give_back;  // seat ids
  std::vector<std::string> take;       // seat ids; empty: a partial cancellation
  int64_t give_back_minor = 0;         // the price of what is given back
  int32_t refund_percent = 0;          // of the money to pay back, by the event's terms
};

// One payment for a reservation, as far as changes of its seats know.
struct PaidPayment {
  Id id;
  int64_t amount_minor = 0;
  int64_t refunded_minor = 0;  // by changes of seats
};

// All that has changed the seats of a reservation since it was confirmed. An immutable value.
struct SeatChanges {
  int32_t count = 0;  // of changes that have begun
  Id saga_id;         // of the last one that succeeded; the reservation's first saga, if none did
  bool exchanged = false;                       // that was an exchange
  std::vector<PaidPayment> payments;            // from the oldest to the newest
  std::shared_ptr<const SeatChange> under_way;  // null: none is
};

// What a client finds its reservation by. Few have any, and they never change.
struct Marks {
  std::string external_ref;  // the client's own name for it
  std::string labels;        // labels.h
};

// A reservation, with its details (reservation_details.h).
struct Reservation : ReservationRow {
  Mode mode = Mode::kPayNow;
  absl::Time expire_time;      // of the hold
  int32_t hold_round = 0;      // of the last HoldReservation; 0: it has never been held
  std::string failure_reason;  // why the last payment did not succeed
  std::string failure_message;
  std::string terms;        // serialized saga.v1.EventTerms; empty: none
  bool has_refund = false;  // it was CONFIRMED when the client cancelled it
  int64_t refund_minor = 0;
  std::vector<int64_t> seat_prices;            // of each seat; empty: all cost the same
  std::shared_ptr<const SeatChanges> changes;  // null: there have been none
  std::shared_ptr<const Marks> marks;          // null: none; shared by all copies
};
// Shared by the memory, a batch's writes, its answers and its calls. Never changed once it is known
// outside the batch that made it.
using ReservationPtr = std::shared_ptr<const Reservation>;

inline constexpr auto kReservations = store::MakeTable<ReservationRow>(
    "reservations", store::Key<&Reservation::id>("id"),
    store::Field<&Reservation::request_id>("request_id"),
    store::Field<&Reservation::fingerprint>("fingerprint", store::kBytes),
    store::Field<&Reservation::user_id>("user_id"),
    store::Field<&Reservation::event_id>("event_id"), store::Field<&Reservation::seats>("seats"),
    store::Field<&Reservation::state>("state"), store::Field<&Reservation::reason>("reason"),
    store::Field<&Reservation::message>("message"),
    store::Field<&Reservation::amount_minor>("amount_minor"),
    store::Field<&Reservation::currency>("currency"),
    store::Field<&Reservation::sealed_token>("sealed_token", store::kBytes),
    store::Field<&Reservation::create_time>("created_us"),
    store::Field<&Reservation::update_time>("updated_us"),
    store::Field<&Reservation::range_no>("range_no"),
    store::Field<&Reservation::details>("details", store::kBytes),
    store::Unique<&Reservation::request_id>("reservations_by_request").Rising(),
    store::Index<&Reservation::range_no, &Reservation::user_id, &Reservation::id>(
        "reservations_by_user"),
    // What must be sent after a restart. Not IN: of three values SQLite makes a table each time.
    store::Index<&Reservation::id>(
        "reservations_live", "state = 1 OR state = 5 OR state = 6",
        [](const void* row) { return IsLive(static_cast<const ReservationRow*>(row)->state); }),
    store::KeysRise());
// The indexes by which reservations are scanned.
inline constexpr int kByUser = 1;
inline constexpr int kLiveById = 2;

// A client's request that has changed a reservation: a retry of it is not a change. A reservation
// has at most one per try to pay for it and per change of its seats, and one that cancels it.
struct ChangeRequest {
  Id request_id;
  Id reservation_id;
  int32_t round = 0;   // of the hold that it paid for; 0: it cancelled, or changed the seats
  std::string digest;  // keyed, of the request
};
inline constexpr auto kChangeRequests = store::MakeTable<ChangeRequest>(
    "change_requests", store::Key<&ChangeRequest::request_id>("request_id"),
    store::Field<&ChangeRequest::reservation_id>("reservation_id"),
    store::Field<&ChangeRequest::round>("round"),
    store::Field<&ChangeRequest::digest>("digest", store::kBytes));

// By which reservations that have an external_ref are found. A table and not an index of theirs,
// because a further column costs also those that have none.
struct ExternalRef {
  std::string external_ref;
  Id reservation_id;
};
inline constexpr auto kExternalRefs = store::MakeTable<ExternalRef>(
    "external_refs", store::Key<&ExternalRef::external_ref>("external_ref"),
    store::Key<&ExternalRef::reservation_id>("reservation_id"));

// Where a range of ids begins; the first one, number 0, begins below all ids and has no row.
struct IdRange {
  Id first_id;
  int64_t range_no = 0;
};
inline constexpr auto kIdRanges =
    store::MakeTable<IdRange>("id_ranges", store::Key<&IdRange::first_id>("first_id"),
                              store::Field<&IdRange::range_no>("range_no"), store::KeysRise());

// What one user has of one event (user_event_counts.h). No row: nothing.
struct UserEventCount {
  std::string user_id;
  std::string event_id;
  int64_t live_holds = 0;
  int64_t seats = 0;
};
inline constexpr auto kUserEventCounts = store::MakeTable<UserEventCount>(
    "user_event_counts", store::Key<&UserEventCount::user_id>("user_id"),
    store::Key<&UserEventCount::event_id>("event_id"),
    store::Field<&UserEventCount::live_holds>("live_holds"),
    store::Field<&UserEventCount::seats>("seats"));

// Its row is there while user_event_counts is kept (user_event_recount.h).
struct CountsKept {
  static constexpr int32_t kOnly = 1;
  int32_t id = kOnly;
};
inline constexpr auto kCountsKept =
    store::MakeTable<CountsKept>("user_event_counts_kept", store::Key<&CountsKept::id>("id"));

inline constexpr const store::TableInfo* kTables[] = {&kReservations.info(),
                                                      &kChangeRequests.info(),
                                                      &kExternalRefs.info(),
                                                      &kIdRanges.info(),
                                                      &kUserEventCounts.info(),
                                                      &kCountsKept.info(),
                                                      &participant::kBarrier.info(),
                                                      &participant::kFencing.info(),
                                                      &kTokenKeys.info()};
inline constexpr store::Schema kSchema = {.service = "reservation_svc", .tables = kTables};

}  // namespace seatsaga::reservation
