#include "services/orders/domain/settle_payments.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "services/orders/domain/decide_holds.h"

namespace quartermaster::orders {

namespace {

enum class Collector : uint8_t { kWe, kInvoice, kOnTheSpot };

Collector CollectorOf(const Order& order, const Group& group) {
  if (order.origin == Origin::kSale) return Collector::kOnTheSpot;
  switch (group.payment_term) {
    case PaymentTerm::kNone:
    case PaymentTerm::kAuthorised:
    case PaymentTerm::kAsynchronous:
      return Collector::kWe;
    case PaymentTerm::kInvoice:
      return Collector::kInvoice;
    case PaymentTerm::kOnDelivery:
    case PaymentTerm::kAtPickup:
      return Collector::kOnTheSpot;
  }
  return Collector::kWe;
}

// Without payments, only what is to be invoiced concerns anybody.
bool IsPaidHere(const Order& order) {
  if (!order.payments.tenders.empty()) return true;
  return order.amounts.has_value() &&
         std::any_of(order.groups.begin(), order.groups.end(), [&order](const Group& group) {
           return CollectorOf(order, group) == Collector::kInvoice;
         });
}

// What is to be paid before it leaves is authorised or collected, or nothing is to be paid. If a
// hold keeps back what is paid for otherwise, all of it.
bool IsCovered(const Order& order, const Dues& dues) {
  int64_t secured = 0;
  for (const Payment& tender : order.payments.tenders) {
    secured += tender.capturable() + tender.collected();
  }
  if (!order.amounts.has_value()) return secured > 0;
  return secured >= (dues.ahead > 0 ? dues.ahead : dues.worth);
}

// Gathers the intents of an order.
class Settler {
 public:
  explicit Settler(const Order& order)
      : order_(order), payments_(order.payments), dues_(DuesOf(order)) {}

  std::vector<Event> Run() {
    if (order_.amounts.has_value()) {
      Refund(payments_.Collected() - dues_.worth);
      Collect();
      if (!dues_.open) Void();
    } else if (!dues_.open && !dues_.some_left) {
      Refund(payments_.Collected());
      Void();
    }
    return std::move(events_);
  }

 private:
  int64_t Asked(PaymentIntentKind kind, int payment = 0) const {
    return payments_.Asked(kind, payment);
  }
  void Intend(PaymentIntentKind kind, int payment, int64_t amount) {
    events_.emplace_back(
        PaymentIntended{.order_id = order_.order_id,
                        .intent = static_cast<int>(payments_.intents.size()) + ++intended_,
                        .kind = kind,
                        .payment = payment,
                        .amount = amount});
  }
  int64_t Capturable(const Payment& tender) const {
    return tender.capturable() - Asked(PaymentIntentKind::kCapture, tender.number) -
           Asked(PaymentIntentKind::kVoid, tender.number);
  }

  // The tender that came last first: a voucher that began stays spent longest.
  void Refund(int64_t owed) {
    owed -= Asked(PaymentIntentKind::kRefund);
    for (auto tender = payments_.tenders.rbegin(); tender != payments_.tenders.rend(); ++tender) {
      if (tender->unrefundable) continue;
      const int64_t there = tender->collected() - Asked(PaymentIntentKind::kRefund, tender->number);
      const int64_t part = std::min(owed, there);
      if (part <= 0) continue;
      Intend(PaymentIntentKind::kRefund, tender->number, part);
      owed -= part;
    }
  }

  // What has left: from what is authorised, and what that does not cover from the customer.
  void Collect() {
    // What is paid at once is paid on the spot first.
    int64_t ours = 0;
    int64_t at_once = 0;
    for (const Payment& tender : payments_.tenders) {
      (tender.authorised > 0 ? ours : at_once) += tender.collected();
    }
    ours += std::max<int64_t>(0, at_once - dues_.on_the_spot);
    int64_t due = dues_.to_capture + dues_.to_invoice - ours - Asked(PaymentIntentKind::kCapture) +
                  Asked(PaymentIntentKind::kRefund);
    // Refunds that have just been intended have been owed all along.
    for (const Event& event : events_) due += std::get<PaymentIntended>(event).amount;
    for (const Payment& tender : payments_.tenders) {
      const int64_t part = std::min(due, Capturable(tender));
      if (part <= 0) continue;
      Intend(PaymentIntentKind::kCapture, tender.number, part);
      due -= part;
    }
    AskFor(std::max<int64_t>(0, due));
  }

