#pragma once

#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "common/errors.h"

namespace seatsaga {

// The one answer that a caller waits for. Move-only; answer it once, from any thread. A reply that
// is dropped unanswered answers UNAVAILABLE by itself, so no caller is ever left hanging.
template <class T>
class Reply {
 public:
  using Sink = absl::AnyInvocable<void(absl::StatusOr<T>&&) &&>;

  Reply() = default;
  explicit Reply(Sink sink) : sink_(std::move(sink)) {}
  Reply(Reply&& other) noexcept : sink_(std::exchange(other.sink_, nullptr)) {}
  Reply& operator=(Reply&& other) noexcept {
    if (this != &other) {
      Drop();
      sink_ = std::exchange(other.sink_, nullptr);
    }
    return *this;
  }
  ~Reply() { Drop(); }

  void Send(absl::StatusOr<T>&& answer) {
    if (sink_) std::move(std::exchange(sink_, nullptr))(std::move(answer));
  }
  bool pending() const { return sink_ != nullptr; }

 private:
  void Drop() {
    if (sink_)
      Send(UnavailableError("it is not known whether this was done; repeat the same request"));
  }

  Sink sink_;
};

}  // namespace seatsaga
