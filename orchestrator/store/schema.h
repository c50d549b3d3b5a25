#pragma once

#include <array>
#include <string_view>

namespace seatsaga::store {

// The orchestrator's migrations, in order; a released one never changes. docs/data-model.md tells
// what the columns mean.
inline constexpr std::array<std::string_view, 1> kMigrations{
    R"sql(
    CREATE TABLE sagas(
      id        BLOB PRIMARY KEY,     -- 16 bytes, time ordered
      live      INTEGER NOT NULL,     -- 1 until terminal
      view      INTEGER NOT NULL,     -- orchestrator.v1.SagaState
      attention INTEGER NOT NULL,     -- 1: an operator should look
      updated   INTEGER NOT NULL,     -- microseconds since 1970 UTC
      state     BLOB NOT NULL,        -- StoredState
      facts     BLOB NOT NULL,        -- StoredFacts
      history   BLOB NOT NULL         -- StoredHistory: the newest entries
    ) WITHOUT ROWID;
    CREATE INDEX sagas_live ON sagas(id) WHERE live = 1;

    -- Older entries of long histories, moved here so that a transition rewrites little.
    CREATE TABLE saga_history(
      saga_id        BLOB NOT NULL,
      first_sequence INTEGER NOT NULL,
      history        BLOB NOT NULL,   -- StoredHistory
      PRIMARY KEY(saga_id, first_sequence)
    ) WITHOUT ROWID;

    CREATE TABLE epoch(
      id    INTEGER PRIMARY KEY CHECK(id = 1),
      epoch INTEGER NOT NULL          -- fencing token of the newest orchestrator process
    );
    INSERT INTO epoch VALUES(1, 0);
    )sql",
};

}  // namespace seatsaga::store
