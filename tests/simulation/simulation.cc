#include "tests/simulation/simulation.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/orchestrator.h"
#include "api/reservation.h"
#include "api/seat.h"
#include "common/time_proto.h"
#include "sagactl/audit/collect.h"
#include "sagactl/audit/findings.h"
#include "sagactl/audit/source.h"
#include "sagactl/services.h"
#include "tests/simulation/cells.h"
#include "tests/simulation/checker.h"
#include "tests/simulation/event_reading.h"
#include "tests/simulation/halls.h"
#include "tests/simulation/observed.h"
#include "tests/simulation/people.h"
#include "tests/simulation/spectators.h"
#include "tests/simulation/stage.h"
#include "tests/simulation/transitions.h"
#include "tests/simulation/trouble.h"

namespace seatsaga::simulation {
namespace {

constexpr absl::Duration kTrouble = absl::Seconds(20);   // the safety phase
constexpr absl::Duration kPeaceMax = absl::Minutes(15);  // for everything to come to rest
// Longer than the deadline of any watch that is left from before, and than it takes to open it
// again and to be shown what others wrote.
constexpr absl::Duration kCatchUp = absl::Seconds(12);
constexpr absl::Duration kLookEvery = absl::Seconds(1);  // whether it has

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
        stage_(dice_, options.lying_disks, options.trace) {}

  RunResult Go() {
    Prepare();
    spectators_.WatchHalls();
    people_.Plan(options_.customers, kTrouble);
    trouble_.Plan(kTrouble);
    const Mono end = world().now() + kTrouble;
    while (world().now() < end) Proceed(end);
    stage_.Trace("--- everything heals");
    dice_.healed = true;
    trouble_.End();
    ComeToRest();
    CatchUp();
    ReadEnd();
    Judge();
    ReadSagas();
    stage_.system.CountInStores();
    result_.violations = std::move(stage_.violations);
    result_.crashes = stage_.system.crashes();
    result_.messages = static_cast<int64_t>(world().calls().size());
    result_.simulated_s = absl::ToDoubleSeconds(stage_.since_begin());
    result_.fault_kinds = dice_.rates().kinds();
    result_.faults = dice_.counts();
    result_.decisions = dice_.decisions();
    return std::move(result_);
  }

 private:
  testing::TestWorld& world() { return stage_.world(); }
  const std::string& orchestrator() const { return stage_.system.orchestrator(); }
  void Violation(std::string what) { stage_.violations.push_back(std::move(what)); }

  // --- Before

  void Prepare() {
    stage_.Begin();
    dice_.healed = true;
    stage_.history.holds_max = stage_.system.user_event().holds_max;
    stage_.history.seats_max = stage_.system.user_event().seats_max;
    stage_.system.Boot();
    for (int hall = 0; hall < kHalls; ++hall) CreateHall(hall);
    stage_.history.cards = {{"tok_approves", CardRule::kApproves},
                            {"tok_declines", CardRule::kDeclines},
                            {"tok_no_refund", CardRule::kRefundRefused}};
    stage_.system.company().cards = stage_.history.cards;
    dice_.healed = false;
  }

  void CreateHall(int number) {
    seat::v1::CreateEventRequest request;
    auto& event = *request.mutable_event();
    event.set_event_id(EventName(number));
    event.set_display_name(EventName(number));
    event.set_currency("EUR");
    if (RefundPercent(number) < 100) SetTerms(number, event);
    AddSection("stalls", kStalls, PriceMinor(number, 0), event);
    AddSection("boxes", kBoxes, PriceMinor(number, kStalls), event);
    if (!world().CallNow(kSeats, seat::kCreateEvent, request).ok()) {
      Violation("liveness: a calm system does not create an event");
    }
    Hall hall{
        .event = EventName(number), .currency = "EUR", .refund_percent = RefundPercent(number)};
    for (int i = 0; i < kSeatsPerHall; ++i) {
      hall.price_minor[SeatName(i)] = PriceMinor(number, i);
    }
    stage_.history.halls.push_back(std::move(hall));
  }

  static void AddSection(const std::string& name, int seats, int64_t price_minor,
                         seat::v1::Event& event) {
    auto& section = *event.add_sections();
    section.set_name(name);
    section.set_price_minor(price_minor);
    auto& row = *section.add_rows();
    row.set_name("A");
    row.set_seat_count(seats);
  }

  // No run lasts long enough for another rule to apply.
  void SetTerms(int number, seat::v1::Event& event) {
    *event.mutable_start_time() = ToProto(world().wall() + absl::Hours(24 * 100));
    const auto add = [&](absl::Duration before, int percent) {
      auto& rule = *event.add_refund_rules();
      *rule.mutable_before_start() = ToProto(before);
      rule.set_percent(percent);
    };
    add(absl::Hours(24 * 200), 100);
    add(absl::Hours(24 * 10), RefundPercent(number));
  }

