#include "services/orders/domain/testing/random_run.h"

#include <gtest/gtest.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/orders/domain/invariants.h"

namespace quartermaster::orders {
namespace {

// How an attempt's units are to be held in stock: one line per assignment. `lines`: the order's.
template <typename Line>
std::vector<HoldLine> HoldLines(const std::vector<Line>& lines,
                                const std::vector<PlannedUnits>& assignments) {
  std::vector<HoldLine> hold;
  for (const PlannedUnits& units : assignments) {
    hold.push_back({.line_id = absl::StrCat(hold.size()),
                    .sku = lines[units.line].sku,
                    .location_id = units.location_id,
                    .quantity = units.quantity});
  }
  return hold;
}

}  // namespace

void RandomRun::Do(const Command& command) {
  const Decision decision = world_.Do(command);
  if (decision.rejection.has_value()) {
    ++seen_[absl::StrCat("rejection ", decision.rejection->index())];
  }
  if (decision.result.duplicate) ++seen_["duplicate"];
}

std::vector<Instant> RandomRun::Closes() {
  std::vector<Instant> closes;
  const int known = Pick(10);
  for (int day = 1; day <= known; ++day) closes.push_back(world_.now() + Seconds(30 * day));
  return closes;
}

std::string RandomRun::SomeOrder() {
  const auto& ids = OneIn(4) && !sale_ids_.empty() ? sale_ids_ : order_ids_;
  if (ids.empty() || OneIn(50)) return "o-none";
  // The latest ones are where most is open.
  const int recent = static_cast<int>(std::min<size_t>(ids.size(), 12));
  return ids[ids.size() - 1 - static_cast<size_t>(Pick(recent))];
}

std::string RandomRun::SomeTask() {
  for (int tries = 0; tries < 20; ++tries) {
    const Order* order = FindOrder(world_.state(), SomeOrder());
    if (order == nullptr || order->tasks.empty()) continue;
    const int number = 1 + Pick(static_cast<int>(order->tasks.size()));
    if (FindTask(*order, number)->ended() && !OneIn(6)) continue;
    return TaskId(order->order_id, number);
  }
  return "o-none.t1";
}

std::string RandomRun::SomeReturn() {
  for (int tries = 0; tries < 8; ++tries) {
    const Order* order = FindOrder(world_.state(), SomeOrder());
    if (order == nullptr || order->returns.empty()) continue;
    return ReturnId(order->order_id, 1 + Pick(static_cast<int>(order->returns.size())));
  }
  return "o-none.r1";
}

std::string RandomRun::SomeLine(const std::string& order_id) {
  const Order* order = FindOrder(world_.state(), order_id);
  if (order == nullptr || OneIn(40)) return "none";
  return order->lines[static_cast<size_t>(Pick(static_cast<int>(order->lines.size())))].line_id;
}

void RandomRun::Steps(int count) {
  for (int i = 0; i < count && !testing::Test::HasFailure(); ++i) Step();
}

void RandomRun::Step() {
  // Now and then for longer than what nobody fetches is kept.
  world_.Advance(OneIn(300) ? Hours(Pick(200)) : Milliseconds(Pick(2'000)));
  world_.DoDue();
  const int dice = Pick(100);
  if (dice < 8) return Place();
  if (dice < 16) return Customer();
  if (dice < 50) return Staff();
  if (dice < 60) return Back();
  if (dice < 63) return Till();
  const Order* order = FindOrder(world_.state(), SomeOrder());
  if (order == nullptr) return;
  if (const std::optional<Reroute> backorder = BackorderOf(*order); backorder && OneIn(2)) {
    return Fill(*backorder);
  }
  const std::vector<Intent> intents = PendingIntents(*order);
  if (intents.empty()) return;
  Saga(intents[static_cast<size_t>(Pick(static_cast<int>(intents.size())))], true);
}

// What the lines of a placed order come to.
void RandomRun::Price(PlaceOrder& c) {
  Amounts amounts{.currency_code = "EUR", .prices_include_tax = OneIn(2)};
  std::vector<PricedLine> lines;
  int64_t least = 0;
  for (const PlacedLine& line : c.lines) {
    const int64_t subtotal = OneIn(5) ? 0 : Pick(10'000);
    // Some lines are shortened.
    lines.push_back({.line_id = line.line_id,
                     .group_id = c.groups[line.group].group_id,
                     .quantity = line.quantity + Quantity(OneIn(3) ? Pick(3) : 0),
                     .subtotal = subtotal,
                     .tax = subtotal / 5});
    least += subtotal;
  }
  if (least > 0 && OneIn(2)) {
    amounts.discounts.push_back({.code = "ten", .amount = 1 + Pick(static_cast<int>(least))});
  }
  if (OneIn(2)) {
    amounts.charges.push_back(
        {.kind = "shipping", .amount = Pick(900), .tax = Pick(200), .refundable = OneIn(2)});
  }
  std::vector<LineAmounts> allocated;
  AmountsDefect defect;
  if (!AllocateToLines(amounts, lines, allocated, defect)) amounts.total = defect.total;
  ASSERT_TRUE(AllocateToLines(amounts, lines, allocated, defect));
  for (size_t i = 0; i < allocated.size(); ++i) {
    c.lines[i].amounts =
        Shortened(allocated[i], c.lines[i].quantity, lines[i].quantity, amounts.prices_include_tax);
  }
  c.amounts = std::move(amounts);
}

void RandomRun::Place() {
  PlaceOrder c;
  c.order_id = absl::StrCat("o-", next_id_++);
  c.channel_id = OneIn(2) ? "web" : "app";
  if (OneIn(3)) c.external_id = absl::StrCat("x-", Pick(200));
  c.content = {.high = 1, .low = static_cast<uint64_t>(next_id_)};
  const int groups = 1 + Pick(3);
  for (int g = 0; g < groups; ++g) {
    const std::string id = absl::StrCat("g", g);
    const int method = Pick(5);
    const std::string store = Location();
    const auto term = static_cast<PaymentTerm>(OneIn(2) ? Pick(6) : 0);
    c.groups.push_back(
        method < 3 ? Ship(id)
                   : (method == 3 ? Pickup(id, OneIn(2) ? store : "") : CarryOut(id, store)));
    c.groups.back().payment_term = term;
    const int lines = 1 + Pick(3);
    for (int l = 0; l < lines; ++l) {
      const auto line = static_cast<uint32_t>(c.lines.size());
      int units = 1 + Pick(5);
      c.lines.push_back(Line(absl::StrCat("l", line), static_cast<uint32_t>(g),
                             absl::StrCat("s", Pick(5)), units));
      if (OneIn(4)) {
        c.lines.back().backorder = true;
        units = Pick(units + 1);
        if (units == 0) continue;
      }
      const int here =
          c.groups.back().method == Method::kShip && units > 1 ? 1 + Pick(units) : units;
      c.assignments.push_back(
          {line, c.groups.back().method == Method::kShip ? "w0" : store, Quantity(here)});
      if (here < units) c.assignments.push_back({line, "w1", Quantity(units - here)});
    }
  }
  if (OneIn(2)) Price(c);
  if (!c.assignments.empty()) {
    c.reservation_id = stock_.Hold(OwnerId(c.order_id, 1), HoldLines(c.lines, c.assignments));
  }
  while (OneIn(6)) c.holds.push_back(SomeHold());
  c.expires_at = world_.now() + (OneIn(20) ? Seconds(Pick(40)) : Seconds(120));
  Do(c);
  if (FindOrder(world_.state(), c.order_id) == nullptr) {
    if (!c.assignments.empty()) stock_.Expire(c.reservation_id);
    return;
  }
  order_ids_.push_back(c.order_id);
  if (OneIn(10)) Do(c);
  if (OneIn(10)) {
    ++c.content.high;
    Do(c);
  }
  if (OneIn(5) && !c.assignments.empty()) stock_.Expire(c.reservation_id);
}

NewHold RandomRun::SomeHold() {
  NewHold hold{.kind = static_cast<HoldKind>(1 + Pick(4)), .cancel_on_expiry = OneIn(3)};
  if (OneIn(2)) hold.ttl = Seconds(1 + Pick(60));
  return hold;
}

void RandomRun::HoldBack() {
  const std::string order_id = SomeOrder();
  if (OneIn(3)) return Do(HoldOrder{.order_id = order_id, .hold = SomeHold()});
  ReleaseHold c{.order_id = order_id};
  if (OneIn(3)) c.hold_id = HoldId(order_id, 1 + Pick(2));
  if (OneIn(20)) c.etag = "1";
  Do(c);
}

void RandomRun::SetPolicy() {
  constexpr const char* kChannels[] = {"", "web", "app"};
  SetFulfilmentPolicy c{.channel_id = kChannels[Pick(3)]};
  c.policy.attempts_max = 1 + Pick(6);
  for (int i = 0; i < Pick(4); ++i) {
    c.policy.reasons.push_back({.code = absl::StrCat("reason", i),
                                .units = static_cast<UnitsEffect>(Pick(3)),
                                .order = static_cast<OrderEffect>(Pick(3)),
                                .keep_location = OneIn(2)});
  }
  if (OneIn(4)) c.etag = "1";
  Do(c);
}

void RandomRun::Edit() {
  EditOrder c{.order_id = SomeOrder()};
  const Order* order = FindOrder(world_.state(), c.order_id);
  if (OneIn(10)) c.etag = "1";
  if (OneIn(2)) {
    c.less.push_back({.line_id = SomeLine(c.order_id), .quantity = Quantity(1 + Pick(2))});
  }
  if (OneIn(3)) {
    c.destinations.push_back({.group_id = OneIn(10) ? "none" : absl::StrCat("g", Pick(2)),
                              .destination = {.country_code = "PL"}});
  }
  if (order == nullptr || OneIn(3)) return Do(c);
  const std::string store = Location();
  const Group& group =
      order->groups[static_cast<size_t>(Pick(static_cast<int>(order->groups.size())))];
  PlacedLine line = Line(absl::StrCat("e", next_id_++), 0, absl::StrCat("s", Pick(5)), 1 + Pick(3));
  line.backorder = group.method != Method::kCarryOut && OneIn(3);
  if (order->amounts) line.amounts = LineAmounts{.subtotal = Pick(5'000), .tax = Pick(900)};
  const std::string at = group.location_id.empty() ? store : group.location_id;
  const bool held = !line.backorder || OneIn(2);
  c.added.push_back({.group_id = group.group_id, .line = line});
  c.attempt = static_cast<int>(order->attempts.size()) + 1;
  c.revision = order->route_revision;
  if (held) {
    c.assignments.push_back({0, at, line.quantity});
    c.reservation_id = stock_.Hold(EditOwnerId(c.order_id, c.attempt, absl::StrCat(next_id_++)),
                                   HoldLines(std::vector<PlacedLine>{line}, c.assignments));
    c.expires_at = world_.now() + (OneIn(20) ? Seconds(Pick(40)) : Seconds(120));
  }
  const size_t lines = order->lines.size();
  // Planned for the order as it was before something else was done to it.
  if (OneIn(20)) --c.revision;
  Do(c);
  const Order* after = FindOrder(world_.state(), c.order_id);
  if (held && after->lines.size() == lines) stock_.Expire(c.reservation_id);
}

void RandomRun::Pay() {
  RecordPayment c{.order_id = SomeOrder(),
                  .kind = static_cast<PaymentFactKind>(1 + Pick(5)),
                  .payment_ref = absl::StrCat("pay", Pick(2)),
                  .event_ref = absl::StrCat("e", OneIn(2) ? Pick(2) : next_id_++),
                  .method = "card",
                  .amount = 1 + Pick(20'000),
                  .currency_code = OneIn(15) ? "USD" : "EUR",
                  .on_the_spot = OneIn(4)};
  // Half of the time what is asked for.
  const Order* order = FindOrder(world_.state(), c.order_id);
  if (order != nullptr && !order->payments.intents.empty() && OneIn(2)) {
    const auto& intents = order->payments.intents;
    const PaymentIntent& intent =
        intents[static_cast<size_t>(Pick(static_cast<int>(intents.size())))];
    if (intent.payment != 0) {
      c.payment_ref = order->payments.tenders[static_cast<size_t>(intent.payment) - 1].payment_ref;
    }
    if (OneIn(2)) c.intent_id = IntentId(c.order_id, intent.number);
    c.amount = intent.amount;
    for (int kind = 1; kind <= 5; ++kind) {
      if (!OneIn(3) && Answers(static_cast<PaymentFactKind>(kind), intent.kind)) {
        c.kind = static_cast<PaymentFactKind>(kind);
        break;
      }
    }
  }
  if (c.kind >= PaymentFactKind::kVoided && c.kind != PaymentFactKind::kRefunded && OneIn(2)) {
    c.amount = 0;
  }
  if (OneIn(20)) c.intent_id = IntentId(c.order_id, 1 + Pick(9));
  Do(c);
  if (OneIn(6)) Do(c);
}

void RandomRun::Customer() {
  if (OneIn(3)) return Pay();
  if (OneIn(5)) return Edit();
  if (OneIn(20)) return SetPolicy();
  if (OneIn(4)) return HoldBack();
  if (OneIn(3)) {
    if (world_.state().exceptions.empty() || OneIn(20)) {
      return Do(ResolveException{.exception_id = "e-999999999"});
    }
    auto item = world_.state().exceptions.rbegin();
    std::advance(item,
                 Pick(static_cast<int>(std::min<size_t>(world_.state().exceptions.size(), 10))));
    return Do(ResolveException{.exception_id = ExceptionId(item->first)});
  }
  if (OneIn(8)) {
    const std::string order_id = SomeOrder();
    if (OneIn(2)) Do(UpdateSubject{.order_id = order_id});
    if (OneIn(2)) Do(EraseSubject{.order_id = order_id});
    Do(UpdateSubject{.order_id = order_id});
    return;
  }
  if (OneIn(4)) {
    RerouteOrder c{.order_id = SomeOrder()};
    if (OneIn(2)) c.task_ids.push_back(SomeTask());
    const std::string& task_id = c.task_ids.empty() ? "" : c.task_ids[0];
    if (!task_id.empty() && !OneIn(8)) c.order_id = task_id.substr(0, task_id.rfind(".t"));
    if (OneIn(10)) c.etag = "1";
    return Do(c);
  }
  CancelOrder c{.order_id = SomeOrder()};
  if (!OneIn(3)) {
    const int lines = 1 + Pick(2);
    for (int i = 0; i < lines; ++i) {
      c.lines.push_back({.line_id = SomeLine(c.order_id), .quantity = Quantity(1 + Pick(3))});
    }
  }
  if (OneIn(10)) c.etag = "1";
  Do(c);
}

void RandomRun::Staff() {
  const std::string task_id = SomeTask();
  const std::string order_id(task_id.substr(0, task_id.rfind(".t")));
  const Task* task = FindTask(world_.state(), task_id).second;
  // Half of the time the next step of the work, so that tasks get somewhere.
  if (task != nullptr && OneIn(2)) {
    if (task->state == TaskState::kReadyForPickup) {
      if (OneIn(3)) return Do(ExtendPickup{.task_id = task_id, .closes = Closes()});
      if (OneIn(3)) {
        return Do(SetPickupProxy{.task_id = task_id, .code_hmac = OneIn(3) ? "" : "proxy"});
      }
      return Counter(task_id, order_id);
    }
    if (task->state == TaskState::kExpiring) {
      if (OneIn(3)) return Counter(task_id, order_id);
      return PutBackSome(task_id, order_id);
    }
    if (task->state < TaskState::kPicked) return Do(RecordPick{.task_id = task_id});
    if (task->method == Method::kPickup) {
      return Ready(task_id);
    }
  }
  switch (Pick(10)) {
    case 0:
      return Do(AcceptTask{.task_id = task_id});
    case 7:
      return PutBackSome(task_id, order_id);
    case 8:
      return Do(ExtendPickup{.task_id = task_id, .closes = Closes()});
    case 1:
      return Do(RejectTask{.task_id = task_id, .attribution = {.reason_code = SomeReason()}});
    case 2:
    case 3: {
      RecordPick c{.task_id = task_id};
      if (OneIn(2)) {
        c.lines.push_back(
            {.line_id = SomeLine(order_id), .picked = Units(), .reason_code = SomeReason()});
      }
      return Do(c);
    }
    case 4:
      return Do(PackTask{.task_id = task_id});
    case 5:
      return OneIn(3) ? Carrier() : Dispatch(task_id, order_id);
    case 6:
      return Ready(task_id);
    default:
      return Counter(task_id, order_id);
  }
}

void RandomRun::Dispatch(const std::string& task_id, const std::string& order_id) {
  RecordShipment c{.task_id = task_id,
                   .carrier = "dhl",
                   .tracking_number = OneIn(2) ? "" : absl::StrCat(Pick(2))};
  if (OneIn(2)) {
    c.parcel_key = absl::StrCat("k", Pick(4));
    c.tracking_number = OneIn(3) ? "" : absl::StrCat("n", next_id_++);
    if (OneIn(3)) c.business_time = world_.now() - Seconds(Pick(600) - 60);
    const int lines = Pick(3);
    for (int i = 0; i < lines; ++i) {
      c.lines.push_back({.line_id = SomeLine(order_id), .quantity = Quantity(1 + Pick(2))});
    }
  }
  Do(c);
  if (OneIn(4)) Do(c);
}

void RandomRun::Carrier() {
  constexpr ParcelState kEnds[] = {ParcelState::kDelivered, ParcelState::kRefused,
                                   ParcelState::kLost, ParcelState::kReturnedToSender};
  RecordDelivery c{.parcel_id = ParcelId(SomeOrder(), 1 + Pick(2)), .state = kEnds[Pick(4)]};
  for (int tries = 0; tries < 4; ++tries) {
    if (FindParcel(world_.state(), c.parcel_id).second != nullptr) break;
    c.parcel_id = ParcelId(SomeOrder(), 1 + Pick(2));
  }
  const auto [order, parcel] = FindParcel(world_.state(), c.parcel_id);
  if (parcel != nullptr && !parcel->tracking_number.empty() && OneIn(2)) {
    c.parcel_id.clear();
    c.carrier = parcel->carrier;
    c.tracking_number = parcel->tracking_number;
  }
  if (OneIn(3)) c.business_time = world_.now() - Seconds(Pick(600) - 60);
  Do(c);
}

void RandomRun::Ready(const std::string& task_id) {
  Do(MarkReadyForPickup{
      .task_id = task_id, .code_hmac = absl::StrCat("code-", task_id), .closes = Closes()});
}

void RandomRun::PutBackSome(const std::string& task_id, const std::string& order_id) {
  PutBack c{.task_id = task_id};
  if (OneIn(3)) c.lines.push_back({.line_id = SomeLine(order_id), .quantity = Quantity(1)});
  Do(c);
}

void RandomRun::Counter(const std::string& task_id, const std::string& order_id) {
  HandOver c{.task_id = task_id, .code_hmac = absl::StrCat("code-", task_id)};
  if (OneIn(2)) {
    c.lines.push_back({.line_id = SomeLine(order_id),
                       .handed_over = Quantity(Pick(3)),
                       .refused = Quantity(Pick(2))});
  }
  if (OneIn(4)) c.code_hmac = "proxy";
  if (!OneIn(4)) return Do(c);
  // Someone guesses.
  c.code_hmac = "wrong";
  const int guesses = 1 + Pick(2 * kMaxWrongCodes);
  for (int i = 0; i < guesses; ++i) Do(c);
}

void RandomRun::Match() {
  MatchReturn c{.return_id = SomeReturn(), .order_id = SomeOrder()};
  const bool again = OneIn(10);
  // The least id: the map has no order of its own.
  for (const auto& [id, item] : world_.state().unmatched_returns) {
    if (item.state != ReturnState::kUnmatched && !again) continue;
    if (c.return_id.starts_with("o-") || id < c.return_id) c.return_id = id;
  }
  // Of an order that has sold such a thing, more often than not.
  const Return* item = FindReturn(world_.state(), c.return_id);
  for (int tries = 0; item != nullptr && tries < 8; ++tries) {
    const Order* order = FindOrder(world_.state(), c.order_id);
    const bool sold =
        order != nullptr &&
        std::any_of(order->lines.begin(), order->lines.end(), [item](const OrderLine& line) {
          return line.sku == item->lines[0].sku && line.fulfilled > line.returned;
        });
    if (sold) break;
    c.order_id = SomeOrder();
  }
  Do(c);
  if (OneIn(4)) Do(c);
}

// Of a return of which something is to be looked at, more often than not.
void RandomRun::Inspect() {
  InspectReturn c{.return_id = SomeReturn()};
  const Return* item = FindReturn(world_.state(), c.return_id);
  for (const auto& [id, unmatched] : world_.state().unmatched_returns) {
    if (!ToInspect(unmatched).IsPositive() || OneIn(2)) continue;
    if (c.return_id.starts_with("o-") || id < c.return_id) c.return_id = id;
  }
  for (int tries = 0; tries < 8 && (item == nullptr || !ToInspect(*item).IsPositive()); ++tries) {
    c.return_id = SomeReturn();
    item = FindReturn(world_.state(), c.return_id);
  }
  item = FindReturn(world_.state(), c.return_id);
  const Order* order = item == nullptr ? nullptr : FindOrder(world_.state(), item->order_id);
  const int lines = 1 + Pick(2);
  for (int i = 0; i < lines; ++i) {
    InspectedLine line{.quantity = Quantity(1 + Pick(2)),
                       .condition = OneIn(2) ? Condition::kSellable : Condition::kDamaged,
                       .refuse_refund = OneIn(3)};
    if (item != nullptr && !item->lines.empty() && !OneIn(10)) {
      const ReturnLine& came =
          item->lines[static_cast<size_t>(Pick(static_cast<int>(item->lines.size())))];
      order != nullptr ? line.line_id = order->lines[came.line].line_id : line.sku = came.sku;
    }
    c.lines.push_back(std::move(line));
  }
  Do(c);
}

void RandomRun::Back() {
  if (OneIn(5)) return Match();
  if (OneIn(5)) return Inspect();
  const std::string order_id = SomeOrder();
  if (OneIn(3)) {
    RequestReturn c{.order_id = order_id,
                    .lines = {{.line_id = SomeLine(order_id), .quantity = Units() + Quantity(1)}}};
    if (OneIn(6)) c.not_returnable = {"s1"};
    return Do(c);
  }
  ReceiveReturn c{.location_id = Location(), .unmatched_return_id = absl::StrCat("u-", next_id_++)};
  if (OneIn(6)) c.not_returnable = {"s1"};
  const int how = Pick(10);
  if (how == 0) {
    c.lines.push_back({.sku = "s1", .quantity = Quantity(2)});
    c.unknown_item = OneIn(3);
  } else if (how < 5) {
    c.return_id = SomeReturn();
    if (OneIn(2)) {
      const auto part = ParseReturnId(c.return_id);
      c.lines.push_back({.line_id = SomeLine(std::string(part->order_id)),
                         .quantity = Quantity(1 + Pick(3)),
                         .condition = Condition::kDamaged});
    }
  } else {
    c.order_id = order_id;
    c.lines.push_back({.line_id = SomeLine(order_id), .quantity = Quantity(1 + Pick(2))});
    if (OneIn(3)) {
      c.lines.push_back({.line_id = SomeLine(order_id),
                         .quantity = Quantity(1),
                         .condition = Condition::kInspection});
    }
  }
  Do(c);
}

void RandomRun::Till() {
  RecordSale c;
  const int sequence = 1 + Pick(300);
  c.order_id = absl::StrCat("s-", sequence);
  c.content = {.high = 2, .low = static_cast<uint64_t>(sequence + (OneIn(4) ? 1'000 : 0))};
  c.location_id = Location();
  c.terminal_id = "till1";
  c.business_day = "2026-11-27";
  c.sequence = sequence;
  c.lines = {Line("0", 0, "s1", 1 + Pick(3)), Line("1", 0, "s2", 1)};
  c.unknown_item = OneIn(10);
  Do(c);
  sale_ids_.push_back(c.order_id);
}

void RandomRun::Saga(const Intent& intent, bool may_lose) {
  const auto [known, first] = intents_.try_emplace(std::string(KeyOf(intent)), intent);
  EXPECT_TRUE(first || known->second == intent) << KeyOf(intent) << " has changed its content";
  const bool lose = may_lose && OneIn(4);
  std::visit([&](const auto& i) { Perform(i, lose); }, intent);
}

void RandomRun::Perform(const ConfirmStock& intent, bool lose) {
  const std::string reservation_id = stock_.Confirm(intent, !OneIn(3));
  if (lose) return;
  if (reservation_id.empty()) {
    return Do(ReportConfirmFailed{intent.order_id, intent.attempt, "INSUFFICIENT_STOCK"});
  }
  Do(ReportStockConfirmed{intent.order_id, intent.attempt, reservation_id});
}

void RandomRun::Perform(const FulfilStock& intent, bool lose) {
  stock_.Fulfil(intent);
  if (!lose) Do(ReportStockSettled{intent.order_id, intent.op, ""});
}

void RandomRun::Perform(const ReleaseStock& intent, bool lose) {
  stock_.Release(intent);
  if (!lose) Do(ReportStockSettled{intent.order_id, intent.op, ""});
}

void RandomRun::Perform(const SellStock& intent, bool lose) {
  stock_.Sell(intent);
  if (!lose) Do(ReportStockSettled{intent.order_id, intent.op, ""});
}

void RandomRun::Perform(const RestockReturn& intent, bool lose) {
  stock_.Restock(intent);
  if (!lose) Do(ReportReturnRestocked{intent.return_id, ""});
}

void RandomRun::Perform(const ReclassifyReturn& intent, bool lose) {
  stock_.Reclassify(intent);
  if (!lose) Do(ReportReclassified{intent.return_id, intent.inspection, ""});
  if (OneIn(20)) Do(ReportReclassified{intent.return_id, intent.inspection + 1'000, ""});
}

void RandomRun::Perform(const Reroute& intent, bool lose) {
  ReportRerouted report{.order_id = intent.order_id,
                        .attempt = intent.attempt,
                        .revision = intent.revision,
                        .expires_at = world_.now() + Seconds(120)};
  for (const RerouteGroup& group : intent.groups) {
    for (const RerouteGroup::Line& line : group.lines) {
      const Quantity served = OneIn(4) ? Quantity(Pick(2)) : line.quantity;
      if (!served.IsPositive()) continue;
      const std::string location_id = group.location_id.empty() ? Location() : group.location_id;
      report.assignments.push_back({line.line, location_id, served});
    }
  }
  if (!report.assignments.empty()) {
    report.reservation_id =
        stock_.Hold(OwnerId(intent.order_id, intent.attempt),
                    HoldLines(world_.order(intent.order_id).lines, report.assignments));
  }
  // It comes late, when the question may have changed.
  if (!late_.empty() && OneIn(2)) {
    Do(late_.back());
    late_.pop_back();
  }
  if (lose && OneIn(2)) late_.push_back(report);
  // Lost: the hold is never logged, and the next one of the same owner takes its place.
  if (!lose) Do(report);
}

void RandomRun::Fill(const Reroute& backorder) {
  ReportBackorderFilled report{.order_id = backorder.order_id,
                               .attempt = backorder.attempt,
                               .revision = backorder.revision,
                               .expires_at = world_.now() + (OneIn(8) ? Seconds(5) : Seconds(120))};
  for (const RerouteGroup& group : backorder.groups) {
    for (const RerouteGroup::Line& line : group.lines) {
      const Quantity served = OneIn(2) ? Quantity(Pick(2)) : line.quantity;
      if (!served.IsPositive()) continue;
      const std::string location_id = group.location_id.empty() ? Location() : group.location_id;
      report.assignments.push_back({line.line, location_id, served});
    }
  }
  if (report.assignments.empty()) return;
  report.reservation_id =
      stock_.Hold(BackorderOwnerId(backorder.order_id, backorder.attempt),
                  HoldLines(world_.order(backorder.order_id).lines, report.assignments));
  Do(report);
  if (OneIn(4)) Do(report);
}

void RandomRun::Drain() {
  // Some stay held back.
  for (const std::string& order_id : order_ids_) {
    if (OneIn(2)) Do(ReleaseHold{.order_id = order_id});
  }
  for (int round = 0; round < 1'000 && !testing::Test::HasFailure(); ++round) {
    const std::vector<Intent> intents = AllPendingIntents(world_.state());
    if (intents.empty()) return;
    for (const Intent& intent : intents) Saga(intent, false);
  }
  ADD_FAILURE() << "the saga does not come to rest";
}

// What came back is in stock in the condition in which it came, or which an inspection found.
void RandomRun::CheckConditions() const {
  std::map<std::pair<std::string, Condition>, Quantity> expected;
  const auto add = [&expected](const Return& item) {
    if (item.state == ReturnState::kRequested) return;
    for (const ReturnLine& line : item.lines) {
      // The unmatched one brought them.
      if (item.matched_from.empty()) expected[{line.sku, line.condition}] += line.quantity;
    }
    for (const Inspection& inspection : item.inspections) {
      for (const InspectedUnits& units : inspection.lines) {
        const ReturnLine& line = item.lines[units.index];
        expected[{line.sku, line.condition}] -= units.quantity;
        expected[{line.sku, units.condition}] += units.quantity;
      }
    }
  };
  for (const auto& [id, order] : world_.state().orders) {
    for (const Return& item : order.returns) add(item);
  }
  for (const auto& [id, item] : world_.state().unmatched_returns) add(item);
  for (const auto& [key, quantity] : expected) {
    const auto in_stock = stock_.came_back().find(key);
    EXPECT_EQ(in_stock == stock_.came_back().end() ? Quantity() : in_stock->second, quantity)
        << key.first << " in condition " << static_cast<int>(key.second);
  }
}

void RandomRun::CheckBooks() const {
  for (const std::string& violation : CheckState(world_.state())) ADD_FAILURE() << violation;
  // What stock has allocated is what tasks have open or what is held back, unit by unit.
  std::map<std::pair<std::string, std::pair<std::string, std::string>>, Quantity> open;
  std::map<std::string, Quantity> gone;
  for (const auto& [id, order] : world_.state().orders) {
    for (const Task& task : order.tasks) {
      const Attempt& attempt = order.attempts[static_cast<size_t>(task.attempt) - 1];
      for (const TaskLine& line : task.lines) {
        open[{attempt.reservation_id, {std::to_string(line.assignment), task.location_id}}] +=
            line.open();
        // What was shipped after a cancel, or found, left, whether or not the order counts it.
        gone[order.lines[line.line].sku] += line.late - line.late_counted + line.found;
      }
    }
    for (const Attempt& attempt : order.attempts) {
      for (size_t i = 0; i < attempt.assignments.size(); ++i) {
        const Assignment& assignment = attempt.assignments[i];
        open[{attempt.reservation_id, {std::to_string(i), assignment.location_id}}] +=
            assignment.held_back;
      }
    }
    for (const OrderLine& line : order.lines) gone[line.sku] += line.fulfilled - line.returned;
  }
  for (const auto& [id, item] : world_.state().unmatched_returns) {
    // The order counts them.
    if (item.state == ReturnState::kMatched) continue;
    for (const ReturnLine& line : item.lines) gone[line.sku] -= line.quantity;
  }
  CheckConditions();
  for (const auto& [id, reservation] : stock_.reservations()) {
    for (const auto& [key, units] : reservation.units) {
      // A hold that no order names lapses by itself.
      if (!reservation.confirmed) continue;
      const auto books = open.find({id, key});
      const Quantity expected = books == open.end() ? Quantity() : books->second;
      EXPECT_EQ(units.open, expected)
          << id << " of " << reservation.owner_id << " line " << key.first << " at " << key.second;
    }
  }
  for (const auto& [key, quantity] : open) {
    if (!quantity.IsPositive()) continue;
    const auto reservation = stock_.reservations().find(key.first);
    EXPECT_TRUE(reservation != stock_.reservations().end() && reservation->second.confirmed)
        << key.first << " is not an allocation";
  }
  for (const auto& [sku, quantity] : gone) {
    const auto in_stock = stock_.gone().find(sku);
    EXPECT_EQ(in_stock == stock_.gone().end() ? Quantity() : in_stock->second, quantity) << sku;
  }
}

}  // namespace quartermaster::orders
