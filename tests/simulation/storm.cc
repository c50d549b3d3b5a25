#include "tests/simulation/storm.h"

#include "absl/strings/str_cat.h"

namespace seatsaga::simulation {

using testing::Fate;
using testing::Leg;
using testing::NetworkCall;

Fate Storm::Of(const NetworkCall& call, Leg leg) {
  if (watch_) watch_(call, leg);
  const bool request = leg == Leg::kRequest;
  const std::string& from = request ? call.caller->process : call.to;
  const std::string& to = request ? call.to : call.caller->process;
  Fate fate{.delay = dice_.Between(absl::Microseconds(50), absl::Milliseconds(2))};
  // What becomes of an answer that nobody waits for makes no difference.
  if (!request && !call.awaited()) return fate;
  if (IsCut(from, to)) {
    dice_.Count(Fault::kPartition);
    fate.kind = Fate::Kind::kVanishes;
  } else if (dice_.StrikesAndCounts(Fault::kLoss)) {
    fate.kind = Fate::Kind::kVanishes;
  } else if (dice_.StrikesAndCounts(request ? Fault::kReset : Fault::kAnswerLost)) {
    fate.kind = Fate::Kind::kReset;
  } else if (dice_.StrikesAndCounts(Fault::kSlowMessage)) {
    fate.delay = dice_.Between(absl::Milliseconds(5), absl::Seconds(3));
  }
  if (request && fate.kind == Fate::Kind::kArrives && dice_.Strikes(Fault::kDuplicate)) {
    fate.again = dice_.Between(absl::Microseconds(1), absl::Seconds(5));
  }
  if (trace_) trace_(Line(call, request, fate));
  return fate;
}

std::string Storm::Line(const NetworkCall& call, bool request, const Fate& fate) {
  std::string line = absl::StrCat(call.caller->process, request ? " -> " : " <- ", call.to, " ",
                                  call.method->descriptor->name());
  switch (fate.kind) {
    case Fate::Kind::kVanishes:
      return line + " vanishes";
    case Fate::Kind::kReset:
      return line + " meets a broken connection";
    case Fate::Kind::kArrives:
      break;
  }
  if (fate.again != absl::InfiniteDuration()) line += " twice";
  return absl::StrCat(line, " in ", absl::FormatDuration(fate.delay));
}

bool Storm::NoticesCrash(const NetworkCall& /*call*/) {
  return !dice_.StrikesAndCounts(Fault::kHalfDead);
}

void Storm::ArrivesAgain(const NetworkCall& /*call*/) { dice_.Count(Fault::kDuplicate); }

void Storm::Cut(const std::string& from, const std::string& to, Mono until) {
  cuts_[{from, to}] = until;
}

bool Storm::IsCut(const std::string& from, const std::string& to) {
  if (dice_.healed || cuts_.empty()) return false;
  const auto cut = cuts_.find({from, to});
  return cut != cuts_.end() && cut->second > now_();
}

std::string Storm::ServerOf(const std::string& target) {
  const auto replicas = replicas_.find(target);
  return replicas == replicas_.end() ? target : dice_.OneOf(replicas->second);
}

}  // namespace seatsaga::simulation
