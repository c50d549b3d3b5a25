#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/barrier.h"
#include "common/batch_loop.h"
#include "common/sqlite/database.h"
#include "seat_svc/event_store.h"
#include "seat_svc/schema/migrations.h"
#include "seat_svc/seat_inventory.h"
#include "seat_svc/seat_queries.h"
#include "seat_svc/seat_requests.h"
#include "seat_svc/seat_store.h"
#include "tests/support/temp_dir.h"

// The rules of the seats on a real database, without loop, network or clock.
namespace seatsaga::seat::testing {

inline constexpr std::string_view kStep = "reserve_seats";

inline Id SagaId(int number) {
  std::string bytes(Id::kSize, '\0');
  bytes.back() = static_cast<char>(number);
  return *Id::FromBytes(bytes);
}

// "hamlet": stalls at 4,500 with rows A and B of 3 seats, balcony at 2,000 with row A of 2.
inline v1::Event Hamlet() {
  v1::Event event;
  event.set_event_id("hamlet");
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

inline SeatCommand Reserve(int saga, std::vector<std::string> seat_ids, uint64_t token = 1,
                           std::string_view event_id = "hamlet", std::string_view step = kStep) {
  v1::ReserveSeatsRequest request;
  request.set_saga_id(SagaId(saga).ToString());
  request.set_step(std::string(step));
  request.set_fencing_token(token);
  request.set_event_id(std::string(event_id));
  for (std::string& seat_id : seat_ids) request.add_seat_ids(std::move(seat_id));
  FieldErrors errors;
  SeatCommand command = ParseReserve(request, errors);
  REQUIRE(errors.empty());
  return command;
}

inline SeatCommand Release(int saga, uint64_t token = 1, std::string_view step = kStep) {
  v1::ReleaseSeatsRequest request;
  request.set_saga_id(SagaId(saga).ToString());
  request.set_step(std::string(step));
  request.set_fencing_token(token);
  FieldErrors errors;
  SeatCommand command = ParseRelease(request, errors);
  REQUIRE(errors.empty());
  return command;
}

// "SUCCEEDED 4500 EUR", "REFUSED SEAT_NOT_FOUND": what a test expects, in a line.
inline std::string Brief(const CommandResult& result) {
  std::string text =
      saga::v1::Outcome_Name(result.outcome()).substr(std::string("OUTCOME_").size());
  if (!result.reason().empty()) text += " " + result.reason();
  if (result.has_amount()) {
    text += " " + std::to_string(result.amount().amount_minor()) + " " + result.amount().currency();
  }
  return text;
}

class SeatWorld {
 public:
  SeatWorld() {
    auto writer = sqlite::Database::OpenWriter(dir_.File("seat.db"), kMigrations);
    REQUIRE(writer.ok());
    writer_ = *std::move(writer);
    auto reader = sqlite::Database::OpenReader(dir_.File("seat.db"));
    REQUIRE(reader.ok());
    reader_ = *std::move(reader);
    queries_.emplace(*reader_);
    Restart();
  }

  // A new process on the same database.
  void Restart() {
    inventory_.reset();
    barrier_ = std::make_unique<Barrier>(*writer_);
    events_ = std::make_unique<EventStore>(*writer_);
    seats_ = std::make_unique<SeatStore>(*writer_);
    REQUIRE(writer_->status().ok());
    inventory_ = std::make_unique<SeatInventory>(*events_, *seats_, *barrier_);
    Load();
  }

  // The next batch's transaction will not commit.
  void BreakNextCommit() { break_commit_ = true; }

  // One batch, as the loop runs it.
  void Apply(std::vector<SeatInput> batch) {
    AfterCommit after;
    writer_->Begin();
    inventory_->Apply(batch, now_, after);
    if (std::exchange(break_commit_, false))
      writer_->Execute("INSERT INTO no_such_table VALUES(1)");
    const bool committed = writer_->Commit().ok();
    if (committed) {
      after.Run();
    } else {
      after.Drop();
      Load();
    }
  }

  // One batch of calls with a command each; "" for a call that was not answered.
  std::vector<std::string> Run(std::vector<SeatCommand> commands) {
    results_.assign(commands.size(), CommandResult());
    std::vector<std::string> brief(commands.size());
    std::vector<SeatInput> batch;
    for (size_t i = 0; i < commands.size(); ++i) {
      SeatCommands call;
      call.commands.push_back(std::move(commands[i]));
      call.reply = Reply<std::vector<CommandResult>>(
          [this, &brief, i](absl::StatusOr<std::vector<CommandResult>> answer) {
            if (!answer.ok()) return;
            results_[i] = answer->at(0);
            brief[i] = Brief(results_[i]);
          });
      batch.emplace_back(std::move(call));
    }
    Apply(std::move(batch));
    return brief;
  }
  std::string Run(SeatCommand command) {
    std::vector<SeatCommand> one;
    one.push_back(std::move(command));
    return Run(std::move(one)).at(0);
  }
  // Of the last Run's commands.
  const CommandResult& result(size_t i = 0) const { return results_.at(i); }

  absl::StatusOr<v1::Event> Create(v1::Event event) {
    absl::StatusOr<v1::Event> created = absl::UnknownError("not answered");
    std::vector<SeatInput> batch;
    batch.emplace_back(CreateEvent{
        std::move(event),
        Reply<v1::Event>([&](absl::StatusOr<v1::Event> got) { created = std::move(got); })});
    Apply(std::move(batch));
    return created;
  }

  // Seats of "hamlet" that are reserved, each "seat_id=number of the saga".
  std::vector<std::string> Reserved(std::string_view event_id = "hamlet") {
    SeatQuery query{
        .event_id = std::string(event_id), .size = 10'000, .state = v1::SEAT_STATE_RESERVED};
    auto page = queries_->ListSeats(query);
    REQUIRE(page.ok());
    std::vector<std::string> seats;
    for (const v1::Seat& seat : page->response->seats()) {
      const Id holder = *Id::Parse(seat.reservation_id());
      seats.push_back(seat.seat_id() + "=" + std::to_string(holder.bytes().back()));
    }
    return seats;
  }

  SeatQueries& queries() { return *queries_; }
  sqlite::Database& writer() { return *writer_; }
  void set_now(absl::Time now) { now_ = now; }

 private:
  void Load() {
    AfterCommit after;
    writer_->Begin();
    REQUIRE(inventory_->Load(now_, after).ok());
    REQUIRE(writer_->Commit().ok());
  }

  seatsaga::testing::TempDir dir_;
  std::unique_ptr<sqlite::Database> writer_;
  std::unique_ptr<sqlite::Database> reader_;
  std::optional<SeatQueries> queries_;
  std::unique_ptr<Barrier> barrier_;
  std::unique_ptr<EventStore> events_;
  std::unique_ptr<SeatStore> seats_;
  std::unique_ptr<SeatInventory> inventory_;
  absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  bool break_commit_ = false;
  std::vector<CommandResult> results_;
};

// A world in which "hamlet" exists.
class HamletWorld : public SeatWorld {
 public:
  HamletWorld() { REQUIRE(Create(Hamlet()).ok()); }
};

using Texts = std::vector<std::string>;

}  // namespace seatsaga::seat::testing
