// The orchestrator's API; its participants let themselves be commanded, and never answer a command.
#include "orchestrator/service/orchestrator_node.h"

#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "common/errors.h"
#include "common/time_proto.h"
#include "tests/support/fill_all.h"
#include "tests/unit/orchestrator/world/orchestrator_world.h"

namespace seatsaga {
namespace {

using testing::Engine;
using namespace orchestrator::v1;

struct World : testing::OrchestratorWorld {
  explicit World(Engine engine = Engine::kModel) : OrchestratorWorld(engine) { Boot(); }

  using OrchestratorWorld::NewSaga;
  // Starts `count` sagas whose ids were made `age` ago, oldest first.
  std::vector<std::string> Start(int count, absl::Duration age = absl::ZeroDuration()) {
    StartSagasRequest request;
    for (int i = 0; i < count; ++i) *request.add_sagas() = NewSaga(age);
    const auto response = Call(orchestrator::kStartSagas, request);
    INFO(response.status());
    REQUIRE(response.ok());
    return {response->saga_ids().begin(), response->saga_ids().end()};
  }
  SagaStart NewSaga(absl::Duration age = absl::ZeroDuration()) {
    return NewSaga(ids.Next(test.wall() - age));
  }
  std::vector<std::string> IdsOf(const ListSagasRequest& request) {
    const auto page = Call(orchestrator::kListSagas, request);
    INFO(page.status());
    REQUIRE(page.ok());
    std::vector<std::string> listed;
    for (const Saga& saga : page->sagas()) listed.push_back(saga.saga_id());
    return listed;
  }
  // The fields that a call complains about.
  template <class Method>
  std::vector<std::string> BadFields(const Method& method,
                                     const typename Method::Request& request) {
    const auto response = Call(method, request);
    REQUIRE(response.status().code() == absl::StatusCode::kInvalidArgument);
    REQUIRE(ReasonOf(response.status()) == "INVALID_REQUEST");
    std::vector<std::string> fields;
    for (const auto& violation : FieldViolationsOf(response.status())) {
      fields.push_back(violation.first);
    }
    return fields;
  }

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
  const auto response = world.Call(orchestrator::kGetSaga, ById<GetSagaRequest>(ids[0]));
  REQUIRE(response.ok());
  const Saga& saga = response->saga();
  REQUIRE(saga.saga_id() == ids[0]);
  REQUIRE(saga.state() == SAGA_STATE_RUNNING);
  REQUIRE(saga.step() == "reserve_seats");
  REQUIRE(saga.direction() == saga::v1::DIRECTION_ACTION);
  REQUIRE(saga.attempt() == 1);
  REQUIRE(saga.data().reservation().user_id() == "ada");
  REQUIRE(saga.data().reservation().event_id() == "hamlet");
  REQUIRE(saga.data().reservation().seat_ids_size() == 1);
  REQUIRE_FALSE(saga.data().reservation().has_price());
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
    const auto response = world.Call(orchestrator::kStartSagas, request);
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
    return world.BadFields(orchestrator::kStartSagas, request);
  };
  const std::string data = "sagas[1].data.reservation";
  const auto reservation = [&](const std::function<void(ReservationData&)>& spoil) {
    return start([&](auto& s) { spoil(*s.mutable_data()->mutable_reservation()); });
  };
  REQUIRE(start([](auto& s) { s.set_saga_id("x"); }) == Fields{"sagas[1].saga_id"});
  REQUIRE(start([](auto& s) { s.clear_data(); }) == Fields{"sagas[1].data"});
  REQUIRE(start([](auto& s) { s.mutable_data()->clear_of(); }) == Fields{"sagas[1].data"});
  REQUIRE(reservation([](auto& r) { r.clear_user_id(); }) == Fields{data + ".user_id"});
  REQUIRE(reservation([](auto& r) { r.set_event_id("A b"); }) == Fields{data + ".event_id"});
  REQUIRE(reservation([](auto& r) { r.clear_seat_ids(); }) == Fields{data + ".seat_ids"});
  REQUIRE(reservation([](auto& r) { r.clear_sealed_payment_token(); }) ==
          Fields{data + ".sealed_payment_token"});
  REQUIRE(reservation([](auto& r) { r.set_sealed_payment_token(std::string(1025, 's')); }) ==
          Fields{data + ".sealed_payment_token"});
  REQUIRE(start([](auto& s) { s.Clear(); }).size() == 2);
  REQUIRE(start([](auto& s) {
            s.Clear();
            s.mutable_data()->mutable_reservation();
          }).size() == 5);
  REQUIRE(world.IdsOf({}).empty());
}

// Also of a field that is added later.
TEST_CASE("every text that a saga starts with has a bound") {
  World world;
  const SagaStart good = world.NewSaga();
  testing::ForEachTooLong<ReservationData>(
      good.data().reservation(), [&](const std::string& field, const ReservationData& spoilt) {
        StartSagasRequest request;
        *request.add_sagas() = good;
        *request.mutable_sagas(0)->mutable_data()->mutable_reservation() = spoilt;
        const Fields wrong = world.BadFields(orchestrator::kStartSagas, request);
        CAPTURE(field, wrong);
        REQUIRE(wrong.size() == 1);
        CHECK_THAT(wrong[0], Catch::StartsWith("sagas[0].data.reservation." + field));
      });
}

TEST_CASE("a start holds 1 to 1000 sagas") {
  World world;
  REQUIRE(world.BadFields(orchestrator::kStartSagas, StartSagasRequest()) == Fields{"sagas"});
  StartSagasRequest request;
  for (int i = 0; i < 1001; ++i) *request.add_sagas() = world.NewSaga();
  REQUIRE(world.BadFields(orchestrator::kStartSagas, request) == Fields{"sagas"});
}

TEST_CASE("an id that is missing or no UUID is refused by every method that takes one") {
  World world;
  for (const std::string id : {"", "x", "01890a5d-ac96-774b-bcce-b302099a805z"}) {
    REQUIRE(world.BadFields(orchestrator::kGetSaga, ById<GetSagaRequest>(id)) == Fields{"saga_id"});
    REQUIRE(world.BadFields(orchestrator::kRetrySaga, ById<RetrySagaRequest>(id)) ==
            Fields{"saga_id"});
    REQUIRE(world.BadFields(orchestrator::kCompensateSaga, ById<CompensateSagaRequest>(id)) ==
            Fields{"saga_id"});
  }
}

TEST_CASE("a saga that does not exist is NOT_FOUND") {
  World world;
  const std::string id = world.ids.Next(world.test.wall()).ToString();
  for (const absl::Status& status :
       {world.Call(orchestrator::kGetSaga, ById<GetSagaRequest>(id)).status(),
        world.Call(orchestrator::kRetrySaga, ById<RetrySagaRequest>(id)).status(),
        world.Call(orchestrator::kCompensateSaga, ById<CompensateSagaRequest>(id)).status()}) {
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
    const auto page = world.Call(orchestrator::kListSagas, request);
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
    REQUIRE(world.BadFields(orchestrator::kListSagas, request) == Fields{"page_size"});
  }
}

TEST_CASE("a list shows one state if asked to") {
  World world;
  const auto ids = world.Start(3);
  REQUIRE(world.Call(orchestrator::kCompensateSaga, ById<CompensateSagaRequest>(ids[1])).ok());
  const auto compensated =
      world.Call(orchestrator::kGetSaga, ById<GetSagaRequest>(ids[1]))->saga().state();
  ListSagasRequest request;
  request.set_state(SAGA_STATE_RUNNING);
  const auto running = world.IdsOf(request);
  for (const std::string& id : running) {
    REQUIRE(world.Call(orchestrator::kGetSaga, ById<GetSagaRequest>(id))->saga().state() ==
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
  REQUIRE(world.BadFields(orchestrator::kListSagas, request) == Fields{"state"});
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
  REQUIRE(world.BadFields(orchestrator::kListSagas, request) == Fields{"min_age"});
}

TEST_CASE("a page token is good only with the filters that it was made with") {
  World world;
  world.Start(3, absl::Hours(2));
  ListSagasRequest request;
  request.set_page_size(1);
  const auto page = world.Call(orchestrator::kListSagas, request);
  REQUIRE_FALSE(page->next_page_token().empty());
  request.set_page_token(page->next_page_token());
  REQUIRE(world.IdsOf(request).size() == 1);
  request.set_page_size(2);  // not a filter
  REQUIRE(world.IdsOf(request).size() == 2);

  const auto spoilt = [&](const std::function<void(ListSagasRequest&)>& change) {
    ListSagasRequest other = request;
    change(other);
    return world.BadFields(orchestrator::kListSagas, other);
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
  const auto stats = world.Call(orchestrator::kGetStats, {});
  REQUIRE(stats.ok());
  REQUIRE(stats->fencing_epoch() == 1);
  int64_t running = 0;
  for (const StateCount& count : stats->states()) {
    if (count.state() == SAGA_STATE_RUNNING) running = count.count();
  }
  REQUIRE(running == 3);
  REQUIRE(FromProto(stats->oldest_live_age()) >= absl::Hours(1));
  REQUIRE(stats->attention_count() == 0);
}

TEST_CASE("a stopping orchestrator answers what it has, then UNAVAILABLE, and never hangs") {
  World world;
  StartSagasRequest request;
  *request.add_sagas() = world.NewSaga();
  const auto started = world.test.Call(testing::kOrchestrator, orchestrator::kStartSagas, request);
  world.test.Step();  // it has arrived
  world.node->Stop(absl::ZeroDuration());
  world.test.Run();
  REQUIRE(started.answered());
  REQUIRE(world.Call(orchestrator::kStartSagas, request).status().code() ==
          absl::StatusCode::kUnavailable);
  REQUIRE(world.Call(orchestrator::kGetStats, {}).status().code() ==
          absl::StatusCode::kUnavailable);
  REQUIRE(world.Call(orchestrator::kGetSaga, ById<GetSagaRequest>(request.sagas(0).saga_id()))
              .status()
              .code() == absl::StatusCode::kUnavailable);
}

// A store that is a copy of another.
class CopiedStore final : public store::Store {
 public:
  explicit CopiedStore(std::unique_ptr<store::Store> original) : original_(std::move(original)) {
    identity_ = original_->identity();
    identity_.is_copy = true;
  }
  store::Lane& lane() override { return original_->lane(); }
  absl::Status Query(absl::FunctionRef<void(store::Snapshot&)> query) override {
    return original_->Query(query);
  }
  const store::Identity& identity() const override { return identity_; }
  absl::Status Adopt() override {
    adopted = true;
    return absl::OkStatus();
  }
  static inline bool adopted = false;

 private:
  const std::unique_ptr<store::Store> original_;
  store::Identity identity_;
};

// Where all stores are copies.
struct CopiedStores final : store::Stores {
  explicit CopiedStores(store::Stores& the_originals) : originals(the_originals) {}
  absl::StatusOr<std::unique_ptr<store::Store>> Open(const store::Schema& schema) override {
    auto original = originals.Open(schema);
    if (!original.ok()) return original.status();
    return std::make_unique<CopiedStore>(*std::move(original));
  }
  store::Stores& originals;
};

TEST_CASE("a copy of a store is refused before anybody is asked, unless an operator says why") {
  testing::OrchestratorWorld world;
  const seatsaga::World real = world.test.world(testing::kOrchestrator);
  CopiedStores copies(real.stores);
  const seatsaga::World copied{.clock = real.clock,
                               .executor = real.executor,
                               .wire = real.wire,
                               .stores = copies,
                               .make_worker = real.make_worker,
                               .random = real.random,
                               .stop = real.stop};
  CopiedStore::adopted = false;
  const auto refused = OrchestratorNode::Open(copied, world.options);
  REQUIRE(refused.status().code() == absl::StatusCode::kFailedPrecondition);
  REQUIRE_THAT(refused.status().ToString(), Catch::Contains("is a copy of store"));
  REQUIRE_THAT(refused.status().ToString(), Catch::Contains("--take-over"));
  REQUIRE_FALSE(CopiedStore::adopted);
  REQUIRE(world.test.calls().empty());
  world.options.take_over = "the machine is gone";
  const auto opened = OrchestratorNode::Open(copied, world.options);
  REQUIRE(opened.ok());
  REQUIRE(CopiedStore::adopted);
}

}  // namespace
}  // namespace seatsaga
