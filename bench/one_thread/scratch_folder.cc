#include "bench/one_thread/scratch_folder.h"

#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "bench/one_thread/must.h"
#include "common/text.h"

namespace seatsaga::bench {

ScratchFolder::ScratchFolder() {
  const char* parent = getenv("TMPDIR");
  path_ = Cat(parent != nullptr && *parent != '\0' ? parent : "/var/tmp", "/seatsaga-bench-XXXXXX");
  if (mkdtemp(path_.data()) == nullptr) Die(Cat("cannot make ", path_, ": ", strerror(errno)));
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace seatsaga::bench
