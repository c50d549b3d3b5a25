#include "payment_svc/payment_flags.h"

#include <CLI/CLI.hpp>
#include <filesystem>

#include "common/text.h"

namespace seatsaga::payment {

void AddPaymentFlags(CLI::App& app, PaymentFlags& flags) {
  AddServerFlags(app, "payment_svc", 50053, flags.server);
  app.add_option("--token-key-file", flags.token_key_file,
                 "Key that opens payment tokens; the one that reservation_svc seals them with "
                 "[token.key beside the database]")
      ->envname("SEATSAGA_TOKEN_KEY_FILE");
  app.add_option("--long-poll-ms", flags.long_poll_ms,
                 "How long a call waits for the provider before it is answered IN_PROGRESS")
      ->envname("SEATSAGA_LONG_POLL_MS")
      ->check(CLI::Range(0, 60'000))
      ->capture_default_str();
  app.add_option("--provider-database", flags.provider_database,
                 "The simulated provider's SQLite file [<database>.provider.db]")
      ->envname("SEATSAGA_PROVIDER_DATABASE");
  app.add_flag("--provider-memory", flags.provider_memory,
               "Keep the simulated provider's books in memory only: for benchmarks")
      ->envname("SEATSAGA_PROVIDER_MEMORY");
  app.add_option("--provider-latency-ms", flags.provider_latency_ms,
                 "How long the simulated provider takes for every call")
      ->envname("SEATSAGA_PROVIDER_LATENCY_MS")
      ->check(CLI::Range(0, 60'000))
      ->capture_default_str();
  app.add_option("--provider-outage-file", flags.provider_outage_file,
                 "While this file exists, every call to the simulated provider is lost: for tests")
      ->envname("SEATSAGA_PROVIDER_OUTAGE_FILE");
}

void CompletePaymentFlags(PaymentFlags& flags) {
  const std::filesystem::path database(flags.server.database);
  if (flags.token_key_file.empty()) {
    flags.token_key_file = (database.parent_path() / "token.key").string();
  }
  if (flags.provider_database.empty()) {
    std::filesystem::path stem = database;
    if (stem.extension() == ".db") stem.replace_extension();
    flags.provider_database = Cat(stem.string(), ".provider.db");
  }
}

}  // namespace seatsaga::payment
