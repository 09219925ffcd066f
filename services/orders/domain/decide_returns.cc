// Returns and till sales.
#include <algorithm>
#include <map>
#include <tuple>
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
    if (c.not_returnable.contains(line.sku)) return Reject(ItemNotReturnable{line.line_id});
    const Quantity open = line.fulfilled - line.return_requested - line.returned;
    if (wanted[i] > open) {
      return Reject(QuantityExceedsSold{.line_id = line.line_id, .asked = wanted[i], .open = open});
    }
    event.lines.push_back({.index = i, .quantity = wanted[i]});
  }
  decision_.result.return_id = return_id;
  Emit(std::move(event));
}

namespace {

// The same units, of the same things, in the same conditions.
bool SameLines(const std::vector<ReturnLine>& a, const std::vector<ReturnLine>& b) {
  const auto contents = [](const std::vector<ReturnLine>& lines) {
    std::vector<std::tuple<uint32_t, std::string, Condition, Quantity>> sorted;
    for (const ReturnLine& line : lines) {
      sorted.emplace_back(line.line, line.sku, line.condition, line.quantity);
    }
    std::sort(sorted.begin(), sorted.end());
    return sorted;
  };
  return contents(a) == contents(b);
}

// Nobody knows where they have been.
ReturnLine Stray(const std::string& sku, Quantity quantity) {
  return {
      .sku = sku, .quantity = quantity, .condition = Condition::kInspection, .inspect_first = true};
}

// Nothing is given back for these before somebody has looked at them.
void MarkToInspect(std::vector<ReturnLine>& lines,
                   const absl::flat_hash_set<std::string>& not_returnable) {
  for (ReturnLine& line : lines) {
    line.inspect_first =
        line.condition == Condition::kInspection || not_returnable.contains(line.sku);
  }
}

// The goods of an unmatched return as they are now: looked at, or not yet.
struct Goods {
  ReturnLine line;
  // Looked at, and nothing is given back for them.
  bool refused = false;
};
std::vector<Goods> GoodsOf(const Return& unmatched) {
  std::map<std::tuple<std::string, Condition, bool, bool>, Quantity> units;
  for (const ReturnLine& line : unmatched.lines) {
    units[{line.sku, line.condition, line.inspect_first, false}] += line.quantity - line.inspected;
  }
  for (const Inspection& inspection : unmatched.inspections) {
    for (const InspectedUnits& looked_at : inspection.lines) {
      const std::string& sku = unmatched.lines[looked_at.index].sku;
      units[{sku, looked_at.condition, false, looked_at.refuse_refund}] += looked_at.quantity;
    }
  }
  std::vector<Goods> goods;
  for (const auto& [what, quantity] : units) {
    const auto& [sku, condition, inspect_first, refused] = what;
    if (!quantity.IsPositive()) continue;
    goods.push_back({.line = {.sku = sku,
                              .quantity = quantity,
                              .condition = condition,
                              .inspect_first = inspect_first || refused},
                     .refused = refused});
  }
  return goods;
}

}  // namespace

// The goods are there, whatever the books say: what they cannot be by the books is kept as an
// unmatched return.
void Decider::operator()(const ReceiveReturn& c) {
  if (FindReturn(state_, c.unmatched_return_id) != nullptr) {
    decision_.result.return_id = c.unmatched_return_id;
    return Repeat();
  }
  if (!c.return_id.empty()) return ReceiveAnnounced(c);
  if (c.order_id.empty()) return ReceiveUnmatched(c);
  if (const Order* order = NeedOrder(c.order_id); order != nullptr) ReceiveByOrder(c, *order);
}

bool Decider::SortLines(const Order& order, const ReceiveReturn& c, std::vector<ReturnLine>& known,
                        std::vector<ReturnLine>& stray) {
  const LineIndex line_index(order);
  for (const ReceivedLine& line : c.lines) {
    const auto index = line_index.Find(line.line_id);
    if (!index.has_value()) {
      Reject(LineNotFound{line.line_id});
      return false;
    }
    const std::string& sku = order.lines[*index].sku;
    if (!line.sku.empty() && line.sku != sku) {
      stray.push_back(Stray(line.sku, line.quantity));
    } else {
      known.push_back(
          {.line = *index, .sku = sku, .quantity = line.quantity, .condition = line.condition});
    }
  }
  return true;
}

