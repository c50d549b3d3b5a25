#include "orchestrator/store/record_codec.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace seatsaga::store {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedOutputStream;
using orchestrator::store::StoredEvent;
using orchestrator::store::StoredHistory;
using orchestrator::store::StoredState;

constexpr size_t kHeadMax = 10;  // bytes of a tag and a length
constexpr int kBitsPerType = 8;

// A type as it is stored, whatever the definitions call it.
enum class StoredDomainEvent : uint8_t {};

template <class Message>
absl::StatusOr<Message> Parse(std::string_view bytes) {
  Message message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::DataLossError("a stored saga cannot be read");
  }
  return message;
}

// A history is a StoredHistory, and so grows by a field of it.
void AppendEvent(const StoredEvent& event, std::string& bytes) {
  constexpr uint32_t kTag = WireFormatLite::MakeTag(StoredHistory::kEventsFieldNumber,
                                                    WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
  std::array<uint8_t, kHeadMax> head{};
  const size_t size = event.ByteSizeLong();
  uint8_t* end = CodedOutputStream::WriteTagToArray(kTag, head.data());
  end = CodedOutputStream::WriteVarint32ToArray(static_cast<uint32_t>(size), end);
  bytes.append(reinterpret_cast<const char*>(head.data()), static_cast<size_t>(end - head.data()));
  const size_t begin = bytes.size();
  bytes.resize(begin + size);
  event.SerializeWithCachedSizesToArray(reinterpret_cast<uint8_t*>(bytes.data() + begin));
}

void EncodeHold(const core::Hold& hold, StoredState& stored) {
  stored.set_hold_mode(true);
  stored.set_hold_expiry_us(absl::ToUnixMicros(hold.expiry));
  stored.set_hold_length_us(absl::ToInt64Microseconds(hold.length));
  stored.set_signalled(hold.signalled);
  stored.set_setback_reason(hold.setback_reason);
  stored.set_setback_message(hold.setback_message);
}

core::Hold DecodeHold(const StoredState& stored) {
  return {.expiry = absl::FromUnixMicros(stored.hold_expiry_us()),
          .length = absl::Microseconds(stored.hold_length_us()),
          .signalled = stored.signalled(),
          .setback_reason = stored.setback_reason(),
          .setback_message = stored.setback_message()};
}

void EncodeTold(const ToldEvents& told, StoredEvent& stored) {
  stored.set_first_told(told.first_sequence);
  uint32_t types = 0;
  int shift = 0;
  for (const core::DomainEventId one : told.types) {
    types |= uint32_t{one.number()} << shift;
    shift += kBitsPerType;
  }
  stored.set_told(types);
  if (told.hold_expiry != absl::InfiniteFuture()) {
    stored.set_told_expiry_us(absl::ToUnixMicros(told.hold_expiry));
  }
}

}  // namespace

ToldEvents ToldBy(const StoredEvent& stored) {
  ToldEvents told{.first_sequence = stored.first_told()};
  told.types.Add(StoredDomainEvent{static_cast<uint8_t>(stored.told())});
  told.types.Add(StoredDomainEvent{static_cast<uint8_t>(stored.told() >> kBitsPerType)});
  if (stored.told_expiry_us() != 0) {
    told.hold_expiry = absl::FromUnixMicros(stored.told_expiry_us());
  }
  return told;
}

// An empty text is the default, and setting it would take memory.
std::string EncodeState(const core::State& state) {
  thread_local StoredState stored;  // keeps its memory
  stored.Clear();
  stored.set_definition_version(state.definition_version);
  stored.set_sequence(state.sequence);
  stored.set_phase(static_cast<int>(state.phase));
  stored.set_step(state.step);
  stored.set_call_kind(static_cast<int>(state.call.kind));
  stored.set_under_way(state.call.under_way);
  stored.set_attempt(state.call.attempt);
  stored.set_unknown_count(state.call.unknown_count);
  stored.set_in_doubt(state.call.in_doubt);
  if (state.call.started != absl::InfinitePast()) {
    stored.set_started_us(absl::ToUnixMicros(state.call.started));
  }
  if (state.due != absl::InfiniteFuture()) stored.set_due_us(absl::ToUnixMicros(state.due));
  stored.set_parked_kind(static_cast<int>(state.parked.kind));
  if (state.parked.since != absl::InfinitePast()) {
    stored.set_parked_since_us(absl::ToUnixMicros(state.parked.since));
  }
  if (!state.parked.reason.empty()) stored.set_parked_reason(state.parked.reason);
  if (!state.parked.message.empty()) stored.set_parked_message(state.parked.message);
  stored.set_cancel_requested(state.cancel_requested);
  if (!state.reason.empty()) stored.set_reason(state.reason);
  if (!state.message.empty()) stored.set_message(state.message);
  if (state.hold.has_value()) EncodeHold(*state.hold, stored);
  size_t visited = state.visits.size();
  while (visited > 0 && state.visits[visited - 1] == 0) --visited;
  stored.mutable_visits()->Add(state.visits.begin(),
                               state.visits.begin() + static_cast<ptrdiff_t>(visited));
  return stored.SerializeAsString();
}

