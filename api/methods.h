#pragma once

#include <tuple>
#include <type_traits>

#include "api/orchestrator.h"
#include "api/payment.h"
#include "api/reservation.h"
#include "api/saga.h"
#include "api/seat.h"

// All methods of all services, for clients that call any of them.
namespace seatsaga::api {

namespace internal {

template <class Request, class... Methods>
constexpr int CountOf(const std::tuple<Methods...>& /*methods*/) {
  return (0 + ... + (std::is_same_v<Request, typename Methods::Request> ? 1 : 0));
}

template <class Request, size_t kI = 0, class Methods>
constexpr const auto& Find(const Methods& methods) {
  using MethodT = std::tuple_element_t<kI, Methods>;
  if constexpr (std::is_same_v<Request, typename MethodT::Request>) {
    return std::get<kI>(methods);
  } else {
    return Find<Request, kI + 1>(methods);
  }
}

}  // namespace internal

inline constexpr auto kMethods = std::tuple_cat(saga::kMethods, seat::kMethods, payment::kMethods,
                                                reservation::kMethods, orchestrator::kMethods);

// Whether a method of a table takes a `Request`: Has<Request>(seat::kMethods).
template <class Request, class Methods>
constexpr bool Has(const Methods& methods) {
  return internal::CountOf<Request>(methods) == 1;
}

// Whether some method takes a `Request`.
template <class Request>
inline constexpr bool kIsRequest = Has<Request>(kMethods);

// The method that takes a `Request`.
template <class Request>
requires kIsRequest<Request>
inline constexpr const auto& kMethodOf = internal::Find<Request>(kMethods);

// The message that it answers with.
template <class Request>
using ResponseOf = typename seatsaga::internal::MessageIn<
    typename std::remove_cvref_t<decltype(kMethodOf<Request>)>::Response>::Type;

}  // namespace seatsaga::api
