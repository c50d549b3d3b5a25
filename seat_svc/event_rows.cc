#include "seat_svc/event_rows.h"

#include <charconv>

#include "common/text.h"
#include "common/time_proto.h"
#include "seat_svc/event_rules.h"

namespace seatsaga::seat {
namespace {

v1::Event SaleTermsOf(const v1::Event& event) {
  v1::Event terms;
  if (event.has_start_time()) *terms.mutable_start_time() = event.start_time();
  if (event.has_sale_start_time()) *terms.mutable_sale_start_time() = event.sale_start_time();
  if (event.has_sale_end_time()) *terms.mutable_sale_end_time() = event.sale_end_time();
  *terms.mutable_refund_rules() = event.refund_rules();
  return terms;
}

// Its sections, dates and refund rules.
v1::Event Parse(const EventRow& row) {
  v1::Event event;
  event.ParseFromString(row.layout);
  event.MergeFromString(row.sale_terms);
  return event;
}

}  // namespace

EventRow ToRow(const v1::Event& event, int64_t event_no, absl::Time now) {
  v1::Event layout;
  *layout.mutable_sections() = event.sections();
  return {.event_id = event.event_id(),
          .event_no = event_no,
          .display_name = event.display_name(),
          .currency = event.currency(),
          .seat_count = SeatCountOf(event),
          .create_time = now,
          .digest = DigestOf(event),
          .layout = layout.SerializeAsString(),
          .sale_terms = SaleTermsOf(event).SerializeAsString()};
}

v1::Event ToEvent(const EventRow& row) {
  v1::Event event = Parse(row);
  event.set_event_id(row.event_id);
  event.set_display_name(row.display_name);
  event.set_currency(row.currency);
  event.set_seat_count(row.seat_count);
  *event.mutable_create_time() = ToProto(row.create_time);
  return event;
}

v1::Event ToSummary(const store::RowView& row) {
  v1::Event event;
  event.ParseFromString(kEvents.Column<&EventRow::sale_terms>(row));
  event.set_event_id(kEvents.Column<&EventRow::event_id>(row));
  event.set_display_name(kEvents.Column<&EventRow::display_name>(row));
  event.set_currency(kEvents.Column<&EventRow::currency>(row));
  event.set_seat_count(kEvents.Column<&EventRow::seat_count>(row));
  *event.mutable_create_time() = ToProto(kEvents.Column<&EventRow::create_time>(row));
  return event;
}

std::shared_ptr<const Hall> ToHall(const EventRow& row) {
  return std::make_shared<const Hall>(row.event_id, row.event_no, row.currency, Parse(row));
}

std::string FormatSeatNos(std::span<const SeatNo> seat_nos) {
  std::string text;
  for (const SeatNo seat_no : seat_nos) Append(text, text.empty() ? "" : ",", seat_no);
  return text;
}

std::vector<SeatNo> ParseSeatNos(std::string_view text) {
  std::vector<SeatNo> seat_nos;
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at < end; ++at) {  // ++ steps over the comma
    SeatNo seat_no = 0;
    at = std::from_chars(at, end, seat_no).ptr;
    seat_nos.push_back(seat_no);
  }
  return seat_nos;
}

}  // namespace seatsaga::seat
