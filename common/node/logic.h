#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/store/lane.h"

// Logic decides, the node does. The logic of a service is a function: from a batch of inputs and
// the rows they are about, it makes a plan of what to write, answer, send and remember. It has no
// I/O, clock, thread or unseeded randomness. Deciding changes nothing, so that a batch can be
// decided again on other rows.
namespace seatsaga {

// Names a reply that waits beyond its batch. The logic makes it; it is unique while the reply
// waits.
using Ticket = uint64_t;

// What to do for a batch. `Io` names the types of a service:
//   Io::In      an input; immutable while it is being decided
//   Io::Out     the answer to an input
//   Io::Send    a call to another process
//   Io::Memory  what to remember
template <class Io>
struct Plan {
  using Out = typename Io::Out;

  struct Answer {
    size_t input;
    absl::StatusOr<Out> out;
  };
  struct LateAnswer {
    Ticket ticket;
    absl::StatusOr<Out> out;
  };

  // All of this happens in this order once the batch is durable, and none of it if the commit
  // fails. An input that the plan neither answers nor parks is answered UNAVAILABLE.
  typename Io::Memory memory{};
  std::vector<typename Io::Send> sends;
  std::vector<Answer> answers;                    // at most one per input
  std::vector<std::pair<size_t, Ticket>> parked;  // inputs whose reply waits
  std::vector<LateAnswer> late_answers;           // to replies that wait since an earlier batch
  std::vector<log::Line> log;

  void Reply(size_t input, absl::StatusOr<Out> out) { answers.push_back({input, std::move(out)}); }
  void Park(size_t input, Ticket ticket) { parked.emplace_back(input, ticket); }
  void ReplyLate(Ticket ticket, absl::StatusOr<Out> out) {
    late_answers.push_back({ticket, std::move(out)});
  }
};

// All methods run on one thread.
template <class IoT>
class Logic {
 public:
  using Io = IoT;
  using In = typename Io::In;

  virtual ~Logic() = default;

  // Tells `rows` which rows the inputs need. Called up to three times in a row, with `round` from
  // 0, as long as it wants more. Later rounds may depend on what earlier ones found.
  virtual void Want(std::span<const In> inputs, int round, store::Rows& rows) const = 0;

  // Decides the inputs in order. There are none if NextWake is due and nothing has arrived. May be
  // called again for the same inputs with other rows.
  virtual void Decide(std::span<const In> inputs, store::Rows& rows, const Tick& tick,
                      Plan<Io>& plan) const = 0;

  // The only place where memory changes, apart from Load. A replica gets only what is durable. An
  // owner's memory runs ahead of the commit, and is loaded again if the commit fails.
  virtual void Remember(typename Io::Memory&& memory) = 0;

  // Forgets everything and makes memory anew from what is durable: at start, and after a commit
  // that failed. May plan what is still to be done, except for writes. Parked replies still wait:
  // answer those that nothing in the memory will answer any more. If a load fails, only its late
  // answers are sent.
  virtual absl::Status Load(store::Snapshot& snapshot, const Tick& tick, Plan<Io>& plan) = 0;

  // When Decide must be called next even if nothing arrives.
  virtual Mono NextWake() const { return Mono::InfiniteFuture(); }

  // The loop takes no more inputs: answers the replies that wait with what is known.
  virtual void Close(Plan<Io>& /*plan*/) const {}

  // What an owner owns; null for a replica.
  virtual const store::Fence* fence() const { return nullptr; }
};

}  // namespace seatsaga
