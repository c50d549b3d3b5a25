#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/process/command_line.h"
#include "common/sealed_token.h"

namespace seatsaga {

// Which keys a service that seals or opens payment tokens has.
struct TokenKeyFlags {
  std::string path;                 // empty: "token.key" beside the database
  std::vector<std::string> forget;  // for KeepTokenKeys

  void AddTo(CommandLine& line);
  // A key file is made only for a new database: to make one for data that was sealed with another
  // would hide that it is lost.
  absl::StatusOr<TokenSealer> Read(const std::string& database) const;
};

}  // namespace seatsaga
