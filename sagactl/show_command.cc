#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "sagactl/command.h"
#include "sagactl/exit_code.h"
#include "sagactl/output.h"
#include "sagactl/saga_view.h"
#include "sagactl/timeline.h"

namespace seatsaga::cli {
namespace {

namespace ov1 = orchestrator::v1;

constexpr std::string_view kShowFooter = R"(Examples:
  sagactl show 01890a5d-ac96-774b-bcce-b302099a8057
  sagactl show 01890a5d-ac96-774b-bcce-b302099a8057 -o json | jq '.history[] | .outcome'

START is the time since the saga's creation. OUTCOME unknown means that no answer came: the step may or
may not have happened, so the orchestrator sends the call again with the same key.)";

constexpr std::string_view kStatsFooter = R"(Examples:
  sagactl stats
  sagactl stats -o json | jq -r .attention_count

Counts of live states are of the sagas in them now. Counts of finished states are since this
orchestrator started.)";

int RunShow(Context& context, const std::string& id) {
  ov1::GetSagaRequest request;
  request.set_saga_id(id);
  const auto answer = context.services.Call(request);
  if (!answer.ok()) return Fail(context, answer.status());
  if (context.options.output != Output::kTable) return PrintJson(context, answer->saga());
  const absl::Time now = absl::Now();
  context.out << RenderSagaHeader(answer->saga(), now, context.style) << "\n"
              << RenderTimeline(answer->saga(), now, context.style);
  return kExitOk;
}

int RunStats(Context& context) {
  const auto stats = context.services.Call(ov1::GetStatsRequest());
  if (!stats.ok()) return Fail(context, stats.status());
  if (context.options.output != Output::kTable) return PrintJson(context, *stats);
  context.out << RenderStats(*stats, absl::Now(), context.style) << std::flush;
  if (ParkedCount(*stats) > 0) {
    context.err << ParkedCount(*stats) << " parked; see what to do: sagactl list --attention\n";
  }
  return kExitOk;
}

}  // namespace

Command AddShowCommand(CommandLine& line) {
  auto id = std::make_shared<std::string>();
  CommandLine& show =
      AddCommand(line, "show", "Show one saga with its whole history as a timeline", kShowFooter);
  AddIdArgument(show, *id);
  return {&show, [id](Context& context) { return RunShow(context, *id); }};
}

Command AddStatsCommand(CommandLine& line) {
  return {&AddCommand(line, "stats", "Count sagas by state, and show what the engine has done",
                      kStatsFooter),
          RunStats};
}

}  // namespace seatsaga::cli
