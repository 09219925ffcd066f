#include "tools/qm/verify/cross_check.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tools/qm/input/values.h"

namespace quartermaster::qm {
namespace {

using OpKind = BookedOrder::OpKind;
using AttemptState = BookedOrder::AttemptState;
using orders::v1::Return;
using stock::v1::Reservation;

// Units of one assignment by what was done with them.
struct Done {
  int64_t fulfilled = 0;
  int64_t released = 0;
  int64_t missing = 0;
};

// What the order's operations on an attempt add up to, by assignment.
std::vector<Done> SumOps(const BookedOrder& order, int attempt, size_t assignments,
                         bool settled_only) {
  std::vector<Done> sums(assignments);
  for (const auto& op : order.ops) {
    if (op.attempt != attempt || op.kind == OpKind::kSell) continue;
    if (settled_only && (!op.settled || !op.refused.empty())) continue;
    for (const auto& part : op.parts) {
      if (part.index >= assignments) continue;
      Done& sum = sums[part.index];
      (op.kind == OpKind::kFulfil    ? sum.fulfilled
       : op.kind == OpKind::kRelease ? sum.released
                                     : sum.missing) += part.quantity;
    }
  }
  return sums;
}

const BookedReservation* FindReservation(const StockBooks& stock, const std::string& id) {
  const std::optional<int64_t> number = ReservationNumber(id);
  if (!number) return nullptr;
  const auto found = stock.reservations.find(*number);
  return found == stock.reservations.end() ? nullptr : &found->second;
}

// A hold's lines bear the indexes of the assignments.
const BookedReservation::Line* FindLine(const BookedReservation& reservation, size_t assignment) {
  const std::string line_id = absl::StrCat(assignment);
  for (const auto& line : reservation.lines) {
    if (line.line_id == line_id) return &line;
  }
  return nullptr;
}

// Of the owner of units that serve a back-order.
constexpr std::string_view kBackorderSuffix = "/backorder";
// In that of units that were added to an order: before what tells edits apart.
constexpr std::string_view kEditMark = "/edit/";

// "ORDER/ATTEMPT", of an owner that is one of an order's: as it is, of a back-order, or of an edit.
std::string_view PlainOwner(std::string_view owner) {
  if (owner.ends_with(kBackorderSuffix)) {
    owner.remove_suffix(kBackorderSuffix.size());
    return owner;
  }
  const size_t mark = owner.rfind(kEditMark);
  if (mark == std::string_view::npos) return owner;
  const std::string_view edit = owner.substr(mark + kEditMark.size());
  return edit.empty() || edit.find('/') != std::string_view::npos ? owner : owner.substr(0, mark);
}

std::string AttemptKey(const std::string& order_id, size_t index) {
  return absl::StrCat("order ", order_id, " attempt ", index + 1);
}

void CheckAttempt(const std::string& order_id, const BookedOrder& order, size_t index,
                  const StockBooks& stock, Findings* findings) {
  const BookedOrder::Attempt& attempt = order.attempts[index];
  const std::string key = AttemptKey(order_id, index);
  const BookedReservation* reservation = FindReservation(stock, attempt.reservation_id);
  if (reservation == nullptr) {
    return findings->Difference(
        key, absl::StrCat("its reservation ", attempt.reservation_id, " was never made in stock"));
  }
  const std::string owner = absl::StrCat(order_id, "/", index + 1);
  if (PlainOwner(reservation->owner) != owner) {
    findings->Difference(key, absl::StrCat("its reservation ", attempt.reservation_id,
                                           " belongs to ", reservation->owner));
  }
  if (attempt.state == AttemptState::kConfirmed &&
      (reservation->state == Reservation::HELD || reservation->state == Reservation::EXPIRED ||
       reservation->state == Reservation::REPLACED)) {
    findings->Difference(
        key, absl::StrCat("is confirmed, but its reservation ", attempt.reservation_id, " is ",
                          Reservation::State_Name(reservation->state)));
  }
  const std::vector<Done> done =
      SumOps(order, static_cast<int>(index) + 1, attempt.assignments.size(), /*settled_only=*/true);
  for (size_t i = 0; i < attempt.assignments.size(); ++i) {
    const BookedOrder::Assignment& assignment = attempt.assignments[i];
    const BookedReservation::Line* line = FindLine(*reservation, i);
    if (line == nullptr) {
      findings->Difference(key, absl::StrCat("its reservation has no line ", i));
      continue;
    }
    const std::string sku = stock.skus.Name(line->sku);
    if (line->quantity != assignment.quantity ||
        (assignment.line < order.lines.size() && sku != order.lines[assignment.line].sku)) {
      findings->Difference(
          key, absl::StrCat("assignment ", i, " is ", assignment.quantity,
                            " units, its reservation holds ", line->quantity, " of ", sku));
    }
    if (line->location != 0 && stock.locations.Name(line->location) != assignment.location_id) {
      findings->Difference(
          key, absl::StrCat("assignment ", i, " is at ", assignment.location_id,
                            ", its reservation at ", stock.locations.Name(line->location)));
    }
    if (line->fulfilled < done[i].fulfilled || line->released < done[i].released ||
        line->missing < done[i].missing) {
      findings->Difference(
          key,
          absl::StrCat("of assignment ", i, " orders settled ", done[i].fulfilled, " fulfilled, ",
                       done[i].released, " released, ", done[i].missing, " missing; stock has ",
                       line->fulfilled, ", ", line->released, ", ", line->missing));
    }
  }
}

// "ORDER/opN/I" and "RETURN/restock/I": the keys of effects that orders asks for.
std::string SellKey(const std::string& order_id, size_t op, size_t part) {
  return absl::StrCat(order_id, "/op", op + 1, "/", part);
}
std::string RestockKey(const std::string& return_id, size_t line) {
  return absl::StrCat(return_id, "/restock/", line);
}

// "RETURN/inspectN/I": of an inspection that found another condition.
constexpr std::string_view kInspect = "inspect";
std::string InspectKey(const std::string& return_id, size_t inspection, size_t line) {
  return absl::StrCat(return_id, "/", std::string(kInspect), inspection + 1, "/", line);
}

void CheckEffect(const StockBooks& stock, const std::string& key, const std::string& sku,
                 const std::string& location, int64_t delta, Findings* findings) {
  const auto found = stock.effects.find(key);
  if (found == stock.effects.end()) {
    return findings->Difference("effect " + key, "is settled in orders and missing in stock");
  }
  const BookedEffect& effect = found->second;
  if (stock.skus.Name(effect.key.first) != sku ||
      stock.locations.Name(effect.key.second) != location || effect.delta != delta) {
    findings->Difference(
        "effect " + key,
        absl::StrCat("orders asked for ", delta, " of ", sku, " at ", location, ", stock has ",
                     effect.delta, " of ", stock.skus.Name(effect.key.first), " at ",
                     stock.locations.Name(effect.key.second)));
  }
}

// Which order and attempt a reservation's owner names; nothing if it is none of orders' owners.
std::optional<std::pair<std::string, int64_t>> OwnerOf(const std::string& owner) {
  const std::string_view name = PlainOwner(owner);
  const size_t slash = name.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::optional<int64_t> attempt = ParseInteger(name.substr(slash + 1));
  if (!attempt || *attempt < 1) return std::nullopt;
  return std::make_pair(owner.substr(0, slash), *attempt);
}

void CheckAllocation(int64_t id, const BookedReservation& reservation, const OrdersBooks& orders,
                     Findings* findings) {
  const auto owner = OwnerOf(reservation.owner);
  if (!owner) return;
  const auto order = orders.orders.find(owner->first);
  // Anybody may choose an owner with a slash: only an order's own is looked at.
  if (order == orders.orders.end()) return;
  const std::string key = absl::StrCat("reservation ", ReservationName(id));
  const auto& attempts = order->second.attempts;
  if (owner->second > static_cast<int64_t>(attempts.size())) {
    if (reservation.state == Reservation::CONFIRMED) {
      findings->Difference(key, absl::StrCat("is allocated for attempt ", owner->second,
                                             " of order ", owner->first, ", which never was"));
    }
    return;
  }
  const size_t index = static_cast<size_t>(owner->second) - 1;
  const BookedOrder::Attempt& attempt = attempts[index];
  const bool its_own = attempt.reservation_id == ReservationName(id);
  if (!its_own) {
    // Held again under the same owner: an answer that orders has yet to hear.
    if (reservation.state == Reservation::CONFIRMED && attempt.state != AttemptState::kConfirming) {
      findings->Difference(key, absl::StrCat("is allocated for order ", owner->first,
                                             ", which uses reservation ", attempt.reservation_id));
    }
    return;
  }
  if (reservation.state == Reservation::CONFIRMED && attempt.state == AttemptState::kFailed) {
    findings->Difference(key, absl::StrCat("is allocated, but order ", owner->first,
                                           " gave attempt ", owner->second, " up"));
  }
  if (attempt.state != AttemptState::kConfirmed) return;
  const std::vector<Done> asked =
      SumOps(order->second, static_cast<int>(owner->second), attempt.assignments.size(), false);
  for (size_t i = 0; i < attempt.assignments.size(); ++i) {
    const BookedReservation::Line* line = FindLine(reservation, i);
    if (line == nullptr) continue;
    if (line->fulfilled > asked[i].fulfilled || line->released > asked[i].released ||
        line->missing > asked[i].missing) {
      findings->Difference(
          key, absl::StrCat("line ", i, ": stock fulfilled ", line->fulfilled, ", released ",
                            line->released, ", missing ", line->missing, "; order ", owner->first,
                            " asked for ", asked[i].fulfilled, ", ", asked[i].released, ", ",
                            asked[i].missing));
    }
  }
}

// `number`: of the inspection; `line`: of its lines.
void CheckInspectionAsked(const std::string& key, const std::string& return_id,
                          std::string_view number, int64_t line, const OrdersBooks& orders,
                          Findings* findings) {
  const auto found = orders.returns.find(return_id);
  if (found == orders.returns.end()) return;
  const std::optional<int64_t> inspection = ParseInteger(number);
  const auto& all = found->second.inspections;
  const bool known =
      inspection && *inspection >= 1 && *inspection <= static_cast<int64_t>(all.size());
  const auto* lines = known ? &all[static_cast<size_t>(*inspection) - 1].lines : nullptr;
  const bool asked = lines != nullptr && line < static_cast<int64_t>(lines->size()) &&
                     (*lines)[static_cast<size_t>(line)].moves;
  if (!asked) {
    findings->Difference("effect " + key, "happened in stock, but the return did not ask for it");
  }
}

// An effect whose key an order or return might have made: it must have asked for it.
void CheckEffectAsked(const std::string& key, const OrdersBooks& orders, Findings* findings) {
  const size_t last = key.rfind('/');
  if (last == std::string::npos) return;
  const std::optional<int64_t> part = ParseInteger(std::string_view(key).substr(last + 1));
  const std::string cause = key.substr(0, last);
  const size_t slash = cause.rfind('/');
  if (!part || *part < 0 || slash == std::string::npos) return;
  const std::string id = cause.substr(0, slash);
  const std::string_view verb = std::string_view(cause).substr(slash + 1);
  if (verb.starts_with(kInspect)) {
    return CheckInspectionAsked(key, id, verb.substr(kInspect.size()), *part, orders, findings);
  }
  if (verb == "restock") {
    const auto found = orders.returns.find(id);
    if (found == orders.returns.end()) return;
    if (found->second.state == Return::REQUESTED || found->second.matched ||
        *part >= static_cast<int64_t>(found->second.lines.size())) {
      findings->Difference("effect " + key, "happened in stock, but the return did not ask for it");
    }
    return;
  }
  if (!verb.starts_with("op")) return;
  const auto found = orders.orders.find(id);
  if (found == orders.orders.end()) return;
  const std::optional<int64_t> number = ParseInteger(verb.substr(2));
  const auto& ops = found->second.ops;
  const bool asked =
      number && *number >= 1 && *number <= static_cast<int64_t>(ops.size()) &&
      ops[static_cast<size_t>(*number) - 1].kind == OpKind::kSell &&
      *part < static_cast<int64_t>(ops[static_cast<size_t>(*number) - 1].parts.size());
  if (!asked) {
    findings->Difference("effect " + key, "happened in stock, but its order did not ask for it");
  }
}

const char* NameOf(OpKind kind) {
  switch (kind) {
    case OpKind::kFulfil:
      return "fulfil";
    case OpKind::kRelease:
      return "release";
    case OpKind::kReleaseMissing:
      return "mark as missing";
    case OpKind::kSell:
      return "sell";
  }
  return "";
}

}  // namespace

void CheckOrdersInStock(const OrdersBooks& orders, const StockBooks& stock, Findings* findings) {
  for (const auto& [order_id, order] : orders.orders) {
    for (size_t i = 0; i < order.attempts.size(); ++i) {
      CheckAttempt(order_id, order, i, stock, findings);
    }
    for (size_t o = 0; o < order.ops.size(); ++o) {
      const BookedOrder::Op& op = order.ops[o];
      if (op.kind != OpKind::kSell || !op.settled || !op.refused.empty()) continue;
      for (size_t i = 0; i < op.parts.size(); ++i) {
        if (op.parts[i].index >= order.lines.size()) continue;
        CheckEffect(stock, SellKey(order_id, o, i), order.lines[op.parts[i].index].sku,
                    op.parts[i].location_id, -op.parts[i].quantity, findings);
      }
    }
  }
  for (const auto& [return_id, item] : orders.returns) {
    for (size_t i = 0; i < item.inspections.size(); ++i) {
      const BookedReturn::Inspection& inspection = item.inspections[i];
      if (inspection.open || !inspection.refused.empty()) continue;
      for (size_t l = 0; l < inspection.lines.size(); ++l) {
        const BookedReturn::Inspected& units = inspection.lines[l];
        if (!units.moves) continue;
        const std::string key = InspectKey(return_id, i, l);
        // What somebody else has taken out of its condition is sellable already.
        const auto effect = stock.effects.find(key);
        const bool sellable = units.condition == Return::SELLABLE;
        const int64_t moved = sellable && effect != stock.effects.end()
                                  ? std::min(effect->second.delta, units.quantity)
                                  : units.quantity;
        CheckEffect(stock, key, item.lines[units.line].sku, item.location_id, moved, findings);
      }
    }
    if (item.state == Return::REQUESTED || item.restock_open || !item.refused.empty()) continue;
    if (item.matched) continue;
    // One whose units another receipt took has nothing left to restock.
    for (size_t i = 0; i < item.lines.size(); ++i) {
      CheckEffect(stock, RestockKey(return_id, i), item.lines[i].sku, item.location_id,
                  item.lines[i].quantity, findings);
    }
  }
}

void CheckStockInOrders(const StockBooks& stock, const OrdersBooks& orders, Findings* findings) {
  for (const auto& [id, reservation] : stock.reservations) {
    CheckAllocation(id, reservation, orders, findings);
  }
  for (const auto& [key, effect] : stock.effects) CheckEffectAsked(key, orders, findings);
}

std::map<std::string, std::string> Unsettled(const OrdersBooks& orders, const StockBooks& stock) {
  std::map<std::string, std::string> open;
  for (const auto& [order_id, order] : orders.orders) {
    for (size_t i = 0; i < order.attempts.size(); ++i) {
      if (order.attempts[i].state == AttemptState::kConfirming) {
        const auto* r = FindReservation(stock, order.attempts[i].reservation_id);
        open.emplace(AttemptKey(order_id, i),
                     absl::StrCat("waits for stock to confirm; its reservation is ",
                                  r == nullptr ? "unknown" : Reservation::State_Name(r->state)));
      }
    }
    for (size_t i = 0; i < order.ops.size(); ++i) {
      if (!order.ops[i].settled) {
        open.emplace(absl::StrCat("order ", order_id, " operation ", i + 1),
                     absl::StrCat("stock has yet to ", NameOf(order.ops[i].kind), " its units"));
      }
    }
    int64_t to_route = 0;
    for (const auto& line : order.lines) to_route += line.to_route;
    if (to_route > 0) {
      open.emplace("order " + order_id, absl::StrCat(to_route, " units wait to be routed"));
    }
  }
  for (const auto& [return_id, item] : orders.returns) {
    if (item.restock_open) {
      open.emplace("return " + return_id, "stock has yet to take its units in");
    }
    for (size_t i = 0; i < item.inspections.size(); ++i) {
      if (!item.inspections[i].open) continue;
      open.emplace(absl::StrCat("return ", return_id, " inspection ", i + 1),
                   "stock has yet to move its units to their condition");
    }
  }
  return open;
}

}  // namespace quartermaster::qm
