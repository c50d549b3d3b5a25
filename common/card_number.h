#pragma once

#include <string_view>

// Card numbers where none may be (invariant I13). What people put between the digits (spaces,
// hyphens, underscores) does not hide one. Pure; thread-safe.
namespace seatsaga {

// Whether `text` could hold one: 12 to 19 digits that pass the check of ISO/IEC 7812 (Luhn), or
// more than 19. Of other numbers of that length it suspects one in ten.
bool MayHoldCardNumber(std::string_view text);

// Whether it looks like one also by its length and by how it begins, for text of any kind: hardly
// any other number does.
bool HoldsCardNumber(std::string_view text);

}  // namespace seatsaga
