// Payments, cancellations, extensions and expiries of the same reservations meet at random moments,
// while processes are killed. Every request is repeated until it is answered. At the end each
// reservation, its payment and its seats must be what those answers allow.
#include <iostream>
#include <map>
#include <random>

#include "tests/integration/changes.h"
#include "tests/integration/kills.h"

namespace seatsaga::integration {
namespace {

constexpr int kLives = 300;
constexpr int kClients = 24;
// Fewer seats than reservations: some meet, and some seats are given back and taken again.
constexpr int kRows = 12;
constexpr int kSeatsARow = 10;
constexpr char kHalfBack[] = "half-back";  // an event whose terms pay back half of the price
// Each kill comes after so many more reservations have been dealt with.
constexpr int kLivesBetweenKillsMax = 14;
constexpr int kKillsMin = 10;
constexpr size_t kWrongShownMax = 10;
// Between a durable timer and the time that a client was told.
constexpr absl::Duration kClockTolerance = absl::Milliseconds(50);

// --- What clients do ----------------------------------------------------------------------------

enum class Deed : uint8_t { kPay, kCancel, kExtend };

struct Act {
  Deed deed = Deed::kPay;
  absl::Duration after;  // the answer to the creation
  int senders = 1;       // of the same request at once
  std::string token;     // kPay
  absl::Duration hold;   // kExtend
};

struct Plan {
  CreateReservationRequest create;
  bool waits = true;  // until it is HELD, CONFIRMED or CANCELLED
  std::vector<Act> acts;
};

using Answer = absl::StatusOr<Reservation>;

struct Done {
  Act act;
  absl::Time sent = absl::InfinitePast();
  std::vector<Answer> answers;  // one per sender
  std::function<Answer(Clients&)> again;

  const Reservation* Accepted() const {
    for (const Answer& answer : answers) {
      if (answer.ok()) return &*answer;
    }
    return nullptr;
  }
};

// A reservation, and what its clients were told.
struct Life {
  Plan plan;
  Answer created = absl::UnknownError("not sent");
  std::vector<Done> done;
};

class Plans {
 public:
  explicit Plans(unsigned seed) : random_(seed) {}

  Plan Next() {
    Plan plan;
    const std::string seat = SeatId(Below(kRows), Below(kSeatsARow) + 1);
    const char* event = Below(2) == 0 ? kEvent : kHalfBack;
    const absl::Duration hold = absl::Milliseconds(1000 + Below(1000));
    const bool holds = Below(4) > 0;
    plan.create = holds ? Hold(event, {seat}, hold) : Reserve(event, {seat}, Token());
    plan.waits = Below(3) > 0;
    const int acts = 1 + Below(4);
    for (int i = 0; i < acts; ++i) plan.acts.push_back(NextAct(holds, hold));
    return plan;
  }

 private:
  int Below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }

  std::string Token() {
    static constexpr const char* kTokens[] = {"tok_visa",    "tok_visa",    "tok_declined",
                                              "tok_slow_50", "tok_flaky_1", "tok_timeout_charged"};
    return kTokens[Below(std::size(kTokens))];
  }

  // At once, soon, or when the hold expires.
  absl::Duration Moment(bool holds, absl::Duration hold) {
    const int kind = Below(8);
    if (kind == 0 && holds) return hold + absl::Milliseconds(Below(150) - 100);
    return kind < 5 ? absl::Milliseconds(Below(6)) : absl::Milliseconds(Below(300));
  }

  Act NextAct(bool holds, absl::Duration hold) {
    Act act{.after = Moment(holds, hold), .senders = Below(3) == 0 ? 2 : 1};
    const int kind = Below(10);
    if (kind < 5 && holds) {
      act.deed = Deed::kPay;
      act.token = Token();
    } else if (kind < 8) {
      act.deed = Deed::kCancel;
    } else {
      act.deed = Deed::kExtend;
      act.hold = absl::Milliseconds(1000 + Below(1000));
    }
    return act;
  }

