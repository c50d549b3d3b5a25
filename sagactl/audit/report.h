#pragma once

#include <string>

#include "sagactl/audit/findings.h"
#include "sagactl/style.h"

// The audit's result. Pure; thread-safe.
namespace seatsaga::cli {

// For people: findings with their evidence, warnings, notes, and the counts.
std::string RenderAudit(const AuditFindings& result, const Style& style);

// One document: {"ok", "findings", "warnings", "notes", "counts"}.
std::string AuditJson(const AuditFindings& result);

// One line per finding or warning, and a last line with the counts; "type" tells them apart.
std::string AuditJsonLines(const AuditFindings& result);

}  // namespace seatsaga::cli
