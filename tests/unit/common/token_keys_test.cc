#include "common/token_keys.h"

#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "common/store/model_store.h"

namespace seatsaga {
namespace {

constexpr std::array kTables{&kTokenKeys.info()};
constexpr store::Schema kSchema{"a service", kTables};

TokenSealer Sealer(const std::string& keys) {
  std::vector<std::string> all;
  for (const char key : keys) all.emplace_back(32, key);
  return TokenSealer::FromKeys(all).value();
}

struct AService {
  AService() : store(stores.Open(kSchema).value()) {}
  absl::Status Start(const std::string& keys, const std::vector<std::string>& forget = {}) {
    return KeepTokenKeys(*store, Sealer(keys), forget);
  }

  store::ModelStores stores;
  std::unique_ptr<store::Store> store;
};

TEST_CASE("a service starts with the keys that its tokens were sealed with, and with more") {
  AService service;
  CHECK(service.Start("a").ok());
  CHECK(service.Start("a").ok());
  CHECK(service.Start("ba").ok());
  CHECK(service.Start("ab").ok());
}

TEST_CASE("a service does not start without a key that its tokens were sealed with") {
  AService service;
  REQUIRE(service.Start("ba").ok());
  const std::string lost = TokenKeyName(Sealer("a").key_ids()[0]);
  const absl::Status refused = service.Start("b");
  CHECK(refused.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(refused.message().find(lost) != std::string::npos);
  CHECK_FALSE(service.Start("c", {"00000000"}).ok());

  CHECK(service.Start("b", {lost}).ok());
  CHECK(service.Start("b").ok());
  CHECK(service.Start("ba").ok());  // it is found again
  CHECK_FALSE(service.Start("b").ok());
}

}  // namespace
}  // namespace seatsaga
