// Watches of real processes that are killed, read by a client of its own: plain gRPC, and nothing
// of what the services are made of.
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/impl/codegen/sync_stream.h>

#include <atomic>
#include <iostream>
#include <mutex>
#include <random>
#include <set>

#include "absl/time/clock.h"
#include "tests/integration/support.h"

namespace seatsaga::integration {
namespace {

using reservation::v1::RESERVATION_STATE_CANCELLING;
using reservation::v1::ReservationState;
using Texts = std::vector<std::string>;

constexpr int kClients = 12;
constexpr int kKills = 12;
constexpr int kEndedBetweenKills = 15;
constexpr int kRows = 26;
constexpr int kSeatsARow = 1000;
constexpr auto kWatchReservation = "/seatsaga.reservation.v1.ReservationService/WatchReservation";
constexpr auto kWatchSeats = "/seatsaga.seat.v1.SeatService/WatchSeats";

std::shared_ptr<grpc::Channel> ChannelTo(TestCluster& cluster, Service service) {
  // A connection that is lost is tried again soon.
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 200);
  return grpc::CreateCustomChannel(cluster->Address(service), grpc::InsecureChannelCredentials(),
                                   arguments);
}

// Reads one stream to its end. Waits until the server is there.
template <class Request, class Response, class OnMessage>
grpc::Status Read(const std::shared_ptr<grpc::Channel>& channel, const char* path,
                  grpc::ClientContext& context, const Request& request, OnMessage on_message) {
  context.set_wait_for_ready(true);
  const grpc::internal::RpcMethod method(path, grpc::internal::RpcMethod::SERVER_STREAMING,
                                         channel);
  const std::unique_ptr<grpc::ClientReader<Response>> reader(
      grpc::internal::ClientReaderFactory<Response>::Create(channel.get(), method, &context,
                                                            request));
  Response message;
  while (reader->Read(&message)) on_message(message);
  return reader->Finish();
}

// Whether to watch again. A stream that reaches a server which has just begun to drain is
// CANCELLED, by gRPC itself.
bool IsBreak(const grpc::Status& end) {
  return end.error_code() == grpc::StatusCode::UNAVAILABLE ||
         end.error_code() == grpc::StatusCode::CANCELLED;
}

// --- Reservations

// Whether a reservation can be in `after` some time after it was in `before`.
bool MayFollow(ReservationState before, ReservationState after) {
  switch (before) {
    case RESERVATION_STATE_CANCELLED:
      return after == RESERVATION_STATE_CANCELLED;
    case RESERVATION_STATE_CANCELLING:
      return after == RESERVATION_STATE_CANCELLED || after == RESERVATION_STATE_CANCELLING;
    case RESERVATION_STATE_CONFIRMED:
    case reservation::v1::RESERVATION_STATE_CHANGING:
      return after != RESERVATION_STATE_PENDING && after != reservation::v1::RESERVATION_STATE_HELD;
    default:
      return true;
  }
}

// What a watcher has seen of one reservation, over all of its streams.
struct Seen {
  std::vector<Reservation> shown;
  std::set<size_t> first_of_stream;  // may repeat what the stream before has shown
  int breaks = 0;
  grpc::Status end;
};

Seen WatchToTheEnd(const std::shared_ptr<grpc::Channel>& channel, const std::string& id,
                   bool until_cancelled) {
  Seen seen;
  reservation::v1::WatchReservationRequest request;
  request.set_reservation_id(id);
  request.set_until_cancelled(until_cancelled);
  while (true) {
    seen.first_of_stream.insert(seen.shown.size());
    grpc::ClientContext context;
    seen.end =
        Read<reservation::v1::WatchReservationRequest, reservation::v1::WatchReservationResponse>(
            channel, kWatchReservation, context, request,
            [&](const auto& message) { seen.shown.push_back(message.reservation()); });
    if (!IsBreak(seen.end)) return seen;
    ++seen.breaks;
  }
}

// What is wrong with it, if the reservation has ended as `now`.
Texts WrongIn(const Seen& seen, const Reservation& now) {
  Texts wrong;
  const auto add = [&](std::string_view what) {
    std::string states;
    for (const Reservation& one : seen.shown) {
      Append(states, " ", reservation::v1::ReservationState_Name(one.state()));
    }
    wrong.push_back(Cat(now.reservation_id(), " ", what, ":", states));
  };
  if (!seen.end.ok()) add(Cat("ended with ", seen.end.error_message()));
  if (seen.shown.empty() || seen.shown.back().SerializeAsString() != now.SerializeAsString()) {
    add("did not end as the reservation did");
  }
  for (size_t i = 1; i < seen.shown.size(); ++i) {
    const Reservation& before = seen.shown[i - 1];
    const Reservation& after = seen.shown[i];
    if (!MayFollow(before.state(), after.state())) add("was shown an older state");
    if (before.etag() == after.etag() && !seen.first_of_stream.contains(i)) add("saw one twice");
  }
  return wrong;
}

// --- Seats

// Keeps the map of an event, over any number of streams, until it is stopped.
class MapReader {
 public:
  MapReader(TestCluster& cluster, std::string event_id, std::string section)
      : channel_(ChannelTo(cluster, Service::kSeat)) {
    request_.set_event_id(std::move(event_id));
    request_.set_section(std::move(section));
    thread_ = std::thread([this] { Run(); });
  }
  ~MapReader() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
      if (context_ != nullptr) context_->TryCancel();
    }
    thread_.join();
  }

  // Whether the map is complete, and this.
  bool Is(const std::set<std::string>& reserved) const {
    const std::lock_guard lock(mutex_);
    return complete_ && reserved_ == reserved;
  }
  int breaks() const { return breaks_; }
  Texts wrong() const {
    const std::lock_guard lock(mutex_);
    return wrong_;
  }

 private:
  void Run() {
    while (true) {
      grpc::ClientContext context;
      {
        const std::lock_guard lock(mutex_);
        if (stopped_) return;
        context_ = &context;
        reserved_.clear();
        complete_ = false;
      }
      const grpc::Status end = Read<seat::v1::WatchSeatsRequest, seat::v1::WatchSeatsResponse>(
          channel_, kWatchSeats, context, request_,
          [this](const auto& message) { Apply(message); });
      const std::lock_guard lock(mutex_);
      context_ = nullptr;
      if (stopped_) return;
      if (IsBreak(end)) {
        ++breaks_;
      } else {
        wrong_.push_back(Cat("ended with ", end.error_message()));
        return;
      }
    }
  }
  void Apply(const seat::v1::WatchSeatsResponse& message) {
    const std::lock_guard lock(mutex_);
    for (const std::string& seat : message.reserved_seat_ids()) {
      if (!reserved_.insert(seat).second) wrong_.push_back(Cat(seat, " was RESERVED already"));
    }
    for (const std::string& seat : message.available_seat_ids()) {
      if (reserved_.erase(seat) == 0) wrong_.push_back(Cat(seat, " was AVAILABLE already"));
    }
    if (message.snapshot_complete() && std::exchange(complete_, true)) {
      wrong_.push_back("a second snapshot");
    }
  }

  const std::shared_ptr<grpc::Channel> channel_;
  seat::v1::WatchSeatsRequest request_;
  mutable std::mutex mutex_;
  bool stopped_ = false;
  grpc::ClientContext* context_ = nullptr;
  std::set<std::string> reserved_;
  bool complete_ = false;
  Texts wrong_;
  std::atomic<int> breaks_ = 0;
  std::thread thread_;
};

