#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/id.h"
#include "common/newest_id.h"
#include "common/outcome.h"
#include "common/sqlite/database.h"

// The participants' contract of DESIGN §6, in one place for all three: a row per (saga, step,
// direction), written in the transaction of the effect, makes every command take effect at most
// once. The idea is the "sub-transaction barrier" of dtm.
namespace seatsaga {

// Idempotency key, body and owner of one command.
struct BarrierCommand {
  Id saga_id;
  std::string step;
  saga::v1::Direction direction = saga::v1::DIRECTION_ACTION;
  // Digest of everything in the body that the effect depends on (common/fingerprint.h).
  std::string fingerprint;
  uint64_t fencing_token = 0;
};

// Who carries out the action that a compensation undoes.
enum class ActionIs {
  // A command that passes this barrier: a compensation that comes without it has nothing to undo.
  kCommand,
  // The participant itself, before the saga began: no command ever brings the action, so the
  // compensation has its effect although none is recorded.
  kOwnAct,
};

// Writer thread only. Use per batch: Load, then for each command Admit and, if it said "apply it",
// Record, then Flush.
class Barrier {
 public:
  // The migration that creates the barrier's tables: part of each participant's schema.
  static constexpr std::string_view kSchema = R"sql(
    CREATE TABLE barrier(
      saga_id     BLOB NOT NULL,
      step        TEXT NOT NULL,
      direction   INTEGER NOT NULL,   -- saga.v1.Direction
      fingerprint BLOB NOT NULL,      -- digest of the command's body
      outcome     BLOB NOT NULL,      -- saga.v1.CommandResult as it was answered
      PRIMARY KEY(saga_id, step, direction)
    ) WITHOUT ROWID;
    CREATE TABLE fencing(
      id    INTEGER PRIMARY KEY CHECK(id = 1),
      token INTEGER NOT NULL          -- newest fencing token seen
    );
    INSERT INTO fencing VALUES(1, 0);
  )sql";

  explicit Barrier(sqlite::Database& database);

  // Forgets what is in memory and reads the newest fencing token again. Call from
  // BatchHandler::Load.
  void Reload();

  // Reads what is recorded for the commands of a batch.
  void Load(std::span<const BarrierCommand> commands);

  // nullopt: first time, so apply the effect and Record its outcome. Otherwise the answer, and
  // nothing is to be done: the recorded outcome, INVALID (other body), REFUSED (late action, stale
  // token), or SUCCEEDED for a null compensation, which Admit records itself.
  std::optional<CommandResult> Admit(const BarrierCommand& command,
                                     ActionIs action = ActionIs::kCommand);

  // The refusal of a command whose fencing token is older than the newest seen; nullopt if it is
  // not. For commands that leave no row, such as probes.
  std::optional<CommandResult> CheckToken(uint64_t fencing_token) const;

  // Whether an action or compensation of this step is recorded. Needs Load.
  bool Recorded(const Id& saga_id, std::string_view step, saga::v1::Direction direction) const;

  // Remembers the outcome of an admitted command.
  void Record(const BarrierCommand& command, const CommandResult& outcome);

  // Writes what was recorded, and a newer fencing token if one came.
  void Flush();

 private:
  struct Key {
    Id saga_id;
    std::string step;
    saga::v1::Direction direction;
    friend bool operator==(const Key&, const Key&) = default;
    template <typename H>
    friend H AbslHashValue(H hash, const Key& key) {
      return H::combine(std::move(hash), key.saga_id, key.step, static_cast<int>(key.direction));
    }
  };
  struct Row {
    std::string fingerprint;
    CommandResult outcome;
  };
  const Row* Find(const Id& saga_id, std::string_view step, saga::v1::Direction direction) const;

  sqlite::Statement select_;
  sqlite::Statement insert_;
  sqlite::Statement select_token_;
  sqlite::Statement update_token_;
  NewestId sagas_;
  absl::flat_hash_map<Key, Row> rows_;  // of the present batch
  std::vector<Key> unwritten_;
  uint64_t newest_token_ = 0;
  bool token_unwritten_ = false;
};

}  // namespace seatsaga
