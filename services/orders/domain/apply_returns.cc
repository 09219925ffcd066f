// What comes back, what tills sold, and what people must look at.
#include <algorithm>
#include <utility>

#include "services/base/check.h"
#include "services/orders/domain/applier.h"

namespace quartermaster::orders {

Return& Applier::GetReturn(const std::string& order_id, const std::string& return_id) {
  if (order_id.empty()) {
    const auto found = state_.unmatched_returns.find(return_id);
    QM_CHECK(found != state_.unmatched_returns.end())
        << "no return " << return_id << " at position " << position_;
    return found->second;
  }
  Order& order = GetOrder(order_id);
  const auto part = ParseReturnId(return_id);
  QM_CHECK(part.has_value() && part->order_id == order_id &&
           static_cast<size_t>(part->number) <= order.returns.size())
      << "no return " << return_id << " at position " << position_;
  return order.returns[static_cast<size_t>(part->number) - 1];
}

void Applier::operator()(const ReturnRequested& e) {
  Order& order = GetOrder(e.order_id);
  QM_CHECK(e.return_id == ReturnId(e.order_id, static_cast<int>(order.returns.size()) + 1))
      << "return " << e.return_id << " at position " << position_;
  Return item{.return_id = e.return_id,
              .order_id = e.order_id,
              .attribution = e.attribution,
              .created_at = now_,
              .position = position_};
  for (const Units& units : e.lines) {
    OrderLine& line = GetLine(order, units.index);
    QM_CHECK(units.quantity.IsPositive() &&
             line.return_requested + line.returned + units.quantity <= line.fulfilled)
        << "more announced than sold of line " << units.index << " at position " << position_;
    line.return_requested += units.quantity;
    item.lines.push_back({.line = units.index, .sku = line.sku, .quantity = units.quantity});
  }
  order.returns.push_back(std::move(item));
}

void Applier::Supersede(Order& order, const SupersededUnits& superseded,
                        const std::string& location_id) {
  Return& announced = GetReturn(order.order_id, superseded.return_id);
  QM_CHECK(ReturnMoves().Next(announced.state, ReturnAction::kSupersede).has_value())
      << "return " << superseded.return_id << " is not announced, at position " << position_;
  const auto announced_line =
      std::find_if(announced.lines.begin(), announced.lines.end(),
                   [&](const ReturnLine& l) { return l.line == superseded.line; });
  QM_CHECK(announced_line != announced.lines.end()) << "at position " << position_;
  Take(announced_line->quantity, superseded.quantity);
  Take(GetLine(order, superseded.line).return_requested, superseded.quantity);
  if (announced_line->quantity.IsZero()) announced.lines.erase(announced_line);
  if (announced.lines.empty()) {
    Advance(announced, ReturnAction::kSupersede);
    announced.location_id = location_id;
  }
}

void Applier::operator()(const ReturnReceived& e) {
  QM_CHECK(!e.return_id.empty() && !e.lines.empty()) << "an empty return at position " << position_;
  if (e.order_id.empty()) {
    const auto unmatched = ReturnMoves().Conflict(kNotYet, ReturnAction::kReceiveUnmatched);
    const auto [item, inserted] =
        state_.unmatched_returns.try_emplace(e.return_id, Return{.return_id = e.return_id,
                                                                 .state = *unmatched,
                                                                 .location_id = e.location_id,
                                                                 .lines = e.lines,
                                                                 .restock_open = true,
                                                                 .attribution = e.attribution,
                                                                 .created_at = now_,
                                                                 .position = position_});
    QM_CHECK(inserted) << "a second return " << item->first << " at position " << position_;
    return;
  }
  Order& order = GetOrder(e.order_id);
  for (const SupersededUnits& units : e.superseded) Supersede(order, units, e.location_id);
  // What nobody announced counts as announced.
  if (e.return_id == ReturnId(e.order_id, static_cast<int>(order.returns.size()) + 1)) {
    order.returns.push_back({.return_id = e.return_id,
                             .order_id = e.order_id,
                             .created_at = now_,
                             .position = position_});
  }
  Return& item = GetReturn(e.order_id, e.return_id);
  Advance(item, ReturnAction::kReceive);
  for (const ReturnLine& announced : item.lines) {
    Take(GetLine(order, announced.line).return_requested, announced.quantity);
  }
  for (const ReturnLine& received : e.lines) {
    OrderLine& line = GetLine(order, received.line);
    line.returned += received.quantity;
    QM_CHECK(received.quantity.IsPositive() &&
             line.return_requested + line.returned <= line.fulfilled)
        << "more returned than sold of line " << received.line << " at position " << position_;
    item.refunds.push_back(received.inspect_first ? 0 : Accept(order, line, received.quantity));
  }
  item.location_id = e.location_id;
  item.lines = e.lines;
  item.restock_open = e.matched_from.empty();
  item.attribution = e.attribution;
  if (e.matched_from.empty()) return;
  item.matched_from = e.matched_from;
  Return& from = GetReturn("", e.matched_from);
  Advance(from, ReturnAction::kMatch);
  from.matched_return_id = e.return_id;
  item.goods_open = IsOpenInStock(from);
  item.stock_refused = from.stock_refused;
}

void Applier::TellMatched(const Return& unmatched) {
  if (unmatched.matched_return_id.empty() || IsOpenInStock(unmatched)) return;
  const std::string order_id(ParseReturnId(unmatched.matched_return_id)->order_id);
  Return& item = GetReturn(order_id, unmatched.matched_return_id);
  item.goods_open = false;
  if (unmatched.stock_refused) RefuseGoods(item);
}

void Applier::RefuseGoods(Return& item) {
  item.stock_refused = true;
  for (Inspection& inspection : item.inspections) inspection.open = false;
}

int64_t Applier::Accept(const Order& order, OrderLine& line, Quantity quantity) {
  const int64_t before = RefundOfFirst(order, line, line.accepted);
  line.accepted += quantity;
  return RefundOfFirst(order, line, line.accepted) - before;
}

void Applier::operator()(const ReturnInspected& e) {
  Return& item = GetReturn(e.order_id, e.return_id);
  Advance(item, ReturnAction::kInspect);
  Inspection inspection{.lines = e.lines, .attribution = e.attribution, .time = now_};
  for (const InspectedUnits& units : e.lines) {
    QM_CHECK(units.index < item.lines.size() && units.quantity.IsPositive() &&
             units.quantity <= ToInspect(item, units.index))
        << "more inspected of " << e.return_id << " than is to be, at position " << position_;
    ReturnLine& line = item.lines[units.index];
    line.inspected += units.quantity;
    if (units.condition != line.condition) inspection.open = !item.stock_refused;
    if (e.order_id.empty() || units.refuse_refund) continue;
    Order& order = GetOrder(e.order_id);
    item.refunds[units.index] += Accept(order, GetLine(order, line.line), units.quantity);
  }
  item.inspections.push_back(std::move(inspection));
}

void Applier::operator()(const ReturnReclassified& e) {
  Return& item = GetReturn(e.order_id, e.return_id);
  const auto index = static_cast<size_t>(e.inspection) - 1;
  QM_CHECK(index < item.inspections.size() && item.inspections[index].open)
      << "inspection " << e.inspection << " of " << e.return_id << " is settled, at position "
      << position_;
  item.inspections[index].open = false;
  TellMatched(item);
}

void Applier::operator()(const ReturnRestocked& e) {
  Return& item = GetReturn(e.order_id, e.return_id);
  QM_CHECK(item.restock_open) << "return " << e.return_id << " is settled, at position "
                              << position_;
  item.restock_open = false;
  if (!e.refused_reason.empty()) RefuseGoods(item);
  TellMatched(item);
}

void Applier::operator()(const SaleRecorded& e) {
  Order& order = MakeOrder(e.order_id);
  order.origin = Origin::kSale;
  order.channel_id = kTillChannel;
  order.customer_ref = e.customer_ref;
  order.content = e.content;
  order.business_time = e.business_time;
  order.attribution = e.attribution;
  Group& group = order.groups.emplace_back();
  group.group_id.push_back('0');
  group.method = Method::kCarryOut;
  group.location_id = e.location_id;
  order.amounts = e.amounts;
  AddLines(order, e.lines);
  std::vector<OpPart> parts;
  for (OrderLine& line : order.lines) {
    line.fulfilled = line.ordered;
    parts.push_back({static_cast<uint32_t>(parts.size()), e.location_id, line.ordered});
  }
  OpenStockOp(order, StockOpKind::kSell, 0, 0, std::move(parts));
}

void Applier::operator()(const ExceptionRaised& e) {
  state_.exceptions.emplace(position_, ExceptionItem{.position = position_,
                                                     .kind = e.kind,
                                                     .order_id = e.order_id,
                                                     .task_id = e.task_id,
                                                     .return_id = e.return_id,
                                                     .suggested_action = e.suggested_action,
                                                     .detail = e.detail,
                                                     .created_at = now_});
  if (!e.order_id.empty()) GetOrder(e.order_id).exceptions.push_back(position_);
}

void Applier::operator()(const ExceptionResolved& e) {
  const auto found = state_.exceptions.find(e.exception);
  QM_CHECK(found != state_.exceptions.end() && !found->second.resolved &&
           found->second.order_id == e.order_id)
      << "exception " << e.exception << " is not open, at position " << position_;
  found->second.resolved = true;
  if (!e.order_id.empty()) {
    auto& open = GetOrder(e.order_id).exceptions;
    open.erase(std::find(open.begin(), open.end(), e.exception));
  }
}

}  // namespace quartermaster::orders
