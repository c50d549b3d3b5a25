#include "common/printable.h"

#include <catch2/catch.hpp>

namespace seatsaga {
namespace {

TEST_CASE("text of others loses its control characters and keeps its letters") {
  CHECK(Printable("a\tb\x7f") == "a?b?");
  CHECK(Printable("caf\xc3\xa9") == "caf\xc3\xa9");
  CHECK(Printable("\xc2\x9b"
                  "31m") == "?31m");
}

}  // namespace
}  // namespace seatsaga
