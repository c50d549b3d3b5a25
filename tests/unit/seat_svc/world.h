#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "api/saga.h"
#include "api/seat.h"
#include "common/errors.h"
#include "common/participant/outcome.h"
#include "common/text.h"
#include "common/time_proto.h"
#include "seat_svc/seat_node.h"
#include "seat_svc/seat_requests.h"
#include "tests/world/test_world.h"

// seat_svc as its callers see it: requests in, answers out, on either engine.
namespace seatsaga::seat::testing {

using seatsaga::testing::Engine;
using seatsaga::testing::TestWorld;
using Texts = std::vector<std::string>;

inline constexpr std::string_view kStep = "reserve_seats";
inline constexpr uint64_t kEpoch = 5;  // SeatWorld takes all partitions in it

// Sagas are spread over the partitions by their number.
inline Id SagaId(int number) {
  std::string bytes(Id::kSize, '\0');
  bytes.back() = static_cast<char>(number);
  return *Id::FromBytes(bytes);
}

// "hamlet": stalls at 4,500 with rows A and B of 3 seats, balcony at 2,000 with row A of 2.
inline v1::Event Hamlet(std::string event_id = "hamlet") {
  v1::Event event;
  event.set_event_id(std::move(event_id));
  event.set_display_name("Hamlet");
  event.set_currency("EUR");
  const auto add_section = [&](std::string_view name, int64_t price, std::string_view rows, int n) {
    v1::Section* section = event.add_sections();
    section->set_name(std::string(name));
    section->set_price_minor(price);
    for (const char row : rows) {
      v1::Row* added = section->add_rows();
      added->set_name(std::string(1, row));
      added->set_seat_count(n);
    }
  };
  add_section("stalls", 4500, "AB", 3);
  add_section("balcony", 2000, "A", 2);
  return event;
}

inline absl::Time At(int month, int day, int hour) {
  return absl::FromCivil(absl::CivilSecond(2026, month, day, hour), absl::UTCTimeZone());
}
inline const absl::Time kSaleStart = At(11, 1, 10);
inline const absl::Time kSaleEnd = At(12, 24, 18);
inline const absl::Time kPremiere = At(12, 24, 20);

inline void AddRule(v1::Event& event, absl::Duration before_start, int percent) {
  saga::v1::RefundRule& rule = *event.add_refund_rules();
  *rule.mutable_before_start() = ToProto(before_start);
  rule.set_percent(percent);
}

// "hamlet" with all of its dates, and two refund rules.
inline v1::Event DatedHamlet() {
  v1::Event event = Hamlet();
  *event.mutable_start_time() = ToProto(kPremiere);
  *event.mutable_sale_start_time() = ToProto(kSaleStart);
  *event.mutable_sale_end_time() = ToProto(kSaleEnd);
  AddRule(event, absl::Hours(48), 100);
  AddRule(event, absl::Hours(2), 50);
  return event;
}

inline saga::v1::CommandKey KeyOf(int saga, std::string_view step, int32_t round) {
  saga::v1::CommandKey key;
  key.set_saga_id(SagaId(saga).ToString());
  key.set_step(std::string(step));
  key.set_round(round);
  key.set_fencing_epoch(kEpoch);
  key.set_fencing_holder(std::string(16, 'h'));
  return key;
}

struct Of {
  std::string_view event_id = "hamlet";
  std::string_view step = kStep;
  int32_t round = 1;
};

inline v1::SeatCommand Reserve(int saga, const Texts& seat_ids, const Of& of = {}) {
  v1::SeatCommand command;
  v1::ReserveSeatsRequest& request = *command.mutable_reserve_seats();
  *request.mutable_key() = KeyOf(saga, of.step, of.round);
  request.set_event_id(std::string(of.event_id));
  for (const std::string& seat_id : seat_ids) request.add_seat_ids(seat_id);
  return command;
}

inline v1::SeatCommand Release(int saga, const Of& of = {}) {
  v1::SeatCommand command;
  *command.mutable_release_seats()->mutable_key() = KeyOf(saga, of.step, of.round);
  return command;
}

inline v1::SeatCommand WithEpoch(uint64_t epoch, v1::SeatCommand command) {
  auto& key = command.has_reserve_seats() ? *command.mutable_reserve_seats()->mutable_key()
                                          : *command.mutable_release_seats()->mutable_key();
  key.set_fencing_epoch(epoch);
  return command;
}

// "SUCCEEDED 4500 EUR", "REFUSED SEAT_NOT_FOUND": what a test expects, in a line.
inline std::string Brief(const CommandResult& result) {
  std::string text =
      saga::v1::Outcome_Name(result.outcome()).substr(std::string("OUTCOME_").size());
  if (!result.reason().empty()) text += " " + result.reason();
  if (result.result().has_amount()) {
    const auto& amount = result.result().amount();
    Append(text, " ", amount.amount_minor(), " ", amount.currency());
  }
  return text;
}

inline Engine AnyEngine() { return GENERATE(Engine::kModel, Engine::kSqlite); }

// The fields that are wrong, in order.
inline Texts FieldsOf(const absl::Status& status) {
  Texts fields;
  for (const auto& violation : FieldViolationsOf(status)) fields.push_back(violation.first);
  return fields;
}

class SeatWorld {
 public:
  explicit SeatWorld(Engine engine = AnyEngine()) : test_(engine) {
    Start();
    REQUIRE(Take(0, kEpoch).ok());
  }

