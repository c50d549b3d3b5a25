#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "cluster/stories.h"
#include "common/text.h"
#include "tests/harness/test_cluster.h"

// What the integration tests share.
namespace seatsaga::integration {

using cluster::Clients;
using cluster::Cluster;
using cluster::Reserve;
using cluster::SeatId;
using cluster::Service;
using cluster::TestCluster;
using cluster::WaitUntil;
using reservation::v1::Reservation;
using reservation::v1::RESERVATION_STATE_CANCELLED;
using reservation::v1::RESERVATION_STATE_CONFIRMED;
using reservation::v1::RESERVATION_STATE_PENDING;
using saga::v1::DIRECTION_ACTION;
using saga::v1::DIRECTION_COMPENSATION;

inline constexpr const char* kEvent = "hamlet";

// "CONFIRMED", "CANCELLED PAYMENT_DECLINED", or the error.
inline std::string Outcome(const absl::StatusOr<Reservation>& reservation) {
  if (!reservation.ok()) return reservation.status().ToString();
  const auto& name = reservation::v1::ReservationState_Name(reservation->state());
  return Cat(name.substr(std::string_view("RESERVATION_STATE_").size()),
             reservation->reason().empty() ? "" : " ", reservation->reason());
}

// Makes the event, of `rows` rows with ten seats each.
inline void MakeEvent(TestCluster& cluster, int rows = 10) {
  const absl::Status created = cluster::CreateEvent(cluster.clients(), kEvent, rows, 10);
  INFO(created);
  REQUIRE(created.ok());
}

// Stores a reservation and returns its id.
inline std::string SubmitOne(TestCluster& cluster,
                             const reservation::v1::CreateReservationRequest& request) {
  const auto reservation = cluster::Submit(cluster.clients(), request);
  INFO(reservation.status());
  REQUIRE(reservation.ok());
  return reservation->reservation_id();
}

inline bool WaitUntilSagaIsAt(TestCluster& cluster, const std::string& id, std::string_view step,
                              saga::v1::Direction direction = DIRECTION_ACTION) {
  return WaitUntil([&] { return cluster::SagaIsAt(cluster.clients(), id, step, direction); });
}

// A command line with the value of one of its flags replaced.
inline std::vector<std::string> With(std::vector<std::string> argv, std::string_view flag,
                                     std::string_view value) {
  for (std::string& word : argv) {
    if (word.starts_with(Cat(flag, "="))) word = Cat(flag, "=", value);
  }
  return argv;
}

// Runs a server that must not start, checks that it says why in one line, and returns the line.
inline std::string RefusesToStart(std::vector<std::string> argv, std::string_view says) {
  argv.emplace_back("--log-level=error");
  const auto finished = cluster::RunToEnd(argv);
  INFO(finished.status());
  REQUIRE(finished.ok());
  CAPTURE(finished->err);
  CHECK(finished->status.signal == 0);
  CHECK(finished->status.code != 0);
  CHECK(finished->err.find(says) != std::string::npos);
  CHECK(std::count(finished->err.begin(), finished->err.end(), '\n') == 1);
  return finished->err;
}

// What a random test begins with: `otherwise`, unless SEATSAGA_TEST_SEED says something else.
inline unsigned SeedOf(unsigned otherwise) {
  const char* seed = std::getenv("SEATSAGA_TEST_SEED");
  return seed == nullptr ? otherwise : static_cast<unsigned>(std::strtoul(seed, nullptr, 10));
}

// Calls `body(i)` on `count` threads at once and waits for all. Assertions belong outside.
template <class Body>
void OnThreads(int count, Body body) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back([&body, i] { body(i); });
  for (std::thread& thread : threads) thread.join();
}

}  // namespace seatsaga::integration
