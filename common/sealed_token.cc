#include "common/sealed_token.h"

#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
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

// OpenSSL looks an algorithm up by name at every use, which takes longer than sealing a token. So
// each thread looks it up once.
struct Algorithms {
  Algorithms()
      : cipher(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr)),
        cipher_context(EVP_CIPHER_CTX_new()),
        mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr)),
        mac_context(EVP_MAC_CTX_new(mac)) {
    char digest_name[] = "SHA256";
    const OSSL_PARAM digest[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name, 0),
        OSSL_PARAM_construct_end()};
    EVP_MAC_CTX_set_params(mac_context, digest);
  }
  ~Algorithms() {
    EVP_MAC_CTX_free(mac_context);
    EVP_MAC_free(mac);
    EVP_CIPHER_CTX_free(cipher_context);
    EVP_CIPHER_free(cipher);
  }
  Algorithms(const Algorithms&) = delete;
  Algorithms& operator=(const Algorithms&) = delete;

  EVP_CIPHER* cipher;
  EVP_CIPHER_CTX* cipher_context;
  EVP_MAC* mac;
  EVP_MAC_CTX* mac_context;
};

const Algorithms& ThisThreads() {
  thread_local const Algorithms algorithms;
  return algorithms;
}

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text, size_t offset) {
  return reinterpret_cast<unsigned char*>(text.data() + offset);
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

std::string TokenSealer::Seal(std::string_view token, const Id& reservation_id) const {
  std::string sealed(kOverhead + token.size(), kVersion);
  RAND_bytes(Bytes(sealed, 1), kNonceSize);
  EVP_CIPHER_CTX* const context = ThisThreads().cipher_context;
  int size = 0;
  EVP_EncryptInit_ex2(context, ThisThreads().cipher, Bytes(key_), Bytes(sealed, 1), nullptr);
  EVP_EncryptUpdate(context, nullptr, &size, Bytes(reservation_id.bytes()), Id::kSize);
  EVP_EncryptUpdate(context, Bytes(sealed, 1 + kNonceSize), &size, Bytes(token),
                    static_cast<int>(token.size()));
  EVP_EncryptFinal_ex(context, Bytes(sealed, sealed.size() - kTagSize), &size);
  EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, kTagSize,
                      Bytes(sealed, sealed.size() - kTagSize));
  return sealed;
}

absl::StatusOr<std::string> TokenSealer::Open(std::string_view sealed,
                                              const Id& reservation_id) const {
  const absl::Status unreadable = absl::InvalidArgumentError(
      "the sealed payment token cannot be opened; give both services the same --token-key-file");
  if (sealed.size() < kOverhead || sealed[0] != kVersion) return unreadable;
  const std::string_view nonce = sealed.substr(1, kNonceSize);
  const std::string_view body = sealed.substr(1 + kNonceSize, sealed.size() - kOverhead);
  std::string tag(sealed.substr(sealed.size() - kTagSize));
  std::string token(body.size(), '\0');
  EVP_CIPHER_CTX* const context = ThisThreads().cipher_context;
  int size = 0;
  EVP_DecryptInit_ex2(context, ThisThreads().cipher, Bytes(key_), Bytes(nonce), nullptr);
  EVP_DecryptUpdate(context, nullptr, &size, Bytes(reservation_id.bytes()), Id::kSize);
  EVP_DecryptUpdate(context, Bytes(token, 0), &size, Bytes(body), static_cast<int>(body.size()));
  EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, kTagSize, tag.data());
  unsigned char rest[kTagSize];
  if (EVP_DecryptFinal_ex(context, rest, &size) != 1) return unreadable;
  return token;
}

std::string TokenSealer::Tag(std::string_view token) const {
  unsigned char digest[EVP_MAX_MD_SIZE];
  size_t size = 0;
  EVP_MAC_CTX* const context = ThisThreads().mac_context;
  EVP_MAC_init(context, Bytes(key_), key_.size(), nullptr);
  EVP_MAC_update(context, Bytes(token), token.size());
  EVP_MAC_final(context, digest, &size, sizeof digest);
  return {reinterpret_cast<const char*>(digest), kFingerprintSize};
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