  // --- While it lasts, and afterwards

  // To the next thing that happens, or to `limit`.
  void Proceed(Mono limit) {
    if (world().StepUntil(std::min(limit, stage_.NextDeed()))) ++steps_;
    stage_.TakeAnswers();
    spectators_.Take();
    stage_.DoDeeds();
    trouble_.Disturb(steps_);
  }

  void ComeToRest() {
    const Mono limit = world().now() + kPeaceMax;
    Mono look = world().now();
    while (world().now() < limit) {
      Proceed(std::min(limit, look));
      if (world().now() < look) continue;
      look = world().now() + kLookEvery;
      if (stage_.over() && AtRest()) return;
    }
    Violation(absl::StrCat("liveness: not at rest ", absl::FormatDuration(kPeaceMax),
                           " after healing: ", why_not_));
  }

  // Watches show what was last.
  void CatchUp() {
    const Mono limit = world().now() + kCatchUp;
    while (world().now() < limit) Proceed(limit);
    spectators_.End();
  }

  // Every process serves, and every saga has ended or waits for a person.
  bool AtRest() {
    for (const std::string& process : stage_.system.Processes()) {
      if (!stage_.system.Runs(process) || !world().serving(process)) {
        why_not_ = absl::StrCat(process, " does not serve");
        return false;
      }
    }
    if (std::string why_not = trouble_.replacement().WhyNotOver(); !why_not.empty()) {
      why_not_ = std::move(why_not);
      return false;
    }
    stage_.history.end.parked.clear();
    orchestrator::v1::ListSagasRequest request;
    request.set_page_size(1000);
    const auto sagas = world().CallNow(orchestrator(), orchestrator::kListSagas, request);
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
          stage_.history.end.parked[saga.saga_id()] = true;
          break;
        default:
          why_not_ = saga.ShortDebugString();
          return false;
      }
    }
    using namespace reservation::v1;
    return HasNoneThatIs(RESERVATION_STATE_PENDING) && HasNoneThatIs(RESERVATION_STATE_HELD) &&
           HasNoneThatIs(RESERVATION_STATE_CANCELLING) && HasNoneThatIs(RESERVATION_STATE_CHANGING);
  }

  // Unless its saga waits for a person.
  bool HasNoneThatIs(reservation::v1::ReservationState state) {
    reservation::v1::ListReservationsRequest request;
    request.set_state(state);
    request.set_page_size(1000);
    const auto open = world().CallNow(kReservations, reservation::kListReservations, request);
    if (!open.ok()) {
      why_not_ = Said(open.status());
      return false;
    }
    for (const auto& reservation : open->reservations()) {
      // It is the saga that changed it last that cancels it, and that a change waits for.
      if (stage_.history.end.parked.contains(reservation.saga_id()) ||
          stage_.history.end.parked.contains(reservation.change().saga_id())) {
        continue;
      }
      why_not_ = reservation.ShortDebugString();
      return false;
    }
    return true;
  }

  void ReadEnd() {
    reservation::v1::ListReservationsRequest request;
    request.set_page_size(1000);
    const auto all = world().CallNow(kReservations, reservation::kListReservations, request);
    if (!all.ok()) return Violation("liveness: reservations cannot be read");
    for (const auto& reservation : all->reservations()) {
      Shown shown = ShownOf(reservation);
      ++result_.reservations;
      if (shown.status == Status::kConfirmed) ++result_.confirmed;
      stage_.history.end.reservations.emplace(shown.reservation_id, std::move(shown));
    }
    for (const Hall& hall : stage_.history.halls) {
      seat::v1::ListSeatsRequest seats;
      seats.set_event_id(hall.event);
      const auto page = world().CallNow(kSeats, seat::kListSeats, seats);
      if (!page.ok()) return Violation("liveness: seats cannot be read");
      for (const auto& seat : page->seats()) {
        stage_.history.end.seats[{hall.event, seat.seat_id()}] = seat.reservation_id();
      }
    }
    stage_.history.end.accounts = stage_.system.company().Accounts();
    ReadChanges();
    result_.drawn = CountDrawn(stage_.history);
    result_.races = CountRaces(stage_.history);
  }

  // The sagas that are not a reservation's first one. Once a wall clock has stepped, or another
  // process has taken over, times do not tell what came first.
  void ReadChanges() {
    orchestrator::v1::ListSagasRequest request;
    request.set_page_size(1000);
    const auto sagas = world().CallNow(orchestrator(), orchestrator::kListSagas, request);
    if (!sagas.ok()) return Violation("liveness: sagas cannot be read");
    const bool one_clock =
        !stage_.wall_stepped && dice_.counts()[static_cast<size_t>(Fault::kTakeOver)] == 0;
    for (const auto& saga : sagas->sagas()) {
      const Times times = one_clock ? TimesOf(saga.saga_id()) : Times{};
      if (saga.data().has_reservation()) {
        stage_.history.end.rested_us[saga.saga_id()] = times.rested_us;
        continue;
      }
      const auto& data =
          saga.data().has_exchange() ? saga.data().exchange() : saga.data().partial_cancellation();
      stage_.history.end.changes[saga.saga_id()] = {
          .reservation_id = data.reservation_id(),
          .follows = data.follows_saga_id(),
          .swap = SwapOf(data.give_back_seat_ids(), data.seat_ids()),
          .began_us = times.began_us,
          .rested_us = times.rested_us};
    }
  }

  // When a saga began, and came to rest first; 0: never, or not known.
  struct Times {
    int64_t began_us = 0;
    int64_t rested_us = 0;
  };
  Times TimesOf(const std::string& saga_id) {
    orchestrator::v1::GetSagaRequest request;
    request.set_saga_id(saga_id);
    const auto answer = world().CallNow(orchestrator(), orchestrator::kGetSaga, request);
    Times times;
    if (!answer.ok()) return times;
    for (const auto& entry : answer->saga().history()) {
      const int64_t time_us = absl::ToUnixMicros(FromProto(entry.time()));
      if (times.began_us == 0) times.began_us = time_us;
      const bool rests = entry.state_after() == orchestrator::v1::SAGA_STATE_COMPLETED ||
                         entry.state_after() == orchestrator::v1::SAGA_STATE_COMPENSATED;
      if (rests && times.rested_us == 0) times.rested_us = time_us;
    }
    return times;
  }

  void Judge() {
    for (std::string& violation : Check(stage_.history)) {
      Violation("history: " + std::move(violation));
    }
    CallsInWorld calls(world(), orchestrator());
    cli::ServicesSource source(calls);
    const auto findings = cli::AuditConfirmed(source, {.quiescent = true});
    if (!findings.ok()) {
      Violation("audit: " + Said(findings.status()));
      return;
    }
    for (const cli::Finding& finding : findings->findings) {
      Violation(absl::StrCat("audit: ", std::string(cli::NameOf(finding.kind)), " ",
                             finding.subject, ": ", finding.evidence));
    }
  }

  // Which ways the sagas took, by their histories; the core's rules must lead along them, and each
  // has told what its history implies.
  void ReadSagas() {
    std::set<size_t> all;
    auto told = ReadEvents(stage_);
    for (const auto& [id, reservation] : stage_.history.end.reservations) {
      const std::vector<size_t> transitions = ReadSaga(id, ReservationTransitions(), told[id]);
      all.insert(transitions.begin(), transitions.end());
    }
    result_.transitions.assign(all.begin(), all.end());
    for (const auto& [id, change] : stage_.history.end.changes) {
      const bool exchange = !change.swap.take.empty();
      ReadSaga(id, exchange ? ExchangeTransitions() : PartialCancellationTransitions(), told[id]);
    }
  }

  std::vector<size_t> ReadSaga(const std::string& id, const Transitions& possible,
                               const std::vector<std::string>& told) {
    orchestrator::v1::GetSagaRequest request;
    request.set_saga_id(id);
    const auto answer = world().CallNow(orchestrator(), orchestrator::kGetSaga, request);
    if (answer.ok()) {
      const absl::Status events = CheckEvents(answer->saga(), told);
      if (!events.ok()) Violation("events: " + Said(events));
    }
    auto transitions = answer.ok() ? possible.Of(answer->saga())
                                   : absl::StatusOr<std::vector<size_t>>(answer.status());
    if (transitions.ok()) return *std::move(transitions);
    Violation("saga: " + Said(transitions.status()));
    return {};
  }

  const RunOptions& options_;
  RunResult result_;
  Dice dice_;
  Stage stage_;
  Spectators spectators_{stage_};
  People people_{stage_, spectators_};
  Trouble trouble_{stage_};
  int64_t steps_ = 0;
  std::string why_not_ = "?";
};

}  // namespace

RunResult RunSeed(uint64_t seed, const RunOptions& options) { return Run(seed, options).Go(); }

RunResult Replay(Decisions decisions, const RunOptions& options) {
  return Run(std::move(decisions), options).Go();
}

}  // namespace seatsaga::simulation
