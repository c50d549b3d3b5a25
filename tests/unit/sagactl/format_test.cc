#include "sagactl/format.h"

#include <catch2/catch.hpp>
#include <limits>
#include <string>
#include <vector>

#include "common/errors.h"
#include "sagactl/completion.h"
#include "sagactl/options.h"
#include "sagactl/report_error.h"

namespace seatsaga::cli {
namespace {

TEST_CASE("durations read as people say them") {
  CHECK(HumanDuration(absl::ZeroDuration()) == "0s");
  CHECK(HumanDuration(absl::Seconds(-3)) == "0s");
  CHECK(HumanDuration(absl::Microseconds(412)) == "412us");
  CHECK(HumanDuration(absl::Microseconds(999'999)) == "999ms");
  CHECK(HumanDuration(absl::Seconds(1)) == "1.0s");
  CHECK(HumanDuration(absl::Milliseconds(9'499)) == "9.4s");
  CHECK(HumanDuration(absl::Seconds(59)) == "59s");
  CHECK(HumanDuration(absl::Seconds(192)) == "3m12s");
  CHECK(HumanDuration(absl::Seconds(3599)) == "59m59s");
  CHECK(HumanDuration(absl::Seconds(3600)) == "1h00m");
  CHECK(HumanDuration(absl::Hours(24 * 3 + 4)) == "3d04h");
}

TEST_CASE("money has its currency's digits") {
  CHECK(HumanMoney(12'000, "EUR") == "120.00 EUR");
  CHECK(HumanMoney(5, "EUR") == "0.05 EUR");
  CHECK(HumanMoney(-5, "EUR") == "-0.05 EUR");
  CHECK(HumanMoney(5'000, "JPY") == "5000 JPY");
  CHECK(HumanMoney(1'234, "KWD") == "1.234 KWD");
  CHECK(HumanMoney(std::numeric_limits<int64_t>::min(), "EUR") == "-92233720368547758.08 EUR");
  CHECK(HumanMoney(0, "") == "");
}

TEST_CASE("states are read in any case and with or without their prefix") {
  for (const char* text : {"parked", "PARKED", "SAGA_STATE_PARKED"}) {
    CAPTURE(text);
    REQUIRE(ParseSagaState(text).ok());
    CHECK(*ParseSagaState(text) == orchestrator::v1::SAGA_STATE_PARKED);
  }
  CHECK_FALSE(ParseSagaState("unspecified").ok());
  CHECK_FALSE(ParseSagaState("stuck").ok());
}

TEST_CASE("durations need a unit and cannot be negative or endless") {
  CHECK(*ParseDuration("1h30m") == absl::Minutes(90));
  for (const char* text : {"", "5", "-5m", "soon", "inf"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseDuration(text).ok());
  }
}

TEST_CASE("an id is checked before anything is sent") {
  CHECK(CheckId("01890a5d-ac96-774b-bcce-b302099a8057") == "");
  CHECK_THAT(CheckId("42"), Catch::Contains("not an id"));
}

TEST_CASE("an error of a service says its reason, its fields and what to do") {
  const GlobalOptions options;
  FieldErrors errors;
  errors.Add("page_token", "is from another list");
  absl::Status status = errors.ToStatus();
  status.SetPayload("sagactl/service", absl::Cord("0"));
  CHECK(ExitCodeOf(status) == 64 + 3);
  CHECK_THAT(ErrorText(status, options), Catch::Contains("orchestrator: INVALID_ARGUMENT") &&
                                             Catch::Contains("reason: INVALID_REQUEST") &&
                                             Catch::Contains("page_token"));

  absl::Status unreachable = absl::UnavailableError("connection refused");
  CHECK(ExitCodeOf(unreachable) == 1);  // of no service
  unreachable.SetPayload("sagactl/service", absl::Cord("2"));
  CHECK(ExitCodeOf(unreachable) == 78);
  CHECK_THAT(ErrorText(unreachable, options),
             Catch::Contains("is seat_svc running at 127.0.0.1:50052?") &&
                 Catch::Contains("--seats") && Catch::Contains("SEATSAGA_SEAT_SVC"));
}

TEST_CASE("completions name every command, flag and fixed value") {
  const ProgramWords words{
      .commands = {{"list", "List sagas", {}, {{"--state", "Only this", {"parked"}, true}}},
                   {"completion", "Print it", {"bash", "zsh"}, {}}},
      .flags = {{"--no-color", "No colours", {}, false}}};
  for (const std::string& script :
       {BashCompletion(words), ZshCompletion(words), FishCompletion(words)}) {
    CHECK_THAT(script, Catch::Contains("list") && Catch::Contains("state") &&
                           Catch::Contains("parked") && Catch::Contains("no-color") &&
                           Catch::Contains("bash"));
  }
}

}  // namespace
}  // namespace seatsaga::cli
