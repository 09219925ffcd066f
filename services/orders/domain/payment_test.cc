// Payments (DOMAIN, Money and rule 1): what is collected, given back and given up, and when.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/orders/domain/decide_holds.h"
#include "services/orders/domain/payment_moves.h"
#include "services/orders/domain/settle_payments.h"
#include "services/orders/domain/testing/world.h"
#include "services/orders/domain/transitions.h"

namespace quartermaster::orders {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Units of one line at 10.00 each, to be shipped from w1.
PlaceOrder OrderOf(int64_t units, PaymentTerm term = PaymentTerm::kAuthorised) {
  PlaceOrder c;
  c.order_id = "o";
  c.groups = {Ship("g")};
  c.groups[0].payment_term = term;
  c.lines = {Line("a", 0, "s1", units)};
  c.lines[0].amounts = LineAmounts{.subtotal = units * 1'000};
  c.amounts = Amounts{.currency_code = "EUR", .total = units * 1'000};
  return c;
}

class PaymentTest : public testing::Test {
 protected:
  void Place(const PlaceOrder& order) {
    world_.Place(order);
    world_.Confirm("o", 1);
  }
  static RecordPayment Fact(PaymentFactKind kind, int64_t amount,
                            const std::string& payment_ref = "card") {
    static int event = 0;
    return {.order_id = "o",
            .kind = kind,
            .payment_ref = payment_ref,
            .event_ref = absl::StrCat("e", ++event),
            .amount = amount,
            .currency_code = "EUR"};
  }
  Decision Tell(PaymentFactKind kind, int64_t amount, const std::string& payment_ref = "card") {
    return world_.Do(Fact(kind, amount, payment_ref));
  }
  Decision Answer(PaymentFactKind kind, int intent, int64_t amount,
                  const std::string& payment_ref = "card") {
    RecordPayment fact = Fact(kind, amount, payment_ref);
    fact.intent_id = IntentId("o", intent);
    return world_.Do(fact);
  }
  void ShipUnits(int64_t units) {
    static int parcel = 0;
    world_.Do(RecordShipment{.task_id = "o.t1",
                             .parcel_key = absl::StrCat("p", ++parcel),
                             .lines = {{.line_id = "a", .quantity = Quantity(units)}}});
  }
  void ReturnUnits(int64_t units) {
    static int unmatched = 0;
    world_.Do(ReceiveReturn{.location_id = "w1",
                            .order_id = "o",
                            .lines = {{.line_id = "a", .quantity = Quantity(units)}},
                            .unmatched_return_id = absl::StrCat("u", ++unmatched)});
  }
  // The oldest open intent is done as it was asked; false if there is none.
  bool AnswerOne() {
    for (const PaymentIntent& intent : payments().intents) {
      if (intent.state != PaymentIntentState::kOpen) continue;
      const std::string ref =
          intent.payment == 0 ? "later" : payments().tenders[intent.payment - 1].payment_ref;
      const PaymentFactKind kind =
          intent.kind == PaymentIntentKind::kVoid     ? PaymentFactKind::kVoided
          : intent.kind == PaymentIntentKind::kRefund ? PaymentFactKind::kRefunded
                                                      : PaymentFactKind::kCaptured;
      EXPECT_FALSE(Answer(kind, intent.number, intent.amount, ref).rejection.has_value());
      return true;
    }
    return false;
  }
  // Of each tender no more is asked than it has.
  void CheckBounds() {
    for (const Payment& tender : payments().tenders) {
      EXPECT_GE(tender.collected(), 0);
      EXPECT_LE(payments().Asked(PaymentIntentKind::kRefund, tender.number), tender.collected());
      EXPECT_LE(payments().Asked(PaymentIntentKind::kCapture, tender.number) +
                    payments().Asked(PaymentIntentKind::kVoid, tender.number),
                tender.capturable());
    }
  }
  const Payments& payments() const { return world_.order("o").payments; }
  // "CAPTURE card 1000 OPEN"
  std::vector<std::string> Intents() const {
    std::vector<std::string> intents;
    for (const PaymentIntent& intent : payments().intents) {
      const std::string ref =
          intent.payment == 0 ? "-" : payments().tenders[intent.payment - 1].payment_ref;
      intents.push_back(absl::StrCat(std::string(NameOf(intent.kind)), " ", ref, " ", intent.amount,
                                     " ", std::string(NameOf(intent.state))));
    }
    return intents;
  }
  std::vector<std::string> Exceptions() const {
    std::vector<std::string> kinds;
    for (const ExceptionItem& item : world_.exceptions()) {
      kinds.emplace_back(NameOf(item.kind));
    }
    return kinds;
  }
  World world_;
};

TEST_F(PaymentTest, WhatLeavesIsCapturedParcelByParcel) {
  Place(OrderOf(3));
  Tell(PaymentFactKind::kAuthorised, 3'000);
  EXPECT_THAT(Intents(), IsEmpty());
  ShipUnits(2);
  EXPECT_THAT(Intents(), ElementsAre("CAPTURE card 2000 OPEN"));
  Answer(PaymentFactKind::kCaptured, 1, 2'000);
  ShipUnits(1);
  Answer(PaymentFactKind::kCaptured, 2, 1'000);
  EXPECT_THAT(Intents(), ElementsAre("CAPTURE card 2000 DONE", "CAPTURE card 1000 DONE"));
  EXPECT_EQ(payments().Collected(), 3'000);
  EXPECT_THAT(Exceptions(), IsEmpty());
}

TEST_F(PaymentTest, AnAnswerIsKnownByItsAmountWhereItNamesNoIntent) {
  Place(OrderOf(3));
  Tell(PaymentFactKind::kAuthorised, 3'000);
  ShipUnits(1);
  Tell(PaymentFactKind::kCaptured, 1'000);
  EXPECT_THAT(Intents(), ElementsAre("CAPTURE card 1000 DONE"));
}

TEST_F(PaymentTest, WhatIsNotCapturedInFullIsIntendedAgain) {
  Place(OrderOf(3));
  Tell(PaymentFactKind::kAuthorised, 3'000);
  ShipUnits(3);
  Answer(PaymentFactKind::kCaptured, 1, 2'500);
  EXPECT_THAT(Intents(), ElementsAre("CAPTURE card 3000 DONE", "CAPTURE card 500 OPEN"));
}

TEST_F(PaymentTest, WhatIsNoLongerNeededIsVoided) {
  Place(OrderOf(3));
  Tell(PaymentFactKind::kAuthorised, 3'000);
  ShipUnits(1);
  world_.Do(CancelOrder{.order_id = "o"});
  EXPECT_THAT(Intents(), ElementsAre("CAPTURE card 1000 OPEN")) << "which may be refused";
  Tell(PaymentFactKind::kCaptured, 1'000);
  EXPECT_THAT(Intents(), ElementsAre("CAPTURE card 1000 DONE", "VOID card 2000 OPEN"));
  Tell(PaymentFactKind::kVoided, 0);
  EXPECT_THAT(Intents(), ElementsAre("CAPTURE card 1000 DONE", "VOID card 2000 DONE"));
  EXPECT_EQ(payments().tenders[0].voided, 2'000);
  EXPECT_THAT(Exceptions(), IsEmpty());
}

// Rule 1: "an authorisation that arrives after cancel or expiry emits a void intent".
TEST_F(PaymentTest, AnAuthorisationThatComesAfterTheCancelIsVoided) {
  Place(OrderOf(3));
  world_.Do(CancelOrder{.order_id = "o"});
  Tell(PaymentFactKind::kAuthorised, 3'000);
  EXPECT_THAT(Intents(), ElementsAre("VOID card 3000 OPEN"));
  // Once more, of an order whose amounts nobody knows.
  PlaceOrder unpriced = OrderOf(1);
  unpriced.order_id = "p";
  unpriced.amounts.reset();
  unpriced.lines[0].amounts.reset();
  world_.Place(unpriced);
  world_.Do(CancelOrder{.order_id = "p"});
  RecordPayment fact = Fact(PaymentFactKind::kAuthorised, 700);
  fact.order_id = "p";
  world_.Do(fact);
  ASSERT_EQ(world_.order("p").payments.intents.size(), 1u);
  EXPECT_EQ(world_.order("p").payments.intents[0].kind, PaymentIntentKind::kVoid);
}

TEST_F(PaymentTest, WhatComesBackIsRefundedToWhoPaid) {
  Place(OrderOf(3));
  Tell(PaymentFactKind::kAuthorised, 3'000);
  ShipUnits(3);
  ReturnUnits(1);
  EXPECT_THAT(Intents(), ElementsAre("CAPTURE card 3000 OPEN")) << "nothing is collected yet";
  Tell(PaymentFactKind::kCaptured, 3'000);
  EXPECT_THAT(Intents(), ElementsAre("CAPTURE card 3000 DONE", "REFUND card 1000 OPEN"));
  Tell(PaymentFactKind::kRefunded, 1'000);
  ReturnUnits(2);
  EXPECT_THAT(Intents(), ElementsAre("CAPTURE card 3000 DONE", "REFUND card 1000 DONE",
                                     "REFUND card 2000 OPEN"));
  EXPECT_EQ(payments().Collected(), 2'000);
}

// "A refund never exceeds what was collected, over all tenders."
TEST_F(PaymentTest, NoMoreIsRefundedThanWasCollectedOverAllTenders) {
  Place(OrderOf(3, PaymentTerm::kOnDelivery));
  Tell(PaymentFactKind::kCaptured, 500, "voucher");
  Tell(PaymentFactKind::kCaptured, 700, "cash");
  ShipUnits(3);
  ReturnUnits(3);
  EXPECT_THAT(Intents(), ElementsAre("REFUND cash 700 OPEN", "REFUND voucher 500 OPEN"));
}

TEST_F(PaymentTest, WhatWasPaidAheadIsRefundedWhenItIsCancelled) {
  Place(OrderOf(3));
  Tell(PaymentFactKind::kCaptured, 3'000, "wallet");
  world_.Do(CancelOrder{.order_id = "o", .lines = {{"a", Quantity(1)}}});
  EXPECT_THAT(Intents(), ElementsAre("REFUND wallet 1000 OPEN"));
  ShipUnits(2);
  EXPECT_THAT(Intents(), ElementsAre("REFUND wallet 1000 OPEN")) << "the rest is paid for";
}

TEST_F(PaymentTest, WhatNoAuthorisationCoversIsAskedOfTheCustomer) {
  Place(OrderOf(3));
  Tell(PaymentFactKind::kAuthorised, 1'200);
  ShipUnits(3);
  EXPECT_THAT(Intents(), ElementsAre("CAPTURE card 1200 OPEN", "COLLECT - 1800 OPEN"));
  EXPECT_THAT(Exceptions(), ElementsAre("PAYMENT_SHORT"));
  Tell(PaymentFactKind::kAuthorised, 1'800, "other");
  EXPECT_THAT(Intents(), ElementsAre("CAPTURE card 1200 OPEN", "COLLECT - 1800 WITHDRAWN",
                                     "CAPTURE other 1800 OPEN"));
}

TEST_F(PaymentTest, AnInvoiceIsDueByWhatHasLeft) {
  Place(OrderOf(3, PaymentTerm::kInvoice));
  EXPECT_THAT(Intents(), IsEmpty());
  ShipUnits(2);
  EXPECT_THAT(Intents(), ElementsAre("COLLECT - 2000 OPEN"));
  EXPECT_THAT(Exceptions(), IsEmpty()) << "that is how it was agreed";
  ReturnUnits(1);
  EXPECT_THAT(Intents(), ElementsAre("COLLECT - 2000 WITHDRAWN", "COLLECT - 1000 OPEN"));
  Tell(PaymentFactKind::kCaptured, 1'000, "transfer");
  EXPECT_THAT(Intents(), ElementsAre("COLLECT - 2000 WITHDRAWN", "COLLECT - 1000 DONE"));
}

TEST_F(PaymentTest, TheCustomerWhoDoesNotPayIsNotAskedForTheSameAgain) {
  Place(OrderOf(2, PaymentTerm::kInvoice));
  ShipUnits(1);
  Answer(PaymentFactKind::kFailed, 1, 0, "transfer");
  EXPECT_EQ(payments().tenders[0].state, PaymentState::kFailed);
  EXPECT_THAT(Exceptions(), ElementsAre("PAYMENT_FAILED"));
  ShipUnits(1);
  EXPECT_THAT(Intents(), ElementsAre("COLLECT - 1000 FAILED", "COLLECT - 1000 OPEN"));
  Answer(PaymentFactKind::kCaptured, 1, 1'000, "cash");
  EXPECT_THAT(Intents(), ElementsAre("COLLECT - 1000 DONE", "COLLECT - 1000 OPEN"));
}

TEST_F(PaymentTest, NothingIsIntendedOfWhatIsPaidOnTheSpot) {
  Place(OrderOf(2, PaymentTerm::kOnDelivery));
  Tell(PaymentFactKind::kCaptured, 1'000, "cash");
  ShipUnits(2);
  EXPECT_THAT(Intents(), IsEmpty());
}

TEST_F(PaymentTest, ARefusedCaptureIsNotAskedForAgain) {
  Place(OrderOf(2));
  Tell(PaymentFactKind::kAuthorised, 2'000);
  ShipUnits(2);
  Answer(PaymentFactKind::kFailed, 1, 0);
  EXPECT_THAT(Intents(), ElementsAre("CAPTURE card 2000 FAILED", "COLLECT - 2000 OPEN"));
  EXPECT_THAT(Exceptions(), ElementsAre("PAYMENT_FAILED", "PAYMENT_SHORT"));
  // The bank has been asked once more.
  Tell(PaymentFactKind::kAuthorised, 2'000, "card again");
  EXPECT_THAT(Intents(), ElementsAre("CAPTURE card 2000 FAILED", "COLLECT - 2000 WITHDRAWN",
                                     "CAPTURE card again 2000 OPEN"));
}

TEST_F(PaymentTest, ARefusedRefundIsForAPerson) {
  Place(OrderOf(1));
  Tell(PaymentFactKind::kCaptured, 1'000);
  world_.Do(CancelOrder{.order_id = "o"});
  Answer(PaymentFactKind::kFailed, 1, 0);
  EXPECT_THAT(Intents(), ElementsAre("REFUND card 1000 FAILED"));
  EXPECT_THAT(Exceptions(), ElementsAre("PAYMENT_FAILED"));
  // By hand, at last.
  Tell(PaymentFactKind::kRefunded, 1'000);
  EXPECT_EQ(payments().tenders[0].state, PaymentState::kRefunded);
}

TEST_F(PaymentTest, FactsAreToldAnyNumberOfTimes) {
  Place(OrderOf(1));
  RecordPayment fact = Fact(PaymentFactKind::kAuthorised, 1'000);
  EXPECT_FALSE(world_.Do(fact).result.duplicate);
  EXPECT_TRUE(world_.Do(fact).result.duplicate);
  EXPECT_EQ(payments().tenders[0].authorised, 1'000);
  fact.amount = 2'000;
  EXPECT_NE(RejectedAs<PaymentChanged>(world_.Do(fact)), nullptr);
}

TEST_F(PaymentTest, RefusesWhatCannotBeTheOrders) {
  Place(OrderOf(1));
  RecordPayment fact = Fact(PaymentFactKind::kAuthorised, 1'000);
  fact.currency_code = "USD";
  EXPECT_EQ(RejectedAs<CurrencyMismatch>(world_.Do(fact))->currency_code, "EUR");
  fact = Fact(PaymentFactKind::kCaptured, 1'000);
  fact.intent_id = "o.i1";
  EXPECT_EQ(RejectedAs<PaymentIntentNotFound>(world_.Do(fact))->intent_id, "o.i1");
  fact.order_id = "nobody";
  EXPECT_NE(RejectedAs<OrderNotFound>(world_.Do(fact)), nullptr);
  // A capture is no answer to a void.
  world_.Do(CancelOrder{.order_id = "o"});
  Tell(PaymentFactKind::kAuthorised, 1'000);
  EXPECT_NE(RejectedAs<PaymentIntentNotFound>(Answer(PaymentFactKind::kCaptured, 1, 1'000)),
            nullptr);
  for (size_t i = payments().entries.size(); i < kPaymentFactsMax; ++i) {
    Tell(PaymentFactKind::kAuthorised, 1);
  }
  EXPECT_NE(RejectedAs<TooManyPayments>(Tell(PaymentFactKind::kAuthorised, 1)), nullptr);
}

TEST_F(PaymentTest, AnOrderIsFoundByWhatItsChannelCallsIt) {
  PlaceOrder order = OrderOf(1);
  order.external_id = "shop-1";
  Place(order);
  RecordPayment fact = Fact(PaymentFactKind::kAuthorised, 1'000);
  fact.order_id.clear();
  fact.channel_id = "web";
  fact.external_id = "shop-1";
  EXPECT_EQ(world_.Do(fact).result.order_id, "o");
  fact.external_id = "shop-2";
  EXPECT_NE(RejectedAs<OrderNotFound>(world_.Do(fact)), nullptr);
}

TEST_F(PaymentTest, FactsThatContradictAreRecordedAndLookedAt) {
  Place(OrderOf(1));
  Tell(PaymentFactKind::kAuthorised, 1'000);
  Tell(PaymentFactKind::kVoided, 0);
  EXPECT_THAT(Exceptions(), IsEmpty());
  Tell(PaymentFactKind::kCaptured, 1'000);
  EXPECT_THAT(Exceptions(), ElementsAre("PAYMENT_CONFLICT"));
  EXPECT_EQ(payments().Collected(), 1'000) << "it has been taken all the same";
}

// "Refused" of what was done, and "done" twice.
TEST_F(PaymentTest, AnswersThatContradictAnswersAreLookedAt) {
  Place(OrderOf(1));
  Tell(PaymentFactKind::kAuthorised, 2'000);
  ShipUnits(1);
  Answer(PaymentFactKind::kCaptured, 1, 1'000);
  EXPECT_THAT(Exceptions(), IsEmpty());
  Answer(PaymentFactKind::kCaptured, 1, 1'000);
  EXPECT_THAT(Exceptions(), ElementsAre("PAYMENT_CONFLICT"));
  EXPECT_THAT(Intents(), ElementsAre("CAPTURE card 1000 DONE", "VOID card 1000 WITHDRAWN"))
      << "whether it was taken twice, or told twice, is for a person";
  Answer(PaymentFactKind::kFailed, 1, 0);
  EXPECT_THAT(Exceptions(), ElementsAre("PAYMENT_CONFLICT", "PAYMENT_CONFLICT"));
  EXPECT_EQ(payments().Collected(), 2'000);
}

TEST_F(PaymentTest, EachStateTakesEachFact) {
  for (const Move<PaymentState, PaymentAction>& move : PaymentMoves().moves()) {
    EXPECT_FALSE(NameOf(move.action).empty());
    EXPECT_FALSE(NameOf(move.to).empty());
  }
  // Whatever comes, in whatever order, leads somewhere: Apply checks it.
  for (int seed = 0; seed < 2'000; ++seed) {
    World world;
    PlaceOrder order = OrderOf(1);
    world.Place(order);
    uint64_t draw = static_cast<uint64_t>(seed) * 0x9E3779B97F4A7C15u;
    for (int i = 0; i < 6; ++i) {
      draw = draw * 6364136223846793005u + 1442695040888963407u;
      RecordPayment fact = Fact(static_cast<PaymentFactKind>(1 + (draw >> 33) % 5),
                                static_cast<int64_t>((draw >> 40) % 3) * 500 + 250);
      EXPECT_FALSE(world.Do(fact).rejection.has_value());
    }
  }
}

// Rule 1: payment pending, with a bounded grace.
TEST_F(PaymentTest, AnOrderWhosePaymentIsStillToComeIsKeptBack) {
  Place(OrderOf(2, PaymentTerm::kAsynchronous));
  EXPECT_EQ(StateOf(world_.order("o")), OrderState::kOnHold);
  EXPECT_TRUE(world_.order("o").tasks.empty());
  Tell(PaymentFactKind::kAuthorised, 1'500);
  EXPECT_EQ(StateOf(world_.order("o")), OrderState::kOnHold) << "that is not all";
  Tell(PaymentFactKind::kCaptured, 500, "voucher");
  EXPECT_EQ(StateOf(world_.order("o")), OrderState::kOpen);
  EXPECT_EQ(world_.task("o.t1").open(), Quantity(2));
  EXPECT_TRUE(world_.state().due.empty());
}

TEST_F(PaymentTest, AnOrderForNothingIsNotKeptBack) {
  PlaceOrder order = OrderOf(1, PaymentTerm::kAsynchronous);
  order.lines[0].amounts = LineAmounts{};
  order.amounts->total = 0;
  Place(order);
  EXPECT_EQ(StateOf(world_.order("o")), OrderState::kOpen);
  EXPECT_EQ(world_.task("o.t1").open(), Quantity(1));
}

TEST_F(PaymentTest, AnOrderWhosePaymentDoesNotComeIsCancelled) {
  PlaceOrder order = OrderOf(2, PaymentTerm::kAsynchronous);
  order.payment_grace = Seconds(60);
  Place(order);
  Tell(PaymentFactKind::kAuthorised, 500);
  world_.Advance(Seconds(59));
  world_.DoDue();
  EXPECT_EQ(StateOf(world_.order("o")), OrderState::kOnHold);
  world_.Advance(Seconds(1));
  world_.DoDue();
  EXPECT_EQ(StateOf(world_.order("o")), OrderState::kCancelled);
  EXPECT_THAT(Intents(), ElementsAre("VOID card 500 OPEN"));
}

TEST_F(PaymentTest, AHoldOfItsOwnTakesThePlaceOfTheGrace) {
  PlaceOrder order = OrderOf(1, PaymentTerm::kAsynchronous);
  order.holds = {{.kind = HoldKind::kPayment}, {.kind = HoldKind::kFraud}};
  Place(order);
  ASSERT_EQ(world_.order("o").holds.size(), 2u);
  Tell(PaymentFactKind::kAuthorised, 1'000);
  EXPECT_EQ(world_.order("o").holds[0].state, HoldState::kReleased);
  EXPECT_EQ(StateOf(world_.order("o")), OrderState::kOnHold) << "for another reason";
  EXPECT_TRUE(world_.order("o").tasks.empty());
}

TEST_F(PaymentTest, AHoldOfWhatIsInvoicedWaitsForAllOfIt) {
  PlaceOrder order = OrderOf(1, PaymentTerm::kInvoice);
  order.holds = {{.kind = HoldKind::kPayment}};
  Place(order);
  EXPECT_EQ(StateOf(world_.order("o")), OrderState::kOnHold);
  Tell(PaymentFactKind::kCaptured, 999, "transfer");
  EXPECT_EQ(StateOf(world_.order("o")), OrderState::kOnHold);
  Tell(PaymentFactKind::kCaptured, 1, "transfer");
  EXPECT_EQ(StateOf(world_.order("o")), OrderState::kOpen);
}

// What a payment lets go over the counter is due at once.
TEST_F(PaymentTest, WhatIsCarriedOutWhenItIsPaidIsCaptured) {
  PlaceOrder order = OrderOf(2, PaymentTerm::kAsynchronous);
  order.groups[0] = CarryOut("g", "w1");
  order.groups[0].payment_term = PaymentTerm::kAsynchronous;
  Place(order);
  Tell(PaymentFactKind::kAuthorised, 2'000);
  EXPECT_EQ(StateOf(world_.order("o")), OrderState::kCompleted);
  EXPECT_THAT(Intents(), ElementsAre("CAPTURE card 2000 OPEN"));
}

// Two groups: a is paid for on the spot, b ahead; 10.00 each.
class MixedPaymentTest : public PaymentTest {
 protected:
  MixedPaymentTest() {
    PlaceOrder c;
    c.order_id = "o";
    c.groups = {Ship("spot"), Ship("ahead")};
    c.groups[0].payment_term = PaymentTerm::kOnDelivery;
    c.groups[1].payment_term = PaymentTerm::kAuthorised;
    c.lines = {Line("a", 0, "s1", 1), Line("b", 1, "s2", 1)};
    for (PlacedLine& line : c.lines) line.amounts = LineAmounts{.subtotal = 1'000};
    c.amounts = Amounts{.currency_code = "EUR", .total = 2'000};
    Place(c);
  }
  void ShipLine(int task) {
    world_.Do(RecordShipment{.task_id = absl::StrCat("o.t", task), .parcel_key = "p"});
  }
  void ReturnLine(const std::string& line_id) {
    world_.Do(ReceiveReturn{.location_id = "w1",
                            .order_id = "o",
                            .lines = {{.line_id = line_id, .quantity = Quantity(1)}},
                            .unmatched_return_id = "u"});
  }
  void TellOnTheSpot(PaymentFactKind kind, int64_t amount) {
    RecordPayment fact = Fact(kind, amount, "terminal");
    fact.on_the_spot = true;
    world_.Do(fact);
  }
};

TEST_F(MixedPaymentTest, WhatComesBackIsRefundedWhateverWasPaidOnTheSpot) {
  Tell(PaymentFactKind::kAuthorised, 1'000);
  ShipLine(1);
  ShipLine(2);
  Tell(PaymentFactKind::kCaptured, 1'000);
  ReturnLine("b");
  EXPECT_THAT(Intents(), ElementsAre("CAPTURE card 1000 DONE", "REFUND card 1000 OPEN"));
}

TEST_F(MixedPaymentTest, WhatIsPaidAtOnceIsNotAskedForAgain) {
  Tell(PaymentFactKind::kCaptured, 400, "voucher");
  Tell(PaymentFactKind::kAuthorised, 1'000);
  ShipLine(2);
  Tell(PaymentFactKind::kCaptured, 600);
  ShipLine(1);
  EXPECT_THAT(Intents(), ElementsAre("CAPTURE card 600 DONE", "VOID card 400 OPEN"));
}

TEST_F(MixedPaymentTest, WhatATerminalTakesIsForWhatItHandsOver) {
  Tell(PaymentFactKind::kAuthorised, 1'000);
  TellOnTheSpot(PaymentFactKind::kAuthorised, 1'000);
  ShipLine(1);
  TellOnTheSpot(PaymentFactKind::kCaptured, 1'000);
  EXPECT_THAT(Intents(), IsEmpty());
  ShipLine(2);
  EXPECT_THAT(Intents(), ElementsAre("CAPTURE card 1000 OPEN"));
  ReturnLine("a");
  EXPECT_THAT(Intents(), ElementsAre("CAPTURE card 1000 OPEN", "REFUND terminal 1000 OPEN"));
}

// Rule 1's hold is for what is to be paid ahead.
TEST_F(MixedPaymentTest, AHoldEndsWhenNothingIsToBePaidAhead) {
  world_.Do(HoldOrder{.order_id = "o", .hold = {.kind = HoldKind::kPayment}});
  EXPECT_EQ(StateOf(world_.order("o")), OrderState::kOnHold);
  world_.Do(CancelOrder{.order_id = "o", .lines = {{"b", Quantity(1)}}});
  EXPECT_EQ(StateOf(world_.order("o")), OrderState::kOpen);
}

TEST_F(PaymentTest, WhatComesBackIsRefundedThoughMoreIsOpen) {
  Place(OrderOf(2));
  Tell(PaymentFactKind::kAuthorised, 2'000);
  ShipUnits(1);
  Tell(PaymentFactKind::kCaptured, 1'000);
  ReturnUnits(1);
  EXPECT_THAT(Intents(), ElementsAre("CAPTURE card 1000 DONE", "REFUND card 1000 OPEN"));
  Tell(PaymentFactKind::kRefunded, 1'000);
  ShipUnits(1);
  EXPECT_THAT(Intents(), ElementsAre("CAPTURE card 1000 DONE", "REFUND card 1000 DONE",
                                     "CAPTURE card 1000 OPEN"));
}

TEST_F(PaymentTest, WhatSupportGivesBackIsNotTakenAgain) {
  Place(OrderOf(3));
  Tell(PaymentFactKind::kAuthorised, 3'000);
  ShipUnits(1);
  Tell(PaymentFactKind::kCaptured, 1'000);
  Tell(PaymentFactKind::kRefunded, 200);
  EXPECT_THAT(Intents(), ElementsAre("CAPTURE card 1000 DONE"));
}

TEST_F(PaymentTest, AnAuthorisationAnewTakesThePlaceOfTheOldOne) {
  Place(OrderOf(2, PaymentTerm::kAsynchronous));
  Tell(PaymentFactKind::kAuthorised, 1'000);
  Tell(PaymentFactKind::kFailed, 0);
  Tell(PaymentFactKind::kAuthorised, 1'000);
  EXPECT_EQ(payments().tenders[0].capturable(), 1'000);
  EXPECT_EQ(StateOf(world_.order("o")), OrderState::kOnHold) << "half of it is not paid";
}

TEST_F(PaymentTest, AnswersInOtherAmountsLeaveTheRestToBeIntended) {
  Place(OrderOf(4));
  Tell(PaymentFactKind::kAuthorised, 4'000);
  ShipUnits(2);
  Tell(PaymentFactKind::kCaptured, 1'500);
  Tell(PaymentFactKind::kCaptured, 500);
  ShipUnits(2);
  EXPECT_THAT(Intents(), ElementsAre("CAPTURE card 2000 DONE", "CAPTURE card 500 DONE",
                                     "CAPTURE card 2000 OPEN"));
}

TEST_F(PaymentTest, WhatAPaymentNoLongerHasIsTakenFromAnother) {
  Place(OrderOf(1));
  Tell(PaymentFactKind::kAuthorised, 1'000, "first");
  Tell(PaymentFactKind::kAuthorised, 1'000, "second");
  ShipUnits(1);
  Tell(PaymentFactKind::kVoided, 1'000, "first");
  EXPECT_THAT(Intents(), ElementsAre("CAPTURE first 1000 WITHDRAWN", "CAPTURE second 1000 OPEN"));
}

TEST_F(PaymentTest, ImpossibleAmountsAreNotRefunded) {
  Place(OrderOf(2));
  Tell(PaymentFactKind::kAuthorised, 2'000);
  ShipUnits(1);
  Answer(PaymentFactKind::kCaptured, 1, 10'000);
  EXPECT_THAT(Exceptions(), ElementsAre("PAYMENT_CONFLICT"));
  EXPECT_THAT(Intents(), ElementsAre("CAPTURE card 1000 DONE"));
}

TEST_F(PaymentTest, ARefusedRefundDoesNotStopTheNext) {
  Place(OrderOf(2));
  Tell(PaymentFactKind::kAuthorised, 2'000);
  ShipUnits(2);
  Tell(PaymentFactKind::kCaptured, 2'000);
  ReturnUnits(1);
  Answer(PaymentFactKind::kFailed, 2, 0);
  ReturnUnits(1);
  EXPECT_THAT(Intents(), ElementsAre("CAPTURE card 2000 DONE", "REFUND card 1000 FAILED",
                                     "REFUND card 1000 OPEN"));
}

TEST_F(PaymentTest, ARefusedVoidEndsNothingElse) {
  Place(OrderOf(1));
  Tell(PaymentFactKind::kAuthorised, 3'000);
  ShipUnits(1);
  Tell(PaymentFactKind::kCaptured, 1'000);
  Answer(PaymentFactKind::kFailed, 2, 0);
  EXPECT_THAT(Intents(), ElementsAre("CAPTURE card 1000 DONE", "VOID card 2000 FAILED"));
  EXPECT_EQ(payments().tenders[0].state, PaymentState::kCaptured);
}

// Whatever is ordered, shipped, cancelled, returned and paid: when every intent has been answered,
// what is collected is what the order comes to, as far as it has left and was not given back.
TEST_F(PaymentTest, AnsweredIntentsLeaveWhatTheOrderComesTo) {
  for (int seed = 0; seed < 3'000; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    uint64_t draw = static_cast<uint64_t>(seed) + 1;
    const auto below = [&draw](int64_t n) {
      draw = draw * 6364136223846793005u + 1442695040888963407u;
      return static_cast<int64_t>((draw >> 33) % static_cast<uint64_t>(n));
    };
    world_ = World();
    const int64_t units = 1 + below(5);
    Place(OrderOf(units));
    Tell(PaymentFactKind::kAuthorised, units * 1'000 - below(2) * 300, "first");
    if (below(2) == 0) Tell(PaymentFactKind::kAuthorised, 400, "second");
    if (below(3) == 0) Tell(PaymentFactKind::kCaptured, 1 + below(800), "voucher");
    for (int step = 0; step < 8; ++step) {
      switch (below(4)) {
        case 0:
          ShipUnits(1);
          break;
        case 1:
          if (below(3) == 0) world_.Do(CancelOrder{.order_id = "o", .lines = {{"a", Quantity(1)}}});
          break;
        case 2:
          if (world_.order("o").lines[0].fulfilled > world_.order("o").lines[0].returned) {
            ReturnUnits(1);
          }
          break;
        default:
          AnswerOne();
      }
      CheckBounds();
    }
    world_.Do(CancelOrder{.order_id = "o"});
    while (AnswerOne()) CheckBounds();
    const Dues dues = DuesOf(world_.order("o"));
    EXPECT_EQ(payments().Collected(), dues.ours.kept());
    for (const Payment& tender : payments().tenders) EXPECT_EQ(tender.left(), 0);
  }
}

}  // namespace
}  // namespace quartermaster::orders
