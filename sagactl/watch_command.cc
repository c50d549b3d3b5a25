#include <unistd.h>

#include <csignal>
#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "common/time_proto.h"
#include "sagactl/command.h"
#include "sagactl/exit_code.h"
#include "sagactl/format.h"
#include "sagactl/output.h"
#include "sagactl/report_error.h"
#include "sagactl/saga_view.h"
#include "sagactl/timeline.h"

namespace seatsaga::cli {
namespace {

namespace ov1 = orchestrator::v1;

constexpr std::string_view kFooter = R"(Examples:
  sagactl watch 01890a5d-ac96-774b-bcce-b302099a8057
  sagactl watch 01890a5d-ac96-774b-bcce-b302099a8057 -o jsonl    one line of JSON per entry

The exit status is 0 if the saga becomes terminal (COMPLETED or COMPENSATED), and 1 if it is parked.
Watching goes on while the orchestrator restarts. Ctrl-C stops the watching, not the saga.)";

// How long an orchestrator that answered before may be away.
constexpr absl::Duration kPatience = absl::Minutes(1);

extern "C" void OnInterrupt(int /*signal*/) {
  // Only what a signal handler may do. Every line that was printed is flushed already.
  constexpr char kMessage[] = "\nsagactl: no longer watching; the saga goes on\n";
  [[maybe_unused]] const auto written = write(STDERR_FILENO, kMessage, sizeof kMessage - 1);
  _exit(kExitInterrupted);
}

class Watch {
 public:
  Watch(Context& context, const std::string& id, absl::Duration interval)
      : context_(context), interval_(interval) {
    request_.set_saga_id(id);
  }

  int Run() {
    while (true) {
      auto answer = context_.services.Call(request_);
      if (answer.ok()) {
        last_answer_ = absl::Now();
        away_ = false;
        const ov1::Saga& saga = answer->saga();
        if (const int exit_code = PrintNew(saga); exit_code != kExitOk) return exit_code;
        const bool parked = saga.state() == ov1::SAGA_STATE_PARKED;
        if (parked || IsTerminal(saga.state())) return Finish(saga);
      } else if (!MayComeBack(answer.status())) {
        return Fail(context_, answer.status());
      }
      absl::SleepFor(interval_);
    }
  }

 private:
  bool MayComeBack(const absl::Status& status) {
    if (!IsPassing(status) || absl::Now() - last_answer_ > kPatience) return false;
    if (!away_) context_.err << "sagactl: no answer from the orchestrator; trying again\n";
    away_ = true;
    return true;
  }

  int PrintNew(const ov1::Saga& saga) {
    for (const auto& entry : saga.history()) {
      if (entry.sequence() <= last_sequence_) continue;
      last_sequence_ = entry.sequence();
      if (context_.options.output == Output::kTable) {
        context_.out << RenderHistoryLine(entry, FromProto(saga.create_time()), context_.style)
                     << "\n";
      } else if (context_.options.output == Output::kJsonLines) {
        if (const int exit_code = PrintJson(context_, entry); exit_code != kExitOk) {
          return exit_code;
        }
      }
    }
    context_.out.flush();
    return kExitOk;
  }

  int Finish(const ov1::Saga& saga) {
    const bool parked = saga.state() == ov1::SAGA_STATE_PARKED;
    if (context_.options.output == Output::kTable) {
      context_.out << "\n" << RenderSagaHeader(saga, absl::Now(), context_.style);
    } else if (context_.options.output == Output::kJson) {
      if (const int exit_code = PrintJson(context_, saga); exit_code != kExitOk) return exit_code;
    }
    return parked ? kExitFailure : kExitOk;
  }

  Context& context_;
  ov1::GetSagaRequest request_;
  const absl::Duration interval_;
  int64_t last_sequence_ = 0;
  absl::Time last_answer_ = absl::InfinitePast();  // so the first call must succeed
  bool away_ = false;
};

struct WatchArguments {
  std::string id;
  absl::Duration interval = absl::Milliseconds(500);
};

}  // namespace

Command AddWatchCommand(CommandLine& line) {
  auto arguments = std::make_shared<WatchArguments>();
  CommandLine& watch =
      AddCommand(line, "watch", "Follow one saga until it is terminal or parked", kFooter);
  AddIdArgument(watch, arguments->id);
  AddDurationOption(watch, "--interval", arguments->interval, "How often to look for new entries");
  return {&watch, [arguments](Context& context) {
            std::signal(SIGINT, OnInterrupt);
            constexpr absl::Duration kIntervalMin = absl::Milliseconds(20);
            const absl::Duration interval = std::max(arguments->interval, kIntervalMin);
            return Watch(context, arguments->id, interval).Run();
          }};
}

}  // namespace seatsaga::cli
