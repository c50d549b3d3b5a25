#include "common/rpc/connections.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace seatsaga {
namespace {

using Accounts = std::vector<const ConnectionAccount*>;

// A client that reads tells the server so now and then: a frame of 13 bytes, or two, for some KB.
constexpr uint64_t kSentBytesPerReceivedByte = 64;
// Less than this is nothing: settings, pings, the odd cancelled call.
constexpr uint64_t kNegligible = 4 << 10;
constexpr uint64_t kNegligibleOfAll = 64 << 10;
// As many answers as a connection may have calls, each with ConnectionCounts::kCallCost.
constexpr uint64_t kManyAnswers = 64 << 20;
constexpr uint64_t kBytesPerByte = 8;
// When memory is short, all go that cost at least this part of what the worst one costs.
constexpr uint64_t kWorstParts = 4;

uint64_t LessOrZero(uint64_t a, uint64_t b) { return a > b ? a - b : 0; }

// The connections that are to go, each once.
class Cuts {
 public:
  using Cost = std::function<uint64_t(const ConnectionAccount&)>;

  explicit Cuts(const Accounts& accounts) : accounts_(accounts), is_cut_(accounts.size()) {}

  // Those above `max`; then the worst, until all together are at most `of_all_max`.
  void Above(uint64_t max, uint64_t of_all_max, CutReason reason, const Cost& cost) {
    std::vector<std::pair<uint64_t, size_t>> left;
    uint64_t sum = 0;
    for (size_t i = 0; i < accounts_.size(); ++i) {
      if (is_cut_[i]) continue;
      const uint64_t own = cost(*accounts_[i]);
      if (own > max) {
        Add(i, reason);
      } else if (own > 0) {
        left.emplace_back(own, i);
        sum += own;
      }
    }
    if (sum <= of_all_max) return;
    std::ranges::sort(left, std::greater<>());
    for (const auto& [own, i] : left) {
      if (sum <= of_all_max) break;
      Add(i, reason);
      sum -= own;
    }
  }

  // The worst, and those that are nearly as bad; nobody whose cost is negligible.
  void Worst(CutReason reason, const Cost& cost) {
    uint64_t worst = 0;
    for (const auto* account : accounts_) worst = std::max(worst, cost(*account));
    const uint64_t least = std::max(kNegligible, worst / kWorstParts);
    for (size_t i = 0; i < accounts_.size(); ++i) {
      if (!is_cut_[i] && cost(*accounts_[i]) >= least) Add(i, reason);
    }
  }

  std::vector<Cut> Take() { return std::move(cuts_); }

 private:
  void Add(size_t i, CutReason reason) {
    is_cut_[i] = true;
    cuts_.push_back({.index = i, .reason = reason});
  }

  const Accounts& accounts_;
  std::vector<bool> is_cut_;
  std::vector<Cut> cuts_;
};

// A busy client has a batch of answers on their way at any time.
uint64_t TooMany(uint64_t unread) { return unread > kManyAnswers ? unread : 0; }

// What may make the memory grow, or keep the I/O thread. Each is compared only with its like: the
// worst of one kind must not hide those of another.
uint64_t Settled(const ConnectionAccount& account) { return account.settled(); }
uint64_t Unexplained(const ConnectionAccount& account) { return account.unexplained(); }
uint64_t Excess(const ConnectionAccount& account) { return account.excess(); }
uint64_t BeingRead(const ConnectionAccount& account) {
  return account.read_now() > 0 ? account.excess() : 0;
}
uint64_t Unread(const ConnectionAccount& account) { return TooMany(account.unread().now()); }
uint64_t SettledUnread(const ConnectionAccount& account) {
  return TooMany(account.unread().settled());
}
uint64_t Strange(const ConnectionAccount& account) { return account.strange(); }

}  // namespace

std::string_view NameOf(CutReason reason) {
  switch (reason) {
    case CutReason::kUnexplained:
      return "unexplained_bytes";
    case CutReason::kUnread:
      return "unread_answers";
    case CutReason::kCancelled:
      return "cancelled_calls";
    case CutReason::kMemory:
      return "memory";
    case CutReason::kStall:
      return "stall";
  }
  return "";
}

uint64_t ConnectionJudge::Stalling(const ConnectionAccount& account) {
  return BeingRead(account) + Strange(account);
}

void Settling::Set(Mono now, uint64_t value) {
  if (now >= span_end_) {
    // The first value ever, or a pause: what was before says nothing about the time since.
    least_before_ = now >= span_end_ + kSpan ? 0 : least_;
    least_ = value;
    span_end_ = now + kSpan;
  }
  least_ = std::min(least_, value);
  now_ = value;
}

