#include "tools/qm/verify/orders_auditor.h"

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/qm/verify/cross_check.h"
#include "tools/qm/verify/stock_auditor.h"
#include "tools/qm/verify/test_log.h"

namespace quartermaster::qm {
namespace {

namespace orders_events = ::quartermaster::orders::events::v1;
namespace stock_events = ::quartermaster::stock::events::v1;
using orders::v1::ExceptionItem;
using orders::v1::Order;
using orders::v1::PaymentFact;
using orders::v1::PaymentIntent;
using orders::v1::Task;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr char kOrder[] = "o-1";
// Of its pickup, in microseconds.
constexpr int64_t kRemind = 2'000'000;
constexpr int64_t kExpire = 3'000'000;
constexpr int64_t kGiveUp = 4'000'000;

// One order of three units of A-1, shipped from store-1, and the stock it takes them from.
class OrdersAuditorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    stock_events::SkuRegistered sku;
    sku.set_sku(1);
    sku.set_sku_id("A-1");
    stock_.Add(stock_events::SKU_REGISTERED, sku);
    stock_events::LocationRegistered location;
    location.set_location(1);
    location.set_location_id("store-1");
    stock_.Add(stock_events::LOCATION_REGISTERED, location);
    stock_events::StockAdjusted received;
    received.set_sku(1);
    received.set_location(1);
    received.set_kind(stock::v1::Adjustment::RECEIVED);
    received.set_delta(10);
    stock_.Add(stock_events::STOCK_ADJUSTED, received);
  }

