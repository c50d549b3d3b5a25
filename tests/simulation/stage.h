#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/id.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/history.h"
#include "tests/simulation/system.h"
#include "tests/world/test_world.h"

namespace seatsaga::simulation {

// What everybody who acts in a run has in common: the system, the dice, what was seen so far, and
// what is going to be done. Not thread-safe.
class Stage {
 public:
  // `trace` may be null.
  Stage(Dice& the_dice, bool lying_disks, const std::function<void(const std::string&)>& trace);

  testing::TestWorld& world() { return system.world(); }
  std::string NewId() { return ids_.Next(world().wall()).ToString(); }
  // In the order in which things happen; no two are alike.
  Moment NextMoment() { return ++moment_; }
  void Trace(const std::string& line);
  // From now on, times in the trace count.
  void Begin() { began_ = world().now(); }
  absl::Duration since_begin() { return world().now() - began_; }

  // --- What is going to be done

  void In(absl::Duration delay, std::function<void()> act) {
    deeds_.emplace(world().now() + delay, std::move(act));
  }
  Mono NextDeed() const { return deeds_.empty() ? Mono::InfiniteFuture() : deeds_.begin()->first; }
  void DoDeeds();

  // --- Calls from outside

  // Calls a process, and hears the answer: hear(StatusOr<Response>).
  template <class Method, class Hear>
  void Ask(const std::string& process, const Method& method,
           const typename Method::Request& request, testing::CallOptions options, Hear hear) {
    const auto answer = world().Call(process, method, request, std::move(options));
    waiting_.push_back([hear, answer] {
      if (answer.answered()) hear(*answer);
      return answer.answered();
    });
  }
  void TakeAnswers();

  // Whether nobody is going to do anything more, nor waits.
  bool over() const { return deeds_.empty() && waiting_.empty(); }

  Dice& dice;
  System system;
  History history;
  std::vector<std::string> violations;
  bool wall_stepped = false;  // somewhere: times are no measure of what came first

 private:
  const std::function<void(const std::string&)> trace_;
  IdGenerator ids_;
  Mono began_;
  Moment moment_ = 0;
  std::multimap<Mono, std::function<void()>> deeds_;
  std::vector<std::function<bool()>> waiting_;  // each says whether it has been answered
};

}  // namespace seatsaga::simulation
