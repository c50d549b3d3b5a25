#include "orchestrator/service/requests.h"

#include <memory>
#include <utility>
#include <vector>

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
// A later time cannot be shown (RFC 3339), and an id shows when its saga was made.
const absl::Time kSagaTimeEnd = absl::FromUnixSeconds(253'402'300'800);

bool IsLive(SagaState state) {
  return state != SAGA_STATE_UNSPECIFIED && state != SAGA_STATE_COMPLETED &&
         state != SAGA_STATE_COMPENSATED;
}

engine::NewSaga ReadStart(const sagas::Registry& registry, SagaStart& start, FieldErrors& errors) {
  const auto id = CheckId("saga_id", start.saga_id(), errors);
  if (id && id->time() >= kSagaTimeEnd) {
    errors.Add("saga_id", "is of a time after the year 9999; make a UUID of version 7");
  }
  const sagas::SagaType* type = registry.Find(start.data());
  if (type == nullptr) {
    errors.Add("data", "required: the data of a saga that this release knows");
    return {};
  }
  auto data = std::make_shared<SagaData>(std::move(*start.mutable_data()));
  type->accept(*data, Cat("data.", type->name), errors);
  if (id && type->follows != nullptr && errors.empty() &&
      seatsaga::store::PartitionOf(*id) != seatsaga::store::PartitionOf(type->follows(*data))) {
    errors.Add("saga_id", "must have the same last byte as the saga that it follows");
  }
  return {id.value_or(Id()), type, std::move(data)};
}

constexpr size_t kStepNameMax = 64;

// `data` becomes what the signal adds.
void CheckAdds(const sagas::Registry& registry, sagas::SignalKind kind, SagaData& data,
               FieldErrors& errors) {
  const sagas::SagaType* type = registry.Find(data);
  if (type == nullptr) {
    return errors.Add("data", "required: with the field set that names the saga's kind");
  }
  type->accept_signal(kind, data, Cat("data.", type->name), errors);
}

void ReadResume(const sagas::Registry& registry, ResumeSaga& resume, engine::Signal& signal,
                FieldErrors& errors) {
  CheckText("step", resume.step(), kStepNameMax, errors);
  if (resume.round() < 1 || resume.round() > core::kVisitsMax) {
    errors.Add("round", Cat("must be 1 to ", core::kVisitsMax));
  }
  CheckAdds(registry, sagas::SignalKind::kResume, *resume.mutable_data(), errors);
  signal.step = std::move(*resume.mutable_step());
  signal.round = resume.round();
  signal.adds = std::move(*resume.mutable_data());
}

engine::Signal ReadSignal(const sagas::Registry& registry, SagaSignal& given, FieldErrors& errors) {
  engine::Signal signal;
  signal.saga_id = CheckId("saga_id", given.saga_id(), errors).value_or(Id());
  FieldErrors found;
  switch (given.signal_case()) {
    case SagaSignal::kResume:
      signal.type = core::EventType::kSignalled;
      ReadResume(registry, *given.mutable_resume(), signal, found);
      errors.AddBelow("resume", found);
      break;
    case SagaSignal::kExtendHold:
      signal.type = core::EventType::kHoldExtended;
      sagas::CheckHoldDuration("extend_hold.hold_duration", given.extend_hold().hold_duration(),
                               errors);
      signal.hold_duration = FromProto(given.extend_hold().hold_duration());
      break;
    case SagaSignal::kCancel:
      signal.type = core::EventType::kCancelRequested;
      CheckAdds(registry, sagas::SignalKind::kCancel, *given.mutable_cancel()->mutable_data(),
                found);
      errors.AddBelow("cancel", found);
      signal.adds = std::move(*given.mutable_cancel()->mutable_data());
      break;
    case SagaSignal::SIGNAL_NOT_SET:
      errors.Add("signal", "required: resume, extend_hold or cancel");
      break;
  }
  return signal;
}

std::string ListScope(const ListSagasRequest& request) {
  return Cat("ListSagas/", static_cast<int>(request.state()), "/", request.min_age().seconds(), ".",
             request.min_age().nanos(), "/", request.needs_attention() ? 1 : 0);
}

}  // namespace

