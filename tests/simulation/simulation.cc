#include "tests/simulation/simulation.h"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/orchestrator.h"
#include "api/reservation.h"
#include "api/saga.h"
#include "api/seat.h"
#include "common/errors.h"
#include "common/id.h"
#include "sagactl/audit/collect.h"
#include "sagactl/audit/findings.h"
#include "sagactl/audit/source.h"
#include "sagactl/services.h"
#include "tests/simulation/cells.h"
#include "tests/simulation/checker.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/history.h"
#include "tests/simulation/system.h"

namespace seatsaga::simulation {
namespace {

constexpr int kHalls = 2;
constexpr int kSeatsPerHall = 14;
constexpr int64_t kPriceMinor = 4500;
constexpr absl::Duration kTrouble = absl::Seconds(20);   // the safety phase
constexpr absl::Duration kPeaceMax = absl::Minutes(15);  // for everything to come to rest
constexpr absl::Duration kLookEvery = absl::Seconds(1);  // whether it has
// How often the supervisor of an orchestrator that another one has replaced starts it again.
constexpr int kSupersededStartsMax = 3;

const std::vector<std::string> kParticipants{kSeats, kPayments, kReservations};

std::string EventName(int hall) { return absl::StrCat("hall-", hall); }
std::string SeatName(int64_t number) { return absl::StrCat("stalls/A/", number + 1); }

Shown ShownOf(const reservation::v1::Reservation& reservation) {
  Shown shown{.reservation_id = reservation.reservation_id(),
              .request_id = reservation.request_id(),
              .user = reservation.user_id(),
              .event = reservation.event_id(),
              .seats = {reservation.seat_ids().begin(), reservation.seat_ids().end()},
              .reason = reservation.reason(),
              .paid_minor = reservation.price().amount_minor(),
              .currency = reservation.price().currency()};
  switch (reservation.state()) {
    case reservation::v1::RESERVATION_STATE_CONFIRMED:
      shown.status = Status::kConfirmed;
      break;
    case reservation::v1::RESERVATION_STATE_CANCELLED:
      shown.status = Status::kCancelled;
      break;
    default:
      shown.status = Status::kPending;
  }
  return shown;
}

// Whether an error says that nothing was done.
bool IsDefinite(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsResourceExhausted(status) ||
         absl::IsNotFound(status) || absl::IsFailedPrecondition(status);
}

// Without the details, whose order differs from run to run.
std::string Said(const absl::Status& status) {
  return absl::StrCat(absl::StatusCodeToString(status.code()), " ", status.message());
}

Heard HeardOf(const absl::Status& status) {
  if (status.ok()) return Heard::kAnswer;
  return IsDefinite(status) ? Heard::kNo : Heard::kNothing;
}

// The audit's way to the services.
class CallsInWorld final : public cli::ServiceCalls {
 public:
  CallsInWorld(testing::TestWorld& world, std::string orchestrator)
      : world_(world), orchestrator_(std::move(orchestrator)) {}
  absl::Time Now() const override { return world_.wall(); }

 private:
  absl::Status CallRaw(cli::Service service, const MethodInfo& method,
                       const google::protobuf::Message& request,
                       google::protobuf::Message* response) override {
    return world_.CallNowRaw(NameOf(service), method, request, response);
  }
  std::string NameOf(cli::Service service) const {
    switch (service) {
      case cli::Service::kOrchestrator:
        return orchestrator_;
      case cli::Service::kReservations:
        return kReservations;
      case cli::Service::kSeats:
        return kSeats;
      case cli::Service::kPayments:
        return kPayments;
    }
    return "";
  }

  testing::TestWorld& world_;
  const std::string orchestrator_;
};

class Run {
 public:
  // `source`: a seed or decisions.
  template <class Source>
  Run(Source source, const RunOptions& options)
      : options_(options),
        dice_(std::move(source), options.without),
        system_(dice_, options.lying_disks,
                options.trace ? [this](const std::string& line) { Trace(line); }
                              : std::function<void(const std::string&)>()),
        ids_([random = Random(dice_.Seed())]() mutable { return random.Next(); }) {
    result_.fault_kinds = dice_.rates().kinds();
    system_.storm().set_watch(
        [this](const testing::NetworkCall& call, testing::Leg leg) { Watch(call, leg); });
  }

