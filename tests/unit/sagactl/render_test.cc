#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "common/time_proto.h"
#include "sagactl/json.h"
#include "sagactl/saga_view.h"
#include "sagactl/table.h"
#include "sagactl/timeline.h"
#include "tests/support/fill_all.h"

namespace seatsaga::cli {
namespace {

namespace ov1 = orchestrator::v1;

const absl::Time kStart = absl::FromUnixSeconds(1'700'000'000);
constexpr char kId[] = "01890a5d-ac96-774b-bcce-b302099a8057";

ov1::Saga MakeSaga(ov1::SagaState state) {
  ov1::Saga saga;
  saga.set_saga_id(kId);
  saga.set_state(state);
  *saga.mutable_create_time() = ToProto(kStart);
  *saga.mutable_update_time() = ToProto(kStart);
  return saga;
}

ov1::HistoryEntry* AddEntry(ov1::Saga& saga, absl::Duration at, ov1::HistoryEventType type) {
  ov1::HistoryEntry* entry = saga.add_history();
  entry->set_sequence(saga.history_size());
  *entry->mutable_time() = ToProto(kStart + at);
  entry->set_type(type);
  entry->set_state_after(ov1::SAGA_STATE_RUNNING);
  return entry;
}

void AddAttempt(ov1::Saga& saga, absl::Duration start, absl::Duration took, const char* step,
                int attempt, saga::v1::Outcome outcome, const char* reason) {
  auto* entry = AddEntry(saga, start + took, ov1::HISTORY_EVENT_TYPE_CALL_ENDED);
  *entry->mutable_duration() = ToProto(took);
  entry->set_step(step);
  entry->set_direction(saga::v1::DIRECTION_ACTION);
  entry->set_attempt(attempt);
  entry->set_outcome(outcome);
  entry->set_reason(reason);
}

// A reservation in 1 s: seats at once, a charge that is unknown for 500 ms, then again.
ov1::Saga Story(ov1::SagaState state) {
  ov1::Saga saga = MakeSaga(state);
  AddEntry(saga, absl::ZeroDuration(), ov1::HISTORY_EVENT_TYPE_STARTED);
  AddAttempt(saga, absl::ZeroDuration(), absl::Milliseconds(250), "reserve_seats", 1,
             saga::v1::OUTCOME_SUCCEEDED, "");
  AddAttempt(saga, absl::Milliseconds(250), absl::Milliseconds(500), "charge_payment", 1,
             saga::v1::OUTCOME_UNKNOWN, "DEADLINE_EXCEEDED");
  AddAttempt(saga, absl::Milliseconds(750), absl::Milliseconds(250), "charge_payment", 2,
             saga::v1::OUTCOME_SUCCEEDED, "");
  return saga;
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

TEST_CASE("table: columns are as wide as their widest cell, and numbers are right-aligned") {
  Table table({{"ID"}, {"N", Align::kRight}, {"WHY"}});
  table.AddRow({{"abc"}, {"1"}, {"x"}});
  table.AddRow({{"d"}, {"200"}});
  CHECK(table.Render(Style{}) ==
        "ID     N  WHY\n"
        "abc    1  x\n"
        "d    200\n");
}

TEST_CASE("table: a character of several bytes takes one column") {
  Table table({{"A"}, {"B"}});
  table.AddRow({{"é"}, {"x"}});
  table.AddRow({{"ab"}, {"x"}});
  CHECK(table.Render(Style{}) == "A   B\né   x\nab  x\n");
}

TEST_CASE("table: control characters cannot reach the terminal") {
  Table table({{"A"}});
  table.AddRow({{"a\x1b[31m\nb"}});
  CHECK(table.Render(Style{}) == "A\na?[31m?b\n");
}

TEST_CASE("table: colours do not move columns, and only a style with colour has them") {
  Table table({{"A"}, {"B"}});
  table.AddRow({{"x", Ink::kBad}, {"y"}});
  CHECK(table.Render(Style{.colour = true}) ==
        "\x1b[2mA\x1b[0m  \x1b[2mB\x1b[0m\n\x1b[1;31mx\x1b[0m  y\n");
  CHECK(table.Render(Style{}) == "A  B\nx  y\n");
}

TEST_CASE("timeline: each attempt has step, direction, number, outcome, duration and reason") {
  const std::string text =
      RenderTimeline(Story(ov1::SAGA_STATE_COMPLETED), kStart + absl::Hours(1), Style{});
  CHECK(text ==
        " START  STEP            DIRECTION  ATTEMPT  OUTCOME     TOOK  REASON\n"
        "   +0s                                      started\n"
        "   +0s  reserve_seats   action     #1       succeeded  250ms\n"
        "+250ms  charge_payment  action     #1       unknown    500ms  DEADLINE_EXCEEDED\n"
        "+750ms  charge_payment  action     #2       succeeded  250ms\n");
}

TEST_CASE("timeline: bars show when and for how long the attempts ran") {
  const Style style{.terminal = true, .width_columns = 80};  // bars of 12 cells
  const auto lines =
      Lines(RenderTimeline(Story(ov1::SAGA_STATE_COMPLETED), kStart + absl::Hours(1), style));
  REQUIRE(lines.size() == 5);
  CHECK_THAT(lines[1], Catch::EndsWith("|*           |"));
  CHECK_THAT(lines[2], Catch::EndsWith("|####        |"));
  CHECK_THAT(lines[3], Catch::Contains("|   #######  |"));
  CHECK_THAT(lines[4], Catch::EndsWith("|         ###|"));
}

TEST_CASE("timeline: a live saga ends in what it waits for") {
  ov1::Saga saga = Story(ov1::SAGA_STATE_RUNNING);
  saga.set_step("confirm_reservation");
  saga.set_attempt(3);
  const absl::Time now = kStart + absl::Seconds(2);
  SECTION("a timer") {
    *saga.mutable_due_time() = ToProto(kStart + absl::Seconds(5));
    CHECK_THAT(Lines(RenderTimeline(saga, now, Style{})).back(),
               Catch::Contains("confirm_reservation") && Catch::Contains("waiting") &&
                   Catch::EndsWith("due in 3.0s"));
  }
  SECTION("an answer") {
    CHECK_THAT(Lines(RenderTimeline(saga, now, Style{})).back(), Catch::Contains("under way"));
  }
  SECTION("nothing, when it is parked") {
    saga.set_state(ov1::SAGA_STATE_PARKED);
    CHECK(Lines(RenderTimeline(saga, now, Style{})).size() == 5);
  }
}

TEST_CASE("timeline: an attempt that began before the saga by another clock starts at 0") {
  ov1::Saga saga = MakeSaga(ov1::SAGA_STATE_COMPLETED);
  AddAttempt(saga, absl::Seconds(-5), absl::Seconds(1), "reserve_seats", 1,
             saga::v1::OUTCOME_SUCCEEDED, "");
  CHECK_THAT(RenderTimeline(saga, kStart, Style{.terminal = true}), Catch::Contains("+0s"));
}

TEST_CASE("history line: says what ended, why, and where the saga is now") {
  const ov1::Saga saga = Story(ov1::SAGA_STATE_RUNNING);
  CHECK_THAT(RenderHistoryLine(saga.history(2), kStart, Style{}),
             Catch::StartsWith("+250ms") && Catch::Contains("charge_payment") &&
                 Catch::Contains("#1") && Catch::Contains("unknown") &&
                 Catch::Contains("in 500ms  DEADLINE_EXCEEDED") && Catch::EndsWith("-> RUNNING"));
}

TEST_CASE("saga header: a parked saga says first why, and what to do next") {
  ov1::Saga saga = MakeSaga(ov1::SAGA_STATE_PARKED);
  saga.set_reason("REFUND_REFUSED");
  saga.set_next_action("refund by hand");
  saga.set_needs_attention(true);
  const auto lines = Lines(RenderSagaHeader(saga, kStart + absl::Seconds(192), Style{}));
  REQUIRE(lines.size() > 4);
  CHECK(lines[0] == "PARKED: REFUND_REFUSED");
  CHECK(lines[1] == "  next: refund by hand");
  CHECK(lines[2].empty());  // the server says what may be done now, and nobody else
}

TEST_CASE("saga header: a hold, its event's terms and its refund are told in words") {
  ov1::Saga saga = MakeSaga(ov1::SAGA_STATE_COMPENSATED);
  auto& data = *saga.mutable_data()->mutable_reservation();
  data.mutable_hold_duration()->set_seconds(300);
  data.mutable_terms()->mutable_start_time()->set_seconds(1'798'135'200);
  for (const auto& [days, percent] : {std::pair{7, 100}, std::pair{1, 50}}) {
    auto& rule = *data.mutable_terms()->add_refund_rules();
    rule.mutable_before_start()->set_seconds(days * int64_t{86'400});
    rule.set_percent(percent);
  }
  data.mutable_refund()->set_amount_minor(0);
  data.mutable_refund()->set_currency("EUR");
  CHECK_THAT(
      RenderSagaHeader(saga, kStart, Style{}),
      Catch::Contains("hold         5m00s\n"
                      "terms        starts 2026-12-24 18:00:00.000Z, refund 100% until 7d00h "
                      "before, 50% until 1d00h before\n"
                      "refund       0.00 EUR\n"));
}

TEST_CASE("saga header: everything that the saga knows, in the order of its fields") {
  ov1::Saga saga = MakeSaga(ov1::SAGA_STATE_RUNNING);
  auto& data = *saga.mutable_data()->mutable_reservation();
  data.set_user_id("ada");
  data.set_event_id("hamlet");
  data.add_seat_ids("stalls/A/1");
  data.add_seat_ids("stalls/A/2");
  data.set_sealed_payment_token("CANARY");
  data.mutable_price()->set_amount_minor(8500);
  data.mutable_price()->set_currency("EUR");
  const std::string header = RenderSagaHeader(saga, kStart, Style{});
  CHECK_THAT(header, Catch::Contains("user         ada\n"
                                     "event        hamlet\n"
                                     "seats        stalls/A/1, stalls/A/2\n"
                                     "price        85.00 EUR\n"));
  CHECK_THAT(header, !Catch::Contains("CANARY"));
  saga.mutable_data()->clear_of();  // of a kind that only a newer release knows
  CHECK_THAT(RenderSagaHeader(saga, kStart, Style{}), !Catch::Contains("ada"));

  // Also a field that is added later.
  testing::FillAll(*saga.mutable_data()->mutable_reservation(), {{"currency", "EUR"}});
  const std::string full = RenderSagaHeader(saga, kStart, Style{});
  std::vector<const testing::FieldDescriptor*> fields;
  data.GetReflection()->ListFields(saga.data().reservation(), &fields);
  for (const auto* field : fields) {
    if (field->type() != testing::FieldDescriptor::TYPE_STRING) continue;
    CHECK_THAT(full, Catch::Contains(field->name()));
  }
}

TEST_CASE("saga table: whole ids, human ages, and what to do for those that need attention") {
  std::vector<ov1::Saga> sagas{MakeSaga(ov1::SAGA_STATE_COMPLETED)};
  const absl::Time now = kStart + absl::Seconds(192);
  CHECK_THAT(RenderSagaTable(sagas, now, Style{}),
             Catch::Contains(kId) && Catch::Contains("3m12s") && !Catch::Contains("NEXT"));
  sagas.push_back(MakeSaga(ov1::SAGA_STATE_PARKED));
  sagas.back().set_needs_attention(true);
  sagas.back().set_next_action("refund by hand");
  CHECK_THAT(RenderSagaTable(sagas, now, Style{}),
             Catch::Contains("NEXT") && Catch::Contains("refund by hand"));
}

TEST_CASE("stats: counts by state, and a way to see how many are parked") {
  ov1::GetStatsResponse stats;
  auto* parked = stats.add_states();
  parked->set_state(ov1::SAGA_STATE_PARKED);
  parked->set_count(2);
  CHECK(ParkedCount(stats) == 2);
  CHECK(ParkedCount(ov1::GetStatsResponse()) == 0);
  CHECK_THAT(RenderStats(stats, kStart, Style{}), Catch::Contains("PARKED      2"));
}

TEST_CASE("json: names as in the protos, enums readable, defaults present") {
  const auto text = ToJson(MakeSaga(ov1::SAGA_STATE_PARKED), JsonLayout::kOneLine);
  REQUIRE(text.ok());
  CHECK_THAT(*text, Catch::Contains(R"("state":"SAGA_STATE_PARKED")") &&
                        Catch::Contains(R"("next_action":"")") &&
                        Catch::Contains(R"("needs_attention":false)") && Catch::EndsWith("}\n"));
  CHECK(Lines(*text).size() == 1);
}

}  // namespace
}  // namespace seatsaga::cli
