#include "bench/query_probe.h"

#include <algorithm>
#include <utility>

#include "absl/random/random.h"
#include "absl/time/clock.h"
#include "api/methods.h"
#include "common/text.h"

namespace seatsaga::bench {
namespace {

using namespace orchestrator::v1;
using namespace payment::v1;
using namespace reservation::v1;
using namespace seat::v1;

constexpr int kPageSizeDefault = 50;
constexpr int kPageSizeMax = 1'000;
constexpr int kSeatPageSizeDefault = 1'000;
constexpr int kSeatPageSizeMax = 10'000;
constexpr int kUsers = 200;
constexpr int kEvents = 5;
constexpr int kPagesOfAnOwner = 20;  // of one user's or one event's reservations

int RowsOf(const ListReservationsResponse& page) { return page.reservations_size(); }
int RowsOf(const ListSagasResponse& page) { return page.sagas_size(); }
int RowsOf(const ListPaymentsResponse& page) { return page.payments_size(); }
int RowsOf(const ListEventsResponse& page) { return page.events_size(); }
int RowsOf(const ListSeatsResponse& page) { return page.seats_size(); }
template <class Response>
int RowsOf(const Response&) {
  return 1;
}

class QueryProbe {
 public:
  QueryProbe(Services& services, const QueryPlan& plan) : services_(services), plan_(plan) {}

  absl::StatusOr<std::vector<QueryTimes>> Run() {
    TimeReservations();
    TimeSagas();
    TimePayments();
    TimeSeats();
    if (!status_.ok()) return status_;
    return std::move(times_);
  }

 private:
  // Requests for the pages of one list, from the first one on. Calls `each` with every page.
  template <class Request, class Each>
  std::vector<Request> Walk(Request request, int pages, Each each) {
    std::vector<Request> requests;
    for (int i = 0; i < pages && status_.ok(); ++i) {
      requests.push_back(request);
      const auto answer = services_.CallOnArena(request);
      status_.Update(answer.status());
      if (!answer.ok()) break;
      const api::ResponseOf<Request>& page = **answer;
      each(page);
      if (page.next_page_token().empty()) break;
      request.set_page_token(page.next_page_token());
    }
    return requests;
  }

  template <class Request>
  std::vector<Request> Walk(Request request, int pages) {
    return Walk(std::move(request), pages, [](const api::ResponseOf<Request>&) {});
  }

  // Adds one row of the result, from random picks from `requests`.
  template <class Request>
  void Time(std::string what, const std::vector<Request>& requests, int page_size = 0) {
    if (!status_.ok() || requests.empty()) return;
    QueryTimes times{.what = std::move(what), .page_size = page_size};
    int64_t rows = 0;
    for (int i = 0; i < plan_.samples; ++i) {
      const Request& request = requests[absl::Uniform(random_, 0U, requests.size())];
      const absl::Time begin = absl::Now();
      const auto answer = services_.CallOnArena(request);
      times.latency.Record(absl::Now() - begin);
      status_.Update(answer.status());
      if (!answer.ok()) return;
      rows += RowsOf(**answer);
    }
    times.rows_each = static_cast<double>(rows) / plan_.samples;
    times_.push_back(std::move(times));
  }

  // The same for pages of one size. Tokens are valid whatever the page size.
  template <class Request>
  void TimePages(const std::string& what, std::vector<Request> requests, int page_size) {
    for (Request& request : requests) request.set_page_size(page_size);
    Time(what, requests, page_size);
  }

  void TimeReservations() {
    ListReservationsRequest all;
    all.set_page_size(kPageSizeMax);
    const auto pages = Walk(all, plan_.pages_walked,
                            [this](const ListReservationsResponse& page) { KeepIds(page); });
    std::vector<GetReservationRequest> singles(ids_.size());
    for (size_t i = 0; i < ids_.size(); ++i) singles[i].set_reservation_id(ids_[i]);
    Time("GetReservation", singles);
    TimePages("ListReservations", pages, kPageSizeDefault);
    TimePages("ListReservations", pages, kPageSizeMax);
    TimePages("ListReservations of a user",
              PagesOf(users_, kUsers, &ListReservationsRequest::set_user_id<std::string>),
              kPageSizeDefault);
    TimePages("ListReservations of an event",
              PagesOf(events_, kEvents, &ListReservationsRequest::set_event_id<std::string>),
              kPageSizeDefault);
    for (const auto state :
         {RESERVATION_STATE_PENDING, RESERVATION_STATE_CONFIRMED, RESERVATION_STATE_CANCELLED}) {
      ListReservationsRequest request = all;
      request.set_state(state);
      const std::string name = ReservationState_Name(state).substr(sizeof "RESERVATION_STATE");
      TimePages("ListReservations " + name, Walk(request, kPagesOfAnOwner), kPageSizeDefault);
    }
  }

