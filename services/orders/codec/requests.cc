#include "services/orders/codec/requests.h"

#include <openssl/sha.h>

#include <array>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/check.h"
#include "services/orders/codec/amounts_message.h"
#include "services/orders/codec/ids.h"

namespace quartermaster::orders {

namespace {

std::string OrIndex(const std::string& id, int index) {
  return id.empty() ? absl::StrCat(index) : id;
}

Instant InstantOf(const google::protobuf::Timestamp& time) {
  return {time.seconds() * 1'000'000 + time.nanos() / 1'000};
}

std::optional<Instant> TimeOf(bool present, const google::protobuf::Timestamp& time) {
  if (!present) return std::nullopt;
  return InstantOf(time);
}

Micros MicrosOf(const google::protobuf::Duration& length) {
  return {length.seconds() * 1'000'000 + length.nanos() / 1'000};
}

std::optional<Money> MoneyOf(bool present, const common::v1::Money& message) {
  if (!present) return std::nullopt;
  return Money{.currency_code = message.currency_code(), .amount_minor = message.amount_minor()};
}

Destination DestinationOf(const common::v1::Destination& message) {
  Destination destination{.country_code = message.country_code(),
                          .postal_area = message.postal_area()};
  if (message.has_point()) {
    destination.point = CoarsePoint{
        .latitude_tenths = static_cast<int32_t>(std::lround(message.point().latitude() * 10)),
        .longitude_tenths = static_cast<int32_t>(std::lround(message.point().longitude() * 10))};
  }
  return destination;
}

Condition ConditionOf(v1::Return::Condition condition) {
  // Unset is sellable.
  return condition == v1::Return::CONDITION_UNSPECIFIED ? Condition::kSellable
                                                        : static_cast<Condition>(condition);
}

template <typename Field>
std::vector<LineQuantity> LineQuantities(const Field& field) {
  std::vector<LineQuantity> lines;
  lines.reserve(static_cast<size_t>(field.size()));
  for (const auto& line : field) {
    lines.push_back({.line_id = line.line_id(), .quantity = Quantity(line.quantity())});
  }
  return lines;
}

// Their shares. The amounts add up: the request was checked.
void SetAmounts(const Amounts& amounts, const std::vector<PricedLine>& priced,
                std::vector<PlacedLine>& lines) {
  std::vector<LineAmounts> allocated;
  AmountsDefect defect;
  QM_CHECK(AllocateToLines(amounts, priced, allocated, defect)) << "unchecked amounts";
  for (size_t i = 0; i < lines.size(); ++i) lines[i].amounts = allocated[i];
}

// What tells a sale from another one under the same key: its lines, customer, time and amounts.
// `amounts`: null if it has none.
Fingerprint ContentOf(const RecordSale& sale, const v1::Amounts* amounts) {
  std::string bytes;
  const auto add = [&bytes](absl::string_view part) {
    absl::StrAppend(&bytes, part.size(), ":", part, ";");
  };
  add(sale.customer_ref);
  add(sale.business_time.has_value() ? absl::StrCat(sale.business_time->unix_us) : "");
  for (const PlacedLine& line : sale.lines) {
    add(line.line_id);
    add(line.sku);
    add(absl::StrCat(line.quantity.units()));
    add(line.unit_price.has_value() ? line.unit_price->currency_code : "");
    add(line.unit_price.has_value() ? absl::StrCat(line.unit_price->amount_minor) : "");
  }
  if (amounts != nullptr) {
    add(amounts->SerializeAsString());
    for (const PlacedLine& line : sale.lines) {
      add(absl::StrCat(line.amounts->subtotal, "/", line.amounts->tax));
    }
  }
  std::array<uint8_t, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(), digest.data());
  Fingerprint content;
  for (size_t i = 0; i < 8; ++i) {
    content.high = content.high << 8 | digest[i];
    content.low = content.low << 8 | digest[i + 8];
  }
  return content;
}

}  // namespace

Attribution FromMessage(const common::v1::Attribution& message) {
  return {.actor_id = message.actor_id(),
          .device_id = message.device_id(),
          .reason_code = message.reason_code()};
}

Amounts FromMessage(const v1::Amounts& message) { return ReadAmounts(message); }

NewHold FromMessage(const v1::NewHold& message) {
  NewHold hold{.kind = static_cast<HoldKind>(message.kind()),
               .cancel_on_expiry = message.on_expiry() == v1::NewHold::CANCEL_ORDER};
  if (message.has_ttl()) hold.ttl = MicrosOf(message.ttl());
  return hold;
}

FulfilmentPolicy FromMessage(const v1::FulfilmentPolicy& message) {
  FulfilmentPolicy policy;
  if (message.attempts_max() != 0) policy.attempts_max = message.attempts_max();
  for (const v1::ReasonEffect& reason : message.reasons()) {
    policy.reasons.push_back({.code = reason.code(),
                              .units = static_cast<UnitsEffect>(reason.units()),
                              .order = static_cast<OrderEffect>(reason.order()),
                              .keep_location = reason.keep_location(),
                              .suggested_action = reason.suggested_action()});
  }
  if (message.pickup_days() != 0) policy.pickup_days = message.pickup_days();
  if (message.has_reminder_days()) policy.reminder_days = message.reminder_days();
  if (message.has_extensions_max()) policy.extensions_max = message.extensions_max();
  if (message.has_give_up_after()) policy.give_up_after = MicrosOf(message.give_up_after());
  return policy;
}

std::vector<PricedLine> PricedLinesOf(const v1::PlaceOrderRequest& request) {
  std::vector<PricedLine> lines;
  for (int g = 0; g < request.groups_size(); ++g) {
    for (const v1::PlaceLine& line : request.groups(g).lines()) {
      const int index = static_cast<int>(lines.size());
      lines.push_back({.line_id = OrIndex(line.line_id(), index),
                       .group_id = OrIndex(request.groups(g).group_id(), g),
                       .quantity = Quantity(line.quantity()),
                       .subtotal = line.subtotal_minor(),
                       .tax = line.tax_minor()});
    }
  }
  return lines;
}

std::vector<PricedLine> PricedLinesOf(const v1::Sale& sale) {
  std::vector<PricedLine> lines;
  for (const v1::SaleLine& line : sale.lines()) {
    const int index = static_cast<int>(lines.size());
    lines.push_back({.line_id = OrIndex(line.line_id(), index),
                     .group_id = "",
                     .quantity = Quantity(line.quantity()),
                     .subtotal = line.subtotal_minor(),
                     .tax = line.tax_minor()});
  }
  return lines;
}

namespace {

// Without its group and amounts.
PlacedLine FromMessage(const v1::PlaceLine& message) {
  PlacedLine line;
  line.line_id = message.line_id();
  line.sku = message.sku();
  line.quantity = Quantity(message.quantity());
  line.unit_price = MoneyOf(message.has_unit_price(), message.unit_price());
  line.backorder = message.on_shortage() == v1::PlaceLine::BACKORDER;
  return line;
}

}  // namespace

OrderContent ContentOf(const v1::PlaceOrderRequest& request) {
  OrderContent content{.channel_id = request.channel_id(),
                       .external_id = request.external_id(),
                       .customer_ref = request.customer_ref(),
                       .reservation_id = request.reservation_id(),
                       .attribution = FromMessage(request.attribution())};
  for (const v1::PlaceGroup& item : request.groups()) {
    const int group_index = static_cast<int>(content.groups.size());
    Group& group = content.groups.emplace_back();
    group.group_id = OrIndex(item.group_id(), group_index);
    group.method = static_cast<Method>(item.method());
    group.destination = DestinationOf(item.destination());
    group.location_id = item.location_id();
    if (item.has_promised_by()) group.promised_by = InstantOf(item.promised_by());
    group.payment_term = static_cast<PaymentTerm>(item.payment_term());
    for (const v1::PlaceLine& item_line : item.lines()) {
      PlacedLine& line = content.lines.emplace_back(FromMessage(item_line));
      line.line_id = OrIndex(line.line_id, static_cast<int>(content.lines.size()) - 1);
      line.group = static_cast<uint32_t>(group_index);
      content.drop_on_shortage.push_back(item_line.on_shortage() == v1::PlaceLine::DROP_LINE);
    }
  }
  for (const v1::NewHold& hold : request.holds()) content.holds.push_back(FromMessage(hold));
  for (const v1::PaymentFact& fact : request.payments()) {
    content.payments.push_back(ToCommand(fact, request.attribution()));
  }
  if (request.has_payment_grace()) content.payment_grace = MicrosOf(request.payment_grace());
  if (request.has_amounts()) {
    content.amounts = FromMessage(request.amounts());
    SetAmounts(*content.amounts, PricedLinesOf(request), content.lines);
  }
  return content;
}

EditOrder ToCommand(const v1::EditOrderRequest& request) {
  EditOrder command{.order_id = request.order_id(),
                    .etag = request.etag(),
                    .attribution = FromMessage(request.attribution())};
  for (const auto& line : request.less()) {
    command.less.push_back({.line_id = line.line_id(), .quantity = Quantity(line.quantity())});
  }
  for (const v1::EditOrderRequest::AddedLine& added : request.added()) {
    command.added.push_back({.group_id = added.group_id(), .line = FromMessage(added.line())});
  }
  for (const v1::EditOrderRequest::NewDestination& wanted : request.destinations()) {
    command.destinations.push_back(
        {.group_id = wanted.group_id(), .destination = DestinationOf(wanted.destination())});
  }
  return command;
}

RerouteOrder ToCommand(const v1::RerouteOrderRequest& request) {
  return {.order_id = request.order_id(),
          .task_ids = {request.task_ids().begin(), request.task_ids().end()},
          .etag = request.etag(),
          .attribution = FromMessage(request.attribution())};
}

CancelOrder ToCommand(const v1::CancelOrderRequest& request) {
  return {.order_id = request.order_id(),
          .lines = LineQuantities(request.lines()),
          .etag = request.etag(),
          .attribution = FromMessage(request.attribution())};
}

HoldOrder ToCommand(const v1::HoldOrderRequest& request) {
  return {.order_id = request.order_id(),
          .hold = FromMessage(request.hold()),
          .etag = request.etag(),
          .attribution = FromMessage(request.attribution())};
}

ReleaseHold ToCommand(const v1::ReleaseHoldRequest& request) {
  return {.order_id = request.order_id(),
          .hold_id = request.hold_id(),
          .etag = request.etag(),
          .attribution = FromMessage(request.attribution())};
}

UpdateSubject ToCommand(const v1::UpdateSubjectRequest& request) {
  return {.order_id = request.order_id(), .attribution = FromMessage(request.attribution())};
}

EraseSubject ToCommand(const v1::EraseSubjectRequest& request) {
  return {.order_id = request.order_id(), .attribution = FromMessage(request.attribution())};
}

AcceptTask ToCommand(const v1::AcceptTaskRequest& request) {
  return {.task_id = request.task_id(), .attribution = FromMessage(request.attribution())};
}

RejectTask ToCommand(const v1::RejectTaskRequest& request) {
  return {.task_id = request.task_id(), .attribution = FromMessage(request.attribution())};
}

PutBack ToCommand(const v1::PutBackRequest& request) {
  return {.task_id = request.task_id(),
          .lines = LineQuantities(request.lines()),
          .attribution = FromMessage(request.attribution())};
}

RecordPick ToCommand(const v1::RecordPickRequest& request) {
  RecordPick command{.task_id = request.task_id(),
                     .attribution = FromMessage(request.attribution())};
  for (const auto& line : request.lines()) {
    command.lines.push_back({.line_id = line.line_id(),
                             .picked = Quantity(line.picked()),
                             .reason_code = line.reason_code()});
  }
  return command;
}

PackTask ToCommand(const v1::PackTaskRequest& request) {
  return {.task_id = request.task_id(), .attribution = FromMessage(request.attribution())};
}

RequestReturn ToCommand(const v1::RequestReturnRequest& request) {
  return {.order_id = request.order_id(),
          .lines = LineQuantities(request.lines()),
          .attribution = FromMessage(request.attribution())};
}

ResolveException ToCommand(const v1::ResolveExceptionRequest& request) {
  return {.exception_id = request.exception_id(),
          .attribution = FromMessage(request.attribution())};
}

SetFulfilmentPolicy ToCommand(const v1::SetFulfilmentPolicyRequest& request) {
  return {.channel_id = request.policy().channel_id(),
          .policy = FromMessage(request.policy()),
          .etag = request.policy().etag(),
          .attribution = FromMessage(request.attribution())};
}

MarkReadyForPickup ToCommand(const v1::MarkReadyForPickupRequest& request, std::string code_hmac,
                             std::vector<Instant> closes) {
  return {.task_id = request.task_id(),
          .code_hmac = std::move(code_hmac),
          .closes = std::move(closes),
          .attribution = FromMessage(request.attribution())};
}

SetPickupProxy ToCommand(const v1::SetPickupProxyRequest& request, std::string code_hmac) {
  return {.task_id = request.task_id(),
          .code_hmac = std::move(code_hmac),
          .attribution = FromMessage(request.attribution())};
}

ExtendPickup ToCommand(const v1::ExtendPickupRequest& request, std::vector<Instant> closes) {
  return {.task_id = request.task_id(),
          .closes = std::move(closes),
          .attribution = FromMessage(request.attribution())};
}

HandOver ToCommand(const v1::HandOverRequest& request, std::string code_hmac) {
  HandOver command{.task_id = request.task_id(),
                   .code_hmac = std::move(code_hmac),
                   .attribution = FromMessage(request.attribution())};
  for (const auto& line : request.lines()) {
    command.lines.push_back({.line_id = line.line_id(),
                             .handed_over = Quantity(line.handed_over()),
                             .refused = Quantity(line.refused())});
  }
  return command;
}

InspectReturn ToCommand(const v1::InspectReturnRequest& request) {
  InspectReturn command{.return_id = request.return_id(),
                        .attribution = FromMessage(request.attribution())};
  for (const v1::InspectReturnRequest::Line& line : request.lines()) {
    const bool damaged = line.condition() == v1::Return::DAMAGED;
    command.lines.push_back({.line_id = line.line_id(),
                             .sku = line.sku(),
                             .quantity = Quantity(line.quantity()),
                             .condition = damaged ? Condition::kDamaged : Condition::kSellable,
                             .refuse_refund = line.refuse_refund()});
  }
  return command;
}

MatchReturn ToCommand(const v1::MatchReturnRequest& request) {
  return {.return_id = request.return_id(),
          .order_id = request.order_id(),
          .not_returnable = {},
          .attribution = FromMessage(request.attribution())};
}

ReceiveReturn ToCommand(const v1::ReceiveReturnRequest& request, std::string_view tenant) {
  ReceiveReturn command{.location_id = request.location_id(),
                        .return_id = request.return_id(),
                        .order_id = request.order_id(),
                        .attribution = FromMessage(request.attribution())};
  command.unmatched_return_id = UnmatchedReturnIdFor(tenant, request.request_id());
  for (const v1::Return::Line& line : request.lines()) {
    command.lines.push_back({.line_id = line.line_id(),
                             .sku = line.sku(),
                             .quantity = Quantity(line.quantity()),
                             .condition = ConditionOf(line.condition())});
  }
  return command;
}

RecordShipment ToCommand(const v1::Shipment& shipment, const common::v1::Attribution& attribution) {
  return {.task_id = shipment.task_id(),
          .carrier = shipment.carrier(),
          .tracking_number = shipment.tracking_number(),
          .attribution = FromMessage(attribution),
          .parcel_key = shipment.parcel_key(),
          .lines = LineQuantities(shipment.lines()),
          .business_time = TimeOf(shipment.has_business_time(), shipment.business_time())};
}

RecordPayment ToCommand(const v1::PaymentFact& fact, const common::v1::Attribution& attribution) {
  RecordPayment command{.order_id = fact.order_id(),
                        .channel_id = fact.channel_id(),
                        .external_id = fact.external_id(),
                        .kind = static_cast<PaymentFactKind>(fact.kind()),
                        .payment_ref = fact.payment_ref(),
                        .event_ref = fact.event_ref(),
                        .method = fact.method(),
                        .amount = fact.amount().amount_minor(),
                        .currency_code = fact.amount().currency_code(),
                        .intent_id = fact.intent_id(),
                        .reason_code = fact.reason_code(),
                        .on_the_spot = fact.on_the_spot(),
                        .attribution = FromMessage(attribution)};
  command.business_time = TimeOf(fact.has_business_time(), fact.business_time());
  return command;
}

RecordDelivery ToCommand(const v1::Delivery& delivery, const common::v1::Attribution& attribution) {
  return {.parcel_id = delivery.parcel_id(),
          .carrier = delivery.carrier(),
          .tracking_number = delivery.tracking_number(),
          .state = static_cast<ParcelState>(delivery.state()),
          .business_time = TimeOf(delivery.has_business_time(), delivery.business_time()),
          .attribution = FromMessage(attribution)};
}

RecordSale ToCommand(const v1::Sale& sale, const common::v1::Attribution& attribution,
                     std::string_view tenant) {
  RecordSale command{.order_id = SaleOrderIdFor(tenant, sale.location_id(), sale.terminal_id(),
                                                sale.business_day(), sale.sequence()),
                     .location_id = sale.location_id(),
                     .terminal_id = sale.terminal_id(),
                     .business_day = sale.business_day(),
                     .sequence = sale.sequence(),
                     .customer_ref = sale.customer_ref(),
                     .attribution = FromMessage(attribution)};
  command.business_time = TimeOf(sale.has_business_time(), sale.business_time());
  for (const v1::SaleLine& item : sale.lines()) {
    PlacedLine line;
    line.line_id = OrIndex(item.line_id(), static_cast<int>(command.lines.size()));
    line.sku = item.sku();
    line.quantity = Quantity(item.quantity());
    line.unit_price = MoneyOf(item.has_unit_price(), item.unit_price());
    command.lines.push_back(std::move(line));
  }
  if (sale.has_amounts()) {
    command.amounts = FromMessage(sale.amounts());
    SetAmounts(*command.amounts, PricedLinesOf(sale), command.lines);
  }
  command.content = ContentOf(command, sale.has_amounts() ? &sale.amounts() : nullptr);
  return command;
}

}  // namespace quartermaster::orders
