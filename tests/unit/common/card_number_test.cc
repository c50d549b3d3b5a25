#include "common/card_number.h"

#include <catch2/catch.hpp>

#include "common/errors.h"
#include "common/validation.h"

namespace seatsaga {
namespace {

TEST_CASE("a card number is seen however it is written") {
  for (const char* text :
       {"4111111111111111", "5500 0000 0000 0004", "3400-0000-0000-009", "card 30569309025904? no",
        "x6011000000000004x", "2221000000000009", "4111_1111_1111_1111", "row 3530111333300000"}) {
    CAPTURE(text);
    CHECK(MayHoldCardNumber(text));
    CHECK(HoldsCardNumber(text));
  }
}

TEST_CASE("other numbers are not taken for one") {
  for (const char* text :
       {"", "ada", "411111111111", "4111111111111112", "20261128123456789", "1234567890123456789",
        "01890a5d-ac96-774b-bcce-b302099a8057", "+49 30 1234567890", "9780306406157"}) {
    CAPTURE(text);
    CHECK_FALSE(HoldsCardNumber(text));
  }
}

TEST_CASE("texts and event ids hold no card number") {
  FieldErrors errors;
  CheckText("user_id", "ada 4111 1111 1111 1111", 64, errors);
  CheckEventId("event_id", "hamlet-4111111111111111", errors);
  const auto violations = FieldViolationsOf(errors.ToStatus());
  REQUIRE(violations.size() == 2);
  CHECK(violations[0].first == "user_id");
  CHECK(violations[1].first == "event_id");
  CHECK(violations[1].second.find("4111") == std::string::npos);
}

}  // namespace
}  // namespace seatsaga
