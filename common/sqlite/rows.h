#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

struct sqlite3;

namespace seatsaga::sqlite {

// Bytes to bind as a BLOB; a plain string_view binds as TEXT.
struct Blob {
  std::string_view bytes;
};

// Rows for a statement that writes all of them in one run: SQLite reads them as a table. A
// statement costs SQLite about as much to begin and end as a row costs to write, so a batch's rows
// are written in a third to a half less time than one by one.
//
//   Statement insert = database.Prepare(InsertRows("seats", "id, price"));
//   Rows rows;
//   for (const Seat& seat : seats) rows.Add(seat.id, seat.price);
//   insert.RunAll(rows);
//
// Not thread-safe. Texts and blobs are not copied: they must live until the statement has run.
class Rows {
 public:
  struct Value {
    enum class Kind : uint8_t { kInt, kText, kBlob };
    Kind kind = Kind::kInt;
    int64_t number = 0;
    std::string_view bytes;
  };

  // A row is as wide as the statement that takes it: as for Statement::Run, and no nullptr.
  template <class... Args>
  void Add(const Args&... args) {
    width_ = sizeof...(args);
    (values_.push_back(ToValue(args)), ...);
  }
  void Clear() { values_.clear(); }
  size_t size() const { return width_ == 0 ? 0 : values_.size() / width_; }
  bool empty() const { return values_.empty(); }

  // Column 0 is the first.
  const Value& At(size_t row, size_t column) const { return values_[row * width_ + column]; }

 private:
  template <class T>
  static Value ToValue(const T& value) {
    if constexpr (std::is_same_v<T, Blob>) {
      return {.kind = Value::Kind::kBlob, .bytes = value.bytes};
    } else if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
      return {.number = static_cast<int64_t>(value)};
    } else {
      return {.kind = Value::Kind::kText, .bytes = value};
    }
  }

  size_t width_ = 0;
  std::vector<Value> values_;
};

// A statement for RunAll that inserts all rows, whose values are those of `columns`, at most 16. An
// error rolls the transaction back, which Database would do anyway: so SQLite need not keep what it
// would take to undo only this statement.
std::string InsertRows(std::string_view table, std::string_view columns);
// A statement for RunAll that overwrites the columns `set` of all rows. These are whole rows again,
// for SQL sees an insertion that meets a row with the same `key`.
std::string UpdateRows(std::string_view table, std::string_view columns, std::string_view key,
                       std::string_view set);

// For Statement and Database: what the pointer to Rows is bound as, and the table's registration.
inline constexpr const char* kRowsPointer = "seatsaga::sqlite::Rows";
void RegisterRows(sqlite3* handle);

}  // namespace seatsaga::sqlite
