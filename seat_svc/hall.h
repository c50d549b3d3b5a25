#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "seatsaga/saga/v1/saga.pb.h"
#include "seatsaga/seat/v1/seat.pb.h"

namespace seatsaga::seat {

// A seat's ordinal in its hall, from 0: section by section, row by row, number by number.
using SeatNo = int32_t;

// Neighbours, from `first` to before `end`.
struct SeatRange {
  SeatNo first = 0;
  SeatNo end = 0;

  friend auto operator<=>(const SeatRange&, const SeatRange&) = default;
};

// The places and prices of one event's seats, and how they are sold. Immutable, so safe to share
// between threads.
class Hall {
 public:
  struct Seat {
    SeatNo seat_no = 0;
    int64_t price_minor = 0;
  };

  // `event` needs its sections, dates and refund rules only, and has passed CheckEvent.
  Hall(std::string event_id, int64_t event_no, std::string currency, const v1::Event& event);

  const std::string& event_id() const { return event_id_; }
  int64_t event_no() const { return event_no_; }
  const std::string& currency() const { return currency_; }
  int32_t seat_count() const { return seat_count_; }
  // Seats can be reserved from sale_start on and before sale_end.
  absl::Time sale_start() const { return sale_start_; }
  absl::Time sale_end() const { return sale_end_; }
  // What the event promises to those who reserve; nullopt: nothing.
  const std::optional<saga::v1::EventTerms>& terms() const { return terms_; }
  // A measure of the memory that it takes.
  size_t row_count() const { return rows_.size(); }

  // "stalls/A/12"; nullopt if the hall has no such seat. A number with a leading zero names no
  // seat, so that each seat has one name.
  std::optional<Seat> Find(std::string_view seat_id) const;

  // The seats of a section, or of the whole hall if `section` is empty; nullopt if the hall has no
  // such section.
  std::optional<SeatRange> SeatsOf(std::string_view section) const;

  // Walks the hall in order from any seat, without a search per seat.
  class Cursor {
   public:
    // `seat_no` in [0, seat_count].
    Cursor(const Hall& hall, SeatNo seat_no);
    bool AtEnd() const { return seat_no_ >= hall_.seat_count_; }
    SeatNo seat_no() const { return seat_no_; }
    std::string seat_id() const;
    int64_t price_minor() const { return hall_.rows_[row_].price_minor; }
    void Advance() { MoveTo(seat_no_ + 1); }
    // Forwards only.
    void MoveTo(SeatNo seat_no);

   private:
    const Hall& hall_;
    size_t row_;
    SeatNo seat_no_;
  };

 private:
  struct Row {
    std::string name;  // "stalls/A"
    SeatNo first = 0;
    int32_t seat_count = 0;
    int64_t price_minor = 0;
  };

  const std::string event_id_;
  const int64_t event_no_;
  const std::string currency_;
  const absl::Time sale_start_;
  const absl::Time sale_end_;
  const std::optional<saga::v1::EventTerms> terms_;
  int32_t seat_count_ = 0;
  std::vector<Row> rows_;
  absl::flat_hash_map<std::string, size_t> row_by_name_;
};

}  // namespace seatsaga::seat
