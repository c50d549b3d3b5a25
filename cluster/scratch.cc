#include "cluster/scratch.h"

#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <system_error>

#include "common/text.h"

namespace seatsaga::cluster {

ScratchFolder::ScratchFolder(std::string_view name) {
  const char* base = getenv("TMPDIR");
  path_ = Cat(base != nullptr && *base != '\0' ? base : "/tmp", "/seatsaga-", name, "-XXXXXX");
  if (mkdtemp(path_.data()) == nullptr) {
    std::perror(Cat("cannot make the scratch folder ", path_).c_str());
    std::abort();
  }
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  if (!keep_) std::filesystem::remove_all(path_, ignored);
}

}  // namespace seatsaga::cluster
