#include "sagactl/saga_view.h"

#include <google/protobuf/text_format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/strip.h"
#include "common/printable.h"
#include "common/text.h"
#include "common/time_proto.h"
#include "sagactl/format.h"
#include "sagactl/table.h"

namespace seatsaga::cli {
namespace {

namespace ov1 = orchestrator::v1;

constexpr size_t kLabelWidth = 13;

std::string Ago(const google::protobuf::Timestamp& time, absl::Time now) {
  return Cat(HumanTime(FromProto(time)), " (", HumanDuration(now - FromProto(time)), " ago)");
}

// "charge_payment", or "charge_payment (compensation)" on the way back.
std::string PlaceOf(const ov1::Saga& saga) {
  if (saga.direction() != saga::v1::DIRECTION_COMPENSATION) return saga.step();
  return Cat(saga.step(), " (compensation)");
}

std::string DueText(const ov1::Saga& saga, absl::Time now) {
  if (!saga.has_due_time()) return "";
  const absl::Duration left = FromProto(saga.due_time()) - now;
  return left > absl::ZeroDuration() ? Cat("in ", HumanDuration(left)) : "now";
}

void AppendField(std::string& out, std::string_view label, std::string_view text,
                 const Style& style, Ink ink = Ink::kPlain) {
  if (text.empty()) return;
  const size_t width = std::max(kLabelWidth, label.size() + 1);
  Append(out, style.Paint(label, Ink::kDim), std::string(width - label.size(), ' '),
         style.Paint(Printable(text), ink), "\n");
}

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// "event" for event_id, "seats" for seat_ids, "hold" for hold_duration.
std::string LabelOf(const FieldDescriptor& field) {
  absl::string_view name = field.name();
  if (absl::ConsumeSuffix(&name, "_ids")) return Cat(View(name), "s");
  if (!absl::ConsumeSuffix(&name, "_duration")) absl::ConsumeSuffix(&name, "_id");
  return std::string(name);
}

// "starts 2026-12-24 18:00:00.000Z, refund 100% until 7d00h before, 50% until 1d00h before".
std::string HumanTerms(const saga::v1::EventTerms& terms) {
  std::string text;
  if (terms.has_start_time()) Append(text, "starts ", HumanTime(FromProto(terms.start_time())));
  for (const auto& rule : terms.refund_rules()) {
    Append(text, text.empty() ? "" : ", ", &rule == &terms.refund_rules(0) ? "refund " : "",
           rule.percent(), "% until ", HumanDuration(FromProto(rule.before_start())), " before");
  }
  return text;
}

// Empty for messages that are not for people in particular.
std::string HumanMessage(const Message& message) {
  using google::protobuf::Duration;
  const auto* type = message.GetDescriptor();
  if (type == saga::v1::Money::descriptor()) {
    return HumanMoney(static_cast<const saga::v1::Money&>(message));
  }
  if (type == saga::v1::EventTerms::descriptor()) {
    return HumanTerms(static_cast<const saga::v1::EventTerms&>(message));
  }
  if (type != Duration::descriptor()) return "";
  return HumanDuration(FromProto(static_cast<const Duration&>(message)));
}

// `index` is -1 unless the field is repeated.
std::string ValueOf(const Message& data, const FieldDescriptor& field, int index) {
  const auto& reflection = *data.GetReflection();
  std::string text;
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && index < 0) {
    text = HumanMessage(reflection.GetMessage(data, &field));
  }
  if (!text.empty()) return text;
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    return index < 0 ? reflection.GetString(data, &field)
                     : reflection.GetRepeatedString(data, &field, index);
  }
  google::protobuf::TextFormat::PrintFieldValueToString(data, &field, index, &text);
  return text;
}

// What the saga knows, whichever kind it is; null if this release does not know the kind.
const Message* KnownOf(const ov1::SagaData& data) {
  const auto& reflection = *data.GetReflection();
  const FieldDescriptor* kind =
      reflection.GetOneofFieldDescriptor(data, data.GetDescriptor()->oneof_decl(0));
  return kind == nullptr ? nullptr : &reflection.GetMessage(data, kind);
}

// Empty if it has none yet.
std::string PriceOf(const ov1::SagaData& data) {
  const Message* known = KnownOf(data);
  const FieldDescriptor* price =
      known == nullptr ? nullptr : known->GetDescriptor()->FindFieldByName("price");
  return price == nullptr ? "" : ValueOf(*known, *price, -1);
}

// Every field that is set. Bytes are not for the eye.
void AppendData(std::string& out, const ov1::SagaData& data, const Style& style) {
  const Message* of_kind = KnownOf(data);
  if (of_kind == nullptr) return;
  const Message& known = *of_kind;
  std::vector<const FieldDescriptor*> fields;
  known.GetReflection()->ListFields(known, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->type() == FieldDescriptor::TYPE_BYTES) continue;
    std::string text;
    const int size = field->is_repeated() ? known.GetReflection()->FieldSize(known, field) : 0;
    for (int i = 0; i < size; ++i) Append(text, i == 0 ? "" : ", ", ValueOf(known, *field, i));
    if (!field->is_repeated()) text = ValueOf(known, *field, -1);
    AppendField(out, LabelOf(*field), text, style);
  }
}

