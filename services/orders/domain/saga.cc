#include "services/orders/domain/saga.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace quartermaster::orders {

namespace {

std::string LineIdInStock(uint32_t assignment) { return absl::StrCat(assignment); }

ConfirmStock ConfirmOf(const Order& order, const Attempt& attempt) {
  ConfirmStock intent{.key = absl::StrCat(OwnerId(order.order_id, attempt.number), "/confirm"),
                      .order_id = order.order_id,
                      .attempt = attempt.number,
                      .reservation_id = attempt.reservation_id,
                      .owner_id = OwnerId(order.order_id, attempt.number),
                      .channel_id = order.channel_id,
                      .customer_ref = order.customer_ref};
  // The whole hold, dropped units included: a key's content never changes.
  for (uint32_t i = 0; i < attempt.assignments.size(); ++i) {
    const Assignment& assignment = attempt.assignments[i];
    intent.lines.push_back({.line_id = LineIdInStock(i),
                            .sku = order.lines[assignment.line].sku,
                            .location_id = assignment.location_id,
                            .quantity = assignment.quantity});
  }
  return intent;
}

std::vector<ReservationUnits> PartsOf(const StockOp& op) {
  std::vector<ReservationUnits> parts;
  parts.reserve(op.parts.size());
  for (const OpPart& part : op.parts) {
    parts.push_back({LineIdInStock(part.index), part.location_id, part.quantity});
  }
  return parts;
}

SellStock SellOf(const Order& order, const StockOp& op, std::string key) {
  SellStock intent{.key = std::move(key),
                   .order_id = order.order_id,
                   .op = op.number,
                   .business_time = op.business_time ? op.business_time : order.business_time,
                   .attribution = order.attribution};
  for (size_t i = 0; i < op.parts.size(); ++i) {
    intent.effects.push_back({.effect_key = absl::StrCat(intent.key, "/", i),
                              .sku = order.lines[op.parts[i].index].sku,
                              .location_id = op.parts[i].location_id,
                              .quantity = op.parts[i].quantity});
  }
  return intent;
}

Intent IntentOf(const Order& order, const StockOp& op) {
  std::string key = absl::StrCat(order.order_id, "/op", op.number);
  if (op.kind == StockOpKind::kSell) return SellOf(order, op, std::move(key));
  const Attempt& attempt = order.attempts[static_cast<size_t>(op.attempt) - 1];
  if (op.kind == StockOpKind::kFulfil) {
    return FulfilStock{.key = std::move(key),
                       .order_id = order.order_id,
                       .op = op.number,
                       .reservation_id = attempt.reservation_id,
                       .parts = PartsOf(op),
                       .business_time = op.business_time};
  }
  return ReleaseStock{.key = std::move(key),
                      .order_id = order.order_id,
                      .op = op.number,
                      .reservation_id = attempt.reservation_id,
                      .parts = PartsOf(op),
                      .missing = op.kind == StockOpKind::kReleaseMissing};
}

RestockReturn RestockOf(const Return& item) {
  RestockReturn intent{.key = absl::StrCat(item.return_id, "/restock"),
                       .order_id = item.order_id,
                       .return_id = item.return_id,
                       .attribution = item.attribution};
  for (size_t i = 0; i < item.lines.size(); ++i) {
    const ReturnLine& line = item.lines[i];
    intent.effects.push_back({.effect_key = absl::StrCat(intent.key, "/", i),
                              .sku = line.sku,
                              .location_id = item.location_id,
                              .quantity = line.quantity,
                              .condition = line.condition});
  }
  return intent;
}

// What stock is to do for a return: take it in, then what inspections found.
void AddIntentsOf(const Return& item, std::vector<Intent>& intents) {
  if (item.restock_open) {
    intents.emplace_back(RestockOf(item));
    return;
  }
  if (item.goods_open) return;
  for (size_t i = 0; i < item.inspections.size(); ++i) {
    const Inspection& inspection = item.inspections[i];
    if (!inspection.open) continue;
    const int number = static_cast<int>(i) + 1;
    ReclassifyReturn intent{.key = absl::StrCat(item.return_id, "/inspect", number),
                            .order_id = item.order_id,
                            .return_id = item.return_id,
                            .inspection = number,
                            .attribution = inspection.attribution};
    for (size_t l = 0; l < inspection.lines.size(); ++l) {
      const InspectedUnits& units = inspection.lines[l];
      const ReturnLine& line = item.lines[units.index];
      if (units.condition == line.condition) continue;
      intent.from.push_back(line.condition);
      intent.effects.push_back({.effect_key = absl::StrCat(intent.key, "/", l),
                                .sku = line.sku,
                                .location_id = item.location_id,
                                .quantity = units.quantity,
                                .condition = units.condition});
    }
    intents.emplace_back(std::move(intent));
  }
}

// `units` of each line: Quantity OrderLine::*.
Reroute RerouteOf(const Order& order, Quantity OrderLine::*units) {
  const int attempt = static_cast<int>(order.attempts.size()) + 1;
  Reroute intent{
      .key = absl::StrCat(OwnerId(order.order_id, attempt), "/route", order.route_revision),
      .order_id = order.order_id,
      .attempt = attempt,
      .revision = order.route_revision,
      .excluded_locations = order.excluded_locations,
      .channel_id = order.channel_id,
      .customer_ref = order.customer_ref};
  std::vector<RerouteGroup> groups(order.groups.size());
  for (uint32_t i = 0; i < order.lines.size(); ++i) {
    const OrderLine& line = order.lines[i];
    if (!(line.*units).IsPositive()) continue;
    groups[line.group].lines.push_back(
        {.line = i, .line_id = line.line_id, .sku = line.sku, .quantity = line.*units});
  }
  for (uint32_t i = 0; i < groups.size(); ++i) {
    if (groups[i].lines.empty()) continue;
    const Group& group = order.groups[i];
    groups[i].group = i;
    groups[i].group_id = group.group_id;
    groups[i].method = group.method;
    groups[i].destination = group.destination;
    groups[i].location_id = group.location_id;
    intent.groups.push_back(std::move(groups[i]));
  }
  return intent;
}

}  // namespace

