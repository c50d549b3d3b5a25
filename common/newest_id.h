#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "common/id.h"
#include "common/sqlite/database.h"

namespace seatsaga {

// The highest id that a column of a table holds. Ids are made in the order of time, so most new
// rows are above it, and are known to be new without a look into the table. With ids in any other
// order that is merely rarer, never wrong. Writer thread only; the connection must be the only
// writer.
class NewestId {
 public:
  // `select_max` is "SELECT max(column) FROM table", over an index.
  explicit NewestId(sqlite::Statement select_max) : select_max_(std::move(select_max)) {}

  // False if the table certainly does not hold `id`. Inside a transaction.
  bool MayHold(const Id& id) {
    if (!loaded_ && !Load()) return true;
    return newest_.has_value() && id <= *newest_;
  }
  // `id` is being inserted; that it is rolled back later does no harm.
  void Add(const Id& id) {
    if (MayHold(id)) return;
    newest_ = id;
  }

 private:
  // False if the table could not be read: then this transaction will not commit, and a later one
  // asks again.
  bool Load() {
    for (select_max_.Query(); select_max_.Next();) {
      loaded_ = true;  // max() gives one row, NULL for an empty table
      if (const auto id = Id::FromBytes(select_max_.Text(0)); id.ok()) newest_ = *id;
    }
    return loaded_;
  }

  sqlite::Statement select_max_;
  bool loaded_ = false;
  std::optional<Id> newest_;
};

}  // namespace seatsaga
