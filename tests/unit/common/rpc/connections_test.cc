#include "common/rpc/connections.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace seatsaga {
namespace {

constexpr absl::Duration kSweep = absl::Milliseconds(20);
constexpr uint64_t kMib = 1 << 20;

// Connections that are judged again and again.
class Sweeps {
 public:
  struct Connection {
    ConnectionCounts counts{};
    ConnectionAccount account{};
    ConnectionAccount::Traffic traffic{};
    std::string cut{};  // why
  };

  explicit Sweeps(size_t connections, const ConnectionLimits& limits = {})
      : all_(connections), judge_(limits) {}

  Connection& operator[](size_t i) { return all_[i]; }
  uint64_t memory = 100 * kMib;
  absl::Duration stalled;

  // Judges for so long, and does `each` before every sweep.
  template <class F>
  void For(absl::Duration time, F each) {
    for (const Mono end = now_ + time; now_ < end; now_ = now_ + kSweep) {
      each();
      Judge();
    }
  }
  void For(absl::Duration time) {
    For(time, [] {});
  }
  // How many were cut.
  int cuts() const {
    int cuts = 0;
    for (const auto& connection : all_) cuts += connection.cut.empty() ? 0 : 1;
    return cuts;
  }

 private:
  void Judge() {
    std::vector<const ConnectionAccount*> accounts;
    std::vector<Connection*> judged;
    for (auto& connection : all_) {
      if (!connection.cut.empty()) continue;
      connection.account.Read(connection.counts);
      connection.account.Update(now_, connection.traffic);
      accounts.push_back(&connection.account);
      judged.push_back(&connection);
    }
    for (const Cut& cut : judge_.Judge(now_, accounts, {.memory = memory, .stalled = stalled})) {
      REQUIRE(judged[cut.index]->cut.empty());
      judged[cut.index]->cut = NameOf(cut.reason);
    }
  }

