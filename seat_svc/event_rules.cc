#include "seat_svc/event_rules.h"

#include <optional>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "common/fingerprint.h"
#include "common/text.h"
#include "common/time_proto.h"

namespace seatsaga::seat {
namespace {

constexpr int kFaultsMax = 20;
constexpr size_t kRowNameMax = 16;
constexpr int64_t kTimeSecondsMax = 253'402'300'799;      // protobuf's: the end of the year 9999
constexpr int64_t kDurationSecondsMax = 315'576'000'000;  // protobuf's: 10,000 years
constexpr int32_t kPercentMax = 100;

// Walks one event and gives up once enough faults are known.
class EventCheck {
 public:
  explicit EventCheck(FieldErrors& errors) : errors_(errors) {}

  void Check(const v1::Event& event);

 private:
  using Names = absl::flat_hash_set<std::string>;

  void CheckSection(std::string_view path, const v1::Section& section);
  void CheckRow(std::string_view path, const v1::Row& row, Names& names);
  // Checks the form of a name, and that no sibling has the same name.
  void CheckName(std::string_view path, const std::string& name, size_t max, Names& names);
  void CheckCount(std::string_view field, int count, int max, std::string_view what);
  void CheckDates(const v1::Event& event);
  // nullopt if the time is not set or not valid.
  std::optional<absl::Time> CheckTime(std::string_view field, bool is_set,
                                      const google::protobuf::Timestamp& time);
  void CheckRefundRules(const v1::Event& event);
  bool full() const { return faults_ >= kFaultsMax; }
  void Add(std::string_view field, std::string_view description) {
    if (!full()) errors_.Add(field, description);
    ++faults_;
  }

