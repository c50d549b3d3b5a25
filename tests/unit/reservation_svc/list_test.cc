// Queries: one reservation, and lists that are paged, filtered and bounded.
#include <algorithm>
#include <catch2/catch.hpp>

#include "reservation_svc/reservation_queries.h"
#include "tests/unit/reservation_svc/facade.h"

namespace seatsaga::reservation::testing {
namespace {

class ListFacade : public Facade {
 public:
  explicit ListFacade(int64_t rows_per_range = IdRanges::kRowsMax)
      : Facade(AnyEngine(), {.rows_per_range = rows_per_range}) {}

  Id Make(std::string user_id, std::string event_id) {
    auto request = NewRequest();
    request.set_user_id(std::move(user_id));
    request.set_event_id(std::move(event_id));
    return IdOf(Create(request).value());
  }
  absl::StatusOr<v1::ListReservationsResponse> List(const v1::ListReservationsRequest& request) {
    return test.CallNow(kProcess, kListReservations, request);
  }
  // All pages, through the page tokens.
  std::vector<Id> ListAll(v1::ListReservationsRequest request) {
    std::vector<Id> ids;
    page_count = 0;
    do {
      const v1::ListReservationsResponse page = List(request).value();
      for (const v1::Reservation& one : page.reservations()) ids.push_back(IdOf(one));
      CHECK(page.reservations_size() <= request.page_size());
      request.set_page_token(page.next_page_token());
      ++page_count;
    } while (!request.page_token().empty());
    return ids;
  }

