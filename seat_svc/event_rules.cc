#include "seat_svc/event_rules.h"

#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "common/fingerprint.h"
#include "common/text.h"

namespace seatsaga::seat {
namespace {

constexpr int kFaultsMax = 20;
constexpr size_t kSectionNameMax = 32;
constexpr size_t kRowNameMax = 16;

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

}  // namespace

void CheckEvent(const v1::Event& event, FieldErrors& errors) { EventCheck(errors).Check(event); }

void KeepInputFields(v1::Event& event) {
  event.clear_create_time();
  event.clear_seat_count();
  event.clear_available_seat_count();
  event.DiscardUnknownFields();
}

std::string DigestOf(const v1::Event& event) {
  // The message has no maps, so equal events have equal bytes.
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