  RunResult Go() {
    Prepare();
    Plan();
    while (world().now() < end_of_trouble_) {
      const bool moved = world().StepUntil(std::min(end_of_trouble_, NextDeed()));
      if (moved) ++steps_;
      TakeAnswers();
      DoDeeds();
      Disturb();
    }
    Heal();
    ComeToRest();
    ReadEnd();
    Judge();
    ReadSagas();
    result_.crashes = system_.crashes();
    result_.messages = static_cast<int64_t>(world().calls().size());
    result_.simulated_s = absl::ToDoubleSeconds(world().now() - began_);
    system_.CountInStores();
    result_.faults = dice_.counts();
    result_.decisions = dice_.decisions();
    return std::move(result_);
  }

 private:
  // One that wants seats, and asks until it knows.
  struct Customer {
    Creation wish;
    int tries = 0;
    int tries_max = 0;
  };

  testing::TestWorld& world() { return system_.world(); }
  Moment Now() { return ++moment_; }

  void Trace(const std::string& line) {
    if (!options_.trace) return;
    options_.trace(absl::StrCat(absl::FormatDuration(world().now() - began_), " ", line));
  }

  // --- Before

  void Prepare() {
    began_ = world().now();
    dice_.healed = true;
    system_.Boot();
    for (int hall = 0; hall < kHalls; ++hall) CreateHall(hall);
    for (const auto& [card, rule] :
         std::map<std::string, CardRule>{{"tok_approves", CardRule::kApproves},
                                         {"tok_declines", CardRule::kDeclines},
                                         {"tok_no_refund", CardRule::kRefundRefused}}) {
      history_.cards[card] = rule;
    }
    system_.company().cards = history_.cards;
    dice_.healed = false;
  }

  void CreateHall(int number) {
    seat::v1::CreateEventRequest request;
    auto& event = *request.mutable_event();
    event.set_event_id(EventName(number));
    event.set_display_name(EventName(number));
    event.set_currency("EUR");
    auto& section = *event.add_sections();
    section.set_name("stalls");
    section.set_price_minor(kPriceMinor + 1000 * number);
    auto& row = *section.add_rows();
    row.set_name("A");
    row.set_seat_count(kSeatsPerHall);
    if (!world().CallNow(kSeats, seat::kCreateEvent, request).ok()) {
      result_.violations.push_back("liveness: a calm system does not create an event");
    }
    Hall hall{.event = EventName(number), .currency = "EUR"};
    for (int i = 0; i < kSeatsPerHall; ++i) {
      hall.price_minor[SeatName(i)] = kPriceMinor + 1000 * number;
    }
    history_.halls.push_back(std::move(hall));
  }

  // --- What customers, operators and fate are going to do

  void Plan() {
    end_of_trouble_ = world().now() + kTrouble;
    for (int i = 0; i < options_.customers; ++i) {
      customers_.push_back(std::make_unique<Customer>());
      Customer& customer = *customers_.back();
      customer.wish = NewWish(i);
      customer.tries_max = static_cast<int>(dice_.Between(1, 6));
      In(dice_.Between(absl::ZeroDuration(), absl::Seconds(8)),
         [this, &customer] { Ask(customer); });
    }
    for (int i = 0; i < 12; ++i) {
      In(AnyTime(), [this] { LookAtOne(); });
      In(AnyTime(), [this] { LookAtSeats(); });
    }
    for (int i = 0; i < 4; ++i) In(AnyTime(), [this] { InterveneInAny(); });
    for (int i = 0; i < 8; ++i) In(AnyTime(), [this] { InterveneWhereNeeded(); });
    PlanFaults();
  }

  absl::Duration AnyTime() { return dice_.Between(absl::ZeroDuration(), kTrouble); }
  void In(absl::Duration delay, std::function<void()> act) {
    deeds_.emplace(world().now() + delay, std::move(act));
  }

