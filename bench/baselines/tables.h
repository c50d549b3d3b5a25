#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "bench/baselines/transactions.h"

namespace seatsaga::bench {

// What is for sale in a run: events numbered from 0, with seats numbered from 0.
struct Offer {
  int event_count = 1;
  int seats_per_event = 1;
};

// The databases of one baseline on a server. Calls wait for the server.
class Tables {
 public:
  // `server`: libpq's connection parameters without a database; the role must be a superuser.
  Tables(std::string server, const Transaction& transaction)
      : server_(std::move(server)), transaction_(transaction) {}

  // Creates missing databases, drops the tables of an earlier run, and creates new ones with the
  // offer. Then vacuums and writes a checkpoint, so that neither happens during the measurement.
  absl::Status Prepare(const Offer& offer) const;

  // Connection parameters of one of the baseline's databases, by its index.
  std::string ConnInfo(size_t database) const;
  const Transaction& transaction() const { return transaction_; }

 private:
  std::string ConnInfoOf(std::string_view database) const;
  absl::Status MakeDatabases() const;

  const std::string server_;
  const Transaction& transaction_;
};

}  // namespace seatsaga::bench
