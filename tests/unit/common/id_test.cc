#include "common/id.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "common/random.h"

namespace seatsaga {
namespace {

const absl::Time kNow = absl::FromUnixMillis(1'790'000'000'123);

TEST_CASE("an id reads back from its text, in either case, and is written in lower case") {
  const std::string text = "01890a5d-ac96-774b-bcce-b302099a8057";
  const auto id = Id::Parse(text);
  REQUIRE(id.ok());
  REQUIRE(id->ToString() == text);
  const auto upper = Id::Parse("01890A5D-AC96-774B-BCCE-B302099A8057");
  REQUIRE(upper.ok());
  REQUIRE(*upper == *id);
  REQUIRE(id->bytes().substr(0, 3) == "\x01\x89\x0a");
}

TEST_CASE("a text that is not a UUID is refused") {
  const std::string text = GENERATE(
      as<std::string>(), "", "x", "01890a5dac96774bbcceb302099a8057",
      "01890a5d-ac96-774b-bcce-b302099a805", "01890a5d-ac96-774b-bcce-b302099a80577",
      "01890a5d-ac96-774b-bcce-b302099a805g", "01890a5d_ac96-774b-bcce-b302099a8057",
      "0-890a5d-ac96-774b-bcce-b302099a8057", "{1890a5d-ac96-774b-bcce-b302099a805}",
      "01890a5d-ac96-774b-bcce-b302099a80\xc3\xa9", " 1890a5d-ac96-774b-bcce-b302099a8057");
  CAPTURE(text);
  REQUIRE(Id::Parse(text).status().code() == absl::StatusCode::kInvalidArgument);
}

TEST_CASE("an id reads back from its 16 bytes and from no other number of bytes") {
  const Id id = IdGenerator().Next(kNow);
  REQUIRE(*Id::FromBytes(id.bytes()) == id);
  REQUIRE_FALSE(Id::FromBytes(id.bytes().substr(1)).ok());
  REQUIRE_FALSE(Id::FromBytes(std::string(id.bytes()) + "x").ok());
  REQUIRE_FALSE(Id::FromBytes("").ok());
}

TEST_CASE("a generated id is a UUIDv7 of its millisecond") {
  IdGenerator generator;
  for (int i = 0; i < 1000; ++i) {
    const Id id = generator.Next(kNow);
    const std::string text = id.ToString();
    REQUIRE(text[14] == '7');
    REQUIRE(std::string("89ab").find(text[19]) != std::string::npos);
    REQUIRE(id.time() == kNow);
  }
}

TEST_CASE("ids rise strictly within a millisecond") {
  IdGenerator generator;
  Id last = generator.Next(kNow);
  for (int i = 0; i < 100'000; ++i) {
    const Id next = generator.Next(kNow);
    if (!(last < next)) FAIL(next.ToString() << " is not above " << last.ToString());
    last = next;
  }
  REQUIRE(generator.Next(kNow + absl::Milliseconds(1)) > last);
}

TEST_CASE("ids rise strictly when the clock steps back, also to before 1970") {
  IdGenerator generator;
  Id last = generator.Next(kNow);
  for (const absl::Duration back :
       {absl::Milliseconds(1), absl::Hours(1), absl::Hours(1'000'000)}) {
    const Id next = generator.Next(kNow - back);
    REQUIRE(next > last);
    REQUIRE(next.time() == kNow);
    last = next;
  }
}

TEST_CASE("two generators do not make the same id at the same time") {
  absl::flat_hash_set<Id> seen;
  for (int i = 0; i < 1000; ++i) REQUIRE(seen.insert(IdGenerator().Next(kNow)).second);
}

TEST_CASE("ids come from the clock and the given chance alone, and spread over all partitions") {
  const auto make = [](uint64_t seed) {
    IdGenerator generator([random = Random(seed)]() mutable { return random.Next(); });
    std::vector<Id> ids;
    for (int i = 0; i < 4096; ++i) ids.push_back(generator.Next(kNow + absl::Milliseconds(i / 7)));
    return ids;
  };
  const std::vector<Id> ids = make(1);
  REQUIRE(make(1) == ids);
  REQUIRE(make(2) != ids);
  std::set<char> last_bytes;
  for (const Id& id : ids) last_bytes.insert(id.bytes().back());
  REQUIRE(last_bytes.size() == 256);
}

TEST_CASE("the lower bound parts the ids of a time from those before it") {
  IdGenerator generator;
  const Id before = generator.Next(kNow - absl::Milliseconds(1));
  const Id at = generator.Next(kNow);
  REQUIRE(before < Id::LowerBound(kNow));
  REQUIRE(Id::LowerBound(kNow) < at);
  REQUIRE(Id::LowerBound(kNow).time() == kNow);
  REQUIRE(Id::LowerBound(absl::InfinitePast()) == Id());
  REQUIRE(Id::LowerBound(absl::UnixEpoch() - absl::Seconds(1)) == Id());
}

TEST_CASE("the order of ids is the order of their bytes and of their texts") {
  IdGenerator generator;
  std::set<std::string> texts;
  std::set<std::string> bytes;
  std::set<Id> ids;
  for (int i = 0; i < 300; ++i) {
    const Id id = generator.Next(kNow + absl::Milliseconds(i * 37 % 101));
    ids.insert(id);
    texts.insert(id.ToString());
    bytes.insert(std::string(id.bytes()));
  }
  REQUIRE(ids.size() == 300);
  auto text = texts.begin();
  auto byte = bytes.begin();
  for (const Id& id : ids) {
    REQUIRE(*text++ == id.ToString());
    REQUIRE(*byte++ == id.bytes());
  }
}

}  // namespace
}  // namespace seatsaga