  // Keeps a few ids of each page, for later queries.
  void KeepIds(const ListReservationsResponse& page) {
    for (int i = 0; i < page.reservations_size(); i += kPageSizeMax / 10) {
      ids_.push_back(page.reservations(i).reservation_id());
      users_.push_back(page.reservations(i).user_id());
      events_.push_back(page.reservations(i).event_id());
    }
  }

  // The first pages of the lists of `count` owners.
  template <class SetOwner>
  std::vector<ListReservationsRequest> PagesOf(const std::vector<std::string>& owners, int count,
                                               SetOwner set_owner) {
    std::vector<ListReservationsRequest> requests;
    for (int i = 0; i < count && !owners.empty(); ++i) {
      ListReservationsRequest request;
      (request.*set_owner)(std::string(owners[absl::Uniform(random_, 0U, owners.size())]));
      request.set_page_size(kPageSizeDefault);
      std::ranges::move(Walk(std::move(request), kPagesOfAnOwner), std::back_inserter(requests));
    }
    return requests;
  }

  void TimeSagas() {
    std::vector<GetSagaRequest> singles(ids_.size());
    for (size_t i = 0; i < ids_.size(); ++i) singles[i].set_saga_id(ids_[i]);
    Time("GetSaga", singles);
    ListSagasRequest all;
    all.set_page_size(kPageSizeMax);
    const auto pages = Walk(all, plan_.pages_walked);
    TimePages("ListSagas", pages, kPageSizeDefault);
    TimePages("ListSagas", pages, kPageSizeMax);
    for (const auto state :
         {SAGA_STATE_RUNNING, SAGA_STATE_COMPLETED, SAGA_STATE_COMPENSATED, SAGA_STATE_PARKED}) {
      ListSagasRequest request = all;
      request.set_state(state);
      TimePages("ListSagas " + SagaState_Name(state).substr(sizeof "SAGA_STATE"),
                Walk(request, kPagesOfAnOwner), kPageSizeDefault);
    }
  }

  void TimePayments() {
    std::vector<GetPaymentRequest> singles(ids_.size());
    for (size_t i = 0; i < ids_.size(); ++i) singles[i].set_payment_id(ids_[i]);
    Time("GetPayment", singles);
    ListPaymentsRequest all;
    all.set_page_size(kPageSizeMax);
    const auto pages = Walk(all, plan_.pages_walked);
    TimePages("ListPayments", pages, kPageSizeDefault);
    TimePages("ListPayments", pages, kPageSizeMax);
    for (const auto state :
         {PAYMENT_STATE_PENDING, PAYMENT_STATE_CAPTURED, PAYMENT_STATE_DECLINED}) {
      ListPaymentsRequest request = all;
      request.set_state(state);
      TimePages("ListPayments " + PaymentState_Name(state).substr(sizeof "PAYMENT_STATE"),
                Walk(request, kPagesOfAnOwner), kPageSizeDefault);
    }
  }

  void TimeSeats() {
    ListEventsRequest all;
    all.set_page_size(1);  // so that a page can start at any event
    std::vector<GetEventRequest> singles;
    const auto pages = Walk(all, plan_.pages_walked, [&singles](const ListEventsResponse& page) {
      for (const auto& event : page.events()) {
        singles.emplace_back().set_event_id(event.event_id());
      }
    });
    Time("GetEvent", singles);
    TimePages("ListEvents", pages, kPageSizeDefault);
    std::vector<ListSeatsRequest> seats;
    for (int i = 0; i < kEvents && !events_.empty(); ++i) {
      ListSeatsRequest request;
      request.set_event_id(events_[absl::Uniform(random_, 0U, events_.size())]);
      request.set_page_size(kSeatPageSizeDefault);
      std::ranges::move(Walk(request, plan_.pages_walked), std::back_inserter(seats));
    }
    TimePages("ListSeats", seats, kSeatPageSizeDefault);
    TimePages("ListSeats", seats, kSeatPageSizeMax);
  }

  Services& services_;
  const QueryPlan plan_;

  absl::InsecureBitGen random_;
  absl::Status status_;  // the first error; no query is sent after it
  std::vector<QueryTimes> times_;
  // Of reservations spread over the whole list.
  std::vector<std::string> ids_;
  std::vector<std::string> users_;
  std::vector<std::string> events_;
};

}  // namespace

absl::StatusOr<std::vector<QueryTimes>> TimeQueries(Services& services, const QueryPlan& plan) {
  return QueryProbe(services, plan).Run();
}

}  // namespace seatsaga::bench
