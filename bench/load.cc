#include "bench/load.h"

#include <sys/prctl.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "absl/random/random.h"
#include "absl/time/clock.h"
#include "api/reservation.h"

namespace seatsaga::bench {
namespace {

constexpr absl::Duration kCallDeadline = absl::Seconds(15);  // longer than the wait in the request
constexpr int64_t kUnexpectedMax = 1000;
constexpr unsigned long kTimerSlackNanos = 1000;  // arrivals must not be late by the default 50 µs

// The state of one run. The caller's thread starts the first calls of a closed loop and all calls
// of an open one; the channel's I/O thread starts the next call of a closed loop when one has
// ended.
class Load {
 public:
  Load(RpcChannel& reservation_svc, Workload& workload, const LoadPlan& plan,
       const ProcessMeter* meter)
      : reservation_svc_(reservation_svc), workload_(workload), plan_(plan), meter_(meter) {}

  LoadResult Run() {
    if (open()) {
      RunOpen();
    } else {
      RunClosed();
    }
    std::unique_lock lock(mutex_);
    stopping_ = true;
    changed_.wait(lock, [this] { return in_flight_ == 0; });
    return std::move(result_);
  }

 private:
  struct Started {
    Operation operation;
    absl::Time due;
  };

  bool open() const { return plan_.rate_per_s > 0; }

  void RunClosed() {
    for (int i = 0; i < plan_.in_flight; ++i) {
      if (!Start(absl::Now())) break;
    }
    if (!WaitUntil(absl::Now() + plan_.warmup)) return;
    OpenWindow(absl::Now());
    WaitUntil(absl::Now() + plan_.duration);
    CloseWindow(absl::Now());
  }

  void RunOpen() {
    prctl(PR_SET_TIMERSLACK, kTimerSlackNanos);
    absl::InsecureBitGen random;
    const absl::Time begin = absl::Now();
    const absl::Time window_begin = begin + plan_.warmup;
    const absl::Time window_end = window_begin + plan_.duration;
    for (absl::Time due = begin;;
         due += absl::Seconds(absl::Exponential(random, plan_.rate_per_s))) {
      if (measured_from_ == absl::InfiniteFuture() && due >= window_begin) OpenWindow(window_begin);
      if (due >= window_end) break;
      if (const absl::Duration early = due - absl::Now(); early > absl::ZeroDuration()) {
        std::this_thread::sleep_for(absl::ToChronoNanoseconds(early));
      }
      if (!WaitForPlace() || !Start(due)) break;
    }
    CloseWindow(absl::Now());
  }

  // Returns false if the run ends before.
  bool WaitUntil(absl::Time time) {
    std::unique_lock lock(mutex_);
    return !changed_.wait_until(lock, absl::ToChronoTime(time), [this] { return stopping_; });
  }

  bool WaitForPlace() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || in_flight_ < plan_.in_flight; });
    return !stopping_;
  }

  void OpenWindow(absl::Time from) {
    if (meter_ != nullptr) usage_before_ = meter_->Read();
    std::lock_guard lock(mutex_);
    opened_at_ = absl::Now();
    measured_from_ = from;
  }

  void CloseWindow(absl::Time to) {
    {
      std::lock_guard lock(mutex_);
      if (measured_from_ == absl::InfiniteFuture()) return;
      measured_until_ = to;
      result_.window = absl::Now() - opened_at_;
    }
    if (meter_ == nullptr) return;
    for (const auto& [name, after] : meter_->Read()) {
      result_.usage[name] = after - usage_before_[name];
    }
  }

  // Returns false if nothing was started, because the run is over.
  bool Start(absl::Time due) {
    auto started = std::make_unique<Started>();
    started->due = due;
    {
      std::lock_guard lock(mutex_);
      if (stopping_) return false;
      if (plan_.count_max > 0 && started_count_ == plan_.count_max) return Stop();
      if (!workload_.Next(started->operation)) {
        result_.ran_dry = true;
        return Stop();
      }
      ++started_count_;
      ++in_flight_;
    }
    const CreateRequest& request = started->operation.request;
    Call(reservation::kCreateReservation, request, std::move(started));
    return true;
  }

  template <class Method, class Request>
  void Call(const Method& method, const Request& request, std::unique_ptr<Started> started) {
    reservation_svc_.Call(method, request, kCallDeadline,
                          [this, started = std::move(started)](auto response) mutable {
                            Continue(std::move(started),
                                     response.ok()
                                         ? Answer(std::move(*response->mutable_reservation()))
                                         : Answer(response.status()));
                          });
  }

  // With mutex_ held.
  bool Stop() {
    stopping_ = true;
    changed_.notify_all();
    return false;
  }

  void Continue(std::unique_ptr<Started> started, const Answer& answer) {
    const absl::Time now = absl::Now();
    std::optional<PayRequest> payment;
    {
      std::lock_guard lock(mutex_);
      payment = workload_.PaymentAfter(answer);
      if (!payment.has_value()) End(*started, answer, now);
    }
    if (payment.has_value()) {
      Call(reservation::kPayReservation, *payment, std::move(started));
      return;
    }
    if (!open()) Start(absl::Now());
    // Last, and with the lock held: once nothing is in flight, this object may be destroyed.
    std::lock_guard lock(mutex_);
    --in_flight_;
    if (in_flight_ == 0 || open()) changed_.notify_all();
  }

  // With mutex_ held.
  void End(const Started& started, const Answer& answer, absl::Time now) {
    Verdict verdict = workload_.Judge(started.operation, answer);
    if (verdict.expected) Record(started.due, now);
    ++(verdict.expected ? result_.expected : result_.unexpected)[std::move(verdict.outcome)];
    if (!verdict.expected && ++unexpected_count_ == kUnexpectedMax) Stop();
  }

  // With mutex_ held.
  void Record(absl::Time due, absl::Time now) {
    const bool ended_inside = now >= measured_from_ && now < measured_until_;
    const bool due_inside = due >= measured_from_ && due < measured_until_;
    if (ended_inside) ++result_.completed;
    if (open() ? due_inside : ended_inside) result_.latency.Record(now - due);
  }

  RpcChannel& reservation_svc_;
  Workload& workload_;
  const LoadPlan plan_;
  const ProcessMeter* const meter_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  int in_flight_ = 0;
  int64_t started_count_ = 0;
  int64_t unexpected_count_ = 0;
  absl::Time opened_at_;
  absl::Time measured_from_ = absl::InfiniteFuture();
  absl::Time measured_until_ = absl::InfiniteFuture();
  std::map<std::string, Usage> usage_before_;
  LoadResult result_;
};

}  // namespace

LoadResult RunLoad(RpcChannel& reservation_svc, Workload& workload, const LoadPlan& plan,
                   const ProcessMeter* meter) {
  return Load(reservation_svc, workload, plan, meter).Run();
}

}  // namespace seatsaga::bench