  Creation NewWish(int number) {
    Creation wish{.request_id = ids_.Next(world().wall()).ToString(),
                  .user = absl::StrCat("user-", number % 7),
                  .event = EventName(static_cast<int>(dice_.Between(0, kHalls - 1)))};
    std::set<int64_t> seats;
    for (int64_t i = dice_.Between(1, 3); i > 0; --i) {
      seats.insert(dice_.Between(0, kSeatsPerHall - 1));
    }
    for (const int64_t seat : seats) wish.seats.push_back(SeatName(seat));
    const double luck = static_cast<double>(dice_.Between(0, 99));
    wish.card = luck < 75 ? "tok_approves" : luck < 93 ? "tok_declines" : "tok_no_refund";
    return wish;
  }

  void PlanFaults() {
    const auto& rates = dice_.rates();
    if (rates.Of(Fault::kCrash) > 0) PlanCrash(absl::Seconds(8));
    const auto plan = [&](Fault fault, int most, const std::function<void()>& act) {
      for (int i = 0; i < most; ++i) {
        if (dice_.Chance(rates.Of(fault))) In(AnyTime(), act);
      }
    };
    plan(Fault::kPartition, 6, [this] { CutSomething(); });
    plan(Fault::kPause, 4, [this] {
      const std::vector<std::string> running = system_.Running();
      if (running.empty()) return;
      const std::string& who = dice_.OneOf(running);
      Trace(absl::StrCat(who, " stands still"));
      world().Pause(who, dice_.Between(absl::Milliseconds(50), absl::Seconds(7)),
                    [this] { dice_.Count(Fault::kPause); });
    });
    plan(Fault::kPowerCutInIo, 4, [this] { system_.CutPowerInIo(AnyProcess()); });
    plan(Fault::kDiskError, 4, [this] {
      const std::string who = AnyProcess();
      system_.SpoilDisk(who, Fault::kDiskError);
      HealStoresSoon();
      // A person may restart what complains of its disk.
      if (!dice_.Chance(0.4)) return;
      In(dice_.Between(absl::Milliseconds(1), absl::Seconds(1)), [this, who] {
        if (!dice_.healed && system_.Runs(who)) CrashOne(who, /*power=*/false);
      });
    });
    plan(Fault::kDiskFull, 4, [this] {
      system_.SpoilDisk(AnyProcess(), Fault::kDiskFull);
      HealStoresSoon();
    });
    plan(Fault::kStoreLost, 4, [this] {
      system_.Disconnect(AnyProcess());
      HealStoresSoon();
    });
    plan(Fault::kOpenedAgain, 2, [this] {
      const std::string who = AnyProcess();
      if (system_.OpenAgain(who)) return;
      result_.violations.push_back(absl::StrCat("system: two processes open the store of ", who));
    });
    if (dice_.Chance(rates.Of(Fault::kTakeOver))) {
      In(dice_.Between(absl::ZeroDuration(), absl::Seconds(12)), [this] { TakeOver(); });
    }
    plan(Fault::kWallStep, 4, [this] {
      const std::string who = AnyProcess();
      if (system_.Runs(who)) dice_.Count(Fault::kWallStep);
      const absl::Duration offset = dice_.Between(-absl::Hours(2), absl::Hours(2));
      Trace(absl::StrCat("the wall clock of ", who, " is off by ", absl::FormatDuration(offset)));
      world().SetWallOffset(who, offset);
    });
    plan(Fault::kSlowClock, 4, [this] {
      const std::string who = AnyProcess();
      if (system_.Runs(who)) dice_.Count(Fault::kSlowClock);
      world().SetClockRate(who, 0.5 + 1.5 * static_cast<double>(dice_.Between(0, 100)) / 100);
    });
  }

  void CutSomething() {
    const std::string from = AnyProcess();
    const std::string to = AnyProcess();
    if (from == to) return;
    Trace(absl::StrCat("nothing gets from ", from, " to ", to));
    // Now and then long enough for all attempts of a call.
    const absl::Duration most = dice_.Chance(0.25) ? absl::Seconds(15) : absl::Seconds(5);
    system_.storm().Cut(from, to, world().now() + dice_.Between(absl::Milliseconds(50), most));
  }

