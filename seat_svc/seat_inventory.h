#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/barrier.h"
#include "common/batch_loop.h"
#include "seat_svc/event_store.h"
#include "seat_svc/seat_book.h"
#include "seat_svc/seat_command.h"
#include "seat_svc/seat_store.h"

namespace seatsaga::seat {

// Reasons of a refused reservation, and of a refused CreateEvent.
inline constexpr std::string_view kEventNotFound = "EVENT_NOT_FOUND";
inline constexpr std::string_view kSeatNotFound = "SEAT_NOT_FOUND";
inline constexpr std::string_view kSeatNotAvailable = "SEAT_NOT_AVAILABLE";
inline constexpr std::string_view kEventDiffers = "EVENT_DIFFERS";

// The rules of the seats: what a batch of inputs does to them. Writer thread only.
class SeatInventory final : public BatchHandler<SeatInput> {
 public:
  // All three use the writer's connection, and outlive this.
  SeatInventory(EventStore& events, SeatStore& seats, Barrier& barrier)
      : events_(events), seats_(seats), barrier_(barrier), book_(seats) {}

  absl::Status Load(absl::Time now, AfterCommit& after) override;
  void Apply(std::vector<SeatInput>& batch, absl::Time now, AfterCommit& after) override;

 private:
  // A command on its way through a batch.
  struct Work {
    SeatCommand* command;
    std::shared_ptr<const Hall> hall;  // of an action; nullptr: no such event
    std::vector<SeatNo> seat_nos;      // of an action; those of its seats that exist
    int64_t price_minor = 0;           // of those seats
    std::string unknown_seats;         // the others' names
  };

  absl::StatusOr<v1::Event> Create(const v1::Event& event, absl::Time now, AfterCommit& after);

  void Prepare(std::vector<SeatInput>& batch);
  void FindHalls();
  void Resolve(Work& work);
  CommandResult Execute(Work& work);
  CommandResult Reserve(Work& work);
  CommandResult Release(const BarrierCommand& key);

  EventStore& events_;
  SeatStore& seats_;
  Barrier& barrier_;
  SeatBook book_;
  std::vector<Work> work_;  // of the present batch, in the order of its commands
};

}  // namespace seatsaga::seat
