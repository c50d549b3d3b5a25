#pragma once

#include <utility>
#include <variant>

#include "common/node/node.h"
#include "common/participant/command.h"
#include "common/participant/fencing.h"

namespace seatsaga::participant {

// A node that is a participant. Besides the service's own types, its Io::In holds Commands<Body>
// and Take, and its Io::Out holds Results and Taken.
template <class Io, class Body>
class ParticipantNode : public Node<Io> {
 public:
  using Out = typename Io::Out;

 protected:
  using Node<Io>::Node;

  // Serves a batch method: `parse(command, errors)` makes a Command<Body> of one of its commands.
  template <class Method, class Parse>
  void ServeBatch(const Method& method, Parse parse) {
    this->ServeInput(
        method,
        [parse](typename Method::Request& request) { return ParseBatch<Body>(request, parse); },
        [](Out&& out) {
          return ToBatch<typename Method::Response>(std::get<Results>(std::move(out)));
        });
  }
  // Serves a method that takes one command.
  template <class Method, class Parse>
  void ServeCommand(const Method& method, Parse parse) {
    this->ServeInput(
        method,
        [parse](typename Method::Request& request) { return ParseOne<Body>(request, parse); },
        [](Out&& out) {
          return ToUnary<typename Method::Response>(std::get<Results>(std::move(out)));
        });
  }
  // Serves ParticipantService.
  template <class GetFencing, class TakePartitions>
  void ServeFencing(const GetFencing& get, const TakePartitions& take) {
    this->ServeQuery(
        get, [](typename GetFencing::Request&) { return absl::StatusOr<Taken>(Taken()); },
        [](store::Snapshot& snapshot, const Taken&) { return ReadFencing(snapshot); });
    this->ServeInput(take, ParseTake, [](Out&&) { return typename TakePartitions::Response(); });
  }
};

}  // namespace seatsaga::participant
