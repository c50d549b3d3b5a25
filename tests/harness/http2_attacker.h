#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace seatsaga::testing {

// What hostile clients do.
enum class Flood {
  kRapidReset,         // opens streams, and resets each at once
  kResetCalls,         // sends whole calls, and resets each at once
  kContinuation,       // one block of headers that never ends, of small ones
  kEndlessHeader,      // the same, but one header
  kUnfinishedStreams,  // opens calls, and sends no request
  kUnfinishedBodies,   // opens calls, and sends all of the request but its end
  kSlowReader,         // sends whole calls, and reads no answer
  kOddHeaders,         // headers with values that abort some releases of gRPC (CVE-2023-1428)
};
// In the order above; "rapid-reset" and so on.
const std::vector<Flood>& AllFloods();
const char* NameOf(Flood flood);

struct AttackOptions {
  Flood flood = Flood::kRapidReset;
  int port = 0;  // on 127.0.0.1
  int connections = 1;
  // Acknowledges the server's SETTINGS, and reads what comes unless it is a slow reader. Otherwise
  // it does neither.
  bool polite = false;
  std::string path;     // of a unary method
  std::string request;  // its message
};

// Raw HTTP/2 from a thread of its own, as fast as the server takes it. Connections that the server
// closes are opened again. From construction to destruction.
class Http2Attacker {
 public:
  explicit Http2Attacker(AttackOptions options);
  Http2Attacker(const Http2Attacker&) = delete;
  Http2Attacker& operator=(const Http2Attacker&) = delete;
  ~Http2Attacker();

  // So far. Any thread.
  int64_t bytes_sent() const { return bytes_sent_; }
  int64_t cuts() const { return cuts_; }

 private:
  class Connection;

  void Run();

  const AttackOptions options_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int64_t> bytes_sent_ = 0;
  std::atomic<int64_t> cuts_ = 0;
  std::thread thread_;
};

}  // namespace seatsaga::testing
