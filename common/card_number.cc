#include "common/card_number.h"

#include <array>
#include <cstddef>
#include <string>

#include "absl/strings/ascii.h"

namespace seatsaga {
namespace {

constexpr size_t kDigitsMin = 12;
constexpr size_t kDigitsMax = 19;

// The check digit that every card number ends in: tells it from the digits of a UUID.
bool PassesLuhn(std::string_view digits) {
  int sum = 0;
  bool twice = false;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, twice = !twice) {
    const int value = *digit - '0';
    sum += twice ? value * 2 - (value > 4 ? 9 : 0) : value;
  }
  return sum % 10 == 0;
}

// Calls `is_one` with each long run of digits, without what people put between them, until it is
// true. Nearly all texts have too few digits, and are looked at once.
template <class F>
bool AnyRun(std::string_view text, F is_one) {
  size_t count = 0;
  for (const char c : text) count += absl::ascii_isdigit(c) ? 1 : 0;
  if (count < kDigitsMin) return false;
  std::string digits;
  for (const char c : text) {
    if (absl::ascii_isdigit(c)) {
      digits += c;
    } else if (c != '-' && c != '_' && c != ' ') {
      if (digits.size() >= kDigitsMin && is_one(digits)) return true;
      digits.clear();
    }
  }
  return digits.size() >= kDigitsMin && is_one(digits);
}

// How the numbers of an issuer begin, and how long they are ("Payment card number", Wikipedia).
struct Issuer {
  size_t prefix_size;
  int first;
  int last;
  size_t length_min;
  size_t length_max;
};
constexpr std::array kIssuers{
    Issuer{1, 4, 4, 13, 13},        // Visa
    Issuer{1, 4, 4, 16, 16},        //
    Issuer{2, 51, 55, 16, 16},      // Mastercard
    Issuer{4, 2221, 2720, 16, 16},  //
    Issuer{2, 34, 34, 15, 15},      // American Express
    Issuer{2, 37, 37, 15, 15},      //
    Issuer{4, 6011, 6011, 16, 19},  // Discover
    Issuer{2, 64, 65, 16, 19},      //
    Issuer{4, 3528, 3589, 16, 19},  // JCB
    Issuer{3, 300, 305, 14, 14},    // Diners Club
    Issuer{2, 36, 36, 14, 14},      //
    Issuer{2, 38, 39, 14, 14},      //
    Issuer{2, 62, 62, 16, 19},      // UnionPay
    Issuer{4, 5018, 5038, 16, 16},  // Maestro
    Issuer{4, 6759, 6763, 16, 16},  //
};

int Prefix(std::string_view digits, size_t size) {
  int prefix = 0;
  for (const char digit : digits.substr(0, size)) prefix = prefix * 10 + (digit - '0');
  return prefix;
}

bool IsOfIssuer(std::string_view digits) {
  for (const Issuer& issuer : kIssuers) {
    if (digits.size() < issuer.length_min || digits.size() > issuer.length_max) continue;
    const int prefix = Prefix(digits, issuer.prefix_size);
    if (prefix >= issuer.first && prefix <= issuer.last) return true;
  }
  return false;
}

}  // namespace

bool MayHoldCardNumber(std::string_view text) {
  return AnyRun(text, [](std::string_view digits) {
    return digits.size() > kDigitsMax || PassesLuhn(digits);
  });
}

bool HoldsCardNumber(std::string_view text) {
  return AnyRun(text,
                [](std::string_view digits) { return IsOfIssuer(digits) && PassesLuhn(digits); });
}

}  // namespace seatsaga