  FieldErrors& errors_;
  int faults_ = 0;
  int64_t seat_count_ = 0;
};

void EventCheck::Check(const v1::Event& event) {
  CheckEventId("event.event_id", event.event_id(), errors_);
  CheckText("event.display_name", event.display_name(), kDisplayNameMax, errors_);
  if (!IsCurrency(event.currency())) {
    Add("event.currency", "must be an ISO 4217 code of three upper-case letters, such as \"EUR\"");
  }
  CheckCount("event.sections", event.sections_size(), kSectionsMax, "sections");
  Names names;
  for (int i = 0; i < event.sections_size() && i < kSectionsMax && !full(); ++i) {
    const std::string path = Cat("event.sections[", i, "]");
    CheckName(path, event.sections(i).name(), kSectionNameMax, names);
    CheckSection(path, event.sections(i));
  }
  if (seat_count_ > kEventSeatsMax) {
    Add("event.sections", Cat("have ", seat_count_, " seats in all; at most ", kEventSeatsMax,
                              " are allowed: split the event"));
  }
  CheckDates(event);
  CheckRefundRules(event);
}

void EventCheck::CheckSection(std::string_view path, const v1::Section& section) {
  if (section.price_minor() < 0 || section.price_minor() > kPriceMinorMax) {
    Add(Cat(path, ".price_minor"),
        Cat("must be 0 to ", kPriceMinorMax, " minor units, not ", section.price_minor()));
  }
  CheckCount(Cat(path, ".rows"), section.rows_size(), kRowsMax, "rows");
  Names names;
  for (int i = 0; i < section.rows_size() && i < kRowsMax && !full(); ++i) {
    CheckRow(Cat(path, ".rows[", i, "]"), section.rows(i), names);
  }
}

void EventCheck::CheckRow(std::string_view path, const v1::Row& row, Names& names) {
  CheckName(path, row.name(), kRowNameMax, names);
  if (row.seat_count() < 1 || row.seat_count() > kRowSeatsMax) {
    Add(Cat(path, ".seat_count"), Cat("must be 1 to ", kRowSeatsMax, ", not ", row.seat_count()));
  } else {
    seat_count_ += row.seat_count();
  }
}

void EventCheck::CheckName(std::string_view path, const std::string& name, size_t max,
                           Names& names) {
  if (!IsName(name, max)) {
    Add(Cat(path, ".name"),
        Cat("must be 1 to ", max, " characters of letters, digits, '-' and '_'"));
  } else if (!names.insert(name).second) {
    Add(Cat(path, ".name"), Cat("repeats \"", name, "\"; give each its own name"));
  }
}

void EventCheck::CheckCount(std::string_view field, int count, int max, std::string_view what) {
  if (count == 0) {
    Add(field, Cat("required: 1 to ", max, " ", what));
  } else if (count > max) {
    Add(field, Cat("has ", count, " ", what, "; at most ", max, " are allowed"));
  }
}

void EventCheck::CheckDates(const v1::Event& event) {
  const auto start = CheckTime("event.start_time", event.has_start_time(), event.start_time());
  const auto sale_start =
      CheckTime("event.sale_start_time", event.has_sale_start_time(), event.sale_start_time());
  const auto sale_end =
      CheckTime("event.sale_end_time", event.has_sale_end_time(), event.sale_end_time());
  const auto end = event.has_sale_end_time() ? sale_end : start;
  if (sale_start && end && *sale_start >= *end) {
    Add("event.sale_start_time",
        event.has_sale_end_time()
            ? "must be before sale_end_time"
            : "must be before start_time, when the sale ends unless sale_end_time is set");
  }
}

std::optional<absl::Time> EventCheck::CheckTime(std::string_view field, bool is_set,
                                                const google::protobuf::Timestamp& time) {
  if (!is_set) return std::nullopt;
  if (time.seconds() < 0 || time.seconds() > kTimeSecondsMax || time.nanos() < 0 ||
      time.nanos() > 999'999'999 || time.nanos() % 1000 != 0) {
    Add(field,
        "must be a time from 1970 to 9999 in whole microseconds, such as 2026-12-24T19:30:00Z");
    return std::nullopt;
  }
  return FromProto(time);
}

void EventCheck::CheckRefundRules(const v1::Event& event) {
  const int count = event.refund_rules_size();
  if (count == 0) return;
  CheckCount("event.refund_rules", count, kRefundRulesMax, "rules");
  if (!event.has_start_time()) {
    Add("event.refund_rules", "need event.start_time, because they count back from it");
  }
  // What the rules so far leave for the next one.
  int64_t seconds_max = INT64_MAX;
  int32_t percent_max = kPercentMax;
  for (int i = 0; i < count && i < kRefundRulesMax && !full(); ++i) {
    const saga::v1::RefundRule& rule = event.refund_rules(i);
    const std::string path = Cat("event.refund_rules[", i, "]");
    const int64_t seconds = rule.before_start().seconds();
    if (!rule.has_before_start() || seconds < 0 || seconds > kDurationSecondsMax ||
        rule.before_start().nanos() != 0) {
      Add(Cat(path, ".before_start"), "required: 0s or more in whole seconds, such as 86400s");
    } else if (seconds > seconds_max) {
      Add(Cat(path, ".before_start"), "must be shorter than in the rules before it");
    } else {
      seconds_max = seconds - 1;
    }
    if (rule.percent() < 0 || rule.percent() > kPercentMax) {
      Add(Cat(path, ".percent"), Cat("must be 0 to ", kPercentMax, ", not ", rule.percent()));
    } else if (rule.percent() > percent_max) {
      Add(Cat(path, ".percent"), Cat("must be at most ", percent_max, ", not ", rule.percent(),
                                     ": who cancels later gets no more back"));
    } else {
      percent_max = rule.percent();
    }
  }
}

}  // namespace

void CheckEvent(const v1::Event& event, FieldErrors& errors) { EventCheck(errors).Check(event); }

void KeepInputFields(v1::Event& event) {
  event.clear_create_time();
  event.clear_seat_count();
  event.clear_available_seat_count();
  event.DiscardUnknownFields();
}

std::string DigestOf(const v1::Event& event) {
  // The message has no maps, so equal events have equal bytes. A field that is not set has none, so
  // an event without the fields of a later release keeps the digest that is stored.
  return Fingerprint().Add(event.SerializeAsString()).Digest();
}

int32_t SeatCountOf(const v1::Event& event) {
  int32_t count = 0;
  for (const v1::Section& section : event.sections()) {
    for (const v1::Row& row : section.rows()) count += row.seat_count();
  }
  return count;
}

}  // namespace seatsaga::seat
