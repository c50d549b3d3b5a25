#include "bench/report.h"

#include <nlohmann/json.hpp>

namespace seatsaga::bench {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kMiB = 1 << 20;

double Millis(absl::Duration duration) { return absl::ToDoubleMilliseconds(duration); }

double RatePerS(const LoadResult& result) {
  const double seconds = absl::ToDoubleSeconds(result.window);
  return seconds > 0 ? static_cast<double>(result.completed) / seconds : 0;
}

// Adds the costs of the watched processes per completed operation.
void AddCosts(const LoadResult& result, Json& json) {
  const auto completed = static_cast<double>(std::max<int64_t>(result.completed, 1));
  Json cpu_us = Json::object();
  Json resident_mib = Json::object();
  Json fsyncs = Json::object();  // of processes whose syncs are counted
  Json written_bytes = Json::object();
  int64_t sync_count = 0;
  int64_t written_bytes_total = 0;
  for (const auto& [name, usage] : result.usage) {
    cpu_us[name] = absl::ToDoubleMicroseconds(usage.cpu) / completed;
    resident_mib[name] = static_cast<double>(usage.resident_bytes) / kMiB;
    written_bytes[name] = static_cast<double>(usage.written_bytes) / completed;
    written_bytes_total += usage.written_bytes;
    if (!usage.sync_count.has_value()) continue;
    fsyncs[name] = static_cast<double>(*usage.sync_count) / completed;
    sync_count += *usage.sync_count;
  }
  json["cpu_us_per_reservation"] = cpu_us;
  json["resident_mib"] = resident_mib;
  if (fsyncs.empty()) {
    json["fsyncs_per_reservation"] = nullptr;
  } else {
    json["fsyncs_per_reservation"] = static_cast<double>(sync_count) / completed;
  }
  json["fsyncs_per_reservation_by_process"] = fsyncs;
  json["written_bytes_per_reservation"] = static_cast<double>(written_bytes_total) / completed;
  json["written_bytes_per_reservation_by_process"] = written_bytes;
}

}  // namespace

bool Report::Ok() const {
  return result.completed > 0 && result.unexpected.empty() && complaints.empty();
}

std::string ToJson(const Report& report) {
  const LoadResult& result = report.result;
  Json json;
  json["name"] = report.scenario;
  json["in_flight"] = report.plan.in_flight;
  if (report.plan.rate_per_s > 0) json["offered_per_s"] = report.plan.rate_per_s;
  json["window_s"] = absl::ToDoubleSeconds(result.window);
  json["completed"] = result.completed;
  json["rate_per_s"] = RatePerS(result);
  json["p50_ms"] = Millis(result.latency.Quantile(0.5));
  json["p99_ms"] = Millis(result.latency.Quantile(0.99));
  json["max_ms"] = Millis(result.latency.max());
  if (report.holds.has_value()) {
    json["holds"] = report.holds->count;
    json["holds_undone_s"] = absl::ToDoubleSeconds(report.holds->undone);
  }
  AddCosts(result, json);
  json["outcomes"] = result.expected;
  json["unexpected"] = result.unexpected;
  json["complaints"] = report.complaints;
  json["ok"] = report.Ok();
  return json.dump();
}

}  // namespace seatsaga::bench
