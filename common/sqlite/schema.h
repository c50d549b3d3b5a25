#pragma once

#include <string>

#include "absl/status/status.h"
#include "common/sqlite/database.h"
#include "common/sqlite/files.h"
#include "common/store/lane.h"

// A service's schema in its SQLite file, made from the descriptions of its tables.
namespace seatsaga::sqlite {

// Whether the file is empty or of this service, and not of a newer or of the first release. Writes
// nothing. FailedPrecondition with what to do.
absl::Status CheckOwner(Database& database, const std::string& path, const store::Schema& schema);

// Creates the tables, columns and indexes that are described and not there, and counts this
// opening. A description may only grow by whole tables, indexes, and columns that are no key, each
// at the end: rows that are there have 0 or "" in them.
absl::Status Prepare(Database& database, Files& files, const std::string& path,
                     const store::Schema& schema, store::Identity& identity);

// After a COMMIT that failed, when its sync did for example: SQLite has rolled it back, but the log
// may have its pages and the mark that they are complete, and a crash would bring them back. This
// commits something else in their place. The log numbers its pages' checksums on from page to page,
// so the old ones that are left behind it can never be read again.
absl::Status Settle(Database& database);

// From now on the file with this mark is the one that was last opened for writing.
absl::Status Adopt(Database& database, const FileMark& mark);

}  // namespace seatsaga::sqlite
