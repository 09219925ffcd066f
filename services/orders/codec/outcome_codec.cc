#include "services/orders/codec/outcome_codec.h"

#include <utility>
#include <variant>

#include "quartermaster/common/v1/common.pb.h"
#include "quartermaster/orders/events/v1/events.pb.h"

namespace quartermaster::orders {

namespace {

namespace pb = quartermaster::orders::events::v1;
namespace commonpb = quartermaster::common::v1;

// The reason of an IntentStale, which no caller of the API ever sees.
constexpr int kIntentStaleReason = 1000;
// The state of a ShipmentChanged.
constexpr char kShippedState[] = "SHIPPED";
// The state of a PaymentChanged.
constexpr char kPaymentState[] = "PAYMENT";
// The name of an IllegalTransition whose number says how often the pickup was extended.
constexpr char kExtensions[] = "extensions";

class RejectionWriter {
 public:
  explicit RejectionWriter(pb::Rejection& out) : out_(out) {}

  void operator()(const OrderNotFound& r) { Named(commonpb::ORDER_NOT_FOUND, r.order_id); }
  void operator()(const TaskNotFound& r) { Named(commonpb::TASK_NOT_FOUND, r.task_id); }
  void operator()(const ParcelNotFound& r) { Named(commonpb::PARCEL_NOT_FOUND, r.parcel); }
  void operator()(const ReturnNotFound& r) { Named(commonpb::RETURN_NOT_FOUND, r.return_id); }
  void operator()(const ExceptionNotFound& r) {
    Named(commonpb::EXCEPTION_NOT_FOUND, r.exception_id);
  }
  void operator()(const HoldNotFound& r) { Named(commonpb::HOLD_NOT_FOUND, r.hold_id); }
  void operator()(const OrderOnHold& r) { Named(commonpb::ORDER_ON_HOLD, r.order_id); }
  void operator()(const GroupNotFound& r) { Named(commonpb::GROUP_NOT_FOUND, r.group_id); }
  void operator()(const SubjectGone& r) { Named(commonpb::SUBJECT_NOT_FOUND, r.order_id); }
  void operator()(const LineNotFound& r) { Named(commonpb::LINE_NOT_FOUND, r.line_id); }
  void operator()(const QuantityExceedsOpen& r) {
    Named(commonpb::QUANTITY_EXCEEDS_OPEN, r.line_id);
    out_.set_asked(r.asked.units());
    out_.set_open(r.open.units());
  }
  void operator()(const QuantityExceedsSold& r) {
    Named(commonpb::QUANTITY_EXCEEDS_SOLD, r.line_id);
    out_.set_asked(r.asked.units());
    out_.set_open(r.open.units());
  }
  void operator()(const IllegalTransition& r) {
    out_.set_reason(commonpb::ILLEGAL_TRANSITION);
    out_.set_state(r.state);
    for (const std::string& method : r.allowed) out_.add_allowed(method);
    if (!r.extensions.has_value()) return;
    out_.set_name(kExtensions);
    out_.set_number(*r.extensions);
  }
  void operator()(const PickupCodeWrong& r) { Number(commonpb::PICKUP_CODE_WRONG, r.tries_left); }
  void operator()(const PickupCodeLocked& r) {
    Number(commonpb::PICKUP_CODE_LOCKED, r.until.unix_us);
  }
  void operator()(const ExternalIdReused& r) { Named(commonpb::EXTERNAL_ID_REUSED, r.order_id); }
  void operator()(const RequestIdReused& r) { Named(commonpb::REQUEST_ID_REUSED, r.order_id); }
  void operator()(const SaleKeyReused& r) { Named(commonpb::EFFECT_KEY_REUSED, r.order_id); }
  // The state tells it, as that of a PaymentChanged, from a SaleKeyReused, which has none.
  void operator()(const ShipmentChanged& r) {
    Named(commonpb::EFFECT_KEY_REUSED, r.task_id);
    out_.set_state(kShippedState);
  }
  void operator()(const HoldTooShort& r) { Number(commonpb::HOLD_TOO_SHORT, r.left.count); }
  void operator()(const EtagMismatch& r) { Named(commonpb::ETAG_MISMATCH, r.current); }
  void operator()(const ItemNotReturnable& r) { Named(commonpb::ITEM_NOT_ELIGIBLE, r.line_id); }
  void operator()(const PaymentIntentNotFound& r) {
    Named(commonpb::INTENT_NOT_FOUND, r.intent_id);
  }
  void operator()(const PaymentChanged& r) {
    Named(commonpb::EFFECT_KEY_REUSED, r.event_ref);
    out_.set_state(kPaymentState);
  }
  void operator()(const CurrencyMismatch& r) {
    Named(commonpb::CURRENCY_MISMATCH, r.currency_code);
  }
  void operator()(const TooManyPayments&) { out_.set_reason(commonpb::TOO_MANY_PAYMENTS); }
  void operator()(const TooLarge&) { out_.set_reason(commonpb::REQUEST_TOO_LARGE); }
  void operator()(const IntentStale&) { out_.set_reason(kIntentStaleReason); }

 private:
  void Named(int reason, const std::string& name) {
    out_.set_reason(reason);
    out_.set_name(name);
  }
  void Number(int reason, int64_t number) {
    out_.set_reason(reason);
    out_.set_number(number);
  }

