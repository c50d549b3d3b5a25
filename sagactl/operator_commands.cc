#include <iostream>
#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "sagactl/command.h"
#include "sagactl/exit_code.h"
#include "sagactl/output.h"
#include "sagactl/saga_view.h"

namespace seatsaga::cli {
namespace {

namespace ov1 = orchestrator::v1;

constexpr std::string_view kRetryFooter = R"(Examples:
  sagactl retry 01890a5d-ac96-774b-bcce-b302099a8057
  sagactl retry 01890a5d-ac96-774b-bcce-b302099a8057 && sagactl watch 01890a5d-ac96-774b-bcce-b302099a8057

The orchestrator makes the saga's outstanding call again now, with a fresh count of attempts. It sends the
same idempotency key, so nothing happens twice. The saga's history records the retry.)";

constexpr std::string_view kCompensateFooter = R"(Examples:
  sagactl compensate 01890a5d-ac96-774b-bcce-b302099a8057
  sagactl compensate --yes 01890a5d-ac96-774b-bcce-b302099a8057    does not ask you first

The orchestrator undoes what the saga did, in reverse order: it refunds the payment, frees the seats and
cancels the reservation. It refuses once the reservation is confirmed. The saga's history records the
request. On a terminal, sagactl asks you first; elsewhere it never asks.)";

template <class Response>
int PrintChanged(Context& context, const absl::StatusOr<Response>& answer) {
  if (!answer.ok()) return Fail(context, answer.status());
  if (context.options.output != Output::kTable) return PrintJson(context, answer->saga());
  context.out << RenderSagaHeader(answer->saga(), absl::Now(), context.style) << std::flush;
  context.err << "follow it: sagactl watch " << answer->saga().saga_id() << "\n";
  return kExitOk;
}

int RunRetry(Context& context, const std::string& id) {
  ov1::RetrySagaRequest request;
  request.set_saga_id(id);
  return PrintChanged(context, context.services.Call(request));
}

bool Confirmed(Context& context, const std::string& id) {
  context.err << "Undo reservation " << id << ": refund, free its seats, cancel it? [y/N] "
              << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

struct CompensateArguments {
  std::string id;
  bool yes = false;
};

int RunCompensate(Context& context, const CompensateArguments& arguments) {
  if (context.interactive && !arguments.yes && !Confirmed(context, arguments.id)) {
    context.err << "nothing was done\n";
    return kExitFailure;
  }
  ov1::CompensateSagaRequest request;
  request.set_saga_id(arguments.id);
  return PrintChanged(context, context.services.Call(request));
}

}  // namespace

Command AddRetryCommand(CommandLine& line) {
  auto id = std::make_shared<std::string>();
  CommandLine& retry =
      AddCommand(line, "retry", "Make a saga's outstanding call again now", kRetryFooter);
  AddIdArgument(retry, *id);
  return {&retry, [id](Context& context) { return RunRetry(context, *id); }};
}

Command AddCompensateCommand(CommandLine& line) {
  auto arguments = std::make_shared<CompensateArguments>();
  CommandLine& compensate =
      AddCommand(line, "compensate", "Make a saga undo what it did", kCompensateFooter);
  AddIdArgument(compensate, arguments->id);
  compensate.AddSwitch("-y,--yes", arguments->yes, "Do not ask for confirmation");
  return {&compensate,
          [arguments](Context& context) { return RunCompensate(context, *arguments); }};
}

}  // namespace seatsaga::cli
