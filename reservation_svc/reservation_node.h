#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/id.h"
#include "common/node/world.h"
#include "common/participant/node.h"
#include "common/sealed_token.h"
#include "reservation_svc/outbox_relay.h"
#include "reservation_svc/reservation_logic.h"
#include "reservation_svc/reservation_requests.h"
#include "reservation_svc/reservation_watches.h"

namespace seatsaga::reservation {

struct ReservationOptions {
  std::string orchestrator;  // as the world names it
  ReservationLimits limits;
  HoldLimits holds;
  LoopLimits loop;
  std::vector<std::string> forget_token_keys;  // see KeepTokenKeys
};

// reservation_svc: the public facade.
class ReservationNode final : public participant::ParticipantNode<ReservationIo, CommandBody> {
 public:
  // Opens the store. `sealer` has the key that payment_svc has too.
  static absl::StatusOr<std::unique_ptr<ReservationNode>> Open(const World& world,
                                                               const ReservationOptions& options,
                                                               const TokenSealer& sealer);
  ~ReservationNode() override { Stop(absl::ZeroDuration()); }

 private:
  ReservationNode(const World& world, const ReservationOptions& options, const TokenSealer& sealer,
                  std::unique_ptr<store::Store> store, std::unique_ptr<ReservationLogic> logic);

  void OnStarted() override { watches_.Start(); }
  void OnStopping() override { watches_.Stop(); }

  const std::unique_ptr<ReservationLogic> logic_;
  const TokenSealer sealer_;
  IdGenerator ids_;  // of new reservations
  const HoldLimits holds_;
  OutboxRelay relay_;
  ReservationWatches watches_;
};

}  // namespace seatsaga::reservation
