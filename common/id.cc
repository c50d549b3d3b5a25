#include "common/id.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "absl/random/random.h"
#include "absl/status/status.h"

namespace seatsaga {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr size_t kTextSize = 36;
constexpr int kCounterBits = 26;
constexpr uint32_t kCounterMax = (1U << kCounterBits) - 1;
constexpr int kTailBits = 48;

// Where the two digits of each byte are in the text; all other places hold a dash.
constexpr std::array<uint8_t, Id::kSize> kTextPositions = {0,  2,  4,  6,  9,  11, 14, 16,
                                                           19, 21, 24, 26, 28, 30, 32, 34};
constexpr std::array<uint8_t, 4> kDashPositions = {8, 13, 18, 23};

constexpr uint8_t kNoDigit = 0x80;

// What each character is worth as a hex digit; kNoDigit if it is none.
constexpr std::array<uint8_t, 256> kHexValues = [] {
  std::array<uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (uint8_t value = 0; value < 16; ++value) {
    const char digit = kHex[value];
    values[static_cast<uint8_t>(digit)] = value;
    if (value >= 10) values[static_cast<uint8_t>(digit - 'a' + 'A')] = value;
  }
  return values;
}();

// The two digits of each byte.
constexpr std::array<std::array<char, 2>, 256> kHexPairs = [] {
  std::array<std::array<char, 2>, 256> pairs{};
  for (size_t byte = 0; byte < pairs.size(); ++byte)
    pairs[byte] = {kHex[byte >> 4], kHex[byte & 15]};
  return pairs;
}();

uint8_t HexValue(char c) { return kHexValues[static_cast<uint8_t>(c)]; }

void PutMilliseconds(int64_t ms, uint8_t* out) {
  for (int i = 0; i < 6; ++i) out[i] = static_cast<uint8_t>(ms >> (40 - 8 * i));
}

}  // namespace

absl::StatusOr<Id> Id::Parse(std::string_view text) {
  Id id;
  bool valid = text.size() == kTextSize;
  if (valid) {
    for (const size_t position : kDashPositions) valid = valid && text[position] == '-';
    uint8_t seen = 0;
    for (size_t i = 0; i < kSize; ++i) {
      const uint8_t high = HexValue(text[kTextPositions[i]]);
      const uint8_t low = HexValue(text[kTextPositions[i] + 1]);
      seen |= high | low;
      id.bytes_[i] = static_cast<uint8_t>(high << 4 | low);
    }
    valid = valid && (seen & kNoDigit) == 0;
  }
  if (valid) return id;
  return absl::InvalidArgumentError("not a UUID such as 01890a5d-ac96-774b-bcce-b302099a8057");
}

absl::StatusOr<Id> Id::FromBytes(std::string_view bytes) {
  if (bytes.size() != kSize) return absl::InvalidArgumentError("an id has 16 bytes");
  Id id;
  std::memcpy(id.bytes_.data(), bytes.data(), kSize);
  return id;
}

std::string Id::ToString() const {
  std::array<char, kTextSize> text;  // every place is written below
  for (const size_t position : kDashPositions) text[position] = '-';
  for (size_t i = 0; i < kSize; ++i) {
    std::memcpy(&text[kTextPositions[i]], kHexPairs[bytes_[i]].data(), 2);
  }
  return {text.data(), kTextSize};
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

IdGenerator::IdGenerator()
    : random_([random = std::make_shared<absl::BitGen>()] {
        return absl::Uniform<uint64_t>(*random);
      }) {}

Id IdGenerator::Next(absl::Time now) {
  const uint64_t random = random_();
  const int64_t now_ms = absl::ToUnixMillis(now);
  if (now_ms > last_ms_) {
    last_ms_ = now_ms;
    // Somewhere in the lower half of its range, so that it has room to rise.
    counter_ = static_cast<uint32_t>(random >> kTailBits) << (kCounterBits - 1 - (64 - kTailBits));
  } else if (++counter_ > kCounterMax) {
    ++last_ms_;  // more than 33 million ids in a millisecond, or a clock that stands still
    counter_ = 0;
  }
  Id id;
  auto& b = id.bytes_;
  PutMilliseconds(last_ms_, b.data());
  b[6] = static_cast<uint8_t>(0x70 | (counter_ >> 22));          // version 7, counter bits 25-22
  b[7] = static_cast<uint8_t>(counter_ >> 14);                   // bits 21-14
  b[8] = static_cast<uint8_t>(0x80 | ((counter_ >> 8) & 0x3F));  // variant, bits 13-8
  b[9] = static_cast<uint8_t>(counter_);                         // bits 7-0
  std::memcpy(&b[10], &random, kTailBits / 8);
  return id;
}

}  // namespace seatsaga
