#include <algorithm>
#include <map>
#include <tuple>

#include "absl/container/flat_hash_set.h"
#include "common/text.h"
#include "sagactl/audit/checks.h"
#include "sagactl/format.h"

// Who holds which seat (I1, I3, I8).
namespace seatsaga::cli::audit {
namespace {

Finding AboutSeat(FindingKind kind, const std::string& event_id, const std::string& seat_id,
                  const std::optional<Id>& id, std::string evidence) {
  return {.kind = kind,
          .subject = Cat("seat ", event_id, " ", seat_id),
          .evidence = std::move(evidence),
          .id = id,
          .event_id = event_id};
}

// What is wrong with one seat of a reservation that must own it; empty if it does.
std::string SeatDefect(const SeatRow* seat, const std::string& seat_id, const Id& id) {
  if (seat == nullptr) return Cat(seat_id, " does not exist");
  if (!seat->reserved) return Cat(seat_id, " is AVAILABLE");
  if (!seat->holder.has_value()) return Cat(seat_id, " is held by nobody");
  if (*seat->holder == id) return "";
  return Cat(seat_id, " is held by ", seat->holder->ToString());
}

// The seat whose price the reservation does not tell as it is; empty if there is none.
std::string SeatPriceDefect(const Index& index, const ReservationRow& reservation) {
  for (size_t i = 0; i < reservation.seat_prices.size(); ++i) {
    if (i >= reservation.seat_ids.size()) return "it has more prices than seats";
    const SeatRow* seat = index.FindSeat(reservation.event_id, reservation.seat_ids[i]);
    if (seat == nullptr || seat->price_minor == reservation.seat_prices[i]) continue;
    const std::string& currency = reservation.price.currency;
    return Cat(seat->seat_id, " costs ", HumanMoney(seat->price_minor, currency), ", not ",
               HumanMoney(reservation.seat_prices[i], currency));
  }
  return "";
}

// `kind`: of the finding if its seats are not its own.
void CheckSeatsOf(const Index& index, const Id& id, const ReservationRow& reservation,
                  FindingKind kind, AuditFindings& out) {
  const std::string state = NameOf(reservation.state);
  std::string defects;
  int64_t sum = 0;
  for (const std::string& seat_id : reservation.seat_ids) {
    const SeatRow* seat = index.FindSeat(reservation.event_id, seat_id);
    if (seat != nullptr) sum += seat->price_minor;
    const std::string defect = SeatDefect(seat, seat_id, id);
    if (!defect.empty()) Append(defects, defects.empty() ? "" : "; ", defect);
  }
  if (reservation.seat_ids.empty()) defects = "it names no seats";
  if (!defects.empty()) {
    Finding finding = About(kind, id, Cat(state, " in ", reservation.event_id, " but ", defects));
    finding.event_id = reservation.event_id;
    out.findings.push_back(std::move(finding));
    return;  // the sum says nothing new
  }
  const Amount due{sum, index.snapshot().events.at(reservation.event_id).currency};
  defects = reservation.price == due ? SeatPriceDefect(index, reservation)
                                     : Cat("its seats cost ", HumanMoney(due.minor, due.currency));
  if (defects.empty()) return;
  Finding finding =
      About(FindingKind::kPriceMismatch, id,
            Cat(state, " for ", HumanMoney(reservation.price.minor, reservation.price.currency),
                " but ", defects));
  finding.event_id = reservation.event_id;
  out.findings.push_back(std::move(finding));
}

bool Names(const std::vector<std::string>& seat_ids, const std::string& seat_id) {
  return std::ranges::find(seat_ids, seat_id) != seat_ids.end();
}

// A change takes seats before the reservation has them, and gives seats back that it had.
bool IsChanged(const Case& one, const std::string& seat_id) {
  const auto& change = one.reservation->change;
  return (change.has_value() && Names(change->seat_ids, seat_id)) ||
         std::ranges::any_of(one.own_sagas, [&](const auto* saga) {
           return Names(saga->second.seat_ids, seat_id);
         });
}

// Why a reservation may not hold the seat; empty if it may.
std::string HolderDefect(const Case& holder, const std::string& event_id, const SeatRow& seat) {
  const std::string who = Cat("held by ", seat.holder->ToString());
  if (holder.reservation == nullptr) {
    // Sagas may start before this audit reads their reservation, but never without it.
    return Cat(who, ", which reservation_svc does not know");
  }
  const ReservationRow& reservation = *holder.reservation;
  const bool settled = holder.stage() == Stage::kSettled;
  if (reservation.event_id != event_id || (!Names(reservation.seat_ids, seat.seat_id) &&
                                           (settled || !IsChanged(holder, seat.seat_id)))) {
    return Cat(who, ", which does not name this seat");
  }
  if (!settled || holder.stands()) return "";
  return Cat(who, ", which is ", NameOf(reservation.state), " and has no live saga");
}

void CheckOneSeat(const Index& index, const std::string& event_id, const SeatRow& seat,
                  AuditFindings& out) {
  if (seat.reserved != seat.holder.has_value()) {
    out.findings.push_back(
        AboutSeat(FindingKind::kSeatStateInconsistent, event_id, seat.seat_id, seat.holder,
                  seat.reserved ? "RESERVED by nobody"
                                : Cat("AVAILABLE but held by ", seat.holder->ToString())));
    return;
  }
  if (!seat.reserved) return;
  std::string defect = HolderDefect(index.Find(*seat.holder), event_id, seat);
  if (defect.empty()) return;
  out.findings.push_back(AboutSeat(FindingKind::kSeatWithoutReservation, event_id, seat.seat_id,
                                   seat.holder, std::move(defect)));
}

std::string CapacityDefect(const EventRow& event) {
  const auto listed = static_cast<int64_t>(event.seats.size());
  const int64_t reserved = std::ranges::count_if(event.seats, &SeatRow::reserved);
  if (listed != event.seat_count) {
    return Cat("it has ", event.seat_count, " seats but ", listed, " are listed");
  }
  absl::flat_hash_set<std::string_view> names;
  for (const SeatRow& seat : event.seats) {
    if (!names.insert(seat.seat_id).second) return Cat(seat.seat_id, " is listed twice");
  }
  const bool still = event.available_before == event.available_after;
  if (!still || event.available_after + reserved == event.seat_count) return "";
  return Cat(event.available_after, " available + ", reserved, " reserved is not its ",
             event.seat_count, " seats");
}

}  // namespace

void CheckOwnedSeats(const Index& index, AuditFindings& out) {
  std::map<std::tuple<std::string_view, std::string_view>, Id> owners;
  for (const auto& [id, one] : index.cases()) {
    // A hold that has ended loses its seats before its reservation hears of it.
    if (one.is(reservation::v1::RESERVATION_STATE_HELD) && one.saga() != nullptr &&
        one.saga()->state == orchestrator::v1::SAGA_STATE_WAITING) {
      CheckSeatsOf(index, id, *one.reservation, FindingKind::kHeldWithoutSeats, out);
    }
    if (!one.stands() || (one.confirmed() && one.stage() != Stage::kSettled)) continue;
    CheckSeatsOf(index, id, *one.reservation, FindingKind::kConfirmedWithoutSeats, out);
    for (const std::string& seat_id : one.reservation->seat_ids) {
      const auto [owner, first] = owners.try_emplace({one.reservation->event_id, seat_id}, id);
      if (first) continue;
      out.findings.push_back(AboutSeat(FindingKind::kSeatSoldTwice, one.reservation->event_id,
                                       seat_id, id,
                                       Cat("CONFIRMED for ", std::min(id, owner->second).ToString(),
                                           " and for ", std::max(id, owner->second).ToString())));
    }
  }
}

void CheckHeldSeats(const Index& index, AuditFindings& out) {
  for (const auto& [event_id, event] : index.snapshot().events) {
    for (const SeatRow& seat : event.seats) CheckOneSeat(index, event_id, seat, out);
  }
}

void CheckCapacity(const Index& index, AuditFindings& out) {
  for (const auto& [event_id, event] : index.snapshot().events) {
    std::string defect = CapacityDefect(event);
    if (defect.empty()) continue;
    out.findings.push_back({.kind = FindingKind::kCapacityMismatch,
                            .subject = Cat("event ", event_id),
                            .evidence = std::move(defect),
                            .id = std::nullopt,
                            .event_id = event_id});
  }
}

}  // namespace seatsaga::cli::audit
