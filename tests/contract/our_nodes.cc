// SeatSaga's own participants, as nodes in one thread: the same table without processes and
// sockets.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/empty.pb.h>

#include <map>
#include <memory>
#include <optional>

#include "api/seat.h"
#include "common/id.h"
#include "common/text.h"
#include "seat_svc/seat_node.h"
#include "tests/contract/participant.h"
#include "tests/contract/seat_step.h"
#include "tests/world/test_world.h"

namespace seatsaga::contract {
namespace {

using seatsaga::testing::Engine;
using seatsaga::testing::TestWorld;

constexpr int kRows = 26;
constexpr int kRowSeats = 100;

class Nodes final : public Subjects {
 public:
  Nodes() {
    Start();
    client_ = world_.world("client").wire.Connect("seat_svc");
    seat_ = {.call = [this](const std::string& method,
                            const std::string& request) { return Call(method, request); },
             .batch_method = "/seatsaga.seat.v1.SeatService/ExecuteSeatCommands",
             .wait = [this] { world_.Advance(absl::Milliseconds(5)); },
             .crash =
                 [this] {
                   world_.Crash("seat_svc");
                   node_.reset();
                   Start();
                 }};
    (void)world_.CallNow("seat_svc", seat::kCreateEvent, Hall());
  }
  std::vector<Step> Steps() override { return {ReserveSeats()}; }

 private:
  void Start() {
    node_ = seat::SeatNode::Open(world_.world("seat_svc"), {}).value();
    if (!node_->Start().ok()) node_.reset();
  }

  // Messages are bytes to the table: they travel as the unknown fields of an empty message.
  absl::StatusOr<std::string> Call(const std::string& method, const std::string& request) {
    google::protobuf::Empty bytes;
    bytes.ParseFromString(request);
    google::protobuf::Empty response;
    std::optional<absl::Status> ended;
    client_->CallRaw(InfoOf(method), bytes, absl::Seconds(10), &response,
                     [&](absl::Status status) { ended = std::move(status); });
    world_.Run();
    if (!ended.has_value()) return absl::DeadlineExceededError("no answer");
    if (!ended->ok()) return *ended;
    return response.SerializeAsString();
  }

  // The world wants a method's descriptor, and that it stays where it is.
  const MethodInfo& InfoOf(const std::string& path) {
    MethodInfo& info = methods_[path];
    std::string name = path.substr(1);
    name[name.rfind('/')] = '.';
    info.descriptor = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(name);
    info.path = path;
    return info;
  }

  static seat::v1::CreateEventRequest Hall() {
    seat::v1::CreateEventRequest request;
    seat::v1::Event& event = *request.mutable_event();
    event.set_event_id("hamlet");
    event.set_display_name("Hamlet");
    event.set_currency("EUR");
    seat::v1::Section& stalls = *event.add_sections();
    stalls.set_name("stalls");
    stalls.set_price_minor(2500);
    for (int i = 0; i < kRows; ++i) {
      seat::v1::Row& row = *stalls.add_rows();
      row.set_name(Cat(i));
      row.set_seat_count(kRowSeats);
    }
    return request;
  }

  Step ReserveSeats();

  TestWorld world_{Engine::kSqlite};
  std::unique_ptr<seat::SeatNode> node_;
  std::unique_ptr<Channel> client_;
  Participant seat_;
  std::map<std::string, MethodInfo> methods_;
  IdGenerator ids_;
  int used_ = 0;
};

Step Nodes::ReserveSeats() {
  return ReserveSeatsStep(seat_,
                          [this] {
                            const int n = used_++;
                            return Run{ids_.Next(world_.wall()).ToString(),
                                       Cat("stalls/", n / kRowSeats, "/", n % kRowSeats + 1)};
                          },
                          {.event_id = "hamlet",
                           .seat_of = [](const Run& run) { return run.resource; },
                           .other_seat = "stalls/25/100",
                           .unknown_seat = "stalls/25/9999",
                           .list =
                               [this](const seat::v1::ListSeatsRequest& request) {
                                 return world_.CallNow("seat_svc", seat::kListSeats, request);
                               }});
}

}  // namespace

std::unique_ptr<Subjects> StartSubjects() { return std::make_unique<Nodes>(); }

}  // namespace seatsaga::contract