  pb::Rejection& out_;
};

std::optional<Rejection> ReadRejection(const pb::Rejection& message) {
  switch (message.reason()) {
    case commonpb::ORDER_NOT_FOUND:
      return OrderNotFound{message.name()};
    case commonpb::TASK_NOT_FOUND:
      return TaskNotFound{message.name()};
    case commonpb::PARCEL_NOT_FOUND:
      return ParcelNotFound{message.name()};
    case commonpb::RETURN_NOT_FOUND:
      return ReturnNotFound{message.name()};
    case commonpb::EXCEPTION_NOT_FOUND:
      return ExceptionNotFound{message.name()};
    case commonpb::HOLD_NOT_FOUND:
      return HoldNotFound{message.name()};
    case commonpb::ORDER_ON_HOLD:
      return OrderOnHold{message.name()};
    case commonpb::GROUP_NOT_FOUND:
      return GroupNotFound{message.name()};
    case commonpb::SUBJECT_NOT_FOUND:
      return SubjectGone{message.name()};
    case commonpb::LINE_NOT_FOUND:
      return LineNotFound{message.name()};
    case commonpb::QUANTITY_EXCEEDS_OPEN:
      return QuantityExceedsOpen{message.name(), Quantity(message.asked()),
                                 Quantity(message.open())};
    case commonpb::QUANTITY_EXCEEDS_SOLD:
      return QuantityExceedsSold{message.name(), Quantity(message.asked()),
                                 Quantity(message.open())};
    case commonpb::ILLEGAL_TRANSITION: {
      IllegalTransition illegal{message.state(),
                                {message.allowed().begin(), message.allowed().end()}};
      if (message.name() == kExtensions) illegal.extensions = static_cast<int>(message.number());
      return illegal;
    }
    case commonpb::PICKUP_CODE_WRONG:
      return PickupCodeWrong{static_cast<int>(message.number())};
    case commonpb::PICKUP_CODE_LOCKED:
      return PickupCodeLocked{Instant{message.number()}};
    case commonpb::EXTERNAL_ID_REUSED:
      return ExternalIdReused{message.name()};
    case commonpb::REQUEST_ID_REUSED:
      return RequestIdReused{message.name()};
    case commonpb::EFFECT_KEY_REUSED:
      if (message.state() == kShippedState) return ShipmentChanged{message.name()};
      if (message.state() == kPaymentState) return PaymentChanged{message.name()};
      return SaleKeyReused{message.name()};
    case commonpb::HOLD_TOO_SHORT:
      return HoldTooShort{Micros{message.number()}};
    case commonpb::ETAG_MISMATCH:
      return EtagMismatch{message.name()};
    case commonpb::ITEM_NOT_ELIGIBLE:
      return ItemNotReturnable{message.name()};
    case commonpb::INTENT_NOT_FOUND:
      return PaymentIntentNotFound{message.name()};
    case commonpb::CURRENCY_MISMATCH:
      return CurrencyMismatch{message.name()};
    case commonpb::TOO_MANY_PAYMENTS:
      return TooManyPayments{};
    case commonpb::REQUEST_TOO_LARGE:
      return TooLarge{};
    case kIntentStaleReason:
      return IntentStale{};
    default:
      return std::nullopt;
  }
}

}  // namespace

void EncodeOutcomes(const std::vector<Outcome>& outcomes, std::string& bytes) {
  pb::Outcomes message;
  for (const Outcome& outcome : outcomes) {
    pb::Outcome& out = *message.add_outcomes();
    out.set_order_id(outcome.result.order_id);
    out.set_task_id(outcome.result.task_id);
    out.set_return_id(outcome.result.return_id);
    out.set_exception_id(outcome.result.exception_id);
    out.set_parcel_id(outcome.result.parcel_id);
    out.set_payment_ref(outcome.result.payment_ref);
    out.set_duplicate(outcome.result.duplicate);
    for (const DroppedLine& line : outcome.result.dropped) {
      pb::Outcome::DroppedLine& dropped = *out.add_dropped();
      dropped.set_line_id(line.line_id);
      dropped.set_sku(line.sku);
      dropped.set_asked(line.asked.units());
      dropped.set_available(line.available.units());
    }
    if (outcome.rejection.has_value()) {
      std::visit(RejectionWriter(*out.mutable_rejection()), *outcome.rejection);
    }
  }
  message.AppendToString(&bytes);
}

absl::StatusOr<std::vector<Outcome>> DecodeOutcomes(std::string_view bytes) {
  pb::Outcomes message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::DataLossError("an outcome of orders does not parse");
  }
  std::vector<Outcome> outcomes;
  outcomes.reserve(static_cast<size_t>(message.outcomes_size()));
  for (const pb::Outcome& item : message.outcomes()) {
    Outcome& outcome = outcomes.emplace_back();
    outcome.result.order_id = item.order_id();
    outcome.result.task_id = item.task_id();
    outcome.result.return_id = item.return_id();
    outcome.result.exception_id = item.exception_id();
    outcome.result.parcel_id = item.parcel_id();
    outcome.result.payment_ref = item.payment_ref();
    outcome.result.duplicate = item.duplicate();
    for (const auto& line : item.dropped()) {
      outcome.result.dropped.push_back({.line_id = line.line_id(),
                                        .sku = line.sku(),
                                        .asked = Quantity(line.asked()),
                                        .available = Quantity(line.available())});
    }
    if (!item.has_rejection()) continue;
    outcome.rejection = ReadRejection(item.rejection());
    if (!outcome.rejection.has_value()) {
      return absl::DataLossError("an outcome of orders has an unknown rejection");
    }
  }
  return outcomes;
}

}  // namespace quartermaster::orders
