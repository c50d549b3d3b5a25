// Events: which are accepted, and how they are created.
#include <functional>

#include "absl/strings/escaping.h"
#include "seat_svc/event_rules.h"
#include "tests/unit/seat_svc/world.h"

namespace seatsaga::seat::testing {
namespace {

// The fields that are wrong, in order.
Texts WrongFields(const v1::Event& event) {
  FieldErrors errors;
  CheckEvent(event, errors);
  Texts fields;
  for (const auto& [field, description] : FieldViolationsOf(errors.ToStatus())) {
    CHECK_FALSE(description.empty());
    fields.push_back(field);
  }
  return fields;
}

v1::Section& AddSection(v1::Event& event, std::string_view name, int rows, int seats) {
  v1::Section& section = *event.add_sections();
  section.set_name(std::string(name));
  for (int i = 0; i < rows; ++i) {
    v1::Row* row = section.add_rows();
    row->set_name(std::to_string(i));
    row->set_seat_count(seats);
  }
  return section;
}

TEST_CASE("a good event has no faults") {
  CHECK(WrongFields(Hamlet()).empty());
  v1::Event free_entry = Hamlet();
  free_entry.mutable_sections(0)->set_price_minor(0);
  free_entry.mutable_sections(1)->set_price_minor(kPriceMinorMax);
  CHECK(WrongFields(free_entry).empty());
}

TEST_CASE("an empty event names every required field") {
  CHECK(WrongFields({}) ==
        Texts{"event.event_id", "event.display_name", "event.currency", "event.sections"});
}

TEST_CASE("wrong scalars of an event are named") {
  v1::Event event = Hamlet();
  event.set_event_id("Hamlet!");
  event.set_display_name(std::string(kDisplayNameMax + 1, 'x'));
  event.set_currency("eur");
  CHECK(WrongFields(event) == Texts{"event.event_id", "event.display_name", "event.currency"});
}

TEST_CASE("negative and too large prices are named") {
  v1::Event event = Hamlet();
  event.mutable_sections(0)->set_price_minor(-1);
  event.mutable_sections(1)->set_price_minor(kPriceMinorMax + 1);
  CHECK(WrongFields(event) ==
        Texts{"event.sections[0].price_minor", "event.sections[1].price_minor"});
  event.mutable_sections(0)->set_price_minor(INT64_MIN);
  event.mutable_sections(1)->set_price_minor(INT64_MAX);
  CHECK(WrongFields(event).size() == 2);
}

TEST_CASE("names that are missing, malformed or repeated are named") {
  v1::Event event = Hamlet();
  event.mutable_sections(0)->mutable_rows(1)->set_name("A");
  event.mutable_sections(1)->set_name("stalls");
  AddSection(event, "a/b", 1, 1).mutable_rows(0)->clear_name();
  CHECK(WrongFields(event) == Texts{"event.sections[0].rows[1].name", "event.sections[1].name",
                                    "event.sections[2].name", "event.sections[2].rows[0].name"});
}

TEST_CASE("the same row name in two sections is no fault") {
  CHECK(Hamlet().sections(0).rows(0).name() == Hamlet().sections(1).rows(0).name());
  CHECK(WrongFields(Hamlet()).empty());
}

TEST_CASE("rows without seats, with too many, or none at all are named") {
  v1::Event event = Hamlet();
  event.mutable_sections(0)->mutable_rows(0)->set_seat_count(0);
  event.mutable_sections(0)->mutable_rows(1)->set_seat_count(kRowSeatsMax + 1);
  event.mutable_sections(1)->mutable_rows(0)->set_seat_count(-5);
  AddSection(event, "gods", 0, 0);
  CHECK(WrongFields(event) ==
        Texts{"event.sections[0].rows[0].seat_count", "event.sections[0].rows[1].seat_count",
              "event.sections[1].rows[0].seat_count", "event.sections[2].rows"});
}

TEST_CASE("100,000 seats are the most that an event can have") {
  v1::Event event = Hamlet();
  event.clear_sections();
  AddSection(event, "field", 100, 1000);
  CHECK(WrongFields(event).empty());
  AddSection(event, "gate", 1, 1);
  CHECK(WrongFields(event) == Texts{"event.sections"});
}

TEST_CASE("too many sections or rows are named") {
  v1::Event event = Hamlet();
  event.clear_sections();
  for (int i = 0; i <= kSectionsMax; ++i) AddSection(event, std::to_string(i), 1, 1);
  CHECK(WrongFields(event) == Texts{"event.sections"});
  event.clear_sections();
  AddSection(event, "field", kRowsMax + 1, 1);
  CHECK(WrongFields(event) == Texts{"event.sections[0].rows"});
}

TEST_CASE("an event that is wrong everywhere gets an answer of bounded size") {
  v1::Event event = Hamlet();
  event.clear_sections();
  for (int i = 0; i < kSectionsMax; ++i) AddSection(event, "", kRowsMax, -1);
  CHECK(WrongFields(event).size() == 20);
}

// --- Dates and refund rules

google::protobuf::Timestamp Time(int64_t seconds, int32_t nanos) {
  google::protobuf::Timestamp time;
  time.set_seconds(seconds);
  time.set_nanos(nanos);
  return time;
}

Texts WrongWith(const std::function<void(v1::Event&)>& change) {
  v1::Event event = DatedHamlet();
  change(event);
  return WrongFields(event);
}

TEST_CASE("an event may have any of its dates, and refund rules from its start on") {
  CHECK(WrongFields(DatedHamlet()).empty());
  CHECK(WrongWith([](auto& e) { e.clear_refund_rules(); }).empty());
  CHECK(WrongWith([](auto& e) { e.clear_sale_start_time(); }).empty());
  CHECK(WrongWith([](auto& e) { e.clear_sale_end_time(); }).empty());
  v1::Event event = Hamlet();
  *event.mutable_sale_start_time() = ToProto(kSaleStart);
  CHECK(WrongFields(event).empty());
  *event.mutable_sale_end_time() = ToProto(kSaleStart + absl::Microseconds(1));
  CHECK(WrongFields(event).empty());
}

TEST_CASE("the sale may go on after the event's start") {
  CHECK(WrongWith([](auto& e) {
          *e.mutable_sale_start_time() = ToProto(kPremiere);
          *e.mutable_sale_end_time() = ToProto(kPremiere + absl::Hours(1));
        }).empty());
}

TEST_CASE("times that are none, or not whole microseconds, are named") {
  const int64_t last = 253'402'300'799;
  CHECK(WrongWith([](auto& e) { *e.mutable_sale_start_time() = Time(0, 0); }).empty());
  CHECK(WrongWith([=](auto& e) { *e.mutable_sale_end_time() = Time(last, 999'999'000); }).empty());
  for (const auto& wrong : {Time(-1, 0), Time(last + 1, 0), Time(INT64_MAX, 0), Time(INT64_MIN, 0),
                            Time(1, -1000), Time(1, 1'000'000'000), Time(1, 1), Time(1, 999)}) {
    INFO(wrong.ShortDebugString());
    v1::Event event = Hamlet();
    *event.mutable_start_time() = wrong;
    *event.mutable_sale_start_time() = wrong;
    *event.mutable_sale_end_time() = wrong;
    CHECK(WrongFields(event) ==
          Texts{"event.start_time", "event.sale_start_time", "event.sale_end_time"});
  }
}

TEST_CASE("a sale that ends no later than it starts is named") {
  CHECK(WrongWith([](auto& e) { *e.mutable_sale_start_time() = ToProto(kSaleEnd); }) ==
        Texts{"event.sale_start_time"});
  CHECK(WrongWith([](auto& e) {
          *e.mutable_sale_start_time() = ToProto(kPremiere);
          e.clear_sale_end_time();
        }) == Texts{"event.sale_start_time"});
}

TEST_CASE("refund rules need the event's start") {
  CHECK(WrongWith([](auto& e) { e.clear_start_time(); }) == Texts{"event.refund_rules"});
}

TEST_CASE("an event has ten refund rules at most") {
  const auto with_rules = [](int count) {
    return WrongWith([=](auto& e) {
      e.clear_refund_rules();
      for (int i = count; i > 0; --i) AddRule(e, absl::Hours(i), i);
    });
  };
  CHECK(with_rules(kRefundRulesMax).empty());
  CHECK(with_rules(kRefundRulesMax + 1) == Texts{"event.refund_rules"});
}

TEST_CASE("a refund rule's fields have limits") {
  const auto wrong = [](absl::Duration before_start, int percent) {
    return WrongWith([=](auto& e) {
      e.clear_refund_rules();
      AddRule(e, before_start, percent);
    });
  };
  const Texts before_start{"event.refund_rules[0].before_start"};
  const Texts percent{"event.refund_rules[0].percent"};
  const absl::Duration most = absl::Seconds(315'576'000'000);
  CHECK(wrong(absl::ZeroDuration(), 0).empty());
  CHECK(wrong(most, 100).empty());
  CHECK(wrong(absl::Seconds(-1), 50) == before_start);
  CHECK(wrong(absl::Seconds(-1) / 2, 50) == before_start);
  CHECK(wrong(absl::Seconds(1) / 2, 50) == before_start);
  CHECK(wrong(most + absl::Seconds(1), 50) == before_start);
  CHECK(wrong(absl::Hours(1), -1) == percent);
  CHECK(wrong(absl::Hours(1), 101) == percent);
  CHECK(WrongWith([](auto& e) { e.mutable_refund_rules(0)->clear_before_start(); }) ==
        before_start);
}

TEST_CASE("refund rules fall in time, and do not rise in percent") {
  const auto second = [](absl::Duration before_start, int percent) {
    return WrongWith([=](auto& e) {  // the first: 100 % until 48 hours before
      e.mutable_refund_rules(0)->set_percent(50);
      *e.mutable_refund_rules(1)->mutable_before_start() = ToProto(before_start);
      e.mutable_refund_rules(1)->set_percent(percent);
      AddRule(e, absl::ZeroDuration(), 0);
    });
  };
  CHECK(second(absl::Hours(47), 50).empty());
  CHECK(second(absl::Hours(48), 49) == Texts{"event.refund_rules[1].before_start"});
  CHECK(second(absl::Hours(49), 49) == Texts{"event.refund_rules[1].before_start"});
  CHECK(second(absl::Hours(47), 51) == Texts{"event.refund_rules[1].percent"});
  // Its own fault is none of the next rule.
  CHECK(second(absl::Hours(-1), 101) ==
        Texts{"event.refund_rules[1].before_start", "event.refund_rules[1].percent"});
}

// --- Creating

TEST_CASE("an event is shown with the dates and refund rules that it was created with") {
  SeatWorld world;
  v1::Event expected = DatedHamlet();
  const auto created = world.Create(expected);
  REQUIRE(created.ok());
  expected.set_seat_count(8);
  expected.set_available_seat_count(8);
  *expected.mutable_create_time() = created->create_time();
  const std::string bytes = expected.SerializeAsString();
  CHECK(created->SerializeAsString() == bytes);
  world.Restart();
  CHECK(world.Get()->SerializeAsString() == bytes);
  CHECK(world.Create(DatedHamlet())->SerializeAsString() == bytes);
}

TEST_CASE("an event without dates has the digest that earlier releases stored") {
  CHECK(absl::BytesToHexString(DigestOf(Hamlet())) == "08311646ff4e19adf55467eed1a2ef57");
  CHECK(DigestOf(Hamlet()) != DigestOf(DatedHamlet()));
}

TEST_CASE("creating an event answers it as it is stored") {
  SeatWorld world;
  world.test().StepWall(absl::Nanoseconds(123'456'789));
  const absl::Time now = world.test().wall();
  const auto created = world.Create(Hamlet());
  REQUIRE(created.ok());
  CHECK(created->seat_count() == 8);
  CHECK(created->available_seat_count() == 8);
  CHECK(created->create_time().seconds() == absl::ToUnixSeconds(now));
  CHECK(created->create_time().nanos() == absl::ToUnixMicros(now) % 1'000'000 * 1000);
  const auto stored = world.Get();
  REQUIRE(stored.ok());
  CHECK(stored->SerializeAsString() == created->SerializeAsString());
}

TEST_CASE("creating the same event again returns it as it is by now") {
  HamletWorld world;
  world.Run(Reserve(1, {"stalls/A/1", "stalls/A/2"}));
  const auto before = world.Get();
  world.test().StepWall(absl::Hours(1));
  const auto again = world.Create(Hamlet());
  REQUIRE(again.ok());
  CHECK(again->SerializeAsString() == before->SerializeAsString());
  CHECK(again->available_seat_count() == 6);
  CHECK(world.Reserved().size() == 2);
}

TEST_CASE("the same event_id with anything else changed is ALREADY_EXISTS") {
  HamletWorld world;
  const auto differs = [&](auto change) {
    v1::Event event = Hamlet();
    change(event);
    const auto answer = world.Create(event).status();
    return answer.code() == absl::StatusCode::kAlreadyExists && ReasonOf(answer) == kEventDiffers;
  };
  CHECK(differs([](v1::Event& e) { e.set_display_name("Hamlet!"); }));
  CHECK(differs([](v1::Event& e) { e.set_currency("USD"); }));
  CHECK(differs([](v1::Event& e) { e.mutable_sections(1)->set_price_minor(2001); }));
  CHECK(differs([](v1::Event& e) { e.mutable_sections(1)->mutable_rows(0)->set_seat_count(3); }));
  CHECK(differs([](v1::Event& e) { e.mutable_sections()->SwapElements(0, 1); }));
  CHECK(differs([](v1::Event& e) { *e.mutable_start_time() = ToProto(kPremiere); }));
  CHECK(world.Get()->seat_count() == 8);
}

TEST_CASE("the same event_id with another date or refund rule is ALREADY_EXISTS") {
  SeatWorld world;
  REQUIRE(world.Create(DatedHamlet()).ok());
  const auto differs = [&](auto change) {
    v1::Event event = DatedHamlet();
    change(event);
    return ReasonOf(world.Create(event).status()) == kEventDiffers;
  };
  CHECK(
      differs([](v1::Event& e) { *e.mutable_start_time() = ToProto(kPremiere + absl::Hours(1)); }));
  CHECK(differs([](v1::Event& e) { e.clear_sale_start_time(); }));
  CHECK(differs([](v1::Event& e) { e.clear_sale_end_time(); }));
  CHECK(differs([](v1::Event& e) { e.mutable_refund_rules(1)->set_percent(49); }));
  CHECK(differs([](v1::Event& e) { e.mutable_refund_rules()->RemoveLast(); }));
}

TEST_CASE("output-only fields do not make another event") {
  HamletWorld world;
  v1::Event event = Hamlet();
  event.set_seat_count(99);
  event.set_available_seat_count(98);
  event.mutable_create_time()->set_seconds(5);
  const auto again = world.Create(event);
  REQUIRE(again.ok());
  CHECK(again->seat_count() == 8);
}

TEST_CASE("each event has seats of its own, also after a restart") {
  HamletWorld world;
  REQUIRE(world.Create(Hamlet("macbeth")).ok());
  world.Restart();
  REQUIRE(world.Create(Hamlet("othello")).ok());
  int saga = 0;
  for (const char* event_id : {"hamlet", "macbeth", "othello"}) {
    CHECK(world.Run(Reserve(++saga, {"stalls/A/1"}, {.event_id = event_id})) ==
          "SUCCEEDED 4500 EUR");
  }
  CHECK(world.Reserved("hamlet") == Texts{"stalls/A/1=1"});
  CHECK(world.Reserved("macbeth") == Texts{"stalls/A/1=2"});
  CHECK(world.Reserved("othello") == Texts{"stalls/A/1=3"});
}

}  // namespace
}  // namespace seatsaga::seat::testing
