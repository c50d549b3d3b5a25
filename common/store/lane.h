#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/id.h"
#include "common/store/rows.h"
#include "common/store/table.h"

// The storage seam: how logic reads and writes, whatever the engine. SQLite is one (common/sqlite),
// a model in memory another (common/store/model.h).
namespace seatsaga::store {

// How a commit ended.
enum class Committed : uint8_t {
  kDurable,   // all of it, for good
  kNothing,   // nothing of it: an error, of the disk for example
  kConflict,  // nothing of it: another lane has changed what it was decided on; decide again
  kFenced,    // nothing of it: somebody else owns what it is about; stop
  kInDoubt,   // all or nothing, and which is not known: Load tells
};
std::string_view Name(Committed committed);

struct CommitResult {
  Committed committed = Committed::kDurable;
  absl::Status why;  // of anything but durable
};

// Which rows an owner may write: the holder of these partitions in these epochs. An argument of
// each of its commits. The partition of a saga is the last byte of its id.
inline constexpr int kPartitions = 256;
inline int PartitionOf(const Id& saga_id) {
  return static_cast<unsigned char>(saga_id.bytes().back());
}
struct Fence {
  Id holder;
  std::array<uint64_t, kPartitions> epochs{};  // 0: not owned
};

// Rows in the order of an index, from a point on.
struct Scan {
  const TableInfo* table = nullptr;
  int index = Wanted::kByKey;  // of TableInfo::indexes; kByKey: the primary key
  // Rows whose first columns in this order have these values.
  absl::InlinedVector<Value, 2> prefix;
  // Only rows whose next column lies beyond this: after it, or before it if `descending`.
  std::optional<Value> beyond;
  bool inclusive = false;  // `beyond` itself too
  bool descending = false;
  int limit = 0;  // 0: none. A hint: the visitor may stop earlier
};

// What a description cannot say (sums over joins): one text for each engine.
struct Query {
  std::string_view name;
  std::string_view sqlite;
  // For the model: visits its result rows, given a way to see a table's rows.
  using Visit = absl::FunctionRef<bool(const RowView&)>;
  using Table = absl::FunctionRef<void(const TableInfo&, Visit)>;
  void (*model)(Table table, std::span<const Value> arguments, Visit visit) = nullptr;
};

// One state of a store, unchanged while it is read. Errors stick: see status.
class Snapshot {
 public:
  virtual ~Snapshot() = default;

  // `visit` returns false to end. Views are valid during the visit.
  virtual void Visit(const Scan& scan, absl::FunctionRef<bool(const RowView&)> visit) = 0;
  virtual void Visit(const Query& query, std::span<const Value> arguments,
                     absl::FunctionRef<bool(const RowView&)> visit) = 0;
  // The first error; what was visited since is incomplete.
  virtual absl::Status status() const = 0;

  // The row with this key.
  template <class TableT, class... K>
  std::optional<typename TableT::Row> Find(const TableT& table, const K&... key) {
    Scan scan{.table = &table.info(), .limit = 1};
    int column = 0;
    (scan.prefix.push_back(
         internal::ToValue(table.info().columns[static_cast<size_t>(column++)].type, key)),
     ...);
    return First(table, scan);
  }
  // The first row of a scan.
  template <class TableT>
  std::optional<typename TableT::Row> First(const TableT& /*table*/, const Scan& scan) {
    std::optional<typename TableT::Row> found;
    Visit(scan, [&](const RowView& row) {
      found = TableT::Load(row);
      return false;
    });
    return found;
  }
};

// One writer of one store. Calls and callbacks are on one thread, that of the loop which uses it,
// or under its control; a callback may come before the call returns.
class Lane {
 public:
  virtual ~Lane() = default;

  // Looks up everything that `rows` wants, all in one state of the store, which stays the same from
  // a batch's first read to its commit. An error shows at the commit.
  virtual void Read(Rows& rows, absl::AnyInvocable<void() &&> then) = 0;
  // Writes what `rows` changed since the first Read, all or nothing. `fence` is null but for
  // owners. Rows are the lane's until `then`.
  virtual void Commit(const Fence* fence, Rows& rows,
                      absl::AnyInvocable<void(CommitResult) &&> then) = 0;
  // Ends a batch that was read for and will not be committed.
  virtual void Abandon() = 0;
  // Waits for whatever is under way, and gives its callback before it returns: for a loop that
  // stops. Does nothing in a lane whose callbacks come before its calls return.
  virtual void Finish() {}

  // Shows everything that is durable, however the last commit ended. At start, and after any commit
  // of an owner that did not end durable, or of a replica that neither did nor met a conflict.
  virtual absl::Status Load(absl::FunctionRef<absl::Status(Snapshot&)> load) = 0;

  // Whether other lanes write to the same store: then what was read in an earlier batch may have
  // changed since.
  virtual bool shared() const = 0;
};

// Who a store is, and whether its data may be trusted: for fencing.
struct Identity {
  Id store_id;           // made with the store; a copy has the same
  int64_t counter = 0;   // how often it was opened for writing
  bool is_copy = false;  // the file is not the one that was last opened for writing
};

// A store that a process has open.
class Store {
 public:
  virtual ~Store() = default;
  // The store's writer. One.
  virtual Lane& lane() = 0;
  // Runs `query` on one state that holds everything acknowledged before. One thread at a time,
  // which may be another than the lane's. UNAVAILABLE if the store gave an error meanwhile.
  virtual absl::Status Query(absl::FunctionRef<void(Snapshot&)> query) = 0;
  virtual const Identity& identity() const = 0;
  // From now on this store is the original, not a copy of another.
  virtual absl::Status Adopt() = 0;
};

// What a store holds. Immutable; thread-safe; never freed.
struct Schema {
  std::string_view service;  // "seat_svc"; a store of another service is refused
  std::span<const TableInfo* const> tables;
};

// Where a process' stores are.
class Stores {
 public:
  virtual ~Stores() = default;
  // Opens the store of `schema.service`, and makes it if it is not there. Errors say what to do.
  virtual absl::StatusOr<std::unique_ptr<Store>> Open(const Schema& schema) = 0;
};

}  // namespace seatsaga::store