std::optional<Reroute> BackorderOf(const Order& order) {
  const bool busy =
      AnyUnits(order, &OrderLine::to_route) || AnyUnits(order, &OrderLine::confirming);
  if (busy || !AnyUnits(order, &OrderLine::backordered)) return std::nullopt;
  Reroute wanted = RerouteOf(order, &OrderLine::backordered);
  // Who gave something back may have had new stock since. If it has not, that ends with the
  // unattended attempts.
  wanted.excluded_locations.clear();
  return wanted;
}

std::vector<Intent> PendingIntents(const Order& order) {
  std::vector<Intent> intents;
  bool confirming = false;
  for (const Attempt& attempt : order.attempts) {
    if (attempt.state != AttemptState::kConfirming) continue;
    intents.emplace_back(ConfirmOf(order, attempt));
    confirming = true;
  }
  for (const StockOp& op : order.stock_ops) intents.push_back(IntentOf(order, op));
  for (const Return& item : order.returns) AddIntentsOf(item, intents);
  // One attempt at a time: the next one may depend on whether this one is confirmed.
  if (AnyUnits(order, &OrderLine::to_route) && !confirming)
    intents.emplace_back(RerouteOf(order, &OrderLine::to_route));
  return intents;
}

std::vector<Intent> PendingIntents(const Return& unmatched) {
  std::vector<Intent> intents;
  AddIntentsOf(unmatched, intents);
  return intents;
}

std::vector<Intent> AllPendingIntents(const State& state) {
  std::vector<std::pair<std::string_view, std::vector<Intent>>> by_id;
  const auto add = [&by_id](const std::string& id, std::vector<Intent> intents) {
    if (!intents.empty()) by_id.emplace_back(id, std::move(intents));
  };
  for (const auto& [id, order] : state.orders) add(id, PendingIntents(order));
  for (const auto& [id, item] : state.unmatched_returns) add(id, PendingIntents(item));
  std::sort(by_id.begin(), by_id.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Intent> all;
  for (auto& [id, intents] : by_id) {
    std::move(intents.begin(), intents.end(), std::back_inserter(all));
  }
  return all;
}

std::string_view KeyOf(const Intent& intent) {
  return std::visit([](const auto& i) { return std::string_view(i.key); }, intent);
}

}  // namespace quartermaster::orders
