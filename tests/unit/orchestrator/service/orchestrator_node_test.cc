// The orchestrator's API over a real socket, engine and database; its participants never answer.
#include "orchestrator/service/orchestrator_service.h"

#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/errors.h"
#include "common/rpc/client.h"
#include "common/text.h"
#include "common/time_proto.h"
#include "orchestrator/engine/saga_view.h"
#include "orchestrator/sagas/reservation_saga.h"
#include "orchestrator/store/schema.h"
#include "tests/support/temp_dir.h"

namespace seatsaga {
namespace {

using namespace orchestrator::v1;

class SilentParticipants final : public participants::Participants {
 public:
  void Send(std::vector<participants::CallRequest>) override {}
};

struct World {
  World() {
    service.Register(server);
    REQUIRE(server.Start().ok());
    lane.Start();
    REQUIRE(loop.Start().ok());
    io.Start();
    channel = std::make_unique<RpcChannel>(io, Cat("127.0.0.1:", server.port()));
  }
  ~World() {
    channel.reset();
    io.Stop();
    loop.Stop();
    lane.Stop();
    server.Shutdown(absl::Now());
  }

  template <class Response>
  absl::StatusOr<Response> Call(std::string_view method, const google::protobuf::Message& request) {
    return channel->CallAndWait<Response>(
        Cat("seatsaga.orchestrator.v1.OrchestratorService/", method), request, absl::Seconds(30));
  }
  // Starts `count` sagas whose ids were made `age` ago, oldest first.
  std::vector<std::string> Start(int count, absl::Duration age = absl::ZeroDuration()) {
    StartSagasRequest request;
    for (int i = 0; i < count; ++i) *request.add_sagas() = NewSaga(age);
    const auto response = Call<StartSagasResponse>("StartSagas", request);
    INFO(response.status());
    REQUIRE(response.ok());
    return {response->saga_ids().begin(), response->saga_ids().end()};
  }
  SagaStart NewSaga(absl::Duration age = absl::ZeroDuration()) {
    SagaStart start;
    start.set_saga_id(ids.Next(absl::Now() - age).ToString());
    start.set_user_id("ada");
    start.set_event_id("hamlet");
    start.add_seat_ids("stalls/A/1");
    start.set_sealed_payment_token("sealed");
    return start;
  }
  std::vector<std::string> IdsOf(const ListSagasRequest& request) {
    const auto page = Call<ListSagasResponse>("ListSagas", request);
    INFO(page.status());
    REQUIRE(page.ok());
    std::vector<std::string> listed;
    for (const Saga& saga : page->sagas()) listed.push_back(saga.saga_id());
    return listed;
  }
  // The fields that a call complains about.
  template <class Response>
  std::vector<std::string> BadFields(std::string_view method,
                                     const google::protobuf::Message& request) {
    const auto response = Call<Response>(method, request);
    REQUIRE(response.status().code() == absl::StatusCode::kInvalidArgument);
    REQUIRE(ReasonOf(response.status()) == "INVALID_REQUEST");
    std::vector<std::string> fields;
    for (const auto& violation : FieldViolationsOf(response.status())) {
      fields.push_back(violation.first);
    }
    return fields;
  }

