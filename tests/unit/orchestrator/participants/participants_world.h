#pragma once

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/payment.h"
#include "api/reservation.h"
#include "api/seat.h"
#include "orchestrator/participants/participants.h"
#include "tests/unit/orchestrator/world/fake_participant.h"

namespace seatsaga::testing {

// The participants' side of an orchestrator, without its engine: the test makes the calls, and
// plays the participants. One thread.
class ParticipantsWorld {
 public:
  ParticipantsWorld() {
    claimant.holder = *Id::FromBytes("holder of tests.");
    claimant.store = {*Id::FromBytes("store of tests.."), 12, false};
    claimant.known = {epoch, *Id::FromBytes("an earlier start")};
  }
  ~ParticipantsWorld() {
    if (client != nullptr) client->Stop();
  }

  // Runs until nothing moves without the clock.
  void Start() {
    client = std::make_unique<participants::Participants>(
        test.world("orchestrator"),
        participants::Targets{
            .seats = "seats", .payments = "payments", .reservations = "reservations"},
        claimant,
        participants::Participants::Hooks{
            .results =
                [this](std::vector<participants::CallResult> ended, bool urgent) {
                  for (auto& result : ended) {
                    ++result_count;
                    urgent_results += urgent ? 1 : 0;
                    const int attempt = result.attempt;
                    results[attempt] = std::move(result);
                  }
                },
            .claim_epoch =
                [this](uint64_t above, participants::Participants::Claimed claimed) {
                  claims.push_back(above);
                  if (hold_epochs) return waiting_claims.push_back(std::move(claimed));
                  epoch = std::max(epoch, above) + 1;
                  claimed(epoch);
                },
            .commanding = [this](bool now) { commanding.push_back(now); },
            .stop = [this](absl::Status why) { stops.push_back(std::move(why)); }});
    client->Start();
    test.Run();
  }

  static participants::CallRequest Call(sagas::Call call, int attempt,
                                        absl::Duration deadline = absl::Seconds(30)) {
    participants::CallRequest request;
    std::string id(16, '\0');
    id[15] = static_cast<char>(attempt);
    request.saga_id = *Id::FromBytes(id);
    request.command.kind = core::CallKind::kAction;
    request.command.call = call;
    request.command.attempt = attempt;
    request.command.deadline = deadline;
    request.step_name = "some_step";
    request.data = std::make_shared<const orchestrator::v1::SagaData>();
    return request;
  }
  // Sends charges with the attempts `first` to `last`.
  void Charge(int first, int last, absl::Duration deadline = absl::Seconds(30)) {
    std::vector<participants::CallRequest> calls;
    for (int i = first; i <= last; ++i) {
      calls.push_back(Call(sagas::Call::kChargePayment, i, deadline));
    }
    client->Send(std::move(calls));
    test.Run();
  }
  std::array<FakeParticipant*, 3> all() { return {&seats, &payments, &reservations}; }
  participant::Token token() const { return {epoch, claimant.holder}; }
  std::string why() const { return stops.empty() ? "" : std::string(stops.front().message()); }

  TestWorld test{Engine::kModel};
  FakeParticipant seats{test, "seats", seat::kExecuteSeatCommands};
  FakeParticipant payments{test, "payments", payment::kExecutePaymentCommands};
  FakeParticipant reservations{test, "reservations", reservation::kExecuteReservationCommands};
  participants::Claimant claimant;
  std::unique_ptr<participants::Participants> client;

  std::map<int, participants::CallResult> results;  // by attempt
  int result_count = 0;
  int urgent_results = 0;
  uint64_t epoch = 4;  // the highest in the store
  bool hold_epochs = false;
  std::vector<participants::Participants::Claimed> waiting_claims;
  std::vector<uint64_t> claims;
  std::vector<bool> commanding;
  std::vector<absl::Status> stops;
};

}  // namespace seatsaga::testing
