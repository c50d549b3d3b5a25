#include "common/sealed_token.h"

#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "common/errors.h"
#include "common/text.h"

namespace seatsaga {
namespace {

// Layout of a sealed token: version byte, nonce, ciphertext, tag.
constexpr char kVersion = 1;
constexpr size_t kKeySize = 32;
constexpr size_t kNonceSize = 12;
constexpr size_t kTagSize = 16;
constexpr size_t kOverhead = 1 + kNonceSize + kTagSize;
constexpr size_t kFingerprintSize = 16;
constexpr size_t kTokenMin = 4;
constexpr size_t kTokenMax = 128;
constexpr size_t kCardDigitsMin = 12;
constexpr size_t kCardDigitsMax = 19;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text, size_t offset) {
  return reinterpret_cast<unsigned char*>(text.data() + offset);
}

template <auto kFree>
struct FreeWith {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Cipher = std::unique_ptr<EVP_CIPHER, FreeWith<EVP_CIPHER_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeWith<EVP_CIPHER_CTX_free>>;
using Mac = std::unique_ptr<EVP_MAC, FreeWith<EVP_MAC_free>>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, FreeWith<EVP_MAC_CTX_free>>;

// Looking up the algorithms, expanding a key and asking for random bytes each take longer than
// sealing a token. So each thread keeps the key that it used last ready, and random bytes for many
// nonces. All functions return whether OpenSSL did what was asked.
class ReadyKey {
 public:
  // Null if OpenSSL refuses the key.
  static ReadyKey* OfThisThread(std::string_view key) {
    thread_local std::unique_ptr<ReadyKey> ready;
    if (ready == nullptr || ready->key_ != key) {
      ready = std::make_unique<ReadyKey>(key);
      if (!ready->MakeReady()) ready = nullptr;
    }
    return ready.get();
  }

  explicit ReadyKey(std::string_view key) : key_(key) {}

  bool Seal(std::string_view token, const Id& id, std::string& sealed) {
    EVP_CIPHER_CTX* const context = seal_.get();
    unsigned char* const tag = Bytes(sealed, sealed.size() - kTagSize);
    int size = 0;
    return TakeNonce(Bytes(sealed, 1)) &&
           EVP_EncryptInit_ex2(context, nullptr, nullptr, Bytes(sealed, 1), nullptr) == 1 &&
           EVP_EncryptUpdate(context, nullptr, &size, Bytes(id.bytes()), Id::kSize) == 1 &&
           EVP_EncryptUpdate(context, Bytes(sealed, 1 + kNonceSize), &size, Bytes(token),
                             static_cast<int>(token.size())) == 1 &&
           EVP_EncryptFinal_ex(context, tag, &size) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, kTagSize, tag) == 1;
  }

  // `tag` is not changed.
  bool Open(std::string_view nonce, std::string_view body, const Id& id, std::string& tag,
            std::string& token) {
    EVP_CIPHER_CTX* const context = open_.get();
    unsigned char rest[kTagSize];
    int size = 0;
    return EVP_DecryptInit_ex2(context, nullptr, nullptr, Bytes(nonce), nullptr) == 1 &&
           EVP_DecryptUpdate(context, nullptr, &size, Bytes(id.bytes()), Id::kSize) == 1 &&
           EVP_DecryptUpdate(context, Bytes(token, 0), &size, Bytes(body),
                             static_cast<int>(body.size())) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, kTagSize, tag.data()) == 1 &&
           EVP_DecryptFinal_ex(context, rest, &size) == 1;
  }

  bool Authenticate(std::string_view token, std::string& tag) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    size_t size = 0;
    if (EVP_MAC_init(mac_.get(), nullptr, 0, nullptr) != 1 ||
        EVP_MAC_update(mac_.get(), Bytes(token), token.size()) != 1 ||
        EVP_MAC_final(mac_.get(), digest, &size, sizeof digest) != 1) {
      return false;
    }
    tag.assign(reinterpret_cast<const char*>(digest), kFingerprintSize);
    return true;
  }

 private:
  bool MakeReady() {
    const Cipher cipher(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
    const Mac mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
    if (cipher == nullptr || mac == nullptr) return false;
    seal_.reset(EVP_CIPHER_CTX_new());
    open_.reset(EVP_CIPHER_CTX_new());
    mac_.reset(EVP_MAC_CTX_new(mac.get()));
    if (seal_ == nullptr || open_ == nullptr || mac_ == nullptr) return false;
    char digest_name[] = "SHA256";
    const OSSL_PARAM digest[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name, 0),
        OSSL_PARAM_construct_end()};
    return EVP_EncryptInit_ex2(seal_.get(), cipher.get(), Bytes(key_), nullptr, nullptr) == 1 &&
           EVP_DecryptInit_ex2(open_.get(), cipher.get(), Bytes(key_), nullptr, nullptr) == 1 &&
           EVP_MAC_init(mac_.get(), Bytes(key_), key_.size(), digest) == 1;
  }

  bool TakeNonce(unsigned char* nonce) {
    if (next_ == random_.size()) {
      if (RAND_bytes(random_.data(), static_cast<int>(random_.size())) != 1) return false;
      next_ = 0;
    }
    std::memcpy(nonce, random_.data() + next_, kNonceSize);
    next_ += kNonceSize;
    return true;
  }

  const std::string key_;
  CipherContext seal_;
  CipherContext open_;
  MacContext mac_;
  std::array<unsigned char, 64 * kNonceSize> random_{};
  size_t next_ = random_.size();  // where the unused bytes begin
};