  void Pay(PaymentFact::Kind kind, int64_t amount, int intent = 0) {
    orders_events::PaymentRecorded event;
    event.set_order_id(kOrder);
    event.set_kind(kind);
    event.set_payment_ref("pi-1");
    event.set_amount(amount);
    event.set_intent(intent);
    orders_.Add(orders_events::PAYMENT_RECORDED, event);
  }
  void Intend(int number, PaymentIntent::Kind kind, int64_t amount) {
    orders_events::PaymentIntended event;
    event.set_order_id(kOrder);
    event.set_intent(number);
    event.set_kind(kind);
    if (kind != PaymentIntent::COLLECT) event.set_payment(1);
    event.set_amount(amount);
    orders_.Add(orders_events::PAYMENT_INTENDED, event);
  }
  void Hold() {
    stock_events::StockReserved event;
    event.set_owner_id("o-1/1");
    event.set_expire_unix_us(9'000'000);
    auto* line = event.add_lines();
    line->set_line_id("0");
    line->set_sku(1);
    auto* placement = line->add_placements();
    placement->set_location(1);
    placement->set_quantity(3);
    reservation_ = stock_.Add(stock_events::STOCK_RESERVED, event);
  }
  void Place() {
    orders_events::OrderPlaced placed;
    placed.set_order_id(kOrder);
    placed.set_channel_id("web");
    placed.set_external_id("W1");
    placed.add_groups()->set_method(routing::v1::SHIP);
    auto* line = placed.add_lines();
    line->set_line_id("0");
    line->set_sku("A-1");
    line->set_quantity(3);
    orders_.Add(orders_events::ORDER_PLACED, placed);
    orders_events::OrderRouted routed;
    routed.set_order_id(kOrder);
    routed.set_attempt(1);
    routed.set_reservation_id(absl::StrCat("r", reservation_));
    auto* assignment = routed.add_assignments();
    assignment->set_location_id("store-1");
    assignment->set_quantity(3);
    orders_.Add(orders_events::ORDER_ROUTED, routed);
  }
  void ConfirmStock() {
    stock_events::ReservationConfirmed event;
    event.set_reservation(reservation_);
    stock_.Add(stock_events::RESERVATION_CONFIRMED, event);
  }
  void ConfirmOrder() {
    ConfirmAttempt();
    GiveOut(3);
  }
  void ConfirmAttempt() {
    orders_events::StockConfirmed confirmed;
    confirmed.set_order_id(kOrder);
    confirmed.set_attempt(1);
    confirmed.set_reservation_id(absl::StrCat("r", reservation_));
    orders_.Add(orders_events::STOCK_CONFIRMED, confirmed);
  }
  void GiveOut(int64_t units) {
    orders_events::TaskCreated task;
    task.set_order_id(kOrder);
    task.set_task(1);
    task.set_attempt(1);
    task.set_location_id("store-1");
    task.add_assignments()->set_quantity(units);
    orders_.Add(orders_events::TASK_CREATED, task);
  }
  void HoldOrder(int64_t expire_unix_us = 0) {
    orders_events::OrderHeld held;
    held.set_order_id(kOrder);
    held.set_hold(1);
    held.set_kind(orders::v1::FRAUD);
    if (expire_unix_us != 0) held.set_expire_unix_us(expire_unix_us);
    orders_.Add(orders_events::ORDER_HELD, held);
  }
  void EndHold(bool expired = false) {
    orders_events::HoldEnded ended;
    ended.set_order_id(kOrder);
    ended.set_hold(1);
    ended.set_expired(expired);
    orders_.Add(orders_events::HOLD_ENDED, ended);
  }
  void Ship() {
    orders_events::TaskShipped shipped;
    shipped.set_order_id(kOrder);
    shipped.set_task(1);
    orders_.Add(orders_events::TASK_SHIPPED, shipped);
  }
  void Pick() {
    orders_events::TaskPicked picked;
    picked.set_order_id(kOrder);
    picked.set_task(1);
    orders_.Add(orders_events::TASK_PICKED, picked);
  }
  void RequestCancel(int64_t units) {
    orders_events::CancelRequested requested;
    requested.set_order_id(kOrder);
    auto* of_task = requested.add_tasks();
    of_task->set_task(1);
    of_task->set_quantity(units);
    orders_.Add(orders_events::CANCEL_REQUESTED, requested);
  }
  template <typename Event>
  void AddOfTask(int type) {
    Event event;
    event.set_order_id(kOrder);
    event.set_task(1);
    orders_.Add(type, event);
  }
  void MakeReady() {
    orders_events::PickupReady ready;
    ready.set_order_id(kOrder);
    ready.set_task(1);
    ready.set_expire_unix_us(kExpire);
    ready.set_remind_unix_us(kRemind);
    orders_.Add(orders_events::PICKUP_READY, ready);
  }
  void AddExpiring() {
    orders_events::PickupExpiring expiring;
    expiring.set_order_id(kOrder);
    expiring.set_task(1);
    expiring.set_give_up_unix_us(kGiveUp);
    orders_.Add(orders_events::PICKUP_EXPIRING, expiring);
  }
  void Extend(int64_t expire_unix_us) {
    orders_events::PickupExtended extended;
    extended.set_order_id(kOrder);
    extended.set_task(1);
    extended.set_expire_unix_us(expire_unix_us);
    orders_.Add(orders_events::PICKUP_EXTENDED, extended);
  }
  void PutBack(int64_t units, bool given_up) {
    orders_events::UnitsCancelled cancelled;
    cancelled.set_order_id(kOrder);
    auto* of_task = cancelled.add_tasks();
    of_task->set_task(1);
    of_task->set_quantity(units);
    cancelled.set_given_up(given_up);
    orders_.Add(orders_events::UNITS_CANCELLED, cancelled);
  }
  void Fulfil(int64_t units) {
    stock_events::ReservationFulfilled event;
    event.set_reservation(reservation_);
    auto* part = event.add_parts();
    part->set_location(1);
    part->set_quantity(units);
    stock_.Add(stock_events::RESERVATION_FULFILLED, event);
  }
  void Settle(int op = 1) {
    orders_events::StockSettled settled;
    settled.set_order_id(kOrder);
    settled.set_op(op);
    orders_.Add(orders_events::STOCK_SETTLED, settled);
  }
  void PlaceAndConfirm() {
    Hold();
    Place();
    ConfirmStock();
    ConfirmOrder();
  }