  std::string AnyProcess() { return dice_.OneOf(system_.Processes()); }
  void HealStoresSoon() {
    In(dice_.Between(absl::Milliseconds(1), absl::Seconds(4)), [this] { system_.HealStores(); });
  }

  // An operator moves the orchestrator to another machine, because it is dead, or stands still and
  // seems to be.
  void TakeOver() {
    if (!system_.has_disks()) return;
    held_back_ = system_.orchestrator();
    if (system_.Runs(held_back_) && dice_.Chance(0.3)) {
      CrashOne(held_back_, /*power=*/false);
    } else {
      world().Pause(held_back_, absl::InfiniteDuration());
    }
    if (!system_.TakeOver()) return BringBack();
    Restart(system_.orchestrator());
    BringBackOnceFenced();
    // The facade is told whom to call by its next start.
    if (!system_.Runs(kReservations)) return;
    In(dice_.Between(absl::Milliseconds(1), absl::Seconds(2)), [this] {
      if (!system_.Runs(kReservations)) return;
      system_.Crash(kReservations);
      Restart(kReservations);
    });
  }

  // The old one comes back: it goes on, or starts again.
  void BringBack() {
    const std::string old = std::exchange(held_back_, "");
    replaced_ = system_.IsSuperseded(old) ? old : "";
    Trace(absl::StrCat(old, " comes back"));
    if (system_.Runs(old)) {
      world().Pause(old, absl::ZeroDuration());
    } else {
      Restart(old);
    }
  }

  // From then on no participant obeys the old one, which stops when it is told.
  void Watch(const testing::NetworkCall& call, testing::Leg leg) {
    if (replaced_.empty() || call.caller->process != replaced_ ||
        !call.method->descriptor->name().starts_with("Execute")) {
      return;
    }
    if (leg == testing::Leg::kRequest) {
      commands_of_replaced_.insert(call.number);
      return;
    }
    if (!commands_of_replaced_.contains(call.number)) return;
    seat::v1::ExecuteSeatCommandsResponse response;  // all participants' have this form
    response.ParseFromString(call.answer);
    for (const auto& result : response.results()) {
      if (result.reason() == "STALE_FENCING_TOKEN") continue;
      result_.violations.push_back(absl::StrCat("system: ", call.to, " obeys ", replaced_,
                                                ", which was replaced: ", result.reason()));
    }
  }

  // Until every participant obeys the new one, a person sees to it that the old one does nothing:
  // what it still did would be missing in the copy of its data.
  void BringBackOnceFenced() {
    if (held_back_.empty()) return;
    if (obeying_.size() == kParticipants.size()) return BringBack();
    // It knows of no such saga only once it commands somebody; before, it does not say.
    orchestrator::v1::RetrySagaRequest nobodys;
    nobodys.set_saga_id(ids_.Next(world().wall()).ToString());
    OperatorAsks(system_.orchestrator(), orchestrator::kRetrySaga, nobodys, [this](const auto& no) {
      if (!absl::IsNotFound(no.status())) return;
      OperatorAsks(system_.orchestrator(), orchestrator::kGetStats, {}, [this](const auto& stats) {
        if (stats.ok()) AskWhomTheyObey(stats->fencing_epoch());
      });
    });
    In(absl::Milliseconds(300), [this] { BringBackOnceFenced(); });
  }
  void AskWhomTheyObey(uint64_t epoch) {
    for (const std::string& participant : kParticipants) {
      OperatorAsks(participant, saga::kGetFencing, {}, [=, this](const auto& fencing) {
        const auto obeys = [&](const auto& range) { return range.token().epoch() == epoch; };
        if (fencing.ok() && std::all_of(fencing->ranges().begin(), fencing->ranges().end(), obeys))
          obeying_.insert(participant);
      });
    }
  }
  template <class Method, class Hear>
  void OperatorAsks(const std::string& process, const Method& method,
                    const typename Method::Request& request, Hear hear) {
    const auto answer =
        world().Call(process, method, request, {.deadline = absl::Seconds(5), .from = "operators"});
    waiting_.push_back([hear, answer] {
      if (answer.answered()) hear(*answer);
      return answer.answered();
    });
  }

