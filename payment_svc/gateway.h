#pragma once

#include <cstdint>
#include <string>

#include "common/reply.h"

// The payment provider as payment_svc sees it. A real provider needs an implementation of this
// interface. The only one that ships is simulated (simulated_gateway.h).
namespace seatsaga::payment {

enum class GatewayOperation { kCharge, kRefund, kLookup, kCancel };

// What the provider said of a charge.
struct GatewayOutcome {
  enum class Kind {
    kUnknown,   // no answer in time, or a transient error: anything may have happened
    kCaptured,  // charged, and not refunded in full; provider_reference is set
    kDeclined,  // a definite no, with the reason; nothing moved
    kVoided,    // never charged, and from now on never will be
    kNotFound,  // no charge with this key so far; one may still be under way
    kRefunded,  // charged, then refunded in full; of a Refund: by its amount
  };
  Kind kind = Kind::kUnknown;
  // Why it was declined, in UPPER_SNAKE_CASE. Never holds a payment token.
  std::string reason;
  // The provider's own id of the charge.
  std::string provider_reference;
};

struct ChargeRequest {
  std::string key;  // idempotency key of the charge
  int64_t amount_minor = 0;
  std::string currency;       // ISO 4217
  std::string payment_token;  // secret: never stored or logged by an implementation
};

struct RefundRequest {
  std::string key;         // idempotency key of the refund
  std::string charge_key;  // of the charge to refund
  std::string provider_reference;
  int64_t amount_minor = 0;  // above 0; less than the charge: the rest stays ours
  std::string currency;
};

// Asynchronous. No call blocks; each calls `done` exactly once, on the executor of the world that
// payment_svc runs in, possibly before it returns. A `done` that is dropped, or sent an error,
// means kUnknown. The implementation sets its own deadline and then answers kUnknown.
//
// Idempotent by key: the same charge or refund sent again, even while the first is under way, moves
// money once and gets the same answer. The provider takes the calls of one key one after the other.
class PaymentGateway {
 public:
  using Done = Reply<GatewayOutcome>;

  virtual ~PaymentGateway() = default;

  // kCaptured, kDeclined or kUnknown. kVoided if it was cancelled before, kRefunded if it was
  // refunded in full since.
  virtual void Charge(ChargeRequest request, Done done) = 0;
  // kRefunded, kDeclined (the provider refuses the refund, for example of more than is left of the
  // charge; a person must look), kNotFound or kUnknown.
  virtual void Refund(RefundRequest request, Done done) = 0;
  // Looks a charge up, without effect. Answers any kind.
  virtual void Lookup(std::string charge_key, Done done) = 0;
  // Makes sure that a charge which has not happened never will, and answers kVoided. If it is too
  // late, answers what did happen: kCaptured, kDeclined or kRefunded. Never kNotFound.
  virtual void Cancel(std::string charge_key, Done done) = 0;
};

}  // namespace seatsaga::payment
