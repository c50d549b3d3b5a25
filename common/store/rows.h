#pragma once

#include <algorithm>
#include <cassert>
#include <memory>
#include <set>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "common/store/table.h"
#include "common/text.h"

// The rows that a batch works on: those it wanted, and its changes to them.
namespace seatsaga::store {

// A key or a part of it that a batch wants the rows of: the values of the first key columns, or of
// the column of a unique index.
struct Wanted {
  static constexpr int kByKey = -1;
  int index = kByKey;  // of TableInfo::indexes
  absl::InlinedVector<Value, 3> values;
};

// One row to write. `row` is the table's row struct.
struct RowWrite {
  const void* row = nullptr;
  ColumnMask columns = 0;  // of an update
};

// What an engine sees of one table's part in a batch.
class TableRows {
 public:
  explicit TableRows(const TableInfo& table_info) : table(table_info) {}
  virtual ~TableRows() = default;

  const TableInfo& table;
  // Look-ups still to be made.
  std::vector<Wanted> wanted;

  // Takes in a row that was found.
  virtual void Found(const RowView& row) = 0;

  // What to write, each in the order of the keys, then what is borrowed. A key is in one of the
  // three at most.
  struct Writes {
    std::vector<RowWrite> erased;
    std::vector<RowWrite> updated;
    std::vector<RowWrite> inserted;
    bool empty() const { return erased.empty() && updated.empty() && inserted.empty(); }
  };
  virtual Writes TakeWrites() const = 0;

  // Forgets everything, for another batch.
  virtual void Clear() = 0;
};

namespace internal {

// A key column as it is looked up: without a copy of a text.
template <class T>
using Probe =
    std::conditional_t<std::is_convertible_v<const T&, std::string_view>, std::string_view, T>;

template <class TableT>
class TypedRows final : public TableRows {
 public:
  using Row = typename TableT::Row;
  enum class State : uint8_t { kFound, kInserted, kUpdated, kErased };
  // Ordered by the row's key, which never changes once it is in the set.
  struct Entry {
    mutable Row row;
    mutable State state = State::kFound;
    mutable ColumnMask columns = 0;
  };
  struct Less {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return KeyLess<TableT>()(Bare(a), Bare(b));
    }
    static const Row& Bare(const Entry& entry) { return entry.row; }
    template <class K>
    static const K& Bare(const K& key) {
      return key;
    }
  };
  using Entries = std::set<Entry, Less>;

  explicit TypedRows(const TableT& description) : TableRows(description.info()) {
    for (int i = 0; i < table.index_count; ++i) {
      if (table.indexes[static_cast<size_t>(i)].unique) has_unique_ = true;
    }
  }

  void Found(const RowView& view) override {
    Row row = TableT::Load(view);
    const auto place = PlaceOf(TableT::KeyOf(row));
    if (!IsAt(place, TableT::KeyOf(row))) AddAt(place, {std::move(row)});
  }

  Writes TakeWrites() const override {
    Writes writes;
    for (const Entry& entry : entries) {
      switch (entry.state) {
        case State::kFound:
          break;
        case State::kInserted:
          writes.inserted.push_back({&entry.row, 0});
          break;
        case State::kUpdated:
          // Nothing to write if a row that is all key was erased and inserted again.
          if (entry.columns != 0) writes.updated.push_back({&entry.row, entry.columns});
          break;
        case State::kErased:
          writes.erased.push_back({&entry.row, 0});
          break;
      }
    }
    for (const auto& [row, columns] : borrowed_updates) writes.updated.push_back({row, columns});
    for (const Row* row : borrowed_inserts) writes.inserted.push_back({row, 0});
    return writes;
  }

  template <class K>
  const Entry* Find(const K& key) const {
    const auto it = PlaceOf(key);
    return !IsAt(it, key) || it->state == State::kErased ? nullptr : &*it;
  }
  const Entry* FindUnique(int index, const Value& value) const {
    const auto it = by_unique_.find(UniqueKey(index, value));
    return it == by_unique_.end() ? nullptr : it->second;
  }

  const Entry& Known(const Row& found) const {
    const auto it = PlaceOf(TableT::KeyOf(found));
    assert(IsAt(it, TableT::KeyOf(found)) && "a row that was not looked up here");
    return *it;
  }

  Row& Insert(Row row) {
    const auto place = PlaceOf(TableT::KeyOf(row));
    if (IsAt(place, TableT::KeyOf(row))) return Replace(*place, std::move(row));
    return AddAt(place, {std::move(row), State::kInserted}).row;
  }
  Row& Update(const Entry& entry, ColumnMask columns) {
    assert(entry.state != State::kErased && "this row is erased");
    if (entry.state == State::kFound) entry.state = State::kUpdated;
    entry.columns |= columns;
    return entry.row;
  }
  void Erase(const Entry& entry) {
    assert(entry.state != State::kErased && "this row is erased already");
    RemoveFromIndexes(entry);
    if (entry.state == State::kInserted) {
      entries.erase(PlaceOf(TableT::KeyOf(entry.row)));
    } else {
      entry.state = State::kErased;
    }
  }

