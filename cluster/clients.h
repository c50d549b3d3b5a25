#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "api/methods.h"
#include "common/rpc/client.h"
#include "common/rpc/io_thread.h"

namespace seatsaga::cluster {

enum class Service { kReservation, kSeat, kPayment, kOrchestrator };
inline constexpr Service kServices[] = {Service::kReservation, Service::kSeat, Service::kPayment,
                                        Service::kOrchestrator};

// The program that serves it: "seat_svc".
const char* ProgramOf(Service service);

// The one service that takes a `Request`.
template <class Request>
constexpr Service ServiceFor() {
  if (api::Has<Request>(reservation::kMethods)) return Service::kReservation;
  if (api::Has<Request>(seat::kMethods)) return Service::kSeat;
  if (api::Has<Request>(payment::kMethods)) return Service::kPayment;
  static_assert(!api::Has<Request>(saga::kMethods), "every participant takes it: say which one");
  return Service::kOrchestrator;
}

// Connections to the four services, over which every method can be called with its own types:
//   absl::StatusOr<GetEventResponse> answer = clients.Call(request);   // a GetEventRequest
// Thread-safe.
class Clients {
 public:
  static constexpr absl::Duration kDeadline = absl::Seconds(10);

  // Four ports of 127.0.0.1 in a row, in the order of kServices.
  explicit Clients(int port_base);
  ~Clients();

  // Waits for the answer; an error is the server's, or says that it was not reached in time.
  template <class Request>
  absl::StatusOr<api::ResponseOf<Request>> Call(const Request& request,
                                                absl::Duration deadline = kDeadline) {
    return Call(ServiceFor<Request>(), request, deadline);
  }
  // Of a method that several services have.
  template <class Request>
  absl::StatusOr<api::ResponseOf<Request>> Call(Service service, const Request& request,
                                                absl::Duration deadline = kDeadline) {
    return CallAndWait(ChannelTo(service), Plain(api::kMethodOf<Request>), request, deadline);
  }

  // What the server's health service says: whether `service` (empty: the server) is SERVING. An
  // error if the server cannot be reached.
  absl::StatusOr<bool> Serving(Service service, std::string_view name = "");

  Channel& ChannelTo(Service service) { return *channels_[static_cast<size_t>(service)]; }

 private:
  IoThread io_;
  std::array<std::unique_ptr<RpcChannel>, std::size(kServices)> channels_;
};

}  // namespace seatsaga::cluster