absl::StatusOr<engine::EngineIo::In> ParseStart(const sagas::Registry& registry,
                                                StartSagasRequest& request) {
  FieldErrors errors;
  if (request.sagas().empty() || request.sagas_size() > kCommandsMax) {
    errors.Add("sagas", Cat("must hold 1 to ", kCommandsMax, " sagas"));
  }
  engine::StartSagas start;
  start.sagas.reserve(static_cast<size_t>(request.sagas_size()));
  for (int i = 0; i < request.sagas_size() && errors.empty(); ++i) {
    FieldErrors found;
    start.sagas.push_back(ReadStart(registry, *request.mutable_sagas(i), found));
    if (!found.empty()) errors.AddBelow(Cat("sagas[", i, "]"), found);
  }
  if (!errors.empty()) return errors.ToStatus();
  return start;
}

absl::StatusOr<engine::EngineIo::In> ParseSignals(const sagas::Registry& registry,
                                                  SubmitSignalsRequest& request) {
  FieldErrors errors;
  if (request.signals().empty() || request.signals_size() > kCommandsMax) {
    errors.Add("signals", Cat("must hold 1 to ", kCommandsMax, " signals"));
  }
  engine::SubmitSignals submitted;
  submitted.signals.reserve(static_cast<size_t>(request.signals_size()));
  for (int i = 0; i < request.signals_size() && errors.empty(); ++i) {
    FieldErrors found;
    submitted.signals.push_back(ReadSignal(registry, *request.mutable_signals(i), found));
    if (!found.empty()) errors.AddBelow(Cat("signals[", i, "]"), found);
  }
  if (!errors.empty()) return errors.ToStatus();
  return submitted;
}

absl::StatusOr<engine::EngineIo::In> ParseOperator(const std::string& saga_id,
                                                   engine::OperatorRequest::Kind kind) {
  const absl::StatusOr<Id> id = RequireId("saga_id", saga_id);
  if (!id.ok()) return id.status();
  return engine::OperatorRequest{*id, kind};
}

absl::StatusOr<Id> ParseGet(const GetSagaRequest& request) {
  return RequireId("saga_id", request.saga_id());
}

absl::StatusOr<GetSagaResponse> ReadSaga(const sagas::Registry& registry, store::Snapshot& snapshot,
                                         const Id& id) {
  const auto row = snapshot.Find(store::kSagas, id);
  if (!row.has_value()) return engine::NoSuchSaga(id);
  GetSagaResponse response;
  Saga& saga = *response.mutable_saga();
  saga = engine::ToProto(registry, *row);
  const auto decoded = engine::Decode(registry, *row);
  const absl::Status added = engine::AddHistory(store::FullHistory(snapshot, *row),
                                                decoded.ok() ? decoded->definition : nullptr, saga);
  // Shows as much as it can of a saga that needs attention anyway.
  if (!added.ok() && !saga.needs_attention()) return added;
  return response;
}

absl::StatusOr<ListQuery> ParseList(const ListSagasRequest& request, absl::Time now) {
  FieldErrors errors;
  ListQuery query;
  query.rows.limit = CheckPageSize(request.page_size(), kPageDefault, kPageMax, errors);
  query.needs_attention = request.needs_attention();
  query.rows.live = IsLive(request.state()) || request.needs_attention();
  if (!SagaState_IsValid(request.state())) errors.Add("state", "is not a SagaState");
  if (request.state() != SAGA_STATE_UNSPECIFIED) query.state = request.state();
  if (request.has_min_age()) {
    const absl::Duration min_age = FromProto(request.min_age());
    if (min_age < absl::ZeroDuration()) errors.Add("min_age", "must not be negative");
    query.rows.stored_before = now - min_age;
  }
  query.scope = ListScope(request);
  const std::string cursor = ReadPageToken(query.scope, request.page_token(), errors);
  if (!errors.empty()) return errors.ToStatus();
  if (!cursor.empty()) query.rows.before = Id::FromBytes(cursor).value_or(Id());
  return query;
}

absl::StatusOr<ListSagasResponse> ReadPage(const sagas::Registry& registry,
                                           store::Snapshot& snapshot, const ListQuery& query) {
  ListSagasResponse response;
  const auto next_before = store::ListSagas(snapshot, query.rows, [&](const store::SagaRow& row) {
    if (query.state.has_value() && row.view != *query.state) return false;
    Saga saga = engine::ToProto(registry, row);
    if (query.needs_attention && !saga.needs_attention()) return false;
    *response.add_sagas() = std::move(saga);
    return true;
  });
  if (next_before.has_value()) {
    response.set_next_page_token(MakePageToken(query.scope, next_before->bytes()));
  }
  return response;
}

}  // namespace seatsaga::service