void Decider::LimitLines(const Order& order, std::vector<Quantity> open,
                         std::vector<ReturnLine>& known, std::vector<ReturnLine>& stray) {
  for (ReturnLine& line : known) {
    const Quantity taken = std::min(line.quantity, open[line.line]);
    open[line.line] -= taken;
    if (taken < line.quantity) {
      stray.push_back(Stray(order.lines[line.line].sku, line.quantity - taken));
    }
    line.quantity = taken;
  }
  std::erase_if(known, [](const ReturnLine& line) { return line.quantity.IsZero(); });
}

void Decider::Receive(const ReceiveReturn& c, ReturnReceived event, std::vector<ReturnLine> stray) {
  const std::string order_id = event.order_id;
  MarkToInspect(event.lines, c.not_returnable);
  decision_.result.return_id = event.lines.empty() ? c.unmatched_return_id : event.return_id;
  if (!event.lines.empty()) {
    Emit(event);
    RaiseNotReturnable(event, c.not_returnable);
  }
  if (!stray.empty()) {
    Emit(ReturnReceived{.return_id = c.unmatched_return_id,
                        .location_id = c.location_id,
                        .lines = std::move(stray),
                        .attribution = c.attribution});
    Emit(ExceptionRaised{.kind = ExceptionKind::kReturnExceedsSold,
                         .order_id = order_id,
                         .return_id = c.unmatched_return_id,
                         .suggested_action = "MATCH_TO_ORDER"});
  }
  if (c.unknown_item) RaiseUnknownItem(order_id, decision_.result.return_id);
}

void Decider::RaiseNotReturnable(const ReturnReceived& event,
                                 const absl::flat_hash_set<std::string>& not_returnable) {
  const bool any = std::any_of(
      event.lines.begin(), event.lines.end(),
      [&not_returnable](const ReturnLine& line) { return not_returnable.contains(line.sku); });
  if (!any) return;
  Emit(ExceptionRaised{.kind = ExceptionKind::kNotReturnable,
                       .order_id = event.order_id,
                       .return_id = event.return_id,
                       .suggested_action = "INSPECT_AND_DECIDE"});
}

void Decider::RaiseUnknownItem(const std::string& order_id, const std::string& return_id) {
  Emit(ExceptionRaised{.kind = ExceptionKind::kUnknownItem,
                       .order_id = order_id,
                       .return_id = return_id,
                       .suggested_action = "ADD_TO_CATALOG"});
}

void Decider::ReceiveUnmatched(const ReceiveReturn& c) {
  decision_.result.return_id = c.unmatched_return_id;
  ReturnReceived event{.return_id = c.unmatched_return_id,
                       .location_id = c.location_id,
                       .attribution = c.attribution};
  for (const ReceivedLine& line : c.lines) event.lines.push_back(Stray(line.sku, line.quantity));
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
  if (!ReturnMoves().Next(item->state, ReturnAction::kReceive)) return ReceiveAgain(c, *item);
  const Order& order = *FindOrder(state_, item->order_id);
  ReturnReceived event{.order_id = item->order_id,
                       .return_id = c.return_id,
                       .location_id = c.location_id,
                       .attribution = c.attribution};
  std::vector<ReturnLine> stray;
  if (c.lines.empty()) {
    event.lines = item->lines;
  } else if (!SortLines(order, c, event.lines, stray)) {
    return;
  }
  std::vector<Quantity> open;
  for (const OrderLine& line : order.lines) {
    open.push_back(line.fulfilled - line.returned - line.return_requested);
  }
  for (const ReturnLine& line : item->lines) open[line.line] += line.quantity;
  LimitLines(order, std::move(open), event.lines, stray);
  Receive(c, std::move(event), std::move(stray));
}

// The return has come already. What was said before is a repetition; what was not has come too.
void Decider::ReceiveAgain(const ReceiveReturn& c, const Return& item) {
  const Order* order = item.order_id.empty() ? nullptr : FindOrder(state_, item.order_id);
  std::vector<ReturnLine> lines;
  std::vector<ReturnLine> stray;
  if (c.lines.empty()) {
    lines = item.lines;
  } else if (order != nullptr) {
    if (!SortLines(*order, c, lines, stray)) return;
  } else {
    for (const ReceivedLine& line : c.lines) {
      if (line.sku.empty()) return Reject(LineNotFound{line.line_id});
      lines.push_back(Stray(line.sku, line.quantity));
    }
  }
  if (c.location_id == item.location_id && !lines.empty() && stray.empty() &&
      SameLines(lines, item.lines)) {
    return Repeat();
  }
  // "As announced" says nothing of what has been received.
  if (c.lines.empty()) {
    return Reject(IllegalTransition{.state = std::string(NameOf(item.state)),
                                    .allowed = AllowedMethods(item.state)});
  }
  order != nullptr ? ReceiveByOrder(c, *order) : ReceiveUnmatched(c);
}