  // At a scheduling point, not at a time: any moment between two things that happen.
  void PlanCrash(absl::Duration within) {
    In(dice_.Between(absl::ZeroDuration(), within), [this] {
      if (!dice_.healed) crash_at_step_ = steps_ + dice_.Between(0, 40);
    });
  }

  // --- While it lasts

  Mono NextDeed() const { return deeds_.empty() ? Mono::InfiniteFuture() : deeds_.begin()->first; }
  void DoDeeds() {
    while (!deeds_.empty() && deeds_.begin()->first <= world().now()) {
      const auto act = std::move(deeds_.begin()->second);
      deeds_.erase(deeds_.begin());
      act();
    }
  }

  void Disturb() {
    for (const std::string& process : system_.Stopped()) {
      system_.Crash(process);  // its supervisor takes it away
      Restart(process);
    }
    for (const std::string& process : system_.Lost()) {
      system_.Crash(process);
      Restart(process);
    }
    if (crash_at_step_ < 0 || steps_ < crash_at_step_) return;
    crash_at_step_ = -1;
    const std::vector<std::string> running = system_.Running();
    if (!running.empty()) {
      if (dice_.Chance(0.15)) {  // all of them at once
        const bool power = dice_.Strikes(Fault::kPowerCut);
        for (const std::string& process : running) CrashOne(process, power);
      } else {
        CrashOne(dice_.OneOf(running), dice_.Strikes(Fault::kPowerCut));
      }
    }
    if (dice_.Chance(dice_.rates().Of(Fault::kCrash))) PlanCrash(absl::Seconds(6));
  }
  void CrashOne(const std::string& process, bool power) {
    if (power && system_.has_disks()) return system_.CutPower(process);
    dice_.Count(Fault::kCrash);
    system_.Crash(process);
    Restart(process);
  }
  void Restart(const std::string& process) {
    if (system_.IsSuperseded(process) && ++superseded_starts_ > kSupersededStartsMax) return;
    In(dice_.Between(absl::Milliseconds(1), absl::Seconds(3)), [this, process] {
      if (system_.Runs(process) || process == held_back_) return;
      if (dice_.Strikes(Fault::kPowerCutInIo)) system_.CutPowerInIo(process);
      if (!system_.Start(process)) return Restart(process);
      if (!dice_.Strikes(Fault::kCrashAgain)) return;
      In(dice_.Between(absl::Microseconds(1), absl::Milliseconds(20)), [this, process] {
        if (dice_.healed || !system_.Runs(process)) return;
        dice_.Count(Fault::kCrashAgain);
        CrashOne(process, /*power=*/false);
      });
    });
  }

  // --- Customers

  void Ask(Customer& customer) {
    ++customer.tries;
    Creation attempt = customer.wish;
    if (customer.tries > 1 && dice_.Chance(0.05)) {
      attempt.other_body = true;
      attempt.user += "-other";
    }
    reservation::v1::CreateReservationRequest request;
    request.set_request_id(attempt.request_id);
    request.set_user_id(attempt.user);
    request.set_event_id(attempt.event);
    for (const std::string& seat : attempt.seats) request.add_seat_ids(seat);
    request.set_payment_token(attempt.card);
    request.mutable_wait()->set_seconds(dice_.Between(0, 5));
    attempt.sent = Now();
    const size_t at = history_.creations.size();
    history_.creations.push_back(std::move(attempt));
    const auto answer =
        world().Call(kReservations, reservation::kCreateReservation, request,
                     {.deadline = dice_.Between(absl::Milliseconds(100), absl::Seconds(8)),
                      .from = "customers"});
    waiting_.push_back([this, &customer, answer, at] {
      if (!answer.answered()) return false;
      Hear(customer, at, *answer);
      return true;
    });
  }