  // A new process on the same store.
  void Restart() {
    test_.Crash(kName);
    node_.reset();
    Start();
  }
  // The next batch's transaction will not commit.
  void BreakNextCommit() { test_.FailNextCommits(kName, 1, store::Committed::kNothing); }

  template <class Method>
  auto Call(const Method& method, const typename Method::Request& request) {
    return test_.CallNow(kName, method, request);
  }

  // One call with all of the commands; their answers in short, or why there are none.
  Texts Run(const std::vector<v1::SeatCommand>& commands) {
    v1::ExecuteSeatCommandsRequest request;
    for (const v1::SeatCommand& command : commands) *request.add_commands() = command;
    const auto response = Call(kExecuteSeatCommands, request);
    if (!response.ok()) return Texts(commands.size(), ReasonOf(response.status()));
    results_.assign(response->results().begin(), response->results().end());
    Texts brief;
    for (const CommandResult& result : results_) brief.push_back(Brief(result));
    return brief;
  }
  std::string Run(const v1::SeatCommand& command) { return Run(std::vector{command}).at(0); }
  // Of the last Run's commands.
  const CommandResult& result(size_t i = 0) const { return results_.at(i); }

  absl::StatusOr<v1::Event> Create(const v1::Event& event) {
    v1::CreateEventRequest request;
    *request.mutable_event() = event;
    const auto response = Call(kCreateEvent, request);
    if (!response.ok()) return response.status();
    return response->event();
  }
  absl::StatusOr<v1::Event> Get(const std::string& event_id = "hamlet") {
    v1::GetEventRequest request;
    request.set_event_id(event_id);
    const auto response = Call(kGetEvent, request);
    if (!response.ok()) return response.status();
    return response->event();
  }
  int Available(const std::string& event_id = "hamlet") {
    const auto event = Get(event_id);
    return event.ok() ? event->available_seat_count() : -1;
  }
  v1::ListSeatsResponse ListSeats(const v1::ListSeatsRequest& request) {
    const auto response = Call(kListSeats, request);
    REQUIRE(response.ok());
    return *response;
  }

  // Seats that are reserved, each "seat_id=number of the saga".
  Texts Reserved(const std::string& event_id = "hamlet") {
    v1::ListSeatsRequest request;
    request.set_event_id(event_id);
    request.set_page_size(10'000);
    request.set_state(v1::SEAT_STATE_RESERVED);
    Texts seats;
    const v1::ListSeatsResponse page = ListSeats(request);
    for (const v1::Seat& seat : page.seats()) {
      const Id holder = *Id::Parse(seat.reservation_id());
      seats.push_back(Cat(seat.seat_id(), "=", static_cast<int>(holder.bytes().back())));
    }
    return seats;
  }

  // Takes all partitions, which are held in epoch `from` until now.
  absl::Status Take(uint64_t from, uint64_t to) {
    saga::v1::TakePartitionsRequest request;
    saga::v1::PartitionRange& all = *request.add_held();
    all.set_last(255);
    if (from != 0) {
      all.mutable_token()->set_epoch(from);
      all.mutable_token()->set_holder(std::string(16, 'h'));
    }
    request.mutable_token()->set_epoch(to);
    request.mutable_token()->set_holder(std::string(16, 'h'));
    request.set_store_id(SagaId(0).ToString());
    request.set_store_counter(1);
    return Call(saga::kTakePartitions, request).status();
  }

  TestWorld& test() { return test_; }
  void SetWall(absl::Time time) { test_.StepWall(time - test_.wall()); }

 private:
  static constexpr char kName[] = "seat_svc";

  void Start() {
    auto node = SeatNode::Open(test_.world(kName), {});
    REQUIRE(node.ok());
    node_ = *std::move(node);
    REQUIRE(node_->Start().ok());
  }

  TestWorld test_;
  std::unique_ptr<SeatNode> node_;
  std::vector<CommandResult> results_;
};

// A world in which "hamlet" exists.
class HamletWorld : public SeatWorld {
 public:
  HamletWorld() { REQUIRE(Create(Hamlet()).ok()); }
};

}  // namespace seatsaga::seat::testing
