#include "reservation_svc/items.h"

#include <algorithm>
#include <utility>

#include "common/text.h"
#include "common/validation.h"

namespace seatsaga::reservation {
namespace {

// `others`: the seats of the items before.
void CheckItem(const v1::ReservationItem& item, const std::vector<std::string>& others,
               FieldErrors& errors) {
  if (item.has_area()) {
    errors.Add("area", "this release sells single seats only; name one in `seat`");
  } else if (!item.has_seat()) {
    errors.Add("seat", "required: a seat such as \"stalls/A/12\"");
  } else if (!IsSeatId(item.seat())) {
    errors.Add("seat", kNotASeatId);
  } else if (std::find(others.begin(), others.end(), item.seat()) != others.end()) {
    errors.Add("seat", Cat("repeats ", item.seat(), "; name each seat once"));
  }
  if (!item.ticket_type().empty()) {
    errors.Add("ticket_type", "must be empty: in this release a seat has one price");
  }
  if (item.count() < 0 || item.count() > 1) {
    errors.Add("count",
               "must be 0 or 1: this release sells single seats only; add an item per seat");
  }
}

}  // namespace

std::vector<std::string> CheckItems(std::string_view path,
                                    google::protobuf::RepeatedPtrField<v1::ReservationItem>& items,
                                    FieldErrors& errors) {
  std::vector<std::string> seats;
  if (items.empty()) {
    errors.Add(path, "required: 1 to 20 items such as {\"seat\": \"stalls/A/12\"}");
    return seats;
  }
  if (items.size() > kSeatsMax) {
    errors.Add(path,
               Cat("has ", items.size(), " items; at most ", kSeatsMax, " fit one reservation"));
    return seats;
  }
  seats.reserve(static_cast<size_t>(items.size()));
  for (v1::ReservationItem& item : items) {
    FieldErrors found;
    CheckItem(item, seats, found);
    if (!found.empty()) errors.AddBelow(Cat(path, "[", seats.size(), "]"), found);
    seats.push_back(item.has_seat() ? std::move(*item.mutable_seat()) : std::string());
  }
  return seats;
}

}  // namespace seatsaga::reservation