  void Hear(Customer& customer, size_t attempt,
            const absl::StatusOr<reservation::v1::CreateReservationResponse>& answer) {
    Creation& creation = history_.creations[attempt];
    creation.ended = Now();
    creation.heard = HeardOf(answer.status());
    if (answer.ok()) {
      creation.shown = ShownOf(answer->reservation());
      known_.insert(creation.shown->reservation_id);
    } else if (creation.heard == Heard::kNo) {
      creation.error = ReasonOf(answer.status());
    }
    Trace(absl::StrCat(
        creation.request_id, " heard ",
        answer.ok() ? answer->reservation().ShortDebugString() : Said(answer.status())));
    const bool done = creation.shown.has_value() && creation.shown->status != Status::kPending;
    if (customer.tries >= customer.tries_max || (done && dice_.Chance(0.8))) return;
    In(dice_.Between(absl::Milliseconds(1), absl::Seconds(3)),
       [this, &customer] { Ask(customer); });
  }

  // One of the reservations that somebody has seen; there is one.
  const std::string& AnyKnown() {
    return *std::next(known_.begin(), dice_.Between(0, static_cast<int64_t>(known_.size()) - 1));
  }

  void LookAtOne() {
    if (known_.empty()) return;
    const std::string& id = AnyKnown();
    const size_t at = history_.looks.size();
    history_.looks.push_back({.reservation_id = id, .sent = Now()});
    reservation::v1::GetReservationRequest request;
    request.set_reservation_id(id);
    const auto answer = world().Call(kReservations, reservation::kGetReservation, request,
                                     {.deadline = absl::Seconds(3), .from = "customers"});
    waiting_.push_back([this, at, answer] {
      if (!answer.answered()) return false;
      Look& look = history_.looks[at];
      look.ended = Now();
      look.heard = HeardOf(answer->status());
      look.not_found = absl::IsNotFound(answer->status());
      if (answer->ok()) look.shown = ShownOf((*answer)->reservation());
      return true;
    });
  }

  void LookAtSeats() {
    const std::string event = EventName(static_cast<int>(dice_.Between(0, kHalls - 1)));
    seat::v1::ListSeatsRequest request;
    request.set_event_id(event);
    const Moment sent = Now();
    const auto answer = world().Call(kSeats, seat::kListSeats, request,
                                     {.deadline = absl::Seconds(3), .from = "customers"});
    waiting_.push_back([this, event, sent, answer] {
      if (!answer.answered()) return false;
      if (!answer->ok()) return true;
      const Moment ended = Now();
      for (const auto& seat : (*answer)->seats()) {
        history_.seat_looks.push_back({.event = event,
                                       .seat = seat.seat_id(),
                                       .holder = seat.reservation_id(),
                                       .sent = sent,
                                       .ended = ended});
      }
      return true;
    });
  }

  // --- Operators

  void InterveneInAny() {
    if (!known_.empty()) Intervene(AnyKnown());
  }

  // In one of those that are not yet done, or of those that need it.
  void InterveneWhereNeeded() {
    orchestrator::v1::ListSagasRequest request;
    request.set_state(dice_.OneOf(std::vector{
        orchestrator::v1::SAGA_STATE_RUNNING, orchestrator::v1::SAGA_STATE_COMPENSATING,
        orchestrator::v1::SAGA_STATE_PARKED, orchestrator::v1::SAGA_STATE_UNSPECIFIED}));
    request.set_needs_attention(request.state() == orchestrator::v1::SAGA_STATE_UNSPECIFIED);
    const auto answer = world().Call(system_.orchestrator(), orchestrator::kListSagas, request,
                                     {.deadline = absl::Seconds(3), .from = "operators"});
    waiting_.push_back([this, answer] {
      if (!answer.answered()) return false;
      if (!answer->ok() || (*answer)->sagas().empty()) return true;
      Intervene((*answer)
                    ->sagas(static_cast<int>(dice_.Between(0, (*answer)->sagas_size() - 1)))
                    .saga_id());
      return true;
    });
  }

