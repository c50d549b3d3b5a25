#pragma once

#include <string>

namespace seatsaga::bench {

// A new folder, removed with all that is in it: under $TMPDIR, or else under /var/tmp, which unlike
// /tmp is on a disk everywhere. Its path has the same length in every run.
class ScratchFolder {
 public:
  ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder();

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace seatsaga::bench