  testing::TempDir dir;
  std::unique_ptr<sqlite::Database> database =
      *sqlite::Database::OpenWriter(dir.File("o.db"), store::kMigrations);
  std::unique_ptr<sqlite::Database> read_database = *sqlite::Database::OpenReader(dir.File("o.db"));
  store::SagaStore store{*database};
  store::SagaReader reader{*read_database};
  SilentParticipants participants;
  engine::Engine engine{store, participants, {.fencing_token = 7, .start_time = absl::Now()}};
  BatchLoop<engine::Input> loop{*database, engine};
  ReadLane lane{read_database.get()};
  service::OrchestratorService service{loop, lane, reader};
  RpcServer server{{.listen = "127.0.0.1:0"}};
  IoThread io;
  std::unique_ptr<RpcChannel> channel;
  IdGenerator ids;
};

template <class Request>
Request ById(const std::string& id) {
  Request request;
  request.set_saga_id(id);
  return request;
}

using Fields = std::vector<std::string>;

TEST_CASE("a saga that was started can be read at once, with its history") {
  World world;
  const auto ids = world.Start(1);
  REQUIRE(ids.size() == 1);
  const auto response = world.Call<GetSagaResponse>("GetSaga", ById<GetSagaRequest>(ids[0]));
  REQUIRE(response.ok());
  const Saga& saga = response->saga();
  REQUIRE(saga.saga_id() == ids[0]);
  REQUIRE(saga.state() == SAGA_STATE_RUNNING);
  REQUIRE(saga.step() == "reserve_seats");
  REQUIRE(saga.direction() == saga::v1::DIRECTION_ACTION);
  REQUIRE(saga.attempt() == 1);
  REQUIRE(saga.user_id() == "ada");
  REQUIRE(saga.event_id() == "hamlet");
  REQUIRE(saga.seat_ids_size() == 1);
  REQUIRE_FALSE(saga.has_price());
  REQUIRE(saga.history_size() == 1);
  REQUIRE(saga.history(0).sequence() == 1);
  REQUIRE(saga.history(0).type() == HISTORY_EVENT_TYPE_STARTED);
  REQUIRE(response->ShortDebugString().find("sealed") == std::string::npos);
}

TEST_CASE("starting a known saga again succeeds and changes nothing") {
  World world;
  StartSagasRequest request;
  *request.add_sagas() = world.NewSaga();
  for (int i = 0; i < 2; ++i) {
    const auto response = world.Call<StartSagasResponse>("StartSagas", request);
    REQUIRE(response.ok());
    REQUIRE(response->saga_ids_size() == 1);
  }
  REQUIRE(world.IdsOf({}).size() == 1);
}

TEST_CASE("a start with anything wrong is refused with the field's path, and stores nothing") {
  World world;
  const auto start = [&](const std::function<void(SagaStart&)>& spoil) {
    StartSagasRequest request;
    *request.add_sagas() = world.NewSaga();
    *request.add_sagas() = world.NewSaga();
    spoil(*request.mutable_sagas(1));
    return world.BadFields<StartSagasResponse>("StartSagas", request);
  };
  REQUIRE(start([](auto& s) { s.set_saga_id("x"); }) == Fields{"sagas[1].saga_id"});
  REQUIRE(start([](auto& s) { s.clear_user_id(); }) == Fields{"sagas[1].user_id"});
  REQUIRE(start([](auto& s) { s.set_event_id("A b"); }) == Fields{"sagas[1].event_id"});
  REQUIRE(start([](auto& s) { s.clear_seat_ids(); }) == Fields{"sagas[1].seat_ids"});
  REQUIRE(start([](auto& s) { s.clear_sealed_payment_token(); }) ==
          Fields{"sagas[1].sealed_payment_token"});
  REQUIRE(start([](auto& s) { s.set_sealed_payment_token(std::string(1025, 's')); }) ==
          Fields{"sagas[1].sealed_payment_token"});
  REQUIRE(start([](auto& s) { s.Clear(); }).size() == 5);
  REQUIRE(world.IdsOf({}).empty());
}

TEST_CASE("a start holds 1 to 1000 sagas") {
  World world;
  REQUIRE(world.BadFields<StartSagasResponse>("StartSagas", StartSagasRequest()) ==
          Fields{"sagas"});
  StartSagasRequest request;
  for (int i = 0; i < 1001; ++i) *request.add_sagas() = world.NewSaga();
  REQUIRE(world.BadFields<StartSagasResponse>("StartSagas", request) == Fields{"sagas"});
}

TEST_CASE("an id that is missing or no UUID is refused by every method that takes one") {
  World world;
  for (const std::string id : {"", "x", "01890a5d-ac96-774b-bcce-b302099a805z"}) {
    REQUIRE(world.BadFields<GetSagaResponse>("GetSaga", ById<GetSagaRequest>(id)) ==
            Fields{"saga_id"});
    REQUIRE(world.BadFields<RetrySagaResponse>("RetrySaga", ById<RetrySagaRequest>(id)) ==
            Fields{"saga_id"});
    REQUIRE(world.BadFields<CompensateSagaResponse>(
                "CompensateSaga", ById<CompensateSagaRequest>(id)) == Fields{"saga_id"});
  }
}

TEST_CASE("a saga that does not exist is NOT_FOUND") {
  World world;
  const std::string id = world.ids.Next(absl::Now()).ToString();
  for (const absl::Status& status :
       {world.Call<GetSagaResponse>("GetSaga", ById<GetSagaRequest>(id)).status(),
        world.Call<RetrySagaResponse>("RetrySaga", ById<RetrySagaRequest>(id)).status(),
        world.Call<CompensateSagaResponse>("CompensateSaga", ById<CompensateSagaRequest>(id))
            .status()}) {
    REQUIRE(status.code() == absl::StatusCode::kNotFound);
    REQUIRE(ReasonOf(status) == "SAGA_NOT_FOUND");
  }
}

TEST_CASE("a list is paged, newest first, and its pages hold each saga once") {
  World world;
  const auto started = world.Start(7);
  std::vector<std::string> listed;
  ListSagasRequest request;
  request.set_page_size(3);
  int pages = 0;
  do {
    const auto page = world.Call<ListSagasResponse>("ListSagas", request);
    REQUIRE(page.ok());
    REQUIRE(page->sagas_size() <= 3);
    for (const Saga& saga : page->sagas()) {
      listed.push_back(saga.saga_id());
      REQUIRE(saga.history().empty());
    }
    request.set_page_token(page->next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  REQUIRE(pages == 3);
  REQUIRE(listed == std::vector<std::string>(started.rbegin(), started.rend()));
}

TEST_CASE("a page holds 50 unless told otherwise, and at most 1000") {
  World world;
  world.Start(51);
  ListSagasRequest request;
  REQUIRE(world.IdsOf(request).size() == 50);
  request.set_page_size(1000);
  REQUIRE(world.IdsOf(request).size() == 51);
  for (const int bad : {-1, 1001}) {
    request.set_page_size(bad);
    REQUIRE(world.BadFields<ListSagasResponse>("ListSagas", request) == Fields{"page_size"});
  }
}

TEST_CASE("a list shows one state if asked to") {
  World world;
  const auto ids = world.Start(3);
  REQUIRE(world.Call<CompensateSagaResponse>("CompensateSaga", ById<CompensateSagaRequest>(ids[1]))
              .ok());
  const auto compensated =
      world.Call<GetSagaResponse>("GetSaga", ById<GetSagaRequest>(ids[1]))->saga().state();
  ListSagasRequest request;
  request.set_state(SAGA_STATE_RUNNING);
  const auto running = world.IdsOf(request);
  for (const std::string& id : running) {
    REQUIRE(world.Call<GetSagaResponse>("GetSaga", ById<GetSagaRequest>(id))->saga().state() ==
            SAGA_STATE_RUNNING);
  }
  REQUIRE(running.size() == (compensated == SAGA_STATE_RUNNING ? 3 : 2));
  request.set_state(SAGA_STATE_COMPLETED);
  REQUIRE(world.IdsOf(request).empty());
  request.set_state(SAGA_STATE_PARKED);
  REQUIRE(world.IdsOf(request).empty());
  request.clear_state();
  request.set_needs_attention(true);
  REQUIRE(world.IdsOf(request).empty());
  request.set_needs_attention(false);
  request.set_state(static_cast<SagaState>(99));
  REQUIRE(world.BadFields<ListSagasResponse>("ListSagas", request) == Fields{"state"});
}

TEST_CASE("a list shows only what was stored long enough ago") {
  World world;
  const auto old = world.Start(2, absl::Hours(2));
  world.Start(1);
  ListSagasRequest request;
  *request.mutable_min_age() = ToProto(absl::Hours(1));
  REQUIRE(world.IdsOf(request) == std::vector<std::string>{old[1], old[0]});
  *request.mutable_min_age() = ToProto(absl::Hours(3));
  REQUIRE(world.IdsOf(request).empty());
  request.mutable_min_age()->set_seconds(INT64_MAX);
  REQUIRE(world.IdsOf(request).empty());
  request.mutable_min_age()->set_seconds(-1);
  REQUIRE(world.BadFields<ListSagasResponse>("ListSagas", request) == Fields{"min_age"});
}

TEST_CASE("a page token is good only with the filters that it was made with") {
  World world;
  world.Start(3, absl::Hours(2));
  ListSagasRequest request;
  request.set_page_size(1);
  const auto page = world.Call<ListSagasResponse>("ListSagas", request);
  REQUIRE_FALSE(page->next_page_token().empty());
  request.set_page_token(page->next_page_token());
  REQUIRE(world.IdsOf(request).size() == 1);
  request.set_page_size(2);  // not a filter
  REQUIRE(world.IdsOf(request).size() == 2);

  const auto spoilt = [&](const std::function<void(ListSagasRequest&)>& change) {
    ListSagasRequest other = request;
    change(other);
    return world.BadFields<ListSagasResponse>("ListSagas", other);
  };
  const Fields token = {"page_token"};
  REQUIRE(spoilt([](auto& r) { r.set_state(SAGA_STATE_RUNNING); }) == token);
  REQUIRE(spoilt([](auto& r) { r.set_needs_attention(true); }) == token);
  REQUIRE(spoilt([](auto& r) { *r.mutable_min_age() = ToProto(absl::Hours(1)); }) == token);
  REQUIRE(spoilt([](auto& r) { *r.mutable_min_age() = ToProto(absl::Milliseconds(1)); }) == token);
  REQUIRE(spoilt([](auto& r) { r.set_page_token("AAAA"); }) == token);
}

TEST_CASE("the counts are those of what was started") {
  World world;
  world.Start(3, absl::Hours(1));
  const auto stats = world.Call<GetStatsResponse>("GetStats", GetStatsRequest());
  REQUIRE(stats.ok());
  REQUIRE(stats->fencing_token() == 7);
  int64_t running = 0;
  for (const StateCount& count : stats->states()) {
    if (count.state() == SAGA_STATE_RUNNING) running = count.count();
  }
  REQUIRE(running == 3);
  REQUIRE(FromProto(stats->oldest_live_age()) >= absl::Hours(1));
  REQUIRE(stats->attention_count() == 0);
}

TEST_CASE("a stopping orchestrator answers UNAVAILABLE, and never hangs") {
  World world;
  const auto ids = world.Start(1);
  world.loop.Stop();
  world.lane.Stop();
  StartSagasRequest request;
  *request.add_sagas() = world.NewSaga();
  REQUIRE(world.Call<StartSagasResponse>("StartSagas", request).status().code() ==
          absl::StatusCode::kUnavailable);
  REQUIRE(
      world.Call<RetrySagaResponse>("RetrySaga", ById<RetrySagaRequest>(ids[0])).status().code() ==
      absl::StatusCode::kUnavailable);
  REQUIRE(world.Call<GetStatsResponse>("GetStats", GetStatsRequest()).status().code() ==
          absl::StatusCode::kUnavailable);
  REQUIRE(world.Call<GetSagaResponse>("GetSaga", ById<GetSagaRequest>(ids[0])).status().code() ==
          absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace seatsaga
