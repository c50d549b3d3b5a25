#pragma once

#include "common/batch_loop.h"
#include "common/read_lane.h"
#include "common/rpc/server.h"
#include "orchestrator/engine/engine.h"
#include "orchestrator/store/saga_store.h"
#include "seatsaga/orchestrator/v1/orchestrator.pb.h"

namespace seatsaga::service {

// seatsaga.orchestrator.v1.OrchestratorService: checks requests and hands them to the engine's loop
// or to the read lane. Handlers run on the I/O thread.
class OrchestratorService {
 public:
  // All must outlive the server's calls. `reader` is used on the lane only.
  OrchestratorService(BatchLoop<engine::Input>& loop, ReadLane& lane, store::SagaReader& reader)
      : loop_(loop), lane_(lane), reader_(reader) {}

  void Register(RpcServer& server);

 private:
  void StartSagas(orchestrator::v1::StartSagasRequest& request,
                  Reply<orchestrator::v1::StartSagasResponse> reply);
  void GetSaga(orchestrator::v1::GetSagaRequest& request,
               Reply<orchestrator::v1::GetSagaResponse> reply);
  void ListSagas(orchestrator::v1::ListSagasRequest& request,
                 Reply<orchestrator::v1::ListSagasResponse> reply);
  void GetStats(Reply<orchestrator::v1::GetStatsResponse> reply);
  // RetrySaga and CompensateSaga.
  template <class Response>
  void Operate(const std::string& saga_id, engine::OperatorRequest::Kind kind,
               Reply<Response> reply);

  BatchLoop<engine::Input>& loop_;
  ReadLane& lane_;
  store::SagaReader& reader_;
};

}  // namespace seatsaga::service
