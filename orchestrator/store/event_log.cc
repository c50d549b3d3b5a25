#include "orchestrator/store/event_log.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>

#include "common/id.h"

namespace seatsaga::store {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedOutputStream;
using orchestrator::store::StoredEventBatch;
using orchestrator::store::StoredEvents;

// --- By hand, because every transition of every saga comes through here.

constexpr size_t kVarintMax = 10;
// Tags of one byte, two short lengths, the id, three numbers, and the types.
constexpr size_t kEventsMax = 7 + 2 + Id::kSize + 3 * kVarintMax + 8;

constexpr uint8_t VarintTag(int field) {
  return static_cast<uint8_t>(WireFormatLite::MakeTag(field, WireFormatLite::WIRETYPE_VARINT));
}
constexpr uint8_t BytesTag(int field) {
  return static_cast<uint8_t>(
      WireFormatLite::MakeTag(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED));
}

uint8_t* WriteNumber(int field, int64_t number, uint8_t* to) {
  *to++ = VarintTag(field);
  return CodedOutputStream::WriteVarint64ToArray(static_cast<uint64_t>(number), to);
}

absl::Status Damaged() {
  return absl::DataLossError("a stored batch of events cannot be read; restore a backup");
}

EventBatchKey KeyOf(const RowView& view) {
  return {kEventBatches.Column<&EventBatchRow::epoch>(view),
          kEventBatches.Column<&EventBatchRow::number>(view)};
}

}  // namespace

void AppendEvents(const Id& saga_id, int64_t history_sequence, const ToldEvents& told,
                  std::string& batch) {
  std::array<uint8_t, kEventsMax> buffer{};
  uint8_t* const body = buffer.data() + 2;
  uint8_t* to = body;
  *to++ = BytesTag(StoredEvents::kSagaIdFieldNumber);
  *to++ = static_cast<uint8_t>(Id::kSize);
  to = std::copy(saga_id.bytes().begin(), saga_id.bytes().end(), to);
  to = WriteNumber(StoredEvents::kHistorySequenceFieldNumber, history_sequence, to);
  to = WriteNumber(StoredEvents::kFirstSequenceFieldNumber, told.first_sequence, to);
  *to++ = BytesTag(StoredEvents::kTypesFieldNumber);
  *to++ = static_cast<uint8_t>(told.types.size());
  for (const core::DomainEventId one : told.types) *to++ = one.number();
  if (told.hold_expiry != absl::InfiniteFuture()) {
    to = WriteNumber(StoredEvents::kHoldExpiryUsFieldNumber, absl::ToUnixMicros(told.hold_expiry),
                     to);
  }
  buffer[0] = BytesTag(StoredEventBatch::kEventsFieldNumber);
  buffer[1] = static_cast<uint8_t>(to - body);  // below 128: one byte
  batch.append(reinterpret_cast<const char*>(buffer.data()),
               static_cast<size_t>(to - buffer.data()));
}

void AppendPositions(const EventPositions& positions, std::string& batch) {
  StoredEventBatch stored;
  stored.mutable_positions()->Add(positions.begin(), positions.end());
  stored.AppendToString(&batch);
}

absl::StatusOr<StoredEventBatch> DecodeEvents(std::string_view batch) {
  StoredEventBatch stored;
  if (!stored.ParseFromArray(batch.data(), static_cast<int>(batch.size()))) return Damaged();
  for (const StoredEvents& events : stored.events()) {
    if (!Id::FromBytes(events.saga_id()).ok()) return Damaged();
  }
  return stored;
}

absl::StatusOr<EventPositions> PositionsIn(const StoredEventBatch& batch) {
  EventPositions positions{};
  if (batch.positions().empty()) return positions;
  if (batch.positions_size() != kPartitions) return Damaged();
  std::copy(batch.positions().begin(), batch.positions().end(), positions.begin());
  return positions;
}

absl::StatusOr<ErasedEvents> DecodeErased(const ErasedEventsRow& row) {
  const auto stored = DecodeEvents(row.positions);
  if (!stored.ok()) return stored.status();
  const auto positions = PositionsIn(*stored);
  if (!positions.ok()) return positions.status();
  return ErasedEvents{{row.epoch, row.number}, *positions};
}

ErasedEventsRow EncodeErased(const ErasedEvents& erased) {
  ErasedEventsRow row{.epoch = erased.last.epoch, .number = erased.last.number, .positions = ""};
  AppendPositions(erased.positions, row.positions);
  return row;
}

absl::StatusOr<ErasedEvents> ReadErased(Snapshot& snapshot) {
  const auto row = snapshot.Find(kErasedEvents, ErasedEventsRow::kOnly);
  if (!row.has_value()) return ErasedEvents{};
  return DecodeErased(*row);
}

// From the last batch back to the one that holds all positions, or to what was erased.
absl::StatusOr<EventsEnd> ReadEventsEnd(Snapshot& snapshot) {
  const absl::StatusOr<ErasedEvents> erased = ReadErased(snapshot);
  if (!erased.ok()) return erased.status();
  EventsEnd end{.last = erased->last};
  absl::Status damage;
  EventPositions before = erased->positions;
  bool is_last = true;
  snapshot.Visit({.table = &kEventBatches.info(), .descending = true}, [&](const RowView& view) {
    if (std::exchange(is_last, false)) {
      end.last = KeyOf(view);
      end.last_time = kEventBatches.Column<&EventBatchRow::time>(view);
    }
    const auto batch = DecodeEvents(kEventBatches.Bytes<&EventBatchRow::events>(view));
    const auto positions = batch.ok() ? PositionsIn(*batch) : batch.status();
    if (!positions.ok()) {
      damage = positions.status();
      return false;
    }
    for (const StoredEvents& events : batch->events()) {
      int64_t& position =
          end.positions[static_cast<size_t>(PartitionOf(*Id::FromBytes(events.saga_id())))];
      position = std::max(
          position, events.first_sequence() - 1 + static_cast<int64_t>(events.types().size()));
    }
    if (batch->positions().empty()) return true;
    before = *positions;
    return false;
  });
  if (!damage.ok()) return damage;
  for (size_t i = 0; i < before.size(); ++i) {
    end.positions[i] = std::max(end.positions[i], before[i]);
  }
  return end;
}

void VisitEvents(Snapshot& snapshot, const EventBatchKey& after,
                 absl::FunctionRef<bool(const RowView&)> visit) {
  bool more = true;
  const auto pass_on = [&](const RowView& view) { return more = visit(view); };
  snapshot.Visit({.table = &kEventBatches.info(),
                  .prefix = {ValueOf(after.epoch)},
                  .beyond = ValueOf(after.number)},
                 pass_on);
  if (!more) return;
  snapshot.Visit({.table = &kEventBatches.info(), .beyond = ValueOf(after.epoch)}, pass_on);
}

std::vector<EpochSpan> ReadEpochSpans(Snapshot& snapshot) {
  std::vector<EpochSpan> spans;
  Scan scan{.table = &kEventBatches.info(), .limit = 1};
  while (const auto first = snapshot.First(kEventBatches, scan)) {
    spans.push_back({first->epoch, first->number});
    scan.beyond = ValueOf(spans.back().epoch);
  }
  return spans;
}

}  // namespace seatsaga::store