  const BookedOrder& Get() { return auditor_.books().orders.at(kOrder); }
  void CrossCheck() {
    CheckOrdersInStock(auditor_.books(), stock_auditor_.books(), &findings_);
    CheckStockInOrders(stock_auditor_.books(), auditor_.books(), &findings_);
  }
  std::map<std::string, std::string> Open() {
    return Unsettled(auditor_.books(), stock_auditor_.books());
  }
  void ExpectClean() {
    auditor_.CheckConservation();
    stock_auditor_.CheckConservation();
    CrossCheck();
    for (const Finding& f : findings_.kept()) ADD_FAILURE() << f.key << ": " << f.what;
  }
  void ExpectFinding(const std::string& what) {
    ASSERT_GE(findings_.differences(), 1);
    EXPECT_THAT(findings_.kept()[0].what, HasSubstr(what));
  }

  Findings findings_;
  OrdersAuditor auditor_{&findings_};
  TestLog<OrdersAuditor> orders_{&auditor_};
  StockAuditor stock_auditor_{&findings_};
  TestLog<StockAuditor> stock_{&stock_auditor_};
  int64_t reservation_ = 0;
};

TEST_F(OrdersAuditorTest, FollowsAnOrderToItsEnd) {
  Hold();
  Place();
  EXPECT_EQ(Get().State(), Order::PENDING);
  EXPECT_THAT(Open(), ElementsAre(Pair("order o-1 attempt 1", HasSubstr("HELD"))));
  ExpectClean();
  ConfirmStock();
  ConfirmOrder();
  EXPECT_EQ(Get().State(), Order::OPEN);
  EXPECT_THAT(Open(), IsEmpty());
  ExpectClean();
  Ship();
  EXPECT_EQ(Get().State(), Order::COMPLETED);
  EXPECT_EQ(Get().tasks[0].state, Task::SHIPPED);
  EXPECT_THAT(Open(), ElementsAre(Pair("order o-1 operation 1", HasSubstr("fulfil"))));
  ExpectClean();
  Fulfil(3);
  Settle();
  EXPECT_THAT(Open(), IsEmpty());
  ExpectClean();
}

