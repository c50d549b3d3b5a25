#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/text.h"

namespace seatsaga {

// Digest of a request's body, to tell the same request from another under the same key: SHA-256
// over the length-prefixed parts, cut to 16 bytes. Stable across processes, machines and releases.
// Not thread-safe; a value.
class Fingerprint {
 public:
  Fingerprint& Add(std::string_view part) {
    Append(text_, part.size(), ":", part);
    return *this;
  }
  Fingerprint& Add(int64_t part) { return Add(std::string_view(Cat(part))); }
  // For fields that a later release adds to a body: they count under their name, and only where
  // they are set. So digests that are stored already stay as they are.
  Fingerprint& AddIfSet(std::string_view field, std::string_view part) {
    return part.empty() ? *this : Add(field).Add(part);
  }
  std::string Digest() const;  // 16 bytes

 private:
  std::string text_;
};

}  // namespace seatsaga