  std::mt19937 random_;
};

template <class Request>
void SendBy(Clients& clients, const Request& request, std::atomic<int>& lost, Done& done) {
  done.answers = SendAtOnce(clients, request, done.act.senders, lost);
  done.again = [request](Clients& to) { return SendUntilAnswered(to, request); };
}

void Do(Clients& clients, const std::string& id, std::atomic<int>& lost, Done& done) {
  // Not a wait for anything: the moment is what the test varies.
  absl::SleepFor(done.act.after);
  done.sent = absl::Now();
  switch (done.act.deed) {
    case Deed::kPay:
      return SendBy(clients, Pay(id, done.act.token), lost, done);
    case Deed::kCancel:
      return SendBy(clients, Cancel(id), lost, done);
    case Deed::kExtend:
      return SendBy(clients, Extend(id, done.act.hold), lost, done);
  }
}

void Live(Clients& clients, std::atomic<int>& lost, Life& life) {
  const Plan& plan = life.plan;
  life.created = plan.waits ? SendUntilSettled(clients, plan.create, &lost)
                            : SendUntilAnswered(clients, plan.create, &lost);
  if (!life.created.ok()) return;
  for (const Act& act : plan.acts) life.done.push_back({.act = act});
  OnThreads(static_cast<int>(life.done.size()), [&](int i) {
    Do(clients, life.created->reservation_id(), lost, life.done[static_cast<size_t>(i)]);
  });
}

// --- What must have come of it ------------------------------------------------------------------

bool IsDeclined(std::string_view token) { return token == "tok_declined"; }

// What the answers about one reservation say together.
struct Told {
  int cancellations = 0;  // accepted requests
  int payments = 0;
  bool good_card = false;  // of an accepted request
  bool bad_card = false;
  absl::Time held_until = absl::InfinitePast();  // by accepted extensions

  explicit Told(const Life& life) {
    if (!IsHold(life)) AddCard(life.plan.create.payment_token());
    for (const Done& done : life.done) {
      const Reservation* accepted = done.Accepted();
      if (accepted != nullptr) Add(done.act, *accepted);
    }
  }

  static bool IsHold(const Life& life) {
    return life.plan.create.mode() == reservation::v1::RESERVATION_MODE_HOLD;
  }

 private:
  void AddCard(std::string_view token) { (IsDeclined(token) ? bad_card : good_card) = true; }

