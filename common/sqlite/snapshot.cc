#include "common/sqlite/snapshot.h"

#include <utility>

#include "absl/container/inlined_vector.h"
#include "common/text.h"

namespace seatsaga::sqlite {
namespace {

// The columns that give a scan its order.
absl::InlinedVector<int, 4> OrderOf(const store::Scan& scan) {
  absl::InlinedVector<int, 4> order;
  if (scan.index == store::Wanted::kByKey) {
    for (int i = 0; i < scan.table->key_size; ++i) order.push_back(i);
  } else {
    const store::IndexInfo& index = scan.table->indexes[static_cast<size_t>(scan.index)];
    order.assign(index.columns.begin(), index.columns.begin() + index.size);
  }
  return order;
}

std::string SqlOf(const store::Scan& scan) {
  const auto order = OrderOf(scan);
  const auto name = [&](size_t i) {
    return scan.table->columns[static_cast<size_t>(order[i])].name;
  };
  std::string sql = SelectAll(*scan.table);
  const char* glue = " WHERE ";
  if (scan.index != store::Wanted::kByKey) {
    const store::IndexInfo& index = scan.table->indexes[static_cast<size_t>(scan.index)];
    Append(sql, " INDEXED BY ", index.name);
    if (index.where != nullptr) Append(sql, std::exchange(glue, " AND "), index.where);
  }
  int argument = 0;
  for (size_t i = 0; i < scan.prefix.size(); ++i) {
    Append(sql, std::exchange(glue, " AND "), name(i), "=?", ++argument);
  }
  if (scan.beyond.has_value()) {
    Append(sql, std::exchange(glue, " AND "), name(scan.prefix.size()), scan.descending ? "<" : ">",
           scan.inclusive ? "=" : "", "?", ++argument);
  }
  const char* separator = " ORDER BY ";
  for (size_t i = scan.prefix.size(); i < order.size(); ++i) {
    Append(sql, std::exchange(separator, ", "), name(i), scan.descending ? " DESC" : "");
  }
  if (scan.limit > 0) Append(sql, " LIMIT ?", ++argument);
  return sql;
}

}  // namespace

std::string SelectAll(const store::TableInfo& table) {
  std::string sql = "SELECT ";
  for (int i = 0; i < table.column_count; ++i) {
    Append(sql, i == 0 ? "" : ", ", table.columns[static_cast<size_t>(i)].name);
  }
  return Cat(sql, " FROM ", table.name);
}

void SqliteSnapshot::Visit(const store::Scan& scan,
                           absl::FunctionRef<bool(const store::RowView&)> visit) {
  absl::InlinedVector<store::Value, 4> arguments(scan.prefix.begin(), scan.prefix.end());
  if (scan.beyond.has_value()) arguments.push_back(*scan.beyond);
  if (scan.limit > 0) arguments.push_back(store::ValueOf(scan.limit));
  Run(SqlOf(scan), arguments, visit);
}

void SqliteSnapshot::Visit(const store::Query& query, std::span<const store::Value> arguments,
                           absl::FunctionRef<bool(const store::RowView&)> visit) {
  Run(std::string(query.sqlite), arguments, visit);
}

void SqliteSnapshot::Run(std::string sql, std::span<const store::Value> arguments,
                         absl::FunctionRef<bool(const store::RowView&)> visit) {
  Cached* cached = nullptr;
  for (const auto& candidate : cache_) {
    if (!candidate->in_use && candidate->sql == sql) cached = candidate.get();
  }
  if (cached == nullptr) {
    Statement statement = database_.Prepare(sql);
    cache_.push_back(std::make_unique<Cached>(Cached{std::move(sql), std::move(statement)}));
    cached = cache_.back().get();
  }
  cached->in_use = true;
  const StatementRow row(cached->statement);
  cached->statement.QueryValues(arguments);
  while (cached->statement.Next()) {
    if (!visit(row)) break;
  }
  cached->statement.Reset();
  cached->in_use = false;
}

}  // namespace seatsaga::sqlite
