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
#include <memory>
#include <optional>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/card_number.h"
#include "common/errors.h"
#include "common/text.h"

namespace seatsaga {
namespace {

// Layout of a sealed token: version byte, key id (most significant byte first), nonce, ciphertext,
// tag.
constexpr char kVersion = 2;
constexpr size_t kKeySize = 32;
constexpr size_t kKeyIdSize = sizeof(TokenKeyId);
constexpr size_t kNonceSize = 12;
constexpr size_t kTagSize = 16;
constexpr size_t kNonceAt = 1 + kKeyIdSize;
constexpr size_t kTokenAt = kNonceAt + kNonceSize;
constexpr size_t kOverhead = kTokenAt + kTagSize;
constexpr std::string_view kNamed = "seatsaga token key";  // what a key's id is the HMAC of
constexpr size_t kFingerprintSize = 16;
constexpr size_t kTokenMin = 4;
constexpr size_t kTokenMax = 128;

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
// sealing a token. So each thread keeps the keys that it uses ready, and random bytes for many
// nonces. All functions return whether OpenSSL did what was asked.
class ReadyKey {
 public:
  // Null if OpenSSL refuses the key. Valid until the thread asks for another.
  static ReadyKey* OfThisThread(std::string_view key) {
    thread_local std::vector<std::unique_ptr<ReadyKey>> all;
    for (const auto& one : all) {
      if (one->key_ == key) return one.get();
    }
    auto ready = std::make_unique<ReadyKey>(key);
    if (!ready->MakeReady()) return nullptr;
    if (all.size() == TokenSealer::kKeysMax) all.erase(all.begin());
    return all.emplace_back(std::move(ready)).get();
  }

  explicit ReadyKey(std::string_view key) : key_(key) {}

