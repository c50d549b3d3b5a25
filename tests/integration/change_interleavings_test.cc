// Exchanges, partial cancellations and cancellations of the same reservations meet at random
// moments, while processes are killed. Every request is repeated until it is answered. At the end
// each reservation must have the seats that those answers allow, and the audit must be clean.
#include <functional>
#include <iostream>
#include <map>
#include <random>
#include <set>

#include "tests/integration/changes.h"
#include "tests/integration/kills.h"

namespace seatsaga::integration {
namespace {

constexpr int kLives = 240;
constexpr int kClients = 16;
constexpr int kRows = 24;
constexpr int kSeatsARow = 40;  // three of which a reservation buys
constexpr int kBoxes = 40;      // few, so that some exchanges meet
constexpr int kLivesBetweenKillsMax = 12;
constexpr int kKillsMin = 10;
constexpr int64_t kBoxMinor = 4000;
constexpr size_t kWrongShownMax = 10;

using Answer = absl::StatusOr<Reservation>;

enum class Deed : uint8_t { kExchange, kGiveBack, kCancel };

struct Act {
  Deed deed = Deed::kExchange;
  absl::Duration after;  // the answer to the creation
  int senders = 1;       // of the same request at once
  std::string seat;      // to give back
  std::string take;      // kExchange
  std::string token;     // kExchange
};

struct Done {
  Act act;
  std::vector<Answer> answers;  // one per sender
  std::function<Answer(Clients&)> again;

  bool accepted() const {
    return std::ranges::any_of(answers, [](const Answer& answer) { return answer.ok(); });
  }
};

struct Life {
  std::vector<std::string> seats;
  std::vector<Act> acts;
  Answer created = absl::UnknownError("not sent");
  std::vector<Done> done;
};

std::string BoxId(int number) { return Cat("boxes/A/", number); }

class Plans {
 public:
  explicit Plans(unsigned seed) : random_(seed) {}

  Life Next(int n) {
    Life life;
    const int first = n % (kSeatsARow / 4) * 4;
    for (int i = 1; i <= 3; ++i) {
      life.seats.push_back(SeatId(n / (kSeatsARow / 4) % kRows, first + i));
    }
    const int acts = 2 + Below(4);
    for (int i = 0; i < acts; ++i) life.acts.push_back(NextAct(life));
    return life;
  }

 private:
  int Below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }

  Act NextAct(const Life& life) {
    static constexpr const char* kTokens[] = {"tok_visa",    "tok_visa", "tok_declined",
                                              "tok_slow_50", "",         "tok_timeout_charged"};
    Act act{.after = absl::Milliseconds(Below(2) == 0 ? Below(6) : Below(300)),
            .senders = Below(3) == 0 ? 2 : 1,
            .seat = life.seats[static_cast<size_t>(Below(3))],
            .take = BoxId(1 + Below(kBoxes)),
            .token = kTokens[Below(std::size(kTokens))]};
    const int kind = Below(10);
    if (kind >= 5) act.deed = kind < 9 ? Deed::kGiveBack : Deed::kCancel;
    return act;
  }

