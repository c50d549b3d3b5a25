// Which definitions are well formed. That malformed ones do not compile: tests/unit/compile_fail/.
#include "orchestrator/core/definition.h"

#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace seatsaga::core {
namespace {

using namespace std::chrono_literals;

enum class Call : uint8_t { kNone, kDo, kUndo, kAsk };

Step Compensatable(std::string_view name) {
  return {.name = name, .action = Call::kDo, .compensation = Call::kUndo, .attempt_deadline = 1s};
}
Step MustSucceed(std::string_view name, StepKind kind) {
  return {.name = name,
          .kind = kind,
          .action = Call::kDo,
          .retry = RetryPolicy::kUntilDone,
          .attempt_deadline = 1s};
}
Step Pivot(std::string_view name) { return MustSucceed(name, StepKind::kPivot); }
Step Retriable(std::string_view name) { return MustSucceed(name, StepKind::kRetriable); }
Step Wait(std::string_view name) {
  return {.name = name, .kind = StepKind::kWait, .expires = {"EXPIRED", "nobody came"}};
}

std::string Wrong(const std::vector<Step>& steps) {
  REQUIRE(IsWellFormed(steps) == WhatIsWrongWith(steps).empty());
  return std::string(WhatIsWrongWith(steps));
}

template <typename Change>
std::string WrongAfter(Step step, Change change) {
  REQUIRE(WhatIsWrongWith(step).empty());
  change(step);
  return std::string(WhatIsWrongWith(step));
}

TEST_CASE("compensatable and wait steps, a pivot, then retriable steps are well formed") {
  REQUIRE(Wrong({Compensatable("a"), Wait("b"), Compensatable("c"), Pivot("d"), Retriable("e"),
                 Retriable("f")})
              .empty());
  REQUIRE(Wrong({Pivot("a")}).empty());
  REQUIRE(Wrong({Compensatable("a"), Wait("b")}).empty());
}

TEST_CASE("the order of a malformed table is explained") {
  REQUIRE(Wrong({}) == "there are no steps");
  REQUIRE(Wrong({Compensatable("a"), Compensatable("a")}) == "two steps have one name");
  REQUIRE(Wrong({Pivot("a"), Pivot("b")}) == "there are two pivots");
  REQUIRE(Wrong({Pivot("a"), Compensatable("b")}) ==
          "after the pivot every step must be retriable");
  REQUIRE(Wrong({Pivot("a"), Wait("b")}) == "after the pivot every step must be retriable");
  REQUIRE(Wrong({Retriable("a"), Pivot("b")}) == "a retriable step comes before the pivot");
  REQUIRE(Wrong({Retriable("a")}) == "a retriable step comes before the pivot");
}

TEST_CASE("a table has at most sixteen steps") {
  const std::string names = "abcdefghijklmnopq";
  std::vector<Step> steps;
  for (size_t i = 0; i < 16; ++i) {
    steps.push_back(Compensatable(std::string_view(names).substr(i, 1)));
  }
  REQUIRE(Wrong(steps).empty());
  steps.push_back(Compensatable(std::string_view(names).substr(16, 1)));
  REQUIRE(Wrong(steps) == "there are too many steps");
}

TEST_CASE("a step is undone with an earlier one that undoes something") {
  const std::string wrong = "a step is undone with one that is not before it, or undoes nothing";
  const auto undone_with = [](std::string_view other) {
    Step step = Compensatable("b");
    step.compensation = {};
    step.undone_with = other;
    return step;
  };
  REQUIRE(Wrong({Compensatable("a"), undone_with("a"), Pivot("c")}).empty());
  REQUIRE(Wrong({Compensatable("a"), undone_with("b"), Pivot("c")}) == wrong);
  REQUIRE(Wrong({Compensatable("a"), undone_with("c"), Compensatable("c")}) == wrong);
  REQUIRE(Wrong({Compensatable("a"), undone_with("nowhere")}) == wrong);
}

TEST_CASE("a step goes back to one before the wait, and there is one wait at most") {
  const std::string wrong = "a step goes back to one that is not before the wait";
  const auto going_back_to = [](std::string_view other) {
    Step step = Compensatable("c");
    step.goes_back_to = other;
    step.visits_max = 3;
    return step;
  };
  REQUIRE(Wrong({Compensatable("a"), Wait("b"), going_back_to("b"), Pivot("d")}).empty());
  REQUIRE(Wrong({Compensatable("a"), Wait("b"), going_back_to("d"), Pivot("d")}) == wrong);
  REQUIRE(Wrong({Compensatable("a"), Wait("b"), going_back_to("nowhere")}) == wrong);
  REQUIRE(Wrong({Compensatable("a"), going_back_to("a")}) == wrong);
  REQUIRE(Wrong({Compensatable("a"), Wait("b"), going_back_to("a"), Pivot("d")}) ==
          "a step goes back over one that it must undo");
  REQUIRE(Wrong({Wait("a"), Wait("b")}) == "there are two waits");
}

TEST_CASE("what is wrong with a single step is explained") {
  REQUIRE(WrongAfter(Compensatable("a"), [](Step& s) { s.name = ""; }) == "a step has no name");
  REQUIRE(WrongAfter(Compensatable("a"), [](Step& s) { s.attempts_max = -1; }) ==
          "a step has negative attempts");
  REQUIRE(WrongAfter(Compensatable("a"), [](Step& s) { s.attempt_deadline = -1ms; }) ==
          "a step's deadline is negative");
  REQUIRE(WrongAfter(Compensatable("a"), [](Step& s) { s.attempt_deadline = 0ms; }) ==
          "a step that calls has no deadline");
  REQUIRE(WrongAfter(Compensatable("a"), [](Step& s) { s.compensation = {}; }) ==
          "a compensatable step has no compensation, or two");
  REQUIRE(WrongAfter(Compensatable("a"), [](Step& s) { s.undone_with = "b"; }) ==
          "a compensatable step has no compensation, or two");
  REQUIRE(WrongAfter(Compensatable("a"), [](Step& s) { s.may_be_refused = true; }) ==
          "only a pivot may be refused");
  REQUIRE(WrongAfter(Compensatable("a"), [](Step& s) { s.visits_max = 101; }) ==
          "a step has too many visits");
  REQUIRE(WrongAfter(Compensatable("a"), [](Step& s) {
            s.action = {};
            s.probe = Call::kAsk;
          }) == "a step probes but does not act");
  REQUIRE(WrongAfter(Compensatable("a"), [](Step& s) { s.action = s.compensation = {}; }) ==
          "a step does nothing");
  REQUIRE(WrongAfter(Compensatable("a"), [](Step& s) {
            s.expires = {"EXPIRED", "why"};
          }) == "only a wait step waits");
  REQUIRE(WrongAfter(Pivot("a"), [](Step& s) {
            s.action = {};
            s.compensation = Call::kUndo;
          }) == "a pivot or retriable step does not act");
  REQUIRE(WrongAfter(Wait("a"), [](Step& s) {
            s.action = Call::kDo;
            s.attempt_deadline = 1s;
          }) == "a wait step calls");
  REQUIRE(WrongAfter(Wait("a"), [](Step& s) { s.expires = {}; }) ==
          "a wait step does not say why it expires");
}

TEST_CASE("pivot and retriable steps, and only they, are retried until done") {
  const std::string rule = "pivot and retriable steps, and only they, are retried until done";
  const auto bounded = [](Step& s) { s.retry = RetryPolicy::kBounded; };
  REQUIRE(WrongAfter(Pivot("a"), bounded) == rule);
  REQUIRE(WrongAfter(Retriable("a"), bounded) == rule);
  REQUIRE(WrongAfter(Compensatable("a"), [](Step& s) { s.retry = RetryPolicy::kUntilDone; }) ==
          rule);
}

TEST_CASE("an id gives its enumerator back, and none is none") {
  REQUIRE(CallId(Call::kUndo).As<Call>() == Call::kUndo);
  REQUIRE(CallId().IsNone());
  REQUIRE(CallId(Call::kNone).IsNone());
  REQUIRE_FALSE(CallId(Call::kDo) == CallId(Call::kUndo));
}

}  // namespace
}  // namespace seatsaga::core
