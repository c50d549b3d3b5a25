// seatsaga-instructions: makes reservations through the logic of all four services in one thread,
// the same way in every run, for callgrind to count (count.py).
#include <algorithm>
#include <iostream>
#include <string>

#include "bench/one_thread/chain.h"
#include "bench/one_thread/must.h"
#include "bench/one_thread/scratch_folder.h"
#include "common/log.h"
#include "common/process/command_line.h"

namespace seatsaga::bench {
namespace {

// More than a story takes from its first request to its saga's end, so that as many end in a round
// as begin in it.
constexpr int kRoundsToSteady = 16;

struct Flags {
  std::string story = "pay_now";
  int batch = 64;
  int reservations = 1024;

  int rounds() const { return (reservations + batch - 1) / batch; }
};

Story StoryOf(const std::string& name) {
  if (name == "hold_and_pay") return Story::kHoldAndPay;
  if (name == "exchange") return Story::kExchange;
  return name == "cancel" ? Story::kCancel : Story::kPayNow;
}

// What is counted: callgrind is told to collect inside this function only.
[[gnu::noinline]] void CountedRounds(Chain& chain, const Flags& flags) {
  for (int i = 0; i < flags.rounds(); ++i) chain.Round(flags.batch);
}

int Run(const Flags& flags) {
  Must(log::Setup("seatsaga-instructions", log::Format::kText, "warn"));
  const ScratchFolder folder;
  Chain chain(folder.path(), Chain::Durable::kYes, StoryOf(flags.story));
  for (int i = 0; i < std::max(flags.rounds(), kRoundsToSteady); ++i) chain.Round(flags.batch);
  CountedRounds(chain, flags);
  chain.Drain();
  std::cout << R"({"reservations": )" << flags.rounds() * flags.batch << R"(, "batch": )"
            << flags.batch << R"(, "ended": )" << chain.ended() << R"(, "compiler": ")"
            << __VERSION__ << "\"}\n";
  return 0;
}

int Main(int argc, char** argv) {
  CommandLine line("seatsaga-instructions",
                   "The work of reservations in one thread, to be counted.");
  Flags flags;
  line.Add(
          "--story", flags.story,
          "pay_now; hold_and_pay: a seat is held, then paid for; cancel: paid for, then cancelled; "
          "exchange: paid for, then exchanged for another seat")
      .OneOf({"pay_now", "hold_and_pay", "cancel", "exchange"});
  line.Add("--batch", flags.batch, "Reservations that begin in one round").Between(1, 1000);
  line.Add("--reservations", flags.reservations,
           "Reservations that count, after as many that do not")
      .Between(1, 1'000'000);
  if (const auto exit_status = line.Parse(argc, argv)) return *exit_status;
  return Run(flags);
}

}  // namespace
}  // namespace seatsaga::bench

int main(int argc, char** argv) { return seatsaga::bench::Main(argc, argv); }
