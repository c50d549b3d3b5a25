#pragma once

#include <string>
#include <string_view>

namespace seatsaga::cluster {

// A new folder under $TMPDIR (or /tmp), removed with all that is in it unless Keep was called.
// Not thread-safe.
class ScratchFolder {
 public:
  // `name` becomes part of its path, for people.
  explicit ScratchFolder(std::string_view name);
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder();

  const std::string& path() const { return path_; }
  void Keep() { keep_ = true; }

 private:
  std::string path_;
  bool keep_ = false;
};

}  // namespace seatsaga::cluster
