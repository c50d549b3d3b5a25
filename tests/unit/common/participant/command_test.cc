// Commands as they arrive: their keys, and what a batch and a unary method make of them.
#include "common/participant/command.h"

#include <catch2/catch.hpp>

#include "seatsaga/payment/v1/payment.pb.h"
#include "seatsaga/seat/v1/seat.pb.h"

namespace seatsaga::participant {
namespace {

using Texts = std::vector<std::string>;
using seat::v1::ExecuteSeatCommandsRequest;
using seat::v1::ExecuteSeatCommandsResponse;
using seat::v1::ReleaseSeatsRequest;
using seat::v1::ReleaseSeatsResponse;

struct Body {
  std::string saga_id;
};

saga::v1::CommandKey GoodKey() {
  saga::v1::CommandKey key;
  key.set_saga_id("0190a5c0-0000-7000-8000-0000000000ff");
  key.set_step("reserve_seats");
  key.set_round(1);
  key.set_fencing_epoch(7);
  key.set_fencing_holder(std::string(16, 'h'));
  return key;
}

Texts WrongFields(const saga::v1::CommandKey& key) {
  CommandBase command;
  FieldErrors errors;
  ParseKey(key, saga::v1::DIRECTION_ACTION, command, errors);
  Texts fields;
  for (const auto& violation : FieldViolationsOf(errors.ToStatus())) {
    fields.push_back(violation.first);
  }
  return fields;
}

TEST_CASE("a key is read with its token") {
  CommandBase command;
  FieldErrors errors;
  saga::v1::CommandKey key = GoodKey();
  key.set_round(100);
  ParseKey(key, saga::v1::DIRECTION_COMPENSATION, command, errors);
  CHECK(errors.empty());
  CHECK(command.saga_id.ToString() == key.saga_id());
  CHECK(command.step == "reserve_seats");
  CHECK(command.direction == saga::v1::DIRECTION_COMPENSATION);
  CHECK(command.round == 100);
  CHECK(command.token == Token{7, *Id::FromBytes(std::string(16, 'h'))});
}

TEST_CASE("an empty key names every required field") {
  CHECK(WrongFields({}) == Texts{"key.saga_id", "key.step", "key.round"});
}

TEST_CASE("wrong fields of a key are named") {
  const auto wrong = [](auto change) {
    saga::v1::CommandKey key = GoodKey();
    change(key);
    return WrongFields(key);
  };
  CHECK(wrong([](auto&) {}).empty());
  CHECK(wrong([](auto& key) { key.set_saga_id("42"); }) == Texts{"key.saga_id"});
  CHECK(wrong([](auto& key) { key.set_step(std::string(65, 's')); }) == Texts{"key.step"});
  CHECK(wrong([](auto& key) { key.set_round(0); }) == Texts{"key.round"});
  CHECK(wrong([](auto& key) { key.set_round(-1); }) == Texts{"key.round"});
  CHECK(wrong([](auto& key) { key.set_round(101); }) == Texts{"key.round"});
  CHECK(wrong([](auto& key) { key.set_fencing_holder("short"); }) == Texts{"key.fencing_holder"});
  CHECK(wrong([](auto& key) { key.clear_fencing_holder(); }) == Texts{"key.fencing_holder"});
  CHECK(wrong([](auto& key) { key.clear_fencing_holder(), key.clear_fencing_epoch(); }).empty());
}

// --- Batches

Command<Body> ParseCommand(seat::v1::SeatCommand& command, FieldErrors& errors) {
  Command<Body> parsed;
  ParseKey(command.release_seats().key(), saga::v1::DIRECTION_COMPENSATION, parsed, errors);
  parsed.body.saga_id = command.release_seats().key().saga_id();
  return parsed;
}

TEST_CASE("in a batch only the commands that are wrong are rejected") {
  ExecuteSeatCommandsRequest request;
  *request.add_commands()->mutable_release_seats()->mutable_key() = GoodKey();
  request.add_commands()->mutable_release_seats();
  request.add_commands();
  *request.add_commands()->mutable_release_seats()->mutable_key() = GoodKey();
  const auto batch = ParseBatch<Body>(request, ParseCommand);
  REQUIRE(batch.ok());
  REQUIRE(batch->commands.size() == 4);
  CHECK_FALSE(batch->commands[0].rejected.has_value());
  CHECK(batch->commands[0].body.saga_id == GoodKey().saga_id());
  REQUIRE(batch->commands[1].rejected.has_value());
  CHECK(batch->commands[1].rejected->outcome() == saga::v1::OUTCOME_INVALID);
  CHECK(batch->commands[1].rejected->reason() == "INVALID_REQUEST");
  CHECK(batch->commands[1].rejected->message().starts_with("key.saga_id: "));
  REQUIRE(batch->commands[2].rejected.has_value());
  CHECK(batch->commands[2].rejected->outcome() == saga::v1::OUTCOME_INVALID);
  CHECK(batch->commands[2].rejected->message() == "command: required");
  CHECK_FALSE(batch->commands[3].rejected.has_value());
}

TEST_CASE("a command of a newer release is unknown, so that it is sent again") {
  payment::v1::PaymentCommand newer;  // has a fourth kind of command, which seats have not
  *newer.mutable_pay_back_payment()->mutable_key() = GoodKey();
  ExecuteSeatCommandsRequest request;
  REQUIRE(request.add_commands()->ParseFromString(newer.SerializeAsString()));
  const auto batch = ParseBatch<Body>(request, ParseCommand);
  REQUIRE(batch.ok());
  REQUIRE(batch->commands[0].rejected.has_value());
  CHECK(batch->commands[0].rejected->outcome() == saga::v1::OUTCOME_UNKNOWN);
  CHECK(batch->commands[0].rejected->reason() == kUnknownCommand);
}

TEST_CASE("a batch holds 1 to 1,000 commands") {
  ExecuteSeatCommandsRequest request;
  const auto wrong = [&] {
    const auto status = ParseBatch<Body>(request, ParseCommand).status();
    return status.ok() ? "" : FieldViolationsOf(status).at(0).first;
  };
  CHECK(wrong() == "commands");
  for (int i = 0; i < 1000; ++i) {
    *request.add_commands()->mutable_release_seats()->mutable_key() = GoodKey();
  }
  CHECK(wrong().empty());
  request.add_commands();
  CHECK(wrong() == "commands");
}

TEST_CASE("the results of a batch keep their order") {
  const auto response = ToBatch<ExecuteSeatCommandsResponse>(
      {Succeeded(), Refused("NO", "no"), Invalid("BAD", "bad"), InProgress()});
  REQUIRE(response.results_size() == 4);
  CHECK(response.results(0).outcome() == saga::v1::OUTCOME_SUCCEEDED);
  CHECK(response.results(1).reason() == "NO");
  CHECK(response.results(2).reason() == "BAD");
  CHECK(response.results(3).outcome() == saga::v1::OUTCOME_IN_PROGRESS);
}

// --- One command

Command<Body> ParseRelease(ReleaseSeatsRequest& request, FieldErrors& errors) {
  Command<Body> parsed;
  ParseKey(request.key(), saga::v1::DIRECTION_COMPENSATION, parsed, errors);
  return parsed;
}

TEST_CASE("the command of a unary call is a batch of one, or the caller's error") {
  ReleaseSeatsRequest request;
  const auto wrong = ParseOne<Body>(request, ParseRelease);
  CHECK(wrong.status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(FieldViolationsOf(wrong.status()).size() == 3);
  *request.mutable_key() = GoodKey();
  const auto good = ParseOne<Body>(request, ParseRelease);
  REQUIRE(good.ok());
  CHECK(good->commands.size() == 1);
}

TEST_CASE(
    "a unary method answers INVALID as the caller's error, and every other outcome as it is") {
  const auto invalid =
      ToUnary<ReleaseSeatsResponse>({Invalid("IDEMPOTENCY_KEY_REUSED", "new key")});
  CHECK(invalid.status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(ReasonOf(invalid.status()) == "IDEMPOTENCY_KEY_REUSED");
  for (const CommandResult& result : {Succeeded(1, "EUR"), Refused("NO", "no"), InProgress()}) {
    const auto answer = ToUnary<ReleaseSeatsResponse>({result});
    REQUIRE(answer.ok());
    CHECK(answer->result().SerializeAsString() == result.SerializeAsString());
  }
}

}  // namespace
}  // namespace seatsaga::participant
