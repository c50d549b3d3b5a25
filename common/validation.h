#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/errors.h"
#include "common/id.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "seatsaga/saga/v1/saga.pb.h"

// Checks of request fields that several services share. Each adds what is wrong to `errors`, with
// the field's path and how to fix it. Pure; thread-safe.
namespace seatsaga {

inline constexpr int kSeatsMax = 20;                      // seats of one reservation
inline constexpr size_t kUserIdMax = 128;                 // bytes
inline constexpr size_t kStepMax = 64;                    // bytes
inline constexpr int kCommandsMax = 1000;                 // commands of one batch
inline constexpr int64_t kAmountMax = 1'000'000'000'000;  // minor units of what moves at once

// nullopt if `text` is missing or not a UUID.
std::optional<Id> CheckId(std::string_view field, std::string_view text, FieldErrors& errors);

// The only field of a request. InvalidArgument if it is missing or not a UUID.
absl::StatusOr<Id> RequireId(std::string_view field, std::string_view text);

// 1 to `max` bytes of printable UTF-8 (no control characters), without a card number.
void CheckText(std::string_view field, std::string_view text, size_t max, FieldErrors& errors);

// An event id: 1-64 characters of a-z, 0-9 and '-', not a card number.
void CheckEventId(std::string_view field, std::string_view text, FieldErrors& errors);

// Whether `text` has the form "section/row/number".
bool IsSeatId(std::string_view text);
// What is wrong with a text that has not.
inline constexpr std::string_view kNotASeatId =
    "must be \"section/row/number\", such as \"stalls/A/12\"";

// 1-20 different seat ids of the form "section/row/number".
void CheckSeatIds(std::string_view field,
                  const google::protobuf::RepeatedPtrField<std::string>& seat_ids,
                  FieldErrors& errors);

// 0 means `otherwise`; more than `max` is an error.
int CheckPageSize(int page_size, int otherwise, int max, FieldErrors& errors);

// Whether `name` has 1 to `max` characters of letters, digits, '-' and '_'.
bool IsName(std::string_view name, size_t max);

// Whether `code` looks like ISO 4217: three upper-case letters.
bool IsCurrency(std::string_view code);

// An amount that moves: from `min_minor` to kAmountMax, with a currency.
void CheckMoney(std::string_view field, const saga::v1::Money& money, int64_t min_minor,
                FieldErrors& errors);

}  // namespace seatsaga