// What comes in takes the place of what was announced of the same line, the oldest first: a
// customer who announced a parcel and then came to a store did not buy twice.
void Decider::ReceiveByOrder(const ReceiveReturn& c, const Order& order) {
  ReturnReceived event{
      .order_id = order.order_id,
      .return_id = ReturnId(order.order_id, static_cast<int>(order.returns.size()) + 1),
      .location_id = c.location_id,
      .attribution = c.attribution};
  std::vector<ReturnLine> stray;
  if (!SortLines(order, c, event.lines, stray)) return;
  std::vector<Quantity> open;
  for (const OrderLine& line : order.lines) open.push_back(line.fulfilled - line.returned);
  LimitLines(order, std::move(open), event.lines, stray);
  SupersedeAnnounced(order, event);
  Receive(c, std::move(event), std::move(stray));
}

void Decider::SupersedeAnnounced(const Order& order, ReturnReceived& event) {
  std::vector<Quantity> received(order.lines.size());
  for (const ReturnLine& line : event.lines) received[line.line] += line.quantity;
  for (const Return& announced : order.returns) {
    if (!ReturnMoves().Next(announced.state, ReturnAction::kSupersede)) continue;
    for (const ReturnLine& line : announced.lines) {
      const Quantity superseded = std::min(received[line.line], line.quantity);
      if (!superseded.IsPositive()) continue;
      received[line.line] -= superseded;
      event.superseded.push_back(
          {.return_id = announced.return_id, .line = line.line, .quantity = superseded});
    }
  }
}

void Decider::operator()(const MatchReturn& c) {
  const Return* const from = FindReturn(state_, c.return_id);
  if (from == nullptr) return Reject(ReturnNotFound{c.return_id});
  const Order* const order = NeedOrder(c.order_id);
  if (order == nullptr) return;
  if (from->state == ReturnState::kMatched &&
      ParseReturnId(from->matched_return_id)->order_id == c.order_id) {
    decision_.result.return_id = from->matched_return_id;
    return Repeat();
  }
  if (!ReturnMoves().Next(from->state, ReturnAction::kMatch)) {
    return Reject(IllegalTransition{.state = std::string(NameOf(from->state)),
                                    .allowed = AllowedMethods(from->state)});
  }
  ReturnReceived event{
      .order_id = c.order_id,
      .return_id = ReturnId(c.order_id, static_cast<int>(order->returns.size()) + 1),
      .location_id = from->location_id,
      .attribution = c.attribution,
      .matched_from = c.return_id};
  std::vector<Quantity> open;
  for (const OrderLine& line : order->lines) open.push_back(line.fulfilled - line.returned);
  // What was announced is what came, the oldest first; then the first line that has it.
  std::vector<Quantity> announced(order->lines.size());
  for (const Return& item : order->returns) {
    if (item.state != ReturnState::kRequested) continue;
    for (const ReturnLine& line : item.lines) announced[line.line] += line.quantity;
  }
  absl::flat_hash_map<std::string_view, std::vector<uint32_t>> lines_of;
  for (uint32_t i = 0; i < order->lines.size(); ++i) {
    lines_of[order->lines[i].sku].push_back(i);
  }
  // What was looked at, and refused, is so of the order too.
  ReturnInspected refused{
      .order_id = c.order_id, .return_id = event.return_id, .attribution = c.attribution};
  for (const Goods& goods : GoodsOf(*from)) {
    const ReturnLine& came = goods.line;
    const auto lines = lines_of.find(std::string_view(came.sku));
    if (lines == lines_of.end()) return Reject(LineNotFound{came.sku});
    Quantity left = came.quantity;
    std::map<uint32_t, Quantity> of_line;
    for (const bool as_announced : {true, false}) {
      for (const uint32_t i : lines->second) {
        const Quantity most = as_announced ? std::min(open[i], announced[i]) : open[i];
        const Quantity taken = TakeUpTo(left, most);
        open[i] -= taken;
        announced[i] -= std::min(announced[i], taken);
        if (taken.IsPositive()) of_line[i] += taken;
      }
    }
    for (const auto& [i, taken] : of_line) {
      if (goods.refused) {
        refused.lines.push_back({.index = static_cast<uint32_t>(event.lines.size()),
                                 .quantity = taken,
                                 .condition = came.condition,
                                 .refuse_refund = true});
      }
      event.lines.push_back(
          {.line = i,
           .sku = came.sku,
           .quantity = taken,
           .condition = came.condition,
           .inspect_first = came.inspect_first || c.not_returnable.contains(came.sku)});
    }
    if (left.IsPositive()) {
      return Reject(QuantityExceedsSold{.line_id = order->lines[lines->second.back()].line_id,
                                        .asked = came.quantity,
                                        .open = came.quantity - left});
    }
  }
  SupersedeAnnounced(*order, event);
  decision_.result.return_id = event.return_id;
  Emit(event);
  if (!refused.lines.empty()) Emit(std::move(refused));
  RaiseNotReturnable(event, c.not_returnable);
  // What was raised of it stands right behind its receipt.
  constexpr int kRaisedMax = 4;
  auto item = state_.exceptions.upper_bound(from->position);
  for (int i = 0; i < kRaisedMax && item != state_.exceptions.end(); ++i, ++item) {
    const bool of_match = item->second.kind == ExceptionKind::kUnmatchedReturn ||
                          item->second.kind == ExceptionKind::kReturnExceedsSold;
    if (!of_match || item->second.return_id != c.return_id || item->second.resolved) continue;
    Emit(ExceptionResolved{
        .exception = item->first, .order_id = item->second.order_id, .attribution = c.attribution});
  }
}

