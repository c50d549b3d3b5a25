#include <memory>

#include "sagactl/audit/collect.h"
#include "sagactl/audit/report.h"
#include "sagactl/command.h"
#include "sagactl/exit_code.h"

namespace seatsaga::cli {
namespace {

constexpr std::string_view kFooter = R"(Examples:
  sagactl audit                     safe at any time, even while reservations are being made
  sagactl audit --quiescent         after a test, when no saga may still be in flight
  sagactl audit --strict && deploy  parked sagas stop the deployment too
  sagactl audit -o json | jq '.findings[] | .evidence'

Reads every reservation, saga, payment, event and seat, and the ledger, and checks that:
  no seat is sold twice; nobody pays without a confirmed reservation that holds its seats, and no
  reservation is confirmed without its charge and its seats; each reserved seat belongs to a live or
  confirmed reservation; money and seats add up; each saga makes progress, waits, is terminal or is
  parked with a reason, and its reservation agrees with it.
Anything that looks wrong is read again before it is reported. The exit status is 3 if anything was
found.)";

struct AuditArguments {
  bool quiescent = false;
  bool strict = false;
};

int RunAudit(Context& context, const AuditArguments& arguments) {
  ServicesSource source(context.services);
  const auto result = AuditConfirmed(source, {.quiescent = arguments.quiescent});
  if (!result.ok()) return Fail(context, result.status());
  switch (context.options.output) {
    case Output::kTable:
      context.out << RenderAudit(*result, context.style);
      break;
    case Output::kJson:
      context.out << AuditJson(*result);
      break;
    case Output::kJsonLines:
      context.out << AuditJsonLines(*result);
      break;
  }
  const bool bad = !result->findings.empty() || (arguments.strict && !result->warnings.empty());
  return bad ? kExitFindings : kExitOk;
}

}  // namespace

Command AddAuditCommand(CommandLine& line) {
  auto arguments = std::make_shared<AuditArguments>();
  CommandLine& audit =
      AddCommand(line, "audit", "Check money, seats and sagas against each other", kFooter);
  audit.AddSwitch("--quiescent", arguments->quiescent, "Report each saga in flight as a finding");
  audit.AddSwitch("--strict", arguments->strict,
                  "Exit with 3 for warnings too: parked sagas, and those that need attention");
  return {&audit, [arguments](Context& context) { return RunAudit(context, *arguments); }};
}

}  // namespace seatsaga::cli
