#include "sagactl/timeline.h"

#include <algorithm>

#include "common/printable.h"
#include "common/text.h"
#include "common/time_proto.h"
#include "sagactl/format.h"
#include "sagactl/table.h"

namespace seatsaga::cli {
namespace {

namespace ov1 = orchestrator::v1;

// What the other columns need beside the bars, and the bars' own limits.
constexpr int kOtherColumns = 84;
constexpr int kBarMin = 12;
constexpr int kBarMax = 48;

// A stretch of the time axis, in durations from the saga's creation.
struct Span {
  absl::Duration start;
  absl::Duration end;
};

Ink InkOf(saga::v1::Outcome outcome) {
  switch (outcome) {
    case saga::v1::OUTCOME_SUCCEEDED:
      return Ink::kGood;
    case saga::v1::OUTCOME_UNKNOWN:
    case saga::v1::OUTCOME_IN_PROGRESS:
    case saga::v1::OUTCOME_NOT_FOUND:
      return Ink::kWarn;
    default:
      return Ink::kBad;
  }
}

std::string OffsetText(absl::Duration offset) { return Cat("+", HumanDuration(offset)); }

// What happened: an attempt's outcome, or the moment's own name.
Cell WhatOf(const ov1::HistoryEntry& entry) {
  if (IsAttempt(entry)) return {NameOf(entry.outcome()), InkOf(entry.outcome())};
  return {NameOf(entry.type()), Ink::kBold};
}

std::string AttemptOf(const ov1::HistoryEntry& entry) {
  if (!IsAttempt(entry)) return "";
  const bool probe = entry.type() == ov1::HISTORY_EVENT_TYPE_PROBE_ENDED;
  return Cat(probe ? "probe " : "", "#", entry.attempt());
}

std::string ReasonText(std::string_view reason, std::string_view message) {
  return Cat(reason, reason.empty() || message.empty() ? "" : ": ", message);
}

Span SpanOf(const ov1::HistoryEntry& entry, absl::Time origin) {
  const absl::Duration start = StartOffset(entry, origin);
  return {start, std::max(start, FromProto(entry.time()) - origin)};
}

class Axis {
 public:
  Axis(absl::Duration length, const Style& style)
      : length_(std::max(length, absl::Milliseconds(1))),
        cells_(std::clamp(style.width_columns - kOtherColumns, kBarMin, kBarMax)),
        full_(style.utf8 ? "█" : "#"),
        moment_(style.utf8 ? "◆" : "*"),
        open_(style.utf8 ? "▒" : "~"),
        edge_(style.utf8 ? "│" : "|") {}

  std::string Bar(Span span) const { return Draw(span, full_); }
  std::string Open(Span span) const { return Draw(span, open_); }
  std::string Moment(absl::Duration at) const { return Draw({at, at}, moment_); }

 private:
  // At least one cell, however short the span is.
  std::string Draw(Span span, std::string_view glyph) const {
    const int first = std::min(CellOf(span.start), cells_ - 1);
    const int last = std::clamp(CellOf(span.end), first, cells_ - 1);
    std::string out = Cat(edge_, std::string(static_cast<size_t>(first), ' '));
    for (int i = first; i <= last; ++i) out += glyph;
    return Cat(out, std::string(static_cast<size_t>(cells_ - 1 - last), ' '), edge_);
  }
  int CellOf(absl::Duration at) const {
    return static_cast<int>(absl::FDivDuration(at, length_) * cells_);
  }

  absl::Duration length_;
  int cells_;
  std::string_view full_;
  std::string_view moment_;
  std::string_view open_;
  std::string_view edge_;
};

class Timeline {
 public:
  Timeline(const ov1::Saga& saga, absl::Time now, const Style& style)
      : saga_(saga),
        style_(style),
        origin_(FromProto(saga.create_time())),
        now_(std::max(now - origin_, absl::ZeroDuration())),
        axis_(Length(), style) {}

  std::string Render() const {
    std::vector<Column> columns{
        {"START", Align::kRight}, {"STEP"}, {"DIRECTION"}, {"ATTEMPT"}, {"OUTCOME"},
        {"TOOK", Align::kRight}};
    if (style_.terminal) columns.push_back({"TIMELINE"});
    columns.push_back({"REASON"});
    Table table(columns);
    for (const auto& entry : saga_.history()) table.AddRow(EntryRow(entry));
    if (Waiting()) table.AddRow(WaitingRow());
    return table.Render(style_);
  }

