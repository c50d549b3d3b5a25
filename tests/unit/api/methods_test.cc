#include "api/methods.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <type_traits>

namespace seatsaga {
namespace {

using google::protobuf::ServiceDescriptor;

std::set<std::string> PathsOf(const ServiceDescriptor& service) {
  std::set<std::string> paths;
  for (int i = 0; i < service.method_count(); ++i) {
    paths.insert("/" + service.full_name() + "/" + service.method(i)->name());
  }
  return paths;
}

template <class Methods>
std::set<std::string> PathsOf(const Methods& methods) {
  std::set<std::string> paths;
  std::apply([&](const auto&... method) { (paths.insert(method.info().path), ...); }, methods);
  return paths;
}

TEST_CASE("every method of a service's .proto is in its table, and nothing else") {
  const auto check = [](const auto& methods) {
    CHECK(PathsOf(methods) == PathsOf(*std::get<0>(methods).info().descriptor->service()));
  };
  check(saga::kMethods);
  check(seat::kMethods);
  check(payment::kMethods);
  check(reservation::kMethods);
  check(orchestrator::kMethods);
}

TEST_CASE("a request says which method takes it, and commands that share a batch are no requests") {
  CHECK(api::kMethodOf<seat::v1::GetEventRequest>.info().path ==
        "/seatsaga.seat.v1.SeatService/GetEvent");
  CHECK(api::kMethodOf<orchestrator::v1::StartSagasRequest>.listener == Listener::kInternal);
  STATIC_REQUIRE_FALSE(api::kIsRequest<payment::v1::ProbePayment>);
  STATIC_REQUIRE_FALSE(api::kIsRequest<seat::v1::GetEventResponse>);
}

}  // namespace
}  // namespace seatsaga
