#pragma once

namespace seatsaga::sqlite {

// The name of a SQLite VFS for writing connections. It differs from the default one in how it
// writes the log: a commit's frames reach the kernel in one call when SQLite syncs them, where
// SQLite itself makes two calls for each page. Durability is the same: SQLite announces a commit
// only after the sync, which fails if anything before it could not be written.
//
// Registers it at the first call. Any thread.
const char* WalVfs();

}  // namespace seatsaga::sqlite