 private:
  bool Waiting() const {
    return !IsTerminal(saga_.state()) && saga_.state() != ov1::SAGA_STATE_PARKED;
  }

  absl::Duration Length() const {
    absl::Duration length = Waiting() ? now_ : absl::ZeroDuration();
    for (const auto& entry : saga_.history()) {
      length = std::max(length, SpanOf(entry, origin_).end);
    }
    return length;
  }

  std::vector<Cell> EntryRow(const ov1::HistoryEntry& entry) const {
    const Span span = SpanOf(entry, origin_);
    const Cell what = WhatOf(entry);
    const std::string took =
        IsAttempt(entry) ? HumanDuration(FromProto(entry.duration())) : std::string();
    std::vector<Cell> row{{OffsetText(span.start)}, {entry.step()}, {NameOf(entry.direction())},
                          {AttemptOf(entry)},       what,           {took}};
    if (style_.terminal) {
      row.push_back({IsAttempt(entry) ? axis_.Bar(span) : axis_.Moment(span.start), what.ink});
    }
    row.push_back({ReasonText(entry.reason(), entry.message())});
    return row;
  }

  // What a live saga waits for: a durable timer if it has a due time, otherwise the call's answer.
  std::vector<Cell> WaitingRow() const {
    const absl::Duration since = saga_.history().empty()
                                     ? absl::ZeroDuration()
                                     : SpanOf(*saga_.history().rbegin(), origin_).end;
    const Span span{since, std::max(since, now_)};
    std::vector<Cell> row{{OffsetText(since)},
                          {saga_.step()},
                          {NameOf(saga_.direction())},
                          {saga_.attempt() > 0 ? Cat("#", saga_.attempt()) : ""},
                          {saga_.has_due_time() ? "waiting" : "under way", Ink::kWarn},
                          {HumanDuration(span.end - span.start)}};
    if (style_.terminal) row.push_back({axis_.Open(span), Ink::kDim});
    if (saga_.has_due_time()) {
      const absl::Duration left = FromProto(saga_.due_time()) - origin_ - now_;
      row.push_back(
          {left > absl::ZeroDuration() ? Cat("due in ", HumanDuration(left)) : "due now"});
    }
    return row;
  }

  const ov1::Saga& saga_;
  const Style& style_;
  absl::Time origin_;
  absl::Duration now_;
  Axis axis_;
};

std::string Padded(std::string_view text, size_t width) {
  std::string out(text);
  if (const size_t used = DisplayWidth(text); used < width) out.append(width - used, ' ');
  return out;
}

}  // namespace

bool IsAttempt(const ov1::HistoryEntry& entry) {
  return entry.type() == ov1::HISTORY_EVENT_TYPE_CALL_ENDED ||
         entry.type() == ov1::HISTORY_EVENT_TYPE_PROBE_ENDED;
}

absl::Duration StartOffset(const ov1::HistoryEntry& entry, absl::Time origin) {
  absl::Duration offset = FromProto(entry.time()) - origin;
  if (IsAttempt(entry)) offset -= FromProto(entry.duration());
  return std::max(offset, absl::ZeroDuration());
}

std::string RenderTimeline(const ov1::Saga& saga, absl::Time now, const Style& style) {
  return Timeline(saga, now, style).Render();
}

std::string RenderHistoryLine(const ov1::HistoryEntry& entry, absl::Time origin,
                              const Style& style) {
  const Cell what = WhatOf(entry);
  std::string line =
      Cat(Padded(OffsetText(StartOffset(entry, origin)), 9), Padded(Printable(entry.step()), 21),
          Padded(NameOf(entry.direction()), 14), Padded(AttemptOf(entry), 10),
          style.Paint(Padded(what.text, 13), what.ink));
  if (IsAttempt(entry)) Append(line, " in ", HumanDuration(FromProto(entry.duration())));
  if (!entry.reason().empty() || !entry.message().empty()) {
    Append(line, "  ", Printable(ReasonText(entry.reason(), entry.message())));
  }
  Append(line, "  -> ", NameOf(entry.state_after()));
  return line;
}

}  // namespace seatsaga::cli
