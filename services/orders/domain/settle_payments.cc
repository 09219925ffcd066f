#include "services/orders/domain/settle_payments.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

#include "services/orders/domain/decide_holds.h"
#include "services/orders/domain/open_exceptions.h"

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

// Collected by who hands the goods over.
bool IsOnTheSpot(const Payment& tender, const Dues& dues) {
  return tender.on_the_spot || !dues.any_ours;
}

// What is to be paid before it leaves is authorised or collected. If nothing of the order is ever
// paid ahead, a hold keeps it back until all of it is paid.
bool IsCovered(const Order& order, const Dues& dues) {
  if (!dues.open) return false;
  int64_t ours = 0;
  int64_t all = 0;
  int64_t collected = 0;
  for (const Payment& tender : order.payments.tenders) {
    const int64_t secured = tender.capturable() + std::max<int64_t>(0, tender.collected());
    if (!IsOnTheSpot(tender, dues)) ours += secured;
    all += secured;
    collected += tender.collected();
  }
  if (!order.amounts.has_value()) return all > 0;
  if (dues.any_ahead) return ours >= dues.ahead.all;
  return collected >= dues.ours.all + dues.on_the_spot.all;
}

// Gathers the intents of an order.
class Settler {
 public:
  Settler(const State& state, const Order& order)
      : state_(state), order_(order), payments_(order.payments), dues_(DuesOf(order)) {}

  std::vector<Event> Run() {
    if (order_.amounts.has_value()) {
      Refund(/*on_the_spot=*/true, SumOf(true, &Payment::refundable) - dues_.on_the_spot.all -
                                       AskedOrRefused(PaymentIntentKind::kRefund, true));
      Refund(/*on_the_spot=*/false, OwedOfOurs());
      Collect();
      if (!dues_.open) Void();
    } else if (!dues_.open && !dues_.some_left) {
      for (const bool on_the_spot : {true, false}) {
        Refund(on_the_spot, SumOf(on_the_spot, &Payment::refundable) -
                                AskedOrRefused(PaymentIntentKind::kRefund, on_the_spot));
      }
      Void();
    }
    return std::move(events_);
  }

 private:
  // Over the tenders that are so; `what`: of one.
  template <typename What>
  int64_t SumOf(bool on_the_spot, What what) const {
    int64_t sum = 0;
    for (const Payment& tender : payments_.tenders) {
      if (IsOnTheSpot(tender, dues_) == on_the_spot) sum += std::invoke(what, tender);
    }
    return sum;
  }
  int64_t AskedOrRefused(PaymentIntentKind kind, bool on_the_spot) const {
    return SumOf(on_the_spot, [this, kind](const Payment& tender) {
      return payments_.AskedOrRefused(kind, tender.number);
    });
  }
  void Intend(PaymentIntentKind kind, int payment, int64_t amount) {
    events_.emplace_back(
        PaymentIntended{.order_id = order_.order_id,
                        .intent = static_cast<int>(payments_.intents.size()) + ++intended_,
                        .kind = kind,
                        .payment = payment,
                        .amount = amount});
  }
  // What can be captured of it, and nobody is asked to.
  int64_t Capturable(const Payment& tender) const {
    return tender.capturable() - payments_.Asked(PaymentIntentKind::kCapture, tender.number) -
           payments_.AskedOrRefused(PaymentIntentKind::kVoid, tender.number);
  }
  int64_t Pending() const { return payments_.Asked(PaymentIntentKind::kCapture); }

  // What is collected beyond what the order comes to; or what came back and is not needed for
  // goods that are still open, as far as authorisations cover these.
  int64_t OwedOfOurs() const {
    const int64_t asked = AskedOrRefused(PaymentIntentKind::kRefund, false);
    const int64_t there = SumOf(false, &Payment::refundable) - asked;
    const int64_t covered = SumOf(
        false, [this](const Payment& tender) { return std::max<int64_t>(0, Capturable(tender)); });
    const int64_t beyond = there - dues_.ours.all;
    const int64_t spare = there - std::max<int64_t>(0, dues_.ours.kept() - Pending()) -
                          std::max<int64_t>(0, dues_.ours.open() - covered);
    const int64_t came_back = dues_.ours.returned - SumOf(false, &Payment::refunded) - asked;
    return std::max(beyond, std::min(spare, came_back));
  }

  // The tender that came last first: a voucher that began stays spent longest.
  void Refund(bool on_the_spot, int64_t owed) {
    for (auto tender = payments_.tenders.rbegin(); tender != payments_.tenders.rend(); ++tender) {
      if (IsOnTheSpot(*tender, dues_) != on_the_spot) continue;
      const int64_t there = tender->refundable() -
                            payments_.AskedOrRefused(PaymentIntentKind::kRefund, tender->number);
      const int64_t part = std::min(owed, there);
      if (part <= 0) continue;
      Intend(PaymentIntentKind::kRefund, tender->number, part);
      owed -= part;
      if (!on_the_spot) refunds_ += part;
    }
  }

