#include "sagactl/output.h"

#include "sagactl/exit_code.h"
#include "sagactl/report_error.h"

namespace seatsaga::cli {

int Fail(Context& context, const absl::Status& status) {
  context.out.flush();
  context.err << ErrorText(status, context.options) << std::flush;
  return ExitCodeOf(status);
}

int PrintJson(Context& context, const google::protobuf::Message& message) {
  const auto layout =
      context.options.output == Output::kJsonLines ? JsonLayout::kOneLine : JsonLayout::kIndented;
  const auto text = ToJson(message, layout);
  if (!text.ok()) return Fail(context, text.status());
  context.out << *text;
  return kExitOk;
}

}  // namespace seatsaga::cli
