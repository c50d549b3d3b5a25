// A client changes its mind: from every state, against everything that may happen at the same time.
#include <catch2/catch.hpp>
#include <optional>

#include "reservation_svc/reservation_errors.h"
#include "tests/unit/reservation_svc/facade.h"

namespace seatsaga::reservation::testing {
namespace {

using saga::v1::OUTCOME_REFUSED;
using saga::v1::OUTCOME_SUCCEEDED;
using v1::RESERVATION_STATE_CANCELLED;
using v1::RESERVATION_STATE_CANCELLING;
using v1::RESERVATION_STATE_CONFIRMED;
using v1::RESERVATION_STATE_HELD;
using v1::RESERVATION_STATE_PENDING;

constexpr absl::Duration kHold = absl::Minutes(15);

// The saga's last word.
v1::ReservationCommand Undone(const Id& id) { return Cancel(id, "CANCELLED_BY_CLIENT"); }

// CONFIRMED for 42 EUR, under those terms.
Id ConfirmWith(Facade& world, const saga::v1::EventTerms& terms) {
  const Id id = world.CreateNew();
  auto confirm = Confirm(id, 4200);
  *confirm.mutable_confirm_reservation()->mutable_terms() = terms;
  REQUIRE(world.Do(confirm).outcome() == OUTCOME_SUCCEEDED);
  return id;
}

// --- From each state

TEST_CASE("reservation cancel: before it is confirmed everything is undone, at once CANCELLING") {
  Facade world;
  Id id;
  SECTION("PENDING") { id = world.CreateNew(); }
  SECTION("HELD") { id = world.HoldNew(); }
  SECTION("PENDING, being paid for") {
    id = world.PayNew();
    world.orchestrator.AnswerSignals(0, OUTCOME_SUCCEEDED);
    world.orchestrator.signal_calls.clear();
  }
  world.test.Advance(absl::Seconds(1));
  const v1::Reservation cancelling = world.CancelNow(world.NewCancellation(id)).value();
  CHECK(cancelling.state() == RESERVATION_STATE_CANCELLING);
  CHECK_FALSE(cancelling.has_refund());
  CHECK(cancelling.reason().empty());
  CHECK(FromProto(cancelling.update_time()) == world.test.wall());
  const auto& signal = world.orchestrator.SignalOf(0);
  CHECK(signal.saga_id() == id.ToString());
  REQUIRE(signal.has_cancel());
  CHECK_FALSE(signal.cancel().data().reservation().has_refund());

  CHECK(world.Do(Undone(id)).outcome() == OUTCOME_SUCCEEDED);
  const v1::Reservation cancelled = world.Get(id);
  CHECK(cancelled.state() == RESERVATION_STATE_CANCELLED);
  CHECK(cancelled.reason() == "CANCELLED_BY_CLIENT");
  CHECK_FALSE(cancelled.has_refund());
}

TEST_CASE("reservation cancel: after it is confirmed the terms decide what is paid back") {
  Facade world;
  const Id id = ConfirmWith(world, TermsFrom(world.test.wall()));
  world.test.Advance(absl::Hours(2));
  const v1::Reservation cancelling = world.CancelNow(world.NewCancellation(id)).value();
  CHECK(cancelling.state() == RESERVATION_STATE_CANCELLING);
  CHECK(cancelling.refund().amount_minor() == 2100);
  CHECK(cancelling.refund().currency() == "EUR");
  const auto& data = world.orchestrator.SignalOf(0).cancel().data().reservation();
  CHECK(data.refund().amount_minor() == 2100);
  CHECK(data.refund().currency() == "EUR");

  world.test.Advance(absl::Hours(12));  // the amount stays
  world.Do(Undone(id));
  if (GENERATE(true, false)) world.Restart();
  const v1::Reservation cancelled = world.Get(id);
  CHECK(cancelled.state() == RESERVATION_STATE_CANCELLED);
  CHECK(cancelled.refund().amount_minor() == 2100);
  CHECK(cancelled.price().amount_minor() == 4200);
}

TEST_CASE("reservation cancel: a refund of nothing is one, too") {
  Facade world;
  const Id id = ConfirmWith(world, TermsFrom(world.test.wall()));
  world.test.Advance(absl::Hours(13));
  const v1::Reservation cancelling = world.CancelNow(world.NewCancellation(id)).value();
  REQUIRE(cancelling.has_refund());
  CHECK(cancelling.refund().amount_minor() == 0);
  const auto& data = world.orchestrator.SignalOf(0).cancel().data().reservation();
  REQUIRE(data.has_refund());
  CHECK(data.refund().amount_minor() == 0);
}

TEST_CASE("reservation cancel: the terms that the hold brought count, too") {
  Facade world;
  const Id id = IdOf(world.Create(world.NewHold()).value());
  auto hold = Hold(id, world.test.wall() + kHold);
  *hold.mutable_hold_reservation()->mutable_terms() = TermsFrom(world.test.wall());
  auto confirm = Confirm(id);
  *confirm.mutable_confirm_reservation()->mutable_terms() = TermsFrom(world.test.wall());
  world.Do(hold);
  REQUIRE(world.Pay(world.NewPayment(id)).ok());
  world.Do(confirm);
  CHECK(world.CancelNow(world.NewCancellation(id))->refund().amount_minor() == 2100);
}

TEST_CASE("reservation cancel: once the event has started it is too late") {
  Facade world;
  const Id id = ConfirmWith(world, TermsFrom(world.test.wall()));
  world.test.Advance(absl::Hours(24) - absl::Microseconds(1));
  auto cancellation = world.NewCancellation(id);
  cancellation.set_validate_only(true);
  CHECK(world.CancelNow(cancellation).ok());
  world.test.Advance(absl::Microseconds(1));
  cancellation.set_validate_only(GENERATE(true, false));
  const absl::Status status = world.CancelNow(cancellation).status();
  CHECK(status.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(ReasonOf(status) == "EVENT_STARTED");
  CHECK(world.StateOf(id) == RESERVATION_STATE_CONFIRMED);
  CHECK(world.orchestrator.signal_calls.empty());
}

TEST_CASE("reservation cancel: the start of the event does not matter before it is confirmed") {
  Facade world;
  const Id id = IdOf(world.Create(world.NewHold()).value());
  auto hold = Hold(id, world.test.wall() + absl::Hours(48));
  *hold.mutable_hold_reservation()->mutable_terms() = TermsFrom(world.test.wall());
  world.Do(hold);
  world.test.Advance(absl::Hours(25));
  const v1::Reservation cancelling = world.CancelNow(world.NewCancellation(id)).value();
  CHECK(cancelling.state() == RESERVATION_STATE_CANCELLING);
  CHECK_FALSE(cancelling.has_refund());
}

// --- Only asking

TEST_CASE("reservation cancel: validate_only says what would happen, and does nothing") {
  Facade world;
  const Id id = ConfirmWith(world, TermsFrom(world.test.wall()));
  const std::string before = world.Get(id).SerializeAsString();
  auto cancellation = world.NewCancellation(id);
  cancellation.set_validate_only(true);
  cancellation.mutable_wait()->set_seconds(10);  // for nothing
  const v1::Reservation as_it_would_be = world.CancelNow(cancellation).value();
  CHECK(as_it_would_be.state() == RESERVATION_STATE_CANCELLING);
  CHECK(as_it_would_be.refund().amount_minor() == 2100);
  CHECK(world.Get(id).SerializeAsString() == before);
  CHECK(world.orchestrator.signal_calls.empty());
  // The real one may be the same request.
  cancellation.set_validate_only(false);
  cancellation.clear_wait();
  CHECK(world.CancelNow(cancellation)->state() == RESERVATION_STATE_CANCELLING);
}

TEST_CASE("reservation cancel: validate_only changes nothing for the rest of its batch either") {
  Facade world;
  const Id id = world.PayNew();
  const auto confirmed = world.SendCommands({Confirm(id)});
  auto cancellation = world.NewCancellation(id);
  cancellation.set_validate_only(true);
  const auto asked = world.SendCancel(cancellation);
  world.test.Run();
  CHECK((*asked)->reservation().state() == RESERVATION_STATE_CANCELLING);
  CHECK(world.StateOf(id) == RESERVATION_STATE_CONFIRMED);
}

// --- Again

TEST_CASE("reservation cancel: the same request again is the same cancellation") {
  Facade world;
  const Id id = world.CreateNew();
  auto cancellation = world.NewCancellation(id);
  cancellation.set_etag(world.Get(id).etag());
  const auto first = world.SendCancel(cancellation);
  const auto second = world.SendCancel(cancellation);  // in the same batch
  world.test.Run();
  CHECK((*first).ok());
  CHECK((*second).ok());
  v1::ReservationState expected = RESERVATION_STATE_CANCELLING;
  if (GENERATE(true, false)) {
    world.Do(Undone(id));
    expected = RESERVATION_STATE_CANCELLED;
  }
  for (int i = 0; i < 2; ++i) {
    CHECK(world.CancelNow(cancellation)->state() == expected);
    world.Restart();
  }
}

TEST_CASE("reservation cancel: another request is told that it is under way, or done") {
  Facade world;
  const Id id = world.CreateNew();
  const auto first = world.SendCancel(world.NewCancellation(id));
  if (GENERATE(true, false)) world.test.Run();  // in one batch, or in two
  const auto second = world.SendCancel(world.NewCancellation(id));
  world.test.Run();
  CHECK((*first).ok());
  CHECK((*second).status().code() == absl::StatusCode::kFailedPrecondition);
  CHECK(ReasonOf((*second).status()) == "CANCELLATION_UNDER_WAY");
  CHECK((*second).status().message().find(id.ToString()) != std::string::npos);
  world.Do(Undone(id));
  const absl::Status third = world.CancelNow(world.NewCancellation(id)).status();
  CHECK(ReasonOf(third) == kReservationCancelled);
}

TEST_CASE("reservation cancel: a request_id of another reservation's is an error") {
  Facade world;
  auto cancellation = world.NewCancellation(world.CreateNew());
  REQUIRE(world.CancelNow(cancellation).ok());
  cancellation.set_reservation_id(world.CreateNew().ToString());
  CHECK(ReasonOf(world.CancelNow(cancellation).status()) == "REQUEST_ID_REUSED");
  auto payment = world.NewPayment(world.HoldNew());
  payment.set_request_id(cancellation.request_id());
  CHECK(ReasonOf(world.Pay(payment).status()) == "REQUEST_ID_REUSED");
}

TEST_CASE("reservation cancel: a stale etag is refused") {
  Facade world;
  const Id id = world.CreateNew();
  auto cancellation = world.NewCancellation(id);
  cancellation.set_etag(world.Get(id).etag());
  world.Do(Confirm(id));
  CHECK(ReasonOf(world.CancelNow(cancellation).status()) == "ETAG_MISMATCH");
  CHECK(world.StateOf(id) == RESERVATION_STATE_CONFIRMED);
}

// --- Waiting

TEST_CASE("reservation cancel: a client may wait until everything is undone") {
  Facade world;
  const Id id = world.HoldNew();
  const auto answer = world.SendCancel(Waiting(world.NewCancellation(id), 10));
  world.test.Run();
  REQUIRE_FALSE(answer.answered());
  SECTION("it is") {
    world.Do(Undone(id));
    REQUIRE(answer.answered());
    CHECK((*answer)->reservation().state() == RESERVATION_STATE_CANCELLED);
  }
  SECTION("not in time") {
    world.test.Advance(absl::Seconds(10));
    REQUIRE(answer.answered());
    CHECK((*answer)->reservation().state() == RESERVATION_STATE_CANCELLING);
  }
}

TEST_CASE("reservation cancel: who waits for what is cancelled meanwhile is told how it is now") {
  Facade world;
  const auto created = world.SendCreate(Waiting(world.NewRequest(), 10));
  world.test.Run();
  const Id id = world.orchestrator.Ids(0).at(0);
  REQUIRE(world.CancelNow(world.NewCancellation(id)).ok());
  REQUIRE_FALSE(created.answered());  // CANCELLING does not last
  v1::ReservationState expected = RESERVATION_STATE_CANCELLING;
  SECTION("at the end") {
    world.Do(Undone(id));
    expected = RESERVATION_STATE_CANCELLED;
  }
  SECTION("when the time is over") { world.test.Advance(absl::Seconds(10)); }
  SECTION("when the process stops") {
    world.node->Stop(absl::Seconds(1));
    world.test.Run();
  }
  SECTION("when the time is over while the store fails") {
    world.test.Advance(absl::Milliseconds(9900));
    world.test.FailNextCommits(kProcess, 1, store::Committed::kNothing);
    world.SendCreate(world.NewRequest());
    world.test.Advance(absl::Seconds(1));
  }
  REQUIRE(created.answered());
  CHECK((*created)->reservation().state() == expected);
}

// --- What its saga may still do

TEST_CASE("reservation cancel: from then on its saga can neither hold nor confirm it") {
  Facade world;
  const bool paid = GENERATE(true, false);
  const Id id = paid ? world.PayNew() : world.HoldNew();
  REQUIRE(world.CancelNow(world.NewCancellation(id)).ok());
  if (GENERATE(true, false)) world.Restart();
  for (const auto& command : {HoldAgain(id, world.test.wall() + kHold, 2), Confirm(id)}) {
    const CommandResult result = world.Do(command);
    CHECK(result.outcome() == OUTCOME_REFUSED);
    CHECK(result.reason() == kCancelledByClient);
  }
  CHECK(world.StateOf(id) == RESERVATION_STATE_CANCELLING);
}

TEST_CASE("reservation cancel: live ones are bounded together") {
  Facade world(AnyEngine(), {.pending_max = 1});
  const Id confirmed = world.ConfirmNew();
  const Id pending = world.CreateNew();
  CHECK(world.CancelNow(world.NewCancellation(confirmed)).status().code() ==
        absl::StatusCode::kResourceExhausted);
  CHECK(world.CancelNow(world.NewCancellation(pending)).ok());  // was live before
  world.Restart();
  CHECK(world.Create(world.NewRequest()).status().code() == absl::StatusCode::kResourceExhausted);
  world.Do(Undone(pending));
  CHECK(world.Create(world.NewRequest()).ok());
}

TEST_CASE("reservation cancel: a list of CANCELLING ones has them, and no others") {
  Facade world;
  world.CreateNew();
  const Id id = world.HoldNew();
  REQUIRE(world.CancelNow(world.NewCancellation(id)).ok());
  v1::ListReservationsRequest request;
  request.set_state(RESERVATION_STATE_CANCELLING);
  const auto page = world.test.CallNow(kProcess, kListReservations, request);
  REQUIRE(page->reservations_size() == 1);
  CHECK(IdOf(page->reservations(0)) == id);
  CHECK(world.CountPending() == 1);
}

// --- Races: each in both orders, within one batch and in two

enum class Order { kCancelFirst, kCancelLast };

struct Race {
  Order order = GENERATE(Order::kCancelFirst, Order::kCancelLast);
  bool in_one_batch = GENERATE(true, false);

  template <class A, class B>
  void Run(Facade& world, A cancel, B other) const {
    if (order == Order::kCancelFirst) {
      cancel();
    } else {
      other();
    }
    if (!in_one_batch) world.test.Run();
    if (order == Order::kCancelFirst) {
      other();
    } else {
      cancel();
    }
    world.test.Run();
  }
};

TEST_CASE("reservation cancel: it races with the confirmation, and one of them is first") {
  const Race race;
  Facade world;
  const Id id = world.PayNew();
  std::optional<Pending<v1::CancelReservationResponse>> cancelled;
  std::optional<Pending<v1::ExecuteReservationCommandsResponse>> confirmed;
  race.Run(
      world, [&] { cancelled = world.SendCancel(world.NewCancellation(id)); },
      [&] { confirmed = world.SendCommands({Confirm(id)}); });
  REQUIRE((**cancelled).ok());
  CHECK(world.StateOf(id) == RESERVATION_STATE_CANCELLING);
  const CommandResult& result = (**confirmed)->results(0);
  const auto& signal = world.orchestrator.signal_calls.back().signals(0);
  REQUIRE(signal.has_cancel());
  if (race.order == Order::kCancelFirst) {
    CHECK(result.reason() == kCancelledByClient);
    CHECK_FALSE(
        signal.cancel().data().reservation().has_refund());  // the saga will not get to the end
  } else {
    CHECK(result.outcome() == OUTCOME_SUCCEEDED);
    CHECK(signal.cancel().data().reservation().refund().amount_minor() == 4200);
  }
  world.Do(Undone(id));
  CHECK(world.StateOf(id) == RESERVATION_STATE_CANCELLED);
}

TEST_CASE("reservation cancel: it races with the payment, and wins in the end") {
  const Race race;
  Facade world;
  const Id id = world.HoldNew();
  std::optional<Pending<v1::CancelReservationResponse>> cancelled;
  std::optional<Pending<v1::PayReservationResponse>> paid;
  race.Run(
      world, [&] { cancelled = world.SendCancel(world.NewCancellation(id)); },
      [&] { paid = world.SendPay(world.NewPayment(id)); });
  REQUIRE((**cancelled).ok());
  if (race.order == Order::kCancelFirst) {
    CHECK(ReasonOf((**paid).status()) == kReservationCancelled);
  } else {
    CHECK((**paid).ok());
  }
  CHECK(world.StateOf(id) == RESERVATION_STATE_CANCELLING);
  CHECK(world.orchestrator.signal_calls.back().signals(0).has_cancel());
  world.Do(Undone(id));
  CHECK(world.StateOf(id) == RESERVATION_STATE_CANCELLED);
}

TEST_CASE("reservation cancel: it races with the hold, and wins in the end") {
  const Race race;
  Facade world;
  const Id id = IdOf(world.Create(world.NewHold()).value());
  std::optional<Pending<v1::CancelReservationResponse>> cancelled;
  std::optional<Pending<v1::ExecuteReservationCommandsResponse>> held;
  race.Run(
      world, [&] { cancelled = world.SendCancel(world.NewCancellation(id)); },
      [&] { held = world.SendCommands({Hold(id, world.test.wall() + kHold)}); });
  REQUIRE((**cancelled).ok());
  const CommandResult& result = (**held)->results(0);
  if (race.order == Order::kCancelFirst) {
    CHECK(result.reason() == kCancelledByClient);
  } else {
    CHECK(result.outcome() == OUTCOME_SUCCEEDED);
  }
  CHECK(world.StateOf(id) == RESERVATION_STATE_CANCELLING);
}

TEST_CASE("reservation cancel: it races with the saga's own undoing") {
  const Race race;
  Facade world;
  const Id id = world.HoldNew();
  std::optional<Pending<v1::CancelReservationResponse>> cancelled;
  race.Run(
      world, [&] { cancelled = world.SendCancel(world.NewCancellation(id)); },
      [&] { world.SendCommands({Cancel(id, "HOLD_EXPIRED")}); });
  CHECK(world.StateOf(id) == RESERVATION_STATE_CANCELLED);
  CHECK(world.Get(id).reason() == "HOLD_EXPIRED");  // what the command says
  if (race.order == Order::kCancelFirst) {
    CHECK((**cancelled).ok());
  } else {
    CHECK(ReasonOf((**cancelled).status()) == kReservationCancelled);
  }
}

TEST_CASE("reservation cancel: a commit that fails cancels nothing, and it can be repeated") {
  Facade world;
  const Id id = world.HoldNew();
  const auto cancellation = world.NewCancellation(id);
  world.test.FailNextCommits(kProcess, 1, store::Committed::kNothing);
  CHECK(world.CancelNow(cancellation).status().code() == absl::StatusCode::kUnavailable);
  CHECK(world.orchestrator.signal_calls.empty());
  world.test.Advance(absl::Seconds(1));
  CHECK(world.StateOf(id) == RESERVATION_STATE_HELD);
  CHECK(world.CancelNow(cancellation)->state() == RESERVATION_STATE_CANCELLING);
  CHECK(world.orchestrator.signal_calls.size() == 1);
}

}  // namespace
}  // namespace seatsaga::reservation::testing