std::set<std::string> ReservedNow(TestCluster& cluster) {
  std::set<std::string> reserved;
  seat::v1::ListSeatsRequest request;
  request.set_event_id(kEvent);
  request.set_state(seat::v1::SEAT_STATE_RESERVED);
  request.set_page_size(10'000);
  do {
    const auto page = cluster.clients().Call(request);
    REQUIRE(page.ok());
    for (const auto& seat : page->seats()) reserved.insert(seat.seat_id());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return reserved;
}

// --- Load

// Clients that reserve, and watch each of their reservations.
class WatchedLoad {
 public:
  explicit WatchedLoad(TestCluster& cluster)
      : clients_(cluster.clients()), channel_(ChannelTo(cluster, Service::kReservation)) {
    for (int i = 0; i < kClients; ++i) {
      threads_.emplace_back([this, i] {
        for (int round = 0; !stopping_; ++round) ReserveOne(i, round);
      });
    }
  }
  ~WatchedLoad() { Finish(); }
  void Finish() {
    stopping_ = true;
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

  int ended() const { return ended_; }
  // After Finish.
  int breaks = 0;
  int shown = 0;
  Texts wrong;

 private:
  // In turns: paid at once, declined, held and paid with a second card, paid and then cancelled.
  void ReserveOne(int client, int round) {
    const int number = client + round * kClients;
    const int kind = number % 4;
    const Texts seats = {SeatId(number / kSeatsARow % kRows, number % kSeatsARow + 1)};
    const auto request = kind == 2
                             ? cluster::Hold(kEvent, seats, absl::Minutes(30))
                             : Reserve(kEvent, seats, kind == 1 ? "tok_declined" : "tok_visa");
    absl::StatusOr<Reservation> made;
    WaitUntil([&] {
      made = cluster::Submit(clients_, request);
      return made.ok() || !cluster::MayRetry(made.status());
    });
    if (!made.ok()) return Note({Cat("not made: ", made.status().ToString())}, {});
    const std::string id = made->reservation_id();
    Seen seen;
    std::thread watcher([&] { seen = WatchToTheEnd(channel_, id, /*until_cancelled=*/kind == 3); });
    auto now = cluster::ReserveUntilFinal(clients_, request);
    if (now.ok() && kind == 2) {
      now = cluster::PayUntilFinal(clients_, id, "tok_declined");
      if (now.ok()) now = cluster::PayUntilFinal(clients_, id, "tok_visa");
    }
    if (now.ok() && kind == 3) now = cluster::CancelUntilFinal(clients_, id);
    watcher.join();
    ++ended_;
    if (!now.ok()) return Note({Cat(id, ": ", now.status().ToString())}, seen);
    absl::StatusOr<Reservation> stored;
    WaitUntil([&] { return (stored = cluster::GetReservation(clients_, id)).ok(); });
    Note(stored.ok() ? WrongIn(seen, *stored) : Texts{stored.status().ToString()}, seen);
  }
  void Note(const Texts& found, const Seen& seen) {
    const std::lock_guard lock(mutex_);
    wrong.insert(wrong.end(), found.begin(), found.end());
    breaks += seen.breaks;
    shown += static_cast<int>(seen.shown.size());
  }

  Clients& clients_;
  const std::shared_ptr<grpc::Channel> channel_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> ended_ = 0;
  std::mutex mutex_;
  std::vector<std::thread> threads_;
};

TEST_CASE("who watches sees the truth in order, through kill -9 of what is watched") {
  const unsigned seed = SeedOf(20261128);
  std::mt19937 random(seed);
  TestCluster cluster({{Service::kOrchestrator, {"--attempts-max=50"}}});
  REQUIRE(cluster::CreateEvent(cluster.clients(), kEvent, kRows, kSeatsARow).ok());
  const MapReader whole(cluster, kEvent, "");
  const MapReader section(cluster, kEvent, "stalls");
  WatchedLoad load(cluster);
  for (int i = 0; i < kKills; ++i) {
    const int moment = load.ended() + kEndedBetweenKills;
    REQUIRE(WaitUntil([&] { return load.ended() >= moment; }));
    const Service victim = i % 3 == 2   ? Service::kOrchestrator
                           : i % 2 == 0 ? Service::kReservation
                                        : Service::kSeat;
    cluster->Kill(victim);
    REQUIRE(cluster->Start(victim).ok());
  }
  load.Finish();
  std::cerr << "seed " << seed << ": " << load.ended() << " reservations, " << load.shown
            << " messages, " << load.breaks << " breaks; maps: " << whole.breaks() << " and "
            << section.breaks() << " breaks\n";
  CHECK(load.wrong == Texts{});
  CHECK(load.breaks > 0);

  cluster::RequireCleanAudit(*cluster);  // everything is at rest
  const std::set<std::string> truth = ReservedNow(cluster);
  CHECK_FALSE(truth.empty());
  CHECK(WaitUntil([&] { return whole.Is(truth) && section.Is(truth); }));
  const int breaks = whole.breaks();
  CHECK(breaks > 0);
  REQUIRE(cluster->Restart(Service::kSeat).ok());
  CHECK(WaitUntil([&] { return whole.breaks() > breaks && whole.Is(truth) && section.Is(truth); }));
  CHECK(whole.wrong() == Texts{});
  CHECK(section.wrong() == Texts{});
}

TEST_CASE("watches of what there is not end at once, also for a plain client") {
  TestCluster cluster;
  const auto reservations = ChannelTo(cluster, Service::kReservation);
  const Seen seen = WatchToTheEnd(reservations, cluster::NewId(), false);
  CHECK(seen.end.error_code() == grpc::StatusCode::NOT_FOUND);
  CHECK(seen.shown.empty());
  seat::v1::WatchSeatsRequest request;
  request.set_event_id("no-such-event");
  grpc::ClientContext context;
  const grpc::Status end = Read<seat::v1::WatchSeatsRequest, seat::v1::WatchSeatsResponse>(
      ChannelTo(cluster, Service::kSeat), kWatchSeats, context, request, [](const auto&) {});
  CHECK(end.error_code() == grpc::StatusCode::NOT_FOUND);
}

}  // namespace
}  // namespace seatsaga::integration
