#pragma once

#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
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

using Seat = std::pair<std::string, std::string>;  // event, seat
std::string Text(const Seat& seat);

struct Seen {
  const Shown* shown = nullptr;
  When when;
};

// All that is known of one reservation.
struct Story {
  std::vector<Seen> seen;          // answers in the order of the history; then the last read
  const Shown* at_end = nullptr;   // null: it is lost
  std::optional<When> confirmed;   // seen so, first
  std::optional<When> cancelled;   // seen so, first
  Moment compensated = kNever;     // from then on an operator's compensation may have had effect
  std::optional<When> compensate;  // that was answered with success, first

  std::vector<const Body*> bodies;  // that it may have come from
  Moment first_sent = kNever;       // of those: it was not there before

  // It held all its seats at least from one moment to the other: a reservation gets all of them at
  // once, and gives all of them back at once and for ever.
  Moment held_from = kNever;
  Moment held_until = 0;
  std::optional<When> held;  // seen as a seat's holder, first

  // As it was shown first. Never null: a story is told of what was shown.
  const Shown& what() const { return *seen.front().shown; }
  bool HasSeat(const Seat& seat) const;
};

class Facts {
 public:
  explicit Facts(const History& history);

  const Hall* FindHall(const std::string& event) const;
  bool Exists(const Seat& seat) const;
  // Nullopt if the hall or a seat does not exist.
  std::optional<int64_t> PriceOf(const Shown& shown) const;
  bool IsParked(const std::string& reservation_id) const;
  // Whether the card of this reservation may be one that is treated so: one of which we know
  // nothing may.
  bool MayHaveCard(const Story& story, CardRule rule) const;

  std::map<std::string, const Hall*> halls;
  std::map<std::string, Request> requests;          // by request id
  std::map<std::string, Story> stories;             // by reservation id
  std::map<Seat, std::set<std::string>> wanted_by;  // existing seat → reservations
  std::map<std::string, When> mentioned;            // reservation id → it was there, first

 private:
  void ReadCreations();
  void ReadLooks();
  void ReadHolders();
  void ReadInterventions();
  void ReadEnd();
  void Mention(const std::string& reservation_id, const When& when);
  void Show(const Shown& shown, const When& when);
  void Conclude(const std::string& id, Story& story);

  const History& history_;
};

}  // namespace seatsaga::simulation
