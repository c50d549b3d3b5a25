#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/id.h"

// A payment token must survive a crash between "reserved" and "charged", but no token may be stored
// in a database (invariant I13). So the facade seals it with a key that only it and payment_svc
// hold; the orchestrator stores and forwards bytes that it cannot read.
namespace seatsaga {

// Names a key: the first bytes of an HMAC-SHA256 of a constant. It says nothing of the key.
using TokenKeyId = uint32_t;
// As people see it: 8 hex digits.
std::string TokenKeyName(TokenKeyId id);

struct SealedToken {
  std::string bytes;
  // 16 bytes that are the same for the same token and key: HMAC-SHA256, cut. Without the key nobody
  // can tell which token they came from, not even by trying all that are likely.
  std::string tag;
};

// AES-256-GCM (OpenSSL), bound to the reservation, so that a sealed token cannot be moved to
// another. Keys are replaced in three steps: a new key becomes the first line of the key file,
// while the old one stays; payment_svc is restarted, then reservation_svc; the old line goes when
// no token sealed with it waits for its charge, and no client repeats a request of before.
// Thread-safe: immutable after construction.
class TokenSealer {
 public:
  static constexpr size_t kKeysMax = 8;

  // `path` has a key a line: 32 random bytes as 64 hex digits. The first one seals, each opens, and
  // the last one makes tags, which must be the same before and after a new key. A file that is not
  // there is made, with one key and mode 0600, if `make`. Errors say what to do; FailedPrecondition
  // if others than its owner and group may read the file, or others than its owner write it.
  static absl::StatusOr<TokenSealer> FromKeyFile(const std::string& path, bool make);
  // Keys of 32 bytes, in the same order; 1 to kKeysMax, all different.
  static absl::StatusOr<TokenSealer> FromKeys(const std::vector<std::string>& keys);
  static absl::StatusOr<TokenSealer> FromKey(std::string_view key) {
    return FromKeys({std::string(key)});
  }

  // UNAVAILABLE (reason CANNOT_SEAL) if OpenSSL has no random bytes or refuses to work.
  absl::StatusOr<SealedToken> Seal(std::string_view token, const Id& reservation_id) const;
  // InvalidArgument, with the reason for operators, if the bytes were sealed with another key or
  // for another reservation, or are damaged.
  absl::StatusOr<std::string> Open(std::string_view sealed, const Id& reservation_id) const;

  // In the order of the keys.
  std::vector<TokenKeyId> key_ids() const;

 private:
  struct Key {
    std::string bytes;
    TokenKeyId id = 0;
  };

  TokenSealer() = default;

  std::vector<Key> keys_;
};

// Ok, or why `token` is not acceptable: 4-128 characters of letters, digits, '_' and '-', and
// nothing that could be a card number: 12 to 19 digits that pass the Luhn check, or more than 19,
// also when spaced, dashed or underscored.
absl::Status CheckPaymentToken(std::string_view token);

}  // namespace seatsaga
