#pragma once

#include <string>
#include <string_view>

#include "common/errors.h"
#include "google/protobuf/map.h"

// Labels, which clients attach to their reservations. As they are stored, and as they count in a
// digest: "key=value" per line, in the order of the keys. Pure; thread-safe.
namespace seatsaga::reservation {

inline constexpr int kLabelsMax = 8;
inline constexpr size_t kLabelKeyMax = 63;    // characters of a-z, 0-9, '_', '.' and '-'
inline constexpr size_t kLabelValueMax = 63;  // bytes of text; none is a value too

using LabelMap = google::protobuf::Map<std::string, std::string>;

// The lines of a request's labels. Adds what is wrong to `errors`; then the result is good for
// nothing.
std::string CheckLabels(std::string_view field, const LabelMap& labels, FieldErrors& errors);

void AddLabels(std::string_view lines, LabelMap& labels);

// Whether each line of `wanted` is one of `lines`.
bool HasLabels(std::string_view lines, std::string_view wanted);

}  // namespace seatsaga::reservation
