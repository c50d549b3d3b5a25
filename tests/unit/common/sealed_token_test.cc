#include "common/sealed_token.h"

// A failing source of random bytes can be put in only by OpenSSL's older interface.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/rand.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/errors.h"
#include "common/text.h"
#include "tests/support/temp_dir.h"

namespace seatsaga {
namespace {

using testing::TempDir;

const std::string kToken = "tok_visa_ada";

Id Reservation(char last) {
  std::string bytes(16, 'r');
  bytes.back() = last;
  return *Id::FromBytes(bytes);
}

TokenSealer Sealer(char key = 'k') { return *TokenSealer::FromKey(std::string(32, key)); }

std::string Seal(std::string_view token) {
  return Sealer().Seal(token, Reservation('1')).value().bytes;
}

std::string Tag(std::string_view token, char key = 'k') {
  return Sealer(key).Seal(token, Reservation('1')).value().tag;
}

// While it lives, OpenSSL has no random bytes, in threads that have asked for none before.
class NoRandomBytes {
 public:
  NoRandomBytes() {
    static const RAND_METHOD none{.bytes = [](unsigned char*, int) { return 0; }};
    RAND_set_rand_method(&none);
  }
  ~NoRandomBytes() { RAND_set_rand_method(nullptr); }
  NoRandomBytes(const NoRandomBytes&) = delete;
  NoRandomBytes& operator=(const NoRandomBytes&) = delete;
};

TEST_CASE("a sealed token opens with the same key for the same reservation") {
  const std::string sealed = Seal(kToken);
  REQUIRE(sealed.find(kToken) == std::string::npos);
  const auto opened = Sealer().Open(sealed, Reservation('1'));
  REQUIRE(opened.ok());
  REQUIRE(*opened == kToken);
  REQUIRE(*Sealer().Open(Seal(""), Reservation('1')) == "");
}

TEST_CASE("a token is never sealed to the same bytes twice") {
  REQUIRE(Seal(kToken) != Seal(kToken));
}

TEST_CASE("a sealed token does not open for another reservation or with another key") {
  const std::string sealed = Seal(kToken);
  for (const auto& opened :
       {Sealer().Open(sealed, Reservation('2')), Sealer('x').Open(sealed, Reservation('1'))}) {
    REQUIRE(opened.status().code() == absl::StatusCode::kInvalidArgument);
    REQUIRE(opened.status().ToString().find(kToken) == std::string::npos);
  }
}

TEST_CASE("a sealed token with any byte changed, cut or added does not open") {
  const std::string sealed = Seal(kToken);
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string damaged = sealed;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    CAPTURE(i);
    REQUIRE_FALSE(Sealer().Open(damaged, Reservation('1')).ok());
    REQUIRE_FALSE(Sealer().Open(sealed.substr(0, i), Reservation('1')).ok());
  }
  REQUIRE_FALSE(Sealer().Open(sealed + "x", Reservation('1')).ok());
}

TEST_CASE("a tag is the same for the same token and key only") {
  REQUIRE(Tag(kToken).size() == 16);
  REQUIRE(Tag(kToken) == Tag(kToken));
  REQUIRE(Tag(kToken) != Tag(kToken + "x"));
  REQUIRE(Tag(kToken) != Tag(kToken, 'x'));
  REQUIRE(Sealer().Seal(kToken, Reservation('2'))->tag == Tag(kToken));
}

TEST_CASE("nonces do not repeat, also when the bytes drawn at once are used up") {
  std::set<std::string> sealed;
  for (int i = 0; i < 1000; ++i) sealed.insert(Seal(""));
  CHECK(sealed.size() == 1000);
}

TEST_CASE("without random bytes nothing is sealed") {
  const NoRandomBytes none;
  absl::Status status;
  std::thread([&] { status = Sealer().Seal(kToken, Reservation('1')).status(); }).join();
  CHECK(status.code() == absl::StatusCode::kUnavailable);
  CHECK(ReasonOf(status) == "CANNOT_SEAL");
}

TEST_CASE("a key of another length than 32 bytes is refused") {
  REQUIRE_FALSE(TokenSealer::FromKey("").ok());
  REQUIRE_FALSE(TokenSealer::FromKey(std::string(31, 'k')).ok());
  REQUIRE_FALSE(TokenSealer::FromKey(std::string(33, 'k')).ok());
}

TEST_CASE("the key file is made once, for its owner only, and shared by all who name it") {
  const TempDir dir;
  const std::string path = dir.File("token.key");
  const auto facade = TokenSealer::FromKeyFile(path, /*make=*/true);
  REQUIRE(facade.ok());
  struct stat info {};
  REQUIRE(stat(path.c_str(), &info) == 0);
  REQUIRE((info.st_mode & 0777) == 0600);
  REQUIRE(info.st_nlink == 1);
  const auto payments = TokenSealer::FromKeyFile(path, /*make=*/true);
  REQUIRE(payments.ok());
  REQUIRE(*payments->Open(facade->Seal(kToken, Reservation('1'))->bytes, Reservation('1')) ==
          kToken);
}

TEST_CASE("a key file is not made beside data that was sealed with another") {
  const TempDir dir;
  const absl::Status missing = TokenSealer::FromKeyFile(dir.File("token.key"), false).status();
  CHECK(missing.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(missing.ToString().find("put the file back") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(dir.File("token.key")));
}

TEST_CASE("a key file that others may read or change is refused") {
  const TempDir dir;
  const std::string path = dir.File("token.key");
  REQUIRE(TokenSealer::FromKeyFile(path, /*make=*/true).ok());
  for (const auto& [mode, accepted] :
       {std::pair{0400, true}, {0600, true}, {0640, true}, {0644, false}, {0660, false}}) {
    CAPTURE(mode);
    REQUIRE(chmod(path.c_str(), static_cast<mode_t>(mode)) == 0);
    const absl::Status status = TokenSealer::FromKeyFile(path, false).status();
    CHECK(status.ok() == accepted);
    if (!accepted) CHECK(status.ToString().find(Cat("chmod 600 ", path)) != std::string::npos);
  }
}

TEST_CASE("a new first key seals, and the old one still opens and makes the tags") {
  const TempDir dir;
  const std::string path = dir.File("token.key");
  const std::string old_key(64, 'a');
  const std::string new_key(64, 'b');
  std::ofstream(path) << old_key << "\n";
  REQUIRE(chmod(path.c_str(), 0600) == 0);
  const auto before = TokenSealer::FromKeyFile(path, false);
  std::ofstream(path, std::ios::trunc) << new_key << "\n\n" << old_key << "\n";
  const auto both = TokenSealer::FromKeyFile(path, false);
  REQUIRE(both.ok());
  CHECK(both->key_ids().size() == 2);
  CHECK(both->key_ids()[1] == before->key_ids()[0]);

  const SealedToken old_token = before->Seal(kToken, Reservation('1')).value();
  const SealedToken new_token = both->Seal(kToken, Reservation('1')).value();
  CHECK(both->Open(old_token.bytes, Reservation('1')).value() == kToken);
  CHECK(both->Open(new_token.bytes, Reservation('1')).value() == kToken);
  CHECK(new_token.tag == old_token.tag);
  const absl::Status unknown = before->Open(new_token.bytes, Reservation('1')).status();
  CHECK(unknown.message().find(TokenKeyName(both->key_ids()[0])) != std::string::npos);
  CHECK(both->Open(new_token.bytes, Reservation('2')).status().code() ==
        absl::StatusCode::kInvalidArgument);
}

TEST_CASE("a key may stand in the file once, and only so many may") {
  CHECK_FALSE(TokenSealer::FromKeys({}).ok());
  CHECK_FALSE(TokenSealer::FromKeys({std::string(32, 'k'), std::string(32, 'k')}).ok());
  std::vector<std::string> many;
  for (char c = 'a'; c <= 'i'; ++c) many.emplace_back(32, c);
  CHECK_FALSE(TokenSealer::FromKeys(many).ok());
  many.pop_back();
  CHECK(TokenSealer::FromKeys(many).ok());
}

TEST_CASE("services that start at once agree on one key and leave no other file") {
  const TempDir dir;
  const std::string path = dir.File("token.key");
  std::vector<std::string> tags(8);
  std::vector<std::thread> services;
  for (std::string& tag : tags) {
    services.emplace_back([&tag, &path] {
      const auto sealer = TokenSealer::FromKeyFile(path, /*make=*/true);
      tag = sealer.ok() ? sealer->Seal(kToken, Reservation('1'))->tag : sealer.status().ToString();
    });
  }
  for (std::thread& service : services) service.join();
  for (const std::string& tag : tags) REQUIRE(tag == tags[0]);
  REQUIRE(tags[0].size() == 16);
  const std::filesystem::directory_iterator files(dir.path());
  REQUIRE(std::distance(begin(files), end(files)) == 1);
}

TEST_CASE("a key file that holds no key, or that cannot be written, is an error with its path") {
  const TempDir dir;
  const std::string path = dir.File("token.key");
  for (const std::string& text :
       {std::string(), std::string("secret"), std::string(63, 'a'), std::string(64, 'g')}) {
    std::ofstream(path, std::ios::trunc) << text;
    REQUIRE(chmod(path.c_str(), 0600) == 0);
    const auto sealer = TokenSealer::FromKeyFile(path, /*make=*/true);
    REQUIRE(sealer.status().code() == absl::StatusCode::kInvalidArgument);
    REQUIRE(sealer.status().ToString().find(path) != std::string::npos);
    if (!text.empty()) REQUIRE(sealer.status().ToString().find(text) == std::string::npos);
  }
  const auto nowhere = TokenSealer::FromKeyFile(dir.File("missing/token.key"), /*make=*/true);
  REQUIRE_FALSE(nowhere.ok());
  REQUIRE(nowhere.status().ToString().find("missing/token.key") != std::string::npos);
}

TEST_CASE("a provider's token is acceptable") {
  for (const std::string& token :
       {kToken, std::string("abcd"), std::string(128, 't'), std::string("tok-20261224-1"),
        std::string("pm_550e8400-e29b-41d4-a716-4466aa440000"), std::string("12345678901")}) {
    CAPTURE(token);
    REQUIRE(CheckPaymentToken(token).ok());
  }
}

TEST_CASE("a token that is missing, too short, too long or of other characters is refused") {
  for (const std::string& token :
       {std::string(), std::string("abc"), std::string(129, 't'), std::string("tok visa"),
        std::string("tok\nvisa"), std::string("tok/visa"), std::string("tok\xc3\xa9"),
        std::string("tok\0visa", 8)}) {
    CAPTURE(token);
    REQUIRE(CheckPaymentToken(token).code() == absl::StatusCode::kInvalidArgument);
  }
}

TEST_CASE("what could be a card number is refused, also spaced, dashed or inside other text") {
  for (const std::string& token :
       {std::string("4242424242424242"), std::string("4242-4242-4242-4242"),
        std::string("4242 4242 4242 4242"), std::string("tok_4242424242424242"),
        std::string("4-2-4-2-4-2-4-2-4-2-4-2"), std::string("500000000009"),
        std::string("4242_4242_4242_4242"), std::string("12345678901234567890"),
        std::string("378282246310005x")}) {
    CAPTURE(token);
    const absl::Status status = CheckPaymentToken(token);
    REQUIRE(status.code() == absl::StatusCode::kInvalidArgument);
    REQUIRE(View(status.message()).find("card number") != std::string_view::npos);
  }
}

TEST_CASE("no error about a payment token repeats it") {
  for (const std::string& token : {std::string("4242-4242-4242-4242"), std::string("s3cret visa"),
                                   std::string("xq7"), std::string(129, 't')}) {
    REQUIRE(CheckPaymentToken(token).ToString().find(token) == std::string::npos);
  }
}

}  // namespace
}  // namespace seatsaga
