#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace seatsaga::sagas {

// What a reservation's saga knows beside where it stands: enough to build every request of its
// steps. A value; shared between threads only as const.
struct SagaFacts {
  std::string user_id{};
  std::string event_id{};
  std::vector<std::string> seat_ids{};
  std::string sealed_payment_token{};  // cleared when the saga is finished
  int64_t price_minor = 0;             // in minor units of `currency`, once seat_svc has said it
  std::string currency{};              // ISO 4217; empty until then

  bool operator==(const SagaFacts&) const = default;
};

}  // namespace seatsaga::sagas
