#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "cluster/cluster.h"
#include "cluster/stories.h"
#include "demo/narrator.h"

namespace seatsaga::demo {

// The demo's acts, on a running cluster. Each prints what it does and the facts that must hold.
class Story {
 public:
  static constexpr int kSteps = 12;  // the eleven acts and the audit

  Story(cluster::Cluster& cluster, Narrator& narrator) : cluster_(cluster), narrator_(narrator) {}

  void Play();
  // The present state of every reservation of the story.
  void Summary();

 private:
  static constexpr const char* kEvent = "hamlet";
  using Reservation = reservation::v1::Reservation;
  struct Line {
    std::string what;
    std::string reservation_id;
  };

  void CreateTheEvent();
  void Confirmed();
  void DeclinedCard();
  void RaceForOneSeat();
  // The acts of story_holds.cc.
  void HeldAndPaidLater();
  void HoldExpires();
  void SecondCard();
  void CancelledWithRefund();
  void AskWhatWouldBeRefunded(const std::string& reservation_id);
  void CancelForRefund(const std::string& reservation_id);
  void ExchangesASeat();
  Reservation Exchanged(reservation::v1::ExchangeSeatsRequest request);

  void ProviderTimesOut();
  void OrchestratorIsKilled();

  // Reserves and waits for what becomes of it; errors become a fact that does not hold.
  Reservation ReserveNow(std::string_view what, std::string_view user,
                         const std::vector<std::string>& seats, std::string_view token);
  Reservation Send(std::string_view what, const reservation::v1::CreateReservationRequest& request);
  // The reservation of an answer; an error becomes a fact that does not hold.
  Reservation Checked(std::string_view what, const absl::StatusOr<Reservation>& answer);
  void Remember(std::string_view what, const absl::StatusOr<Reservation>& reservation);
  bool IsFree(const std::string& seat_id, std::string_view event_id = kEvent);

  cluster::Cluster& cluster_;
  Narrator& narrator_;
  std::vector<Line> lines_;
};

// "50.00 EUR".
std::string Amount(const saga::v1::Money& money);
// "CONFIRMED", "CANCELLED PAYMENT_DECLINED".
std::string StateOf(const reservation::v1::Reservation& reservation);
// What a cancellation keeps: the price less the refund. 0 unless it was CONFIRMED before.
saga::v1::Money KeptOf(const reservation::v1::Reservation& reservation);

// What must hold after the story, over the data of all four services: one line each.
void AuditTheStory(cluster::Cluster& cluster, Narrator& narrator);

}  // namespace seatsaga::demo
