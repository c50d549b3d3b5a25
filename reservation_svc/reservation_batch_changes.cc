// What a client does to its reservation.
#include <utility>

#include "common/errors.h"
#include "reservation_svc/reservation_batch.h"
#include "reservation_svc/reservation_errors.h"

namespace seatsaga::reservation {

// --- Admission

std::shared_ptr<Reservation> ReservationBatch::Admit(size_t input, const Change& change) {
  std::shared_ptr<Reservation> reservation = CopyOf(change.reservation_id);
  if (reservation == nullptr) {
    plan_.Reply(input, NotFoundError(change.reservation_id));
  } else if (!change.etag.empty() && change.etag != EtagOf(*reservation)) {
    plan_.Reply(input, EtagMismatchError(change.reservation_id));
    reservation = nullptr;
  }
  return reservation;
}

std::shared_ptr<Reservation> ReservationBatch::Admit(size_t input, const KeyedChange& change) {
  if (const auto* known = rows_.Find(kChangeRequests, change.request_id)) {
    AnswerRetry(input, change, *known);
    return nullptr;
  }
  std::shared_ptr<Reservation> reservation = Admit(input, static_cast<const Change&>(change));
  if (reservation != nullptr && !IsLive(reservation->state) && live_ >= limits_.pending_max) {
    plan_.Reply(input, OverloadedError());
    reservation = nullptr;
  }
  return reservation;
}

void ReservationBatch::AnswerRetry(size_t input, const KeyedChange& change,
                                   const ChangeRequest& known) {
  if (known.digest != change.digest) return plan_.Reply(input, RequestIdReusedError());
  // The etag is not looked at: it is that of before the first try.
  ReservationPtr reservation = CopyOf(known.reservation_id);
  if (reservation == nullptr) return plan_.Reply(input, NotFoundError(known.reservation_id));
  accepted_.push_back({input, change.wait_until, std::move(reservation)});
}

void ReservationBatch::Accept(size_t input, const KeyedChange& change, int32_t round,
                              const std::shared_ptr<Reservation>& reservation,
                              const Version& before) {
  rows_.Insert(kChangeRequests, {change.request_id, change.reservation_id, round, change.digest});
  NoteChange(reservation, before);
  (reservation->state == State::kChanging ? starts_ : signals_).Add(reservation->id);
  accepted_.push_back({input, change.wait_until, reservation});
}

// --- Payments

void ReservationBatch::Decide(size_t input, const Payment& payment) {
  const std::shared_ptr<Reservation> reservation = Admit(input, payment);
  if (reservation == nullptr) return;
  const Version before = VersionOf(*reservation);
  absl::Status paid = Pay(payment, tick_.wall, *reservation);
  if (!paid.ok()) return plan_.Reply(input, std::move(paid));
  Accept(input, payment, reservation->hold_round, reservation, before);
}

// --- Cancellations, and changes of seats

void ReservationBatch::Decide(size_t input, const Cancellation& cancellation) {
  const std::shared_ptr<Reservation> reservation = Admit(input, cancellation);
  if (reservation == nullptr) return;
  if (cancellation.validate_only) {
    return Validate(input, *reservation, [this](Reservation& would_be) {
      return CancelForClient(tick_.wall, would_be);
    });
  }
  const Version before = VersionOf(*reservation);
  absl::Status cancelled = CancelForClient(tick_.wall, *reservation);
  if (!cancelled.ok()) return plan_.Reply(input, std::move(cancelled));
  Accept(input, cancellation, /*round=*/0, reservation, before);
}

void ReservationBatch::Decide(size_t input, const SeatChangeRequest& request) {
  const std::shared_ptr<Reservation> reservation = Admit(input, request);
  if (reservation == nullptr) return;
  const auto begin = [&](Reservation& changed) {
    const Counted before = CountOf(changed);
    absl::Status begun = BeginChange(request, tick_.wall, changed);
    return begun.ok() ? counts_.Admit(changed, before) : begun;
  };
  if (request.validate_only) return Validate(input, *reservation, begin);
  const Version before = VersionOf(*reservation);
  absl::Status begun = begin(*reservation);
  if (!begun.ok()) return plan_.Reply(input, std::move(begun));
  Accept(input, request, /*round=*/0, reservation, before);
}

void ReservationBatch::Validate(size_t input, Reservation reservation,
                                absl::FunctionRef<absl::Status(Reservation&)> change) {
  absl::Status valid = change(reservation);
  if (!valid.ok()) return plan_.Reply(input, std::move(valid));
  plan_.Reply(input, ReservationPtr(std::make_shared<Reservation>(std::move(reservation))));
}

// --- Extensions

void ReservationBatch::Decide(size_t input, const Extension& extension) {
  const std::shared_ptr<Reservation> reservation = Admit(input, extension);
  if (reservation == nullptr) return;
  if (absl::Status held = CheckHeld(*reservation); !held.ok()) {
    return plan_.Reply(input, std::move(held));
  }
  if (memory_.extending.size() + plan_.memory.extending.size() >= limits_.extending_max) {
    return plan_.Reply(input, OverloadedError());
  }
  const Ticket ticket = NewTicket();
  plan_.memory.extending.push_back(ticket);
  plan_.sends.push_back(
      ExtendCall{ticket, reservation->id, extension.hold_duration, extension.answer_until});
  plan_.Park(input, ticket);
}

// Also if its client was answered already, because the store had failed: the saga holds longer now.
void ReservationBatch::Decide(size_t /*input*/, const ExtendResult& result) {
  plan_.memory.extended.push_back(result.ticket);
  absl::StatusOr<ReservationPtr> reservation = Conclude(result);
  if (reservation.ok()) return plan_.ReplyLate(result.ticket, *std::move(reservation));
  plan_.ReplyLate(result.ticket, reservation.status());
}

absl::StatusOr<ReservationPtr> ReservationBatch::Conclude(const ExtendResult& result) {
  using enum ExtendResult::Outcome;
  if (result.outcome == kUnknown) {
    return UnavailableError("it is not known whether the hold was extended; repeat the request");
  }
  const std::shared_ptr<Reservation> reservation = CopyOf(result.reservation_id);
  if (reservation == nullptr) return NotFoundError(result.reservation_id);
  if (result.outcome == kTooLate) return NotExtendedError(*reservation);
  const Version before = VersionOf(*reservation);
  if (absl::Status held = Extend(result.expire_time, *reservation); !held.ok()) return held;
  NoteChange(reservation, before);
  return reservation;
}

}  // namespace seatsaga::reservation
