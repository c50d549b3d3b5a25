#include "orchestrator/service/event_cursor.h"

#include <google/protobuf/io/coded_stream.h>

#include <algorithm>
#include <cstdint>

#include "common/page_token.h"
#include "common/text.h"

namespace seatsaga::service {
namespace {

using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;

constexpr char kVersion = 1;

std::string ScopeOf(const Id& store_id) { return Cat("WatchEvents/", store_id.ToString()); }

void AppendNumber(uint64_t number, std::string& bytes) {
  std::array<uint8_t, 10> buffer{};
  const uint8_t* end = CodedOutputStream::WriteVarint64ToArray(number, buffer.data());
  bytes.append(reinterpret_cast<const char*>(buffer.data()),
               static_cast<size_t>(end - buffer.data()));
}

}  // namespace

// The partitions are about equally long, so each says by how much it is longer than the shortest.
std::string WriteEventCursor(const Id& store_id, const EventCursor& cursor) {
  std::string bytes(1, kVersion);
  AppendNumber(cursor.at.epoch, bytes);
  AppendNumber(static_cast<uint64_t>(cursor.at.number), bytes);
  const int64_t least = *std::min_element(cursor.positions.begin(), cursor.positions.end());
  AppendNumber(static_cast<uint64_t>(least), bytes);
  for (const int64_t position : cursor.positions) {
    AppendNumber(static_cast<uint64_t>(position - least), bytes);
  }
  return MakePageToken(ScopeOf(store_id), bytes);
}

std::optional<EventCursor> ReadEventCursor(const Id& store_id, std::string_view text) {
  const auto bytes = OpenPageToken(ScopeOf(store_id), text);
  if (!bytes.has_value() || bytes->empty() || bytes->front() != kVersion) return std::nullopt;
  CodedInputStream in(reinterpret_cast<const uint8_t*>(bytes->data()) + 1,
                      static_cast<int>(bytes->size()) - 1);
  bool whole = true;
  const auto next = [&] {
    uint64_t number = 0;
    whole = whole && in.ReadVarint64(&number);
    return number;
  };
  EventCursor cursor;
  cursor.at.epoch = next();
  cursor.at.number = static_cast<int64_t>(next());
  const uint64_t least = next();
  for (int64_t& position : cursor.positions) position = static_cast<int64_t>(least + next());
  if (!whole) return std::nullopt;
  return cursor;
}

}  // namespace seatsaga::service
