// Holding seats and paying for them later.
#include <catch2/catch.hpp>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>

#include "common/sqlite/lane.h"
#include "reservation_svc/reservation_errors.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/reservation_svc/facade.h"

namespace seatsaga::reservation::testing {
namespace {

using saga::v1::OUTCOME_REFUSED;
using saga::v1::OUTCOME_SUCCEEDED;
using v1::RESERVATION_STATE_CANCELLED;
using v1::RESERVATION_STATE_CONFIRMED;
using v1::RESERVATION_STATE_HELD;
using v1::RESERVATION_STATE_PENDING;

constexpr absl::Duration kHold = absl::Minutes(15);

// --- Creation

TEST_CASE("reservation hold: a creation says at once until when its seats will be held") {
  Facade world;
  const v1::Reservation made = world.Create(world.NewHold(kHold)).value();
  CHECK(made.state() == RESERVATION_STATE_PENDING);
  CHECK(made.mode() == v1::RESERVATION_MODE_HOLD);
  CHECK(FromProto(made.expire_time()) == world.test.wall() + kHold);
  CHECK_FALSE(made.has_price());
  const auto& data = world.orchestrator.calls.at(0).sagas(0).data().reservation();
  CHECK(data.sealed_payment_token().empty());
  CHECK(FromProto(data.hold_duration()) == kHold);
  world.Restart();
  CHECK(world.Get(IdOf(made)).SerializeAsString() == made.SerializeAsString());
}

TEST_CASE("reservation hold: without a duration this server's own counts") {
  Facade world;
  auto request = world.NewHold();
  request.clear_hold_duration();
  const v1::Reservation made = world.Create(request).value();
  CHECK(FromProto(made.expire_time()) == world.test.wall() + HoldLimits().otherwise);
}

TEST_CASE("reservation hold: one that pays now has no hold, and its saga no expiry") {
  Facade world;
  auto request = world.NewRequest();
  if (GENERATE(true, false)) request.set_mode(v1::RESERVATION_MODE_PAY_NOW);
  const v1::Reservation made = world.Create(request).value();
  CHECK(made.mode() == v1::RESERVATION_MODE_PAY_NOW);
  CHECK_FALSE(made.has_expire_time());
  CHECK_FALSE(world.orchestrator.calls.at(0).sagas(0).data().reservation().has_hold_duration());
}

// --- HELD

TEST_CASE("reservation hold: the saga's command makes it HELD with its price and terms") {
  Facade world;
  const Id id = IdOf(world.Create(world.NewHold(kHold)).value());
  const absl::Time until = world.test.wall() + kHold + absl::Seconds(3);
  auto command = Hold(id, until);
  *command.mutable_hold_reservation()->mutable_terms() = TermsFrom(world.test.wall());
  world.test.Advance(absl::Seconds(2));
  CHECK(world.Do(command).outcome() == OUTCOME_SUCCEEDED);
  world.Restart();
  const v1::Reservation held = world.Get(id);
  CHECK(held.state() == RESERVATION_STATE_HELD);
  CHECK(held.price().amount_minor() == 4200);
  CHECK(FromProto(held.expire_time()) == until);
  CHECK(held.terms().refund_rules(0).percent() == 50);
  CHECK(FromProto(held.update_time()) == world.test.wall());
  CHECK_FALSE(held.has_payment_failure());
  CHECK(world.CountPending() == 0);
}

TEST_CASE(
    "reservation hold: the saga's first word counts, and after it a hold never gets shorter") {
  Facade world;
  const v1::Reservation made = world.Create(world.NewHold(kHold)).value();
  const Id id = IdOf(made);
  const absl::Time until = FromProto(made.expire_time()) - absl::Seconds(1);
  world.Do(Hold(id, until));
  CHECK(FromProto(world.Get(id).expire_time()) == until);
  REQUIRE(world.Pay(world.NewPayment(id)).ok());
  world.Do(HoldAgain(id, until - absl::Seconds(1), 2));
  CHECK(FromProto(world.Get(id).expire_time()) == until);
}

TEST_CASE("reservation hold: a creation that waits is answered HELD") {
  Facade world;
  const auto answer = world.SendCreate(Waiting(world.NewHold(), 10));
  world.test.Run();
  REQUIRE_FALSE(answer.answered());
  world.Do(Hold(world.orchestrator.Ids(0).at(0), world.test.wall() + kHold));
  REQUIRE(answer.answered());
  CHECK((*answer)->reservation().state() == RESERVATION_STATE_HELD);
}

TEST_CASE("reservation hold: a HELD one does not count as PENDING, and is not sent again") {
  Facade world(AnyEngine(), {.pending_max = 1});
  world.HoldNew();
  CHECK(world.Create(world.NewRequest()).ok());
  world.Do(Cancel(world.orchestrator.Ids(1).at(0)));
  world.orchestrator.calls.clear();
  world.Restart();
  CHECK(world.orchestrator.calls.empty());
  CHECK(world.orchestrator.signal_calls.empty());
}

// --- Payment

TEST_CASE("reservation hold: a payment makes it PENDING, and its saga gets the sealed token") {
  Facade world;
  const Id id = world.HoldNew();
  world.test.Advance(absl::Seconds(1));
  const v1::Reservation paid = world.Pay(world.NewPayment(id, "tok_later")).value();
  CHECK(paid.state() == RESERVATION_STATE_PENDING);
  CHECK(paid.price().amount_minor() == 4200);
  CHECK(FromProto(paid.update_time()) == world.test.wall());
  const auto& signal = world.orchestrator.SignalOf(0);
  CHECK(signal.saga_id() == id.ToString());
  CHECK(signal.resume().step() == "await_payment");
  CHECK(signal.resume().round() == 1);
  const auto& sealed = signal.resume().data().reservation().sealed_payment_token();
  CHECK(world.sealer.Open(sealed, id).value() == "tok_later");
  CHECK(world.Do(Confirm(id)).outcome() == OUTCOME_SUCCEEDED);
  CHECK(world.StateOf(id) == RESERVATION_STATE_CONFIRMED);
}

TEST_CASE("reservation hold: a declined payment makes it HELD again, and says why") {
  Facade world;
  const Id id = world.PayNew();
  const absl::Time until = FromProto(world.Get(id).expire_time());
  CHECK(world.Do(HoldAgain(id, until + absl::Minutes(1), 2)).outcome() == OUTCOME_SUCCEEDED);
  if (GENERATE(true, false)) world.Restart();
  const v1::Reservation held = world.Get(id);
  CHECK(held.state() == RESERVATION_STATE_HELD);
  CHECK(held.payment_failure().reason() == "PAYMENT_DECLINED");
  CHECK(held.payment_failure().message() == "the bank said no");
  CHECK(FromProto(held.expire_time()) == until + absl::Minutes(1));

  const v1::Reservation paid = world.Pay(world.NewPayment(id, "tok_other")).value();
  CHECK_FALSE(paid.has_payment_failure());
  CHECK(world.orchestrator.signal_calls.back().signals(0).resume().round() == 2);
}

TEST_CASE("reservation hold: a payment that waits learns what became of it") {
  Facade world;
  const Id id = world.HoldNew();
  const auto answer = world.SendPay(Waiting(world.NewPayment(id), 10));
  world.test.Run();
  REQUIRE_FALSE(answer.answered());
  v1::ReservationState expected{};
  SECTION("paid") {
    world.Do(Confirm(id));
    expected = RESERVATION_STATE_CONFIRMED;
  }
  SECTION("declined") {
    world.Do(HoldAgain(id, world.test.wall() + kHold, 2));
    expected = RESERVATION_STATE_HELD;
  }
  SECTION("undone") {
    world.Do(Cancel(id));
    expected = RESERVATION_STATE_CANCELLED;
  }
  SECTION("nothing yet") {
    world.test.Advance(absl::Seconds(10));
    expected = RESERVATION_STATE_PENDING;
  }
  REQUIRE(answer.answered());
  CHECK((*answer)->reservation().state() == expected);
}

TEST_CASE("reservation hold: a payment again is the same payment, whatever has happened since") {
  Facade world;
  const Id id = world.HoldNew();
  auto payment = world.NewPayment(id);
  payment.set_etag(world.Get(id).etag());
  const auto first = world.SendPay(payment);
  const auto second = world.SendPay(payment);  // in the same batch
  world.test.Run();
  CHECK((*first).ok());
  CHECK((*second).ok());
  v1::ReservationState expected = RESERVATION_STATE_PENDING;
  SECTION("nothing") {}
  SECTION("it was declined, and another one is under way") {
    world.Do(HoldAgain(id, world.test.wall() + kHold, 2));
    CHECK(world.Pay(payment)->state() == RESERVATION_STATE_HELD);
    CHECK(world.Pay(world.NewPayment(id)).ok());
  }
  SECTION("it was confirmed") {
    world.Do(Confirm(id));
    expected = RESERVATION_STATE_CONFIRMED;
  }
  SECTION("it was undone") {
    world.Do(Cancel(id));
    expected = RESERVATION_STATE_CANCELLED;
  }
  SECTION("it was cancelled") {
    CHECK(world.CancelNow(world.NewCancellation(id)).ok());
    expected = v1::RESERVATION_STATE_CANCELLING;
  }
  for (int i = 0; i < 2; ++i) {
    const auto again = world.Pay(payment);
    REQUIRE(again.ok());
    CHECK(again->state() == expected);
    world.Restart();
  }
}

TEST_CASE("reservation hold: a request_id of another payment is an error that names the field") {
  Facade world;
  const Id id = world.HoldNew();
  auto payment = world.NewPayment(id);
  REQUIRE(world.Pay(payment).ok());
  absl::Status status;
  SECTION("another token") {
    payment.set_payment_token("tok_other");
    status = world.Pay(payment).status();
  }
  SECTION("another reservation") {
    payment.set_reservation_id(world.HoldNew().ToString());
    status = world.Pay(payment).status();
  }
  SECTION("a cancellation") {
    auto cancellation = world.NewCancellation(id);
    cancellation.set_request_id(payment.request_id());
    status = world.CancelNow(cancellation).status();
  }
  CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  CHECK(ReasonOf(status) == "REQUEST_ID_REUSED");
  CHECK(FieldViolationsOf(status).at(0).first == "request_id");
}

// --- What cannot be paid for

struct NotHeld {
  const char* what;
  std::function<Id(Facade&)> make;
  const char* reason;
};

const std::vector<NotHeld>& AllNotHeld() {
  static const std::vector<NotHeld> all = {
      {"not held yet", [](Facade& w) { return IdOf(w.Create(w.NewHold()).value()); }, "NOT_HELD"},
      {"pays now", [](Facade& w) { return w.CreateNew(); }, "NOT_HELD"},
      {"paid now", [](Facade& w) { return w.ConfirmNew(); }, "NOT_HELD"},
      {"under way", [](Facade& w) { return w.PayNew(); }, "PAYMENT_UNDER_WAY"},
      {"paid later",
       [](Facade& w) {
         const Id id = w.PayNew();
         w.Do(Confirm(id));
         return id;
       },
       "ALREADY_PAID"},
      {"expired",
       [](Facade& w) {
         const Id id = w.HoldNew();
         w.Do(Cancel(id, "HOLD_EXPIRED"));
         return id;
       },
       "HOLD_EXPIRED"},
      {"undone",
       [](Facade& w) {
         const Id id = w.HoldNew();
         w.Do(Cancel(id, "SEAT_NOT_AVAILABLE"));
         return id;
       },
       "RESERVATION_CANCELLED"},
      {"cancelling",
       [](Facade& w) {
         const Id id = w.HoldNew();
         REQUIRE(w.CancelNow(w.NewCancellation(id)).ok());
         return id;
       },
       "RESERVATION_CANCELLED"},
  };
  return all;
}

TEST_CASE("reservation hold: what is not HELD can be neither paid for nor held longer") {
  for (const NotHeld& not_held : AllNotHeld()) {
    Facade world(Engine::kModel);
    const Id id = not_held.make(world);
    const std::string before = world.Get(id).SerializeAsString();
    const size_t signals = world.orchestrator.signal_calls.size();
    for (const absl::Status& status :
         {world.Pay(world.NewPayment(id)).status(),
          world.Extend(Facade::NewExtension(id, absl::Minutes(50))).status()}) {
      CAPTURE(not_held.what, status);
      CHECK(status.code() == absl::StatusCode::kFailedPrecondition);
      CHECK(ReasonOf(status) == not_held.reason);
      CHECK(status.message().find(id.ToString()) != std::string::npos);
      CHECK(status.message().find(';') != std::string::npos);  // and what to do
    }
    CHECK(world.Get(id).SerializeAsString() == before);
    CHECK(world.orchestrator.signal_calls.size() == signals);
  }
}

TEST_CASE("reservation hold: an early payment is told when to try again") {
  Facade world;
  const Id id = IdOf(world.Create(world.NewHold()).value());
  const absl::Status status = world.Pay(world.NewPayment(id)).status();
  CHECK(RetryDelayOf(status, absl::ZeroDuration()) > absl::ZeroDuration());
}

TEST_CASE("reservation hold: of an unknown reservation every change is NOT_FOUND") {
  Facade world;
  const Id id = world.NewId();
  for (const absl::Status& status : {world.Pay(world.NewPayment(id)).status(),
                                     world.CancelNow(world.NewCancellation(id)).status(),
                                     world.Extend(Facade::NewExtension(id, kHold)).status()}) {
    CHECK(status.code() == absl::StatusCode::kNotFound);
    CHECK(ReasonOf(status) == kReservationNotFound);
  }
}

TEST_CASE("reservation hold: a stale etag is refused, the present one counts") {
  Facade world;
  const v1::Reservation made = world.Create(world.NewHold()).value();
  const Id id = IdOf(made);
  world.Do(Hold(id, world.test.wall() + kHold));
  auto payment = world.NewPayment(id);
  auto cancellation = world.NewCancellation(id);
  auto extension = Facade::NewExtension(id, absl::Minutes(50));
  for (auto* etag :
       {payment.mutable_etag(), cancellation.mutable_etag(), extension.mutable_etag()}) {
    *etag = made.etag();
  }
  for (const absl::Status& status :
       {world.Pay(payment).status(), world.CancelNow(cancellation).status(),
        world.Extend(extension).status()}) {
    CHECK(status.code() == absl::StatusCode::kAborted);
    CHECK(ReasonOf(status) == "ETAG_MISMATCH");
    CHECK(status.message().find("read it again") != std::string::npos);
  }
  CHECK(world.StateOf(id) == RESERVATION_STATE_HELD);
  payment.set_etag(world.Get(id).etag());
  CHECK(world.Pay(payment).ok());
}

TEST_CASE("reservation hold: every change has an etag of its own, also after a restart") {
  Facade world;
  const Id id = IdOf(world.Create(world.NewHold()).value());
  std::set<std::string> etags{world.Get(id).etag()};
  const bool restarts = GENERATE(true, false);
  const auto changed = [&] {
    if (restarts) world.Restart();
    return etags.insert(world.Get(id).etag()).second;
  };
  world.Do(Hold(id, world.test.wall() + kHold));
  CHECK(changed());
  REQUIRE(world.Pay(world.NewPayment(id)).ok());
  CHECK(changed());
  world.Do(HoldAgain(id, world.test.wall() + kHold, 2));
  CHECK(changed());
  REQUIRE(world.Pay(world.NewPayment(id)).ok());
  world.Do(Confirm(id));
  CHECK(changed());
  REQUIRE(world.CancelNow(world.NewCancellation(id)).ok());
  CHECK(changed());
  world.Do(Cancel(id));
  CHECK(changed());
}

TEST_CASE("reservation hold: payments are bounded like creations") {
  Facade world(AnyEngine(), {.pending_max = 1});
  const Id id = world.HoldNew();
  world.CreateNew();
  const absl::Status status = world.Pay(world.NewPayment(id)).status();
  CHECK(status.code() == absl::StatusCode::kResourceExhausted);
  CHECK(world.StateOf(id) == RESERVATION_STATE_HELD);
}

// --- Races

TEST_CASE("reservation hold: of two payments one is taken") {
  Facade world;
  const Id id = world.HoldNew();
  const auto first = world.SendPay(world.NewPayment(id));
  if (GENERATE(true, false)) world.test.Run();  // in one batch, or in two
  const auto second = world.SendPay(world.NewPayment(id, "tok_other"));
  world.test.Run();
  CHECK((*first).ok());
  CHECK(ReasonOf((*second).status()) == "PAYMENT_UNDER_WAY");
  const auto& data = world.orchestrator.SignalOf(0).resume().data().reservation();
  CHECK(world.sealer.Open(data.sealed_payment_token(), id).value() == "tok_visa");
}

TEST_CASE("reservation hold: a second payment counts only after the first was declined") {
  Facade world;
  const Id id = world.PayNew();
  const bool in_one_batch = GENERATE(true, false);
  const auto declined = [&] { world.SendCommands({HoldAgain(id, world.test.wall() + kHold, 2)}); };
  SECTION("it comes before") {
    const auto payment = world.SendPay(world.NewPayment(id));
    if (!in_one_batch) world.test.Run();
    declined();
    world.test.Run();
    CHECK(ReasonOf((*payment).status()) == "PAYMENT_UNDER_WAY");
    CHECK(world.StateOf(id) == RESERVATION_STATE_HELD);
  }
  SECTION("it comes after") {
    declined();
    if (!in_one_batch) world.test.Run();
    const auto payment = world.SendPay(world.NewPayment(id));
    world.test.Run();
    CHECK((*payment).ok());
    CHECK(world.StateOf(id) == RESERVATION_STATE_PENDING);
    // The first signal is still under way, and does not hold up the second.
    CHECK(world.orchestrator.SignalOf(1).resume().round() == 2);
  }
}

TEST_CASE("reservation hold: a commit that fails takes no payment, and it can be repeated") {
  Facade world;
  const Id id = world.HoldNew();
  const auto payment = world.NewPayment(id);
  world.test.FailNextCommits(kProcess, 1, store::Committed::kNothing);
  CHECK(world.Pay(payment).status().code() == absl::StatusCode::kUnavailable);
  CHECK(world.orchestrator.signal_calls.empty());
  world.test.Advance(absl::Seconds(1));
  CHECK(world.StateOf(id) == RESERVATION_STATE_HELD);
  CHECK(world.Pay(payment)->state() == RESERVATION_STATE_PENDING);
  CHECK(world.orchestrator.signal_calls.size() == 1);
}

// --- Secrets

std::string BytesOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_CASE("reservation hold: a payment's token is never stored, sealed not once it is settled") {
  const seatsaga::testing::TempDir folder;
  const std::string path = folder.File("reservations.db");
  sqlite::SqliteStores stores([&](std::string_view) { return path; });
  Facade world(stores);
  const Id id = world.HoldNew();
  const auto payment = world.NewPayment(id, "tok_CANARY_77aa");
  REQUIRE(world.Pay(payment).ok());
  const std::string bytes = BytesOf(path) + BytesOf(path + "-wal");
  CHECK(bytes.find("CANARY") == std::string::npos);
  const auto& data = world.orchestrator.SignalOf(0).resume().data().reservation();
  CHECK(bytes.find(data.sealed_payment_token()) != std::string::npos);

  switch (GENERATE(0, 1, 2)) {
    case 0:
      world.Do(Confirm(id));
      break;
    case 1:
      world.Do(HoldAgain(id, world.test.wall() + kHold, 2));
      break;
    case 2:
      REQUIRE(world.CancelNow(world.NewCancellation(id)).ok());
      break;
  }
  world.node->Stop(absl::Seconds(1));
  world.node.reset();
  const auto store = stores.Open(kSchema).value();
  std::optional<ReservationRow> stored;
  std::optional<ChangeRequest> request;
  REQUIRE(store
              ->Query([&](store::Snapshot& snapshot) {
                stored = snapshot.Find(kReservations, id);
                request = snapshot.Find(kChangeRequests, *Id::Parse(payment.request_id()));
              })
              .ok());
  CHECK(stored->sealed_token.empty());
  REQUIRE(request.has_value());
  CHECK(request->reservation_id == id);
  CHECK(request->round == 1);
  // Whoever reads the digest cannot try tokens without the key.
  const auto other_key = TokenSealer::FromKey(std::string(32, 'x')).value();
  auto same = payment;
  const auto parsed =
      ParsePay(same, other_key, {Mono::FromNanos(0), Mono::InfiniteFuture()}).value();
  CHECK(parsed.digest != request->digest);
}

}  // namespace
}  // namespace seatsaga::reservation::testing
