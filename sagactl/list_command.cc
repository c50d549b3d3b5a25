#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "common/text.h"
#include "common/time_proto.h"
#include "sagactl/command.h"
#include "sagactl/exit_code.h"
#include "sagactl/format.h"
#include "sagactl/output.h"
#include "sagactl/saga_view.h"

namespace seatsaga::cli {
namespace {

namespace ov1 = orchestrator::v1;

constexpr int kPageMax = 1000;

constexpr std::string_view kFooter = R"(Examples:
  sagactl list                              the 50 newest sagas
  sagactl list --attention                  sagas that an operator should look at, and what to do next
  sagactl list --state compensating --min-age 5m
  sagactl list --all -o jsonl               every saga, one line of JSON per saga
  sagactl list 01890a5d-ac96-774b-bcce-b302099a8057

Lists the sagas that match all the given filters. A saga and its reservation have the same id.)";

struct ListArguments {
  std::vector<std::string> ids;
  std::string state;
  absl::Duration min_age;
  bool attention = false;
  int limit = 50;
  std::string page_token;
  bool all = false;
};

ov1::ListSagasRequest RequestOf(const ListArguments& arguments) {
  ov1::ListSagasRequest request;
  if (!arguments.state.empty()) request.set_state(*ParseSagaState(arguments.state));
  if (arguments.min_age > absl::ZeroDuration()) {
    *request.mutable_min_age() = ToProto(arguments.min_age);
  }
  request.set_needs_attention(arguments.attention);
  request.set_page_token(arguments.page_token);
  return request;
}

// Follows pages until there are enough sagas, because a filtered page may be short or empty even if
// it is not the last.
absl::StatusOr<ov1::ListSagasResponse> ReadList(Context& context, const ListArguments& arguments) {
  ov1::ListSagasRequest request = RequestOf(arguments);
  ov1::ListSagasResponse result;
  do {
    const int left = arguments.all ? kPageMax : arguments.limit - result.sagas_size();
    request.set_page_size(std::min(left, kPageMax));
    auto page = context.services.Call(request);
    if (!page.ok()) return page.status();
    request.set_page_token(page->next_page_token());
    result.set_next_page_token(page->next_page_token());
    for (auto& saga : *page->mutable_sagas()) *result.add_sagas() = std::move(saga);
  } while (!result.next_page_token().empty() &&
           (arguments.all || result.sagas_size() < arguments.limit));
  return result;
}

absl::StatusOr<ov1::ListSagasResponse> ReadByIds(Context& context,
                                                 const std::vector<std::string>& ids) {
  ov1::ListSagasResponse result;
  for (const std::string& id : ids) {
    ov1::GetSagaRequest request;
    request.set_saga_id(id);
    auto answer = context.services.Call(request);
    if (!answer.ok()) return answer.status();
    answer->mutable_saga()->clear_history();  // as in every list
    *result.add_sagas() = std::move(*answer->mutable_saga());
  }
  return result;
}

// Mentions parked sagas whatever the filter is, so that an operator does not miss them.
void PrintFooter(Context& context, const ov1::ListSagasResponse& list,
                 const ListArguments& arguments) {
  context.out.flush();
  if (list.sagas().empty()) context.err << "no sagas match\n";
  if (!list.next_page_token().empty()) {
    context.err << "there are more: repeat the command with --page-token " << list.next_page_token()
                << ", or with --all\n";
  }
  if (arguments.attention) return;
  const auto stats = context.services.Call(ov1::GetStatsRequest());
  if (!stats.ok()) return;  // the list itself is good
  if (const int64_t parked = ParkedCount(*stats); parked > 0) {
    context.err << parked << " parked; see what to do: sagactl list --attention\n";
  } else if (stats->attention_count() > 0) {
    context.err << stats->attention_count() << (stats->attention_count() == 1 ? " needs" : " need")
                << " attention; see what to do: sagactl list --attention\n";
  }
}

int RunList(Context& context, const ListArguments& arguments) {
  const auto list =
      arguments.ids.empty() ? ReadList(context, arguments) : ReadByIds(context, arguments.ids);
  if (!list.ok()) return Fail(context, list.status());
  switch (context.options.output) {
    case Output::kJson:
      return PrintJson(context, *list);
    case Output::kJsonLines: {
      const int exit_code = PrintJsonLines(context, list->sagas());
      if (!list->next_page_token().empty()) PrintFooter(context, *list, arguments);
      return exit_code;
    }
    case Output::kTable:
      break;
  }
  if (!list->sagas().empty()) {
    const std::vector<ov1::Saga> sagas(list->sagas().begin(), list->sagas().end());
    context.out << RenderSagaTable(sagas, absl::Now(), context.style);
  }
  PrintFooter(context, *list, arguments);
  return kExitOk;
}

}  // namespace

Command AddListCommand(CommandLine& line) {
  auto arguments = std::make_shared<ListArguments>();
  CommandLine& list = AddCommand(line, "list", "List sagas, newest first", kFooter);
  const Flag ids = list.Add("ID", arguments->ids, "Only these sagas; not together with filters")
                       .Check(CheckId)
                       .Type("UUID");
  list.Add("--state", arguments->state,
           "running, waiting, compensating, completed, compensated or parked")
      .Check([](const std::string& text) {
        const auto parsed = ParseSagaState(text);
        return parsed.ok() ? std::string() : std::string(parsed.status().message());
      })
      .Suggests({"running", "waiting", "compensating", "completed", "compensated", "parked"})
      .Type("STATE")
      .Excludes(ids);
  AddDurationOption(list, "--min-age", arguments->min_age,
                    "Only sagas at least this old, such as 5m")
      .Excludes(ids);
  list.AddSwitch("--attention", arguments->attention, "Only sagas that an operator should look at")
      .Excludes(ids);
  const Flag limit = list.Add("--limit", arguments->limit, "List at most this many sagas")
                         .Between(1, 1'000'000)
                         .Type("N")
                         .Excludes(ids);
  list.Add("--page-token", arguments->page_token, "Continue where an earlier list ended")
      .Type("TOKEN")
      .Excludes(ids);
  list.AddSwitch("--all", arguments->all, "List all matching sagas, page by page")
      .Excludes(ids)
      .Excludes(limit);
  return {&list, [arguments](Context& context) { return RunList(context, *arguments); }};
}

}  // namespace seatsaga::cli
