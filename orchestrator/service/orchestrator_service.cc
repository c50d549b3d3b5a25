#include "orchestrator/service/orchestrator_service.h"

#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "common/errors.h"
#include "common/page_token.h"
#include "common/text.h"
#include "common/time_proto.h"
#include "common/validation.h"
#include "orchestrator/engine/saga_view.h"

namespace seatsaga::service {
namespace {

using namespace orchestrator::v1;  // the API's words

constexpr int kPageDefault = 50;
constexpr int kPageMax = 1000;
constexpr size_t kSealedTokenMax = 1024;

bool IsLive(SagaState state) {
  return state != SAGA_STATE_UNSPECIFIED && state != SAGA_STATE_COMPLETED &&
         state != SAGA_STATE_COMPENSATED;
}

void ReadStart(const std::string& path, SagaStart& start, FieldErrors& errors,
               std::vector<engine::NewSaga>& sagas) {
  const auto id = CheckId(path + ".saga_id", start.saga_id(), errors);
  CheckText(path + ".user_id", start.user_id(), kUserIdMax, errors);
  CheckEventId(path + ".event_id", start.event_id(), errors);
  CheckSeatIds(path + ".seat_ids", start.seat_ids(), errors);
  const std::string& token = start.sealed_payment_token();
  if (token.empty() || token.size() > kSealedTokenMax) {
    errors.Add(path + ".sealed_payment_token", "required, at most 1024 bytes");
  }
  if (!errors.empty()) return;
  sagas.push_back({*id,
                   {.user_id = std::move(*start.mutable_user_id()),
                    .event_id = std::move(*start.mutable_event_id()),
                    .seat_ids = {start.seat_ids().begin(), start.seat_ids().end()},
                    .sealed_payment_token = std::move(*start.mutable_sealed_payment_token())}});
}

absl::Status NoSuchSaga(const Id& id) {
  return MakeError(absl::StatusCode::kNotFound, "SAGA_NOT_FOUND",
                   Cat("there is no saga ", id.ToString(), "; see `sagactl list`"));
}

// Everything that a page token is bound to.
std::string ListScope(const ListSagasRequest& request) {
  return Cat("ListSagas/", static_cast<int>(request.state()), "/", request.min_age().seconds(), ".",
             request.min_age().nanos(), "/", request.needs_attention() ? 1 : 0);
}

absl::StatusOr<ListSagasResponse> ReadPage(store::SagaReader& reader,
                                           const store::SagaListQuery& query,
                                           const std::string& scope) {
  const store::SagaPage page = reader.List(query);
  ListSagasResponse response;
  for (const store::SagaRow& row : page.rows) {
    absl::StatusOr<Saga> saga = engine::ToProto(row);
    if (!saga.ok()) return saga.status();
    *response.add_sagas() = *std::move(saga);
  }
  if (page.next_before.has_value()) {
    response.set_next_page_token(MakePageToken(scope, page.next_before->bytes()));
  }
  return response;
}

}  // namespace

void OrchestratorService::Register(RpcServer& server) {
  const auto method = [](std::string_view name) {
    return Cat("seatsaga.orchestrator.v1.OrchestratorService/", name);
  };
  server.Handle<StartSagasRequest, StartSagasResponse>(
      method("StartSagas"),
      [this](auto& request, auto reply, absl::Time) { StartSagas(request, std::move(reply)); });
  server.Handle<GetSagaRequest, GetSagaResponse>(
      method("GetSaga"),
      [this](auto& request, auto reply, absl::Time) { GetSaga(request, std::move(reply)); });
  server.Handle<ListSagasRequest, ListSagasResponse>(
      method("ListSagas"),
      [this](auto& request, auto reply, absl::Time) { ListSagas(request, std::move(reply)); });
  server.Handle<RetrySagaRequest, RetrySagaResponse>(
      method("RetrySaga"), [this](auto& request, auto reply, absl::Time) {
        Operate(request.saga_id(), engine::OperatorRequest::Kind::kRetry, std::move(reply));
      });
  server.Handle<CompensateSagaRequest, CompensateSagaResponse>(
      method("CompensateSaga"), [this](auto& request, auto reply, absl::Time) {
        Operate(request.saga_id(), engine::OperatorRequest::Kind::kCompensate, std::move(reply));
      });
  server.Handle<GetStatsRequest, GetStatsResponse>(
      method("GetStats"), [this](auto&, auto reply, absl::Time) { GetStats(std::move(reply)); });
}

void OrchestratorService::StartSagas(StartSagasRequest& request, Reply<StartSagasResponse> reply) {
  FieldErrors errors;
  if (request.sagas().empty() || request.sagas_size() > kCommandsMax) {
    errors.Add("sagas", Cat("must hold 1 to ", kCommandsMax, " sagas"));
  }
  std::vector<engine::NewSaga> sagas;
  for (int i = 0; i < request.sagas_size() && errors.empty(); ++i) {
    ReadStart(Cat("sagas[", i, "]"), *request.mutable_sagas(i), errors, sagas);
  }
  if (!errors.empty()) return reply.Send(errors.ToStatus());
  engine::Input input = engine::StartSagas{std::move(sagas), std::move(reply)};
  if (!loop_.TryPush(std::move(input))) {
    std::get<engine::StartSagas>(input).reply.Send(loop_.Refusal());
  }
}

void OrchestratorService::GetSaga(GetSagaRequest& request, Reply<GetSagaResponse> reply) {
  FieldErrors errors;
  const auto id = CheckId("saga_id", request.saga_id(), errors);
  if (!errors.empty()) return reply.Send(errors.ToStatus());
  lane_.Answer(std::move(reply), [this, id = *id]() -> absl::StatusOr<GetSagaResponse> {
    const auto row = reader_.Find(id);
    if (!row.has_value()) return NoSuchSaga(id);
    absl::StatusOr<Saga> saga = engine::ToProto(*row);
    if (!saga.ok()) return saga.status();
    if (auto added = engine::AddHistory(reader_.FullHistory(*row), *saga); !added.ok())
      return added;
    GetSagaResponse response;
    *response.mutable_saga() = *std::move(saga);
    return response;
  });
}

void OrchestratorService::ListSagas(ListSagasRequest& request, Reply<ListSagasResponse> reply) {
  FieldErrors errors;
  store::SagaListQuery query;
  query.limit = CheckPageSize(request.page_size(), kPageDefault, kPageMax, errors);
  query.attention = request.needs_attention();
  query.live = IsLive(request.state()) || request.needs_attention();
  if (!SagaState_IsValid(request.state())) errors.Add("state", "is not a SagaState");
  if (request.state() != SAGA_STATE_UNSPECIFIED) query.view = request.state();
  if (request.has_min_age()) {
    const absl::Duration min_age = FromProto(request.min_age());
    if (min_age < absl::ZeroDuration()) errors.Add("min_age", "must not be negative");
    query.stored_before = absl::Now() - min_age;
  }
  const std::string scope = ListScope(request);
  const std::string cursor = ReadPageToken(scope, request.page_token(), errors);
  if (!errors.empty()) return reply.Send(errors.ToStatus());
  if (!cursor.empty()) query.before = Id::FromBytes(cursor).value_or(Id());
  lane_.Answer(std::move(reply), [this, query, scope] { return ReadPage(reader_, query, scope); });
}

template <class Response>
void OrchestratorService::Operate(const std::string& saga_id, engine::OperatorRequest::Kind kind,
                                  Reply<Response> reply) {
  FieldErrors errors;
  const auto id = CheckId("saga_id", saga_id, errors);
  if (!errors.empty()) return reply.Send(errors.ToStatus());
  engine::OperatorRequest request{
      *id, kind, Reply<Saga>([reply = std::move(reply)](absl::StatusOr<Saga> saga) mutable {
        if (!saga.ok()) return reply.Send(saga.status());
        Response response;
        *response.mutable_saga() = *std::move(saga);
        reply.Send(std::move(response));
      })};
  engine::Input input = std::move(request);
  if (!loop_.TryPush(std::move(input))) {
    std::get<engine::OperatorRequest>(input).reply.Send(loop_.Refusal());
  }
}

void OrchestratorService::GetStats(Reply<GetStatsResponse> reply) {
  engine::Input input = engine::StatsRequest{std::move(reply)};
  if (!loop_.TryPush(std::move(input))) {
    std::get<engine::StatsRequest>(input).reply.Send(loop_.Refusal());
  }
}

}  // namespace seatsaga::service
