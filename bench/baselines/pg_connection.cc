#include "bench/baselines/pg_connection.h"

#include <libpq-fe.h>

#include <algorithm>
#include <utility>

#include "common/text.h"

namespace seatsaga::bench {
namespace {

// libpq's messages contain line feeds, and end with one.
std::string OneLine(const char* message) {
  std::string text = message;
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

PgConnection::Answer AnswerOf(const PGresult* result) {
  switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_EMPTY_QUERY:
      return std::string();
    case PGRES_TUPLES_OK:
      return std::string(PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
    default:
      return absl::AbortedError(OneLine(PQresultErrorMessage(result)));
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<PgConnection>> PgConnection::Open(const std::string& conninfo) {
  std::unique_ptr<PgConnection> connection(new PgConnection(PQconnectdb(conninfo.c_str())));
  if (PQstatus(connection->connection_) != CONNECTION_OK) return connection->LastError();
  // Notices ("table does not exist, skipping") would only confuse the person who runs the
  // benchmark.
  PQsetNoticeProcessor(
      connection->connection_, [](void*, const char*) {}, nullptr);
  return connection;
}

PgConnection::~PgConnection() { PQfinish(connection_); }

PgConnection::Answer PgConnection::Run(const std::string& sql) {
  SendText(sql);
  return WaitForAnswer();
}

absl::Status PgConnection::Prepare(const char* name, std::string_view sql) {
  PQsendPrepare(connection_, name, std::string(sql).c_str(), 0, nullptr);
  return WaitForAnswer().status();
}

void PgConnection::SendPrepared(const char* name, const std::vector<std::string>& parameters) {
  std::vector<const char*> values;
  values.reserve(parameters.size());
  for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
  PQsendQueryPrepared(connection_, name, static_cast<int>(values.size()), values.data(), nullptr,
                      nullptr, 0);
}

void PgConnection::SendBeginAndPrepared(const char* name,
                                        const std::vector<std::string>& parameters) {
  PQenterPipelineMode(connection_);
  pipelined_ = true;
  PQsendQueryParams(connection_, "BEGIN", 0, nullptr, nullptr, nullptr, nullptr, 0);
  SendPrepared(name, parameters);
  PQpipelineSync(connection_);
}

void PgConnection::SendText(const std::string& sql) { PQsendQuery(connection_, sql.c_str()); }

std::optional<PgConnection::Answer> PgConnection::Receive() {
  if (PQconsumeInput(connection_) == 0) return LastError();
  while (PQisBusy(connection_) == 0) {
    if (TakeResult()) return std::exchange(answer_, std::string());
  }
  return std::nullopt;
}

PgConnection::Answer PgConnection::WaitForAnswer() {
  while (!TakeResult()) {
  }
  return std::exchange(answer_, std::string());
}

bool PgConnection::TakeResult() {
  PGresult* const result = PQgetResult(connection_);
  const bool mark = result != nullptr && PQresultStatus(result) == PGRES_PIPELINE_SYNC;
  if (result != nullptr && !mark && answer_.ok()) answer_ = AnswerOf(result);
  PQclear(result);
  if (PQstatus(connection_) != CONNECTION_OK) {
    answer_ = LastError();
    return true;
  }
  if (!pipelined_) return result == nullptr;
  if (mark) PQexitPipelineMode(connection_);
  pipelined_ = !mark;
  return mark;
}

absl::Status PgConnection::LastError() const {
  return absl::UnavailableError(OneLine(PQerrorMessage(connection_)));
}

int PgConnection::socket() const { return PQsocket(connection_); }

}  // namespace seatsaga::bench
