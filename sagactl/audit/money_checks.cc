#include <map>

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

// What a cancellation after the confirmation leaves us.
Amount LeftBy(const ReservationRow& reservation) {
  return {reservation.price.minor - reservation.refund->minor, reservation.price.currency};
}

void CheckNothingKept(const Id& id, const Case& one, AuditFindings& out) {
  const Amount kept = KeptOf(*one.payment);
  if (kept.minor == 0) return;
  out.findings.push_back(
      About(FindingKind::kChargeWithoutReservation, id,
            Cat(Text(kept), " is captured but the reservation is ", StateOf(one.reservation))));
}

void CheckRefund(const Id& id, const Case& one, AuditFindings& out) {
  const Amount left = LeftBy(*one.reservation);
  const Amount kept = one.payment == nullptr ? Amount{0, left.currency} : KeptOf(*one.payment);
  if (kept == left && one.reservation->refund->currency == left.currency) return;
  out.findings.push_back(
      About(FindingKind::kRefundMismatch, id,
            Cat("CANCELLED for a refund of ", Text(*one.reservation->refund), " of ",
                Text(one.reservation->price), ", but ", Text(kept), " of the charge is kept")));
}

// A payment without a confirmed reservation must not be left unsettled, and must leave us nothing
// but what a cancellation does.
void CheckUnconfirmed(const Id& id, const Case& one, AuditFindings& out) {
  if (one.payment != nullptr && (one.payment->state == pv1::PAYMENT_STATE_PENDING ||
                                 one.payment->state == pv1::PAYMENT_STATE_REFUNDING)) {
    out.findings.push_back(About(FindingKind::kPaymentUnsettled, id,
                                 Cat("the payment of ", Text(one.payment->amount), " is still ",
                                     NameOf(one.payment->state), " but no saga works on it")));
  } else if (one.is(rv1::RESERVATION_STATE_CANCELLED) && one.reservation->refund.has_value()) {
    CheckRefund(id, one, out);
  } else if (one.payment != nullptr) {
    CheckNothingKept(id, one, out);
  }
}

void CheckConfirmed(const Id& id, const Case& one, AuditFindings& out) {
  const Amount& price = one.reservation->price;
  if (one.payment == nullptr) {
    if (price.minor == 0) return;  // there was nothing to charge
    out.findings.push_back(About(FindingKind::kConfirmedWithoutCharge, id,
                                 Cat("CONFIRMED for ", Text(price), " without a payment")));
    return;
  }
  if (one.payment->state != pv1::PAYMENT_STATE_CAPTURED) {
    out.findings.push_back(About(
        FindingKind::kConfirmedWithoutCharge, id,
        Cat("CONFIRMED for ", Text(price), " but its payment is ", NameOf(one.payment->state))));
  } else if (one.payment->amount != price) {
    out.findings.push_back(About(
        FindingKind::kPriceMismatch, id,
        Cat("CONFIRMED for ", Text(price), " but ", Text(one.payment->amount), " is captured")));
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

void AddAmount(const Amount& amount, Ranges& ranges) {
  Range& range = ranges[amount.currency];
  range.least += amount.minor;
  range.most += amount.minor;
}

// The price of every confirmed reservation and what every cancellation leaves us, whatever their
// payments say, and the payments of those that are in flight or parked.
Ranges ByReservations(const Index& index) {
  Ranges ranges;
  for (const auto& [id, one] : index.cases()) {
    if (one.stage() != Stage::kSettled) {
      if (one.payment != nullptr) AddPayment(*one.payment, ranges);
    } else if (one.confirmed()) {
      AddAmount(one.reservation->price, ranges);
    } else if (one.is(rv1::RESERVATION_STATE_CANCELLED) && one.reservation->refund.has_value()) {
      AddAmount(LeftBy(*one.reservation), ranges);
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
      one.confirmed() ? CheckConfirmed(id, one, out) : CheckUnconfirmed(id, one, out);
    } else if (one.is(rv1::RESERVATION_STATE_HELD) && one.payment != nullptr) {
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
