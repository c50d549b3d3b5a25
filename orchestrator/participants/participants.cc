#include "orchestrator/participants/participants.h"

#include <algorithm>
#include <utility>

#include "api/payment.h"
#include "api/reservation.h"
#include "api/seat.h"

namespace seatsaga::participants {
namespace {

// A quick participant's answers come back together: few RPCs in flight make large batches.
constexpr CallQueueLimits kQuick{.rpcs_in_flight_max = 2, .batch_max = 256};
// The payment provider's time passes inside the RPC.
constexpr CallQueueLimits kSlow{.rpcs_in_flight_max = 16, .batch_max = 256};

constexpr absl::Duration kEpochAgain = absl::Milliseconds(250);

size_t At(Participant participant) { return static_cast<size_t>(participant); }

size_t For(const CallRequest& call) { return At(RowOf(call.command.call).participant); }

}  // namespace

Participants::Participants(const World& world, const Targets& targets, Claimant claimant,
                           Hooks hooks)
    : clock_(world.clock),
      executor_(world.executor),
      claimant_(std::move(claimant)),
      hooks_(std::move(hooks)) {
  connections_[At(Participant::kSeats)] =
      std::make_unique<BatchConnection<seat::kExecuteSeatCommands>>(
          ConnectionTraits{.name = "seat_svc", .target = targets.seats, .limits = kQuick},
          claimant_, clock_, world.wire, EventsOf());
  connections_[At(Participant::kPayments)] =
      std::make_unique<BatchConnection<payment::kExecutePaymentCommands>>(
          ConnectionTraits{.name = "payment_svc", .target = targets.payments, .limits = kSlow},
          claimant_, clock_, world.wire, EventsOf());
  connections_[At(Participant::kReservations)] =
      std::make_unique<BatchConnection<reservation::kExecuteReservationCommands>>(
          ConnectionTraits{.name = "reservation_svc",
                           .target = targets.reservations,
                           .limits = kQuick,
                           .urgent = false},
          claimant_, clock_, world.wire, EventsOf());
}

Connection::Events Participants::EventsOf() {
  return {.results =
              [this](std::vector<CallResult> results, bool urgent) {
                if (!stopped_) hooks_.results(std::move(results), urgent);
              },
          .claim = {.asked = [this] { Proceed(); },
                    .taken = [this] { OnTaken(); },
                    .stop = [this](absl::Status why) { OnStop(std::move(why)); },
                    .wake = [this] { executor_.Wake(); }},
          .stopped = stopped_};
}

void Participants::Start() {
  attached_ = true;
  executor_.Attach(*this);
}

void Participants::Stop() {
  stopped_ = true;
  if (std::exchange(attached_, false)) executor_.Detach(*this);
}

void Participants::Send(std::vector<CallRequest> calls) {
  if (stopped_ || calls.empty()) return;
  // Most batches are for one participant.
  const size_t first = For(calls.front());
  if (std::all_of(calls.begin(), calls.end(),
                  [&](const auto& call) { return For(call) == first; })) {
    return connections_[first]->Send(std::move(calls));
  }
  std::array<std::vector<CallRequest>, kParticipants> sorted;
  for (CallRequest& call : calls) {
    sorted[For(call)].push_back(std::move(call));
  }
  for (size_t i = 0; i < kParticipants; ++i) {
    if (!sorted[i].empty()) connections_[i]->Send(std::move(sorted[i]));
  }
}

Mono Participants::PrepareWait() {
  if (stopped_) return Mono::InfiniteFuture();
  if (!begun_) return Mono::InfinitePast();
  Mono due = std::min(patience_ends_, epoch_again_);
  for (const auto& connection : connections_) due = std::min(due, connection->NextDue());
  return due;
}

void Participants::RunDue() {
  if (stopped_) return;
  const Mono now = clock_.Now();
  if (!std::exchange(begun_, true)) {
    patience_ends_ = now + kPatience;
    for (const auto& connection : connections_) connection->claim().Ask();
  }
  for (const auto& connection : connections_) connection->RunDue();
  if (now < patience_ends_ && now < epoch_again_) return;
  if (now >= patience_ends_) patience_ends_ = Mono::InfiniteFuture();
  if (now >= epoch_again_) epoch_again_ = Mono::InfiniteFuture();
  Proceed();
}

// Until every participant has been asked; after a while, until one has.
bool Participants::MayClaim() {
  const auto asked = std::count_if(connections_.begin(), connections_.end(), [](const auto& one) {
    return one->claim().state() == Claim::State::kAsked;
  });
  const bool patient = patience_ends_ != Mono::InfiniteFuture();
  may_claim_ |= patient ? asked == static_cast<int>(kParticipants) : asked > 0;
  return may_claim_;
}

void Participants::Proceed() {
  if (stopped_ || waits_for_epoch_ || !MayClaim()) return;
  uint64_t seen = 0;
  bool any = false;
  for (const auto& connection : connections_) {
    if (connection->claim().state() != Claim::State::kAsked) continue;
    any = true;
    seen = std::max(seen, connection->claim().seen());
  }
  if (!any) return;
  if (epoch_ <= seen) {
    waits_for_epoch_ = true;
    return hooks_.claim_epoch(seen, [this, alive = std::weak_ptr(alive_)](auto epoch) {
      if (!alive.expired()) OnEpoch(epoch);
    });
  }
  for (const auto& connection : connections_) {
    if (connection->claim().state() != Claim::State::kAsked) continue;
    connection->claim().Take({epoch_, claimant_.holder});
  }
}

void Participants::OnEpoch(const absl::StatusOr<uint64_t>& epoch) {
  waits_for_epoch_ = false;
  if (!epoch.ok()) {
    epoch_again_ = clock_.Now() + kEpochAgain;
    return executor_.Wake();
  }
  epoch_ = *epoch;
  Proceed();
}

void Participants::OnTaken() {
  if (!stopped_ && !std::exchange(commanding_, true)) hooks_.commanding(true);
}

void Participants::OnStop(absl::Status why) {
  if (stopped_.exchange(true)) return;
  hooks_.commanding(false);
  hooks_.stop(std::move(why));
}

}  // namespace seatsaga::participants
