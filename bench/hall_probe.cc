#include "bench/hall_probe.h"

#include "absl/time/clock.h"
#include "bench/halls.h"
#include "common/text.h"
#include "seatsaga/seat/v1/seat.pb.h"

namespace seatsaga::bench {
namespace {

constexpr int kPageSizeMax = 10'000;

// The number of seats listed, or an error.
absl::StatusOr<int> ReadSeats(Services& services, const std::string& event_id) {
  seat::v1::ListSeatsRequest request;
  request.set_event_id(event_id);
  request.set_page_size(kPageSizeMax);
  int count = 0;
  do {
    const auto page = services.CallOnArena(request);
    if (!page.ok()) return page.status();
    count += (*page)->seats_size();
    request.set_page_token((*page)->next_page_token());
  } while (!request.page_token().empty());
  return count;
}

}  // namespace

absl::StatusOr<HallTimes> TimeHall(Services& services, const std::string& event_id,
                                   int seat_count) {
  const seat::v1::CreateEventRequest request = Halls::CreationOf(event_id, seat_count);
  const absl::Time begin = absl::Now();
  if (const auto created = services.Call(request); !created.ok()) return created.status();
  const absl::Time middle = absl::Now();
  const auto listed = ReadSeats(services, event_id);
  if (!listed.ok()) return listed.status();
  if (*listed != seat_count) {
    return absl::InternalError(Cat(*listed, " of ", seat_count, " seats are listed"));
  }
  return HallTimes{
      .seat_count = seat_count, .create = middle - begin, .read = absl::Now() - middle};
}

}  // namespace seatsaga::bench