absl::StatusOr<core::State> DecodeState(std::string_view bytes) {
  const absl::StatusOr<StoredState> stored = Parse<StoredState>(bytes);
  if (!stored.ok()) return stored.status();
  core::State state;
  state.definition_version = stored->definition_version();
  state.sequence = stored->sequence();
  state.phase = static_cast<core::Phase>(stored->phase());
  state.step = stored->step();
  state.call.kind = static_cast<core::CallKind>(stored->call_kind());
  state.call.under_way = stored->under_way();
  state.call.attempt = stored->attempt();
  state.call.unknown_count = stored->unknown_count();
  state.call.in_doubt = stored->in_doubt();
  if (stored->has_started_us()) state.call.started = absl::FromUnixMicros(stored->started_us());
  if (stored->has_due_us()) state.due = absl::FromUnixMicros(stored->due_us());
  state.parked.kind = static_cast<core::ParkedKind>(stored->parked_kind());
  if (stored->has_parked_since_us()) {
    state.parked.since = absl::FromUnixMicros(stored->parked_since_us());
  }
  state.parked.reason = stored->parked_reason();
  state.parked.message = stored->parked_message();
  state.cancel_requested = stored->cancel_requested();
  state.reason = stored->reason();
  state.message = stored->message();
  if (stored->hold_mode()) state.hold = DecodeHold(*stored);
  if (stored->visits_size() > static_cast<int>(state.visits.size())) {
    return absl::DataLossError("a stored saga has more steps than there can be");
  }
  for (int i = 0; i < stored->visits_size(); ++i) {
    state.visits[static_cast<size_t>(i)] = static_cast<uint8_t>(stored->visits(i));
  }
  return state;
}

void AppendHistory(const core::Event& event, absl::Duration duration, int state_after,
                   const saga::v1::ActionResult* result, const ToldEvents& told,
                   std::string& bytes) {
  thread_local StoredEvent stored;  // keeps its memory
  stored.Clear();
  stored.set_type(static_cast<int>(event.type));
  stored.set_now_us(absl::ToUnixMicros(event.now));
  stored.set_jitter(static_cast<uint32_t>(std::llround(event.jitter / kJitterUnit)));
  stored.set_step(event.step);
  stored.set_direction(static_cast<int>(event.direction));
  if (event.round != 1) stored.set_round(event.round);
  stored.set_attempt(event.attempt);
  stored.set_outcome(static_cast<int>(event.outcome));
  if (!event.reason.empty()) stored.set_reason(event.reason);
  if (!event.message.empty()) stored.set_message(event.message);
  stored.set_hold_mode(event.hold_mode);
  if (event.hold_expiry != absl::InfiniteFuture()) {
    stored.set_hold_expiry_us(absl::ToUnixMicros(event.hold_expiry));
  }
  stored.set_duration_us(absl::ToInt64Microseconds(duration));
  stored.set_state_after(state_after);
  if (!told.types.empty()) EncodeTold(told, stored);
  // Lent for as long as it takes to write it, which saves a copy of its texts.
  if (result != nullptr) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
    stored.unsafe_arena_set_allocated_result(const_cast<saga::v1::ActionResult*>(result));
  }
  AppendEvent(stored, bytes);
  if (result != nullptr) (void)stored.unsafe_arena_release_result();
}

HistoryRecord FromStored(const StoredEvent& stored) {
  core::Event event;
  event.type = static_cast<core::EventType>(stored.type());
  event.now = absl::FromUnixMicros(stored.now_us());
  event.jitter = stored.jitter() * kJitterUnit;
  event.step = stored.step();
  event.direction = static_cast<core::Direction>(stored.direction());
  event.round = std::max(1, stored.round());
  event.attempt = stored.attempt();
  event.outcome = static_cast<core::Outcome>(stored.outcome());
  event.reason = stored.reason();
  event.message = stored.message();
  event.hold_mode = stored.hold_mode();
  if (stored.has_hold_expiry_us()) {
    event.hold_expiry = absl::FromUnixMicros(stored.hold_expiry_us());
  }
  return {std::move(event), absl::Microseconds(stored.duration_us()), stored.state_after()};
}

}  // namespace seatsaga::store
