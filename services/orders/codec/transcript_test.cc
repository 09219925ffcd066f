// Transcripts: scripts of commands with everything that they cause, to be read by people. A file
// under testdata/transcripts is a sequence of
//
//   command arguments...
//   ----
//   the events, the rejection, the state and the open intents of the order
//
// with an empty line between. QM_REWRITE=1 writes the second halves anew.
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <map>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "quartermaster/common/v1/common.pb.h"
#include "services/base/check.h"
#include "services/orders/codec/errors.h"
#include "services/orders/codec/event_codec.h"
#include "services/orders/codec/testing/golden.h"
#include "services/orders/domain/testing/enum_values.h"
#include "services/orders/domain/testing/world.h"
#include "services/orders/domain/transitions.h"

namespace quartermaster::orders {
namespace {

using Words = std::vector<std::string>;

int64_t Number(const std::string& text) {
  int64_t number = 0;
  QM_CHECK(absl::SimpleAtoi(text, &number)) << "not a number: " << text;
  return number;
}

// "a:2" and so on, from the `first` word on.
std::vector<LineQuantity> LineQuantities(const Words& words, size_t first) {
  std::vector<LineQuantity> lines;
  for (size_t i = first; i < words.size(); ++i) {
    const Words parts = absl::StrSplit(words[i], ':');
    lines.push_back({.line_id = parts.at(0), .quantity = Quantity(Number(parts.at(1)))});
  }
  return lines;
}

// The one of this name.
template <typename Enum>
Enum Named(std::string_view name) {
  for (const Enum value : ValuesOf<Enum>()) {
    if (NameOf(value) == name) return value;
  }
  QM_CHECK(false) << "no value is called " << name;
  return {};
}

// place ORDER GROUP:METHOD[:LOCATION[:TERM]]...
//       LINE:GROUP:SKU:UNITS[:PRICE]@LOCATION=UNITS,LOCATION=UNITS...
Command ParsePlace(const Words& words, Instant now) {
  PlaceOrder c;
  c.order_id = words.at(1);
  c.channel_id = std::string("web");
  c.reservation_id = absl::StrCat("r-", c.order_id);
  c.expires_at = now + Seconds(120);
  std::map<std::string, uint32_t> group_index;
  for (size_t i = 2; i < words.size(); ++i) {
    const Words halves = absl::StrSplit(words[i], '@');
    const Words parts = absl::StrSplit(halves[0], ':');
    if (halves.size() == 1) {
      group_index[parts.at(0)] = static_cast<uint32_t>(c.groups.size());
      const std::string location_id = parts.size() > 2 ? parts[2] : "";
      c.groups.push_back(parts.at(1) == "SHIP"     ? Ship(parts[0])
                         : parts.at(1) == "PICKUP" ? Pickup(parts[0], location_id)
                                                   : CarryOut(parts[0], location_id));
      if (parts.size() > 3) c.groups.back().payment_term = Named<PaymentTerm>(parts[3]);
      continue;
    }
    const auto line = static_cast<uint32_t>(c.lines.size());
    c.lines.push_back(
        Line(parts.at(0), group_index.at(parts.at(1)), parts.at(2), Number(parts.at(3))));
    if (parts.size() > 4) {
      if (!c.amounts) c.amounts = Amounts{.currency_code = "EUR"};
      const int64_t subtotal = Number(parts[3]) * Number(parts[4]);
      c.lines.back().amounts = LineAmounts{.subtotal = subtotal};
      c.amounts->total += subtotal;
    }
    for (const auto place : absl::StrSplit(halves[1], ',')) {
      const std::pair<std::string, std::string> pair = absl::StrSplit(place, '=');
      c.assignments.push_back({line, pair.first, Quantity(Number(pair.second))});
    }
  }
  return c;
}

// edit ORDER [-LINE:UNITS | +GROUP:LINE:SKU:UNITS@LOCATION | +GROUP:LINE:SKU:UNITS@ |
// GROUP>COUNTRY]... Without a location it waits for stock.
Command ParseEdit(const Words& words, const World& world) {
  const Order& order = world.order(words.at(1));
  const int attempt = static_cast<int>(order.attempts.size()) + 1;
  EditOrder c{.order_id = words[1],
              .attempt = attempt,
              .revision = order.route_revision,
              .reservation_id = absl::StrCat("r-", words[1], "-", attempt),
              .expires_at = world.now() + Seconds(120)};
  for (size_t i = 2; i < words.size(); ++i) {
    const Words halves = absl::StrSplit(words[i], absl::ByAnyChar("@>"));
    if (halves.size() == 1) {
      const Words parts = absl::StrSplit(words[i].substr(1), ':');
      c.less.push_back({parts.at(0), Quantity(Number(parts.at(1)))});
    } else if (words[i][0] != '+') {
      c.destinations.push_back({halves[0], {.country_code = halves[1]}});
    } else {
      const Words parts = absl::StrSplit(halves[0].substr(1), ':');
      const auto line = static_cast<uint32_t>(c.added.size());
      const Quantity units(Number(parts.at(3)));
      c.added.push_back({parts.at(0), Line(parts.at(1), 0, parts.at(2), units.units())});
      c.added.back().line.backorder = halves[1].empty();
      if (!halves[1].empty()) c.assignments.push_back({line, halves[1], units});
    }
  }
  return c;
}

// KIND[:SECONDS[:cancel]]
NewHold ParseHold(const std::string& text) {
  const Words parts = absl::StrSplit(text, ':');
  NewHold hold{.kind = Named<HoldKind>(parts.at(0))};
  if (parts.size() > 1) hold.ttl = Seconds(Number(parts[1]));
  hold.cancel_on_expiry = parts.size() > 2;
  return hold;
}

// handover TASK CODE [LINE:HANDED:REFUSED]...
Command ParseHandOver(const Words& words) {
  HandOver c{.task_id = words.at(1), .code_hmac = words.at(2)};
  for (size_t i = 3; i < words.size(); ++i) {
    const Words parts = absl::StrSplit(words[i], ':');
    c.lines.push_back({.line_id = parts.at(0),
                       .handed_over = Quantity(Number(parts.at(1))),
                       .refused = Quantity(Number(parts.at(2)))});
  }
  return c;
}

// receive LOCATION return=RETURN|order=ORDER|unmatched=RETURN [LINE-OR-SKU:UNITS[:CONDITION]]...
Command ParseReceive(const Words& words) {
  ReceiveReturn c{.location_id = words.at(1)};
  const std::pair<std::string, std::string> by = absl::StrSplit(words.at(2), '=');
  if (by.first == "return") c.return_id = by.second;
  if (by.first == "order") c.order_id = by.second;
  c.unmatched_return_id = by.first == "unmatched" ? by.second : absl::StrCat("u-", by.second);
  for (size_t i = 3; i < words.size(); ++i) {
    const Words parts = absl::StrSplit(words[i], ':');
    ReceivedLine line{.quantity = Quantity(Number(parts.at(1)))};
    (by.first == "unmatched" ? line.sku : line.line_id) = parts[0];
    if (parts.size() > 2) line.condition = Named<Condition>(parts[2]);
    c.lines.push_back(line);
  }
  return c;
}

// inspect RETURN [LINE:UNITS:CONDITION[:REFUSED]]...
Command ParseInspect(const Words& words) {
  InspectReturn c{.return_id = words.at(1)};
  for (size_t i = 2; i < words.size(); ++i) {
    const Words parts = absl::StrSplit(words[i], ':');
    c.lines.push_back({.line_id = parts.at(0),
                       .quantity = Quantity(Number(parts.at(1))),
                       .condition = Named<Condition>(parts.at(2)),
                       .refuse_refund = parts.size() > 3});
  }
  return c;
}

// pay ORDER KIND REF EVENT AMOUNT [INTENT]
Command ParsePay(const Words& words) {
  return RecordPayment{.order_id = words.at(1),
                       .kind = Named<PaymentFactKind>(words.at(2)),
                       .payment_ref = words.at(3),
                       .event_ref = words.at(4),
                       .amount = Number(words.at(5)),
                       .currency_code = "EUR",
                       .intent_id = words.size() > 6 ? words[6] : ""};
}

// sale ORDER LOCATION LINE:SKU:UNITS...
Command ParseSale(const Words& words) {
  RecordSale c{.order_id = words.at(1), .location_id = words.at(2)};
  for (size_t i = 3; i < words.size(); ++i) {
    const Words parts = absl::StrSplit(words[i], ':');
    c.lines.push_back(Line(parts.at(0), 0, parts.at(1), Number(parts.at(2))));
  }
  c.content = {.high = 1, .low = words.size()};
  return c;
}

// rerouted ORDER [LINE=LOCATION=UNITS]...: answers the open question
Command ParseRerouted(const Words& words, const World& world) {
  const Order& order = world.order(words.at(1));
  const auto intent = FindIntent<Reroute>(order);
  QM_CHECK(intent.has_value()) << "nothing is to be routed";
  ReportRerouted c{.order_id = words[1],
                   .attempt = intent->attempt,
                   .revision = intent->revision,
                   .reservation_id = absl::StrCat("r-", words[1], "-", intent->attempt),
                   .expires_at = world.now() + Seconds(120)};
  for (size_t i = 2; i < words.size(); ++i) {
    const Words parts = absl::StrSplit(words[i], '=');
    c.assignments.push_back(
        {*FindLine(order, parts.at(0)), parts.at(1), Quantity(Number(parts.at(2)))});
  }
  return c;
}

// told PARCEL STATE
Command ParseTold(const Words& words) {
  RecordDelivery c{.parcel_id = words.at(1)};
  for (const ParcelState state : ValuesOf<ParcelState>()) {
    if (NameOf(state) == words.at(2)) c.state = state;
  }
  return c;
}

// pick TASK [LINE:PICKED[:REASON]]...
Command ParsePick(const Words& words) {
  RecordPick c{.task_id = words.at(1)};
  for (size_t i = 2; i < words.size(); ++i) {
    const Words parts = absl::StrSplit(words[i], ':');
    c.lines.push_back({.line_id = parts.at(0),
                       .picked = Quantity(Number(parts.at(1))),
                       .reason_code = parts.size() > 2 ? parts[2] : ""});
  }
  return c;
}

// policy CHANNEL [REASON=UNITS=ORDER[=ACTION]]...: as the API spells them
Command ParsePolicy(const Words& words) {
  SetFulfilmentPolicy c{.channel_id = words.at(1)};
  for (size_t i = 2; i < words.size(); ++i) {
    const Words parts = absl::StrSplit(words[i], '=');
    ReasonEffect& reason = c.policy.reasons.emplace_back();
    reason.code = parts.at(0);
    for (const UnitsEffect effect : ValuesOf<UnitsEffect>()) {
      if (NameOf(effect) == parts.at(1)) reason.units = effect;
    }
    for (const OrderEffect effect : ValuesOf<OrderEffect>()) {
      if (NameOf(effect) == parts.at(2)) reason.order = effect;
    }
    if (parts.size() > 3) reason.suggested_action = parts[3];
  }
  return c;
}

Command Parse(const Words& w, const World& world) {
  const std::map<std::string, std::function<Command()>> commands = {
      {"place", [&] { return ParsePlace(w, world.now()); }},
      {"confirmed",
       [&] {
         return ReportStockConfirmed{w.at(1), static_cast<int>(Number(w.at(2))), w.at(3)};
       }},
      {"confirm-failed",
       [&] {
         return ReportConfirmFailed{w.at(1), static_cast<int>(Number(w.at(2))), w.at(3)};
       }},
      {"settled",
       [&] {
         return ReportStockSettled{w.at(1), static_cast<int>(Number(w.at(2))),
                                   w.size() > 3 ? w[3] : ""};
       }},
      {"restocked",
       [&] {
         return ReportReturnRestocked{w.at(1), ""};
       }},
      {"rerouted", [&] { return ParseRerouted(w, world); }},
      {"cancel", [&] { return CancelOrder{.order_id = w.at(1), .lines = LineQuantities(w, 2)}; }},
      {"edit", [&] { return ParseEdit(w, world); }},
      {"accept", [&] { return AcceptTask{.task_id = w.at(1)}; }},
      {"reject",
       [&] {
         return RejectTask{.task_id = w.at(1),
                           .attribution = {.reason_code = w.size() > 2 ? w[2] : ""}};
       }},
      {"put-back", [&] { return PutBack{.task_id = w.at(1), .lines = LineQuantities(w, 2)}; }},
      {"pick", [&] { return ParsePick(w); }},
      {"policy", [&] { return ParsePolicy(w); }},
      {"pack", [&] { return PackTask{.task_id = w.at(1)}; }},
      {"ship", [&] { return RecordShipment{.task_id = w.at(1), .carrier = "dhl"}; }},
      {"parcel",
       [&] {
         return RecordShipment{
             .task_id = w.at(1), .parcel_key = w.at(2), .lines = LineQuantities(w, 3)};
       }},
      {"told", [&] { return ParseTold(w); }},
      {"hold", [&] { return HoldOrder{.order_id = w.at(1), .hold = ParseHold(w.at(2))}; }},
      {"pay", [&] { return ParsePay(w); }},
      {"release-hold",
       [&] { return ReleaseHold{.order_id = w.at(1), .hold_id = w.size() > 2 ? w[2] : ""}; }},
      {"ready", [&] { return MarkReadyForPickup{.task_id = w.at(1), .code_hmac = w.at(2)}; }},
      {"proxy",
       [&] { return SetPickupProxy{.task_id = w.at(1), .code_hmac = w.size() > 2 ? w[2] : ""}; }},
      {"extend", [&] { return ExtendPickup{.task_id = w.at(1)}; }},
      {"handover", [&] { return ParseHandOver(w); }},
      {"request-return",
       [&] { return RequestReturn{.order_id = w.at(1), .lines = LineQuantities(w, 2)}; }},
      {"receive", [&] { return ParseReceive(w); }},
      {"inspect", [&] { return ParseInspect(w); }},
      {"reclassified",
       [&] {
         return ReportReclassified{w.at(1), static_cast<int>(Number(w.at(2))), ""};
       }},
      {"sale", [&] { return ParseSale(w); }},
      {"resolve", [&] { return ResolveException{.exception_id = w.at(1)}; }},
  };
  const auto found = commands.find(w.at(0));
  QM_CHECK(found != commands.end()) << "no command " << w[0];
  return found->second();
}

// "a 3 ordered, 2 allocated, 1 to route"
std::string Show(const OrderLine& line) {
  const std::pair<Quantity, const char*> parts[] = {
      {line.ordered, "ordered"},          {line.allocated, "allocated"},
      {line.held_back, "held back"},      {line.confirming, "confirming"},
      {line.to_route, "to route"},        {line.awaiting, "awaiting"},
      {line.backordered, "back-ordered"}, {line.fulfilled, "fulfilled"},
      {line.cancelled, "cancelled"},      {line.return_requested, "announced"},
      {line.returned, "returned"}};
  std::vector<std::string> shown;
  for (const auto& [quantity, name] : parts) {
    if (quantity.IsPositive()) shown.push_back(absl::StrCat(quantity.units(), " ", name));
  }
  return absl::StrCat("  ", line.line_id, ": ", absl::StrJoin(shown, ", "), "\n");
}

std::string Show(const Intent& intent) {
  static constexpr const char* kNames[] = {"ConfirmStock",    "FulfilStock",   "ReleaseStock",
                                           "SellStock",       "RestockReturn", "Reroute",
                                           "ReclassifyReturn"};
  return absl::StrCat("  -> ", kNames[intent.index()], " ", std::string(KeyOf(intent)), "\n");
}

std::string Show(const Order& order) {
  std::string out = absl::StrCat(order.order_id, " ", std::string(NameOf(StateOf(order))), "\n");
  for (const OrderLine& line : order.lines) absl::StrAppend(&out, Show(line));
  for (const Task& task : order.tasks) {
    absl::StrAppend(&out, "  ", TaskId(order.order_id, task.number), " at ", task.location_id, ": ",
                    std::string(NameOf(task.state)));
    for (const TaskLine& line : task.lines) {
      if (!line.cancel_requested.IsPositive()) continue;
      absl::StrAppend(&out, ", to put back ", line.cancel_requested.units(), " of ",
                      order.lines[line.line].line_id);
    }
    absl::StrAppend(&out, "\n");
  }
  for (const Parcel& parcel : order.parcels) {
    absl::StrAppend(&out, "  ", ParcelId(order.order_id, parcel.number), " ", parcel.key, ": ",
                    std::string(NameOf(parcel.state)), "\n");
  }
  for (const Payment& payment : order.payments.tenders) {
    absl::StrAppend(&out, "  paid by ", payment.payment_ref, ": ",
                    std::string(NameOf(payment.state)), ", ", payment.authorised, " authorised, ",
                    payment.captured, " captured, ", payment.voided, " voided, ", payment.refunded,
                    " refunded\n");
  }
  for (const PaymentIntent& intent : order.payments.intents) {
    if (intent.state != PaymentIntentState::kOpen) continue;
    absl::StrAppend(&out, "  ", IntentId(order.order_id, intent.number), ": ",
                    std::string(NameOf(intent.kind)), " ", intent.amount, "\n");
  }
  for (const Intent& intent : PendingIntents(order)) absl::StrAppend(&out, Show(intent));
  return out;
}

// What has been logged since the log had `before` entries.
std::string ShowLog(const World& world, size_t before) {
  std::string out;
  std::string payload;
  for (size_t i = before; i < world.log().size(); ++i) {
    const Event& event = world.log()[i].event;
    const auto [type, version] = EncodeEvent(event, payload);
    absl::StrAppend(&out, std::string(NameOf(event)), " ", *EventJson(type, version, payload),
                    "\n");
  }
  return out;
}

// wait SECONDS: with what the clock brings about
std::string Wait(World& world, const Words& words) {
  world.Advance(Seconds(Number(words.at(1))));
  const size_t before = world.log().size();
  const std::vector<Event> events = world.DoDue();
  std::string out = ShowLog(world, before);
  std::set<std::string> orders;
  for (const Event& event : events) orders.emplace(OrderIdOf(event));
  for (const std::string& order_id : orders) absl::StrAppend(&out, Show(world.order(order_id)));
  return out;
}

std::string RunLine(World& world, const std::string& line) {
  const Words words = absl::StrSplit(line, ' ', absl::SkipEmpty());
  if (words.at(0) == "wait") return Wait(world, words);
  const size_t before = world.log().size();
  const Decision decision = world.Do(Parse(words, world));
  std::string out = ShowLog(world, before);
  if (decision.rejection.has_value()) {
    const ErrorDescription error = Describe(*decision.rejection);
    absl::StrAppend(&out, common::v1::ErrorReason_Name(error.reason), ": ", error.message, "\n");
  }
  if (decision.result.duplicate) absl::StrAppend(&out, "duplicate\n");
  if (const Order* order = FindOrder(world.state(), decision.result.order_id); order != nullptr) {
    absl::StrAppend(&out, Show(*order));
  }
  for (const ExceptionItem& item : world.exceptions()) {
    absl::StrAppend(&out, ExceptionId(item.position), " ", std::string(NameOf(item.kind)), " ",
                    item.suggested_action, "\n");
  }
  return out;
}

TEST(Transcripts, AreAsWritten) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(TestdataPath("transcripts"))) {
    ++files;
    const std::string path = entry.path().string();
    World world;
    std::string actual;
    bool skipping = false;
    for (const auto view : absl::StrSplit(ReadFile(path), '\n')) {
      const std::string line(view);
      if (line == "----") {
        skipping = true;
      } else if (line.empty()) {
        skipping = false;
      } else if (line.starts_with("#")) {
        absl::StrAppend(&actual, line, "\n");
      } else if (!skipping) {
        absl::StrAppend(&actual, line, "\n----\n", RunLine(world, line), "\n");
      }
    }
    ExpectGolden(path, actual);
  }
  EXPECT_GE(files, 5);
}

}  // namespace
}  // namespace quartermaster::orders