  std::vector<Connection> all_;
  ConnectionJudge judge_;
  Mono now_ = Mono::FromNanos(1'000'000'000);
};

// A call as a client sends it.
void Call(Sweeps::Connection& connection, size_t message, size_t headers = 60) {
  connection.traffic.received += message + headers;
  connection.counts.CallArrived(message);
  connection.counts.AnswerStarted(100);
  connection.counts.AnswerEnded(100, /*sent=*/true);
  connection.traffic.sent += 200;
}

TEST_CASE("a busy client is never cut, whatever it calls and however the memory grows") {
  Sweeps sweeps(2);
  sweeps.For(absl::Seconds(60), [&] {
    for (int i = 0; i < 200; ++i) Call(sweeps[0], 300);
    for (int i = 0; i < 4; ++i) Call(sweeps[1], kMib);
    sweeps.memory += kMib;
  });
  CHECK(sweeps.cuts() == 0);
}

TEST_CASE("requests on their way may be large, and many, as long as they arrive") {
  Sweeps sweeps(1);
  sweeps.For(absl::Seconds(10), [&] {
    static int sweep = 0;
    sweeps[0].traffic.received += kMib;
    if (++sweep % 20 != 0) return;  // all twenty arrive at once, after 400 ms
    for (int i = 0; i < 20; ++i) {
      sweeps[0].counts.CallArrived(kMib);
      sweeps[0].counts.AnswerStarted(0);
      sweeps[0].counts.AnswerEnded(0, /*sent=*/true);
    }
  });
  CHECK(sweeps.cuts() == 0);
}

TEST_CASE("bytes that no call explains end their connection once they have settled") {
  Sweeps sweeps(2);
  sweeps[0].traffic.received = 3 * kMib;
  sweeps[1].traffic.received = kMib;
  sweeps.For(absl::Milliseconds(200));
  CHECK(sweeps.cuts() == 0);  // they may be a request on its way
  sweeps.For(absl::Milliseconds(400));
  CHECK(sweeps[0].cut == "unexplained_bytes");
  CHECK(sweeps[1].cut.empty());
}

TEST_CASE("more unexplained bytes than any requests on their way end their connection at once") {
  Sweeps sweeps(1);
  sweeps.For(kSweep);
  sweeps[0].traffic.received = 49 * kMib;
  sweeps.For(kSweep);
  CHECK(sweeps[0].cut == "unexplained_bytes");
}

TEST_CASE("of many connections with unexplained bytes the worst go, until few bytes are left") {
  Sweeps sweeps(100);
  for (size_t i = 0; i < 100; ++i) sweeps[i].traffic.received = (50 + i) * 1024;
  sweeps.For(absl::Seconds(1));
  CHECK(sweeps.cuts() > 40);
  CHECK(sweeps.cuts() < 70);
  CHECK(sweeps[0].cut.empty());
  CHECK(sweeps[99].cut == "unexplained_bytes");
}

TEST_CASE("what a call explains to excess is not kept for a flood later") {
  Sweeps sweeps(1);
  sweeps.For(absl::Seconds(10), [&] {
    for (int i = 0; i < 1000; ++i) Call(sweeps[0], 10, /*headers=*/20);
  });
  sweeps[0].traffic.received += 3 * kMib;
  sweeps.For(absl::Seconds(1));
  CHECK(sweeps[0].cut == "unexplained_bytes");
}

TEST_CASE("a client that reads much may say so") {
  Sweeps sweeps(1);
  sweeps.For(absl::Seconds(60), [&] {
    sweeps[0].traffic.sent += 10 * kMib;
    sweeps[0].traffic.received += 10 * kMib / 16'384 * 26;
  });
  CHECK(sweeps.cuts() == 0);
}

TEST_CASE("answers that nobody reads end their connection") {
  Sweeps sweeps(2);
  for (int i = 0; i < 900; ++i) sweeps[0].counts.AnswerStarted(64 << 10);
  for (int i = 0; i < 100; ++i) sweeps[1].counts.AnswerStarted(64 << 10);
  sweeps.For(absl::Seconds(1));
  CHECK(sweeps[0].cut == "unread_answers");
  CHECK(sweeps[1].cut.empty());
}

TEST_CASE("small answers that nobody reads count as what they cost") {
  Sweeps sweeps(1);
  for (int i = 0; i < 4200; ++i) sweeps[0].counts.AnswerStarted(10);
  sweeps.For(absl::Seconds(1));
  CHECK(sweeps[0].cut == "unread_answers");
}

TEST_CASE("calls that are cancelled by the ten thousand end their connection") {
  Sweeps sweeps(2);
  const auto cancel = [](Sweeps::Connection& connection) {
    connection.counts.CallArrived(10);
    connection.counts.AnswerStarted(0);
    connection.counts.AnswerEnded(0, /*sent=*/false);
  };
  sweeps.For(absl::Seconds(3), [&] {
    for (int i = 0; i < 600; ++i) cancel(sweeps[0]);  // 30,000 per second
    for (int i = 0; i < 150; ++i) cancel(sweeps[1]);
  });
  CHECK(sweeps[0].cut == "cancelled_calls");
  CHECK(sweeps[1].cut.empty());
}

TEST_CASE("when memory grows, those go whose bytes are unexplained, few as they are") {
  Sweeps sweeps(3);
  sweeps.For(absl::Seconds(3), [&] { Call(sweeps[2], 300); });
  sweeps[0].traffic.received += 200 << 10;
  sweeps[1].traffic.received += 2 << 10;
  sweeps.For(absl::Seconds(1), [&] {
    Call(sweeps[2], 300);
    sweeps.memory += kMib;  // 100 in all
  });
  CHECK(sweeps[0].cut == "memory");
  CHECK(sweeps[1].cut.empty());
  CHECK(sweeps[2].cut.empty());
}

TEST_CASE("a batch of answers on their way ends no connection, however the memory grows") {
  Sweeps sweeps(1);
  sweeps.For(absl::Seconds(3));
  for (int i = 0; i < 512; ++i) sweeps[0].counts.CallArrived(300);
  for (int i = 0; i < 512; ++i) sweeps[0].counts.AnswerStarted(100);
  sweeps.memory += 200 * kMib;
  sweeps.stalled = absl::Seconds(1);
  sweeps.For(absl::Seconds(1));
  CHECK(sweeps.cuts() == 0);
}

TEST_CASE("when memory grows fast, nobody waits until bytes have settled") {
  Sweeps sweeps(2);
  sweeps.For(absl::Seconds(3));
  sweeps[0].traffic.received += 20 << 10;
  sweeps[1].traffic.received += 1 << 10;
  sweeps.memory += 200 * kMib;
  sweeps.For(kSweep);
  CHECK(sweeps[0].cut == "memory");
  CHECK(sweeps[1].cut.empty());
}

TEST_CASE("when memory grows fast, those go that have made no call and have much to say") {
  Sweeps sweeps(2);
  sweeps.For(absl::Seconds(3), [&] { Call(sweeps[1], 300); });
  sweeps[0].traffic.waiting = kMib;
  sweeps[1].traffic.waiting = kMib;
  sweeps.memory += 200 * kMib;
  sweeps.For(kSweep);
  CHECK(sweeps[0].cut == "memory");
  CHECK(sweeps[1].cut.empty());
}

TEST_CASE("who keeps the I/O thread from everything else goes, and not who waits for it") {
  Sweeps sweeps(2);
  sweeps.For(absl::Seconds(1));
  sweeps[1].traffic.received += 100 << 10;
  sweeps.For(kSweep);
  sweeps.stalled = absl::Milliseconds(200);
  sweeps.For(kSweep, [&] { sweeps[0].traffic.received += 100 << 10; });
  CHECK(sweeps[0].cut == "stall");
  CHECK(sweeps[1].cut.empty());
}

TEST_CASE("a connection is idle from its last byte or the end of its last call") {
  ConnectionCounts counts;
  ConnectionAccount account;
  const auto update = [&](int64_t second, uint64_t received) {
    account.Read(counts);
    account.Update(Mono::FromNanos(second * 1'000'000'000), {.received = received});
    return account.idle_since();
  };
  CHECK(update(1, 100) == Mono::InfiniteFuture());
  CHECK(update(2, 100) == Mono::FromNanos(2'000'000'000));
  CHECK(update(3, 100) == Mono::FromNanos(2'000'000'000));
  counts.StreamArrived();
  CHECK(update(4, 100) == Mono::InfiniteFuture());
  counts.StreamEnded();
  CHECK(update(5, 100) == Mono::FromNanos(5'000'000'000));
}

TEST_CASE("without bounds nobody is cut") {
  Sweeps sweeps(1, {.enforced = false});
  sweeps[0].traffic.received = 1000 * kMib;
  sweeps.For(absl::Seconds(1));
  CHECK(sweeps.cuts() == 0);
}

}  // namespace
}  // namespace seatsaga
