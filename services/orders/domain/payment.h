// Payment: one tender of an order, as its provider tells of it; and the intents, what providers are
// to be asked to do. Minor units of one ISO 4217 currency.
#ifndef QUARTERMASTER_SERVICES_ORDERS_DOMAIN_PAYMENT_H_
#define QUARTERMASTER_SERVICES_ORDERS_DOMAIN_PAYMENT_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/base/time.h"
#include "services/orders/domain/types.h"

namespace quartermaster::orders {

// The values are those of orders.v1.PaymentFact.Kind.
enum class PaymentFactKind : uint8_t {
  kAuthorised = 1,
  kCaptured = 2,
  kVoided = 3,
  kRefunded = 4,
  kFailed = 5,
};

// The values are those of orders.v1.Payment.State.
enum class PaymentState : uint8_t {
  kAuthorised = 1,
  kCaptured = 2,
  kVoided = 3,
  kRefunded = 4,
  kFailed = 5,
};

// No amount is ever negative.
struct Payment {
  int number = 0;  // from 1; its index in Payments::tenders is one less
  // The provider's reference, unique within the order.
  std::string payment_ref;
  std::string method;
  PaymentState state = PaymentState::kAuthorised;
  int64_t authorised = 0;
  // May be more than was authorised: it is a fact.
  int64_t captured = 0;
  // Of the authorised.
  int64_t voided = 0;
  int64_t refunded = 0;
  // Of the captured: told in contradiction to what was known.
  int64_t disputed = 0;
  // Who hands the goods over collects it: nothing of it is captured or voided by an intent.
  bool on_the_spot = false;
  // The provider refused to capture: what is left of it counts for nothing.
  bool lapsed = false;
  Instant created_at;

  // Authorised, and neither captured nor given up.
  int64_t left() const { return std::max<int64_t>(0, authorised - captured - voided); }
  int64_t capturable() const { return lapsed ? 0 : left(); }
  // Negative if more was refunded than had been told of as captured.
  int64_t collected() const { return captured - refunded; }
  // What intents may refund of it.
  int64_t refundable() const { return std::max<int64_t>(0, captured - disputed - refunded); }
  friend bool operator==(const Payment&, const Payment&) = default;
};

// A fact that was told, to know it again.
struct PaymentEntry {
  int payment = 0;
  std::string event_ref;
  PaymentFactKind kind = PaymentFactKind::kAuthorised;
  int64_t amount = 0;
  friend bool operator==(const PaymentEntry&, const PaymentEntry&) = default;
};

// The values are those of orders.v1.PaymentIntent.Kind.
enum class PaymentIntentKind : uint8_t { kCapture = 1, kVoid = 2, kRefund = 3, kCollect = 4 };

// The values are those of orders.v1.PaymentIntent.State.
enum class PaymentIntentState : uint8_t { kOpen = 1, kDone = 2, kFailed = 3, kWithdrawn = 4 };

struct PaymentIntent {
  int number = 0;  // from 1; its index in Payments::intents is one less
  PaymentIntentKind kind = PaymentIntentKind::kCapture;
  int payment = 0;  // 0 for kCollect
  int64_t amount = 0;
  PaymentIntentState state = PaymentIntentState::kOpen;
  Instant created_at;
  Position position = 0;
  friend bool operator==(const PaymentIntent&, const PaymentIntent&) = default;
};

// Of an order. Whoever tells more is refused.
inline constexpr size_t kPaymentFactsMax = 1'000;

struct Payments {
  // Of the first fact that has one; that of the order's amounts, if it has some.
  std::string currency_code;
  std::vector<Payment> tenders;
  std::vector<PaymentEntry> entries;
  std::vector<PaymentIntent> intents;

  // Null if nothing was told of it.
  const Payment* Find(std::string_view payment_ref) const;
  // Over all tenders.
  int64_t Collected() const;
  // What intents of the kind that are open ask; of the tender, unless it is 0.
  int64_t Asked(PaymentIntentKind kind, int payment = 0) const;
  // These, and those that were refused: nobody is asked for the same again.
  int64_t AskedOrRefused(PaymentIntentKind kind, int payment = 0) const;
  friend bool operator==(const Payments&, const Payments&) = default;
};

// Whether a fact of the kind is an answer to an intent of the other.
bool Answers(PaymentFactKind fact, PaymentIntentKind intent);

// As the API spells them: "CAPTURED". Empty for a number that is no value.
std::string_view NameOf(PaymentFactKind kind);
std::string_view NameOf(PaymentState state);
std::string_view NameOf(PaymentIntentKind kind);
std::string_view NameOf(PaymentIntentState state);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_PAYMENT_H_
