#include "common/fingerprint.h"

#include <openssl/sha.h>

namespace seatsaga {

std::string Fingerprint::Digest() const {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text_.data()), text_.size(), digest);
  return {reinterpret_cast<const char*>(digest), 16};
}

}  // namespace seatsaga
