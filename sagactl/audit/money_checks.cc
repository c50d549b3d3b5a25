#include <algorithm>
#include <map>
#include <vector>

#include "common/text.h"
#include "sagactl/audit/checks.h"
#include "sagactl/format.h"

// That charges and confirmed reservations belong together, and what a cancellation leaves us (I2,
// I3), and that money is conserved (I7).
namespace seatsaga::cli::audit {
namespace {

namespace pv1 = payment::v1;
namespace rv1 = reservation::v1;

std::string Text(const Amount& amount) { return HumanMoney(amount.minor, amount.currency); }

std::string StateOf(const ReservationRow* reservation) {
  return reservation == nullptr ? "unknown to reservation_svc" : NameOf(reservation->state);
}

// What is captured and not refunded. Nothing yet, or not certain, of a payment that is unsettled.
Amount KeptOf(const PaymentRow& payment) {
  const bool captured = payment.state == pv1::PAYMENT_STATE_CAPTURED ||
                        payment.state == pv1::PAYMENT_STATE_PARTIALLY_REFUNDED ||
                        payment.state == pv1::PAYMENT_STATE_REFUNDED;
  return {captured ? payment.amount.minor - payment.refunded_minor : 0, payment.amount.currency};
}

// What is kept of several payments, by currency.
using Sums = std::map<std::string, int64_t>;

std::string Text(const Sums& sums) {
  std::string text;
  for (const auto& [currency, minor] : sums) {
    Append(text, text.empty() ? "" : " and ", HumanMoney(minor, currency));
  }
  return text.empty() ? "nothing" : text;
}

Sums KeptOf(const Case& one) {
  Sums kept;
  for (const auto* payment : one.own_payments) {
    const Amount amount = KeptOf(payment->second);
    if (amount.minor != 0) kept[amount.currency] += amount.minor;
  }
  return kept;
}

// What the reservation says of its payments.
std::vector<PaidRow> PaidOf(const Id& id, const ReservationRow& reservation) {
  if (!reservation.payments.empty()) return reservation.payments;
  return {{.id = id, .amount = reservation.price}};
}

// What the reservation says that we keep: of a cancellation after the confirmation, less what it
// pays back.
Sums DueOf(const Id& id, const ReservationRow& reservation) {
  Sums due;
  for (const PaidRow& paid : PaidOf(id, reservation)) {
    due[paid.amount.currency] += paid.amount.minor - paid.refunded_minor;
  }
  if (reservation.refund.has_value())
    due[reservation.refund->currency] -= reservation.refund->minor;
  std::erase_if(due, [](const auto& sum) { return sum.second == 0; });
  return due;
}

bool IsUnsettled(const PaymentRow& payment) {
  return payment.state == pv1::PAYMENT_STATE_PENDING ||
         payment.state == pv1::PAYMENT_STATE_REFUNDING;
}

// "the payment <id>", or "the payment" if it is the reservation's first.
std::string Named(std::string_view article, const Id& payment_id, const Id& reservation_id) {
  return payment_id == reservation_id ? Cat(article, " payment")
                                      : Cat(article, " payment ", payment_id.ToString());
}

// A payment that no saga works on must not be left unsettled. Whether one is.
bool CheckUnsettled(const Id& id, const Case& one, AuditFindings& out) {
  bool found = false;
  for (const auto* payment : one.own_payments) {
    if (!IsUnsettled(payment->second)) continue;
    found = true;
    out.findings.push_back(
        About(FindingKind::kPaymentUnsettled, id,
              Cat(Named("the", payment->first, id), " of ", Text(payment->second.amount),
                  " is still ", NameOf(payment->second.state), " but no saga works on it")));
  }
  return found;
}

void CheckNothingKept(const Id& id, const Case& one, AuditFindings& out) {
  const Sums kept = KeptOf(one);
  if (kept.empty()) return;
  out.findings.push_back(
      About(FindingKind::kChargeWithoutReservation, id,
            Cat(Text(kept), " is captured but the reservation is ", StateOf(one.reservation))));
}

void CheckRefund(const Id& id, const Case& one, AuditFindings& out) {
  const ReservationRow& reservation = *one.reservation;
  const Sums due = DueOf(id, reservation);
  const Sums kept = KeptOf(one);
  if (kept == due && reservation.refund->currency == reservation.price.currency) return;
  out.findings.push_back(About(
      FindingKind::kRefundMismatch, id,
      Cat("CANCELLED for a refund of ", Text(*reservation.refund), " of ", Text(reservation.price),
          ", which leaves ", Text(due), ", but ", Text(kept), " of what was charged is kept")));
}

// Without a confirmed reservation, nothing must be left to us but what a cancellation leaves.
void CheckUnconfirmed(const Id& id, const Case& one, AuditFindings& out) {
  if (CheckUnsettled(id, one, out)) return;
  if (one.is(rv1::RESERVATION_STATE_CANCELLED) && one.reservation->refund.has_value()) {
    CheckRefund(id, one, out);
  } else {
    CheckNothingKept(id, one, out);
  }
}

// One payment that a confirmed reservation says to have.
void CheckPaid(const Id& id, const Case& one, const PaidRow& paid, AuditFindings& out) {
  const PaymentRow* payment = one.FindPayment(paid.id);
  const std::string confirmed = Cat("CONFIRMED for ", Text(one.reservation->price));
  if (payment == nullptr) {
    if (paid.amount.minor == 0) return;  // there was nothing to charge
    out.findings.push_back(
        About(FindingKind::kConfirmedWithoutCharge, id,
              Cat(confirmed, " without ", Named("its", paid.id, id), " of ", Text(paid.amount))));
    return;
  }
  const Amount kept = KeptOf(*payment);
  const Amount due{paid.amount.minor - paid.refunded_minor, paid.amount.currency};
  if (kept == due && payment->amount == paid.amount) return;
  if (kept.minor == 0 && payment->state != pv1::PAYMENT_STATE_CAPTURED) {
    out.findings.push_back(About(FindingKind::kConfirmedWithoutCharge, id,
                                 Cat(confirmed, " but ", Named("its", paid.id, id), " of ",
                                     Text(paid.amount), " is ", NameOf(payment->state))));
    return;
  }
  const bool refund = payment->amount == paid.amount;
  out.findings.push_back(About(
      refund ? FindingKind::kRefundMismatch : FindingKind::kPriceMismatch, id,
      refund ? Cat(confirmed, " but of ", Named("its", paid.id, id), " of ", Text(paid.amount), " ",
                   HumanMoney(payment->refunded_minor, paid.amount.currency),
                   " was paid back, not ", HumanMoney(paid.refunded_minor, paid.amount.currency))
             : Cat(confirmed, " but of ", Named("its", paid.id, id), " of ", Text(paid.amount), " ",
                   Text(payment->amount), " is captured")));
}

void CheckConfirmed(const Id& id, const Case& one, AuditFindings& out) {
  const std::vector<PaidRow> paid = PaidOf(id, *one.reservation);
  for (const PaidRow& each : paid) CheckPaid(id, one, each, out);
  // A change that did not succeed may have left a payment, but no money.
  for (const auto* payment : one.own_payments) {
    const bool named =
        std::ranges::any_of(paid, [&](const PaidRow& each) { return each.id == payment->first; });
    if (named) continue;
    const Amount kept = KeptOf(payment->second);
    if (IsUnsettled(payment->second)) {
      out.findings.push_back(
          About(FindingKind::kPaymentUnsettled, id,
                Cat(Named("the", payment->first, id), " of ", Text(payment->second.amount),
                    " is still ", NameOf(payment->second.state), " but no saga works on it")));
    } else if (kept.minor != 0) {
      out.findings.push_back(About(FindingKind::kChargeWithoutReservation, id,
                                   Cat(Text(kept), " of ", Named("the", payment->first, id),
                                       " is captured, which the reservation does not name")));
    }
  }
}

// From the least to the most that the parts of one currency can add up to.
struct Range {
  int64_t least = 0;
  int64_t most = 0;
  bool Holds(int64_t value) const { return value >= least && value <= most; }
};

std::string Text(const Range& range, const std::string& currency) {
  if (range.least == range.most) return HumanMoney(range.least, currency);
  return Cat(HumanMoney(range.least, currency), " to ", HumanMoney(range.most, currency));
}

using Ranges = std::map<std::string, Range>;

// What a payment adds to the ledger. A payment that is being refunded may still be in it, may have
// left it, or may never have been in it.
void AddPayment(const PaymentRow& payment, Ranges& ranges) {
  Range& range = ranges[payment.amount.currency];
  const bool refunding = payment.state == pv1::PAYMENT_STATE_REFUNDING;
  const Amount kept = KeptOf(payment);
  range.least += kept.minor;
  range.most += refunding ? payment.amount.minor : kept.minor;
}

void AddSums(const Sums& sums, Ranges& ranges) {
  for (const auto& [currency, minor] : sums) {
    ranges[currency].least += minor;
    ranges[currency].most += minor;
  }
}

// What every confirmed reservation says to have paid and every cancellation leaves us, whatever
// their payments say, and the payments of those that are in flight or parked.
Ranges ByReservations(const Index& index) {
  Ranges ranges;
  for (const auto& [id, one] : index.cases()) {
    if (one.stage() != Stage::kSettled) {
      for (const auto* payment : one.own_payments) AddPayment(payment->second, ranges);
    } else if (one.stands() ||
               (one.is(rv1::RESERVATION_STATE_CANCELLED) && one.reservation->refund.has_value())) {
      AddSums(DueOf(id, *one.reservation), ranges);
    }
  }
  return ranges;
}

Ranges ByPayments(const Index& index) {
  Ranges ranges;
  // any order: they are added up
  for (const auto& [id, payment] : index.snapshot().payments) AddPayment(payment, ranges);
  return ranges;
}

std::map<std::string, int64_t> NetCaptured(const Ledger& ledger) {
  const auto provider = ledger.find("provider");
  return provider == ledger.end() ? std::map<std::string, int64_t>() : provider->second;
}

void CheckBalance(const Ledger& ledger, AuditFindings& out) {
  std::map<std::string, int64_t> sums;
  std::map<std::string, std::string> parts;
  for (const auto& [account, balances] : ledger) {
    for (const auto& [currency, balance] : balances) {
      sums[currency] += balance;
      Append(parts[currency], parts[currency].empty() ? "" : ", ", account, " ",
             HumanMoney(balance, currency));
    }
  }
  for (const auto& [currency, sum] : sums) {
    if (sum == 0) continue;
    out.findings.push_back({.kind = FindingKind::kLedgerUnbalanced,
                            .subject = Cat("ledger ", currency),
                            .evidence = Cat("the accounts sum to ", HumanMoney(sum, currency),
                                            ", not 0: ", parts[currency])});
  }
}

void Compare(FindingKind kind, std::string_view other, const std::map<std::string, int64_t>& net,
             Ranges ranges, AuditFindings& out) {
  for (const auto& [currency, value] : net)
    ranges[currency];  // also the currencies that only the ledger has
  for (const auto& [currency, range] : ranges) {
    const auto found = net.find(currency);
    const int64_t value = found == net.end() ? 0 : found->second;
    if (range.Holds(value)) continue;
    out.findings.push_back({.kind = kind,
                            .subject = Cat("ledger ", currency),
                            .evidence = Cat("the ledger holds ", HumanMoney(value, currency),
                                            " captured and not refunded; ", other, " come to ",
                                            Text(range, currency))});
  }
}

}  // namespace

void CheckCharges(const Index& index, AuditFindings& out) {
  for (const auto& [id, one] : index.cases()) {
    if (one.stage() == Stage::kSettled) {
      one.stands() ? CheckConfirmed(id, one, out) : CheckUnconfirmed(id, one, out);
    } else if (one.is(rv1::RESERVATION_STATE_HELD)) {
      CheckNothingKept(id, one, out);  // a client that has paid is no longer HELD
    }
  }
}

void CheckLedger(const Index& index, AuditFindings& out) {
  const Snapshot& snapshot = index.snapshot();
  CheckBalance(snapshot.ledger_after, out);
  out.counts.net_captured = NetCaptured(snapshot.ledger_after);
  if (snapshot.ledger_before != snapshot.ledger_after) {
    out.notes.push_back(
        "money moved while the audit read it, so sums were not compared; run it again, or with "
        "--quiescent when nothing is in flight");
    return;
  }
  Compare(FindingKind::kLedgerDiffersFromPayments, "the payments", out.counts.net_captured,
          ByPayments(index), out);
  Compare(FindingKind::kMoneyNotConserved,
          "confirmed reservations, with what cancellations keep and those in flight or parked,",
          out.counts.net_captured, ByReservations(index), out);
}

}  // namespace seatsaga::cli::audit
