#include "sagactl/report_error.h"

#include "common/errors.h"
#include "common/printable.h"
#include "common/text.h"
#include "sagactl/exit_code.h"
#include "sagactl/format.h"
#include "sagactl/services.h"

namespace seatsaga::cli {
namespace {

// Empty when the message says it all.
std::string NextStep(const absl::Status& status, const ServiceAddress& service) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      if (!ReasonOf(status).empty()) {  // it is there, and says so itself
        return Cat("try again in ", HumanDuration(RetryDelayOf(status, absl::Seconds(1))),
                   "; if this does not help, see the log of ", service.name, " at ",
                   service.address);
      }
      return Cat("is ", service.name, " running at ", service.address,
                 "? Start it, or say where it is with ", service.flag, " or ", service.environment);
    case absl::StatusCode::kDeadlineExceeded:
      return Cat(service.name, " at ", service.address,
                 " did not answer in time; check its log, or wait longer with --deadline");
    case absl::StatusCode::kUnimplemented:
      return Cat("the server at ", service.address, " is not ", service.name,
                 ", or has another version; check ", service.flag);
    case absl::StatusCode::kResourceExhausted:
      return Cat("it is overloaded; try again in ",
                 HumanDuration(RetryDelayOf(status, absl::Seconds(1))));
    default:
      return "";
  }
}

}  // namespace

std::string ErrorText(const absl::Status& status, const GlobalOptions& options) {
  const std::string message = Printable(View(status.message()));
  Service service;
  if (!ServiceOf(status, service)) return Cat("sagactl: ", message, "\n");
  const ServiceAddress& address = options.Of(service);
  std::string out = Cat("sagactl: ", address.name, ": ", absl::StatusCodeToString(status.code()),
                        ": ", message, "\n");
  if (const std::string reason = ReasonOf(status); !reason.empty()) {
    Append(out, "  reason: ", Printable(reason), "\n");
  }
  if (const std::string next = NextStep(status, address); !next.empty()) {
    Append(out, "  next:   ", next, "\n");
  }
  return out;
}

int ExitCodeOf(const absl::Status& status) {
  Service service;
  if (!ServiceOf(status, service)) return kExitFailure;
  return kExitRpcBase + static_cast<int>(status.code());
}

bool IsPassing(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable ||
         status.code() == absl::StatusCode::kDeadlineExceeded ||
         status.code() == absl::StatusCode::kResourceExhausted;
}

}  // namespace seatsaga::cli
