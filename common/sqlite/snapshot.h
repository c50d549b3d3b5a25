#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/sqlite/database.h"
#include "common/store/lane.h"

namespace seatsaga::sqlite {

// What one connection shows. Used inside a transaction of `database`, by its thread. Statements are
// prepared once for each shape of scan.
class SqliteSnapshot final : public store::Snapshot {
 public:
  explicit SqliteSnapshot(Database& database) : database_(database) {}

  void Visit(const store::Scan& scan,
             absl::FunctionRef<bool(const store::RowView&)> visit) override;
  void Visit(const store::Query& query, std::span<const store::Value> arguments,
             absl::FunctionRef<bool(const store::RowView&)> visit) override;
  absl::Status status() const override { return database_.status(); }

 private:
  struct Cached {
    std::string sql;
    Statement statement;
    bool in_use = false;  // by a visit further up
  };
  void Run(std::string sql, std::span<const store::Value> arguments,
           absl::FunctionRef<bool(const store::RowView&)> visit);

  Database& database_;
  std::vector<std::unique_ptr<Cached>> cache_;
};

// The present row of a statement.
class StatementRow final : public store::RowView {
 public:
  explicit StatementRow(const Statement& statement) : statement_(statement) {}
  int64_t Int(int column) const override { return statement_.Int(column); }
  std::string_view Bytes(int column) const override { return statement_.Text(column); }

 private:
  const Statement& statement_;
};

// "SELECT a, b FROM seats": all columns, in the order of their description.
std::string SelectAll(const store::TableInfo& table);

}  // namespace seatsaga::sqlite
