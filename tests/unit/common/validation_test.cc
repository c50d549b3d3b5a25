#include "common/validation.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace seatsaga {
namespace {

// The fields that a check complained about.
template <class Check>
std::vector<std::string> FieldsOf(Check check) {
  FieldErrors errors;
  check(errors);
  std::vector<std::string> fields;
  for (const auto& [field, description] : FieldViolationsOf(errors.ToStatus())) {
    REQUIRE_FALSE(description.empty());
    fields.push_back(field);
  }
  return fields;
}

const std::vector<std::string> kNone;
const std::vector<std::string> kField = {"f"};

google::protobuf::RepeatedPtrField<std::string> Seats(const std::vector<std::string>& seats) {
  return {seats.begin(), seats.end()};
}

std::vector<std::string> CheckSeats(const std::vector<std::string>& seats) {
  return FieldsOf([&](FieldErrors& errors) { CheckSeatIds("f", Seats(seats), errors); });
}

TEST_CASE("an id field must be there and be a UUID") {
  FieldErrors errors;
  const auto id = CheckId("f", "01890a5d-ac96-774b-bcce-b302099a8057", errors);
  REQUIRE(errors.empty());
  REQUIRE(id.has_value());
  REQUIRE(id->ToString() == "01890a5d-ac96-774b-bcce-b302099a8057");
  for (const std::string bad : {"", "x", "01890a5d-ac96-774b-bcce-b302099a805z"}) {
    REQUIRE(FieldsOf([&](FieldErrors& e) { REQUIRE_FALSE(CheckId("f", bad, e).has_value()); }) ==
            kField);
  }
}

TEST_CASE("a text has 1 to its limit of bytes and no control characters") {
  const auto check = [](const std::string& text) {
    return FieldsOf([&](FieldErrors& errors) { CheckText("f", text, 5, errors); });
  };
  REQUIRE(check("a") == kNone);
  REQUIRE(check("abcde") == kNone);
  REQUIRE(check("h\xc3\xa9 \"") == kNone);
  REQUIRE(check("") == kField);
  REQUIRE(check("abcdef") == kField);
  REQUIRE(check("a\nb") == kField);
  REQUIRE(check(std::string("a\0b", 3)) == kField);
  REQUIRE(check("a\x7f") == kField);
  REQUIRE(check("a\x1b[2J").size() == 1);
}

TEST_CASE("an event id has 1 to 64 characters of a-z, 0-9 and dash") {
  const auto check = [](const std::string& text) {
    return FieldsOf([&](FieldErrors& errors) { CheckEventId("f", text, errors); });
  };
  REQUIRE(check("hamlet-2026-12-24") == kNone);
  REQUIRE(check("a") == kNone);
  REQUIRE(check(std::string(64, 'z')) == kNone);
  for (const std::string& bad :
       {std::string(), std::string(65, 'z'), std::string("Hamlet"), std::string("a b"),
        std::string("a/b"), std::string("a_b"), std::string("h\xc3\xa9")}) {
    CAPTURE(bad);
    REQUIRE(check(bad) == kField);
  }
}

TEST_CASE("one to twenty different seats are accepted") {
  REQUIRE(CheckSeats({"stalls/A/12"}) == kNone);
  std::vector<std::string> seats;
  for (int i = 1; i <= kSeatsMax; ++i) seats.push_back("stalls/A/" + std::to_string(i));
  REQUIRE(CheckSeats(seats) == kNone);
  REQUIRE(CheckSeats({std::string(32, 's') + "/" + std::string(16, 'R') + "/9999"}) == kNone);
}

TEST_CASE("no seats and more than twenty are refused as a whole") {
  REQUIRE(CheckSeats({}) == kField);
  std::vector<std::string> seats;
  for (int i = 1; i <= kSeatsMax + 1; ++i) seats.push_back("stalls/A/" + std::to_string(i));
  REQUIRE(CheckSeats(seats) == kField);
}

TEST_CASE("every malformed or repeated seat is named by its position") {
  REQUIRE(CheckSeats({"stalls/A/1", "stalls/A", "stalls/A/2", "stalls/A/1"}) ==
          std::vector<std::string>{"f[1]", "f[3]"});
  for (const std::string& bad :
       {std::string(), std::string("stalls"), std::string("stalls/A/1/2"), std::string("/A/1"),
        std::string("stalls//1"), std::string("stalls/A/"), std::string("stalls/A/0"),
        std::string("stalls/A/01"), std::string("stalls/A/10000"), std::string("stalls/A/-1"),
        std::string("stalls/A/1a"), std::string("sta lls/A/1"), std::string(33, 's') + "/A/1",
        "stalls/" + std::string(17, 'R') + "/1"}) {
    CAPTURE(bad);
    REQUIRE(CheckSeats({bad}) == std::vector<std::string>{"f[0]"});
  }
}

TEST_CASE("a page size of 0 means the default, negative or too large is refused") {
  FieldErrors errors;
  REQUIRE(CheckPageSize(0, 50, 1000, errors) == 50);
  REQUIRE(CheckPageSize(1, 50, 1000, errors) == 1);
  REQUIRE(CheckPageSize(1000, 50, 1000, errors) == 1000);
  REQUIRE(errors.empty());
  for (const int bad : {-1, 1001, INT32_MIN, INT32_MAX}) {
    REQUIRE(FieldsOf([&](FieldErrors& e) { CheckPageSize(bad, 50, 1000, e); }) ==
            std::vector<std::string>{"page_size"});
  }
}

TEST_CASE("a name has 1 to its limit of letters, digits, dashes and underscores") {
  REQUIRE(IsName("Abz09-_", 7));
  REQUIRE_FALSE(IsName("Abz09-_", 6));
  REQUIRE_FALSE(IsName("", 6));
  REQUIRE_FALSE(IsName("a b", 6));
  REQUIRE_FALSE(IsName("\xc3\xa9", 6));
}

TEST_CASE("a currency is three upper-case letters") {
  REQUIRE(IsCurrency("EUR"));
  for (const char* bad : {"", "EU", "EURO", "eur", "E1R", "E R"}) REQUIRE_FALSE(IsCurrency(bad));
}

}  // namespace
}  // namespace seatsaga
