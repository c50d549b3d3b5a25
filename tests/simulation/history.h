#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

// What the outside world saw of one run: what customers and operators sent and heard, and when; and
// what could be read at the end, once everything was healed and at rest. The only input of the
// checker (checker.h). Plain values of no type of the product's.
namespace seatsaga::simulation {

// A moment of the run. Moments are numbered in the order in which they happened; no two are alike.
using Moment = int64_t;
inline constexpr Moment kNever = std::numeric_limits<Moment>::max();

enum class Heard {
  kAnswer,   // the call succeeded
  kNo,       // a definite error, which says that nothing was done
  kNothing,  // no answer, or an error that leaves open whether it was done
};

enum class Status { kPending, kHeld, kConfirmed, kChanging, kCancelling, kCancelled };

// Some seats of a reservation for others, or for none: a partial cancellation.
struct Swap {
  std::vector<std::string> give_back;
  std::vector<std::string> take;

  bool operator==(const Swap&) const = default;
};

// One payment for a reservation, as the reservation shows it.
struct Paid {
  std::string id;
  int64_t amount_minor = 0;
  int64_t refunded_minor = 0;
};

// A reservation as an answer showed it.
struct Shown {
  std::string reservation_id;
  std::string request_id;
  std::string user;
  std::string event;
  std::vector<std::string> seats;
  Status status = Status::kPending;
  std::string reason;      // of a cancellation
  int64_t paid_minor = 0;  // its price; 0 and "" unless one is shown
  std::string currency;
  bool hold = false;                    // it is paid for later
  std::string failure;                  // why its last payment failed, if that is shown
  std::optional<int64_t> refund_minor;  // what its cancellation pays back, if that is shown
  // The saga that changed it last. Empty, as in old answers: its first one.
  std::string saga;
  std::optional<Swap> change;                  // under way
  std::optional<int64_t> change_refund_minor;  // what that pays back, if it is shown
  std::string change_failure;                  // why the last change failed, if that is shown
  std::vector<Paid> payments;                  // if they are shown
};

// One attempt of a customer to create a reservation. Retries repeat the request id and the body;
// `other_body` marks the attempts that deliberately do not.
struct Creation {
  std::string request_id;
  std::string user;
  std::string event;
  std::vector<std::string> seats;
  std::string card;   // the payment token; empty if it is paid for later
  bool hold = false;  // it is paid for later
  bool other_body = false;
  Moment sent = 0;
  Moment ended = kNever;
  Heard heard = Heard::kNothing;
  // Why it was refused, such as "REQUEST_ID_REUSED". With kNothing: so it was, but another copy of
  // the request may still be obeyed.
  std::string error;
  std::optional<Shown> shown;  // of kAnswer
};

// One attempt of a customer to change a reservation: to pay for a hold, to extend it, to give back
// or exchange some seats, or to cancel. Retries repeat the request id and the body.
struct Wish {
  enum class Kind { kPay, kExtend, kCancel, kGiveBack, kExchange };
  Kind kind = Kind::kPay;
  std::string reservation_id;
  std::string request_id;       // empty: an extension has none
  std::string card;             // of a payment, or an exchange that has one
  bool only_validates = false;  // a cancellation or a change that only asks what it would do
  Moment sent = 0;
  Moment ended = kNever;
  Heard heard = Heard::kNothing;
  // Why it was refused, such as "RESERVATION_CANCELLED". With kNothing: so it was, but another copy
  // of the request may still be obeyed.
  std::string error;
  std::optional<Shown> shown;  // of kAnswer
  Swap swap;                   // of a change of seats
  int64_t sent_ms = 0;         // since the run began; not judged
};

// A look at a reservation.
struct Look {
  std::string reservation_id;
  Moment sent = 0;
  Moment ended = kNever;
  Heard heard = Heard::kNothing;
  bool not_found = false;  // of kNo
  std::optional<Shown> shown;
};

// A look at the seats of an event: who held each. Pages are read one after the other, so that one
// look is no single state: `sent` and `ended` are those of the seat's own page.
struct SeatLook {
  std::string event;
  std::string seat;
  std::string holder;  // a reservation's id; empty: available
  Moment sent = 0;
  Moment ended = kNever;
};

// One stream of a watch of a reservation. A watch that breaks is opened again, as another stream.
struct Watch {
  std::string reservation_id;
  bool until_cancelled = false;  // or until CONFIRMED
  Moment sent = 0;
  std::vector<Shown> shown;  // in this order
  bool finished = false;     // its end said that nothing more will come
  bool open = false;         // at the end of the run
};

// One stream of a watch of an event's seats: what its messages said, in this order.
struct SeatWatch {
  struct Message {
    std::vector<std::string> reserved;
    std::vector<std::string> available;
    bool ends_snapshot = false;
  };
  std::string event;
  std::vector<Message> messages;
  bool open = false;  // at the end of the run
};

// What an operator did to a saga. A reservation's first one has its id.
struct Intervention {
  enum class Kind { kRetry, kCompensate };
  Kind kind = Kind::kRetry;
  std::string saga_id;
  Moment sent = 0;
  Moment ended = kNever;
  Heard heard = Heard::kNothing;
  int64_t sent_ms = 0;  // since the run began; not judged
};

// How the simulated payment company was told to treat a card.
enum class CardRule {
  kApproves,  // maybe late, or only after some tries
  kDeclines,
  kRefundRefused,  // approves, and never gives back: needs a person
};

// What the payment company's own books say of one payment.
struct Account {
  int64_t captured_minor = 0;
  int64_t refunded_minor = 0;
  int captures = 0;  // how often it was charged with effect
  int declines = 0;
};

// A saga that came after a reservation's first one, to change its seats.
struct ChangeSaga {
  std::string reservation_id;
  std::string follows;  // the saga whose seats and payments it starts from
  Swap swap;
  // When it began and came to rest first, by the orchestrator's clock; 0: not known, or that clock
  // was not to be trusted.
  int64_t began_us = 0;
  int64_t rested_us = 0;
};

// The last read, when everything was at rest.
struct End {
  std::map<std::string, Shown> reservations;  // by id: all there are
  // (event, seat) → holder, for all seats; an empty holder: available.
  std::map<std::pair<std::string, std::string>, std::string> seats;
  // By payment: its id is that of the saga that charged it. Without a charge: left out.
  std::map<std::string, Account> accounts;
  std::map<std::string, bool> parked;         // by saga: those that wait for a person
  std::map<std::string, ChangeSaga> changes;  // by saga: all later ones there are
  // When first sagas came to rest, as in ChangeSaga.
  std::map<std::string, int64_t> rested_us;
};

// The halls that were sold: what each seat costs.
struct Hall {
  std::string event;
  std::string currency;
  std::map<std::string, int64_t> price_minor;  // by seat
  // What a cancelled reservation gets back of its price, as long as the run lasts.
  int refund_percent = 100;
};

struct History {
  std::vector<Hall> halls;
  // What one user may have of one event at a time; 0: as much as there is.
  int64_t holds_max = 0;                  // holds that are neither paid for nor over
  int64_t seats_max = 0;                  // seats of reservations that are not CANCELLED
  std::map<std::string, CardRule> cards;  // by payment token
  std::vector<Creation> creations;        // in the order in which they were sent
  std::vector<Wish> wishes;
  std::vector<Look> looks;
  std::vector<SeatLook> seat_looks;
  std::vector<Watch> watches;
  std::vector<SeatWatch> seat_watches;
  std::vector<Intervention> interventions;
  End end;
};

}  // namespace seatsaga::simulation
