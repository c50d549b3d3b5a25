#include "tests/simulation/event_reading.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "api/orchestrator.h"
#include "tests/support/implied_events.h"

namespace seatsaga::simulation {
namespace {

constexpr absl::Duration kReadingTakes = absl::Seconds(10);
constexpr size_t kPrefixSize = 9;  // "seatsaga."

}  // namespace

std::map<std::string, std::vector<std::string>> ReadEvents(Stage& stage) {
  auto stream = stage.world().Open(stage.system.orchestrator(), orchestrator::kWatchEvents, {},
                                   {.deadline = absl::Minutes(10)});
  stage.world().Advance(kReadingTakes);
  std::map<std::string, std::vector<std::string>> told;
  std::map<int, int64_t> last;
  if (stream.end().has_value()) {
    stage.violations.push_back("events: the stream ended: " + stream.end()->ToString());
  }
  if (stream.messages().empty()) stage.violations.push_back("events: cannot be read");
  for (const auto& response : stream.messages()) {
    for (const auto& event : response.events()) {
      const int64_t expected = ++last[event.partition()];
      if (event.sequence() != expected) {
        stage.violations.push_back(absl::StrCat("events: partition ", event.partition(), " has ",
                                                event.id(), " in the place of ", expected));
      }
      told[event.data().saga_id()].push_back(event.type().substr(kPrefixSize));
    }
  }
  stream.Cancel();
  return told;
}

absl::Status CheckEvents(const orchestrator::v1::Saga& saga, const std::vector<std::string>& told) {
  const std::vector<std::string> implied = testing::ImpliedEvents(saga).names();
  if (told == implied) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("those of ", saga.saga_id(), ": told ",
                                          absl::StrJoin(told, ", "), "; its history implies ",
                                          absl::StrJoin(implied, ", ")));
}

}  // namespace seatsaga::simulation
