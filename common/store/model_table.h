#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "common/store/lane.h"
#include "common/store/table.h"

namespace seatsaga::store::internal {

// When a row became what it is: the number of the commit.
using Moment = uint64_t;
inline constexpr Moment kNewest = std::numeric_limits<Moment>::max();

// A row's columns. Immutable.
class ModelRow final : public RowView {
 public:
  ModelRow() = default;
  // All columns of `row`, a row struct of this table.
  ModelRow(const TableInfo& table, const void* row);
  // These columns of `row`, and the other columns of `before`.
  ModelRow(const TableInfo& table, const void* row, ColumnMask columns, const ModelRow& before);

  int64_t Int(int column) const override { return cells_[static_cast<size_t>(column)]; }
  std::string_view Bytes(int column) const override {
    const auto cell = static_cast<uint64_t>(Int(column));
    return std::string_view(bytes_).substr(cell >> 32, cell & 0xFFFFFFFF);
  }
  Value Of(const TableInfo& table, int column) const {
    const Type type = table.columns[static_cast<size_t>(column)].type;
    return type == Type::kInt ? Value{type, Int(column), {}} : Value{type, 0, Bytes(column)};
  }

 private:
  void Add(const Value& value);

  absl::InlinedVector<int64_t, 8> cells_;  // numbers; of texts where they are: offset << 32 | size
  std::string bytes_;
};

// A table's rows, at every moment that somebody may still read. Each row has its versions, newest
// first. An index has an entry for every value that one of the versions has in it.
// Not thread-safe.
class ModelTable {
 public:
  explicit ModelTable(const TableInfo& info);
  ModelTable(const ModelTable&) = delete;
  ModelTable& operator=(const ModelTable&) = delete;

  const TableInfo& info() const { return info_; }

  // Visits the rows of that moment.
  void Visit(const Scan& scan, Moment moment, absl::FunctionRef<bool(const RowView&)> visit) const;
  // The same for all whose key in this index begins with `prefix`.
  void Visit(int index, const std::string& prefix, Moment moment,
             absl::FunctionRef<bool(const RowView&)> visit) const;

  // Whether a row whose key in this index begins with `prefix` has come, gone or changed since.
  // What commit `except` did does not count.
  bool ChangedSince(Moment moment, int index, const std::string& prefix,
                    Moment except = kNewest) const;

  // Writes of the commit `now`, which was decided on the state at `seen`. After any result but
  // kWritten the commit must be undone.
  enum class Written : uint8_t { kWritten, kConflict, kMissing, kOutOfBounds };
  Written Insert(const void* row, Moment now, Moment seen);
  Written Update(const void* row, ColumnMask columns, Moment now, Moment seen);
  Written Erase(const void* row, Moment now, Moment seen);
  // Whether no two rows have the same value in a unique index, after all writes of a commit.
  bool UniqueHolds() const;
  // The end of a commit.
  void Undo();
  void Keep();

  // Forgets what no reader at `oldest` or later sees.
  void Collect(Moment oldest);
  // Counts the versions and index entries that are kept. For tests.
  size_t CountKept() const;

 private:
  struct Version {
    explicit Version(Moment now) : since(now), erased(true) {}
    Version(Moment now, uint8_t in_indexes, ModelRow columns)
        : since(now), indexes(in_indexes), row(std::move(columns)) {}
    ~Version();

    const Moment since;
    const bool erased = false;
    const uint8_t indexes = 0;  // bit i: it is in index i
    const ModelRow row;
    std::unique_ptr<Version> older;
  };
  struct Chain {
    std::unique_ptr<Version> newest;
    const Version* At(Moment moment) const;
  };
  using ByKey = absl::btree_map<std::string, std::unique_ptr<Chain>>;
  using ByIndex = absl::btree_map<std::string, Chain*>;  // the index' columns, then the key's
  struct Garbage {
    Moment since;
    std::string key;
  };

  static const Chain& Of(const std::unique_ptr<Chain>& chain) { return *chain; }
  static const Chain& Of(const Chain* chain) { return *chain; }

  const IndexInfo& IndexAt(int index) const { return info_.indexes[static_cast<size_t>(index)]; }
  std::string KeyOf(const void* row) const;
  void AppendKeyOf(std::string& out, const ModelRow& row) const;
  std::string ValuesIn(int index, const ModelRow& row) const;
  std::string EntryOf(int index, const ModelRow& row) const;
  uint8_t IndexesOf(const void* row) const;
  bool SameIn(int index, const ModelRow& a, const ModelRow& b) const;
  // Whether that entry finds this version, or an entry that begins with it does.
  bool IsIn(int index, const Version& version, std::string_view prefix) const;
  bool Shows(int index, const Chain& chain, const Version& version, std::string_view entry) const;
  bool Changed(const Chain& chain, Moment moment, int index, const std::string& prefix,
               Moment except) const;
  template <class Map>
  void VisitRange(const Map& map, int index, const Scan& scan, Moment moment,
                  absl::FunctionRef<bool(const RowView&)> visit) const;

  bool BoundsHold(const ModelRow& row) const;
  bool UniqueChanged(const ModelRow& row, uint8_t indexes, Moment now, Moment seen) const;
  void Push(std::string key, Chain& chain, std::unique_ptr<Version> version);
  // Removes the entries of a version that is no longer in the chain.
  void RemoveEntries(const Chain& chain, const Version& version);
  void CollectRow(const std::string& key, Moment oldest);

  const TableInfo& info_;
  ByKey rows_;
  std::vector<ByIndex> indexes_;
  // Of the commit that is being written.
  std::vector<std::pair<std::string, Chain*>> written_;
  // Rows with versions that will be forgotten, oldest first.
  std::deque<Garbage> garbage_;
};

}  // namespace seatsaga::store::internal
