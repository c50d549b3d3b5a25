#include "common/process/token_key_flags.h"

#include <filesystem>

#include "common/process/run_server.h"

namespace seatsaga {

void TokenKeyFlags::AddTo(CommandLine& line) {
  line.Add("--token-key-file", path,
           "Keys that payment tokens are sealed with, one per line, newest first; reservation_svc "
           "and "
           "payment_svc must use the same file; made with a new database if it does not exist")
      .Environment("SEATSAGA_TOKEN_KEY_FILE")
      .Type("FILE")
      .Default("token.key beside the database");
  line.Add("--forget-token-key", forget,
           "Start although tokens were sealed with this key (8 hex digits), which is lost; may be "
           "given several times")
      .Type("KEY");
}

absl::StatusOr<TokenSealer> TokenKeyFlags::Read(const std::string& database) const {
  return TokenSealer::FromKeyFile(path.empty() ? Beside(database, "token.key") : path,
                                  /*make=*/!std::filesystem::exists(database));
}

}  // namespace seatsaga
