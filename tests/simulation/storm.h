#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/dice.h"
#include "tests/world/network.h"

namespace seatsaga::simulation {

// The network of a run: as bad as the dice say. Not thread-safe.
class Storm final : public testing::Weather {
 public:
  using Trace = std::function<void(const std::string&)>;
  // `dice` must outlive this; `trace` may be null.
  Storm(Dice& dice, std::function<Mono()> now, Trace trace)
      : dice_(dice), now_(std::move(now)), trace_(std::move(trace)) {}

  testing::Fate Of(const testing::NetworkCall& call, testing::Leg leg) override;
  bool NoticesCrash(const testing::NetworkCall& call) override;
  void ArrivesAgain(const testing::NetworkCall& call) override;
  std::string ServerOf(const std::string& target) override;
  // Is told of every message, before its fate is drawn.
  using Watch = std::function<void(const testing::NetworkCall&, testing::Leg)>;
  void set_watch(Watch watch) { watch_ = std::move(watch); }

  // Nothing arrives that way until then.
  void Cut(const std::string& from, const std::string& to, Mono until);
  // Calls to `target` go to any of these processes.
  void Balance(const std::string& target, std::vector<std::string> replicas) {
    replicas_[target] = std::move(replicas);
  }

 private:
  bool IsCut(const std::string& from, const std::string& to);
  static std::string Line(const testing::NetworkCall& call, bool request,
                          const testing::Fate& fate);

  Dice& dice_;
  const std::function<Mono()> now_;
  const Trace trace_;
  Watch watch_;
  std::map<std::pair<std::string, std::string>, Mono> cuts_;
  std::map<std::string, std::vector<std::string>> replicas_;  // by target
};

}  // namespace seatsaga::simulation