  void AskFor(int64_t wanted) {
    // The customer who did not pay when asked is not asked by us for the same again.
    int64_t asked = 0;
    for (const PaymentIntent& intent : payments_.intents) {
      const bool counts = intent.kind == PaymentIntentKind::kCollect &&
                          (intent.state == PaymentIntentState::kOpen ||
                           intent.state == PaymentIntentState::kFailed);
      if (counts) asked += intent.amount;
    }
    for (auto intent = payments_.intents.rbegin(); intent != payments_.intents.rend(); ++intent) {
      if (asked <= wanted) break;
      if (intent->kind != PaymentIntentKind::kCollect ||
          intent->state != PaymentIntentState::kOpen) {
        continue;
      }
      events_.emplace_back(
          PaymentIntentWithdrawn{.order_id = order_.order_id, .intent = intent->number});
      asked -= intent->amount;
    }
    if (asked >= wanted) return;
    Intend(PaymentIntentKind::kCollect, 0, wanted - asked);
    if (wanted <= dues_.to_invoice) return;
    events_.emplace_back(ExceptionRaised{.kind = ExceptionKind::kPaymentShort,
                                         .order_id = order_.order_id,
                                         .suggested_action = "COLLECT_OR_RECALL"});
  }

  void Void() {
    for (const Payment& tender : payments_.tenders) {
      int64_t needed = 0;
      for (const Event& event : events_) {
        const auto* intended = std::get_if<PaymentIntended>(&event);
        if (intended == nullptr || intended->kind != PaymentIntentKind::kCapture) continue;
        if (intended->payment == tender.number) needed += intended->amount;
      }
      const int64_t rest = Capturable(tender) - needed;
      if (rest > 0) Intend(PaymentIntentKind::kVoid, tender.number, rest);
    }
  }

  const Order& order_;
  const Payments& payments_;
  const Dues dues_;
  int intended_ = 0;
  std::vector<Event> events_;
};

}  // namespace

Dues DuesOf(const Order& order) {
  Dues dues;
  for (const OrderLine& line : order.lines) {
    dues.open = dues.open || line.open().IsPositive();
    dues.some_left = dues.some_left || line.fulfilled.IsPositive();
    if (!order.amounts.has_value()) continue;
    const LineSums sums = SumsOf(order, line);
    const int64_t worth = sums.total - sums.cancelled - sums.refund;
    const int64_t left = sums.fulfilled - sums.refund;
    dues.worth += worth;
    switch (CollectorOf(order, order.groups[line.group])) {
      case Collector::kWe:
        dues.ahead += worth;
        dues.to_capture += left;
        break;
      case Collector::kInvoice:
        dues.to_invoice += left;
        break;
      case Collector::kOnTheSpot:
        dues.on_the_spot += left;
        break;
    }
  }
  return dues;
}

std::vector<Event> SettlePayments(const Order& order) {
  // What ends a hold may let units leave at once; what is due then follows behind it.
  std::vector<Event> released =
      EndPaymentHolds(order, [&order] { return IsCovered(order, DuesOf(order)); });
  if (!released.empty()) return released;
  if (!IsPaidHere(order)) return {};
  return Settler(order).Run();
}

void SettleBehind(const State& state, const std::vector<Event>& events,
                  absl::FunctionRef<void(const std::vector<Event>&)> log) {
  // Points into the events.
  std::string_view settled;
  for (const Event& event : events) {
    const std::string_view order_id = OrderIdOf(event);
    // The events of a command are nearly always about one order.
    if (order_id.empty() || order_id == settled) continue;
    settled = order_id;
    const Order* order = FindOrder(state, order_id);
    while (order != nullptr) {
      const std::vector<Event> more = SettlePayments(*order);
      if (more.empty()) break;
      log(more);
    }
  }
}

}  // namespace quartermaster::orders