TEST_F(OrdersAuditorTest, FollowsWhatIsPaid) {
  PlaceAndConfirm();
  Pay(PaymentFact::AUTHORISED, 3'000);
  Ship();
  Intend(1, PaymentIntent::VOID, 3'000);
  ExpectClean();
  Pay(PaymentFact::VOIDED, 3'000, 1);
  Pay(PaymentFact::CAPTURED, 500);
  Intend(2, PaymentIntent::REFUND, 500);
  Intend(3, PaymentIntent::COLLECT, 700);
  orders_events::PaymentIntentWithdrawn withdrawn;
  withdrawn.set_order_id(kOrder);
  withdrawn.set_intent(3);
  orders_.Add(orders_events::PAYMENT_INTENT_WITHDRAWN, withdrawn);
  ExpectClean();
  EXPECT_EQ(Get().payments[0].voided, 3'000);
  EXPECT_EQ(Get().intents[0].state, PaymentIntent::DONE);
  EXPECT_EQ(Get().intents[2].state, PaymentIntent::WITHDRAWN);
}

TEST_F(OrdersAuditorTest, FindsARefundOfWhatWasNotCollected) {
  PlaceAndConfirm();
  Pay(PaymentFact::CAPTURED, 500);
  Intend(1, PaymentIntent::REFUND, 501);
  ExpectFinding("refunds more than was collected");
}

TEST_F(OrdersAuditorTest, FindsACaptureOfWhatHasNotLeft) {
  PlaceAndConfirm();
  Pay(PaymentFact::AUTHORISED, 500);
  Intend(1, PaymentIntent::CAPTURE, 500);
  ExpectFinding("captures more than has left");
}

TEST_F(OrdersAuditorTest, FindsAVoidOfWhatIsStillNeeded) {
  PlaceAndConfirm();
  Pay(PaymentFact::AUTHORISED, 500);
  Intend(1, PaymentIntent::VOID, 500);
  ExpectFinding("voids what may still be needed");
}

TEST_F(OrdersAuditorTest, APickOfWhatIsPackedTakesNothingBack) {
  PlaceAndConfirm();
  Pick();
  EXPECT_EQ(Get().tasks[0].state, Task::PICKED);
  orders_events::TaskPacked packed;
  packed.set_order_id(kOrder);
  packed.set_task(1);
  orders_.Add(orders_events::TASK_PACKED, packed);
  Pick();
  EXPECT_EQ(Get().tasks[0].state, Task::PACKED);
  ExpectClean();
}

TEST_F(OrdersAuditorTest, FindsAnAllocationThatWasNeverGivenBack) {
  PlaceAndConfirm();
  orders_events::UnitsCancelled cancelled;
  cancelled.set_order_id(kOrder);
  auto* units = cancelled.add_tasks();
  units->set_task(1);
  units->set_quantity(3);
  orders_.Add(orders_events::UNITS_CANCELLED, cancelled);
  EXPECT_EQ(Get().State(), Order::CANCELLED);
  EXPECT_EQ(Get().tasks[0].state, Task::CANCELLED);
  EXPECT_THAT(Open(), ElementsAre(Pair("order o-1 operation 1", HasSubstr("release"))));
  Settle();
  CrossCheck();
  ExpectFinding("orders settled 0 fulfilled, 3 released");
}

TEST_F(OrdersAuditorTest, FindsUnitsThatLeftWithoutTheirOrder) {
  PlaceAndConfirm();
  Fulfil(1);
  CrossCheck();
  ExpectFinding("stock fulfilled 1");
}

TEST_F(OrdersAuditorTest, FindsAConfirmedOrderWithoutAllocation) {
  Hold();
  Place();
  ConfirmOrder();
  CrossCheck();
  ExpectFinding("is confirmed, but its reservation r4 is HELD");
}

TEST_F(OrdersAuditorTest, FindsAnAllocationWithoutAnAttempt) {
  PlaceAndConfirm();
  stock_events::StockReserved event;
  event.set_owner_id("o-1/2");
  event.set_expire_unix_us(9'000'000);
  event.add_lines()->set_sku(1);
  stock_events::ReservationConfirmed confirmed;
  confirmed.set_reservation(stock_.Add(stock_events::STOCK_RESERVED, event));
  stock_.Add(stock_events::RESERVATION_CONFIRMED, confirmed);
  CrossCheck();
  ExpectFinding("is allocated for attempt 2 of order o-1, which never was");
}

TEST_F(OrdersAuditorTest, FindsAnOrderWithoutItsHold) {
  reservation_ = 77;
  Place();
  CrossCheck();
  ExpectFinding("its reservation r77 was never made in stock");
}

TEST_F(OrdersAuditorTest, AwaitingStockNeedsAnException) {
  Hold();
  Place();
  orders_events::StockConfirmFailed failed;
  failed.set_order_id(kOrder);
  failed.set_attempt(1);
  orders_.Add(orders_events::STOCK_CONFIRM_FAILED, failed);
  EXPECT_EQ(Get().State(), Order::AWAITING_STOCK);
  orders_events::ExceptionRaised raised;
  raised.set_order_id(kOrder);
  raised.set_kind(ExceptionItem::AWAITING_STOCK);
  orders_events::ExceptionResolved resolved;
  resolved.set_order_id(kOrder);
  resolved.set_exception(orders_.Add(orders_events::EXCEPTION_RAISED, raised));
  ExpectClean();
  orders_.Add(orders_events::EXCEPTION_RESOLVED, resolved);
  auditor_.CheckConservation();
  ExpectFinding("3 units await stock, and no exception is open");
}

TEST_F(OrdersAuditorTest, FindsUnitsTakenTwice) {
  PlaceAndConfirm();
  Ship();
  orders_events::UnitsCancelled cancelled;
  cancelled.set_order_id(kOrder);
  auto* units = cancelled.add_tasks();
  units->set_task(1);
  units->set_quantity(1);
  orders_.Add(orders_events::UNITS_CANCELLED, cancelled);
  ExpectFinding("takes 1 units from where there are 0");
}

TEST_F(OrdersAuditorTest, FollowsACancelRequestToItsAnswer) {
  PlaceAndConfirm();
  Pick();
  RequestCancel(2);
  EXPECT_EQ(Get().State(), Order::OPEN);
  EXPECT_EQ(Get().tasks[0].lines[0].cancel_requested, 2);
  EXPECT_EQ(Get().lines[0].allocated, 3);
  EXPECT_THAT(Open(), IsEmpty());
  ExpectClean();
  orders_events::UnitsCancelled put_back;
  put_back.set_order_id(kOrder);
  auto* units = put_back.add_tasks();
  units->set_task(1);
  units->set_quantity(1);
  orders_.Add(orders_events::UNITS_CANCELLED, put_back);
  EXPECT_EQ(Get().tasks[0].lines[0].cancel_requested, 1);
  EXPECT_EQ(Get().lines[0].cancelled, 1);
  ExpectClean();
  Ship();
  EXPECT_EQ(Get().tasks[0].lines[0].cancel_requested, 0);
  EXPECT_EQ(Get().lines[0].fulfilled, 2);
  ExpectClean();
}

TEST_F(OrdersAuditorTest, MissingUnitsAreThoseOfACancelRequestFirst) {
  PlaceAndConfirm();
  Pick();
  RequestCancel(2);
  orders_events::TaskPicked picked;
  picked.set_order_id(kOrder);
  picked.set_task(1);
  picked.set_reroute(true);
  auto* line = picked.add_lines();
  line->set_picked(2);
  line->set_missing(1);
  orders_.Add(orders_events::TASK_PICKED, picked);
  EXPECT_EQ(Get().tasks[0].lines[0].cancel_requested, 1);
  ExpectClean();
}

TEST_F(OrdersAuditorTest, FollowsTheReasonsOfAShortPick) {
  PlaceAndConfirm();
  orders_events::TaskPicked picked;
  picked.set_order_id(kOrder);
  picked.set_task(1);
  picked.set_reroute(true);
  auto* line = picked.add_lines();
  line->set_picked(1);
  line->set_missing(2);
  line->set_available(true);
  line->set_awaiting(true);
  orders_.Add(orders_events::TASK_PICKED, picked);
  EXPECT_EQ(Get().lines[0].awaiting, 2);
  EXPECT_EQ(Get().ops.at(0).kind, BookedOrder::OpKind::kRelease);
  EXPECT_TRUE(Get().gave_back);
}

TEST_F(OrdersAuditorTest, FollowsASuspectReject) {
  PlaceAndConfirm();
  orders_events::TaskRejected rejected;
  rejected.set_order_id(kOrder);
  rejected.set_task(1);
  rejected.set_reroute(true);
  rejected.set_suspect(true);
  rejected.set_keep_location(true);
  orders_.Add(orders_events::TASK_REJECTED, rejected);
  EXPECT_EQ(Get().ops.at(0).kind, BookedOrder::OpKind::kReleaseMissing);
  EXPECT_FALSE(Get().gave_back) << "the location may be asked again";
  ExpectClean();
}

TEST_F(OrdersAuditorTest, FollowsAHoldToItsEnd) {
  Hold();
  Place();
  HoldOrder();
  EXPECT_EQ(Get().State(), Order::ON_HOLD);
  ConfirmStock();
  ConfirmAttempt();
  EXPECT_EQ(Get().lines[0].held_back, 3);
  ExpectClean();
  orders_events::UnitsCancelled cancelled;
  cancelled.set_order_id(kOrder);
  auto* held_back = cancelled.add_held_back();
  held_back->set_attempt(1);
  held_back->set_quantity(2);
  orders_.Add(orders_events::UNITS_CANCELLED, cancelled);
  EXPECT_THAT(Open(), ElementsAre(Pair("order o-1 operation 1", HasSubstr("release"))));
  EndHold();
  GiveOut(1);
  EXPECT_EQ(Get().lines[0].allocated, 1);
  EXPECT_EQ(Get().State(), Order::OPEN);
  ExpectClean();
}

TEST_F(OrdersAuditorTest, FindsUnitsThatStayHeldBack) {
  Hold();
  Place();
  HoldOrder();
  ConfirmStock();
  ConfirmAttempt();
  EndHold();
  auditor_.CheckConservation();
  ExpectFinding("3 units are held back, and no hold is open");
}

TEST_F(OrdersAuditorTest, FindsWorkOfWhatWasCancelledOnHold) {
  Hold();
  Place();
  ConfirmStock();
  ConfirmAttempt();
  GiveOut(3);
  GiveOut(1);
  ExpectFinding("takes 1 units from where there are 0");
}

TEST_F(OrdersAuditorTest, FindsAHoldThatEndsTwice) {
  Hold();
  Place();
  HoldOrder();
  EndHold();
  EndHold();
  ExpectFinding("hold 1 ends, and is not open");
}

TEST_F(OrdersAuditorTest, FindsACancelRequestOfMoreThanIsOpen) {
  PlaceAndConfirm();
  Pick();
  RequestCancel(4);
  ExpectFinding("asked to put back 4 of 3 open units");
}

TEST_F(OrdersAuditorTest, FindsACancelRequestOfWhatIsNotPicked) {
  PlaceAndConfirm();
  RequestCancel(1);
  ExpectFinding("task 1 is asked to put back what is not picked");
}

TEST_F(OrdersAuditorTest, FollowsAPickupThatNobodyFetches) {
  PlaceAndConfirm();
  Pick();
  MakeReady();
  orders_.SetTime(kRemind);
  AddOfTask<orders_events::PickupReminded>(orders_events::PICKUP_REMINDED);
  orders_.SetTime(kExpire);
  AddExpiring();
  EXPECT_EQ(Get().tasks[0].state, Task::EXPIRING);
  RequestCancel(1);
  Extend(kExpire + 1'000);
  EXPECT_EQ(Get().tasks[0].state, Task::READY_FOR_PICKUP);
  EXPECT_EQ(Get().tasks[0].extensions, 1);
  orders_.SetTime(kExpire + 1'000);
  AddExpiring();
  PutBack(1, /*given_up=*/false);
  EXPECT_EQ(Get().tasks[0].state, Task::EXPIRING);
  orders_.SetTime(kGiveUp);
  PutBack(2, /*given_up=*/true);
  EXPECT_EQ(Get().tasks[0].state, Task::EXPIRED);
  EXPECT_EQ(Get().State(), Order::CANCELLED);
  ExpectClean();
}

TEST_F(OrdersAuditorTest, FindsWhatTheClockBringsAboutTooEarly) {
  PlaceAndConfirm();
  Pick();
  MakeReady();
  orders_.SetTime(kRemind - 1);
  AddOfTask<orders_events::PickupReminded>(orders_events::PICKUP_REMINDED);
  ExpectFinding("task 1 is reminded of at 1999999, but not before 2000000");
  findings_ = {};
  orders_.SetTime(kExpire - 1);
  AddExpiring();
  ExpectFinding("task 1 is expiring at 2999999, but not before 3000000");
  findings_ = {};
  orders_.SetTime(kGiveUp - 1);
  PutBack(3, /*given_up=*/true);
  ExpectFinding("task 1 is given up at 3999999, but not before 4000000");
}

TEST_F(OrdersAuditorTest, FindsAHoldThatEndsTooEarly) {
  PlaceAndConfirm();
  HoldOrder(kExpire);
  orders_.SetTime(kExpire - 1);
  EndHold(/*expired=*/true);
  ExpectFinding("hold 1 ends by itself at 2999999, but not before 3000000");
}

// What had been missing is in the parcel, and the task goes on.
TEST_F(OrdersAuditorTest, FollowsAParcelOfLateUnits) {
  PlaceAndConfirm();
  orders_events::UnitsCancelled cancelled;
  cancelled.set_order_id(kOrder);
  cancelled.add_tasks()->set_task(1);
  cancelled.mutable_tasks(0)->set_quantity(2);
  orders_.Add(orders_events::UNITS_CANCELLED, cancelled);
  orders_events::TaskShippedLate late;
  late.set_order_id(kOrder);
  late.set_task(1);
  late.set_parcel_key("box-1");
  late.add_lines()->set_quantity(2);
  late.mutable_lines(0)->set_counted(2);
  orders_.Add(orders_events::TASK_SHIPPED_LATE, late);
  EXPECT_EQ(Get().tasks[0].state, Task::ACCEPTED);
  EXPECT_EQ(Get().lines[0].fulfilled, 2);
  ASSERT_EQ(Get().parcels.size(), 1u);
  auditor_.CheckConservation();
  EXPECT_EQ(findings_.differences(), 0);

  late.mutable_lines(0)->set_quantity(0);
  late.mutable_lines(0)->set_counted(0);
  late.mutable_lines(0)->set_found(1);
  orders_.Add(orders_events::TASK_SHIPPED_LATE, late);
  ExpectFinding("found what was not missing");
}

TEST_F(OrdersAuditorTest, FindsWhatIsRemindedOfTwiceAndExtendedToBefore) {
  PlaceAndConfirm();
  Pick();
  MakeReady();
  orders_.SetTime(kRemind);
  AddOfTask<orders_events::PickupReminded>(orders_events::PICKUP_REMINDED);
  AddOfTask<orders_events::PickupReminded>(orders_events::PICKUP_REMINDED);
  ExpectFinding("never is to be");
  findings_ = {};
  Extend(kExpire - 1);
  ExpectFinding("task 1 is extended to an earlier end");
}

TEST_F(OrdersAuditorTest, FindsASettlementThatHappenedTwice) {
  PlaceAndConfirm();
  Ship();
  Settle();
  Settle();
  ExpectFinding("stock operation 1 is settled twice");
}

TEST_F(OrdersAuditorTest, FindsASaleThatStockNeverSaw) {
  orders_events::SaleRecorded sale;
  sale.set_order_id("s-1");
  sale.set_location_id("store-1");
  auto* line = sale.add_lines();
  line->set_sku("A-1");
  line->set_quantity(2);
  orders_.Add(orders_events::SALE_RECORDED, sale);
  EXPECT_THAT(Open(), ElementsAre(Pair("order s-1 operation 1", HasSubstr("sell"))));
  stock_events::StockAdjusted sold;
  sold.set_sku(1);
  sold.set_location(1);
  sold.set_kind(stock::v1::Adjustment::SOLD);
  sold.set_delta(-2);
  sold.set_effect_key("s-1/op1/0");
  stock_.Add(stock_events::STOCK_ADJUSTED, sold);
  ExpectClean();
  sold.set_effect_key("s-1/op2/0");
  stock_.Add(stock_events::STOCK_ADJUSTED, sold);
  CrossCheck();
  ExpectFinding("happened in stock, but its order did not ask for it");
}

}  // namespace
}  // namespace quartermaster::qm
