#include "common/participant/fencing.h"

#include <array>
#include <bitset>

namespace seatsaga::participant {
namespace {

Token ToToken(const saga::v1::FencingToken& token, std::string_view field, FieldErrors& errors) {
  if (token.epoch() == 0 && token.holder().empty()) return {};
  const absl::StatusOr<Id> holder = Id::FromBytes(token.holder());
  if (!holder.ok()) errors.Add(Cat(field, ".holder"), "must be 16 bytes");
  if (token.epoch() == 0) errors.Add(Cat(field, ".epoch"), "must not be 0 if there is a holder");
  return {token.epoch(), holder.value_or(Id())};
}

void AddRange(const saga::v1::PartitionRange& range, std::string_view field,
              std::bitset<store::kPartitions>& seen, Take& take, FieldErrors& errors) {
  if (range.first() < 0 || range.last() < range.first() || range.last() >= store::kPartitions) {
    errors.Add(field, "first and last must be 0 to 255, first not above last");
    return;
  }
  const Token token = ToToken(range.token(), Cat(field, ".token"), errors);
  for (int32_t partition = range.first(); partition <= range.last(); ++partition) {
    if (seen.test(static_cast<size_t>(partition))) {
      errors.Add(field, Cat("names partition ", partition, " again"));
      return;
    }
    seen.set(static_cast<size_t>(partition));
    take.held.emplace_back(partition, token);
  }
}

bool Alike(const FencingRow& a, const FencingRow& b) {
  return a.epoch == b.epoch && a.holder == b.holder && a.store_id == b.store_id &&
         a.store_counter == b.store_counter;
}

void AddRange(int32_t first, int32_t last, const FencingRow& row,
              saga::v1::GetFencingResponse& response) {
  auto& range = *response.add_ranges();
  range.set_first(first);
  range.set_last(last);
  if (row.epoch == 0) return;
  ToProto(Token{row.epoch, row.holder}, *range.mutable_token());
  range.set_store_id(row.store_id.ToString());
  range.set_store_counter(row.store_counter);
}

void VisitFencing(store::Snapshot& snapshot, absl::FunctionRef<void(const FencingRow&)> visit) {
  snapshot.Visit(store::Scan{.table = &kFencing.info()}, [&](const store::RowView& view) {
    const FencingRow row = kFencing.Load(view);
    if (row.partition >= 0 && row.partition < store::kPartitions) visit(row);
    return true;
  });
}

}  // namespace

absl::StatusOr<Take> ParseTake(const saga::v1::TakePartitionsRequest& request) {
  FieldErrors errors;
  Take take;
  if (request.held().empty() || request.held_size() > store::kPartitions) {
    errors.Add("held", "required: 1 to 256 ranges of partitions, as GetFencing gives them");
  }
  std::bitset<store::kPartitions> seen;
  for (int i = 0; i < request.held_size() && errors.empty(); ++i) {
    AddRange(request.held(i), Cat("held[", i, "]"), seen, take, errors);
  }
  take.token = ToToken(request.token(), "token", errors);
  if (take.token.epoch == 0)
    errors.Add("token.epoch", "required: an epoch above those that are held");
  if (const auto store_id = CheckId("store_id", request.store_id(), errors)) {
    take.store_id = *store_id;
  }
  if (request.store_counter() < 1) errors.Add("store_counter", "must be at least 1");
  take.store_counter = request.store_counter();
  if (absl::Status status = errors.ToStatus(); !status.ok()) return status;
  return take;
}

saga::v1::GetFencingResponse ReadFencing(store::Snapshot& snapshot) {
  std::array<FencingRow, store::kPartitions> all{};
  VisitFencing(snapshot,
               [&](const FencingRow& row) { all[static_cast<size_t>(row.partition)] = row; });
  saga::v1::GetFencingResponse response;
  int32_t first = 0;
  for (int32_t next = 1; next <= store::kPartitions; ++next) {
    const FencingRow& held = all[static_cast<size_t>(first)];
    if (next < store::kPartitions && Alike(held, all[static_cast<size_t>(next)])) continue;
    AddRange(first, next - 1, held, response);
    first = next;
  }
  return response;
}

void Fencing::Load(store::Snapshot& snapshot) {
  tokens_ = {};
  VisitFencing(snapshot, [this](const FencingRow& row) {
    tokens_[static_cast<size_t>(row.partition)] = {row.epoch, row.holder};
  });
}

}  // namespace seatsaga::participant
