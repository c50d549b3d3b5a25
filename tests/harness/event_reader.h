#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "seatsaga/orchestrator/v1/orchestrator.pb.h"

namespace seatsaga::cluster {

// A consumer of the orchestrator's events on a thread of its own, over gRPC: it keeps its cursor
// and what it has read, and opens the stream again whenever it ends. It knows the .proto alone.
class EventReader {
 public:
  // `address`: "host:port".
  explicit EventReader(std::string address);
  ~EventReader() { Stop(); }
  EventReader(const EventReader&) = delete;
  EventReader& operator=(const EventReader&) = delete;

  // Any thread.
  int64_t events_read() const { return events_read_; }
  int64_t streams_opened() const { return streams_opened_; }
  // Reads no more. Idempotent.
  void Stop();

  // Once it has stopped: the names told of each reservation, in order, without "seatsaga.", and
  // whatever no consumer may see: gaps, duplicates, the end of a stream for a reason of its own.
  const std::map<std::string, std::vector<std::string>>& told() const { return told_; }
  const std::vector<std::string>& wrong() const { return wrong_; }

 private:
  class OneStream;

  void Run();
  void Take(const orchestrator::v1::WatchEventsResponse& response);

  const std::string address_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int64_t> events_read_ = 0;
  std::atomic<int64_t> streams_opened_ = 0;
  std::mutex mutex_;
  OneStream* open_ = nullptr;  // so that Stop can end it
  // The thread's own.
  std::string cursor_;
  std::map<int, int64_t> last_;
  std::map<std::string, std::vector<std::string>> told_;
  std::vector<std::string> wrong_;
  std::thread thread_;
};

}  // namespace seatsaga::cluster
