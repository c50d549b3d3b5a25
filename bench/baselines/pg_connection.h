#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

struct pg_conn;  // libpq's PGconn

namespace seatsaga::bench {

// One connection to PostgreSQL. Run and Prepare wait for the answer; under load a statement is
// sent, and its answer is received when the socket has it. Not thread-safe.
class PgConnection {
 public:
  // The first column of the first row; empty if there is no row.
  using Answer = absl::StatusOr<std::string>;

  // Waits for the connection. Unavailable with libpq's reason.
  static absl::StatusOr<std::unique_ptr<PgConnection>> Open(const std::string& conninfo);
  ~PgConnection();
  PgConnection(const PgConnection&) = delete;
  PgConnection& operator=(const PgConnection&) = delete;

  // Runs one statement, or several with semicolons between them, and waits.
  Answer Run(const std::string& sql);
  absl::Status Prepare(const char* name, std::string_view sql);

  // Sends a statement without waiting; no other may be outstanding. (A small statement always fits
  // into the socket's buffer, so libpq does not wait for room either.) Receive returns the error if
  // this fails.
  void SendPrepared(const char* name, const std::vector<std::string>& parameters);
  // BEGIN and the statement, in one message.
  void SendBeginAndPrepared(const char* name, const std::vector<std::string>& parameters);
  void SendText(const std::string& sql);

  // Reads what has arrived. Returns the answer to the outstanding statement once it is complete.
  std::optional<Answer> Receive();

  int socket() const;

 private:
  explicit PgConnection(pg_conn* connection) : connection_(connection) {}

  absl::Status LastError() const;
  Answer WaitForAnswer();
  // Takes the next outstanding result, into answer_. Returns true if it was the last one.
  bool TakeResult();

  pg_conn* const connection_;
  bool pipelined_ = false;         // several statements are outstanding, then a sync mark
  Answer answer_ = std::string();  // as far as it has been read
};

}  // namespace seatsaga::bench