void Decider::operator()(const InspectReturn& c) {
  const Return* const item = FindReturn(state_, c.return_id);
  if (item == nullptr) return Reject(ReturnNotFound{c.return_id});
  decision_.result.return_id = c.return_id;
  decision_.result.order_id = item->order_id;
  const Order* const order = item->order_id.empty() ? nullptr : FindOrder(state_, item->order_id);
  if (!ReturnMoves().Next(item->state, ReturnAction::kInspect)) {
    return Reject(IllegalTransition{.state = std::string(NameOf(item->state)),
                                    .allowed = AllowedMethods(item->state)});
  }
  ReturnInspected event{
      .order_id = item->order_id, .return_id = c.return_id, .attribution = c.attribution};
  std::vector<Quantity> left;
  // By line id; of goods without a known sale, by SKU.
  absl::flat_hash_map<std::string_view, std::vector<uint32_t>> lines_of;
  for (uint32_t i = 0; i < item->lines.size(); ++i) {
    const ReturnLine& came = item->lines[i];
    left.push_back(ToInspect(*item, i));
    lines_of[order == nullptr ? came.sku : order->lines[came.line].line_id].push_back(i);
  }
  for (const InspectedLine& line : c.lines) {
    const std::string& name = order == nullptr ? line.sku : line.line_id;
    const auto lines = lines_of.find(std::string_view(name));
    const bool known = lines != lines_of.end() &&
                       (line.sku.empty() || item->lines[lines->second[0]].sku == line.sku);
    if (!known) {
      const std::string& other = line.line_id.empty() ? line.sku : line.line_id;
      return Reject(LineNotFound{name.empty() ? other : name});
    }
    Quantity wanted = line.quantity;
    for (const uint32_t i : lines->second) {
      const Quantity taken = TakeUpTo(wanted, left[i]);
      left[i] -= taken;
      if (!taken.IsPositive()) continue;
      event.lines.push_back({.index = i,
                             .quantity = taken,
                             .condition = line.condition,
                             .refuse_refund = line.refuse_refund});
    }
    if (wanted.IsPositive()) {
      return Reject(QuantityExceedsOpen{
          .line_id = name, .asked = line.quantity, .open = line.quantity - wanted});
    }
  }
  Emit(std::move(event));
  const bool all =
      std::all_of(left.begin(), left.end(), [](Quantity rest) { return rest.IsZero(); });
  if (order == nullptr || !all) return;
  ResolveWhere(*order, c.attribution, [&c](const ExceptionItem& raised) {
    return raised.kind == ExceptionKind::kNotReturnable && raised.return_id == c.return_id;
  });
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
                    .attribution = c.attribution,
                    .amounts = c.amounts});
  if (c.unknown_item) RaiseUnknownItem(c.order_id, "");
}

}  // namespace quartermaster::orders
