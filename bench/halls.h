#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "seatsaga/seat/v1/seat.pb.h"

namespace seatsaga::bench {

// Events with equally large halls, and the order in which their seats are given out: each seat
// once, from all events in turn, as if many performances sold at the same time. Not thread-safe.
class Halls {
 public:
  static constexpr int kSeatsPerEvent = 50'000;
  static constexpr int64_t kPriceMinor = 4'250;
  static constexpr char kCurrency[] = "EUR";

  struct Place {
    std::string event_id;
    std::string seat_id;
  };

  // Every event's id begins with `prefix`, which must be new for each run.
  Halls(std::string prefix, int event_count)
      : prefix_(std::move(prefix)), event_count_(event_count) {}

  // The request that creates one hall of any size, a multiple of 1,000 seats.
  static seat::v1::CreateEventRequest CreationOf(const std::string& event_id, int seat_count);

  int event_count() const { return event_count_; }
  bool HasMore() const { return next_ < int64_t{event_count_} * kSeatsPerEvent; }
  // Precondition: HasMore().
  Place Next();

  std::string EventId(int event) const;
  static std::string SeatId(int seat);  // 0 to kSeatsPerEvent - 1, in the hall's order

 private:
  const std::string prefix_;
  const int event_count_;
  int64_t next_ = 0;
};

}  // namespace seatsaga::bench
