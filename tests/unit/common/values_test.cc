// Small values: page tokens, fingerprints, times, replies.
#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "common/fingerprint.h"
#include "common/page_token.h"
#include "common/reply.h"
#include "common/text.h"
#include "common/time_proto.h"

namespace seatsaga {
namespace {

TEST_CASE("a page token gives its cursor back, whatever bytes it holds") {
  for (const std::string& cursor : {std::string("\0\xff\x80 cursor", 10), std::string("a")}) {
    FieldErrors errors;
    const std::string token = MakePageToken("List/a", cursor);
    REQUIRE(token.find_first_of("+/ \n") == std::string::npos);
    REQUIRE(ReadPageToken("List/a", token, errors) == cursor);
    REQUIRE(errors.empty());
  }
}

TEST_CASE("an empty page token is the first page") {
  FieldErrors errors;
  REQUIRE(ReadPageToken("List/a", "", errors).empty());
  REQUIRE(errors.empty());
}

TEST_CASE("a page token of another list, cut, edited or made up is refused") {
  const std::string token = MakePageToken("List/a", "0123456789abcdef");
  std::vector<std::string> bad = {MakePageToken("List/b", "0123456789abcdef"), "x", "not base64!",
                                  "AAAA", token.substr(0, token.size() - 3)};
  for (const size_t position : {size_t{0}, token.size() / 2, token.size() - 2}) {
    std::string edited = token;
    edited[position] = edited[position] == 'A' ? 'B' : 'A';
    bad.push_back(edited);
  }
  for (const std::string& text : bad) {
    CAPTURE(text);
    FieldErrors errors;
    REQUIRE(ReadPageToken("List/a", text, errors).empty());
    const auto violations = FieldViolationsOf(errors.ToStatus());
    REQUIRE(violations.size() == 1);
    REQUIRE(violations[0].first == "page_token");
  }
}

TEST_CASE("a fingerprint tells where one part ends and the next begins") {
  REQUIRE(Fingerprint().Add("ab").Add("c").Digest() != Fingerprint().Add("a").Add("bc").Digest());
  REQUIRE(Fingerprint().Add("").Add("a").Digest() != Fingerprint().Add("a").Add("").Digest());
  REQUIRE(Fingerprint().Add("a").Digest() != Fingerprint().Add("a").Add("").Digest());
  REQUIRE(Fingerprint().Add("1:a").Digest() != Fingerprint().Add("1").Add("a").Digest());
  REQUIRE(Fingerprint().Add("ab").Add("c").Digest() == Fingerprint().Add("ab").Add("c").Digest());
}

TEST_CASE("a number is fingerprinted as its digits") {
  REQUIRE(Fingerprint().Add(-42).Digest() == Fingerprint().Add("-42").Digest());
  REQUIRE(Fingerprint().Add(INT64_MIN).Digest() ==
          Fingerprint().Add("-9223372036854775808").Digest());
}

TEST_CASE("fingerprints are the same in every release") {
  const std::string digest = Fingerprint().Add("ab").Add("c").Digest();
  REQUIRE(digest.size() == 16);
  // SHA-256 of "2:ab1:c", cut to 16 bytes.
  REQUIRE(absl::BytesToHexString(digest) == "430fb1b4ac43316eca81fab27a1930ab");
}

TEST_CASE("times and durations survive protobuf to the microsecond") {
  const absl::Time time = absl::FromUnixMicros(1'790'000'000'123'456);
  REQUIRE(ToProto(time).seconds() == 1'790'000'000);
  REQUIRE(ToProto(time).nanos() == 123'456'000);
  REQUIRE(FromProto(ToProto(time)) == time);
  const absl::Duration duration = absl::Milliseconds(-1250);
  REQUIRE(ToProto(duration).seconds() == -1);
  REQUIRE(ToProto(duration).nanos() == -250'000'000);
  REQUIRE(FromProto(ToProto(duration)) == duration);
}

TEST_CASE("text is put together from strings, characters and numbers") {
  REQUIRE(Cat("a", 'b', -3, std::string("c"), std::string_view("d"), absl::string_view("e"),
              INT64_MIN) == "ab-3cde-9223372036854775808");
}

TEST_CASE("text from outside is made valid UTF-8, character by character") {
  REQUIRE(ValidUtf8("") == "");
  const std::string valid =
      "a\x7f \xc3\xa9 \xe2\x82\xac \xf0\x9f\x8e\xab \xed\x9f\xbf \xf4\x8f\xbf\xbf";
  REQUIRE(ValidUtf8(valid) == valid);
  REQUIRE(ValidUtf8("caf\xc3") == "caf?");
  REQUIRE(ValidUtf8("\xc3(\xa9") == "?(?");
  REQUIRE(ValidUtf8("\xff\xfe") == "??");
  REQUIRE(ValidUtf8("\xc0\xaf") == "??");            // overlong
  REQUIRE(ValidUtf8("\xe0\x80\xaf") == "???");       // overlong
  REQUIRE(ValidUtf8("\xf0\x80\x80\xaf") == "????");  // overlong
  REQUIRE(ValidUtf8("\xed\xa0\x80") == "???");       // a surrogate
  REQUIRE(ValidUtf8("\xf4\x90\x80\x80") == "????");  // above U+10FFFF
  REQUIRE(ValidUtf8("\xe2\x82") == "??");
}

TEST_CASE("a reply sends its answer once") {
  std::vector<absl::StatusOr<int>> answers;
  {
    Reply<int> reply([&](absl::StatusOr<int> answer) { answers.push_back(std::move(answer)); });
    REQUIRE(reply.pending());
    reply.Send(7);
    REQUIRE_FALSE(reply.pending());
    reply.Send(8);
  }
  REQUIRE(answers.size() == 1);
  REQUIRE(*answers[0] == 7);
}

TEST_CASE("a reply that is dropped or overwritten answers UNAVAILABLE") {
  std::vector<absl::StatusOr<int>> answers;
  const auto sink = [&](absl::StatusOr<int> answer) { answers.push_back(std::move(answer)); };
  {
    Reply<int> dropped(sink);
    Reply<int> overwritten(sink);
    overwritten = Reply<int>();
    REQUIRE(answers.size() == 1);
  }
  REQUIRE(answers.size() == 2);
  for (const auto& answer : answers) {
    REQUIRE(answer.status().code() == absl::StatusCode::kUnavailable);
    REQUIRE(RetryDelayOf(answer.status(), absl::ZeroDuration()) > absl::ZeroDuration());
    // What it was for may have been done, and stored.
    REQUIRE(answer.status().message().find("not known") != std::string::npos);
  }
}

TEST_CASE("a reply that moved on leaves nothing to answer behind") {
  int answers = 0;
  Reply<int> second;
  {
    Reply<int> first([&](absl::StatusOr<int> answer) { answers += *answer; });
    second = std::move(first);
    REQUIRE_FALSE(first.pending());  // NOLINT(bugprone-use-after-move): that is the point
  }
  REQUIRE(answers == 0);
  second.Send(1);
  REQUIRE(answers == 1);
}

}  // namespace
}  // namespace seatsaga