  void Intervene(const std::string& id) {
    if (dice_.Chance(0.5)) {
      Intervene(Intervention::Kind::kRetry, orchestrator::kRetrySaga, id);
    } else {
      Intervene(Intervention::Kind::kCompensate, orchestrator::kCompensateSaga, id);
    }
  }

  template <class Method>
  void Intervene(Intervention::Kind kind, const Method& method, const std::string& id) {
    const size_t at = history_.interventions.size();
    const std::string asked = system_.orchestrator();
    history_.interventions.push_back({.kind = kind, .reservation_id = id, .sent = Now()});
    const auto hear = [this, at, asked](const absl::Status& status) {
      history_.interventions[at].ended = Now();
      history_.interventions[at].heard = HeardOf(status);
      // The same request may arrive once more, and be obeyed then.
      const bool again = !status.ok() && dice_.rates().Of(Fault::kDuplicate) > 0;
      // It may not know yet that it commands nobody any more.
      if (again || system_.IsSuperseded(asked)) {
        history_.interventions[at].heard = Heard::kNothing;
      }
      Trace(absl::StrCat("an operator heard ", Said(status)));
    };
    typename Method::Request request;
    request.set_saga_id(id);
    OperatorAsks(asked, method, request, [hear](const auto& answer) { hear(answer.status()); });
  }

  void TakeAnswers() {
    for (size_t i = 0; i < waiting_.size();) {
      const auto take = waiting_[i];
      if (take()) {
        waiting_.erase(waiting_.begin() + static_cast<ptrdiff_t>(i));
      } else {
        ++i;
      }
    }
  }

  // --- Afterwards

  void Heal() {
    Trace("--- everything heals");
    dice_.healed = true;
    crash_at_step_ = -1;
    system_.HealStores();
    // What was planned happens, except trouble: customers ask again, the dead start again.
    for (const std::string& process : system_.Running()) {
      if (process != held_back_) world().Pause(process, absl::ZeroDuration());
      world().SetClockRate(process, 1.0);
    }
  }

  void ComeToRest() {
    const Mono limit = world().now() + kPeaceMax;
    Mono look = world().now();
    while (world().now() < limit) {
      if (world().StepUntil(std::min({limit, NextDeed(), look}))) ++steps_;
      TakeAnswers();
      DoDeeds();
      Disturb();  // no more, but the dead start again
      if (world().now() < look) continue;
      look = world().now() + kLookEvery;
      if (deeds_.empty() && waiting_.empty() && AtRest()) return;
    }
    result_.violations.push_back(absl::StrCat(
        "liveness: not at rest ", absl::FormatDuration(kPeaceMax), " after healing: ", why_not_));
  }

  // Every process serves, and every saga has ended or waits for a person.
  bool AtRest() {
    for (const std::string& process : system_.Processes()) {
      if (!system_.Runs(process) || !world().serving(process)) {
        why_not_ = absl::StrCat(process, " does not serve");
        return false;
      }
    }
    if (!commands_of_replaced_.empty() && system_.Runs(replaced_)) {
      why_not_ = absl::StrCat(replaced_, " goes on, although it was replaced");
      return false;
    }
    history_.end.parked.clear();
    orchestrator::v1::ListSagasRequest request;
    request.set_page_size(1000);
    const auto sagas = world().CallNow(system_.orchestrator(), orchestrator::kListSagas, request);
    if (!sagas.ok()) {
      why_not_ = Said(sagas.status());
      return false;
    }
    for (const auto& saga : sagas->sagas()) {
      switch (saga.state()) {
        case orchestrator::v1::SAGA_STATE_COMPLETED:
        case orchestrator::v1::SAGA_STATE_COMPENSATED:
          break;
        case orchestrator::v1::SAGA_STATE_PARKED:
          history_.end.parked[saga.saga_id()] = true;
          break;
        default:
          why_not_ = saga.ShortDebugString();
          return false;
      }
    }
    reservation::v1::ListReservationsRequest pending;
    pending.set_state(reservation::v1::RESERVATION_STATE_PENDING);
    pending.set_page_size(1000);
    const auto open = world().CallNow(kReservations, reservation::kListReservations, pending);
    if (!open.ok()) {
      why_not_ = Said(open.status());
      return false;
    }
    for (const auto& reservation : open->reservations()) {
      if (history_.end.parked.contains(reservation.reservation_id())) continue;
      why_not_ = reservation.ShortDebugString();
      return false;
    }
    return true;
  }

