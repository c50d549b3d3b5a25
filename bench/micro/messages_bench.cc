// Messages between the services, per command of a batch: built, written, read, and checked.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <vector>

#include "bench/in_process/must.h"
#include "bench/in_process/orchestrator_server.h"
#include "bench/in_process/wire.h"
#include "bench/micro/sample_calls.h"
#include "common/errors.h"
#include "common/outcome.h"
#include "orchestrator/participants/request_builders.h"
#include "payment_svc/payment_requests.h"
#include "reservation_svc/reservation_replies.h"
#include "reservation_svc/reservation_requests.h"
#include "seat_svc/seat_requests.h"

namespace seatsaga::bench {
namespace {

using participants::CallRequest;
using participants::PaymentBatch;
using participants::ReservationBatch;
using participants::SeatBatch;

// The call that a happy reservation makes of each participant.
template <class Batch>
constexpr sagas::Call kCallOf = sagas::Call::kNone;
template <>
constexpr sagas::Call kCallOf<SeatBatch> = sagas::Call::kReserveSeats;
template <>
constexpr sagas::Call kCallOf<PaymentBatch> = sagas::Call::kChargePayment;
template <>
constexpr sagas::Call kCallOf<ReservationBatch> = sagas::Call::kConfirmReservation;

// How each participant checks what it was sent.
void Check(SeatBatch::Request& request) {
  FieldErrors errors;
  benchmark::DoNotOptimize(seat::ParseCommands(request, errors));
  Must(errors.ToStatus());
}
void Check(PaymentBatch::Request& request) {
  benchmark::DoNotOptimize(Must(payment::ParseBatch(request)));
}
void Check(const ReservationBatch::Request& request) {
  benchmark::DoNotOptimize(Must(reservation::ParseExecute(request)));
}

template <class Batch>
std::vector<CallRequest> CallsFor(const benchmark::State& bench) {
  SampleCalls samples;
  std::vector<CallRequest> calls;
  for (int64_t i = 0; i < bench.range(0); ++i) calls.push_back(samples.Next(kCallOf<Batch>));
  return calls;
}

template <class Batch>
typename Batch::Request RequestOf(const std::vector<CallRequest>& calls) {
  typename Batch::Request request;
  for (const CallRequest& call : calls) Batch::Add(call, kFencingToken, request);
  return request;
}

template <class Batch>
void BuildAndWrite(benchmark::State& bench) {
  const auto calls = CallsFor<Batch>(bench);
  while (bench.KeepRunning()) {
    benchmark::DoNotOptimize(RequestOf<Batch>(calls).SerializeAsString());
  }
  bench.SetItemsProcessed(bench.range(0) * bench.iterations());
}
BENCHMARK_TEMPLATE(BuildAndWrite, SeatBatch)->Arg(1)->Arg(32)->Arg(256);
BENCHMARK_TEMPLATE(BuildAndWrite, PaymentBatch)->Arg(1)->Arg(32)->Arg(256);
BENCHMARK_TEMPLATE(BuildAndWrite, ReservationBatch)->Arg(1)->Arg(32)->Arg(256);

template <class Batch>
void Read(benchmark::State& bench) {
  const std::string bytes = RequestOf<Batch>(CallsFor<Batch>(bench)).SerializeAsString();
  while (bench.KeepRunning()) {
    benchmark::DoNotOptimize(FromWire<typename Batch::Request>(bytes));
  }
  bench.SetItemsProcessed(bench.range(0) * bench.iterations());
  bench.SetBytesProcessed(static_cast<int64_t>(bytes.size()) * bench.iterations());
}
BENCHMARK_TEMPLATE(Read, SeatBatch)->Arg(1)->Arg(32)->Arg(256);
BENCHMARK_TEMPLATE(Read, PaymentBatch)->Arg(1)->Arg(32)->Arg(256);
BENCHMARK_TEMPLATE(Read, ReservationBatch)->Arg(1)->Arg(32)->Arg(256);

template <class Batch>
void ReadAndCheck(benchmark::State& bench) {
  const std::string bytes = RequestOf<Batch>(CallsFor<Batch>(bench)).SerializeAsString();
  while (bench.KeepRunning()) {
    auto request = FromWire<typename Batch::Request>(bytes);
    Check(request);
  }
  bench.SetItemsProcessed(bench.range(0) * bench.iterations());
}
BENCHMARK_TEMPLATE(ReadAndCheck, SeatBatch)->Arg(1)->Arg(32)->Arg(256);
BENCHMARK_TEMPLATE(ReadAndCheck, PaymentBatch)->Arg(1)->Arg(32)->Arg(256);
BENCHMARK_TEMPLATE(ReadAndCheck, ReservationBatch)->Arg(1)->Arg(32)->Arg(256);

// What a participant answers to a batch, and what the orchestrator reads of it.
void WriteAndReadResults(benchmark::State& bench) {
  const std::vector<CommandResult> results(static_cast<size_t>(bench.range(0)),
                                           Succeeded(Halls::kPriceMinor, Halls::kCurrency));
  while (bench.KeepRunning()) {
    const std::string bytes = reservation::ToProto(results).SerializeAsString();
    benchmark::DoNotOptimize(FromWire<ReservationBatch::Response>(bytes));
  }
  bench.SetItemsProcessed(bench.range(0) * bench.iterations());
}
BENCHMARK(WriteAndReadResults)->Arg(1)->Arg(32)->Arg(256);

// A client's request, as far as the queue: its token is sealed on the way.
void ReadAndCheckCreation(benchmark::State& bench) {
  SampleCalls samples;
  const CallRequest call = samples.Next(sagas::Call::kReserveSeats);
  const std::string bytes = CreationOf(call).SerializeAsString();
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  while (bench.KeepRunning()) {
    const auto request = FromWire<reservation::v1::CreateReservationRequest>(bytes);
    benchmark::DoNotOptimize(Must(reservation::ParseCreate(request, call.saga_id, samples.sealer(),
                                                           now, now + absl::Seconds(15))));
  }
  bench.SetItemsProcessed(bench.iterations());
}
BENCHMARK(ReadAndCheckCreation);

// The answer to that client.
void WriteReservation(benchmark::State& bench) {
  SampleCalls samples;
  const CallRequest call = samples.Next(sagas::Call::kConfirmReservation);
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  const reservation::Reservation reservation{
      .id = call.saga_id,
      .request_id = call.saga_id,
      .user_id = call.facts->user_id,
      .event_id = call.facts->event_id,
      .seats = call.facts->seat_ids.front(),
      .state = reservation::State::kConfirmed,
      .price = {.amount_minor = Halls::kPriceMinor, .currency = Halls::kCurrency},
      .create_time = now,
      .update_time = now};
  while (bench.KeepRunning()) {
    benchmark::DoNotOptimize(reservation::ToProto(reservation).SerializeAsString());
  }
  bench.SetItemsProcessed(bench.iterations());
}
BENCHMARK(WriteReservation);

}  // namespace
}  // namespace seatsaga::bench
