#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

// What the table (table_test.cc) must know of participants to check them against
// docs/participant-contract.md. Nothing here says what they do, nor in which language: messages are
// bytes. To check another service, write a StartSubjects for it and link it to the table.
namespace seatsaga::contract {

// A service that is running.
struct Participant {
  // Makes a unary gRPC call and waits: "/package.Service/Method" and a serialized request in, the
  // serialized response or the gRPC error out.
  std::function<absl::StatusOr<std::string>(const std::string& method, const std::string& request)>
      call;
  // The method that takes commands in batches.
  std::string batch_method;
  // Lets a moment pass before a command that is IN_PROGRESS is sent again.
  std::function<void()> wait;
  // Kills it and starts it again on its data. Null: it cannot be, and survives nothing here.
  std::function<void()> crash;
};

// A command without its key.
struct Body {
  int field = 0;             // of the oneof in the batch's commands
  std::string bytes;         // the command's message without its field 1
  std::string unary_method;  // the method that takes it alone; empty if there is none
};
inline Body MakeBody(int field, const google::protobuf::Message& message,
                     std::string unary_method = "") {
  return {field, message.SerializeAsString(), std::move(unary_method)};
}

// One saga at one step, with whatever it needs of its own, so that no other run touches it.
struct Run {
  std::string saga_id;
  std::string resource;  // a seat, an account, ...: means something to the step's functions alone
};

// A step as its participant sees it.
struct Step {
  std::string name;  // "seat_svc: reserve_seats"
  const Participant* participant = nullptr;
  std::string step;  // as in the command's key
  // Makes what must be there before: for most steps, nothing but the run's resource.
  std::function<Run()> prepare;

  // Null where the step has none.
  std::function<Body(const Run&)> action;
  std::function<Body(const Run&)> other_action;  // another body
  std::function<Body(const Run&)> refused_action;
  std::function<Body(const Run&)> compensation;
  std::function<Body(const Run&)> other_compensation;
  std::function<Body(const Run&)> probe;

  // The effect as anybody sees it, and what it must be.
  std::function<std::string(const Run&)> observe;
  std::string untouched;
  std::string acted;
  std::string undone;
  // Whether the action can have its effect again, in a further round, once it has been undone.
  bool again_after_undo = false;
};

// The participants, freshly started, as long as this lives.
class Subjects {
 public:
  virtual ~Subjects() = default;
  virtual std::vector<Step> Steps() = 0;
};
// Anyone who has participants to check writes it.
std::unique_ptr<Subjects> StartSubjects();

}  // namespace seatsaga::contract