  bool Seal(std::string_view token, const Id& id, std::string& sealed) {
    EVP_CIPHER_CTX* const context = seal_.get();
    unsigned char* const tag = Bytes(sealed, sealed.size() - kTagSize);
    int size = 0;
    return TakeNonce(Bytes(sealed, kNonceAt)) &&
           EVP_EncryptInit_ex2(context, nullptr, nullptr, Bytes(sealed, kNonceAt), nullptr) == 1 &&
           EVP_EncryptUpdate(context, nullptr, &size, Bytes(id.bytes()), Id::kSize) == 1 &&
           EVP_EncryptUpdate(context, Bytes(sealed, kTokenAt), &size, Bytes(token),
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

  bool Authenticate(std::string_view text, std::string& tag) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    size_t size = 0;
    if (EVP_MAC_init(mac_.get(), nullptr, 0, nullptr) != 1 ||
        EVP_MAC_update(mac_.get(), Bytes(text), text.size()) != 1 ||
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

TokenKeyId ReadKeyId(std::string_view sealed) {
  TokenKeyId id = 0;
  for (size_t i = 1; i <= kKeyIdSize; ++i) id = id << 8 | static_cast<unsigned char>(sealed[i]);
  return id;
}
void WriteKeyId(TokenKeyId id, std::string& sealed) {
  for (size_t i = kKeyIdSize; i >= 1; --i, id >>= 8) sealed[i] = static_cast<char>(id & 0xFF);
}

constexpr std::string_view kNoKey =
    " must hold a key of 64 hex digits, as `openssl rand -hex 32` makes";

// Nullopt if OpenSSL refuses to work.
std::optional<TokenKeyId> IdOf(std::string_view key) {
  ReadyKey* const ready = ReadyKey::OfThisThread(key);
  std::string tag;
  if (ready == nullptr || !ready->Authenticate(kNamed, tag)) return std::nullopt;
  return ReadKeyId(" " + tag);
}

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

std::string TokenKeyName(TokenKeyId id) { return absl::StrCat(absl::Hex(id, absl::kZeroPad8)); }

absl::StatusOr<TokenSealer> TokenSealer::FromKeyFile(const std::string& path, bool make) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) {
    if (!make) {
      return absl::FailedPreconditionError(
          Cat("there is no key file ", path,
              ", but a database whose payment tokens were sealed with "
              "its key; put the file back"));
    }
    if (auto made = MakeKeyFile(path); !made.ok()) return made;
  } else if ((info.st_mode & (S_IWGRP | S_IRWXO)) != 0) {
    return absl::FailedPreconditionError(
        Cat("others may read or change the key file ", path, "; run chmod 600 ", path));
  }
  std::ifstream file(path);
  std::vector<std::string> keys;
  for (std::string line; std::getline(file, line);) {
    const std::string_view digits = View(absl::StripAsciiWhitespace(line));
    if (digits.empty()) continue;
    if (digits.size() != 2 * kKeySize || !absl::c_all_of(digits, absl::ascii_isxdigit)) {
      return absl::InvalidArgumentError(Cat("line ", keys.size() + 1, " of ", path, kNoKey));
    }
    keys.push_back(absl::HexStringToBytes(AbslView(digits)));
  }
  if (keys.empty()) return absl::InvalidArgumentError(Cat(path, kNoKey));
  absl::StatusOr<TokenSealer> sealer = FromKeys(keys);
  if (sealer.ok()) return sealer;
  return absl::Status(sealer.status().code(), Cat(path, ": ", View(sealer.status().message())));
}

absl::StatusOr<TokenSealer> TokenSealer::FromKeys(const std::vector<std::string>& keys) {
  if (keys.empty() || keys.size() > kKeysMax) {
    return absl::InvalidArgumentError(Cat("there must be 1 to ", kKeysMax, " keys"));
  }
  TokenSealer sealer;
  for (const std::string& key : keys) {
    if (key.size() != kKeySize) return absl::InvalidArgumentError("a key must have 32 bytes");
    const std::optional<TokenKeyId> id = IdOf(key);
    if (!id) return absl::InternalError("OpenSSL does not offer AES-256-GCM and HMAC-SHA256");
    if (absl::c_linear_search(sealer.key_ids(), *id)) {
      return absl::InvalidArgumentError(Cat("key ", TokenKeyName(*id), " is there twice"));
    }
    sealer.keys_.push_back({key, *id});
  }
  return sealer;
}

std::vector<TokenKeyId> TokenSealer::key_ids() const {
  std::vector<TokenKeyId> ids;
  for (const Key& key : keys_) ids.push_back(key.id);
  return ids;
}

absl::StatusOr<SealedToken> TokenSealer::Seal(std::string_view token,
                                              const Id& reservation_id) const {
  SealedToken sealed{.bytes = std::string(kOverhead + token.size(), kVersion)};
  WriteKeyId(keys_.front().id, sealed.bytes);
  ReadyKey* key = ReadyKey::OfThisThread(keys_.back().bytes);
  const bool tagged = key != nullptr && key->Authenticate(token, sealed.tag);
  key = ReadyKey::OfThisThread(keys_.front().bytes);
  if (!tagged || key == nullptr || !key->Seal(token, reservation_id, sealed.bytes)) {
    return MakeError(absl::StatusCode::kUnavailable, "CANNOT_SEAL",
                     "the payment token cannot be encrypted, so nothing was done; try again later");
  }
  return sealed;
}

absl::StatusOr<std::string> TokenSealer::Open(std::string_view sealed,
                                              const Id& reservation_id) const {
  if (sealed.size() < kOverhead || sealed[0] != kVersion) {
    return absl::InvalidArgumentError("the sealed payment token is damaged");
  }
  const TokenKeyId id = ReadKeyId(sealed);
  const auto key = absl::c_find_if(keys_, [&](const Key& one) { return one.id == id; });
  if (key == keys_.end()) {
    return absl::InvalidArgumentError(
        Cat("the payment token was sealed with key ", TokenKeyName(id),
            ", which this service has not; give it the key file of reservation_svc"));
  }
  const std::string_view nonce = sealed.substr(kNonceAt, kNonceSize);
  const std::string_view body = sealed.substr(kTokenAt, sealed.size() - kOverhead);
  std::string tag(sealed.substr(sealed.size() - kTagSize));
  std::string token(body.size(), '\0');
  ReadyKey* const opens = ReadyKey::OfThisThread(key->bytes);
  if (opens == nullptr || !opens->Open(nonce, body, reservation_id, tag, token)) {
    return absl::InvalidArgumentError(
        "the sealed payment token is damaged, or another reservation's");
  }
  return token;
}

absl::Status CheckPaymentToken(std::string_view token) {
  if (token.empty()) {
    return absl::InvalidArgumentError("required: the token that the payment provider gave");
  }
  if (token.size() < kTokenMin || token.size() > kTokenMax) {
    return absl::InvalidArgumentError("must have 4 to 128 characters");
  }
  if (MayHoldCardNumber(token)) {
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