  // `visit(row)`, in the order of the keys, for all that begin with this one.
  template <class K, class F>
  void ForEach(const K& prefix, F visit) const {
    for (auto it = PlaceOf(prefix); IsAt(it, prefix); ++it) {
      if (it->state != State::kErased) visit(std::as_const(it->row));
    }
  }

  // `visit(row)` for every row that is to be written.
  template <class F>
  void ForEachWritten(F visit) const {
    for (const Entry& entry : entries) {
      if (entry.state != State::kFound) visit(std::as_const(entry.row));
    }
    for (const auto& [row, columns] : borrowed_updates) visit(*row);
    for (const Row* row : borrowed_inserts) visit(*row);
  }

  void Clear() override {
    wanted.clear();
    by_unique_.clear();
    entries.clear();
    borrowed_inserts.clear();
    borrowed_updates.clear();
  }

  Entries entries;
  std::vector<const Row*> borrowed_inserts;
  std::vector<std::pair<const Row*, ColumnMask>> borrowed_updates;

 private:
  using Place = typename Entries::const_iterator;

  // The first entry that is not below this key. Batches mostly come in the order of the keys, so
  // the end is tried first.
  template <class K>
  Place PlaceOf(const K& key) const {
    if (entries.empty() || Less()(*entries.rbegin(), key)) return entries.end();
    return entries.lower_bound(key);
  }
  // Of a place that is not below the key: whether the key, or one that begins with it, is there.
  template <class K>
  bool IsAt(Place place, const K& key) const {
    return place != entries.end() && !Less()(key, *place);
  }
  const Entry& AddAt(Place place, Entry entry) {
    const Entry& added = *entries.insert(place, std::move(entry));
    AddToIndexes(added);
    return added;
  }

  // The key was erased in this batch: what was to be deleted becomes an update.
  Row& Replace(const Entry& erased, Row row) {
    assert(erased.state == State::kErased && "a row with this key is there");
    erased.row = std::move(row);
    erased.state = State::kUpdated;
    erased.columns = table.AllFields();
    AddToIndexes(erased);
    return erased.row;
  }

  // The index, and the value in it: a number or bytes.
  using UniqueValue = std::tuple<int, int64_t, absl::string_view>;
  static UniqueValue UniqueKey(int index, const Value& value) {
    return {index, value.number, AbslView(value.bytes)};
  }
  template <class F>
  void ForEachUnique(const Entry& entry, F f) {
    for (int i = 0; i < table.index_count && has_unique_; ++i) {
      const IndexInfo& index = table.indexes[static_cast<size_t>(i)];
      if (!index.unique) continue;
      f(UniqueKey(i, table.columns[static_cast<size_t>(index.columns[0])].Of(&entry.row)));
    }
  }
  // A row that had the value before may still be there, until it is erased. Its view must not stay.
  void AddToIndexes(const Entry& entry) {
    ForEachUnique(entry, [&](const UniqueValue& value) {
      by_unique_.erase(value);
      by_unique_.emplace(value, &entry);
    });
  }
  void RemoveFromIndexes(const Entry& entry) {
    ForEachUnique(entry, [&](const UniqueValue& value) {
      const auto it = by_unique_.find(value);
      if (it != by_unique_.end() && it->second == &entry) by_unique_.erase(it);
    });
  }

  bool has_unique_ = false;
  // Views into the entries' rows, which stay where they are. Rows that are erased are not in it.
  absl::flat_hash_map<UniqueValue, const Entry*> by_unique_;
};

}  // namespace internal

// Used by one batch at a time: the logic says which rows it Wants, the lane reads them, the logic
// finds and changes them, the lane writes the difference. Not thread-safe.
//
// A row that is found, inserted or updated stays where it is until Clear, except one that is
// inserted and erased again. What is wanted by view (ids and texts) must stay as it is until it has
// been read.
class Rows {
 public:
  // Every row whose key begins with these values: all of the key's columns for one row.
  template <class TableT, class... K>
  void Want(const TableT& table, const K&... key) {
    Wanted wanted;
    int column = 0;
    (wanted.values.push_back(
         internal::ToValue(table.info().columns[static_cast<size_t>(column++)].type, key)),
     ...);
    static_assert(sizeof...(K) > 0);
    Of(table).wanted.push_back(std::move(wanted));
    wants_ = true;
  }
  // The row that has this value in the column of its unique index.
  template <auto kMember, class TableT, class V>
  void WantBy(const TableT& table, const V& value) {
    const int index = UniqueIndex<kMember>(table);
    const auto column = static_cast<size_t>(TableT::template IndexOf<kMember>());
    Of(table).wanted.push_back(
        {index, {internal::ToValue(table.info().columns[column].type, value)}});
    wants_ = true;
  }

