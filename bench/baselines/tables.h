#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "bench/baselines/transactions.h"

namespace seatsaga::bench {

// What is for sale in a run: events numbered from 0, each with so many seats, numbered from 0.
struct Offer {
  int event_count = 1;
  int seats_per_event = 1;
};

// The databases of one baseline, at a server. What is called here waits.
class Tables {
 public:
  // `server`: libpq's connection parameters without a database; the role must be a superuser.
  Tables(std::string server, const Transaction& transaction)
      : server_(std::move(server)), transaction_(transaction) {}

  // Makes databases that are missing, drops tables of an earlier run, and puts the offer into new
  // ones. Then vacuums and writes a checkpoint, so that neither falls into the measurement.
  absl::Status Prepare(const Offer& offer) const;

  // Connection parameters of the database number `database` of the baseline.
  std::string ConnInfo(size_t database) const;
  const Transaction& transaction() const { return transaction_; }

 private:
  std::string ConnInfoOf(std::string_view database) const;
  absl::Status MakeDatabases() const;

  const std::string server_;
  const Transaction& transaction_;
};

}  // namespace seatsaga::bench
