#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/id.h"

// A payment token must survive a crash between "reserved" and "charged", but no token may be stored
// in a database (invariant I13). So the facade seals it with a key that only it and payment_svc
// hold; the orchestrator stores and forwards bytes that it cannot read.
namespace seatsaga {

struct SealedToken {
  std::string bytes;
  // 16 bytes that are the same for the same token and key: HMAC-SHA256, cut. Without the key nobody
  // can tell which token they came from, not even by trying all that are likely.
  std::string tag;
};

// AES-256-GCM (OpenSSL), bound to the reservation, so that a sealed token cannot be moved to
// another. Thread-safe: immutable after construction.
class TokenSealer {
 public:
  // `path` holds 32 random bytes as 64 hex digits; made with mode 0600 if it does not exist.
  static absl::StatusOr<TokenSealer> FromKeyFile(const std::string& path);
  // `key` has 32 bytes.
  static absl::StatusOr<TokenSealer> FromKey(std::string_view key);

  // UNAVAILABLE (reason CANNOT_SEAL) if OpenSSL has no random bytes or refuses to work.
  absl::StatusOr<SealedToken> Seal(std::string_view token, const Id& reservation_id) const;
  // InvalidArgument if the bytes were sealed with another key, for another reservation, or damaged.
  absl::StatusOr<std::string> Open(std::string_view sealed, const Id& reservation_id) const;

 private:
  explicit TokenSealer(std::string_view key) : key_(key) {}

  std::string key_;
};

// Ok, or why `token` is not acceptable: 4-128 characters of letters, digits, '_' and '-', and
// nothing that could be a card number: 12 to 19 digits that pass the Luhn check, or more than 19,
// also when spaced, dashed or underscored.
absl::Status CheckPaymentToken(std::string_view token);

}  // namespace seatsaga
