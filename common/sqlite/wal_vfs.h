#pragma once

#include <memory>

namespace seatsaga::sqlite {

// A SQLite VFS for writing connections. It differs from the one below it in how it writes the log:
// a commit's frames reach the kernel in one call when SQLite syncs them, where SQLite itself makes
// two calls for each page. Durability is the same: SQLite announces a commit only after the sync,
// which fails if anything before it could not be written.
//
// Registered from its beginning to its end; outlives its connections. Any thread.
class WalVfs {
 public:
  // Over the VFS of this name, which must be registered all the time; null: over the default one.
  explicit WalVfs(const char* base);
  ~WalVfs();
  const char* name() const;

 private:
  struct Vfs;
  const std::unique_ptr<Vfs> vfs_;
};

}  // namespace seatsaga::sqlite