  // What intents have given back, or are to.
  int64_t RefundsIntended() const {
    int64_t sum = refunds_;
    for (const PaymentIntent& intent : payments_.intents) {
      if (intent.kind != PaymentIntentKind::kRefund ||
          intent.state == PaymentIntentState::kWithdrawn) {
        continue;
      }
      const Payment& tender = payments_.tenders[static_cast<size_t>(intent.payment) - 1];
      if (!IsOnTheSpot(tender, dues_)) sum += intent.amount;
    }
    return sum;
  }

  // What has left: from what is authorised, and what that does not cover from the customer. What
  // nobody intended to refund is nobody's debt; what was given back of what was cancelled, and has
  // left all the same, is due again.
  void Collect() {
    const int64_t not_given_back =
        std::max<int64_t>(0, dues_.ours.returned - SumOf(false, &Payment::refunded) -
                                 AskedOrRefused(PaymentIntentKind::kRefund, false) - refunds_);
    const int64_t given_back_otherwise =
        std::max<int64_t>(0, RefundsIntended() - dues_.ours.returned);
    int64_t due = dues_.ours.gone - not_given_back + given_back_otherwise -
                  SumOf(false, &Payment::captured) - Pending();
    for (const Payment& tender : payments_.tenders) {
      if (IsOnTheSpot(tender, dues_)) continue;
      const int64_t part = std::min(due, Capturable(tender));
      if (part <= 0) continue;
      Intend(PaymentIntentKind::kCapture, tender.number, part);
      captures_ = true;
      due -= part;
    }
    AskFor(std::max<int64_t>(0, due));
  }

  void AskFor(int64_t wanted) {
    int64_t asked = payments_.AskedOrRefused(PaymentIntentKind::kCollect);
    for (auto intent = payments_.intents.rbegin(); intent != payments_.intents.rend(); ++intent) {
      if (asked <= wanted) break;
      const bool counts = intent->kind == PaymentIntentKind::kCollect &&
                          (intent->state == PaymentIntentState::kOpen ||
                           intent->state == PaymentIntentState::kFailed);
      if (!counts) continue;
      events_.emplace_back(
          PaymentIntentWithdrawn{.order_id = order_.order_id, .intent = intent->number});
      asked -= intent->amount;
    }
    if (asked >= wanted) return;
    Intend(PaymentIntentKind::kCollect, 0, wanted - asked);
    if (dues_.ahead.kept() > 0) RaiseShort();
  }

  // More has left that was to be paid ahead than was.
  void RaiseShort() {
    const bool open = HasOpenException(state_, order_, [](const ExceptionItem& item) {
      return item.kind == ExceptionKind::kPaymentShort;
    });
    if (open) return;
    events_.emplace_back(ExceptionRaised{.kind = ExceptionKind::kPaymentShort,
                                         .order_id = order_.order_id,
                                         .suggested_action = "COLLECT_OR_RECALL"});
  }

  // Where a capture is still refused, another tender is needed.
  void Void() {
    if (captures_ || Pending() > 0) return;
    for (const Payment& tender : payments_.tenders) {
      if (order_.amounts.has_value() && IsOnTheSpot(tender, dues_)) continue;
      const int64_t rest = Capturable(tender);
      if (rest > 0) Intend(PaymentIntentKind::kVoid, tender.number, rest);
    }
  }

  const State& state_;
  const Order& order_;
  const Payments& payments_;
  const Dues dues_;
  int intended_ = 0;
  // Of these, what is ours is refunded, and something is captured.
  int64_t refunds_ = 0;
  bool captures_ = false;
  std::vector<Event> events_;
};

void Add(const LineSums& sums, Worth& worth) {
  worth.all += sums.total - sums.cancelled - sums.refund;
  worth.gone += sums.fulfilled;
  worth.returned += sums.refund;
}

}  // namespace

Dues DuesOf(const Order& order) {
  Dues dues;
  for (const OrderLine& line : order.lines) {
    dues.open = dues.open || line.open().IsPositive();
    dues.some_left = dues.some_left || line.fulfilled.IsPositive();
    const LineSums sums = SumsOf(order, line);
    switch (CollectorOf(order, order.groups[line.group])) {
      case Collector::kWe:
        dues.any_ours = dues.any_ahead = true;
        Add(sums, dues.ours);
        Add(sums, dues.ahead);
        break;
      case Collector::kInvoice:
        dues.any_ours = true;
        Add(sums, dues.ours);
        break;
      case Collector::kOnTheSpot:
        Add(sums, dues.on_the_spot);
        break;
    }
  }
  return dues;
}

std::vector<Event> SettlePayments(const State& state, const Order& order) {
  // What ends a hold may let units leave at once; what is due then follows behind it.
  std::vector<Event> released =
      EndPaymentHolds(order, [&order] { return IsCovered(order, DuesOf(order)); });
  if (!released.empty()) return released;
  if (!IsPaidHere(order)) return {};
  return Settler(state, order).Run();
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
      const std::vector<Event> more = SettlePayments(state, *order);
      if (more.empty()) break;
      log(more);
    }
  }
}

}  // namespace quartermaster::orders
