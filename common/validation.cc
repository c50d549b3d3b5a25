#include "common/validation.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "common/card_number.h"
#include "common/text.h"

namespace seatsaga {
namespace {

constexpr size_t kEventIdMax = 64;
constexpr size_t kSectionMax = 32;
constexpr size_t kRowMax = 16;
constexpr size_t kNumberMax = 4;

constexpr std::string_view kNoCardNumber = "holds what looks like a card number; remove it";

}  // namespace

std::optional<Id> CheckId(std::string_view field, std::string_view text, FieldErrors& errors) {
  if (text.empty()) {
    errors.Add(field, "required: a UUID");
    return std::nullopt;
  }
  const absl::StatusOr<Id> id = Id::Parse(text);
  if (!id.ok()) {
    errors.Add(field, View(id.status().message()));
    return std::nullopt;
  }
  return *id;
}

absl::StatusOr<Id> RequireId(std::string_view field, std::string_view text) {
  FieldErrors errors;
  const std::optional<Id> id = CheckId(field, text, errors);
  if (!id) return errors.ToStatus();
  return *id;
}

void CheckText(std::string_view field, std::string_view text, size_t max, FieldErrors& errors) {
  if (text.empty()) {
    errors.Add(field, "required");
  } else if (text.size() > max) {
    errors.Add(field, Cat("has ", text.size(), " bytes; at most ", max, " are allowed"));
  } else if (std::any_of(text.begin(), text.end(), absl::ascii_iscntrl)) {
    errors.Add(field, "holds control characters; remove them");
  } else if (HoldsCardNumber(text)) {
    errors.Add(field, kNoCardNumber);
  }
}

void CheckEventId(std::string_view field, std::string_view text, FieldErrors& errors) {
  const auto allowed = [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
  };
  if (text.empty()) {
    errors.Add(field, "required: an event id such as \"hamlet-2026-12-24\"");
  } else if (text.size() > kEventIdMax || !std::all_of(text.begin(), text.end(), allowed)) {
    errors.Add(field, "must be 1 to 64 characters of a-z, 0-9 and '-'");
  } else if (HoldsCardNumber(text)) {
    errors.Add(field, kNoCardNumber);
  }
}

bool IsSeatId(std::string_view seat_id) {
  const size_t first = seat_id.find('/');
  const size_t last = seat_id.rfind('/');
  if (first == last) return false;
  const std::string_view row = seat_id.substr(first + 1, last - first - 1);  // no name has a '/'
  const std::string_view number = seat_id.substr(last + 1);
  return IsName(seat_id.substr(0, first), kSectionMax) && IsName(row, kRowMax) && !number.empty() &&
         number.size() <= kNumberMax && number[0] != '0' &&
         std::all_of(number.begin(), number.end(), absl::ascii_isdigit);
}

void CheckSeatIds(std::string_view field,
                  const google::protobuf::RepeatedPtrField<std::string>& seat_ids,
                  FieldErrors& errors) {
  if (seat_ids.empty()) {
    errors.Add(field, "required: 1 to 20 seats such as \"stalls/A/12\"");
    return;
  }
  if (seat_ids.size() > kSeatsMax) {
    errors.Add(field,
               Cat("has ", seat_ids.size(), " seats; at most ", kSeatsMax, " fit one reservation"));
    return;
  }
  for (auto seat_id = seat_ids.begin(); seat_id != seat_ids.end(); ++seat_id) {
    const auto path = [&] { return Cat(field, "[", seat_id - seat_ids.begin(), "]"); };
    if (!IsSeatId(*seat_id)) {
      errors.Add(path(), kNotASeatId);
    } else if (std::find(seat_ids.begin(), seat_id, *seat_id) != seat_id) {
      errors.Add(path(), Cat("repeats ", *seat_id, "; name each seat once"));
    }
  }
}

int CheckPageSize(int page_size, int otherwise, int max, FieldErrors& errors) {
  if (page_size < 0 || page_size > max) {
    errors.Add("page_size", Cat("must be 0 (for ", otherwise, ") to ", max));
  }
  return page_size == 0 ? otherwise : page_size;
}

bool IsName(std::string_view name, size_t max) {
  return !name.empty() && name.size() <= max && std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '-' || c == '_';
  });
}

bool IsCurrency(std::string_view code) {
  return code.size() == 3 && std::all_of(code.begin(), code.end(), absl::ascii_isupper);
}

void CheckMoney(std::string_view field, const saga::v1::Money& money, int64_t min_minor,
                FieldErrors& errors) {
  if (money.amount_minor() < min_minor || money.amount_minor() > kAmountMax) {
    errors.Add(Cat(field, ".amount_minor"),
               Cat("must be ", min_minor, " to ", kAmountMax, " minor units"));
  }
  if (!IsCurrency(money.currency())) {
    errors.Add(Cat(field, ".currency"),
               "must be an ISO 4217 code of three upper-case letters: \"EUR\"");
  }
}

}  // namespace seatsaga
