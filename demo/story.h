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
  static constexpr int kSteps = 7;  // the six acts and the audit

  Story(cluster::Cluster& cluster, Narrator& narrator) : cluster_(cluster), narrator_(narrator) {}

  void Play();
  // The present state of every reservation of the story.
  void Summary();

 private:
  using Reservation = reservation::v1::Reservation;
  struct Line {
    std::string what;
    std::string reservation_id;
  };

  void CreateTheEvent();
  void Confirmed();
  void DeclinedCard();
  void RaceForOneSeat();
  void ProviderTimesOut();
  void OrchestratorIsKilled();

  // Reserves and waits for what becomes of it; errors become a fact that does not hold.
  Reservation ReserveNow(std::string_view what, std::string_view user,
                         const std::vector<std::string>& seats, std::string_view token);
  void Remember(std::string_view what, const absl::StatusOr<Reservation>& reservation);
  bool IsFree(const std::string& seat_id);

  cluster::Cluster& cluster_;
  Narrator& narrator_;
  std::vector<Line> lines_;
};

// "50.00 EUR".
std::string Amount(const saga::v1::Money& money);
// "CONFIRMED", "CANCELLED PAYMENT_DECLINED".
std::string StateOf(const reservation::v1::Reservation& reservation);

// What must hold after the story, over the data of all four services: one line each.
void AuditTheStory(cluster::Cluster& cluster, Narrator& narrator);

}  // namespace seatsaga::demo
