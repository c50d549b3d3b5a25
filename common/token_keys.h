#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/sealed_token.h"
#include "common/store/lane.h"
#include "common/store/table.h"

// The keys that a store's tokens were sealed with: so that a service notices at its start that the
// key file is another one.
namespace seatsaga {

struct TokenKeyRow {
  int64_t key_id = 0;
};
inline constexpr auto kTokenKeys =
    store::MakeTable<TokenKeyRow>("token_keys", store::Key<&TokenKeyRow::key_id>("key_id"));

// Notes the sealer's keys in the store, whose schema has kTokenKeys. FailedPrecondition with what
// to do if it holds one that the sealer has not, unless `forget` names that. Before the store's
// loop runs.
absl::Status KeepTokenKeys(store::Store& store, const TokenSealer& sealer,
                           const std::vector<std::string>& forget);

}  // namespace seatsaga
