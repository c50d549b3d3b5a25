#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "common/sqlite/database.h"

namespace seatsaga::sqlite {

// Opens a database that has this table: without an owner, a schema of descriptions or an identity.
inline absl::StatusOr<std::unique_ptr<Database>> OpenWithTable(const std::string& path,
                                                               std::string_view create_table) {
  return Database::OpenWriter(
      path, [](Database&) { return absl::OkStatus(); },
      [&](Database& database) {
        if (database.ReadInt("SELECT count(*) FROM sqlite_schema") > 0) return database.status();
        database.Begin();
        database.Execute(create_table);
        return database.Commit();
      });
}

}  // namespace seatsaga::sqlite
