#include "sagactl/audit/report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "common/text.h"
#include "sagactl/format.h"
#include "sagactl/table.h"

namespace seatsaga::cli {
namespace {

using Json = nlohmann::ordered_json;

// More rows on one screen help nobody; -o jsonl prints them all.
constexpr size_t kShownMax = 100;

std::string FindingTable(const std::vector<Finding>& findings, Ink ink, const Style& style) {
  Table table({{"KIND"}, {"INVARIANT"}, {"SUBJECT"}, {"EVIDENCE"}});
  for (size_t i = 0; i < std::min(findings.size(), kShownMax); ++i) {
    const Finding& finding = findings[i];
    table.AddRow({{std::string(NameOf(finding.kind)), ink},
                  {std::string(InvariantOf(finding.kind))},
                  {finding.subject},
                  {finding.evidence}});
  }
  std::string out = table.Render(style);
  if (findings.size() > kShownMax) {
    Append(out, "and ", findings.size() - kShownMax, " more: sagactl audit -o jsonl\n");
  }
  return out;
}

std::string CountsText(const AuditCounts& counts) {
  std::string out =
      Cat("audited  ", counts.reservations, " reservations: ", counts.confirmed, " confirmed, ",
          counts.cancelled, " cancelled, ", counts.in_flight, " in flight, ", counts.parked,
          " parked\n         ", counts.payments, " payments; ", counts.events, " events, ",
          counts.reserved_seats, " of ", counts.seats, " seats reserved\n");
  for (const auto& [currency, minor] : counts.net_captured) {
    Append(out, "         ", HumanMoney(minor, currency), " captured and not refunded\n");
  }
  return out;
}

Json ToJsonValue(const Finding& finding) {
  Json value;
  value["kind"] = NameOf(finding.kind);
  value["invariant"] = InvariantOf(finding.kind);
  value["subject"] = finding.subject;
  value["reservation_id"] = finding.id.has_value() ? finding.id->ToString() : "";
  value["event_id"] = finding.event_id;
  value["evidence"] = finding.evidence;
  return value;
}

Json ToJsonValue(const AuditCounts& counts) {
  Json net = Json::array();
  for (const auto& [currency, minor] : counts.net_captured) {
    net.push_back({{"currency", currency}, {"amount_minor", minor}});
  }
  return {{"reservations", counts.reservations},
          {"confirmed", counts.confirmed},
          {"cancelled", counts.cancelled},
          {"in_flight", counts.in_flight},
          {"parked", counts.parked},
          {"payments", counts.payments},
          {"events", counts.events},
          {"seats", counts.seats},
          {"reserved_seats", counts.reserved_seats},
          {"net_captured", net}};
}

Json ToJsonValue(const std::vector<Finding>& findings) {
  Json list = Json::array();
  for (const Finding& finding : findings) list.push_back(ToJsonValue(finding));
  return list;
}

// Text from a server may hold anything: replaces bytes that are not UTF-8 instead of throwing.
std::string Dump(const Json& json, int indent) {
  return Cat(json.dump(indent, ' ', false, Json::error_handler_t::replace), "\n");
}

void AppendLines(std::string& out, std::string_view type, const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) {
    Json line{{"type", type}};
    line.update(ToJsonValue(finding));
    out += Dump(line, -1);
  }
}

}  // namespace

std::string RenderAudit(const AuditFindings& result, const Style& style) {
  std::string out;
  if (!result.findings.empty()) {
    Append(out, FindingTable(result.findings, Ink::kBad, style), "\n");
  }
  if (!result.warnings.empty()) {
    Append(out, FindingTable(result.warnings, Ink::kWarn, style),
           "see what to do: sagactl list --attention\n\n");
  }
  out += CountsText(result.counts);
  for (const std::string& note : result.notes) Append(out, "note     ", note, "\n");
  if (result.findings.empty()) {
    Append(out, style.Paint("no findings", Ink::kGood), "\n");
  } else {
    Append(out,
           style.Paint(
               Cat(result.findings.size(), result.findings.size() == 1 ? " finding" : " findings"),
               Ink::kBad),
           "\n");
  }
  return out;
}

std::string AuditJson(const AuditFindings& result) {
  return Dump({{"ok", result.findings.empty()},
               {"findings", ToJsonValue(result.findings)},
               {"warnings", ToJsonValue(result.warnings)},
               {"notes", result.notes},
               {"counts", ToJsonValue(result.counts)}},
              2);
}

std::string AuditJsonLines(const AuditFindings& result) {
  std::string out;
  AppendLines(out, "finding", result.findings);
  AppendLines(out, "warning", result.warnings);
  out += Dump({{"type", "summary"},
               {"ok", result.findings.empty()},
               {"notes", result.notes},
               {"counts", ToJsonValue(result.counts)}},
              -1);
  return out;
}

}  // namespace seatsaga::cli
