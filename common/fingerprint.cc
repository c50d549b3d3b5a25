#include "common/fingerprint.h"

#include <openssl/evp.h>

namespace seatsaga {
namespace {

constexpr size_t kDigestSize = 16;

// OpenSSL looks an algorithm up by name at every use, which takes longer than the digest of a short
// text. So we look each up once, and each thread keeps a context.
struct Sha256 {
  Sha256() : md(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context(EVP_MD_CTX_new()) {}
  ~Sha256() {
    EVP_MD_CTX_free(context);
    EVP_MD_free(md);
  }
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  EVP_MD* md;
  EVP_MD_CTX* context;
};

}  // namespace

std::string Fingerprint::Digest() const {
  thread_local const Sha256 sha256;
  unsigned char digest[EVP_MAX_MD_SIZE];
  EVP_DigestInit_ex2(sha256.context, sha256.md, nullptr);
  EVP_DigestUpdate(sha256.context, text_.data(), text_.size());
  EVP_DigestFinal_ex(sha256.context, digest, nullptr);
  return {reinterpret_cast<const char*>(digest), kDigestSize};
}

}  // namespace seatsaga
