#include "common/token_keys.h"

#include "absl/algorithm/container.h"
#include "common/log.h"
#include "common/store/one_off.h"
#include "common/text.h"

namespace seatsaga {
namespace {

void Find(const std::vector<int64_t>& ids, store::Rows& rows) {
  for (const int64_t id : ids) rows.Want(kTokenKeys, id);
}

}  // namespace

absl::Status KeepTokenKeys(store::Store& store, const TokenSealer& sealer,
                           const std::vector<std::string>& forget) {
  std::vector<int64_t> known;
  const store::Scan all{.table = &kTokenKeys.info()};
  absl::Status read = store::QueryOnce(store, [&](store::Snapshot& snapshot) {
    snapshot.Visit(all, [&](const store::RowView& row) {
      known.push_back(decltype(kTokenKeys)::Load(row).key_id);
      return true;
    });
  });
  if (!read.ok()) return read;

  const std::vector<TokenKeyId> ours = sealer.key_ids();
  std::vector<int64_t> gone;
  for (const int64_t id : known) {
    if (absl::c_linear_search(ours, id)) continue;
    const std::string name = TokenKeyName(static_cast<TokenKeyId>(id));
    if (!absl::c_linear_search(forget, name)) {
      return absl::FailedPreconditionError(
          Cat("payment tokens were sealed with key ", name,
              ", which is not in the key file; put it back as a further line, or, if no payment "
              "under way needs it, start once with --forget-token-key=",
              name));
    }
    log::Warn("token_key_forgotten", {{"key", name}}, "tokens sealed with it cannot be opened");
    gone.push_back(id);
  }
  std::vector<int64_t> added;
  for (const int64_t id : ours) {
    if (!absl::c_linear_search(known, id)) added.push_back(id);
  }
  if (gone.empty() && added.empty()) return absl::OkStatus();
  return store::WriteOnce(
      store.lane(), [&](store::Rows& rows) { Find(gone, rows), Find(added, rows); },
      [&](store::Rows& rows) {
        for (const int64_t id : gone) {
          if (const auto* row = rows.Find(kTokenKeys, id)) rows.Erase(kTokenKeys, *row);
        }
        for (const int64_t id : added) {
          if (rows.Find(kTokenKeys, id) == nullptr) rows.Insert(kTokenKeys, {id});
        }
      });
}

}  // namespace seatsaga
