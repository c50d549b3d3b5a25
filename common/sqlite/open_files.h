#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/sqlite/files.h"

namespace seatsaga::sqlite {

// The reason of errors because of it, in their ErrorInfo.
inline constexpr std::string_view kStoreFilesLost = "STORE_FILES_LOST";

// The files of a store that is open: database, log, its index and the lock. Whoever deletes,
// renames or replaces one of them leaves the process with a file that no later start will find, so
// nothing that goes there may be acknowledged. (SQLite tells only of the database itself.)
// Thread-safe.
class OpenFiles {
 public:
  // As they are now, just after they were opened. `files` must outlive this.
  OpenFiles(Files& files, const std::string& path);

  // Ok if the names still lead to the same files; else UNAVAILABLE (STORE_FILES_LOST), which names
  // the file and says what to do. One look at each file's inode.
  absl::Status Check() const;

 private:
  struct Opened {
    std::string path;
    FileMark mark;
  };

  Files& files_;
  std::vector<Opened> opened_;
};

}  // namespace seatsaga::sqlite