  void Add(const Act& act, const Reservation& accepted) {
    switch (act.deed) {
      case Deed::kPay:
        ++payments;
        return AddCard(act.token);
      case Deed::kCancel:
        ++cancellations;
        return;
      case Deed::kExtend:
        held_until = std::max(held_until, FromProto(accepted.expire_time()));
    }
  }
};

// Why a reservation that no client cancelled may have ended so; empty if it may not.
bool MayHaveFailed(const Life& life, const Told& told, const std::string& reason) {
  if (reason == "SEAT_NOT_AVAILABLE") return told.payments == 0 || !Told::IsHold(life);
  if (reason == "PAYMENT_DECLINED") return !Told::IsHold(life) && told.bad_card;
  return reason == "HOLD_EXPIRED" && Told::IsHold(life);
}

std::string WrongState(const Life& life, const Told& told, const Reservation& now) {
  if (now.state() == RESERVATION_STATE_CONFIRMED) {
    if (told.cancellations > 0) return "a cancellation was accepted";
    return told.good_card ? "" : "nothing was paid";
  }
  if (now.state() != RESERVATION_STATE_CANCELLED) return "is not at its end";
  if (told.cancellations > 1) return "two cancellations were accepted";
  if (told.cancellations == 1) return "";
  if (now.has_refund()) return "pays back what nobody cancelled";
  return MayHaveFailed(life, told, now.reason()) ? "" : "has no cause to be cancelled";
}

std::string WrongHold(const Told& told, const Reservation& now) {
  if (told.held_until == absl::InfinitePast()) return "";
  if (FromProto(now.expire_time()) < told.held_until) return "has lost an extension";
  const bool expired = now.reason() == "HOLD_EXPIRED" && told.payments + told.cancellations == 0;
  if (expired && FromProto(now.update_time()) < told.held_until - kClockTolerance) {
    return "expired before its time";
  }
  return "";
}

// A refusal must be true, and stay true.
std::string WrongRefusal(const Answer& answer, const Reservation& now) {
  const std::string refusal = Refusal(answer.status());
  if (refusal == "FAILED_PRECONDITION NOT_HELD" ||
      refusal == "FAILED_PRECONDITION PAYMENT_UNDER_WAY") {
    return "";
  }
  if (refusal == "FAILED_PRECONDITION ALREADY_PAID") {
    const bool paid = now.state() == RESERVATION_STATE_CONFIRMED || now.has_refund();
    return paid ? "" : "was never paid";
  }
  if (refusal == "FAILED_PRECONDITION HOLD_EXPIRED" ||
      refusal == "FAILED_PRECONDITION HOLD_ENDED" ||
      refusal == "FAILED_PRECONDITION RESERVATION_CANCELLED" ||
      refusal == "FAILED_PRECONDITION CANCELLATION_UNDER_WAY") {
    return now.state() == RESERVATION_STATE_CANCELLED ? "" : "was not cancelled";
  }
  return "no such refusal";
}

// Whether the same request may be accepted after this refusal: then another sender's may have been.
bool MayPass(const absl::Status& refusal) {
  const std::string reason = ReasonOf(refusal);
  return reason == "NOT_HELD" || reason == "PAYMENT_UNDER_WAY";
}

void AddWrongAnswers(Clients& clients, const Done& done, const Reservation& now,
                     std::vector<std::string>& wrong) {
  const Reservation* accepted = done.Accepted();
  for (const Answer& answer : done.answers) {
    if (answer.ok()) continue;
    if (std::string why = WrongRefusal(answer, now); !why.empty()) {
      wrong.push_back(Cat(why, ", but was refused: ", answer.status().ToString()));
    }
    if (accepted != nullptr && !MayPass(answer.status()) && done.act.deed != Deed::kExtend) {
      wrong.push_back(Cat("accepted, and refused: ", answer.status().ToString()));
    }
  }
  if (accepted == nullptr) return;
  if (done.act.deed == Deed::kExtend) {
    const absl::Time least = done.sent + done.act.hold - kClockTolerance;
    if (FromProto(accepted->expire_time()) < least) wrong.emplace_back("extended by too little");
    return;
  }
  const Answer again = done.again(clients);
  if (!again.ok() || Outcome(again) != Outcome(now)) {
    wrong.push_back(Cat("accepted, and now answered ", Outcome(again)));
  }
}

int64_t DueMinor(const Reservation& now) {
  if (now.state() == RESERVATION_STATE_CONFIRMED) return cluster::kSeatPriceMinor;
  return now.has_refund() ? cluster::kSeatPriceMinor - now.refund().amount_minor() : 0;
}

std::string WrongMoney(TestCluster& cluster, const Reservation& now) {
  const int64_t half = cluster::kSeatPriceMinor / 2;
  const int64_t back = now.event_id() == kHalfBack ? half : cluster::kSeatPriceMinor;
  if (now.has_refund() && now.refund().amount_minor() != back) return "pays back another amount";
  const int64_t kept = KeptMinor(cluster, now.reservation_id());
  return kept == DueMinor(now) ? "" : Cat("we keep ", kept, " of its money");
}

// All that contradicts what clients were told about one reservation.
std::vector<std::string> WrongIn(TestCluster& cluster, const Life& life, const Reservation& now) {
  const Told told(life);
  std::vector<std::string> wrong = {WrongState(life, told, now), WrongHold(told, now),
                                    WrongMoney(cluster, now)};
  for (const Done& done : life.done) AddWrongAnswers(cluster.clients(), done, now, wrong);
  std::erase(wrong, "");
  for (std::string& one : wrong) one = Cat(now.reservation_id(), " (", Outcome(now), "): ", one);
  return wrong;
}

// --- The run ------------------------------------------------------------------------------------

// Everything that is stored, by request_id; each exactly once, and none under way.
std::map<std::string, Reservation> ReadAll(TestCluster& cluster) {
  std::map<std::string, Reservation> all;
  reservation::v1::ListReservationsRequest request;
  request.set_page_size(1000);
  const auto page = cluster->Call(request);
  INFO(page.status());
  REQUIRE(page.ok());
  REQUIRE(page->next_page_token().empty());
  for (const Reservation& one : page->reservations()) {
    if (!all.emplace(one.request_id(), one).second) FAIL_CHECK(one.request_id() << " twice");
  }
  return all;
}

// A hold whose card was declined is kept longer than the test has time for.
bool AwaitsAnotherCard(const Reservation& now) {
  return now.state() == RESERVATION_STATE_HELD && now.has_payment_failure();
}

void RequireRest(TestCluster& cluster) {
  std::string live;
  const bool at_rest = WaitUntil([&] {
    live.clear();
    for (const auto& [id, one] : ReadAll(cluster)) {
      const bool held = one.state() == RESERVATION_STATE_HELD && !AwaitsAnotherCard(one);
      if (IsUnderWay(one) || held) live = one.ShortDebugString();
    }
    return live.empty();
  });
  INFO(live);
  REQUIRE(at_rest);
}

// Pays for one half of what is still held, and cancels the other.
void EndHolds(TestCluster& cluster, std::vector<Life>& lives) {
  std::map<std::string, Reservation> all = ReadAll(cluster);
  std::atomic<int> lost = 0;
  bool pays = false;
  for (Life& life : lives) {
    const Reservation& now = all[life.plan.create.request_id()];
    if (!AwaitsAnotherCard(now)) continue;
    pays = !pays;
    life.done.push_back(
        {.act = {.deed = pays ? Deed::kPay : Deed::kCancel, .senders = 1, .token = "tok_visa"}});
    Do(cluster.clients(), now.reservation_id(), lost, life.done.back());
  }
  CHECK(lost == 0);
}

void RequireConserved(TestCluster& cluster, const std::map<std::string, Reservation>& all) {
  std::map<std::string, int> sold;
  int64_t kept = 0;
  for (const auto& [id, one] : all) {
    kept += DueMinor(one);
    if (one.state() == RESERVATION_STATE_CONFIRMED) ++sold[one.event_id()];
  }
  RequireLedger(cluster, kept);
  for (const char* event : {kEvent, kHalfBack}) {
    CHECK(cluster::AvailableSeats(cluster.clients(), event) + sold[event] == kRows * kSeatsARow);
  }
}

// A run in which one of these never happened proves nothing about it.
void RequireAllHappened(const std::vector<Life>& lives,
                        const std::map<std::string, Reservation>& all) {
  std::map<std::string, int> seen;
  for (const auto& [id, one] : all) {
    ++seen[Outcome(one)];
    if (one.has_refund()) ++seen["refunded after the confirmation"];
  }
  for (const Life& life : lives) {
    const Told told(life);
    const std::string outcome = Outcome(all.at(life.plan.create.request_id()));
    const bool cancelled = told.cancellations > 0;
    if (told.payments > 0) ++seen["paid"];
    if (told.payments > 1) ++seen["paid twice"];
    if (told.payments > 0 && cancelled) ++seen["paid and cancelled"];
    if (told.payments > 0 && outcome == "CANCELLED HOLD_EXPIRED") ++seen["paid too late"];
    if (told.held_until > absl::InfinitePast()) ++seen["extended"];
  }
  for (const auto& [what, count] : seen) std::cerr << "  " << count << " " << what << "\n";
  for (const char* what : {"CONFIRMED", "CANCELLED CANCELLED_BY_CLIENT", "CANCELLED HOLD_EXPIRED",
                           "CANCELLED SEAT_NOT_AVAILABLE", "refunded after the confirmation",
                           "paid", "paid twice", "paid and cancelled", "extended"}) {
    CAPTURE(what);
    CHECK(seen[what] > 0);
  }
}

TEST_CASE("payments, cancellations, extensions and expiries meet while processes are killed") {
  const unsigned seed = SeedOf(20261128);
  std::cerr << "seed " << seed << " (SEATSAGA_TEST_SEED=... for another)\n";
  TestCluster cluster({{Service::kReservation, {"--hold-min-s=1"}},
                       {Service::kOrchestrator, {"--attempts-max=50"}}});
  MakeEvent(cluster, kRows);
  MakeEventWith(cluster, kHalfBack, {absl::Hours(48), {{absl::Hours(24), 50}}}, kRows);
  Plans plans(seed);
  std::vector<Life> lives(kLives);
  for (Life& life : lives) life.plan = plans.Next();
  std::mt19937 random(seed + 1);
  {
    const Load load(kClients, kLives, [&](size_t i, std::atomic<int>& lost) {
      Live(cluster.clients(), lost, lives[i]);
    });
    const int kills = KillWhile(cluster, load, kLivesBetweenKillsMax, random);
    REQUIRE(WaitUntil([&] { return load.ended() == kLives; }));
    std::cerr << kills << " kills, " << load.lost() << " calls lost\n";
    CHECK(kills >= kKillsMin);
    CHECK(load.lost() > kills);  // each was felt
  }

  RequireRest(cluster);
  EndHolds(cluster, lives);
  RequireRest(cluster);
  const auto all = ReadAll(cluster);
  std::vector<std::string> wrong;
  for (const Life& life : lives) {
    INFO(life.created.status());
    REQUIRE(life.created.ok());
    const auto now = all.find(life.plan.create.request_id());
    REQUIRE(now != all.end());
    const auto more = WrongIn(cluster, life, now->second);
    wrong.insert(wrong.end(), more.begin(), more.end());
  }
  wrong.resize(std::min(wrong.size(), kWrongShownMax));
  CHECK(wrong == std::vector<std::string>{});
  CHECK(all.size() == lives.size());
  RequireConserved(cluster, all);
  RequireAllHappened(lives, all);
  cluster::RequireCleanAudit(*cluster);
}

}  // namespace
}  // namespace seatsaga::integration