  std::mt19937 random_;
};

template <class Request>
void SendBy(Clients& clients, const Request& request, std::atomic<int>& lost, Done& done) {
  done.answers = SendAtOnce(clients, request, done.act.senders, lost);
  done.again = [request](Clients& to) { return SendUntilSettled(to, request); };
}

void Do(Clients& clients, const std::string& id, std::atomic<int>& lost, Done& done) {
  // Not a wait for anything: the moment is what the test varies.
  absl::SleepFor(done.act.after);
  const Act& act = done.act;
  switch (act.deed) {
    case Deed::kExchange:
      return SendBy(clients, Exchange(id, {act.seat}, {act.take}, act.token), lost, done);
    case Deed::kGiveBack:
      return SendBy(clients, CancelSeats(id, {act.seat}), lost, done);
    case Deed::kCancel:
      return SendBy(clients, Cancel(id), lost, done);
  }
}

void Live(Clients& clients, std::atomic<int>& lost, Life& life) {
  life.created = SendUntilSettled(clients, Reserve(kEvent, life.seats), &lost);
  if (!life.created.ok()) return;
  for (const Act& act : life.acts) life.done.push_back({.act = act});
  OnThreads(static_cast<int>(life.done.size()), [&](int i) {
    Do(clients, life.created->reservation_id(), lost, life.done[static_cast<size_t>(i)]);
  });
}

// --- What must have come of it ------------------------------------------------------------------

// A refusal must be true. Those that may become false again say nothing about the end.
std::string WrongRefusal(const absl::Status& status, const Reservation& now) {
  static const std::set<std::string> kPassing = {"CHANGE_UNDER_WAY", "SEAT_NOT_IN_RESERVATION",
                                                 "SEAT_IN_RESERVATION", "NOTHING_LEFT"};
  static const std::set<std::string> kFinal = {"RESERVATION_CANCELLED", "CANCELLATION_UNDER_WAY"};
  const std::string reason(ReasonOf(status));
  if (status.code() == absl::StatusCode::kFailedPrecondition && kPassing.contains(reason))
    return "";
  if (!kFinal.contains(reason)) return Cat("no such refusal: ", status.ToString());
  return now.state() == RESERVATION_STATE_CANCELLED ? "" : "was not cancelled";
}

int64_t PriceOf(const std::string& seat) {
  return seat.starts_with("boxes") ? kBoxMinor : cluster::kSeatPriceMinor;
}

// Which seats it has: the three that it bought but for those that were given back, and for each
// exchange that succeeded one box instead of one of them.
std::string WrongSeats(const Life& life, const Reservation& now) {
  std::multiset<std::string> given_back;
  std::set<std::string> taken;
  for (const Done& done : life.done) {
    if (!done.accepted()) continue;
    if (done.act.deed == Deed::kGiveBack) given_back.insert(done.act.seat);
    if (done.act.deed == Deed::kExchange) taken.insert(done.act.take);
  }
  int64_t price = 0;
  for (int i = 0; i < now.seat_ids_size(); ++i) {
    const std::string& seat = now.seat_ids(i);
    price += PriceOf(seat);
    const bool bought = std::ranges::find(life.seats, seat) != life.seats.end();
    if (bought ? given_back.contains(seat) : !taken.contains(seat)) return Cat("has ", seat);
    if (now.seat_prices_minor_size() > i && now.seat_prices_minor(i) != PriceOf(seat)) {
      return Cat("has another price for ", seat);
    }
  }
  if (now.price().amount_minor() != price) return Cat("costs ", now.price().amount_minor());
  if (now.seat_ids_size() + given_back.size() != life.seats.size()) {
    return Cat("has ", now.seat_ids_size(), " seats after ", given_back.size(), " were given back");
  }
  return "";
}

std::string WrongEnd(const Life& life, const Reservation& now) {
  const auto cancellations = std::ranges::count_if(life.done, [](const Done& done) {
    return done.act.deed == Deed::kCancel && done.accepted();
  });
  if (cancellations > 1) return "two cancellations were accepted";
  if (now.state() == RESERVATION_STATE_CANCELLED) {
    return cancellations == 1 ? "" : "has no cause to be cancelled";
  }
  if (now.state() != RESERVATION_STATE_CONFIRMED) return "is not at its end";
  return cancellations == 0 ? WrongSeats(life, now) : "a cancellation was accepted";
}

void AddWrongAnswers(Clients& clients, const Done& done, const Reservation& now,
                     std::vector<std::string>& wrong) {
  for (const Answer& answer : done.answers) {
    if (!answer.ok()) wrong.push_back(WrongRefusal(answer.status(), now));
  }
  if (!done.accepted()) return;
  const Answer again = done.again(clients);
  if (!again.ok() || again->etag() != now.etag()) {
    wrong.push_back(Cat("accepted, and now answered ", Outcome(again)));
  }
}

void AddWrong(TestCluster& cluster, const Life& life, const Reservation& now,
              std::vector<std::string>& all) {
  std::vector<std::string> wrong = {WrongEnd(life, now)};
  for (const Done& done : life.done) AddWrongAnswers(cluster.clients(), done, now, wrong);
  std::erase(wrong, "");
  for (const std::string& one : wrong) {
    all.push_back(Cat(now.reservation_id(), " (", Outcome(now), "): ", one));
  }
}

Reservation AtRest(TestCluster& cluster, const Life& life) {
  Answer now = absl::UnknownError("not read");
  const bool at_rest = WaitUntil([&] {
    now = cluster::GetReservation(cluster.clients(), life.created->reservation_id());
    return now.ok() && !IsUnderWay(*now);
  });
  INFO(now.status() << (now.ok() ? now->ShortDebugString() : ""));
  REQUIRE(at_rest);
  return *now;
}

// A run in which one of these never happened proves nothing about it.
void CountWhatHappened(const Life& life, const Reservation& now, std::map<std::string, int>& seen) {
  ++seen[Outcome(now)];
  if (now.payments_size() > 1) ++seen["of two payments or more"];
  if (now.payments_size() > 0 && now.payments(0).refunded().amount_minor() > 0) {
    ++seen["paid back in part"];
  }
  if (now.has_change_failure()) ++seen[Cat("without ", now.change_failure().reason())];
  if (now.has_refund() && now.payments_size() > 0) ++seen["cancelled after a change"];
  for (const Done& done : life.done) {
    for (const Answer& answer : done.answers) {
      if (!answer.ok()) ++seen[std::string(ReasonOf(answer.status()))];
    }
  }
}

void MakeHall(TestCluster& cluster) {
  seat::v1::Event event = cluster::PlainEvent(kEvent, kRows, kSeatsARow);
  seat::v1::Section& boxes = *event.add_sections();
  boxes.set_name("boxes");
  boxes.set_price_minor(kBoxMinor);
  seat::v1::Row& row = *boxes.add_rows();
  row.set_name("A");
  row.set_seat_count(kBoxes);
  *event.mutable_start_time() = ToProto(absl::Now() + absl::Hours(48));
  auto& rule = *event.add_refund_rules();
  *rule.mutable_before_start() = ToProto(absl::Hours(24));
  rule.set_percent(50);
  const absl::Status created = cluster::CreateEvent(cluster.clients(), event);
  INFO(created);
  REQUIRE(created.ok());
}

TEST_CASE("exchanges, partial and whole cancellations meet while processes are killed") {
  const unsigned seed = SeedOf(20261129);
  std::cerr << "seed " << seed << " (SEATSAGA_TEST_SEED=... for another)\n";
  TestCluster cluster({{Service::kOrchestrator, {"--attempts-max=50"}}});
  MakeHall(cluster);
  Plans plans(seed);
  std::vector<Life> lives;
  for (int i = 0; i < kLives; ++i) lives.push_back(plans.Next(i));
  std::mt19937 random(seed + 1);
  {
    const Load load(kClients, kLives, [&](size_t i, std::atomic<int>& lost) {
      Live(cluster.clients(), lost, lives[i]);
    });
    const int kills = KillWhile(cluster, load, kLivesBetweenKillsMax, random);
    REQUIRE(WaitUntil([&] { return load.ended() == kLives; }, absl::Seconds(60)));
    std::cerr << kills << " kills, " << load.lost() << " calls lost\n";
    CHECK(kills >= kKillsMin);
    CHECK(load.lost() > kills);  // each was felt
  }

  std::vector<std::string> wrong;
  std::map<std::string, int> seen;
  for (const Life& life : lives) {
    INFO(life.created.status());
    REQUIRE(life.created.ok());
    const Reservation now = AtRest(cluster, life);
    AddWrong(cluster, life, now, wrong);
    CountWhatHappened(life, now, seen);
  }
  wrong.resize(std::min(wrong.size(), kWrongShownMax));
  CHECK(wrong == std::vector<std::string>{});
  for (const auto& [what, count] : seen) std::cerr << "  " << count << " " << what << "\n";
  for (const char* what :
       {"CONFIRMED", "CANCELLED CANCELLED_BY_CLIENT", "of two payments or more",
        "paid back in part", "cancelled after a change", "CHANGE_UNDER_WAY",
        "without SEAT_NOT_AVAILABLE", "without PAYMENT_DECLINED", "RESERVATION_CANCELLED"}) {
    CAPTURE(what);
    CHECK(seen[what] > 0);
  }
  cluster::RequireCleanAudit(*cluster);
}

}  // namespace
}  // namespace seatsaga::integration
