// Databases of earlier releases.
#include <catch2/catch.hpp>
#include <span>

#include "reservation_svc/reservation_reader.h"
#include "tests/unit/reservation_svc/world.h"

namespace seatsaga::reservation {
namespace {

TEST_CASE("reservation migrations: a user's reservations of the first release are listed") {
  const testing::TempDir dir;
  const std::string path = dir.File("reservations.db");
  IdGenerator ids;
  const Id id = ids.Next(absl::FromUnixSeconds(1'800'000'000));
  {
    auto database = sqlite::Database::OpenWriter(path, ReservationMigrations().first(1)).value();
    auto insert = database->Prepare(
        "INSERT INTO reservations VALUES(?1, ?1, x'00', 'ann', 'hamlet', 'stalls/A/1', 2, '', '', "
        "4200, 'EUR', NULL, 1, 1)");
    insert.Run(sqlite::Blob{id.bytes()});
    REQUIRE(database->status().ok());
  }
  const auto database = sqlite::Database::OpenWriter(path, ReservationMigrations()).value();
  const auto read_database = sqlite::Database::OpenReader(path).value();
  ReservationReader reader(*read_database);
  const Page page = reader.List({.user_id = "ann"});
  REQUIRE(page.reservations.size() == 1);
  CHECK(page.reservations[0].id == id);
  CHECK_FALSE(page.next.has_value());
}

}  // namespace
}  // namespace seatsaga::reservation
