// Payment tokens are secrets (docs/adr/0004).
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "common/log.h"
#include "common/sqlite/lane.h"
#include "tests/unit/payment_svc/payments.h"

using namespace seatsaga;
using namespace seatsaga::payment;

namespace {

// All that this process logs, down to debug, in a file; nothing is logged once it is gone.
class LogToFile {
 public:
  explicit LogToFile(std::string path) : path_(std::move(path)), stderr_(dup(STDERR_FILENO)) {
    FILE* file = std::fopen(path_.c_str(), "w");
    dup2(fileno(file), STDERR_FILENO);
    std::fclose(file);
    if (!seatsaga::log::Setup("unit_tests", seatsaga::log::Format::kText, "debug").ok())
      std::abort();
  }
  ~LogToFile() {
    dup2(stderr_, STDERR_FILENO);
    close(stderr_);
    (void)seatsaga::log::Setup("unit_tests", seatsaga::log::Format::kText, "off");
  }
  std::string Lines() const {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  const std::string path_;
  const int stderr_;
};

// Everything in every file of the folder.
std::string AllBytes(const testing::TempDir& dir) {
  std::string bytes;
  for (const auto& entry : std::filesystem::directory_iterator(dir.path())) {
    std::ifstream file(entry.path(), std::ios::binary);
    bytes.append(std::istreambuf_iterator<char>(file), {});
  }
  return bytes;
}

}  // namespace

TEST_CASE("payment: a token is found in no file and no log line, whatever becomes of its charge") {
  const testing::TempDir log_dir;
  const LogToFile log_file(log_dir.File("log"));
  const testing::TempDir data_dir;
  sqlite::SqliteStores stores(
      [&](std::string_view service) { return data_dir.File(std::string(service)); });
  Payments payments(Engine::kSqlite, {}, &stores);
  const std::vector<std::string> tokens{"tok_approve_CANARY7391", "tok_CANARY7391", "CANARY7391"};
  std::string answers;
  for (const std::string& token : tokens) {
    const Id saga = payments.NewSaga();
    answers += payments.Do(payments.Charge(saga, token)).DebugString();
    answers += payments.Do(payments.Refund(saga)).DebugString();
    answers += payments.Do(payments.Probe(saga)).DebugString();
  }
  std::ofstream(payments.outage_file()) << "x";
  payments.Do(payments.Charge(payments.NewSaga(), tokens[0]));  // stays PENDING
  payments.world.Advance(absl::Minutes(5));

  const std::string lines = log_file.Lines();
  const std::string bytes = AllBytes(data_dir);
  CHECK(bytes.find("INVALID_PAYMENT_TOKEN") != std::string::npos);  // the scan does see the data
  CHECK(bytes.find("CANARY7391") == std::string::npos);
  CHECK(lines.find("payment_refunded") != std::string::npos);
  CHECK(lines.find("CANARY7391") == std::string::npos);
  CHECK(answers.find("CANARY7391") == std::string::npos);
}
