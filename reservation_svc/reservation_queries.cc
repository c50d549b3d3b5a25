#include "reservation_svc/reservation_queries.h"

#include <string_view>
#include <utility>

#include "common/page_token.h"
#include "reservation_svc/labels.h"
#include "reservation_svc/reservation_details.h"
#include "reservation_svc/reservation_errors.h"
#include "reservation_svc/reservation_protos.h"

namespace seatsaga::reservation {
namespace {

using Table = decltype(kReservations);

// Builds one page, newest first.
class Page {
 public:
  Page(store::Snapshot& snapshot, const ListQuery& query) : snapshot_(snapshot), query_(query) {
    if (query.before) before_ = store::ValueOf(*query.before);
  }

  v1::ListReservationsResponse Run() {
    if (!query_.external_ref.empty()) {
      CollectByExternalRef();
    } else if (!query_.user_id.empty()) {
      ListOfUser();
    } else {
      const bool live = query_.state && IsLive(*query_.state);
      Collect({.index = live ? kLiveById : store::Wanted::kByKey});
    }
    return std::move(page_);
  }

 private:
  // Reads the raw row, so that rows which do not match cost little.
  bool Matches(const store::RowView& row) const {
    return (query_.user_id.empty() || Table::Bytes<&Reservation::user_id>(row) == query_.user_id) &&
           (query_.event_id.empty() ||
            Table::Bytes<&Reservation::event_id>(row) == query_.event_id) &&
           (!query_.state || Table::Column<&Reservation::state>(row) == *query_.state) &&
           (query_.labels.empty() ||
            HasLabels(LabelsIn(Table::Bytes<&Reservation::details>(row)), query_.labels));
  }

  // False if the page has ended; then sets where the next one begins.
  bool Collect(store::Scan scan) {
    scan.table = &kReservations.info();
    scan.beyond = before_;
    scan.descending = true;
    bool goes_on = true;
    snapshot_.Visit(scan, [&](const store::RowView& row) { return goes_on = Examine(row); });
    return goes_on;
  }
  bool Examine(const store::RowView& row) {
    if (page_.reservations_size() == static_cast<int>(query_.page_size) ||
        examined_ == kRowsExaminedMax) {
      EndHere();
      return false;
    }
    ++examined_;
    last_examined_ = Table::Column<&Reservation::id>(row);
    if (Matches(row)) ToProto(FromRow(Table::Load(row)), *page_.add_reservations());
    return true;
  }

  void CollectByExternalRef() {
    const store::Scan refs{.table = &kExternalRefs.info(),
                           .prefix = {store::ValueOf(query_.external_ref)},
                           .beyond = before_,
                           .descending = true};
    snapshot_.Visit(refs, [&](const store::RowView& ref) {
      const Id id = decltype(kExternalRefs)::Column<&ExternalRef::reservation_id>(ref);
      return Collect(id);
    });
  }
  // The one with this id.
  bool Collect(const Id& id) {
    bool goes_on = true;
    const store::Scan one{
        .table = &kReservations.info(), .prefix = {store::ValueOf(id)}, .limit = 1};
    snapshot_.Visit(one, [&](const store::RowView& row) { return goes_on = Examine(row); });
    return goes_on;
  }

  // Ranges do not overlap, so reading one after the other gives the order of the ids.
  void ListOfUser() {
    bool goes_on = true;
    const store::Scan ranges{.table = &kIdRanges.info(), .beyond = before_, .descending = true};
    snapshot_.Visit(ranges, [&](const store::RowView& row) {
      return goes_on = LookInto(decltype(kIdRanges)::Load(row));
    });
    if (goes_on) LookInto(IdRange());  // the first one has no row
  }
  bool LookInto(const IdRange& range) {
    if (ranges_++ == kRangesMax) {
      EndHere();
      return false;
    }
    const bool goes_on =
        Collect({.index = kByUser,
                 .prefix = {store::ValueOf(range.range_no), store::ValueOf(query_.user_id)}});
    if (goes_on) last_examined_ = range.first_id;
    return goes_on;
  }

  void EndHere() { page_.set_next_page_token(MakePageToken(query_.scope, last_examined_.bytes())); }

  store::Snapshot& snapshot_;
  const ListQuery& query_;
  std::optional<store::Value> before_;
  v1::ListReservationsResponse page_;
  size_t examined_ = 0;
  size_t ranges_ = 0;
  Id last_examined_;
};

}  // namespace

absl::StatusOr<v1::GetReservationResponse> Get(store::Snapshot& snapshot, const Id& id) {
  std::optional<ReservationRow> found = snapshot.Find(kReservations, id);
  if (!found) return NotFoundError(id);
  v1::GetReservationResponse response;
  ToProto(FromRow(*std::move(found)), *response.mutable_reservation());
  return response;
}

v1::ListReservationsResponse List(store::Snapshot& snapshot, const ListQuery& query) {
  return Page(snapshot, query).Run();
}

}  // namespace seatsaga::reservation
