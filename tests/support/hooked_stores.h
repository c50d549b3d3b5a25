#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "common/store/lane.h"

namespace seatsaga::testing {

// Stores that let a test interfere before a query reads: what happens in `before_query` happens
// after the query began and before its state of the store is chosen.
class HookedStores final : public store::Stores {
 public:
  // `stores` must outlive this, and this the stores that it opens.
  explicit HookedStores(store::Stores& stores) : stores_(stores) {}

  absl::StatusOr<std::unique_ptr<store::Store>> Open(const store::Schema& schema) override {
    auto opened = stores_.Open(schema);
    if (!opened.ok()) return opened.status();
    return std::make_unique<Hooked>(*this, *std::move(opened));
  }

  // Called once, then forgotten; it may set another.
  std::function<void()> before_query;
  int queries = 0;

 private:
  class Hooked final : public store::Store {
   public:
    Hooked(HookedStores& stores, std::unique_ptr<store::Store> store)
        : stores_(stores), store_(std::move(store)) {}
    store::Lane& lane() override { return store_->lane(); }
    absl::Status Query(absl::FunctionRef<void(store::Snapshot&)> query) override {
      ++stores_.queries;
      if (auto hook = std::exchange(stores_.before_query, nullptr)) hook();
      return store_->Query(query);
    }
    const store::Identity& identity() const override { return store_->identity(); }
    absl::Status Adopt() override { return store_->Adopt(); }

   private:
    HookedStores& stores_;
    const std::unique_ptr<store::Store> store_;
  };

  store::Stores& stores_;
};

}  // namespace seatsaga::testing
