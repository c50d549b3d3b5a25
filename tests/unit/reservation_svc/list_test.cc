// Queries: one reservation, and lists that are paged, filtered and bounded.
#include <catch2/catch.hpp>

#include "common/errors.h"
#include "reservation_svc/reservation_reader.h"
#include "tests/unit/reservation_svc/world.h"

namespace seatsaga::reservation {
namespace {

class ListWorld : public ReservationWorld {
 public:
  explicit ListWorld(int64_t rows_per_range = IdRanges::kRowsMax)
      : ReservationWorld({}, {}, rows_per_range),
        read_database_(sqlite::Database::OpenReader(database_path).value()) {}

  Id Make(std::string user_id, std::string event_id) {
    auto request = NewRequest();
    request.set_user_id(std::move(user_id));
    request.set_event_id(std::move(event_id));
    return Create(request)->id;
  }
  // All pages, through the page tokens.
  std::vector<Id> ListAll(v1::ListReservationsRequest request) {
    std::vector<Id> ids;
    page_count = 0;
    do {
      const Page page = reader.List(ParseList(request).value());
      for (const Reservation& one : page.reservations) ids.push_back(one.id);
      CHECK(page.reservations.size() <= static_cast<size_t>(request.page_size()));
      request.set_page_token(page.next ? NextPageToken(request, *page.next) : "");
      ++page_count;
    } while (!request.page_token().empty());
    return ids;
  }
  static v1::ListReservationsRequest Pages(int page_size) {
    v1::ListReservationsRequest request;
    request.set_page_size(page_size);
    return request;
  }

 private:
  std::unique_ptr<sqlite::Database> read_database_;

 public:
  ReservationReader reader{*read_database_};
  int page_count = 0;
};

TEST_CASE("reservation list: one by its id, as it stands now") {
  ListWorld world;
  const Id id = world.CreateNew();
  CHECK(world.reader.Get(id)->state == State::kPending);
  world.Do(ListWorld::Confirm(id));
  CHECK(world.reader.Get(id)->state == State::kConfirmed);
  const absl::Status missing = world.reader.Get(IdGenerator().Next(world.now)).status();
  CHECK(missing.code() == absl::StatusCode::kNotFound);
  CHECK(ReasonOf(missing) == "RESERVATION_NOT_FOUND");
}

TEST_CASE("reservation list: newest first, each once, over pages of any size") {
  ListWorld world;
  std::vector<Id> newest_first;
  for (int i = 0; i < 7; ++i) newest_first.insert(newest_first.begin(), world.CreateNew());
  CHECK(world.ListAll(ListWorld::Pages(100)) == newest_first);
  CHECK(world.ListAll(ListWorld::Pages(3)) == newest_first);
  CHECK(world.page_count == 3);
  CHECK(world.ListAll(ListWorld::Pages(7)) == newest_first);
  CHECK(world.page_count == 1);  // a full last page says that it is the last
}

TEST_CASE("reservation list: filters by user, event and state, alone and together") {
  ListWorld world;
  const Id ann_hamlet = world.Make("ann", "hamlet");
  const Id ann_othello = world.Make("ann", "othello");
  const Id bob_hamlet = world.Make("bob", "hamlet");
  world.Do(ListWorld::Confirm(ann_hamlet));
  world.Do(ListWorld::Cancel(bob_hamlet));
  auto request = ListWorld::Pages(1);
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

TEST_CASE("reservation list: a user's list is whole and in order across ranges of ids") {
  ListWorld world(/*rows_per_range=*/2);
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
    world.Reopen();
    make_some();
  }
  SECTION("also those made by a clock that has stepped back") {
    world.Reopen();
    world.now -= absl::Milliseconds(absl::ToInt64Milliseconds(world.now - anns[0].time()) + 10);
    world.ForgetIds();
    make_some();
  }
  SECTION("also after a commit that failed with a range in it") {
    for (int i = 0; i < 2; ++i) world.SendCreate(world.NewRequest());
    world.fail_commit = true;
    REQUIRE_FALSE(world.Run().ok());
    world.Load();
    make_some();
  }
  std::sort(anns.rbegin(), anns.rend());
  auto request = ListWorld::Pages(GENERATE(1, 2, 3, 100));
  request.set_user_id("ann");
  CHECK(world.ListAll(request) == anns);
}

TEST_CASE("reservation list: a page of a user ends after a bounded number of ranges") {
  ListWorld world(/*rows_per_range=*/1);
  const Id oldest = world.Make("rare", "hamlet");
  for (size_t i = 0; i < ReservationReader::kRangesMax; ++i) world.SendCreate(world.NewRequest());
  REQUIRE(world.Run().ok());
  auto request = ListWorld::Pages(10);
  request.set_user_id("rare");
  CHECK(world.reader.List(ParseList(request).value()).reservations.empty());
  CHECK(world.ListAll(request) == std::vector{oldest});
  CHECK(world.page_count == 2);
}

TEST_CASE("reservation list: a page ends after a bounded scan, and the list goes on") {
  ListWorld world;
  const Id oldest = world.Make("ann", "rare");
  for (size_t i = 0; i < ReservationReader::kRowsExaminedMax + 10; ++i) {
    world.SendCreate(world.NewRequest());
  }
  REQUIRE(world.Run().ok());
  auto request = ListWorld::Pages(10);
  request.set_event_id("rare");
  const Page first = world.reader.List(ParseList(request).value());
  CHECK(first.reservations.empty());
  CHECK(first.next.has_value());
  CHECK(world.ListAll(request) == std::vector{oldest});
  CHECK(world.page_count == 2);
}

TEST_CASE("reservation list: a page token counts only for the list that gave it") {
  ListWorld world;
  auto request = ListWorld::Pages(1);
  request.set_user_id("ann");
  request.set_page_token(NextPageToken(request, world.CreateNew()));
  CHECK(ParseList(request).ok());
  SECTION("another user") { request.set_user_id("bob"); }
  SECTION("another event") { request.set_event_id("hamlet"); }
  SECTION("another state") { request.set_state(v1::RESERVATION_STATE_CONFIRMED); }
  SECTION("made up") { request.set_page_token("nonsense"); }
  const absl::Status status = ParseList(request).status();
  REQUIRE(FieldViolationsOf(status).size() == 1);
  CHECK(FieldViolationsOf(status)[0].first == "page_token");
}

}  // namespace
}  // namespace seatsaga::reservation