// Written whole under another name and linked, so that two services starting at once agree on a
// key.
absl::Status MakeKeyFile(const std::string& path) {
  unsigned char key[kKeySize];
  if (RAND_bytes(key, sizeof key) != 1)
    return absl::InternalError("cannot get random bytes for a key");
  const std::string text =
      absl::BytesToHexString({reinterpret_cast<const char*>(key), sizeof key}) + "\n";
  // Not named by process id: in containers those are the same, and a crash may leave the file
  // behind.
  std::string temporary = Cat(path, ".XXXXXX");
  const int fd = mkostemp(temporary.data(), O_CLOEXEC);  // mode 0600
  if (fd < 0) {
    return absl::PermissionDeniedError(
        Cat("cannot write the key file ", path, ": ", strerror(errno)));
  }
  const bool written =
      write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(fd) == 0;
  close(fd);
  const bool linked = written && (link(temporary.c_str(), path.c_str()) == 0 || errno == EEXIST);
  unlink(temporary.c_str());
  if (!linked) return absl::UnavailableError(Cat("cannot write the key file ", path));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TokenSealer> TokenSealer::FromKeyFile(const std::string& path) {
  if (access(path.c_str(), F_OK) != 0) {
    if (auto made = MakeKeyFile(path); !made.ok()) return made;
  }
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::string_view digits = View(absl::StripAsciiWhitespace(text));
  bool all_hex = digits.size() == 2 * kKeySize;
  for (const char c : digits) all_hex = all_hex && absl::ascii_isxdigit(c);
  if (!all_hex) {
    return absl::InvalidArgumentError(
        Cat(path, " must hold a key of 64 hex digits, as `openssl rand -hex 32` makes"));
  }
  return FromKey(absl::HexStringToBytes(AbslView(digits)));
}

absl::StatusOr<TokenSealer> TokenSealer::FromKey(std::string_view key) {
  if (key.size() != kKeySize) return absl::InvalidArgumentError("the key must have 32 bytes");
  return TokenSealer(key);
}

absl::StatusOr<SealedToken> TokenSealer::Seal(std::string_view token,
                                              const Id& reservation_id) const {
  ReadyKey* const key = ReadyKey::OfThisThread(key_);
  SealedToken sealed{.bytes = std::string(kOverhead + token.size(), kVersion)};
  if (key == nullptr || !key->Seal(token, reservation_id, sealed.bytes) ||
      !key->Authenticate(token, sealed.tag)) {
    return MakeError(absl::StatusCode::kUnavailable, "CANNOT_SEAL",
                     "the payment token cannot be encrypted, so nothing was done; try again later");
  }
  return sealed;
}

absl::StatusOr<std::string> TokenSealer::Open(std::string_view sealed,
                                              const Id& reservation_id) const {
  const auto unreadable = [] {
    return absl::InvalidArgumentError(
        "the sealed payment token cannot be opened; give both services the same --token-key-file");
  };
  if (sealed.size() < kOverhead || sealed[0] != kVersion) return unreadable();
  const std::string_view nonce = sealed.substr(1, kNonceSize);
  const std::string_view body = sealed.substr(1 + kNonceSize, sealed.size() - kOverhead);
  std::string tag(sealed.substr(sealed.size() - kTagSize));
  std::string token(body.size(), '\0');
  ReadyKey* const key = ReadyKey::OfThisThread(key_);
  if (key == nullptr || !key->Open(nonce, body, reservation_id, tag, token)) return unreadable();
  return token;
}

namespace {

// The check digit that every card number ends in (ISO/IEC 7812): tells it from the digits of a
// UUID.
bool PassesLuhn(std::string_view digits) {
  int sum = 0;
  bool twice = false;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, twice = !twice) {
    const int value = *digit - '0';
    sum += twice ? value * 2 - (value > 4 ? 9 : 0) : value;
  }
  return sum % 10 == 0;
}

bool IsCardNumber(std::string_view digits) {
  return digits.size() >= kCardDigitsMin && (digits.size() > kCardDigitsMax || PassesLuhn(digits));
}

bool HoldsCardNumber(std::string_view token) {
  std::string digits;  // of one run, without what people put between them
  for (const char c : token) {
    if (absl::ascii_isdigit(c)) {
      digits += c;
    } else if (c != '-' && c != '_' && c != ' ') {
      if (IsCardNumber(digits)) return true;
      digits.clear();
    }
  }
  return IsCardNumber(digits);
}

}  // namespace

absl::Status CheckPaymentToken(std::string_view token) {
  if (token.empty()) {
    return absl::InvalidArgumentError("required: the token that the payment provider gave");
  }
  if (token.size() < kTokenMin || token.size() > kTokenMax) {
    return absl::InvalidArgumentError("must have 4 to 128 characters");
  }
  if (HoldsCardNumber(token)) {
    return absl::InvalidArgumentError(
        "looks like a card number; send the token that the payment provider gave instead");
  }
  for (const char c : token) {
    if (!absl::ascii_isalnum(c) && c != '_' && c != '-') {
      return absl::InvalidArgumentError("may only hold letters, digits, '_' and '-'");
    }
  }
  return absl::OkStatus();
}

}  // namespace seatsaga
