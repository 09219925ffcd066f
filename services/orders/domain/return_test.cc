// Returns and till sales.
#include <gtest/gtest.h>

#include "services/orders/domain/testing/world.h"

namespace quartermaster::orders {
namespace {

// Line a: three units, sold at till 1 of w1.
RecordSale Sale() {
  RecordSale c;
  c.order_id = "s";
  c.content = {1, 1};
  c.location_id = "w1";
  c.terminal_id = "1";
  c.business_day = "2026-11-27";
  c.sequence = 7;
  c.lines = {Line("a", 0, "s1", 3)};
  return c;
}

RequestReturn Announce(int64_t units) {
  return {.order_id = "s", .lines = {{"a", Quantity(units)}}};
}

ReceiveReturn Receive(int64_t units) {
  return {.location_id = "w2",
          .order_id = "s",
          .lines = {{.line_id = "a", .quantity = Quantity(units)}},
          .unmatched_return_id = "u-1"};
}

const OrderLine& LineA(const World& world) { return world.order("s").lines[0]; }

TEST(Sale, IsAnOrderThatIsComplete) {
  World world;
  EXPECT_EQ(world.Do(Sale()).result.order_id, "s");
  const Order& order = world.order("s");
  EXPECT_EQ(StateOf(order), OrderState::kCompleted);
  EXPECT_EQ(order.channel_id, "till");
  EXPECT_EQ(order.groups[0].method, Method::kCarryOut);
  const auto sell = FindIntent<SellStock>(order);
  ASSERT_TRUE(sell.has_value());
  EXPECT_EQ(
      sell->effects[0],
      (StockEffect{
          .effect_key = "s/op1/0", .sku = "s1", .location_id = "w1", .quantity = Quantity(3)}));
  EXPECT_TRUE(world.Do(Sale()).result.duplicate);
  RecordSale other = Sale();
  other.content = {1, 2};
  EXPECT_TRUE(IsRejectedAs<SaleKeyReused>(world.Do(other)));
  EXPECT_EQ(world.state().orders.size(), 1u);
}

TEST(Sale, OfWhatTheCatalogDoesNotKnowIsRecordedAndLookedAt) {
  World world;
  RecordSale c = Sale();
  c.unknown_item = true;
  EXPECT_FALSE(world.Do(c).rejection.has_value());
  ASSERT_EQ(world.exceptions().size(), 1u);
  EXPECT_EQ(world.exceptions()[0].kind, ExceptionKind::kUnknownItem);
  EXPECT_EQ(world.exceptions()[0].order_id, "s");
}

TEST(Return, RequestedPlusReceivedNeverExceedSold) {
  World world;
  world.Do(Sale());
  const Decision announced = world.Do(Announce(2));
  EXPECT_EQ(announced.result.return_id, "s.r1");
  const Decision too_many = world.Do(Announce(2));
  ASSERT_NE(RejectedAs<QuantityExceedsSold>(too_many), nullptr);
  EXPECT_EQ(RejectedAs<QuantityExceedsSold>(too_many)->open, Quantity(1));

  // As announced.
  world.Do(ReceiveReturn{.location_id = "w3", .return_id = "s.r1"});
  EXPECT_EQ(LineA(world).return_requested, Quantity(0));
  EXPECT_EQ(LineA(world).returned, Quantity(2));
  const auto restock = FindIntent<RestockReturn>(world.order("s"));
  ASSERT_TRUE(restock.has_value());
  EXPECT_EQ(restock->key, "s.r1/restock");
  EXPECT_EQ(restock->effects[0].location_id, "w3");
  world.Do(ReportReturnRestocked{"s.r1", ""});
  EXPECT_FALSE(FindIntent<RestockReturn>(world.order("s")).has_value());
  EXPECT_TRUE(world.Do(ReportReturnRestocked{"s.r1", ""}).result.duplicate);

  const ReceiveReturn twice{.location_id = "w3", .return_id = "s.r1"};
  EXPECT_TRUE(world.Do(twice).result.duplicate);
  // At another place it cannot be what was announced, and nothing says what it is.
  const Decision elsewhere = world.Do(ReceiveReturn{.location_id = "w2", .return_id = "s.r1"});
  ASSERT_NE(RejectedAs<IllegalTransition>(elsewhere), nullptr);
  EXPECT_EQ(RejectedAs<IllegalTransition>(elsewhere)->state, "RECEIVED");
}

// The parcel is there: what cannot have been sold is kept, and looked at.
TEST(Return, OfMoreThanWasSoldIsRecorded) {
  World world;
  world.Do(Sale());
  const Decision decision = world.Do(Receive(5));
  EXPECT_EQ(decision.result.return_id, "s.r1");
  EXPECT_EQ(LineA(world).returned, Quantity(3));
  const Return* rest = FindReturn(world.state(), "u-1");
  ASSERT_NE(rest, nullptr);
  EXPECT_EQ(rest->state, ReturnState::kUnmatched);
  EXPECT_EQ(rest->location_id, "w2");
  ASSERT_EQ(rest->lines.size(), 1u);
  EXPECT_EQ(rest->lines[0].sku, "s1");
  EXPECT_EQ(rest->lines[0].quantity, Quantity(2));
  EXPECT_EQ(rest->lines[0].condition, Condition::kInspection);
  ASSERT_EQ(world.exceptions().size(), 1u);
  EXPECT_EQ(world.exceptions()[0].kind, ExceptionKind::kReturnExceedsSold);
  EXPECT_EQ(world.exceptions()[0].order_id, "s");
  EXPECT_EQ(world.exceptions()[0].return_id, "u-1");

  // Nothing of the next one is the order's.
  ReceiveReturn next = Receive(1);
  next.unmatched_return_id = "u-2";
  EXPECT_EQ(world.Do(next).result.return_id, "u-2");
  EXPECT_EQ(LineA(world).returned, Quantity(3));
  EXPECT_TRUE(world.Do(next).result.duplicate);
}

TEST(Return, AnAnnouncedOneMayBringMoreOrBeFollowedByAnother) {
  World world;
  world.Do(Sale());
  world.Do(Announce(1));
  ReceiveReturn c = Receive(4);
  c.order_id = "";
  c.return_id = "s.r1";
  EXPECT_EQ(world.Do(c).result.return_id, "s.r1");
  EXPECT_EQ(LineA(world).returned, Quantity(3));
  EXPECT_EQ(LineA(world).return_requested, Quantity(0));
  EXPECT_EQ(FindReturn(world.state(), "u-1")->lines[0].quantity, Quantity(1));
  // Another parcel under the same return.
  c.unmatched_return_id = "u-2";
  c.location_id = "w3";
  EXPECT_EQ(world.Do(c).result.return_id, "u-2");
  EXPECT_EQ(FindReturn(world.state(), "u-2")->lines[0].quantity, Quantity(4));
}

TEST(Return, OfAnotherSkuThanTheLinesIsNotTheOrders) {
  World world;
  world.Do(Sale());
  ReceiveReturn c = Receive(1);
  c.lines[0].sku = "s1";
  EXPECT_EQ(world.Do(c).result.return_id, "s.r1");
  c.lines[0].sku = "s9";
  EXPECT_EQ(world.Do(c).result.return_id, "u-1");
  EXPECT_EQ(LineA(world).returned, Quantity(1));
  EXPECT_EQ(FindReturn(world.state(), "u-1")->lines[0].sku, "s9");
  EXPECT_EQ(world.exceptions().size(), 1u);
}

TEST(Return, AtAnUnknownLocationIsRecordedAndLookedAt) {
  World world;
  world.Do(Sale());
  ReceiveReturn c = Receive(1);
  c.unknown_item = true;
  EXPECT_EQ(world.Do(c).result.return_id, "s.r1");
  ASSERT_EQ(world.exceptions().size(), 1u);
  EXPECT_EQ(world.exceptions()[0].kind, ExceptionKind::kUnknownItem);
  EXPECT_EQ(world.exceptions()[0].return_id, "s.r1");
}

TEST(Return, AReceiptInAStoreTakesThePlaceOfTheAnnouncedParcel) {
  World world;
  world.Do(Sale());
  world.Do(Announce(1));
  world.Do(Announce(2));
  world.Do(Receive(2));
  EXPECT_EQ(LineA(world).returned, Quantity(2));
  EXPECT_EQ(LineA(world).return_requested, Quantity(1));
  EXPECT_EQ(FindReturn(world.state(), "s.r1")->state, ReturnState::kReceived);
  EXPECT_EQ(FindReturn(world.state(), "s.r2")->lines[0].quantity, Quantity(1));
  EXPECT_EQ(FindReturn(world.state(), "s.r3")->state, ReturnState::kReceived);
  // One restock: that of the receipt.
  EXPECT_EQ(FindIntent<RestockReturn>(world.order("s"))->return_id, "s.r3");
  EXPECT_EQ(PendingIntents(world.order("s")).size(), 2u) << "it, and the sale";
}

TEST(Return, ComesInDifferentConditions) {
  World world;
  world.Do(Sale());
  ReceiveReturn c = Receive(1);
  c.lines.push_back({.line_id = "a", .quantity = Quantity(1), .condition = Condition::kDamaged});
  world.Do(c);
  const auto restock = FindIntent<RestockReturn>(world.order("s"));
  ASSERT_EQ(restock->effects.size(), 2u);
  EXPECT_EQ(restock->effects[0].condition, Condition::kSellable);
  EXPECT_EQ(restock->effects[1].condition, Condition::kDamaged);
  EXPECT_NE(restock->effects[0].effect_key, restock->effects[1].effect_key);
}

TEST(Return, OfUnknownThingsIsRefused) {
  World world;
  world.Do(Sale());
  const Decision no_return = world.Do(ReceiveReturn{.location_id = "w2", .return_id = "s.r1"});
  EXPECT_NE(RejectedAs<ReturnNotFound>(no_return), nullptr);
  EXPECT_TRUE(IsRejectedAs<OrderNotFound>(world.Do(RequestReturn{.order_id = "x"})));
  const Decision no_line = world.Do(RequestReturn{.order_id = "s", .lines = {{"z", Quantity(1)}}});
  EXPECT_NE(RejectedAs<LineNotFound>(no_line), nullptr);
}

TEST(UnmatchedReturn, GoesToInspectionAndIntoTheQueue) {
  World world;
  const ReceiveReturn c{.location_id = "w2",
                        .lines = {{.sku = "s9", .quantity = Quantity(2)}},
                        .unmatched_return_id = "u-1"};
  EXPECT_EQ(world.Do(c).result.return_id, "u-1");
  const Return* item = FindReturn(world.state(), "u-1");
  ASSERT_NE(item, nullptr);
  EXPECT_EQ(item->state, ReturnState::kUnmatched);
  ASSERT_EQ(world.exceptions().size(), 1u);
  EXPECT_EQ(world.exceptions()[0].return_id, "u-1");
  const std::vector<Intent> intents = AllPendingIntents(world.state());
  ASSERT_EQ(intents.size(), 1u);
  EXPECT_EQ(std::get<RestockReturn>(intents[0]).effects[0].condition, Condition::kInspection);
  EXPECT_TRUE(world.Do(c).result.duplicate);
  EXPECT_TRUE(world.Do(ReceiveReturn{.location_id = "w2", .return_id = "u-1"}).result.duplicate);

  world.Do(ReportReturnRestocked{"u-1", "EFFECT_KEY_REUSED"});
  EXPECT_EQ(world.exceptions().size(), 2u);
  EXPECT_TRUE(AllPendingIntents(world.state()).empty());
}

TEST(NotReturnable, IsNotAnnouncedButTakenIn) {
  World world;
  RecordSale sale = Sale();
  sale.lines = {Line("a", 0, "s1", 3), Line("b", 0, "s2", 1)};
  world.Do(sale);
  RequestReturn announce = Announce(1);
  announce.not_returnable = {"s1"};
  const Decision refused = world.Do(announce);
  ASSERT_NE(RejectedAs<ItemNotReturnable>(refused), nullptr);
  EXPECT_EQ(RejectedAs<ItemNotReturnable>(refused)->line_id, "a");
  announce.lines = {{"b", Quantity(1)}};
  EXPECT_FALSE(world.Do(announce).rejection.has_value()) << "the other line's item is";

  ReceiveReturn receive = Receive(1);
  receive.not_returnable = {"s2"};
  world.Do(receive);
  EXPECT_TRUE(world.exceptions().empty());
  receive = Receive(2);
  receive.unmatched_return_id = "u-2";
  receive.not_returnable = {"s1"};
  const Decision taken = world.Do(receive);
  EXPECT_FALSE(taken.rejection.has_value());
  EXPECT_EQ(LineA(world).returned, Quantity(3));
  ASSERT_EQ(world.exceptions().size(), 1u);
  EXPECT_EQ(world.exceptions()[0].kind, ExceptionKind::kNotReturnable);
  EXPECT_EQ(world.exceptions()[0].return_id, taken.result.return_id);
}

ReceiveReturn Found(int64_t units, const std::string& sku = "s1") {
  return {.location_id = "w3",
          .lines = {{.sku = sku, .quantity = Quantity(units)}},
          .unmatched_return_id = "u"};
}

TEST(Match, GoodsWithoutASaleBecomeTheOrders) {
  World world;
  RecordSale sale = Sale();
  sale.lines[0].amounts = LineAmounts{.subtotal = 1'000};
  sale.amounts = Amounts{.currency_code = "EUR", .total = 1'000};
  world.Do(sale);
  world.Do(Announce(1));
  world.Do(Found(2));
  ASSERT_EQ(world.exceptions().size(), 1u);
  const MatchReturn match{.return_id = "u", .order_id = "s"};
  const Decision decision = world.Do(match);
  EXPECT_EQ(decision.result.return_id, "s.r2");
  EXPECT_EQ(LineA(world).returned, Quantity(2));
  EXPECT_EQ(LineA(world).return_requested, Quantity()) << "what was announced is here";
  const Return& item = world.order("s").returns[1];
  EXPECT_EQ(item.state, ReturnState::kReceived);
  EXPECT_EQ(item.location_id, "w3");
  EXPECT_EQ(item.matched_from, "u");
  EXPECT_EQ(item.lines[0].condition, Condition::kInspection);
  EXPECT_EQ(item.refunds, std::vector<int64_t>{0}) << "nobody has looked at them yet";
  EXPECT_FALSE(item.restock_open) << "stock has them since they came";
  const Return* from = FindReturn(world.state(), "u");
  EXPECT_EQ(from->state, ReturnState::kMatched);
  EXPECT_EQ(from->matched_return_id, "s.r2");
  EXPECT_TRUE(from->restock_open) << "as before";
  EXPECT_TRUE(world.exceptions().empty());
  // Again, and of another order.
  EXPECT_TRUE(world.Do(match).result.duplicate);
  RecordSale other = Sale();
  other.order_id = "other";
  world.Do(other);
  const Decision refused = world.Do(MatchReturn{.return_id = "u", .order_id = "other"});
  EXPECT_EQ(RejectedAs<IllegalTransition>(refused)->state, "MATCHED");
}

RecordSale PricedSale() {
  RecordSale sale = Sale();
  sale.lines[0].amounts = LineAmounts{.subtotal = 1'000};
  sale.amounts = Amounts{.currency_code = "EUR", .total = 1'000};
  return sale;
}

InspectReturn Look(const std::string& return_id, int64_t units, Condition condition,
                   bool refuse_refund = false) {
  return {.return_id = return_id,
          .lines = {{.line_id = "a",
                     .quantity = Quantity(units),
                     .condition = condition,
                     .refuse_refund = refuse_refund}}};
}

int64_t Refund(const World& world) { return SumsOf(world.order("s"), LineA(world)).refund; }

TEST(Inspect, StartsTheRefundOfWhatIsAccepted) {
  World world;
  world.Do(PricedSale());
  ReceiveReturn receive = Receive(3);
  receive.lines[0].condition = Condition::kInspection;
  world.Do(receive);
  EXPECT_EQ(LineA(world).returned, Quantity(3));
  EXPECT_EQ(Refund(world), 0);
  EXPECT_EQ(ToInspect(world.order("s").returns[0]), Quantity(3));
  world.Do(Look("s.r1", 1, Condition::kSellable));
  EXPECT_EQ(Refund(world), 333);
  world.Do(Look("s.r1", 1, Condition::kDamaged, /*refuse_refund=*/true));
  EXPECT_EQ(Refund(world), 333);
  EXPECT_EQ(world.order("s").returns[0].refunds, std::vector<int64_t>{333});
  const Decision more = world.Do(Look("s.r1", 2, Condition::kSellable));
  EXPECT_EQ(RejectedAs<QuantityExceedsOpen>(more)->open, Quantity(1));
  world.Do(Look("s.r1", 1, Condition::kDamaged));
  EXPECT_EQ(Refund(world), 666) << "two of three";
  EXPECT_EQ(ToInspect(world.order("s").returns[0]), Quantity());
}

TEST(Inspect, MovesTheUnitsInStockWhenItHasThem) {
  World world;
  world.Do(PricedSale());
  ReceiveReturn receive = Receive(2);
  receive.lines[0].condition = Condition::kInspection;
  world.Do(receive);
  InspectReturn look = Look("s.r1", 2, Condition::kDamaged);
  look.attribution.actor_id = "clerk-3";
  world.Do(look);
  EXPECT_FALSE(FindIntent<ReclassifyReturn>(world.order("s")).has_value());
  world.Do(ReportReturnRestocked{"s.r1", ""});
  const auto intent = FindIntent<ReclassifyReturn>(world.order("s"));
  ASSERT_TRUE(intent.has_value());
  EXPECT_EQ(intent->key, "s.r1/inspect1");
  ASSERT_EQ(intent->effects.size(), 1u);
  EXPECT_EQ(intent->from, std::vector<Condition>{Condition::kInspection});
  EXPECT_EQ(intent->effects[0], (StockEffect{.effect_key = "s.r1/inspect1/0",
                                             .sku = "s1",
                                             .location_id = "w2",
                                             .quantity = Quantity(2),
                                             .condition = Condition::kDamaged}));
  EXPECT_EQ(intent->attribution.actor_id, "clerk-3") << "who has looked, not who received";
  EXPECT_TRUE(IsRejectedAs<IntentStale>(world.Do(ReportReclassified{"s.r1", 2, ""})));
  world.Do(ReportReclassified{"s.r1", 1, "UNKNOWN_ITEM"});
  EXPECT_FALSE(FindIntent<ReclassifyReturn>(world.order("s")).has_value());
  EXPECT_TRUE(world.Do(ReportReclassified{"s.r1", 1, ""}).result.duplicate);
  ASSERT_EQ(world.exceptions().size(), 1u);
  EXPECT_EQ(world.exceptions()[0].kind, ExceptionKind::kStockConflict);
}

TEST(Inspect, MovesNothingThatStockDidNotTakeIn) {
  World world;
  world.Do(PricedSale());
  ReceiveReturn receive = Receive(3);
  receive.lines[0].condition = Condition::kInspection;
  world.Do(receive);
  world.Do(Look("s.r1", 1, Condition::kDamaged));
  world.Do(ReportReturnRestocked{"s.r1", "KIT_QUANTITY_TOO_LARGE"});
  world.Do(Look("s.r1", 2, Condition::kDamaged));
  EXPECT_FALSE(FindIntent<ReclassifyReturn>(world.order("s")).has_value());
  EXPECT_EQ(Refund(world), 1'000) << "the customer gave them back all the same";
}

TEST(Inspect, WhatIsRefusedBeforeTheMatchIsRefused) {
  World world;
  world.Do(PricedSale());
  world.Do(Found(3));
  InspectReturn look{.return_id = "u",
                     .lines = {{.sku = "s1",
                                .quantity = Quantity(2),
                                .condition = Condition::kDamaged,
                                .refuse_refund = true},
                               {.sku = "s1", .quantity = Quantity(1)}}};
  world.Do(look);
  world.Do(MatchReturn{.return_id = "u", .order_id = "s"});
  EXPECT_EQ(LineA(world).returned, Quantity(3));
  EXPECT_EQ(Refund(world), 333);
  EXPECT_EQ(ToInspect(world.order("s").returns[0]), Quantity());
}

TEST(Inspect, DecidesOnWhatIsNotReturnable) {
  World world;
  world.Do(PricedSale());
  ReceiveReturn receive = Receive(2);
  receive.not_returnable = {"s1"};
  world.Do(receive);
  EXPECT_EQ(Refund(world), 0) << "nothing by itself";
  ASSERT_EQ(world.exceptions().size(), 1u);
  world.Do(Look("s.r1", 1, Condition::kSellable));
  EXPECT_EQ(world.exceptions().size(), 1u) << "one is left";
  EXPECT_FALSE(world.order("s").returns[0].inspections[0].open) << "it is as it came";
  world.Do(Look("s.r1", 1, Condition::kSellable, /*refuse_refund=*/true));
  EXPECT_TRUE(world.exceptions().empty());
  EXPECT_EQ(Refund(world), 333);
}

TEST(Inspect, IsOfWhatIsHereAndIsToBeLookedAt) {
  World world;
  world.Do(PricedSale());
  world.Do(Announce(1));
  const Decision early = world.Do(Look("s.r1", 1, Condition::kSellable));
  EXPECT_EQ(RejectedAs<IllegalTransition>(early)->state, "REQUESTED");
  world.Do(Receive(1));
  const Decision none = world.Do(Look("s.r2", 1, Condition::kSellable));
  EXPECT_EQ(RejectedAs<QuantityExceedsOpen>(none)->open, Quantity()) << "it came as sellable";
  EXPECT_TRUE(IsRejectedAs<ReturnNotFound>(world.Do(Look("s.r9", 1, Condition::kSellable))));
  InspectReturn other = Look("s.r2", 1, Condition::kSellable);
  other.lines[0].line_id = "z";
  EXPECT_TRUE(IsRejectedAs<LineNotFound>(world.Do(other)));
}

TEST(Inspect, GoodsWithoutASaleFirstAndMatchedThen) {
  World world;
  world.Do(PricedSale());
  world.Do(Found(3));
  InspectReturn look{.return_id = "u", .lines = {{.sku = "s1", .quantity = Quantity(1)}}};
  world.Do(look);
  world.Do(MatchReturn{.return_id = "u", .order_id = "s"});
  const Return& item = world.order("s").returns[0];
  ASSERT_EQ(item.lines.size(), 2u);
  EXPECT_EQ(item.lines[0].condition, Condition::kSellable);
  EXPECT_EQ(item.refunds, (std::vector<int64_t>{333, 0}));
  EXPECT_EQ(ToInspect(item), Quantity(2));
  EXPECT_EQ(RejectedAs<IllegalTransition>(world.Do(look))->state, "MATCHED");
  // Stock does first what was asked for the goods before they were the order's.
  world.Do(Look("s.r1", 2, Condition::kDamaged));
  EXPECT_FALSE(FindIntent<ReclassifyReturn>(world.order("s")).has_value());
  world.Do(ReportReturnRestocked{"u", ""});
  EXPECT_FALSE(FindIntent<ReclassifyReturn>(world.order("s")).has_value());
  world.Do(ReportReclassified{"u", 1, ""});
  EXPECT_TRUE(FindIntent<ReclassifyReturn>(world.order("s")).has_value());
  EXPECT_EQ(Refund(world), 1'000);
}

// Of two lines of one SKU, the one that was announced is the one that came.
TEST(Match, IsOfWhatWasAnnounced) {
  World world;
  RecordSale sale = Sale();
  sale.lines = {Line("a", 0, "s1", 1), Line("b", 0, "s1", 1)};
  sale.lines[0].amounts = LineAmounts{.subtotal = 1'000};
  sale.lines[1].amounts = LineAmounts{};
  sale.amounts = Amounts{.currency_code = "EUR", .total = 1'000};
  world.Do(sale);
  world.Do(RequestReturn{.order_id = "s", .lines = {{"b", Quantity(1)}}});
  world.Do(Found(1));
  world.Do(MatchReturn{.return_id = "u", .order_id = "s"});
  EXPECT_EQ(world.order("s").lines[1].returned, Quantity(1));
  EXPECT_EQ(world.order("s").lines[1].return_requested, Quantity());
  EXPECT_EQ(world.order("s").returns[1].refunds, std::vector<int64_t>{0});
}

TEST(Match, TakesAllOfItOrNothing) {
  World world;
  world.Do(Sale());
  world.Do(Found(4));
  const Decision more = world.Do(MatchReturn{.return_id = "u", .order_id = "s"});
  EXPECT_EQ(RejectedAs<QuantityExceedsSold>(more)->open, Quantity(3));
  ReceiveReturn found = Found(1, "s9");
  found.unmatched_return_id = "v";
  world.Do(found);
  const Decision strange = world.Do(MatchReturn{.return_id = "v", .order_id = "s"});
  EXPECT_EQ(RejectedAs<LineNotFound>(strange)->line_id, "s9");
  EXPECT_TRUE(
      IsRejectedAs<ReturnNotFound>(world.Do(MatchReturn{.return_id = "w", .order_id = "s"})));
  EXPECT_TRUE(
      IsRejectedAs<OrderNotFound>(world.Do(MatchReturn{.return_id = "u", .order_id = "t"})));
  // An order's own return is no unmatched one.
  world.Do(Announce(1));
  const Decision own = world.Do(MatchReturn{.return_id = "s.r1", .order_id = "s"});
  EXPECT_EQ(RejectedAs<IllegalTransition>(own)->state, "REQUESTED");
  EXPECT_EQ(LineA(world).returned, Quantity());
}

// What was more than was sold of one order is another's of the same customer.
TEST(Match, WhatWasTooMuchForOneOrderIsAnothers) {
  World world;
  world.Do(Sale());
  world.Do(Receive(5));
  ASSERT_EQ(world.exceptions().size(), 1u);
  RecordSale other = Sale();
  other.order_id = "other";
  world.Do(other);
  EXPECT_FALSE(
      world.Do(MatchReturn{.return_id = "u-1", .order_id = "other"}).rejection.has_value());
  EXPECT_EQ(world.order("other").lines[0].returned, Quantity(2));
  EXPECT_TRUE(world.exceptions().empty());
}

}  // namespace
}  // namespace quartermaster::orders