  // Null if there is none, or if it was not wanted.
  template <class TableT, class... K>
  const typename TableT::Row* Find(const TableT& table, const K&... key) const {
    const auto* rows = FindTable(table);
    if (rows == nullptr) return nullptr;
    const auto* entry = rows->Find(std::tuple<internal::Probe<K>...>(key...));
    return entry == nullptr ? nullptr : &entry->row;
  }
  template <auto kMember, class TableT>
  const typename TableT::Row* FindBy(const TableT& table, const Value& value) const {
    const auto* rows = FindTable(table);
    if (rows == nullptr) return nullptr;
    const auto* entry = rows->FindUnique(UniqueIndex<kMember>(table), value);
    return entry == nullptr ? nullptr : &entry->row;
  }
  template <auto kMember, class TableT, class V>
  const typename TableT::Row* FindBy(const TableT& table, const V& value) const {
    const auto column = static_cast<size_t>(TableT::template IndexOf<kMember>());
    return FindBy<kMember>(table, internal::ToValue(table.info().columns[column].type, value));
  }
  // Every row whose key begins with these values, in the order of the keys: `visit(row)`.
  template <class TableT, class F, class... K>
  void ForEach(const TableT& table, F visit, const K&... prefix) const {
    const auto* rows = FindTable(table);
    if (rows == nullptr) return;
    rows->ForEach(std::tuple<internal::Probe<K>...>(prefix...), visit);
  }

  // A row whose key is not there, or was erased in this batch.
  template <class TableT>
  typename TableT::Row& Insert(const TableT& table, typename TableT::Row row) {
    return Of(table).Insert(std::move(row));
  }
  // `found` came from Find, Insert or Update. Its key and its unique values must not be changed:
  // erase it, and insert another. `columns` are those that may change; by default all but the key.
  template <class TableT>
  typename TableT::Row& Update(const TableT& table, const typename TableT::Row& found,
                               ColumnMask columns = 0) {
    auto& rows = Of(table);
    return rows.Update(rows.Known(found), columns == 0 ? table.info().AllFields() : columns);
  }
  template <class TableT>
  void Erase(const TableT& table, const typename TableT::Row& found) {
    auto& rows = Of(table);
    rows.Erase(rows.Known(found));
  }

  // For logic that keeps its rows in memory: writes of rows that are not looked up here. They must
  // stay as they are until the commit has ended, and be in at most one of these, once.
  template <class TableT>
  void InsertBorrowed(const TableT& table, const typename TableT::Row& row) {
    Of(table).borrowed_inserts.push_back(&row);
  }
  template <class TableT>
  void UpdateBorrowed(const TableT& table, const typename TableT::Row& row,
                      ColumnMask columns = 0) {
    Of(table).borrowed_updates.emplace_back(&row,
                                            columns == 0 ? table.info().AllFields() : columns);
  }

  // Every row of a table that the batch inserts, updates or erases: `visit(row)`, in any order. An
  // erased row is as it was found.
  template <class TableT, class F>
  void ForEachWritten(const TableT& table, F visit) const {
    const auto* rows = FindTable(table);
    if (rows != nullptr) rows->ForEachWritten(visit);
  }

  // --- For lanes and loops ---

  bool HasWanted() const { return wants_; }
  // Every table that was named, in the order of their first naming. The lane that looks up what is
  // wanted empties `wanted` and calls NothingWanted.
  const std::vector<std::unique_ptr<TableRows>>& tables() const { return tables_; }
  void NothingWanted() { wants_ = false; }
  void Clear() {
    for (auto& rows : tables_) {
      rows->Clear();
      spare_.push_back(std::move(rows));
    }
    tables_.clear();
    wants_ = false;
  }

 private:
  template <auto kMember, class TableT>
  static int UniqueIndex(const TableT& table) {
    const int column = TableT::template IndexOf<kMember>();
    for (int i = 0; i < table.info().index_count; ++i) {
      const IndexInfo& index = table.info().indexes[static_cast<size_t>(i)];
      if (index.unique && index.columns[0] == column) return i;
    }
    assert(false && "no unique index on this column");
    return 0;
  }

  using Tables = std::vector<std::unique_ptr<TableRows>>;

  template <class TableT>
  internal::TypedRows<TableT>* FindTable(const TableT& table) const {
    for (const auto& rows : tables_) {
      if (&rows->table == &table.info())
        return static_cast<internal::TypedRows<TableT>*>(rows.get());
    }
    return nullptr;
  }
  template <class TableT>
  internal::TypedRows<TableT>& Of(const TableT& table) {
    if (auto* rows = FindTable(table)) return *rows;
    const auto spare = std::find_if(spare_.begin(), spare_.end(), [&](const auto& rows) {
      return &rows->table == &table.info();
    });
    if (spare != spare_.end()) {
      tables_.push_back(std::move(*spare));
      spare_.erase(spare);
    } else {
      tables_.push_back(std::make_unique<internal::TypedRows<TableT>>(table));
    }
    return static_cast<internal::TypedRows<TableT>&>(*tables_.back());
  }

  Tables tables_;  // a handful
  Tables spare_;   // empty ones of earlier batches, which keep their memory
  bool wants_ = false;
};

}  // namespace seatsaga::store
