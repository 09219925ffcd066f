// Returns and till sales.
#include <algorithm>
#include <utility>

#include "services/orders/domain/decider.h"

namespace quartermaster::orders {

void Decider::operator()(const RequestReturn& c) {
  const Order* order = NeedOrder(c.order_id);
  if (order == nullptr) return;
  bool found = false;
  const std::vector<Quantity> wanted = ByLine(*order, c.lines, found);
  if (!found) return;

  const std::string return_id =
      ReturnId(order->order_id, static_cast<int>(order->returns.size()) + 1);
  ReturnRequested event{
      .order_id = order->order_id, .return_id = return_id, .attribution = c.attribution};
  for (uint32_t i = 0; i < wanted.size(); ++i) {
    if (!wanted[i].IsPositive()) continue;
    const OrderLine& line = order->lines[i];
    const Quantity open = line.fulfilled - line.return_requested - line.returned;
    if (wanted[i] > open) {
      return Reject(QuantityExceedsSold{.line_id = line.line_id, .asked = wanted[i], .open = open});
    }
    event.lines.push_back({.index = i, .quantity = wanted[i]});
  }
  decision_.result.return_id = return_id;
  Emit(std::move(event));
}

void Decider::operator()(const ReceiveReturn& c) {
  if (!c.return_id.empty()) return ReceiveAnnounced(c);
  if (!c.order_id.empty()) return ReceiveByOrder(c);
  ReceiveUnmatched(c);
}

bool Decider::ToReturnLines(const Order& order, const std::vector<ReceivedLine>& lines,
                            std::vector<ReturnLine>& out) {
  const LineIndex line_index(order);
  for (const ReceivedLine& line : lines) {
    const auto index = line_index.Find(line.line_id);
    if (!index.has_value()) {
      Reject(LineNotFound{line.line_id});
      return false;
    }
    out.push_back({.line = *index,
                   .sku = order.lines[*index].sku,
                   .quantity = line.quantity,
                   .condition = line.condition});
  }
  return true;
}

void Decider::RaiseUnknownItem(const std::string& order_id, const std::string& return_id) {
  Emit(ExceptionRaised{.kind = ExceptionKind::kUnknownItem,
                       .order_id = order_id,
                       .return_id = return_id,
                       .suggested_action = "ADD_TO_CATALOG"});
}

void Decider::ReceiveUnmatched(const ReceiveReturn& c) {
  decision_.result.return_id = c.unmatched_return_id;
  if (FindReturn(state_, c.unmatched_return_id) != nullptr) return Repeat();
  ReturnReceived event{.return_id = c.unmatched_return_id,
                       .location_id = c.location_id,
                       .attribution = c.attribution};
  for (const ReceivedLine& line : c.lines) {
    // Nobody knows where they have been.
    event.lines.push_back(
        {.sku = line.sku, .quantity = line.quantity, .condition = Condition::kInspection});
  }
  Emit(std::move(event));
  Emit(ExceptionRaised{.kind = ExceptionKind::kUnmatchedReturn,
                       .return_id = c.unmatched_return_id,
                       .suggested_action = "MATCH_TO_ORDER"});
  if (c.unknown_item) RaiseUnknownItem("", c.unmatched_return_id);
}

void Decider::ReceiveAnnounced(const ReceiveReturn& c) {
  const Return* item = FindReturn(state_, c.return_id);
  if (item == nullptr || (!c.order_id.empty() && c.order_id != item->order_id)) {
    return Reject(ReturnNotFound{c.return_id});
  }
  decision_.result.return_id = c.return_id;
  decision_.result.order_id = item->order_id;
  const Order* order = FindOrder(state_, item->order_id);
  ReturnReceived event{.order_id = item->order_id,
                       .return_id = c.return_id,
                       .location_id = c.location_id,
                       .attribution = c.attribution};
  if (c.lines.empty() || order == nullptr) {
    event.lines = item->lines;
  } else if (!ToReturnLines(*order, c.lines, event.lines)) {
    return;
  }
  if (order == nullptr || item->state != ReturnState::kRequested) {
    return Reject(IllegalTransition{.state = std::string(NameOf(item->state))});
  }

  std::vector<Quantity> received(order->lines.size());
  std::vector<Quantity> announced(order->lines.size());
  for (const ReturnLine& line : event.lines) received[line.line] += line.quantity;
  for (const ReturnLine& line : item->lines) announced[line.line] += line.quantity;
  for (size_t i = 0; i < order->lines.size(); ++i) {
    const OrderLine& line = order->lines[i];
    const Quantity open = line.fulfilled - line.returned - line.return_requested + announced[i];
    if (received[i] > open) {
      return Reject(
          QuantityExceedsSold{.line_id = line.line_id, .asked = received[i], .open = open});
    }
  }
  Emit(std::move(event));
}

// What comes in takes the place of what was announced of the same line, the oldest first: a
// customer who announced a parcel and then came to a store did not buy twice.
void Decider::ReceiveByOrder(const ReceiveReturn& c) {
  const Order* order = NeedOrder(c.order_id);
  if (order == nullptr) return;
  const std::string return_id =
      ReturnId(order->order_id, static_cast<int>(order->returns.size()) + 1);
  ReturnReceived event{.order_id = c.order_id,
                       .return_id = return_id,
                       .location_id = c.location_id,
                       .attribution = c.attribution};
  if (!ToReturnLines(*order, c.lines, event.lines)) return;
  std::vector<Quantity> received(order->lines.size());
  for (const ReturnLine& line : event.lines) received[line.line] += line.quantity;
  for (size_t i = 0; i < order->lines.size(); ++i) {
    const OrderLine& line = order->lines[i];
    const Quantity open = line.fulfilled - line.returned;
    if (received[i] > open) {
      return Reject(
          QuantityExceedsSold{.line_id = line.line_id, .asked = received[i], .open = open});
    }
  }
  for (const Return& announced : order->returns) {
    if (announced.state != ReturnState::kRequested) continue;
    for (const ReturnLine& line : announced.lines) {
      const Quantity superseded = std::min(received[line.line], line.quantity);
      if (!superseded.IsPositive()) continue;
      received[line.line] -= superseded;
      event.superseded.push_back(
          {.return_id = announced.return_id, .line = line.line, .quantity = superseded});
    }
  }
  decision_.result.return_id = return_id;
  Emit(std::move(event));
}

void Decider::operator()(const RecordSale& c) {
  decision_.result.order_id = c.order_id;
  if (const Order* order = FindOrder(state_, c.order_id); order != nullptr) {
    if (order->content == c.content) return Repeat();
    return Reject(SaleKeyReused{c.order_id});
  }
  Emit(SaleRecorded{.order_id = c.order_id,
                    .content = c.content,
                    .location_id = c.location_id,
                    .terminal_id = c.terminal_id,
                    .business_day = c.business_day,
                    .sequence = c.sequence,
                    .customer_ref = c.customer_ref,
                    .business_time = c.business_time,
                    .lines = c.lines,
                    .attribution = c.attribution});
  if (c.unknown_item) RaiseUnknownItem(c.order_id, "");
}

}  // namespace quartermaster::orders
