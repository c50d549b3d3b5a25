#include "bench/baselines/postgres_load.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <deque>
#include <future>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "bench/baselines/pg_connection.h"
#include "bench/baselines/statements.h"
#include "common/id.h"
#include "common/text.h"

namespace seatsaga::bench {
namespace {

// Outcomes in LoadResult. Abandoned: not ended soon after the measurement, as in a long queue for a
// row's lock; its connection was closed.
constexpr char kConfirmed[] = "CONFIRMED";
constexpr char kAbandoned[] = "abandoned at the end";
constexpr int kUsers = 10'000;
constexpr absl::Duration kAbandonAfter = absl::Seconds(1);
// What two-phase commit left half done would stay locked, so it gets more time.
constexpr absl::Duration kAbandonPreparedAfter = absl::Seconds(30);

// The bookings of all clients, in order.
class Bookings {
 public:
  explicit Bookings(const Offer& offer) : offer_(offer) {}

  // False once all seats were given out: each once, from all events in turn.
  bool Next(Booking& booking) {
    if (next_ == int64_t{offer_.event_count} * offer_.seats_per_event) return false;
    booking = {.reservation_id = ids_.Next(absl::Now()).ToString(),
               .request_id = ids_.Next(absl::Now()).ToString(),
               .user_id = Cat("user-", absl::Uniform(random_, 0, kUsers)),
               .event_no = Cat(next_ % offer_.event_count),
               .seat_no = Cat(next_ / offer_.event_count)};
    ++next_;
    return true;
  }

 private:
  const Offer offer_;
  int64_t next_ = 0;
  IdGenerator ids_;
  absl::InsecureBitGen random_;
};

// Waits for many file descriptors and the clock at once.
class EpollSet {
 public:
  EpollSet() = default;
  EpollSet(const EpollSet&) = delete;
  EpollSet& operator=(const EpollSet&) = delete;
  ~EpollSet() { close(epoll_); }

  // `tag` is what Wait returns when `file` can be read. A file that is closed leaves the set.
  void Add(int file, void* tag) {
    epoll_event event{.events = EPOLLIN, .data = {.ptr = tag}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, file, &event);
  }

  // Waits until a file can be read, or until `wake`. epoll_wait would count in milliseconds, which
  // is too coarse for a provider that takes 50.
  std::vector<void*> Wait(absl::Time wake) {
    const timespec timeout = absl::ToTimespec(std::max(wake - absl::Now(), absl::ZeroDuration()));
    std::array<epoll_event, 512> events;
    const int count = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout,
                                   /*ss=*/nullptr);
    std::vector<void*> ready;
    for (int i = 0; i < count; ++i) ready.push_back(events[static_cast<size_t>(i)].data.ptr);
    return ready;
  }

 private:
  const int epoll_ = epoll_create1(EPOLL_CLOEXEC);
};

struct Client;

// A client's connection to a database.
struct Link {
  std::unique_ptr<PgConnection> connection;
  Client* client = nullptr;
  Action outstanding = Action::kBegin;
};

struct Client {
  std::vector<Link> links;  // one per database
  Booking booking;
  absl::Time begun;
  size_t stage = 0;
  int unanswered = 0;  // statements of this stage
};

class PostgresLoad {
 public:
  PostgresLoad(const Tables& tables, const Offer& offer, const PostgresLoadOptions& options)
      : tables_(tables),
        transaction_(tables.transaction()),
        options_(options),
        bookings_(offer),
        clients_(static_cast<size_t>(options.plan.in_flight)) {}

  absl::Status Connect() {
    for (Client& client : clients_) {
      client.links.resize(transaction_.databases.size());
      for (size_t i = 0; i < client.links.size(); ++i) {
        auto connection = PgConnection::Open(tables_.ConnInfo(i));
        if (!connection.ok()) return connection.status();
        client.links[i] = {.connection = *std::move(connection), .client = &client};
        epoll_.Add(client.links[i].connection->socket(), &client.links[i]);
      }
      if (auto prepared = PrepareStatements(client); !prepared.ok()) return prepared;
    }
    if (options_.decisions != nullptr) epoll_.Add(options_.decisions->notification(), this);
    auto meter = ClusterMeter::Open(options_.server);
    if (!meter.ok()) return meter.status();
    meter_ = *std::move(meter);
    return absl::OkStatus();
  }

  LoadResult Run() {
    for (Client& client : clients_) Start(client);
    RunUntil(absl::Now() + options_.plan.warmup);
    auto before = ReadMeter();
    const absl::Time opened_at = absl::Now();
    measuring_ = true;
    RunUntil(opened_at + options_.plan.duration);
    measuring_ = false;
    result_.window = absl::Now() - opened_at;
    auto after = ReadMeter();
    draining_ = true;
    RunUntil(absl::Now() + (transaction_.two_phase() ? kAbandonPreparedAfter : kAbandonAfter));
    AbandonTheRest();
    result_.usage = ClusterMeter::Used(before.get(), after.get());
    return std::move(result_);
  }

