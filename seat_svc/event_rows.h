#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/store/table.h"
#include "seat_svc/hall.h"
#include "seat_svc/seat_tables.h"
#include "seatsaga/seat/v1/seat.pb.h"

// Rows made from events, and back. Pure; thread-safe.
namespace seatsaga::seat {

// `event` has passed KeepInputFields.
EventRow ToRow(const v1::Event& event, int64_t event_no, absl::Time now);
// With its output-only fields, except for available_seat_count.
v1::Event ToEvent(const EventRow& row);
// The same without its sections, from an engine's row of kEvents.
v1::Event ToSummary(const store::RowView& row);
std::shared_ptr<const Hall> ToHall(const EventRow& row);

// "17,18,19".
std::string FormatSeatNos(std::span<const SeatNo> seat_nos);
std::vector<SeatNo> ParseSeatNos(std::string_view text);

}  // namespace seatsaga::seat
