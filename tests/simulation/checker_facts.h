#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/simulation/history.h"

// What follows with certainty from a history, put in order for the checker's rules.
namespace seatsaga::simulation {

template <typename... Parts>
std::string Cat(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return std::move(out).str();
}

// When something was seen, and by what. The last read lies after everything: it is sent, and ends,
// at kNever.
struct When {
  const char* by = "the last read";
  Moment sent = kNever;
  Moment ended = kNever;
};

inline bool IsBefore(const When& a, const When& b) { return a.ended < b.sent; }
std::string Text(const When& when);  // "a look [12, 15]"

// What customers asked for under one request id: one body, or more of them.
struct Body {
  const Creation* asked = nullptr;  // its first attempt
  Moment first_sent = kNever;       // of those attempts that may have had an effect
  std::optional<When> answered;     // with a reservation, first
  std::optional<When> reused;       // REQUEST_ID_REUSED, first
};
struct Request {
  std::vector<Body> bodies;

  Body& BodyOf(const Creation& creation);
  // The bodies that may have become the reservation: the one that was answered, or all that had a
  // chance.
  std::vector<const Body*> Accepted() const;
};

inline constexpr int kPaymentsMax = 5;  // that are tried for one hold
inline constexpr int kSwapsMax = 99;    // changes of seats of one reservation

// A payment, a change of seats or a cancellation that may have had an effect: all attempts under
// one request id.
struct Change {
  const Wish* asked = nullptr;   // its first attempt
  Moment first_sent = kNever;    // of those attempts that may have had an effect
  std::optional<When> accepted;  // answered with success, first
};

When WhenOf(const Wish& wish);

using Seat = std::pair<std::string, std::string>;  // event, seat
std::string Text(const Seat& seat);

inline bool HasPrice(const Shown& shown) {
  return shown.paid_minor != 0 || !shown.currency.empty();
}

// Why a reservation may be cancelled in a simulation, and what that says of how far it came.
enum class Cause { kSeats, kDecline, kClient, kExpiry, kOperator, kUnknown, kNone };
Cause CauseOf(std::string_view reason);

struct Seen {
  const Shown* shown = nullptr;
  When when;
};

// What a reservation was, at some moment of it: as it was shown, or as the reason of an error says.
struct Known {
  Status status = Status::kPending;
  When when;
};

// All that is known of one reservation.
struct Story {
  std::vector<Seen> seen;          // answers in the order of the history; then the last read
  const Shown* at_end = nullptr;   // null: it is lost
  std::vector<Known> known;        // the same, and what errors say
  std::optional<When> confirmed;   // known to be or to have been so, first
  std::optional<When> cancelling;  // known to be so or CANCELLED, first
  std::optional<When> cancelled;   // known to be so, first
  Moment compensated = kNever;     // from then on an operator's compensation may have had effect
  std::optional<When> compensate;  // that was answered with success, first
  Moment withdrawn = kNever;       // from then on its client's cancellation may have had effect
  std::vector<Change> payments;    // in the order of their first attempts
  std::vector<Change> cancellations;
  std::vector<Change> swaps;   // changes of seats
  std::optional<When> priced;  // its price must be shown from then on: it was HELD or CONFIRMED
  std::optional<When> paid;    // known to be a hold for which a payment was accepted, first

  std::vector<const Body*> bodies;  // that it may have come from
  Moment first_sent = kNever;       // of those: it was not there before

  // It held all its seats at least from one moment to the other: a reservation gets all of them at
  // once, and gives all of them back at once and for ever. It may give them back some time before
  // that shows: then it is still shown HELD, or PENDING.
  Moment held_from = kNever;
  Moment held_until = 0;
  std::optional<When> held;  // seen as a seat's holder, first

  // Its later sagas that have succeeded, in their order, and the seats that it had before all of
  // them, after the first, ...; so there is one more of these.
  std::vector<std::string> chain;
  std::vector<std::vector<std::string>> versions;
  std::vector<std::string> failed;  // the others

  // As it was shown first, with the seats that it was created with.
  Shown original;
  const Shown& what() const { return original; }
  bool hold() const { return what().hold; }
  // It stays CONFIRMED at least until then.
  Moment undone() const { return std::min(compensated, withdrawn); }
  // Whether it was created with this seat.
  bool HasSeat(const Seat& seat) const;
  // Whether it may ever have held it: it was created with it, or an exchange asked for it.
  bool MayHaveSeat(const Seat& seat) const;
  // When it held this seat for certain. Nullopt: at no time.
  struct Span {
    Moment from = kNever;
    Moment until = 0;
  };
  std::optional<Span> Held(const Seat& seat) const;
  std::map<std::string, Span> seat_spans;  // of seats that were taken or given back by changes
};

class Facts {
 public:
  explicit Facts(const History& history);

  const Hall* FindHall(const std::string& event) const;
  bool Exists(const Seat& seat) const;
  // Nullopt if the hall or a seat does not exist.
  std::optional<int64_t> PriceOf(const Shown& shown) const;
  // Whether one of its sagas waits for a person.
  bool IsParked(const std::string& reservation_id) const;
  const ChangeSaga& SagaOf(const std::string& saga) const { return history_.end.changes.at(saga); }
  // What its new seats cost more than those that it gives back. Nullopt if one does not exist.
  std::optional<int64_t> DifferenceOf(const std::string& event, const Swap& swap) const;
  // Of which of its story's versions it shows the seats; nullopt if of none.
  std::optional<size_t> VersionOf(const Shown& shown) const;
  // The same with the seats that it was created with.
  Shown AsCreated(const Shown& shown) const;
  // How many payments sent before may have been made for this hold; or only those with a card that
  // may be treated so: one of which we know nothing may.
  int Payments(const Story& story, Moment before = kNever,
               std::optional<CardRule> rule = std::nullopt) const;
  // Whether a card may be treated so.
  bool MayBe(const std::string& card, CardRule rule) const;
  // Whether this reservation may have been paid for, before then, with a card that is treated so.
  bool MayHaveCard(const Story& story, CardRule rule, Moment before = kNever) const;

  std::map<std::string, const Hall*> halls;
  std::map<std::string, Request> requests;          // by request id
  std::map<std::string, Story> stories;             // by reservation id
  std::map<Seat, std::set<std::string>> wanted_by;  // existing seat → reservations
  std::map<std::string, When> mentioned;            // reservation id → it was there, first

 private:
  void ReadCreations();
  void ReadLooks();
  void ReadWishes();
  void ReadChanges();
  void ReadRefusal(const Wish& wish, Story& story);
  void ReadChains();
  void ReadHolders();
  void ReadInterventions();
  void ReadEnd();
  void Mention(const std::string& reservation_id, const When& when);
  void Show(const Shown& shown, const When& when);
  void Conclude(const std::string& id, Story& story);
  void ConcludeSeats(const std::string& id, Story& story);
  void ConcludeSpans(Story& story);
  Moment FirstAsked(const Story& story, const Swap& swap) const;

  const History& history_;
  std::map<std::string, std::vector<std::string>> chains_;  // by reservation id
};

}  // namespace seatsaga::simulation
