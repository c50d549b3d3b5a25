#include "common/store/model_table.h"

#include <algorithm>
#include <utility>

#include "common/store/model_key.h"
#include "common/text.h"

namespace seatsaga::store::internal {

// --- Rows

ModelRow::ModelRow(const TableInfo& table, const void* row) {
  cells_.reserve(static_cast<size_t>(table.column_count));
  for (int i = 0; i < table.column_count; ++i) Add(table.columns[static_cast<size_t>(i)].Of(row));
}

ModelRow::ModelRow(const TableInfo& table, const void* row, ColumnMask columns,
                   const ModelRow& before) {
  cells_.reserve(static_cast<size_t>(table.column_count));
  for (int i = 0; i < table.column_count; ++i) {
    const bool is_new = (columns >> i & 1) != 0;
    Add(is_new ? table.columns[static_cast<size_t>(i)].Of(row) : before.Of(table, i));
  }
}

void ModelRow::Add(const Value& value) {
  if (value.type == Type::kInt) {
    cells_.push_back(value.number);
  } else {
    cells_.push_back(static_cast<int64_t>(bytes_.size() << 32 | value.bytes.size()));
    bytes_.append(value.bytes);
  }
}

// One after the other, so that a long history needs no deep stack.
ModelTable::Version::~Version() {
  for (auto next = std::move(older); next != nullptr;) next = std::move(next->older);
}

const ModelTable::Version* ModelTable::Chain::At(Moment moment) const {
  const Version* version = newest.get();
  while (version != nullptr && version->since > moment) version = version->older.get();
  return version;
}

// --- Keys

ModelTable::ModelTable(const TableInfo& info)
    : info_(info), indexes_(static_cast<size_t>(info.index_count)) {}

std::string ModelTable::KeyOf(const void* row) const {
  std::string key;
  for (int i = 0; i < info_.key_size; ++i) {
    AppendKey(key, info_.columns[static_cast<size_t>(i)].Of(row));
  }
  return key;
}

void ModelTable::AppendKeyOf(std::string& out, const ModelRow& row) const {
  for (int i = 0; i < info_.key_size; ++i) AppendKey(out, row.Of(info_, i));
}

std::string ModelTable::ValuesIn(int index, const ModelRow& row) const {
  std::string values;
  for (int i = 0; i < IndexAt(index).size; ++i) {
    AppendKey(values, row.Of(info_, IndexAt(index).columns[static_cast<size_t>(i)]));
  }
  return values;
}

std::string ModelTable::EntryOf(int index, const ModelRow& row) const {
  std::string entry;
  if (index != Wanted::kByKey) entry = ValuesIn(index, row);
  AppendKeyOf(entry, row);
  return entry;
}

uint8_t ModelTable::IndexesOf(const void* row) const {
  uint8_t indexes = 0;
  for (int i = 0; i < info_.index_count; ++i) {
    const auto includes = IndexAt(i).includes;
    if (includes == nullptr || includes(row)) indexes |= static_cast<uint8_t>(1 << i);
  }
  return indexes;
}

bool ModelTable::SameIn(int index, const ModelRow& a, const ModelRow& b) const {
  for (int i = 0; i < IndexAt(index).size; ++i) {
    const int column = IndexAt(index).columns[static_cast<size_t>(i)];
    if (a.Of(info_, column) != b.Of(info_, column)) return false;
  }
  return true;
}

bool ModelTable::IsIn(int index, const Version& version, std::string_view prefix) const {
  if (version.erased) return false;
  if (index == Wanted::kByKey) return true;
  return (version.indexes >> index & 1) != 0 && EntryOf(index, version.row).starts_with(prefix);
}

// --- Reading

// An entry refers to one of the row's versions, or to the only one.
bool ModelTable::Shows(int index, const Chain& chain, const Version& version,
                       std::string_view entry) const {
  if (version.erased) return false;
  return chain.newest->older == nullptr || IsIn(index, version, entry);
}

template <class Map>
void ModelTable::VisitRange(const Map& map, int index, const Scan& scan, Moment moment,
                            absl::FunctionRef<bool(const RowView&)> visit) const {
  std::string begin = MakeKey(scan.prefix);
  std::optional<std::string> end = EndOf(begin);
  if (scan.beyond.has_value()) {
    std::string beyond = begin;
    AppendKey(beyond, *scan.beyond);
    const bool after = scan.descending == scan.inclusive;
    if (after) {
      std::optional<std::string> behind = EndOf(beyond);
      if (!scan.descending && !behind.has_value()) return;
      scan.descending ? void(end = std::move(behind)) : void(begin = *std::move(behind));
    } else {
      scan.descending ? void(end = std::move(beyond)) : void(begin = std::move(beyond));
    }
  }
  auto it = map.lower_bound(begin);
  auto stop = end.has_value() ? map.lower_bound(*end) : map.end();
  int left = scan.limit == 0 ? -1 : scan.limit;
  while (it != stop && left != 0) {
    const auto& entry = scan.descending ? *--stop : *it++;
    const Chain& chain = Of(entry.second);
    const Version* version = chain.At(moment);
    if (version == nullptr || !Shows(index, chain, *version, entry.first)) continue;
    if (!visit(version->row)) return;
    --left;
  }
}

void ModelTable::Visit(const Scan& scan, Moment moment,
                       absl::FunctionRef<bool(const RowView&)> visit) const {
  if (scan.index == Wanted::kByKey) {
    VisitRange(rows_, scan.index, scan, moment, visit);
  } else {
    VisitRange(indexes_[static_cast<size_t>(scan.index)], scan.index, scan, moment, visit);
  }
}

void ModelTable::Visit(int index, const std::string& prefix, Moment moment,
                       absl::FunctionRef<bool(const RowView&)> visit) const {
  const auto in = [&](const auto& map) {
    for (auto it = map.lower_bound(prefix); it != map.end() && it->first.starts_with(prefix);
         ++it) {
      const Chain& chain = Of(it->second);
      const Version* version = chain.At(moment);
      if (version == nullptr || !Shows(index, chain, *version, it->first)) continue;
      if (!visit(version->row)) return;
    }
  };
  index == Wanted::kByKey ? in(rows_) : in(indexes_[static_cast<size_t>(index)]);
}

// Whether the index shows one of the versions from `moment` on (including that of `moment`), and
// that version is not the only one.
bool ModelTable::Changed(const Chain& chain, Moment moment, int index, const std::string& prefix,
                         Moment except) const {
  const Version* version = chain.newest.get();
  while (version != nullptr && version->since == except) version = version->older.get();
  if (version == nullptr || version->since <= moment) return false;
  for (; version != nullptr; version = version->older.get()) {
    if (IsIn(index, *version, prefix)) return true;
    if (version->since <= moment) return false;
  }
  return false;
}

bool ModelTable::ChangedSince(Moment moment, int index, const std::string& prefix,
                              Moment except) const {
  const auto in = [&](const auto& map) {
    for (auto it = map.lower_bound(prefix); it != map.end() && it->first.starts_with(prefix);
         ++it) {
      if (Changed(Of(it->second), moment, index, prefix, except)) return true;
    }
    return false;
  };
  return index == Wanted::kByKey ? in(rows_) : in(indexes_[static_cast<size_t>(index)]);
}

// --- Writing

bool ModelTable::BoundsHold(const ModelRow& row) const {
  for (int i = 0; i < info_.column_count; ++i) {
    const int bound = info_.columns[static_cast<size_t>(i)].bound;
    if (bound >= 0 && (row.Int(i) < 0 || row.Int(i) > row.Int(bound))) return false;
  }
  return true;
}

bool ModelTable::UniqueChanged(const ModelRow& row, uint8_t indexes, Moment now,
                               Moment seen) const {
  if (seen == kNewest) return false;
  for (int i = 0; i < info_.index_count; ++i) {
    if (!IndexAt(i).unique || (indexes >> i & 1) == 0) continue;
    if (ChangedSince(seen, i, ValuesIn(i, row), now)) return true;
  }
  return false;
}

void ModelTable::Push(std::string key, Chain& chain, std::unique_ptr<Version> version) {
  const Version* before = chain.newest.get();
  for (int i = 0; i < info_.index_count && !version->erased; ++i) {
    if ((version->indexes >> i & 1) == 0) continue;
    const bool is_there = before != nullptr && !before->erased && (before->indexes >> i & 1) != 0 &&
                          SameIn(i, before->row, version->row);
    if (!is_there) indexes_[static_cast<size_t>(i)].try_emplace(EntryOf(i, version->row), &chain);
  }
  version->older = std::move(chain.newest);
  chain.newest = std::move(version);
  written_.emplace_back(std::move(key), &chain);
}

ModelTable::Written ModelTable::Insert(const void* row, Moment now, Moment seen) {
  std::string key = KeyOf(row);
  auto version = std::make_unique<Version>(now, IndexesOf(row), ModelRow(info_, row));
  if (!BoundsHold(version->row)) return Written::kOutOfBounds;
  if (UniqueChanged(version->row, version->indexes, now, seen)) return Written::kConflict;
  const auto [it, is_new] = rows_.try_emplace(key);
  if (is_new) it->second = std::make_unique<Chain>();
  Chain& chain = *it->second;
  if (!is_new && (!chain.newest->erased || Changed(chain, seen, Wanted::kByKey, key, now))) {
    return Written::kConflict;
  }
  Push(std::move(key), chain, std::move(version));
  return Written::kWritten;
}

ModelTable::Written ModelTable::Update(const void* row, ColumnMask columns, Moment now,
                                       Moment seen) {
  std::string key = KeyOf(row);
  const auto it = rows_.find(key);
  if (it == rows_.end()) return Written::kMissing;
  Chain& chain = *it->second;
  const Version& before = *chain.newest;
  if (before.since > seen && before.since != now) return Written::kConflict;
  if (before.erased) return Written::kMissing;
  auto version =
      std::make_unique<Version>(now, IndexesOf(row), ModelRow(info_, row, columns, before.row));
  if (!BoundsHold(version->row)) return Written::kOutOfBounds;
  if (UniqueChanged(version->row, version->indexes, now, seen)) return Written::kConflict;
  Push(std::move(key), chain, std::move(version));
  return Written::kWritten;
}

ModelTable::Written ModelTable::Erase(const void* row, Moment now, Moment seen) {
  std::string key = KeyOf(row);
  const auto it = rows_.find(key);
  if (it == rows_.end()) return Written::kMissing;
  Chain& chain = *it->second;
  const Version& before = *chain.newest;
  if (before.since > seen && before.since != now) return Written::kConflict;
  if (before.erased) return Written::kMissing;
  Push(std::move(key), chain, std::make_unique<Version>(now));
  return Written::kWritten;
}

bool ModelTable::UniqueHolds() const {
  for (const auto& [key, chain] : written_) {
    const Version& version = *chain->newest;
    for (int i = 0; i < info_.index_count && !version.erased; ++i) {
      if (!IndexAt(i).unique || (version.indexes >> i & 1) == 0) continue;
      int rows = 0;
      Visit(i, ValuesIn(i, version.row), kNewest, [&](const RowView&) { return ++rows < 2; });
      if (rows > 1) return false;
    }
  }
  return true;
}

// --- Forgetting

void ModelTable::RemoveEntries(const Chain& chain, const Version& version) {
  for (int i = 0; i < info_.index_count && !version.erased; ++i) {
    if ((version.indexes >> i & 1) == 0) continue;
    bool needed = false;
    for (const Version* other = chain.newest.get(); other != nullptr && !needed;
         other = other->older.get()) {
      needed =
          !other->erased && (other->indexes >> i & 1) != 0 && SameIn(i, other->row, version.row);
    }
    if (!needed) indexes_[static_cast<size_t>(i)].erase(EntryOf(i, version.row));
  }
}

void ModelTable::Undo() {
  for (auto it = written_.rbegin(); it != written_.rend(); ++it) {
    Chain& chain = *it->second;
    const std::unique_ptr<Version> undone = std::move(chain.newest);
    chain.newest = std::move(undone->older);
    RemoveEntries(chain, *undone);
    if (chain.newest == nullptr) rows_.erase(it->first);
  }
  written_.clear();
}

void ModelTable::Keep() {
  for (auto& [key, chain] : written_) {
    const Version& newest = *chain->newest;
    if (newest.erased || newest.older != nullptr)
      garbage_.push_back({newest.since, std::move(key)});
  }
  written_.clear();
}

void ModelTable::Collect(Moment oldest) {
  for (; !garbage_.empty() && garbage_.front().since <= oldest; garbage_.pop_front()) {
    CollectRow(garbage_.front().key, oldest);
  }
}

void ModelTable::CollectRow(const std::string& key, Moment oldest) {
  const auto it = rows_.find(key);
  if (it == rows_.end()) return;
  Chain& chain = *it->second;
  // The chain is the table's own, so its versions may be changed.
  auto* last = const_cast<Version*>(chain.At(oldest));
  if (last == nullptr) return;
  std::unique_ptr<Version> forgotten = std::move(last->older);
  if (last->erased && last == chain.newest.get()) chain.newest = nullptr;
  for (; forgotten != nullptr; forgotten = std::move(forgotten->older)) {
    RemoveEntries(chain, *forgotten);
  }
  if (chain.newest == nullptr) rows_.erase(it);
}

size_t ModelTable::CountKept() const {
  size_t kept = 0;
  for (const ByIndex& index : indexes_) kept += index.size();
  for (const auto& [key, chain] : rows_) {
    for (auto* version = chain->newest.get(); version != nullptr; version = version->older.get()) {
      ++kept;
    }
  }
  return kept;
}

}  // namespace seatsaga::store::internal
