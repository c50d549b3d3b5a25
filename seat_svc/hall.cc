#include "seat_svc/hall.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "common/text.h"
#include "common/time_proto.h"

namespace seatsaga::seat {
namespace {

// A seat's number in its row, from 1; 0 if the text is not one.
int32_t ParseNumber(std::string_view text) {
  int32_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  const bool whole = error == std::errc() && stopped == end;
  return whole && text.front() != '0' && number > 0 ? number : 0;
}

absl::Time SaleStartOf(const v1::Event& event) {
  return event.has_sale_start_time() ? FromProto(event.sale_start_time()) : absl::InfinitePast();
}

absl::Time SaleEndOf(const v1::Event& event) {
  if (event.has_sale_end_time()) return FromProto(event.sale_end_time());
  return event.has_start_time() ? FromProto(event.start_time()) : absl::InfiniteFuture();
}

std::optional<saga::v1::EventTerms> TermsOf(const v1::Event& event) {
  if (!event.has_start_time()) return std::nullopt;  // and refund rules need one
  saga::v1::EventTerms terms;
  *terms.mutable_start_time() = event.start_time();
  *terms.mutable_refund_rules() = event.refund_rules();
  return terms;
}

}  // namespace

Hall::Hall(std::string event_id, int64_t event_no, std::string currency, const v1::Event& event)
    : event_id_(std::move(event_id)),
      event_no_(event_no),
      currency_(std::move(currency)),
      sale_start_(SaleStartOf(event)),
      sale_end_(SaleEndOf(event)),
      terms_(TermsOf(event)) {
  for (const v1::Section& section : event.sections()) {
    for (const v1::Row& row : section.rows()) {
      std::string name = Cat(section.name(), "/", row.name());
      row_by_name_.emplace(name, rows_.size());
      rows_.push_back(Row{std::move(name), seat_count_, row.seat_count(), section.price_minor()});
      seat_count_ += row.seat_count();
    }
  }
}

std::optional<Hall::Seat> Hall::Find(std::string_view seat_id) const {
  const size_t slash = seat_id.rfind('/');
  if (slash == std::string_view::npos || slash + 1 == seat_id.size()) return std::nullopt;
  const auto it = row_by_name_.find(AbslView(seat_id.substr(0, slash)));
  if (it == row_by_name_.end()) return std::nullopt;
  const Row& row = rows_[it->second];
  const int32_t number = ParseNumber(seat_id.substr(slash + 1));
  if (number < 1 || number > row.seat_count) return std::nullopt;
  return Seat{row.first + number - 1, row.price_minor};
}

std::optional<SeatRange> Hall::SeatsOf(std::string_view section) const {
  if (section.empty()) return SeatRange{0, seat_count_};
  std::optional<SeatRange> seats;
  for (const Row& row : rows_) {
    const std::string_view name = row.name;
    if (name.substr(0, name.find('/')) != section) continue;
    if (!seats) seats = SeatRange{row.first, row.first};
    seats->end = row.first + row.seat_count;
  }
  return seats;
}

Hall::Cursor::Cursor(const Hall& hall, SeatNo seat_no) : hall_(hall), row_(0), seat_no_(seat_no) {
  const auto after = std::upper_bound(hall.rows_.begin(), hall.rows_.end(), seat_no,
                                      [](SeatNo no, const Row& row) { return no < row.first; });
  if (after != hall.rows_.begin()) row_ = static_cast<size_t>(after - hall.rows_.begin()) - 1;
}

std::string Hall::Cursor::seat_id() const {
  const Row& row = hall_.rows_[row_];
  return Cat(row.name, "/", seat_no_ - row.first + 1);
}

void Hall::Cursor::MoveTo(SeatNo seat_no) {
  seat_no_ = seat_no;
  while (row_ + 1 < hall_.rows_.size() && hall_.rows_[row_ + 1].first <= seat_no_) ++row_;
}

}  // namespace seatsaga::seat
