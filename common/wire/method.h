#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <string>

#include "common/on_arena.h"

// Methods as values. The request type identifies the method, because no two methods of our .proto
// files take the same one. The tables of all methods are in api/. Immutable; thread-safe.
namespace seatsaga {

// Who a method is for.
enum class Listener : uint8_t {
  kPublic,    // for customers' programs
  kInternal,  // for the other services
  kAdmin,     // for operators
};

namespace internal {

template <class T>
struct MessageIn {
  using Type = T;
};
template <class T>
struct MessageIn<OnArena<T>> {
  using Type = T;
};

}  // namespace internal

// What the wire knows of a method.
struct MethodInfo {
  const google::protobuf::MethodDescriptor* descriptor = nullptr;
  std::string path;  // "/seatsaga.seat.v1.SeatService/GetEvent"
  Listener listener = Listener::kInternal;
};

// The method of a linked .proto that takes `request`. Logs why and ends the process if there is
// none, or if it answers with something else. A served method is looked up before the server
// starts, and a called one at its first call.
MethodInfo FindMethod(const google::protobuf::Descriptor* request,
                      const google::protobuf::Descriptor* response, bool streams,
                      Listener listener);

// A unary method. `Response` is a message, or one OnArena.
template <class RequestT, class ResponseT>
struct Method {
  using Request = RequestT;
  using Response = ResponseT;
  Listener listener = Listener::kInternal;

  const MethodInfo& info() const {
    static const MethodInfo info =
        FindMethod(Request::descriptor(), internal::MessageIn<Response>::Type::descriptor(),
                   /*streams=*/false, listener);
    return info;
  }
};

// The same method, but the answer is not on an arena.
template <class Request, class Response>
constexpr auto Plain(const Method<Request, Response>& method) {
  return Method<Request, typename internal::MessageIn<Response>::Type>{method.listener};
}

// A method that answers with a stream of messages.
template <class RequestT, class ResponseT>
struct StreamingMethod {
  using Request = RequestT;
  using Response = ResponseT;
  Listener listener = Listener::kInternal;

  const MethodInfo& info() const {
    static const MethodInfo info = FindMethod(Request::descriptor(), Response::descriptor(),
                                              /*streams=*/true, listener);
    return info;
  }
};

}  // namespace seatsaga
