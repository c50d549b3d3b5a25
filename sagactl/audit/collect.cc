#include "sagactl/audit/collect.h"

#include <functional>
#include <initializer_list>
#include <map>
#include <utility>

#include "common/text.h"
#include "sagactl/audit/rows.h"

namespace seatsaga::cli {
namespace {

namespace ov1 = orchestrator::v1;
namespace pv1 = payment::v1;
namespace rv1 = reservation::v1;
namespace sv1 = seat::v1;

constexpr int kPageSize = 1000;
constexpr int kSeatPageSize = 10'000;

// Runs the steps in their order until one is not Ok.
absl::Status InOrder(std::initializer_list<std::function<absl::Status()>> steps) {
  for (const auto& step : steps) {
    if (auto status = step(); !status.ok()) return status;
  }
  return absl::OkStatus();
}

// Adds an item to `rows` under its id.
template <class Item, class Rows>
absl::Status AddRow(const Item& item, const Id& id, Rows& rows) {
  auto row = RowOf(item);
  if (!row.ok()) return row.status();
  rows.insert_or_assign(id, *std::move(row));
  return absl::OkStatus();
}

// Adds a page's items to `rows` under their ids.
template <class Items, class Rows, class IdText>
absl::Status AddRows(const Items& items, std::string_view service, Rows& rows, IdText id_text) {
  for (const auto& item : items) {
    const auto id = ReadId(id_text(item), service);
    if (!id.ok()) return id.status();
    if (auto added = AddRow(item, *id, rows); !added.ok()) return added;
  }
  return absl::OkStatus();
}

}  // namespace

template <class Request, class Use>
absl::Status ServicesSource::ForEachPage(Request request, Use use) {
  while (true) {
    const auto page = services_.Call(request);
    if (!page.ok()) return page.status();
    if (auto status = use(*page); !status.ok()) return status;
    if (page->next_page_token().empty()) return absl::OkStatus();
    if (page->next_page_token() == request.page_token()) {
      return absl::InternalError(AbslView(Cat(api::kMethodOf<Request>.info().descriptor->name(),
                                              " returned the same page token twice")));
    }
    request.set_page_token(page->next_page_token());
  }
}

absl::StatusOr<Snapshot> ServicesSource::ReadAll() {
  Snapshot snapshot;
  snapshot.read_time = services_.Now();
  const absl::Status status = InOrder(
      {[&] { return ReadLedger(snapshot.ledger_before); }, [&] { return ReadSagas(snapshot); },
       [&] { return ReadReservations(snapshot); }, [&] { return ReadPayments(snapshot, {}); },
       [&] { return ReadEvents(snapshot); }, [&] { return ReadLedger(snapshot.ledger_after); }});
  if (!status.ok()) return status;
  return snapshot;
}

absl::Status ServicesSource::ReadLedger(Ledger& ledger) {
  const auto answer = services_.Call(pv1::GetLedgerRequest());
  if (!answer.ok()) return answer.status();
  ledger = LedgerOf(*answer);
  return absl::OkStatus();
}

absl::Status ServicesSource::ReadSagas(Snapshot& snapshot) {
  ov1::ListSagasRequest request;
  request.set_page_size(kPageSize);
  return ForEachPage(std::move(request), [&](const auto& page) {
    return AddRows(page.sagas(), "orchestrator", snapshot.sagas,
                   [](const ov1::Saga& saga) { return saga.saga_id(); });
  });
}

absl::Status ServicesSource::ReadReservations(Snapshot& snapshot) {
  rv1::ListReservationsRequest request;
  request.set_page_size(kPageSize);
  return ForEachPage(std::move(request), [&](const auto& page) {
    return AddRows(page.reservations(), "reservation_svc", snapshot.reservations,
                   [](const rv1::Reservation& one) { return one.reservation_id(); });
  });
}

absl::Status ServicesSource::ReadPayments(Snapshot& snapshot, pv1::ListPaymentsRequest request) {
  request.set_page_size(kPageSize);
  return ForEachPage(std::move(request), [&](const auto& page) {
    return AddRows(page.payments(), "payment_svc", snapshot.payments,
                   [](const pv1::Payment& payment) { return payment.payment_id(); });
  });
}

absl::Status ServicesSource::ReadEvents(Snapshot& snapshot) {
  sv1::ListEventsRequest request;
  request.set_page_size(kPageSize);
  std::vector<std::string> ids;
  const auto status = ForEachPage(std::move(request), [&](const auto& page) {
    for (const auto& event : page.events()) ids.push_back(event.event_id());
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  for (const std::string& id : ids) {
    if (auto read = RefreshEvent(snapshot, id); !read.ok()) return read;
  }
  return absl::OkStatus();
}

absl::Status ServicesSource::RefreshEvent(Snapshot& snapshot, const std::string& event_id) {
  sv1::GetEventRequest request;
  request.set_event_id(event_id);
  const auto event = services_.Call(request);
  if (absl::IsNotFound(event.status())) {
    snapshot.events.erase(event_id);
    return absl::OkStatus();
  }
  if (!event.ok()) return event.status();
  return ReadEvent(snapshot, event->event());
}

absl::Status ServicesSource::ReadEvent(Snapshot& snapshot, const sv1::Event& before) {
  EventRow row{.currency = before.currency(),
               .seat_count = before.seat_count(),
               .available_before = before.available_seat_count()};
  sv1::ListSeatsRequest request;
  request.set_event_id(before.event_id());
  request.set_page_size(kSeatPageSize);
  const auto status = ForEachPage(std::move(request), [&](const auto& page) {
    for (const auto& seat : page.seats()) {
      auto seat_row = RowOf(seat);
      if (!seat_row.ok()) return seat_row.status();
      row.seats.push_back(*std::move(seat_row));
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  sv1::GetEventRequest again;
  again.set_event_id(before.event_id());
  const auto after = services_.Call(again);
  if (!after.ok()) return after.status();
  row.available_after = after->event().available_seat_count();
  snapshot.events.insert_or_assign(before.event_id(), std::move(row));
  return absl::OkStatus();
}

template <class Request, class Rows, class Get>
absl::Status ServicesSource::RefreshRow(const Request& request, const Id& id, Rows& rows, Get get) {
  const auto answer = services_.Call(request);
  if (absl::IsNotFound(answer.status())) {
    rows.erase(id);
    return absl::OkStatus();
  }
  if (!answer.ok()) return answer.status();
  return AddRow(get(*answer), id, rows);
}

absl::Status ServicesSource::RefreshReservation(Snapshot& snapshot, const Id& id) {
  rv1::GetReservationRequest request;
  request.set_reservation_id(id.ToString());
  return RefreshRow(request, id, snapshot.reservations,
                    [](const auto& answer) { return answer.reservation(); });
}

// Several may have begun since the snapshot was read: each tells the one before it.
absl::Status ServicesSource::RefreshSagas(Snapshot& snapshot, std::set<Id> ids) {
  while (!ids.empty()) {
    const Id id = ids.extract(ids.begin()).value();
    ov1::GetSagaRequest request;
    request.set_saga_id(id.ToString());
    const absl::Status status =
        RefreshRow(request, id, snapshot.sagas, [](const auto& answer) { return answer.saga(); });
    if (!status.ok()) return status;
    const auto found = snapshot.sagas.find(id);
    if (found == snapshot.sagas.end()) continue;
    const Id& before = found->second.follows;
    if (before != Id() && !snapshot.sagas.contains(before)) ids.insert(before);
  }
  return absl::OkStatus();
}

// The reservation tells which sagas it has by now. It is read again after them: once a saga is
// terminal, what is read after it stays as it is.
absl::Status ServicesSource::RefreshCase(Snapshot& snapshot, const Id& id, std::set<Id> saga_ids) {
  saga_ids.insert(id);
  return InOrder({[&] { return RefreshReservation(snapshot, id); },
                  [&] {
                    const auto found = snapshot.reservations.find(id);
                    if (found == snapshot.reservations.end()) return absl::OkStatus();
                    saga_ids.insert(found->second.saga_id);
                    if (found->second.change) saga_ids.insert(found->second.change->saga_id);
                    return absl::OkStatus();
                  },
                  [&] { return RefreshSagas(snapshot, std::move(saga_ids)); },
                  [&] { return RefreshReservation(snapshot, id); },
                  [&] {
                    pv1::ListPaymentsRequest payments;
                    payments.set_reservation_id(id.ToString());
                    return ReadPayments(snapshot, std::move(payments));
                  }});
}

absl::Status ServicesSource::Refresh(Snapshot& snapshot, const std::set<Id>& ids,
                                     std::set<std::string> events) {
  snapshot.read_time = services_.Now();
  std::map<Id, std::set<Id>> sagas;
  // any order: they are sorted into sets
  for (const auto& [id, saga] : snapshot.sagas) {
    if (ids.contains(saga.reservation_id)) sagas[saga.reservation_id].insert(id);
  }
  absl::erase_if(snapshot.payments,
                 [&](const auto& payment) { return ids.contains(payment.second.reservation_id); });
  for (const Id& id : ids) {
    if (auto status = RefreshCase(snapshot, id, std::move(sagas[id])); !status.ok()) return status;
    const auto reservation = snapshot.reservations.find(id);
    if (reservation != snapshot.reservations.end()) events.insert(reservation->second.event_id);
  }
  for (const std::string& event_id : events) {
    if (auto status = RefreshEvent(snapshot, event_id); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace seatsaga::cli