  int page_count = 0;
};

v1::ListReservationsRequest Pages(int page_size) {
  v1::ListReservationsRequest request;
  request.set_page_size(page_size);
  return request;
}

TEST_CASE("reservation list: one by its id, as it is now") {
  ListFacade world;
  const Id id = world.CreateNew();
  CHECK(world.Get(id).state() == v1::RESERVATION_STATE_PENDING);
  world.Do(Confirm(id));
  CHECK(world.Get(id).state() == v1::RESERVATION_STATE_CONFIRMED);
  v1::GetReservationRequest request;
  request.set_reservation_id(world.NewId().ToString());
  const auto missing = world.test.CallNow(kProcess, kGetReservation, request).status();
  CHECK(missing.code() == absl::StatusCode::kNotFound);
  CHECK(ReasonOf(missing) == "RESERVATION_NOT_FOUND");
}

TEST_CASE("reservation list: newest first, each once, over pages of any size") {
  ListFacade world;
  std::vector<Id> newest_first;
  for (int i = 0; i < 7; ++i) newest_first.insert(newest_first.begin(), world.CreateNew());
  CHECK(world.ListAll(Pages(100)) == newest_first);
  CHECK(world.ListAll(Pages(3)) == newest_first);
  CHECK(world.page_count == 3);
  CHECK(world.ListAll(Pages(7)) == newest_first);
  CHECK(world.page_count == 1);  // a full last page says that it is the last
}

TEST_CASE("reservation list: filters by user, event and state, alone and together") {
  ListFacade world;
  const Id ann_hamlet = world.Make("ann", "hamlet");
  const Id ann_othello = world.Make("ann", "othello");
  const Id bob_hamlet = world.Make("bob", "hamlet");
  world.Do(Confirm(ann_hamlet));
  world.Do(Cancel(bob_hamlet));
  auto request = Pages(1);
  SECTION("user") {
    request.set_user_id("ann");
    CHECK(world.ListAll(request) == std::vector{ann_othello, ann_hamlet});
  }
  SECTION("event") {
    request.set_event_id("hamlet");
    CHECK(world.ListAll(request) == std::vector{bob_hamlet, ann_hamlet});
  }
  SECTION("pending") {
    request.set_state(v1::RESERVATION_STATE_PENDING);
    CHECK(world.ListAll(request) == std::vector{ann_othello});
  }
  SECTION("confirmed") {
    request.set_state(v1::RESERVATION_STATE_CONFIRMED);
    CHECK(world.ListAll(request) == std::vector{ann_hamlet});
  }
  SECTION("user, event and state") {
    request.set_user_id("ann");
    request.set_event_id("hamlet");
    request.set_state(v1::RESERVATION_STATE_CONFIRMED);
    CHECK(world.ListAll(request) == std::vector{ann_hamlet});
    request.set_state(v1::RESERVATION_STATE_PENDING);
    CHECK(world.ListAll(request).empty());
  }
}

// `labels` as "key=value".
v1::CreateReservationRequest Marked(v1::CreateReservationRequest request, std::string external_ref,
                                    const std::vector<std::string>& labels) {
  request.set_external_ref(std::move(external_ref));
  for (const std::string& label : labels) {
    const size_t end = label.find('=');
    (*request.mutable_labels())[label.substr(0, end)] = label.substr(end + 1);
  }
  return request;
}

TEST_CASE("reservation list: filters by external_ref and by all given labels") {
  ListFacade world;
  const auto make = [&](const std::string& ref, const std::vector<std::string>& labels) {
    return IdOf(world.Create(Marked(world.NewRequest(), ref, labels)).value());
  };
  const Id first = make("order-1", {"shop=web", "campaign=may"});
  make("", {});
  const Id second = make("order-2", {"shop=web"});
  const Id third = make("order-1", {"shop=web", "campaign=june"});
  const Id fourth = make("", {"shop=webshop", "campaign=may"});
  const Id of_bob = [&] {
    auto request = Marked(world.NewRequest(), "order-1", {});
    request.set_user_id("bob");
    return IdOf(world.Create(request).value());
  }();
  auto request = Pages(1);
  SECTION("external_ref") {
    request.set_external_ref("order-1");
    CHECK(world.ListAll(request) == std::vector{of_bob, third, first});
    CHECK(world.page_count == 3);
  }
  SECTION("external_ref and user") {
    request.set_external_ref("order-1");
    request.set_user_id("ann");
    CHECK(world.ListAll(request) == std::vector{third, first});
  }
  SECTION("an external_ref that nobody has") {
    request.set_external_ref("order");
    CHECK(world.ListAll(request).empty());
  }
  SECTION("a label") {
    (*request.mutable_labels())["shop"] = "web";
    CHECK(world.ListAll(request) == std::vector{third, second, first});
  }
  SECTION("labels") {
    (*request.mutable_labels())["shop"] = "web";
    (*request.mutable_labels())["campaign"] = "may";
    CHECK(world.ListAll(request) == std::vector{first});
  }
  SECTION("labels and event") {
    (*request.mutable_labels())["campaign"] = "may";
    CHECK(world.ListAll(request) == std::vector{fourth, first});
    request.set_event_id("othello");
    CHECK(world.ListAll(request).empty());
  }
  SECTION("labels and external_ref, also after a change and a restart") {
    world.Do(Cancel(third));
    world.Restart();
    request.set_external_ref("order-1");
    (*request.mutable_labels())["campaign"] = "june";
    CHECK(world.ListAll(request) == std::vector{third});
  }
}

TEST_CASE("reservation list: an external_ref is found without a look at the others") {
  ListFacade world;
  const Id oldest = IdOf(world.Create(Marked(world.NewRequest(), "order-1", {})).value());
  for (size_t i = 0; i < kRowsExaminedMax + 10; ++i) world.SendCreate(world.NewRequest());
  world.test.Run();
  auto request = Pages(10);
  request.set_external_ref("order-1");
  CHECK(world.ListAll(request) == std::vector{oldest});
  CHECK(world.page_count == 1);
}

TEST_CASE(
    "reservation list: a page token counts only for the external_ref and labels that gave it") {
  ListFacade world;
  for (int i = 0; i < 2; ++i) {
    REQUIRE(world.Create(Marked(world.NewRequest(), "order-1", {"shop=web"})).ok());
  }
  auto request = Pages(1);
  request.set_external_ref("order-1");
  (*request.mutable_labels())["shop"] = "web";
  request.set_page_token(world.List(request)->next_page_token());
  REQUIRE_FALSE(request.page_token().empty());
  CHECK(world.List(request).ok());
  SECTION("another external_ref") { request.set_external_ref("order-2"); }
  SECTION("another label") { (*request.mutable_labels())["shop"] = "app"; }
  SECTION("no label") { request.clear_labels(); }
  CHECK(FieldViolationsOf(world.List(request).status()).size() == 1);
}

TEST_CASE("reservation list: a user's list is whole and in order across ranges of ids") {
  ListFacade world(/*rows_per_range=*/2);
  std::vector<Id> anns;
  const auto make_some = [&] {
    for (int i = 0; i < 9; ++i) {
      if (i % 3 == 0) {
        anns.push_back(world.Make("ann", "hamlet"));
      } else {
        world.Make("bob", "hamlet");
      }
    }
  };
  make_some();
  SECTION("in one run of the service") {}
  SECTION("also those made after a restart") {
    world.Restart();
    make_some();
  }
  SECTION("also those made by a clock that has stepped back") {
    world.Crash();
    world.test.StepWall(anns[0].time() - world.test.wall() - absl::Milliseconds(10));
    world.Start();
    make_some();
    CHECK(anns[3] < anns[0]);
  }
  SECTION("also after a commit that failed with a range in it") {
    for (int i = 0; i < 2; ++i) world.SendCreate(world.NewRequest());
    world.test.FailNextCommits(kProcess, 1, store::Committed::kNothing);
    world.test.Run();
    world.test.Advance(absl::Seconds(1));
    make_some();
  }
  SECTION("also those of one batch that opens several") {
    for (int i = 0; i < 9; ++i) world.SendCreate(world.NewRequest());
    world.test.Run();
    anns = world.ListAll(Pages(100));
    const auto is_bobs = [&](const Id& id) { return world.Get(id).user_id() == "bob"; };
    anns.erase(std::remove_if(anns.begin(), anns.end(), is_bobs), anns.end());
    CHECK(anns.size() == 12);
  }
  std::sort(anns.rbegin(), anns.rend());
  for (const int page_size : {1, 2, 3, 100}) {
    auto request = Pages(page_size);
    request.set_user_id("ann");
    CHECK(world.ListAll(request) == anns);
  }
}

TEST_CASE("reservation list: a page of a user ends after a bounded number of ranges") {
  ListFacade world(/*rows_per_range=*/1);
  const Id oldest = world.Make("rare", "hamlet");
  for (size_t i = 0; i < kRangesMax; ++i) world.SendCreate(world.NewRequest());
  world.test.Run();
  auto request = Pages(10);
  request.set_user_id("rare");
  CHECK(world.List(request)->reservations_size() == 0);
  CHECK(world.ListAll(request) == std::vector{oldest});
  CHECK(world.page_count == 2);
}

TEST_CASE("reservation list: a page ends after a bounded scan, and the list goes on") {
  ListFacade world;
  const Id oldest = world.Make("ann", "rare");
  for (size_t i = 0; i < kRowsExaminedMax + 10; ++i) world.SendCreate(world.NewRequest());
  world.test.Run();
  auto request = Pages(10);
  request.set_event_id("rare");
  const auto first = world.List(request);
  CHECK(first->reservations_size() == 0);
  CHECK_FALSE(first->next_page_token().empty());
  CHECK(world.ListAll(request) == std::vector{oldest});
  CHECK(world.page_count == 2);
}

TEST_CASE("reservation list: a page token counts only for the list that gave it") {
  ListFacade world;
  for (int i = 0; i < 2; ++i) world.CreateNew();
  auto request = Pages(1);
  request.set_user_id("ann");
  request.set_page_token(world.List(request)->next_page_token());
  REQUIRE_FALSE(request.page_token().empty());
  CHECK(world.List(request).ok());
  SECTION("another user") { request.set_user_id("bob"); }
  SECTION("another event") { request.set_event_id("hamlet"); }
  SECTION("an external_ref") { request.set_external_ref("order-1"); }
  SECTION("a label") { (*request.mutable_labels())["shop"] = "web"; }
  SECTION("an external_ref that looks like the user") {
    request.set_external_ref("ann");
    request.clear_user_id();
  }
  SECTION("another state") { request.set_state(v1::RESERVATION_STATE_CONFIRMED); }
  SECTION("made up") { request.set_page_token("nonsense"); }
  const absl::Status status = world.List(request).status();
  REQUIRE(FieldViolationsOf(status).size() == 1);
  CHECK(FieldViolationsOf(status)[0].first == "page_token");
}

}  // namespace
}  // namespace seatsaga::reservation::testing
