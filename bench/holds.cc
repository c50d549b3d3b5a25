#include "bench/holds.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "api/reservation.h"
#include "bench/create_halls.h"
#include "bench/load.h"
#include "bench/workload.h"
#include "common/text.h"
#include "common/time_proto.h"

namespace seatsaga::bench {
namespace {

constexpr int kClients = 256;
constexpr int kPageSizeMax = 1'000;
constexpr absl::Duration kCallDeadline = absl::Seconds(30);
constexpr absl::Duration kPoll = absl::Milliseconds(50);
constexpr char kExpired[] = "HOLD_EXPIRED";

using reservation::v1::RESERVATION_STATE_CANCELLED;
using reservation::v1::RESERVATION_STATE_CONFIRMED;

struct Expired {
  int count = 0;
  absl::Time last = absl::InfinitePast();
};

// Adds those of one event.
absl::Status AddExpired(RpcChannel& reservation_svc, const std::string& event_id, Expired& all) {
  reservation::v1::ListReservationsRequest request;
  request.set_page_size(kPageSizeMax);
  request.set_event_id(event_id);
  do {
    const auto page =
        CallAndWait(reservation_svc, reservation::kListReservations, request, kCallDeadline);
    if (!page.ok()) return page.status();
    for (const auto& each : page->reservations()) {
      if (each.state() == RESERVATION_STATE_CONFIRMED) {
        return absl::InternalError("a hold that nobody paid for was confirmed");
      }
      if (each.state() != RESERVATION_STATE_CANCELLED) continue;
      if (each.reason() != kExpired)
        return absl::InternalError(Cat("a hold ended: ", each.reason()));
      ++all.count;
      all.last = std::max(all.last, FromProto(each.update_time()));
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

}  // namespace

Halls HallsForHolds(const std::string& event_prefix, int count) {
  return {event_prefix, (count - 1) / Halls::kSeatsPerEvent + 1};
}

absl::Status MakeHolds(RpcChannel& reservation_svc, RpcChannel& seat_svc, const Halls& halls,
                       int count, absl::Time expire_time) {
  if (auto status = CreateHalls(halls, seat_svc); !status.ok()) return status;
  const auto workload = MakeHolding(halls, expire_time);
  const LoadPlan plan{.in_flight = kClients,
                      .warmup = absl::ZeroDuration(),
                      .duration = expire_time - absl::Now(),
                      .count_max = count};
  const LoadResult made = RunLoad(reservation_svc, *workload, plan, nullptr);
  if (!made.unexpected.empty()) return absl::InternalError(made.unexpected.begin()->first);
  const auto held = made.expected.find("HELD");
  if (held != made.expected.end() && held->second == count) return absl::OkStatus();
  return absl::DeadlineExceededError(Cat("too slow: the first of ", count, " holds has expired"));
}

absl::StatusOr<absl::Time> AwaitExpired(RpcChannel& reservation_svc, const Halls& halls, int count,
                                        absl::Duration within) {
  const absl::Time deadline = absl::Now() + within;
  while (true) {
    Expired all;
    for (int event = 0; event < halls.event_count(); ++event) {
      auto status = AddExpired(reservation_svc, halls.EventId(event), all);
      if (!status.ok()) return status;
    }
    if (all.count == count) return all.last;
    if (absl::Now() > deadline) {
      return absl::DeadlineExceededError(
          Cat(count - all.count, " of ", count, " holds are still not undone"));
    }
    std::this_thread::sleep_for(absl::ToChronoNanoseconds(kPoll));
  }
}

}  // namespace seatsaga::bench