  void ReadEnd() {
    reservation::v1::ListReservationsRequest request;
    request.set_page_size(1000);
    const auto all = world().CallNow(kReservations, reservation::kListReservations, request);
    if (!all.ok()) return result_.violations.push_back("liveness: reservations cannot be read");
    for (const auto& reservation : all->reservations()) {
      Shown shown = ShownOf(reservation);
      ++result_.reservations;
      if (shown.status == Status::kConfirmed) ++result_.confirmed;
      history_.end.reservations.emplace(shown.reservation_id, std::move(shown));
    }
    for (const Hall& hall : history_.halls) {
      seat::v1::ListSeatsRequest seats;
      seats.set_event_id(hall.event);
      const auto page = world().CallNow(kSeats, seat::kListSeats, seats);
      if (!page.ok()) return result_.violations.push_back("liveness: seats cannot be read");
      for (const auto& seat : page->seats()) {
        history_.end.seats[{hall.event, seat.seat_id()}] = seat.reservation_id();
      }
    }
    history_.end.accounts = system_.company().Accounts();
  }

  void Judge() {
    for (std::string& violation : Check(history_)) {
      result_.violations.push_back("history: " + std::move(violation));
    }
    CallsInWorld calls(world(), system_.orchestrator());
    cli::ServicesSource source(calls);
    const auto findings = cli::AuditConfirmed(source, {.quiescent = true});
    if (!findings.ok()) {
      result_.violations.push_back("audit: " + Said(findings.status()));
      return;
    }
    for (const cli::Finding& finding : findings->findings) {
      result_.violations.push_back(absl::StrCat("audit: ", std::string(cli::NameOf(finding.kind)),
                                                " ", finding.subject, ": ", finding.evidence));
    }
  }

  // Which ways the sagas took, by their histories; the core's rules must lead along them.
  void ReadSagas() {
    std::set<size_t> all;
    for (const auto& [id, reservation] : history_.end.reservations) {
      orchestrator::v1::GetSagaRequest request;
      request.set_saga_id(id);
      const auto answer = world().CallNow(system_.orchestrator(), orchestrator::kGetSaga, request);
      const auto transitions = answer.ok() ? ReservationTransitions().Of(answer->saga())
                                           : absl::StatusOr<std::vector<size_t>>(answer.status());
      if (transitions.ok()) {
        all.insert(transitions->begin(), transitions->end());
      } else {
        result_.violations.push_back("saga: " + Said(transitions.status()));
      }
    }
    result_.transitions.assign(all.begin(), all.end());
  }

  const RunOptions& options_;
  RunResult result_;
  Dice dice_;
  System system_;
  IdGenerator ids_;
  History history_;
  Mono began_;
  Mono end_of_trouble_;
  Moment moment_ = 0;
  int64_t steps_ = 0;
  int64_t crash_at_step_ = -1;
  std::string held_back_;  // an orchestrator that is being replaced; empty: none is
  std::set<std::string> obeying_;
  std::string replaced_;  // that has come back; empty: none has
  std::set<uint64_t> commands_of_replaced_;
  int superseded_starts_ = 0;
  std::multimap<Mono, std::function<void()>> deeds_;
  std::vector<std::function<bool()>> waiting_;
  std::vector<std::unique_ptr<Customer>> customers_;
  std::set<std::string> known_;  // reservations that somebody has seen
  std::string why_not_ = "?";
};

}  // namespace

RunResult RunSeed(uint64_t seed, const RunOptions& options) { return Run(seed, options).Go(); }

RunResult Replay(Decisions decisions, const RunOptions& options) {
  return Run(std::move(decisions), options).Go();
}

}  // namespace seatsaga::simulation
