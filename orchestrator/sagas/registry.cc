#include "orchestrator/sagas/registry.h"

#include <algorithm>

#include "common/text.h"
#include "common/time_proto.h"
#include "orchestrator/sagas/domain_events.h"

namespace seatsaga::sagas {
namespace {

constexpr absl::Duration kHoldMax = absl::Hours(24 * 31);

}  // namespace

void CheckHoldDuration(std::string_view field, const google::protobuf::Duration& duration,
                       FieldErrors& errors) {
  const absl::Duration hold = FromProto(duration);
  if (hold < absl::Milliseconds(1) || hold > kHoldMax) {
    errors.Add(field, "must be 1ms to 31 days");
  }
}

void TellOfMoney(const Happened& happened, orchestrator::v1::DomainEventData& told) {
  const bool moved = happened.what == DomainEvent::kPaymentCaptured ||
                     happened.what == DomainEvent::kPaymentRefunded;
  if (!moved || happened.done == nullptr) return;
  if (happened.done->has_amount()) *told.mutable_amount() = happened.done->amount();
  told.set_provider_reference(happened.done->provider_reference());
}

const core::Definition* FindVersion(const SagaType& type, int version) {
  for (const core::Definition& definition : type.versions) {
    if (definition.version == version) return &definition;
  }
  return nullptr;
}

absl::StatusOr<Registry> Registry::Make(std::span<const SagaType* const> types,
                                        const NewestVersions& newest) {
  for (const auto& [name, version] : newest) {
    const auto type = std::find_if(types.begin(), types.end(),
                                   [&](const auto* one) { return one->name == name; });
    if (type == types.end()) {
      return absl::InvalidArgumentError(Cat("there is no saga named ", name));
    }
    if (FindVersion(**type, version) == nullptr) {
      return absl::InvalidArgumentError(Cat("saga ", name, " has no version ", version,
                                            "; the newest is ", (*type)->versions.back().version));
    }
  }
  Registry registry;
  registry.types_ = types;
  registry.newest_ = newest;
  return registry;
}

const SagaType* Registry::Find(const SagaData& data) const {
  for (const SagaType* type : types_) {
    if (type->arm == data.of_case()) return type;
  }
  return nullptr;
}

const core::Definition* Registry::ForNew(const SagaType& type, const SagaData& data) const {
  const auto newest = newest_.find(type.name);
  const core::Definition* definition =
      newest == newest_.end() ? &type.versions.back() : FindVersion(type, newest->second);
  return definition->version < type.needs_version(data) ? nullptr : definition;
}

}  // namespace seatsaga::sagas
