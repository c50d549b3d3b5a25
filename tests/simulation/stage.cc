#include "tests/simulation/stage.h"

namespace seatsaga::simulation {

Stage::Stage(Dice& the_dice, bool lying_disks, const std::function<void(const std::string&)>& trace)
    : dice(the_dice),
      system(the_dice, lying_disks,
             trace ? [this](const std::string& line) { Trace(line); }
                   : std::function<void(const std::string&)>()),
      trace_(trace),
      ids_([random = Random(the_dice.Seed())]() mutable { return random.Next(); }) {}

void Stage::Trace(const std::string& line) {
  if (!trace_) return;
  trace_(absl::StrCat(absl::FormatDuration(world().now() - began_), " ", line));
}

void Stage::DoDeeds() {
  while (!deeds_.empty() && deeds_.begin()->first <= world().now()) {
    const auto act = std::move(deeds_.begin()->second);
    deeds_.erase(deeds_.begin());
    act();
  }
}

void Stage::TakeAnswers() {
  for (size_t i = 0; i < waiting_.size();) {
    const auto take = waiting_[i];  // who hears may ask again
    if (take()) {
      waiting_.erase(waiting_.begin() + static_cast<ptrdiff_t>(i));
    } else {
      ++i;
    }
  }
}

}  // namespace seatsaga::simulation
