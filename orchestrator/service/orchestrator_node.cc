#include "orchestrator/service/orchestrator_node.h"

#include <cstring>
#include <utility>

#include "api/orchestrator.h"
#include "common/log.h"
#include "common/text.h"
#include "orchestrator/engine/saga_view.h"
#include "orchestrator/sagas/saga_types.h"
#include "orchestrator/service/requests.h"
#include "orchestrator/store/saga_reader.h"

namespace seatsaga {
namespace {

using namespace orchestrator::v1;  // the API's words

Id NewHolder(const World& world) {
  std::string bytes(Id::kSize, '\0');
  for (size_t i = 0; i < Id::kSize; i += sizeof(uint64_t)) {
    const uint64_t random = world.random();
    std::memcpy(&bytes[i], &random, sizeof random);
  }
  return *Id::FromBytes(bytes);
}

absl::Status CheckIdentity(store::Store& store, const OrchestratorOptions& options) {
  if (!store.identity().is_copy) return absl::OkStatus();
  if (options.take_over.empty()) {
    return absl::FailedPreconditionError(Cat(
        "this is a copy of store ", store.identity().store_id.ToString(),
        ", not the file that was last opened; start on that file or, if this copy is the newest "
        "data, start with --take-over REASON"));
  }
  return store.Adopt();
}

// The newest token that was claimed with this data.
absl::StatusOr<participant::Token> LastClaimed(store::Store& store) {
  store::PartitionRow last;
  const absl::Status read =
      store.Query([&](store::Snapshot& snapshot) { last = store::LastClaimed(snapshot); });
  if (!read.ok()) return read;
  return participant::Token{last.epoch, last.holder};
}

// The part of the answer that both of an operator's requests share.
template <class Response>
Response WithSaga(engine::EngineIo::Out&& out) {
  Response response;
  *response.mutable_saga() = std::get<Saga>(std::move(out));
  return response;
}

}  // namespace

absl::StatusOr<std::unique_ptr<OrchestratorNode>> OrchestratorNode::Open(
    const World& world, const OrchestratorOptions& options,
    std::span<const sagas::SagaType* const> types) {
  auto registry = sagas::Registry::Make(types, options.newest_versions);
  if (!registry.ok()) return registry.status();
  auto store = world.stores.Open(store::kOrchestratorSchema);
  if (!store.ok()) return store.status();
  if (absl::Status good = CheckIdentity(**store, options); !good.ok()) return good;
  const auto known = LastClaimed(**store);
  if (!known.ok()) return known.status();
  participants::Claimant claimant{.holder = NewHolder(world),
                                  .store = (*store)->identity(),
                                  .known = *known,
                                  .take_over = !options.take_over.empty()};
  return std::unique_ptr<OrchestratorNode>(
      new OrchestratorNode(world, *std::move(store), options, *std::move(registry), claimant));
}

absl::StatusOr<std::unique_ptr<OrchestratorNode>> OrchestratorNode::Open(
    const World& world, const OrchestratorOptions& options) {
  return Open(world, options, sagas::kSagaTypes);
}

OrchestratorNode::OrchestratorNode(const World& world, std::unique_ptr<store::Store> store,
                                   const OrchestratorOptions& options, sagas::Registry known,
                                   participants::Claimant claimant)
    : OrchestratorParts(std::move(known), {.limits = options.limits,
                                           .live_max = options.live_max,
                                           .events_kept = options.events_kept,
                                           .holder = claimant.holder,
                                           .start_time = world.clock.Wall(),
                                           .take_over = options.take_over}),
      Node(
          world, std::move(store), engine,
          [this](std::vector<participants::CallRequest> calls) {
            participants_.Send(std::move(calls));
          },
          options.loop),
      participants_(world, options.targets, claimant, HooksOf()),
      watches_(registry, store_->identity().store_id, queries_,
               [this](bool watched, Reply<bool>& stored) { return TellEngine(watched, stored); }) {
  ServeSagas();
  ServeQueries();
  ServeEvents();
}

participants::Participants::Hooks OrchestratorNode::HooksOf() {
  return {
      .results =
          [this](std::vector<participants::CallResult> results, bool urgent) {
            engine::CallsEnded ended{std::move(results)};
            urgent ? loop_.Push(std::move(ended)) : loop_.PushDeferred(std::move(ended));
          },
      .claim_epoch = [this](uint64_t above,
                            auto claimed) { ClaimEpoch(above, std::move(claimed)); },
      .commanding = [this](bool now) { loop_.Push(engine::Commanding{now}); },
      .stop =
          [this](absl::Status why) {
            log::Error("orchestrator_stops", {}, View(why.message()));
            stop_reason_ = std::move(why);
            world_.stop();
          },
  };
}

void OrchestratorNode::ClaimEpoch(uint64_t above, participants::Participants::Claimed claimed) {
  Reply<engine::EngineIo::Out> reply(
      [claimed = std::move(claimed)](absl::StatusOr<engine::EngineIo::Out> out) {
        if (!out.ok()) return claimed(out.status());
        claimed(std::get<engine::Epoch>(*out).epoch);
      });
  if (loop_.TryPush(engine::ClaimEpoch{above}, std::move(reply))) return;
  reply.Send(loop_.Refusal());  // NOLINT(bugprone-use-after-move): refused, so untouched
}

void OrchestratorNode::ServeSagas() {
  using engine::OperatorRequest;
  ServeInput(
      orchestrator::kStartSagas,
      [this](StartSagasRequest& request) { return service::ParseStart(registry, request); },
      [](Out&& out) { return std::get<StartSagasResponse>(std::move(out)); });
  ServeInput(
      orchestrator::kSubmitSignals,
      [this](SubmitSignalsRequest& request) { return service::ParseSignals(registry, request); },
      [](Out&& out) { return std::get<SubmitSignalsResponse>(std::move(out)); });
  ServeInput(
      orchestrator::kRetrySaga,
      [](RetrySagaRequest& request) {
        return service::ParseOperator(request.saga_id(), OperatorRequest::Kind::kRetry);
      },
      WithSaga<RetrySagaResponse>);
  ServeInput(
      orchestrator::kCompensateSaga,
      [](CompensateSagaRequest& request) {
        return service::ParseOperator(request.saga_id(), OperatorRequest::Kind::kCompensate);
      },
      WithSaga<CompensateSagaResponse>);
  ServeInput(
      orchestrator::kGetStats,
      [](GetStatsRequest&) -> absl::StatusOr<In> { return engine::StatsRequest{}; },
      [](Out&& out) { return std::get<GetStatsResponse>(std::move(out)); });
}

void OrchestratorNode::ServeQueries() {
  ServeQuery(orchestrator::kGetSaga, service::ParseGet,
             [this](store::Snapshot& snapshot, const Id& id) {
               return service::ReadSaga(registry, snapshot, id);
             });
  ServeQuery(
      orchestrator::kListSagas,
      [this](ListSagasRequest& request) {
        return service::ParseList(request, world_.clock.Wall());
      },
      [this](store::Snapshot& snapshot, const service::ListQuery& query) {
        return service::ReadPage(registry, snapshot, query);
      });
}

bool OrchestratorNode::TellEngine(bool watched, Reply<bool>& stored) {
  if (!stored.pending()) return loop_.Push(engine::WatchEvents{watched});
  auto waiting = std::make_shared<Reply<bool>>(std::move(stored));
  Reply<engine::EngineIo::Out> reply([waiting](absl::StatusOr<engine::EngineIo::Out> out) {
    if (!out.ok()) return waiting->Send(out.status());
    waiting->Send(true);
  });
  if (loop_.TryPush(engine::WatchEvents{watched}, std::move(reply))) return true;
  stored = std::move(*waiting);
  return false;
}

void OrchestratorNode::ServeEvents() {
  world_.wire.Serve(orchestrator::kWatchEvents,
                    [this](const WatchEventsRequest& request, const CallContext&,
                           service::EventWatches::Stream stream) {
                      auto query = service::ParseWatchEvents(store_->identity().store_id, request);
                      if (!query.ok()) return stream.Finish(query.status());
                      watches_.Open(*std::move(query), std::move(stream));
                    });
}

}  // namespace seatsaga