// The first thing an operator must see.
void AppendParked(std::string& out, const ov1::Saga& saga, const Style& style) {
  Append(out, style.Paint(Cat("PARKED: ", Printable(saga.reason())), Ink::kBad), "\n");
  if (!saga.message().empty()) Append(out, "  ", Printable(saga.message()), "\n");
  if (!saga.next_action().empty()) {
    Append(out, "  ", style.Paint("next:", Ink::kBold), " ", Printable(saga.next_action()), "\n");
  }
  Append(out, "\n");
}

}  // namespace

Ink InkOf(ov1::SagaState state) {
  switch (state) {
    case ov1::SAGA_STATE_COMPLETED:
      return Ink::kGood;
    case ov1::SAGA_STATE_COMPENSATING:
      return Ink::kWarn;
    case ov1::SAGA_STATE_COMPENSATED:
      return Ink::kDim;
    case ov1::SAGA_STATE_PARKED:
      return Ink::kBad;
    default:
      return Ink::kPlain;
  }
}

std::string RenderSagaTable(std::span<const ov1::Saga> sagas, absl::Time now, const Style& style) {
  const bool any_action = std::ranges::any_of(sagas, &ov1::Saga::needs_attention);
  std::vector<Column> columns{{"SAGA"},
                              {"STATE"},
                              {"STEP"},
                              {"ATTEMPT", Align::kRight},
                              {"AGE", Align::kRight},
                              {"DUE", Align::kRight},
                              {"PRICE", Align::kRight},
                              {"REASON"}};
  if (any_action) columns.push_back({"NEXT"});
  Table table(columns);
  for (const ov1::Saga& saga : sagas) {
    const bool flagged = saga.needs_attention() && saga.state() != ov1::SAGA_STATE_PARKED;
    std::vector<Cell> row{{saga.saga_id()},
                          {Cat(NameOf(saga.state()), flagged ? " !" : ""),
                           flagged ? Ink::kWarn : InkOf(saga.state())},
                          {PlaceOf(saga)},
                          {saga.attempt() > 0 ? Cat(saga.attempt()) : ""},
                          {HumanDuration(now - FromProto(saga.create_time()))},
                          {DueText(saga, now)},
                          {PriceOf(saga.data())},
                          {saga.reason()}};
    if (saga.needs_attention()) row.push_back({saga.next_action()});
    table.AddRow(std::move(row));
  }
  return table.Render(style);
}

std::string RenderSagaHeader(const ov1::Saga& saga, absl::Time now, const Style& style) {
  const bool parked = saga.state() == ov1::SAGA_STATE_PARKED;
  std::string out;
  if (parked) AppendParked(out, saga, style);
  AppendField(out, "saga", saga.saga_id(), style);
  AppendField(out, "state", NameOf(saga.state()), style, InkOf(saga.state()));
  if (saga.needs_attention() && !parked) {
    AppendField(out, "attention", "an operator should look at this saga", style, Ink::kWarn);
  }
  AppendField(out, "step", PlaceOf(saga), style);
  if (saga.attempt() > 0) AppendField(out, "attempt", Cat(saga.attempt()), style);
  if (!parked) {
    AppendField(out, "reason", saga.reason(), style);
    AppendField(out, "message", saga.message(), style);
    AppendField(out, "next", saga.next_action(), style);
    AppendField(out, "due", DueText(saga, now), style);
  }
  AppendData(out, saga.data(), style);
  AppendField(out, "created", Ago(saga.create_time(), now), style);
  AppendField(out, "updated", Ago(saga.update_time(), now), style);
  AppendField(out, "definition", Cat("version ", saga.definition_version()), style);
  return out;
}

int64_t ParkedCount(const ov1::GetStatsResponse& stats) {
  for (const auto& entry : stats.states()) {
    if (entry.state() == ov1::SAGA_STATE_PARKED) return entry.count();
  }
  return 0;
}

std::string RenderStats(const ov1::GetStatsResponse& stats, absl::Time now, const Style& style) {
  Table table({{"STATE"}, {"SAGAS", Align::kRight}});
  for (const auto& entry : stats.states()) {
    const Ink ink = entry.count() > 0 ? InkOf(entry.state()) : Ink::kDim;
    table.AddRow({{NameOf(entry.state()), ink}, {Cat(entry.count()), ink}});
  }
  std::string out = Cat(table.Render(style), "\n");
  const absl::Duration up = now - FromProto(stats.start_time());
  AppendField(out, "attention", Cat(stats.attention_count()), style,
              stats.attention_count() > 0 ? Ink::kBad : Ink::kPlain);
  AppendField(
      out, "oldest live",
      stats.has_oldest_live_age() ? HumanDuration(FromProto(stats.oldest_live_age())) : "none",
      style);
  AppendField(out, "running for", HumanDuration(up), style);
  AppendField(out, "transitions", Cat(stats.transition_count()), style);
  AppendField(out, "commits", Cat(stats.commit_count()), style);
  AppendField(out, "fencing", Cat("epoch ", stats.fencing_epoch()), style);
  return out;
}

}  // namespace seatsaga::cli
