#include "common/sqlite/open_files.h"

#include <utility>

#include "common/errors.h"
#include "common/text.h"

namespace seatsaga::sqlite {

OpenFiles::OpenFiles(Files& files, const std::string& path) : files_(files) {
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
    Opened opened{.path = Cat(path, suffix)};
    opened.mark = files.Mark(opened.path);
    // A file system may keep some of them elsewhere.
    if (opened.mark.inode != 0) opened_.push_back(std::move(opened));
  }
}

absl::Status OpenFiles::Check() const {
  for (const Opened& opened : opened_) {
    const FileMark mark = files_.Mark(opened.path);
    if (mark == opened.mark) continue;
    return MakeError(
        absl::StatusCode::kUnavailable, kStoreFilesLost,
        Cat(opened.path, mark.inode == 0 ? " was deleted or renamed" : " was replaced",
            " while this server has it open, so nothing is acknowledged any more; stop the server, "
            "put the file back or restore a backup, and start it again"));
  }
  return absl::OkStatus();
}

}  // namespace seatsaga::sqlite
