#include "common/id.h"

#include <algorithm>
#include <cstring>

#include "absl/status/status.h"

namespace seatsaga {
namespace {

constexpr char kHex[] = "0123456789abcdef";
constexpr size_t kTextSize = 36;
constexpr uint32_t kCounterMax = (1U << 26) - 1;

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsDash(size_t position) {
  return position == 8 || position == 13 || position == 18 || position == 23;
}

void PutMilliseconds(int64_t ms, uint8_t* out) {
  for (int i = 0; i < 6; ++i) out[i] = static_cast<uint8_t>(ms >> (40 - 8 * i));
}

}  // namespace

absl::StatusOr<Id> Id::Parse(std::string_view text) {
  const absl::Status invalid =
      absl::InvalidArgumentError("not a UUID such as 01890a5d-ac96-774b-bcce-b302099a8057");
  if (text.size() != kTextSize) return invalid;
  Id id;
  size_t nibble = 0;
  for (size_t i = 0; i < kTextSize; ++i) {
    if (IsDash(i)) {
      if (text[i] != '-') return invalid;
      continue;
    }
    const int value = HexValue(text[i]);
    if (value < 0) return invalid;
    id.bytes_[nibble / 2] |= static_cast<uint8_t>(value << (nibble % 2 == 0 ? 4 : 0));
    ++nibble;
  }
  return id;
}

absl::StatusOr<Id> Id::FromBytes(std::string_view bytes) {
  if (bytes.size() != kSize) return absl::InvalidArgumentError("an id has 16 bytes");
  Id id;
  std::memcpy(id.bytes_.data(), bytes.data(), kSize);
  return id;
}

std::string Id::ToString() const {
  std::string text(kTextSize, '-');
  size_t nibble = 0;
  for (size_t i = 0; i < kTextSize; ++i) {
    if (IsDash(i)) continue;
    const uint8_t byte = bytes_[nibble / 2];
    text[i] = kHex[nibble % 2 == 0 ? byte >> 4 : byte & 0xF];
    ++nibble;
  }
  return text;
}

absl::Time Id::time() const {
  int64_t ms = 0;
  for (int i = 0; i < 6; ++i) ms = (ms << 8) | bytes_[i];
  return absl::FromUnixMillis(ms);
}

Id Id::LowerBound(absl::Time time) {
  Id id;
  PutMilliseconds(std::max<int64_t>(0, absl::ToUnixMillis(time)), id.bytes_.data());
  return id;
}

Id IdGenerator::Next(absl::Time now) {
  const int64_t now_ms = absl::ToUnixMillis(now);
  if (now_ms > last_ms_) {
    last_ms_ = now_ms;
    counter_ = absl::Uniform<uint32_t>(random_, 0, kCounterMax / 2);
  } else if (++counter_ > kCounterMax) {
    ++last_ms_;  // more than 33 million ids in a millisecond, or a clock that stands still
    counter_ = 0;
  }
  const auto tail = absl::Uniform<uint64_t>(random_);
  Id id;
  auto& b = id.bytes_;
  PutMilliseconds(last_ms_, b.data());
  b[6] = static_cast<uint8_t>(0x70 | (counter_ >> 22));          // version 7, counter bits 25-22
  b[7] = static_cast<uint8_t>(counter_ >> 14);                   // bits 21-14
  b[8] = static_cast<uint8_t>(0x80 | ((counter_ >> 8) & 0x3F));  // variant, bits 13-8
  b[9] = static_cast<uint8_t>(counter_);                         // bits 7-0
  std::memcpy(&b[10], &tail, 6);
  return id;
}

}  // namespace seatsaga