 private:
  absl::Status PrepareStatements(Client& client) {
    for (const Stage& stage : transaction_.stages) {
      for (const auto& [part, action, begins] : stage.statements) {
        if (!IsPrepared(action)) continue;
        PgConnection& connection = *client.links[transaction_.DatabaseOf(part)].connection;
        auto prepared = connection.Prepare(PreparedName(action), PreparedSql(action));
        if (!prepared.ok()) return prepared;
      }
    }
    return absl::OkStatus();
  }

  // On a thread of its own: with hundreds of processes it takes some milliseconds, and the clients
  // must not stop for that long.
  std::future<std::map<std::string, Usage>> ReadMeter() {
    return std::async(std::launch::async, [this] { return meter_->Read(); });
  }

  // Returns earlier if no client is active any more.
  void RunUntil(absl::Time until) {
    while (active_ > 0 && absl::Now() < until) {
      const absl::Time wake =
          with_provider_.empty() ? until : std::min(until, with_provider_.front().first);
      for (void* ready : epoll_.Wait(wake)) {
        if (ready == this) {
          TakeDecisions();
        } else {
          TakeAnswer(*static_cast<Link*>(ready));
        }
        if (active_ == 0) return;
      }
      while (!with_provider_.empty() && with_provider_.front().first <= absl::Now()) {
        Client* client = with_provider_.front().second;
        with_provider_.pop_front();
        Continue(*client);
      }
    }
  }

  void Start(Client& client) {
    if (!bookings_.Next(client.booking)) {
      result_.ran_dry = true;
      return;
    }
    ++active_;
    client.begun = absl::Now();
    client.stage = 0;
    EnterStage(client);
  }

  void EnterStage(Client& client) {
    const Stage& stage = transaction_.stages[client.stage];
    switch (stage.kind) {
      case Stage::Kind::kStatements:
        client.unanswered = static_cast<int>(stage.statements.size());
        for (const Statement& statement : stage.statements) Send(client, statement);
        return;
      case Stage::Kind::kProvider:
        with_provider_.emplace_back(absl::Now() + options_.provider, &client);
        return;
      case Stage::Kind::kDecision:
        options_.decisions->Append(client.booking.reservation_id, &client);
        return;
    }
  }

  void Send(Client& client, const Statement& statement) {
    Link& link = client.links[transaction_.DatabaseOf(statement.part)];
    link.outstanding = statement.action;
    const auto& [part, action, begins] = statement;
    if (!IsPrepared(action)) {
      link.connection->SendText(TextOf(action, client.booking, part));
    } else if (begins) {
      link.connection->SendBeginAndPrepared(PreparedName(action),
                                            Parameters(action, client.booking));
    } else {
      link.connection->SendPrepared(PreparedName(action), Parameters(action, client.booking));
    }
  }

  void TakeAnswer(Link& link) {
    auto answer = link.connection->Receive();
    if (!answer.has_value()) return;
    if (!answer->ok()) return Fail(std::string(View(answer->status().message())));
    if (link.outstanding == Action::kTakeSeat || link.outstanding == Action::kTakeSeatAndCount) {
      if ((*answer)->empty()) return Fail("a seat was not available");
      link.client->booking.price_minor = **std::move(answer);
    }
    if (--link.client->unanswered == 0) Continue(*link.client);
  }

  void TakeDecisions() {
    auto owners = options_.decisions->TakeDurable();
    if (!owners.ok()) return Fail(std::string(View(owners.status().message())));
    for (void* owner : *owners) Continue(*static_cast<Client*>(owner));
  }

  // The client's current stage has ended.
  void Continue(Client& client) {
    if (++client.stage < transaction_.stages.size()) return EnterStage(client);
    ++result_.expected[kConfirmed];
    if (measuring_) {
      ++result_.completed;
      result_.latency.Record(absl::Now() - client.begun);
    }
    --active_;
    if (!draining_) Start(client);
  }

  // Ends the run: after an error, a baseline would measure something else.
  void Fail(const std::string& why) {
    ++result_.unexpected[why];
    active_ = 0;
    draining_ = true;
  }

  void AbandonTheRest() {
    if (active_ > 0) {
      auto& outcomes = transaction_.two_phase() ? result_.unexpected : result_.expected;
      outcomes[kAbandoned] = active_;
    }
    clients_.clear();
  }

  const Tables& tables_;
  const Transaction& transaction_;
  const PostgresLoadOptions& options_;

  EpollSet epoll_;
  Bookings bookings_;
  std::vector<Client> clients_;  // never grows: links point into it
  std::unique_ptr<ClusterMeter> meter_;
  std::deque<std::pair<absl::Time, Client*>>
      with_provider_;  // in order, since all wait equally long
  int active_ = 0;     // clients with a booking in progress
  bool measuring_ = false;
  bool draining_ = false;  // no new bookings
  LoadResult result_;
};

}  // namespace

absl::StatusOr<LoadResult> RunPostgresLoad(const Tables& tables, const Offer& offer,
                                           const PostgresLoadOptions& options) {
  PostgresLoad load(tables, offer, options);
  if (auto connected = load.Connect(); !connected.ok()) return connected;
  return load.Run();
}

}  // namespace seatsaga::bench