uint64_t ConnectionAccount::settled() const {
  return LessOrZero(before_then_.unexplained, explained_ - before_then_.explained);
}

uint64_t ConnectionAccount::excess() const {
  return LessOrZero(unexplained_, explained_ - before_then_.explained);
}

void ConnectionAccount::Read(const ConnectionCounts& counts) {
  counts_ = {.explained = counts.explained(),
             .unread = counts.unread(),
             .cancelled = counts.cancelled(),
             .open = counts.open()};
}

void ConnectionAccount::Update(Mono now, const Traffic& traffic) {
  const uint64_t received = LessOrZero(traffic.received, traffic_.received);
  const uint64_t explained = counts_.explained -
                             std::exchange(explained_before_, counts_.explained) +
                             LessOrZero(traffic.sent, traffic_.sent) / kSentBytesPerReceivedByte;
  // What is explained to excess is not kept for later: nobody may save up for a flood.
  unexplained_ = LessOrZero(unexplained_ + received, explained);
  explained_ += explained;
  if (now >= then_end_) {
    before_then_ = std::exchange(then_, {.unexplained = unexplained_, .explained = explained_});
    then_end_ = now + absl::Milliseconds(500);
  }
  read_now_ = received;
  unread_.Set(now, counts_.unread);
  if (now >= second_end_) {
    cancelled_per_s_ = counts_.cancelled - std::exchange(cancelled_before_, counts_.cancelled);
    second_end_ = now + absl::Seconds(1);
  }
  if (received > 0 || counts_.open > 0) {
    idle_since_ = Mono::InfiniteFuture();
  } else if (idle_since_ == Mono::InfiniteFuture()) {
    idle_since_ = now;
  }
  traffic_ = traffic;
}

// How much more memory is used than when nothing was suspect. What is suspect shows late, so the
// memory to compare with is that of at least a second before.
uint64_t ConnectionJudge::Growth(Mono now, uint64_t suspect, uint64_t memory) {
  if (memory_before_ == 0) memory_before_ = memory_then_ = memory;
  if (now >= second_end_) {
    if (suspect < kNegligibleOfAll) memory_before_ = std::exchange(memory_then_, memory);
    second_end_ = now + absl::Seconds(1);
  }
  return LessOrZero(memory, memory_before_);
}

bool ConnectionJudge::IsStall(Mono now, absl::Duration stalled) {
  const bool again = now - stall_at_ < absl::Seconds(1);
  if (stalled <= (again ? limits_.stall_max / 3 : limits_.stall_max)) return false;
  stall_at_ = now;
  return true;
}

std::vector<Cut> ConnectionJudge::Judge(Mono now, const Accounts& accounts, const State& state) {
  uint64_t suspect = 0;
  for (const auto* account : accounts) suspect += Settled(*account) + SettledUnread(*account);
  const uint64_t growth = Growth(now, suspect, state.memory);
  if (!limits_.enforced) return {};

  Cuts cuts(accounts);
  cuts.Above(limits_.unexplained_max, limits_.unexplained_of_all_max, CutReason::kUnexplained,
             Unexplained);
  cuts.Above(limits_.settled_max, limits_.settled_of_all_max, CutReason::kUnexplained, Settled);
  cuts.Above(limits_.unread_max, limits_.unread_of_all_max, CutReason::kUnread,
             [](const auto& account) { return account.unread().settled(); });
  const auto cancelled_max = static_cast<uint64_t>(limits_.cancelled_per_s_max);
  cuts.Above(cancelled_max, 2 * cancelled_max, CutReason::kCancelled,
             [](const auto& account) { return account.cancelled_per_s(); });
  if (growth > limits_.growth_max) {
    for (const auto& cost : {Settled, SettledUnread}) cuts.Worst(CutReason::kMemory, cost);
  }
  if (growth > 2 * limits_.growth_max) cuts.Worst(CutReason::kMemory, Strange);
  // Large requests on their way take memory too, but no more than a few times their size.
  uint64_t unexplained = 0;
  for (const auto* account : accounts) unexplained += Unexplained(*account);
  if (growth > 2 * limits_.growth_max + kBytesPerByte * unexplained) {
    for (const auto& cost : {Excess, Unread}) cuts.Worst(CutReason::kMemory, cost);
  }
  if (IsStall(now, state.stalled)) {
    for (const auto& cost : {BeingRead, Strange}) cuts.Worst(CutReason::kStall, cost);
  }
  return cuts.Take();
}

}  // namespace seatsaga
