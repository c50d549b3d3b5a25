#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/errors.h"
#include "common/id.h"
#include "orchestrator/core/definition.h"
#include "seatsaga/orchestrator/v1/orchestrator.pb.h"

// What there is to know about a kind of saga besides its steps. The engine, the store and the views
// know sagas only from here.
namespace seatsaga::sagas {

using orchestrator::v1::SagaData;

// What the data of a signal is for: the end of a wait, or the undoing of everything.
enum class SignalKind : uint8_t { kResume, kCancel };

// What a domain event is told of.
struct Happened {
  core::DomainEventId what;
  const SagaData& data;                // as it was when the saga started, and what steps have added
  const saga::v1::ActionResult* done;  // what the call did that led to it; null: it did not say so
  bool completed_before;               // so that all that the reservation had is undone
};

// A kind of saga. Pure functions; thread-safe.
struct SagaType {
  std::string_view name;                        // that of its arm
  SagaData::OfCase arm = SagaData::OF_NOT_SET;  // of SagaData: what its sagas know
  // In the order of their versions, from 1. A saga in flight finishes on the version it started
  // with.
  std::span<const core::Definition> versions;

  // Checks what a new saga is started with, and clears what only its steps may say. `path` names
  // the arm: "sagas[3].data.reservation".
  void (*accept)(SagaData& data, const std::string& path, FieldErrors& errors) = nullptr;
  // The first version that can run a saga that is started with this.
  int (*needs_version)(const SagaData& data) = nullptr;
  // The saga that must be at rest before a saga with this data starts; null: none need be. Both are
  // of one partition, so that one process sees both.
  Id (*follows)(const SagaData& data) = nullptr;
  // How long a saga that is started with this holds; nullopt: it does not.
  std::optional<absl::Duration> (*holds_for)(const SagaData& data) = nullptr;
  // Checks what a signal adds to the data.
  void (*accept_signal)(SignalKind kind, const SagaData& data, const std::string& path,
                        FieldErrors& errors) = nullptr;
  // What a succeeded action adds to the data, as a message to be merged into it; nullopt: nothing.
  std::optional<SagaData> (*learn)(const SagaData& data, core::CallId action,
                                   const saga::v1::ActionResult& result) = nullptr;
  // Erases what is of no use once the saga has finished.
  void (*forget)(SagaData& data) = nullptr;
  // Erases what nobody may see.
  void (*conceal)(SagaData& data) = nullptr;
  // Erases what steps and signals have added: what is left is what the saga was started with.
  void (*forget_added)(SagaData& data) = nullptr;
  // What a domain event says. `told` names the saga and, until this says otherwise, the reservation
  // of the same id.
  void (*tell)(const Happened& happened, orchestrator::v1::DomainEventData& told) = nullptr;
};

inline constexpr size_t kSealedTokenMax = 1024;  // bytes

// How long a saga may hold: 1 ms to 31 days. reservation_svc has tighter bounds.
void CheckHoldDuration(std::string_view field, const google::protobuf::Duration& duration,
                       FieldErrors& errors);

// What events of payments say besides: how much moved, and under which id of the provider's.
void TellOfMoney(const Happened& happened, orchestrator::v1::DomainEventData& told);

// Null if this release does not have that version.
const core::Definition* FindVersion(const SagaType& type, int version);

// The kinds of sagas that an orchestrator runs. An immutable value; thread-safe.
class Registry {
 public:
  // The newest versions that new sagas may start with, by the type's name; without one, the newest
  // there is. Held back while participants that do not know a version's calls yet are updated.
  using NewestVersions = std::map<std::string, int, std::less<>>;

  // `types` must outlive the registry. InvalidArgument for a name or version that does not exist.
  static absl::StatusOr<Registry> Make(std::span<const SagaType* const> types,
                                       const NewestVersions& newest = {});

  // The type whose arm is set; null if none is, or a newer release's.
  const SagaType* Find(const SagaData& data) const;
  // What a new saga of this type starts with; null if none of the versions that may be used can run
  // it.
  const core::Definition* ForNew(const SagaType& type, const SagaData& data) const;
  std::span<const SagaType* const> types() const { return types_; }

 private:
  std::span<const SagaType* const> types_;
  NewestVersions newest_;
};

}  // namespace seatsaga::sagas
