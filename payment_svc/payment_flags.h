#pragma once

#include <string>

#include "common/process/flags.h"

namespace seatsaga::payment {

// Everything that payment_svc can be told.
struct PaymentFlags {
  ServerFlags server;
  std::string token_key_file;
  int long_poll_ms = 100;
  std::string provider_database;
  bool provider_memory = false;
  int provider_latency_ms = 0;
  std::string provider_outage_file;
};

// Adds all flags to `app`.
void AddPaymentFlags(CLI::App& app, PaymentFlags& flags);

// Fills in the files that stand beside the database unless told otherwise. Call after parsing.
void CompletePaymentFlags(PaymentFlags& flags);

}  // namespace seatsaga::payment
