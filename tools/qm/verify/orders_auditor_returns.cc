// What comes back: announced, received, matched, looked at.
#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tools/qm/verify/orders_auditor.h"

namespace quartermaster::qm {

namespace orders_events = ::quartermaster::orders::events::v1;
using orders::v1::Return;

namespace {

// What the unmatched one is by now, and what it has become.
bool SameGoods(const BookedReturn& from, const BookedReturn& received) {
  std::map<std::pair<std::string, int>, int64_t> goods;
  for (const auto& line : from.lines) goods[{line.sku, line.condition}] += line.quantity;
  for (const auto& inspection : from.inspections) {
    for (const auto& units : inspection.lines) {
      const auto& line = from.lines[units.line];
      goods[{line.sku, line.condition}] -= units.quantity;
      goods[{line.sku, units.condition}] += units.quantity;
    }
  }
  for (const auto& line : received.lines) goods[{line.sku, line.condition}] -= line.quantity;
  return std::all_of(goods.begin(), goods.end(),
                     [](const auto& entry) { return entry.second == 0; });
}

}  // namespace

void OrdersAuditor::On(const orders_events::ReturnRequested& event) {
  BookedOrder* order = FindOrder(event.order_id());
  if (order == nullptr) return;
  BookedReturn announced{.order_id = event.order_id()};
  for (const auto& units : event.lines()) {
    auto* line = At(order->lines, units.index(), "line");
    if (line == nullptr) continue;
    line->return_requested += units.quantity();
    announced.lines.push_back({units.index(), line->sku, units.quantity(), 0});
  }
  if (!books_.returns.emplace(event.return_id(), std::move(announced)).second) {
    Difference(absl::StrCat("return ", event.return_id(), " was announced before"));
  }
}

void OrdersAuditor::On(const orders_events::ReturnReceived& event) {
  BookedReturn received{.order_id = event.order_id(),
                        .state = event.order_id().empty() ? Return::UNMATCHED : Return::RECEIVED,
                        .location_id = event.location_id(),
                        .matched = !event.matched_from().empty(),
                        .restock_open = event.matched_from().empty()};
  for (const auto& line : event.lines()) {
    received.lines.push_back({line.line(), line.sku(), line.quantity(), line.condition(),
                              line.inspect_first() ? line.quantity() : 0});
  }
  if (received.matched) {
    BookedReturn& from = books_.returns[event.matched_from()];
    if (from.state != Return::UNMATCHED || from.location_id != event.location_id()) {
      Difference(absl::StrCat("return ", event.matched_from(), " is matched, and was not unmatched",
                              " at ", event.location_id()));
    }
    from.state = Return::MATCHED;
    from.matched_return_id = event.return_id();
    received.matched_from = event.matched_from();
    if (!SameGoods(from, received)) {
      Difference(absl::StrCat("return ", event.matched_from(), " is matched as other goods"));
    }
  }
  BookedReturn& booked = books_.returns[event.return_id()];
  if (booked.state != Return::REQUESTED) {
    Difference(absl::StrCat("return ", event.return_id(), " was received before"));
  }
  BookedOrder* order = event.order_id().empty() ? nullptr : FindOrder(event.order_id());
  if (order != nullptr) {
    for (const auto& units : event.superseded()) {
      BookedReturn& other = books_.returns[units.return_id()];
      for (auto& line : other.lines) {
        if (line.line == units.line()) Take(line.quantity, units.quantity());
      }
      std::erase_if(other.lines, [](const auto& line) { return line.quantity == 0; });
      if (other.lines.empty()) {
        other.state = Return::RECEIVED;
        other.location_id = event.location_id();
      }
      auto* line = At(order->lines, units.line(), "line");
      if (line != nullptr) Take(line->return_requested, units.quantity());
    }
    for (const auto& announced : booked.lines) {
      auto* line = At(order->lines, announced.line, "line");
      if (line != nullptr) Take(line->return_requested, announced.quantity);
    }
    for (const auto& units : received.lines) {
      auto* line = At(order->lines, units.line, "line");
      if (line == nullptr) continue;
      line->returned += units.quantity;
      line->accepted += units.quantity - units.to_inspect;
    }
  }
  booked = std::move(received);
}

void OrdersAuditor::On(const orders_events::ReturnInspected& event) {
  BookedReturn& item = books_.returns[event.return_id()];
  if (item.order_id != event.order_id() ||
      (item.state != Return::RECEIVED && item.state != Return::UNMATCHED)) {
    return Difference(absl::StrCat("return ", event.return_id(), " is looked at, and is not here"));
  }
  BookedReturn::Inspection inspection;
  for (const auto& units : event.lines()) {
    BookedReturn::Line* line = At(item.lines, units.index(), "line of a return");
    if (line == nullptr) continue;
    Take(line->to_inspect, units.quantity());
    const bool moves = units.condition() != line->condition;
    inspection.lines.push_back({units.index(), units.quantity(), units.condition(), moves});
    inspection.open = inspection.open || moves;
    BookedOrder* order = event.order_id().empty() ? nullptr : FindOrder(event.order_id());
    if (order == nullptr || units.refuse_refund()) continue;
    auto* of_order = At(order->lines, line->line, "line");
    if (of_order != nullptr) of_order->accepted += units.quantity();
  }
  const bool in_stock =
      item.refused.empty() && (!item.matched || books_.returns[item.matched_from].refused.empty());
  if (inspection.open && !in_stock) {
    inspection.open = false;
    inspection.refused = "-";
  }
  item.inspections.push_back(std::move(inspection));
}

void OrdersAuditor::On(const orders_events::ReturnReclassified& event) {
  BookedReturn& item = books_.returns[event.return_id()];
  const auto index = static_cast<uint32_t>(event.inspection() - 1);
  BookedReturn::Inspection* inspection = At(item.inspections, index, "inspection");
  if (inspection == nullptr) return;
  if (!inspection->open) {
    return Difference(absl::StrCat("return ", event.return_id(), " is reclassified twice"));
  }
  inspection->open = false;
  inspection->refused = event.refused_reason();
}

void OrdersAuditor::On(const orders_events::ReturnRestocked& event) {
  const auto found = books_.returns.find(event.return_id());
  if (found == books_.returns.end() || !found->second.restock_open) {
    return Difference(absl::StrCat("return ", event.return_id(), " is restocked twice"));
  }
  found->second.restock_open = false;
  found->second.refused = event.refused_reason();
  if (event.refused_reason().empty()) return;
  // Stock does not have the goods: it moves none of them.
  for (const std::string& id : {event.return_id(), found->second.matched_return_id}) {
    const auto item = books_.returns.find(id);
    if (item == books_.returns.end()) continue;
    for (auto& inspection : item->second.inspections) {
      if (std::exchange(inspection.open, false)) inspection.refused = "-";
    }
  }
}

}  // namespace quartermaster::qm
