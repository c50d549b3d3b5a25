// The demo's own audit: reads the four services' data over their APIs and compares it. Beside it,
// `sagactl audit` checks all invariants.
#include <map>
#include <set>
#include <string>

#include "cluster/audit.h"
#include "common/text.h"
#include "demo/story.h"

namespace seatsaga::demo {
namespace {

// Everything that the facts are about.
struct Books {
  absl::Status status;
  std::map<std::string, int64_t> captured;    // in the ledger and not paid back, by currency
  std::map<std::string, int64_t> unbalanced;  // sums over all accounts that are not zero
  std::map<std::string, int64_t> confirmed;   // prices of confirmed reservations, by currency
  std::map<std::string, int64_t> kept;        // of cancelled ones, after the refund, by currency
  std::set<std::string> sold;                 // seats of confirmed reservations
  std::set<std::string> reserved;             // seats that seat_svc says are taken
  int unfinished = 0;
};

void ReadLedger(cluster::Clients& clients, Books& books) {
  const auto ledger = clients.Call(payment::v1::GetLedgerRequest());
  if (!ledger.ok()) return books.status.Update(ledger.status());
  for (const auto& account : ledger->balances()) {
    if (account.account() == "provider")
      books.captured[account.currency()] += account.balance_minor();
    books.unbalanced[account.currency()] += account.balance_minor();
  }
  std::erase_if(books.unbalanced, [](const auto& sum) { return sum.second == 0; });
}

void ReadReservation(const reservation::v1::Reservation& one, Books& books) {
  if (one.state() == reservation::v1::RESERVATION_STATE_CANCELLED) {
    if (one.has_refund()) books.kept[one.price().currency()] += KeptOf(one).amount_minor();
  } else if (one.state() == reservation::v1::RESERVATION_STATE_CONFIRMED) {
    books.confirmed[one.price().currency()] += one.price().amount_minor();
    for (const auto& seat : one.seat_ids()) books.sold.insert(Cat(one.event_id(), " ", seat));
  } else {
    ++books.unfinished;
  }
}

void ReadReservations(cluster::Clients& clients, Books& books) {
  reservation::v1::ListReservationsRequest request;
  request.set_page_size(1000);
  do {
    const auto page = clients.Call(request);
    if (!page.ok()) return books.status.Update(page.status());
    for (const auto& one : page->reservations()) {
      ReadReservation(one, books);
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
}

void ReadSeats(cluster::Clients& clients, Books& books) {
  const auto events = clients.Call(seat::v1::ListEventsRequest());
  if (!events.ok()) return books.status.Update(events.status());
  for (const auto& event : events->events()) {
    seat::v1::ListSeatsRequest request;
    request.set_event_id(event.event_id());
    request.set_state(seat::v1::SEAT_STATE_RESERVED);
    const auto seats = clients.Call(request);
    if (!seats.ok()) return books.status.Update(seats.status());
    for (const auto& seat : seats->seats()) {
      books.reserved.insert(Cat(event.event_id(), " ", seat.seat_id()));
    }
  }
}

// What the ledger must hold.
std::map<std::string, int64_t> Earned(const Books& books) {
  std::map<std::string, int64_t> earned = books.confirmed;
  for (const auto& [currency, minor] : books.kept) earned[currency] += minor;
  return earned;
}

std::string Sums(const std::map<std::string, int64_t>& by_currency) {
  std::string out;
  for (const auto& [currency, minor] : by_currency) {
    saga::v1::Money money;
    money.set_amount_minor(minor);
    money.set_currency(currency);
    Append(out, out.empty() ? "" : ", ", Amount(money));
  }
  return out.empty() ? "nothing" : out;
}

}  // namespace

void AuditTheStory(cluster::Cluster& cluster, Narrator& narrator) {
  narrator.Step("The audit: what do the four services say, all together?");
  const auto report = cluster::AuditQuiescent(cluster);
  Books books;
  ReadLedger(cluster.clients(), books);
  ReadReservations(cluster.clients(), books);
  ReadSeats(cluster.clients(), books);
  narrator.Fact(books.status.ok(), "all four services answer", books.status.ToString());
  narrator.Fact(books.unfinished == 0, "every reservation is CONFIRMED or CANCELLED",
                Cat(books.unfinished, " are neither"));
  narrator.Fact(books.captured == Earned(books),
                Cat("money in the ledger: ", Sums(books.captured), " = ", Sums(books.confirmed),
                    " of confirmed reservations + ", Sums(books.kept), " kept of cancelled ones"),
                Sums(Earned(books)));
  narrator.Fact(
      books.reserved == books.sold,
      Cat("seats reserved = seats of the confirmed reservations: ", books.reserved.size()),
      Cat(books.sold.size(), " seats confirmed"));
  narrator.Fact(books.unbalanced.empty(), "the ledger's accounts sum to zero",
                Sums(books.unbalanced));
  if (!report.ok()) return narrator.Fact(false, "sagactl audit", report.status().ToString());
  narrator.Fact(report->findings.empty(), "sagactl audit finds nothing",
                report->findings.empty() ? "" : report->findings.front());
}

}  // namespace seatsaga::demo
