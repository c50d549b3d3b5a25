#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/errors.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "seatsaga/reservation/v1/reservation.pb.h"

// What clients want to have reserved. Pure; thread-safe.
namespace seatsaga::reservation {

// The ids of the seats that the items name, in their order and moved out of them: 1-20 different
// ones. What this release does not sell is an error too, so a digest needs only the seats. Adds to
// `errors`; then the result is good for nothing.
std::vector<std::string> CheckItems(std::string_view path,
                                    google::protobuf::RepeatedPtrField<v1::ReservationItem>& items,
                                    FieldErrors& errors);

}  // namespace seatsaga::reservation
