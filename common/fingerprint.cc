// Of OpenSSL 3.0's interfaces those without this are deprecated.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "common/fingerprint.h"

#include <openssl/sha.h>

namespace seatsaga {
namespace {

constexpr size_t kDigestSize = 16;

}  // namespace

// Not through OpenSSL's EVP, because finding an algorithm there and getting its context ready takes
// a third as long as the digest of a short text itself.
std::string Fingerprint::Digest() const {
  SHA256_CTX context;
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256_Init(&context);
  SHA256_Update(&context, text_.data(), text_.size());
  SHA256_Final(digest, &context);
  return {reinterpret_cast<const char*>(digest), kDigestSize};
}

}  // namespace seatsaga
