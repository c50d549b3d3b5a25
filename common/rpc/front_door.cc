#include "common/rpc/front_door.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "common/log.h"
#include "common/rpc/readings.h"
#include "common/text.h"

namespace seatsaga {
namespace {

// Between two sweeps, while clients send; and while nobody does.
constexpr absl::Duration kBusy = absl::Milliseconds(10);
constexpr absl::Duration kQuiet = absl::Milliseconds(100);
// A sweep over very many connections takes at most this part of the time.
constexpr int kSweepParts = 20;
// Descriptors kept for what else the process opens: files of its store, its own calls.
constexpr uint64_t kDescriptorsKept = 24;
constexpr uint64_t kDescriptorsPerConnection = 2;  // gRPC's and ours
constexpr size_t kEventsMax = 256;
// More than a client needs that has no request on its way.
constexpr uint64_t kSuspicious = 32 << 10;
// Whoever was cut comes again at once. So for this long after a cut, newcomers from hosts of which
// one was cut lately are looked at for a moment, and then handed over one by one.
constexpr absl::Duration kCutLately = absl::Seconds(1);
constexpr size_t kSuspectsMax = 10'000;
constexpr absl::Duration kProbation = absl::Milliseconds(20);
constexpr absl::Duration kBetweenNewcomers = absl::Milliseconds(10);
// The more of them are cut, the longer the next ones wait: what each has gRPC do before it is cut
// must leave time for everybody else.
constexpr absl::Duration kBetweenNewcomersMax = absl::Milliseconds(640);
// A client says little until the server has sent its settings.
constexpr uint64_t kGreetingMax = 4 << 10;
// What has been idle for less may be about to send.
constexpr absl::Duration kIdleLeast = absl::Seconds(1);

void Watch(int poll, int fd, uint32_t events) {
  epoll_event event{.events = events, .data = {.fd = fd}};
  epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
}

// "ipv4:10.0.0.1" of "ipv4:10.0.0.1:4711".
std::string_view HostOf(std::string_view peer) { return peer.substr(0, peer.rfind(':')); }

int Milliseconds(absl::Duration wait) {
  return static_cast<int>(std::max<int64_t>(0, absl::ToInt64Milliseconds(wait))) + 1;
}

}  // namespace

FrontDoor::FrontDoor(ListeningSockets listener, const ConnectionLimits& limits, IoThread& io,
                     Receiver receiver)
    : limits_(limits),
      io_(io),
      receiver_(std::move(receiver)),
      port_(listener.port()),
      listener_(std::make_unique<ListeningSockets>(std::move(listener))),
      judge_(limits),
      between_newcomers_(kBetweenNewcomers) {}

absl::Status FrontDoor::Start() {
  poll_ = Descriptor(epoll_create1(EPOLL_CLOEXEC));
  wake_ = Descriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  reserve_ = Descriptor(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const uint64_t left = DescriptorsLeft();
  const uint64_t possible =
      left > kDescriptorsKept ? (left - kDescriptorsKept) / kDescriptorsPerConnection : 0;
  if (!reserve_.open() || possible == 0) {
    return absl::FailedPreconditionError(
        "the limit of open files leaves none for connections: raise it (ulimit -n, or LimitNOFILE "
        "of the systemd unit)");
  }
  if (possible < static_cast<uint64_t>(limits_.connections_max)) {
    log::Warn("few_descriptors", {{"connections_max", Cat(possible)}},
              Cat("the limit of open files allows ", possible,
                  " connections; raise it (ulimit -n) or lower --connections-max"));
    limits_.connections_max = static_cast<int>(possible);
  }
  Watch(poll_.get(), wake_.get(), EPOLLIN);
  for (const Descriptor& socket : listener_->sockets()) Watch(poll_.get(), socket.get(), EPOLLIN);
  io_.Attach(*this);
  thread_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

void FrontDoor::Wake() {
  if (wake_.open()) eventfd_write(wake_.get(), 1);
}

void FrontDoor::StopAccepting() {
  accepting_ = false;
  Wake();
}

void FrontDoor::Stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  Wake();
  thread_.join();
  io_.Detach(*this);
  lives_.clear();
  accepted_fds_.clear();
  listener_.reset();
}

FrontDoor::Totals FrontDoor::totals() const {
  return {.accepted = accepted_, .refused = refused_, .replaced = replaced_, .cut = cut_};
}

std::shared_ptr<ConnectionCounts> FrontDoor::Find(std::string_view peer) {
  const std::lock_guard lock(mutex_);
  const auto it = by_peer_.find(AbslView(peer));
  return it == by_peer_.end() ? nullptr : it->second;
}

void FrontDoor::Run() {
  std::array<epoll_event, kEventsMax> events{};
  while (!stopping_) {
    const int wait = NextWait(SystemClock().Now());
    const int count = epoll_wait(poll_.get(), events.data(), static_cast<int>(events.size()), wait);
    Handle({events.data(), static_cast<size_t>(std::max(count, 0))});
    if (!accepting_) listener_.reset();
    const Mono now = SystemClock().Now();
    Admit(now);
    if (now >= next_sweep_) next_sweep_ = now + Sweep(now);
  }
}

// In ms, for epoll; -1 is without end.
int FrontDoor::NextWait(Mono now) const {
  Mono until = lives_.empty() ? Mono::InfiniteFuture() : next_sweep_;
  if (!newcomers_.empty()) until = std::min(until, now + kBetweenNewcomers);
  return until == Mono::InfiniteFuture() ? -1 : Milliseconds(until - now);
}

// Ends first: a connection accepted meanwhile may get the number of one that ended.
void FrontDoor::Handle(std::span<const epoll_event> events) {
  for (const epoll_event& event : events) {
    if (const auto it = lives_.find(event.data.fd); it != lives_.end()) {
      End(it);
    } else if (event.data.fd == wake_.get()) {
      eventfd_t value = 0;
      eventfd_read(wake_.get(), &value);
    }
  }
  if (listener_ == nullptr) return;
  for (const Descriptor& socket : listener_->sockets()) {
    for (const epoll_event& event : events) {
      if (event.data.fd == socket.get()) Accept(socket.get());
    }
  }
}

// All that wait there.
void FrontDoor::Accept(int listening) {
  while (accepting_ && !stopping_) {
    Descriptor fd(accept4(listening, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd.open()) {
      Take(std::move(fd));
    } else if (errno == EMFILE || errno == ENFILE) {
      Refuse(listening);
      return;  // others get their turn
    } else if (errno != EINTR && errno != ECONNABORTED) {
      return;
    }
  }
}

// With no descriptor left, a connection cannot even be closed: it would wait, its client with it.
void FrontDoor::Refuse(int listening) {
  reserve_.Close();
  Descriptor(accept4(listening, nullptr, nullptr, SOCK_CLOEXEC)).Close();
  reserve_ = Descriptor(open("/dev/null", O_RDONLY | O_CLOEXEC));
  ++refused_;
  LogExhaustion(SystemClock().Now());
}

void FrontDoor::LogExhaustion(Mono now) {
  if (!exhaustion_said_.Say(now)) return;
  log::Error("no_descriptors", {{"connections", Cat(lives_.size())}},
             "connections are closed unanswered: the process has as many files open as it may; "
             "raise the limit (ulimit -n)");
}

void FrontDoor::Take(Descriptor fd) {
  const Mono now = SystemClock().Now();
  if (lives_.size() >= static_cast<size_t>(limits_.connections_max) && !MakeRoom(now)) {
    ++refused_;
    if (refusals_said_.Say(now)) {
      log::Warn("connection_refused", {{"connections_max", Cat(limits_.connections_max)}},
                "closed at once, because so many are open and in use; see --connections-max");
    }
    return;
  }
  Live live{.fd = Descriptor(fcntl(fd.get(), F_DUPFD_CLOEXEC, 0)),
            .given = {},
            .since = now,
            .peer = PeerName(fd.get())};
  if (!live.fd.open()) {
    ++refused_;
    LogExhaustion(now);
    return;
  }
  const int key = live.fd.get();
  live.given = std::move(fd);
  if (!live.peer.empty()) {
    const std::lock_guard lock(mutex_);
    by_peer_.insert_or_assign(live.peer, live.counts);
  }
  lives_.insert_or_assign(key, std::move(live));
  // The end of both directions is always told, once.
  Watch(poll_.get(), key, EPOLLET);
  ++accepted_;
  Live& added = lives_.find(key)->second;
  if (suspects_.contains(AbslView(HostOf(added.peer)))) {
    newcomers_.push_back(key);
  } else {
    HandOver(added);
  }
}

void FrontDoor::Suspect(Mono now, const Live& live) {
  cut_at_ = now;
  if (live.peer.empty()) return;
  if (suspects_.size() >= kSuspectsMax) suspects_.clear();
  suspects_.emplace(HostOf(live.peer));
}

// Hands over newcomers: at once, as a rule.
void FrontDoor::Admit(Mono now) {
  while (!newcomers_.empty()) {
    const bool carefully = now - cut_at_ < kCutLately;
    if (!carefully) {
      between_newcomers_ = kBetweenNewcomers;
      suspects_.clear();
    }
    const auto it = lives_.find(newcomers_.front());
    const bool here = it != lives_.end() && it->second.given.open();  // it may have gone again
    if (here && carefully) {
      if (now < it->second.since + kProbation) return;
      const auto traffic = ReadTraffic(it->first);
      if (traffic.has_value() && traffic->waiting > kGreetingMax) {
        ++cut_;
        Suspect(now, it->second);
        Cut(it->second);
        Remove(it);
        newcomers_.pop_front();
        continue;  // it has cost nothing
      }
      if (now < hand_over_at_) return;
      hand_over_at_ = now + between_newcomers_;
    }
    newcomers_.pop_front();
    if (here) HandOver(it->second);
  }
}

void FrontDoor::HandOver(Live& live) {
  {
    const std::lock_guard lock(mutex_);
    accepted_fds_.push_back(std::move(live.given));
  }
  io_.Wake();
}

Mono FrontDoor::PrepareWait() {
  const std::lock_guard lock(mutex_);
  return accepted_fds_.empty() ? Mono::InfiniteFuture() : Mono::InfinitePast();
}

void FrontDoor::RunDue() {
  std::vector<Descriptor> fds;
  {
    const std::lock_guard lock(mutex_);
    fds.swap(accepted_fds_);
  }
  if (fds.empty()) return;
  handing_over_ = true;  // gRPC may read them at once
  for (Descriptor& fd : fds) receiver_(fd.Release());
  handing_over_ = false;
}

// For how long gRPC has kept the I/O thread: no event has come out, not even the one that is sent
// to find out. Nobody asks unless some connection could be the reason.
absl::Duration FrontDoor::Stalled(Mono now) {
  const uint64_t events = io_.events();
  const bool our_work = io_.taking_turn() && !handing_over_;
  const bool suspicious = std::ranges::any_of(lives_, [](const auto& entry) {
    return ConnectionJudge::Stalling(entry.second.account) >= kSuspicious;
  });
  if (std::exchange(events_, events) != events || our_work || !suspicious) moved_at_ = now;
  if (suspicious) io_.Wake();
  return now - moved_at_;
}

// Closes the connection that has been idle longest. False if all are in use.
bool FrontDoor::MakeRoom(Mono now) {
  auto oldest = lives_.end();
  for (auto it = lives_.begin(); it != lives_.end(); ++it) {
    if (oldest == lives_.end() ||
        it->second.account.idle_since() < oldest->second.account.idle_since()) {
      oldest = it;
    }
  }
  if (oldest == lives_.end() || now - oldest->second.account.idle_since() < kIdleLeast) {
    return false;
  }
  ++replaced_;
  Cut(oldest->second);
  Remove(oldest);
  return true;
}

// It has been shut down on both sides: by gRPC, or by the client.
void FrontDoor::End(Lives::iterator it) {
  Live& live = it->second;
  // A client that has gone may have left much behind.
  if (IsOver(live.fd.get())) Cut(live);
  if (live.account.unexplained() + live.account.strange() >= kSuspicious) {
    Suspect(SystemClock().Now(), live);
  }
  Remove(it);
}

// gRPC sees an error, as if the client had gone. A shutdown would not do: gRPC would first read,
// and work on, all that has been received.
void FrontDoor::Cut(Live& live) {
  const sockaddr nowhere{.sa_family = AF_UNSPEC, .sa_data = {}};
  connect(live.fd.get(), &nowhere, sizeof(nowhere));
  shutdown(live.fd.get(), SHUT_RDWR);  // of a Unix socket
}

void FrontDoor::Remove(Lives::iterator it) {
  {
    const std::lock_guard lock(mutex_);
    // The client may have come again from the same port.
    const auto named = by_peer_.find(it->second.peer);
    if (named != by_peer_.end() && named->second == it->second.counts) by_peer_.erase(named);
  }
  // gRPC may have its descriptor open still: then closing ours would not end the watch, and its
  // events would be taken for those of the next connection with this number.
  epoll_ctl(poll_.get(), EPOLL_CTL_DEL, it->first, nullptr);
  lives_.erase(it);
}

// Returns how long to wait until the next.
absl::Duration FrontDoor::Sweep(Mono now) {
  uint64_t received = 0;
  for (auto& [fd, live] : lives_) {
    live.account.Read(*live.counts);
    const auto traffic = ReadTraffic(fd);
    if (!traffic.has_value()) continue;
    received += traffic->received;
    live.account.Update(now, *traffic);
  }
  const bool quiet = std::exchange(received_, received) == received;
  Judge(now);
  const absl::Duration took = SystemClock().Now() - now;
  return std::max(quiet ? kQuiet : kBusy, took * kSweepParts);
}

void FrontDoor::Judge(Mono now) {
  std::vector<const ConnectionAccount*> accounts;
  std::vector<Live*> lives;
  for (auto& [fd, live] : lives_) {
    if (live.peer.empty()) continue;  // nothing is known of it
    accounts.push_back(&live.account);
    lives.push_back(&live);
  }
  const ConnectionJudge::State state{.memory = MemoryInUse(), .stalled = Stalled(now)};
  for (const auto& [index, reason] : judge_.Judge(now, accounts, state)) {
    ++cut_;
    Suspect(now, *lives[index]);
    between_newcomers_ = std::min(2 * between_newcomers_, kBetweenNewcomersMax);
    LogCut(now, *lives[index], reason);
    Cut(*lives[index]);
    Remove(lives_.find(lives[index]->fd.get()));
  }
}

void FrontDoor::LogCut(Mono now, const Live& live, CutReason reason) {
  if (!cuts_said_[static_cast<size_t>(reason)].Say(now)) return;
  const ConnectionAccount& account = live.account;
  log::Warn("connection_cut",
            {{"reason", std::string(NameOf(reason))},
             {"peer", live.peer},
             {"unexplained_bytes", Cat(account.unexplained())},
             {"unread_bytes", Cat(account.unread().now())},
             {"cancelled_per_s", Cat(account.cancelled_per_s())},
             {"cut_so_far", Cat(cut_.load())}},
            "a client costs more than any client needs; docs/security.md says what is bounded");
}

bool FrontDoor::LogRate::Say(Mono now) {
  if (now < next) return false;
  next = now + absl::Seconds(1);
  return true;
}

}  // namespace seatsaga
