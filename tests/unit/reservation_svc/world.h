#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/barrier.h"
#include "common/sealed_token.h"
#include "reservation_svc/reservation_book.h"
#include "reservation_svc/reservation_requests.h"
#include "reservation_svc/reservation_store.h"
#include "reservation_svc/schema/migrations.h"
#include "tests/support/temp_dir.h"

namespace seatsaga::reservation {

// Stands for the orchestrator: remembers what it was asked, answers when the test says so.
class FakeOrchestrator final : public SagaStarter {
 public:
  void Start(StartBatch batch) override { calls.push_back(std::move(batch)); }

  std::vector<StartBatch> calls;
};

inline std::vector<Id> IdsOf(const StartBatch& batch) {
  std::vector<Id> ids;
  for (const SagaStart& saga : batch.sagas) ids.push_back(saga.id);
  return ids;
}

// What a call was answered; empty while it waits.
template <class T>
using Answer = std::shared_ptr<std::optional<absl::StatusOr<T>>>;

// reservation_svc but for its threads and its network: the real parsing, rules, store and database,
// in one thread, on a clock that the test moves. Reopen() is what SIGKILL leaves: the database.
class ReservationWorld {
 public:
  explicit ReservationWorld(BookLimits limits = {}, OutboxLimits outbox_limits = {},
                            int64_t rows_per_range = IdRanges::kRowsMax)
      : limits_(limits), outbox_limits_(outbox_limits), rows_per_range_(rows_per_range) {
    Open();
  }

  void Reopen() {
    book.reset();
    barrier_.reset();
    store_.reset();
    database.reset();
    orchestrator.calls.clear();
    Open();
  }

  // --- requests ---
  v1::CreateReservationRequest NewRequest() {
    v1::CreateReservationRequest request;
    request.set_request_id(ids_.Next(now).ToString());
    request.set_user_id("ann");
    request.set_event_id("hamlet");
    request.add_seat_ids("stalls/A/1");
    request.add_seat_ids("stalls/A/2");
    request.set_payment_token("tok_visa");
    return request;
  }
  static v1::CreateReservationRequest Waiting(v1::CreateReservationRequest request,
                                              int wait_seconds) {
    request.mutable_wait()->set_seconds(wait_seconds);
    return request;
  }
  static v1::ReservationCommand Confirm(const Id& id, int64_t amount_minor = 4200,
                                        uint64_t fencing_token = 1) {
    v1::ReservationCommand command;
    auto* confirm = command.mutable_confirm_reservation();
    confirm->set_saga_id(id.ToString());
    confirm->set_step("confirm_reservation");
    confirm->set_fencing_token(fencing_token);
    confirm->mutable_price()->set_amount_minor(amount_minor);
    confirm->mutable_price()->set_currency("EUR");
    return command;
  }
  static v1::ReservationCommand Cancel(const Id& id, std::string reason = "PAYMENT_DECLINED",
                                       uint64_t fencing_token = 1) {
    v1::ReservationCommand command;
    auto* cancel = command.mutable_cancel_reservation();
    cancel->set_saga_id(id.ToString());
    cancel->set_step("create_reservation");
    cancel->set_fencing_token(fencing_token);
    cancel->set_reason(std::move(reason));
    cancel->set_message("the bank said no");
    return command;
  }

  // --- calls: queued, until Run ---
  Answer<Reservation> SendCreate(const v1::CreateReservationRequest& request,
                                 absl::Duration deadline = absl::Minutes(1)) {
    auto answer = std::make_shared<std::optional<absl::StatusOr<Reservation>>>();
    auto input = ParseCreate(request, ids_.Next(now), sealer, now, now + deadline);
    if (!input.ok()) {
      answer->emplace(input.status());
      return answer;
    }
    input->reply = Reply<Reservation>(
        [answer](absl::StatusOr<Reservation> got) { answer->emplace(std::move(got)); });
    inputs_.emplace_back(*std::move(input));
    return answer;
  }
  Answer<std::vector<CommandResult>> SendCommands(std::vector<v1::ReservationCommand> commands) {
    v1::ExecuteReservationCommandsRequest request;
    for (auto& command : commands) *request.add_commands() = std::move(command);
    auto answer = std::make_shared<std::optional<absl::StatusOr<std::vector<CommandResult>>>>();
    ExecuteInput input = ParseExecute(request).value();
    input.reply =
        Reply<std::vector<CommandResult>>([answer](absl::StatusOr<std::vector<CommandResult>> got) {
          answer->emplace(std::move(got));
        });
    inputs_.emplace_back(std::move(input));
    return answer;
  }
  void SendResult(StartResult result) { inputs_.emplace_back(std::move(result)); }

  // One batch of everything queued.
  absl::Status Run() {
    std::vector<Input> batch = std::exchange(inputs_, {});
    database->Begin();
    book->Apply(batch, now, after_);
    batch.clear();
    if (std::exchange(fail_commit, false)) database->Execute("this is not SQL");
    absl::Status committed = database->Commit();
    committed.ok() ? after_.Run() : after_.Drop();
    return committed;
  }
  void Load() {
    database->Begin();
    const absl::Status loaded = book->Load(now, after_);
    if (!loaded.ok() || !database->Commit().ok()) std::abort();
    after_.Run();
  }
  // Moves the clock to when the loop would wake up by itself, and lets it.
  void RunAtNextWake() {
    now = std::max(now, book->NextWake());
    if (!Run().ok()) std::abort();
  }

  // --- calls with their answers ---
  absl::StatusOr<Reservation> Create(const v1::CreateReservationRequest& request) {
    const Answer<Reservation> answer = SendCreate(request);
    if (auto status = Run(); !status.ok()) return status;
    return answer->value();
  }
  // As after a restart with a clock that has stepped back.
  void ForgetIds() { ids_ = IdGenerator(); }
  Id CreateNew() { return Create(NewRequest())->id; }
  CommandResult Do(v1::ReservationCommand command) {
    const auto answer = SendCommands({std::move(command)});
    if (!Run().ok()) std::abort();
    return answer->value()->front();
  }
  // As stored.
  Record Stored(const Id& id) {
    database->Begin();
    ReservationStore store(*database);
    store.Load(std::vector{id}, {});
    Record record = *store.Find(id);
    database->Rollback();
    return record;
  }

  testing::TempDir dir;
  std::string database_path = dir.File("reservations.db");
  TokenSealer sealer = TokenSealer::FromKey(std::string(32, 'k')).value();
  absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  FakeOrchestrator orchestrator;
  std::unique_ptr<sqlite::Database> database;
  std::unique_ptr<ReservationBook> book;
  bool fail_commit = false;  // the next one

 private:
  void Open() {
    auto opened = sqlite::Database::OpenWriter(database_path, ReservationMigrations());
    if (!opened.ok()) std::abort();
    database = *std::move(opened);
    store_ = std::make_unique<ReservationStore>(*database, rows_per_range_);
    barrier_ = std::make_unique<Barrier>(*database);
    book = std::make_unique<ReservationBook>(*store_, *barrier_, orchestrator, limits_,
                                             outbox_limits_);
    Load();
  }

  const BookLimits limits_;
  const OutboxLimits outbox_limits_;
  const int64_t rows_per_range_;
  IdGenerator ids_;
  std::unique_ptr<ReservationStore> store_;
  std::unique_ptr<Barrier> barrier_;
  std::vector<Input> inputs_;
  AfterCommit after_;
};

}  // namespace seatsaga::reservation
