// A checker that finds nothing proves nothing: each kind of violation, planted in what is observed
// or in what was answered, must be found as its own kind, and nothing else.
#include "tests/fault/checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_info.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/fault/journal.h"

namespace quartermaster::crash {
namespace {

using orders::v1::Order;
using orders::v1::Return;
using orders::v1::Task;
using stock::v1::Reservation;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Instant kNow{1'000'000'000};

Answer Refusal(common::v1::ErrorReason reason, const std::string& message = "refused") {
  google::rpc::ErrorInfo info;
  info.set_reason(common::v1::ErrorReason_Name(reason));
  info.set_domain("quartermaster");
  google::rpc::Status status;
  status.add_details()->PackFrom(info);
  return {grpc::StatusCode::FAILED_PRECONDITION, message, status.SerializeAsString(), ""};
}

void SetTime(Instant time, google::protobuf::Timestamp* timestamp) {
  timestamp->set_seconds(time.unix_us / 1'000'000);
}

// A world of one SKU, at a store that sells online and at a kiosk that does not. 20 units were
// received at the store. A cart holds 3 (r-1), another confirmed 4 and took 1 of them along (r-2);
// an order of 5 had 2 shipped, 1 of which came back; one cart and one order were refused.
class CrashCheckerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    world_.items.emplace_back().sku = "sku";
    retail::Place& store = world_.places.emplace_back();
    store.id = "store";
    store.ship = true;
    world_.places.emplace_back().id = "kiosk";
    Stock();
    Carts();
    Orders();
    observed_.from = observed_.until = kNow;
    for (const char* place : {"store", "kiosk"}) {
      auto& there = observed_.stock[{"sku", place}];
      there.mutable_key()->set_sku("sku");
      there.mutable_key()->set_location_id(place);
    }
    At("store").set_on_hand(20 - 1 - 2 + 1);
    At("store").set_reserved(3);
    At("store").set_allocated(3 + 3);
    At("kiosk").set_on_hand(-2);
  }

  template <typename Request>
  Exchange* Add(Request request, const std::string& id, Answer answer) {
    request.set_request_id(id);
    Exchange* const exchange = &journal_.emplace_back(ExchangeOf(request));
    exchange->answered = kNow;
    exchange->answer = std::move(answer);
    return exchange;
  }
  template <typename Request>
  Exchange* Accepted(Request request, const std::string& id,
                     const google::protobuf::Message& response) {
    return Add(std::move(request), id,
               {grpc::StatusCode::OK, "", "", response.SerializeAsString()});
  }

  void Stock() {
    received_.add_adjustments()->set_sku("sku");
    received_.mutable_adjustments(0)->set_location_id("store");
    received_.mutable_adjustments(0)->set_kind(stock::v1::Adjustment::RECEIVED);
    received_.mutable_adjustments(0)->set_delta(20);
    received_.mutable_adjustments(0)->set_effect_key("receipt-1");
    stock::v1::AdjustStockResponse response;
    response.add_results()->mutable_status();
    Accepted(received_, "adjust", response);

    orders::v1::RecordSalesRequest sales;
    sales.add_sales()->set_location_id("kiosk");
    sales.mutable_sales(0)->add_lines()->set_line_id("0");
    sales.mutable_sales(0)->mutable_lines(0)->set_sku("sku");
    sales.mutable_sales(0)->mutable_lines(0)->set_quantity(2);
    orders::v1::RecordSalesResponse sold;
    sold.add_results()->set_order_id("s-1");
    Accepted(sales, "sale", sold);
    Order& order = observed_.orders["s-1"];
    order.set_order_id("s-1");
    order.set_state(Order::COMPLETED);
    SetLine(&order, 2, 0, 2);
  }

  // A reservation of `quantity` at the store, as it is answered and observed.
  Reservation Held(const std::string& id, const std::string& owner, int64_t quantity) {
    Reservation reservation;
    reservation.set_reservation_id(id);
    reservation.set_owner_id(owner);
    reservation.set_state(Reservation::HELD);
    SetTime(kNow + Seconds(60), reservation.mutable_expire_time());
    auto* const line = reservation.add_lines();
    line->set_line_id("0");
    line->set_sku("sku");
    line->set_quantity(quantity);
    line->set_open(quantity);
    line->set_location_id("store");
    line->add_placements()->set_location_id("store");
    line->mutable_placements(0)->set_quantity(quantity);
    observed_.reservations[id] = reservation;
    return reservation;
  }
  void Carts() {
    stock::v1::ReserveRequest reserve;
    stock::v1::ReserveResponse held;
    reserve.set_owner_id("cart-1");
    *held.mutable_reservation() = Held("r-1", "cart-1", 3);
    Accepted(reserve, "reserve-1", held);
    reserve.set_owner_id("cart-2");
    *held.mutable_reservation() = Held("r-2", "cart-2", 4);
    Accepted(reserve, "reserve-2", held);
    stock::v1::ConfirmReservationRequest confirm;
    confirm.set_reservation_id("r-2");
    Accepted(confirm, "confirm-2", held.reservation());
    stock::v1::FulfilReservationRequest fulfil;
    fulfil.set_reservation_id("r-2");
    fulfil.add_parts()->set_line_id("0");
    fulfil.mutable_parts(0)->set_location_id("store");
    fulfil.mutable_parts(0)->set_quantity(1);
    Accepted(fulfil, "fulfil-2", held.reservation());
    Reservation& there = observed_.reservations["r-2"];
    there.set_state(Reservation::CONFIRMED);
    there.clear_expire_time();
    there.mutable_lines(0)->set_open(3);
    there.mutable_lines(0)->set_fulfilled(1);
    there.mutable_lines(0)->mutable_placements(0)->set_quantity(3);
    reserve.set_owner_id("cart-3");
    Add(reserve, "reserve-3", Refusal(common::v1::INSUFFICIENT_STOCK));
  }

  static void SetLine(Order* order, int64_t ordered, int64_t allocated, int64_t fulfilled) {
    auto* const line = order->add_lines();
    line->set_line_id("0");
    line->set_sku("sku");
    line->set_ordered(ordered);
    line->set_allocated(allocated);
    line->set_fulfilled(fulfilled);
  }
  void Orders() {
    orders::v1::PlaceOrderRequest place;
    place.set_external_id("x-1");
    orders::v1::PlaceOrderResponse placed;
    placed.mutable_order()->set_order_id("o-1");
    SetLine(placed.mutable_order(), 5, 5, 0);
    Accepted(place, "order-1", placed);
    place.set_external_id("x-2");
    Add(place, "order-2", Refusal(common::v1::NO_PLAN));

    orders::v1::RecordShipmentsRequest ship;
    orders::v1::RecordShipmentsResponse shipped;
    ship.add_shipments()->set_task_id("t-1");
    Task* const task = shipped.add_results()->mutable_task();
    shipped.mutable_results(0)->mutable_status();
    task->set_task_id("t-1");
    task->set_order_id("o-1");
    task->set_location_id("store");
    task->set_state(Task::SHIPPED);
    task->add_lines()->set_line_id("0");
    task->mutable_lines(0)->set_sku("sku");
    task->mutable_lines(0)->set_quantity(2);
    task->mutable_lines(0)->set_fulfilled(2);
    Accepted(ship, "ship-1", shipped);

    orders::v1::ReceiveReturnRequest receive;
    receive.set_location_id("store");
    receive.set_order_id("o-1");
    receive.add_lines()->set_line_id("0");
    receive.mutable_lines(0)->set_quantity(1);
    receive.mutable_lines(0)->set_condition(Return::SELLABLE);
    Return received;
    received.set_return_id("u-1");
    Accepted(receive, "receive-1", received);
    received.set_order_id("o-1");
    received.set_state(Return::RECEIVED);
    observed_.returns["u-1"] = received;

    Order& order = observed_.orders["o-1"];
    order.set_order_id("o-1");
    order.set_external_id("x-1");
    order.set_state(Order::OPEN);
    SetLine(&order, 5, 3, 2);
    order.mutable_lines(0)->set_returned(1);
    *order.add_tasks() = *task;
    order.add_reservation_ids("r-3");
    Reservation& allocated = observed_.reservations["r-3"];
    allocated = Held("r-3", "o-1/1", 3);
    allocated.set_state(Reservation::CONFIRMED);
  }

  // Of the order's three units two are cancelled, one of them at once and one, which was picked, at
  // the location's word. Returns the answer, as it is observed too.
  Order CancelTwo() {
    orders::v1::CancelOrderRequest cancel;
    cancel.set_order_id("o-1");
    cancel.add_lines()->set_line_id("0");
    cancel.mutable_lines(0)->set_quantity(2);
    Order& order = observed_.orders["o-1"];
    OrderLine()->set_allocated(2);
    OrderLine()->set_cancelled(1);
    OrderLine()->set_cancel_requested(1);
    Task* const task = order.add_tasks();
    task->set_task_id("t-2");
    task->set_order_id("o-1");
    task->set_location_id("store");
    task->set_state(Task::PICKED);
    task->add_lines()->set_line_id("0");
    task->mutable_lines(0)->set_sku("sku");
    task->mutable_lines(0)->set_quantity(2);
    task->mutable_lines(0)->set_cancel_requested(1);
    Accepted(cancel, "cancel-1", order);
    SetAllocated(2);
    return order;
  }
  // The units that the order's reservation still holds.
  void SetAllocated(int64_t units) {
    Hold("r-3").mutable_lines(0)->set_open(units);
    Hold("r-3").mutable_lines(0)->mutable_placements(0)->set_quantity(units);
    At("store").set_allocated(3 + units);
  }

  stock::v1::Availability& At(const std::string& place) { return observed_.stock[{"sku", place}]; }
  Reservation& Hold(const std::string& id) { return observed_.reservations[id]; }
  Order::Line* OrderLine() { return observed_.orders["o-1"].mutable_lines(0); }

  std::vector<Violation> Found(bool closed = false) {
    return Check(world_, Expect({&journal_}), observed_, closed);
  }
  // The kinds that are found, each once.
  std::set<std::string> Kinds(bool closed = false) {
    std::set<std::string> kinds;
    for (const Violation& one : Found(closed)) kinds.insert(NameOf(one.kind));
    return kinds;
  }

  retail::World world_;
  stock::v1::AdjustStockRequest received_;
  Journal journal_;
  Observed observed_;
};

TEST_F(CrashCheckerTest, WhatIsAsAcknowledgedIsNoViolation) {
  for (const Violation& one : Found()) ADD_FAILURE() << NameOf(one.kind) << ": " << one.what;
  EXPECT_EQ(OpenReservations(observed_), 3);
}

TEST_F(CrashCheckerTest, AnAcknowledgedHoldThatIsGoneIsLost) {
  observed_.reservations.erase("r-1");
  At("store").set_reserved(0);
  EXPECT_THAT(Kinds(), ElementsAre("lost"));
}

TEST_F(CrashCheckerTest, AHoldThatEndedBeforeItsDeadlineIsLost) {
  Hold("r-1").set_state(Reservation::EXPIRED);
  At("store").set_reserved(0);
  EXPECT_THAT(Kinds(), ElementsAre("lost"));
}

TEST_F(CrashCheckerTest, AConfirmationThatIsGoneIsLost) {
  Hold("r-2").set_state(Reservation::HELD);
  At("store").set_reserved(6);
  At("store").set_allocated(3);
  EXPECT_THAT(Kinds(), ElementsAre("lost"));
}

TEST_F(CrashCheckerTest, AReservationWithOtherUnitsIsLost) {
  Hold("r-1").mutable_lines(0)->set_quantity(2);
  EXPECT_THAT(Kinds(), ElementsAre("lost"));
}

TEST_F(CrashCheckerTest, AnAcknowledgedOrderThatIsGoneIsLost) {
  observed_.orders.erase("s-1");
  EXPECT_THAT(Kinds(), ElementsAre("lost"));
}

TEST_F(CrashCheckerTest, AnAcknowledgedShipmentThatIsGoneIsLost) {
  observed_.orders["o-1"].mutable_tasks(0)->set_state(Task::PACKED);
  EXPECT_THAT(Kinds(), ElementsAre("lost"));
  observed_.orders["o-1"].mutable_tasks(0)->set_state(Task::SHIPPED);
  OrderLine()->set_fulfilled(0);
  EXPECT_THAT(Kinds(), ElementsAre("lost"));
}

TEST_F(CrashCheckerTest, AnAcknowledgedCancelRequestThatIsGoneIsLost) {
  CancelTwo();
  EXPECT_THAT(Found(), IsEmpty());
  OrderLine()->set_cancel_requested(0);
  EXPECT_THAT(Kinds(), ElementsAre("lost"));
}

TEST_F(CrashCheckerTest, ACancelOfFewerUnitsThanWereNamedIsUnexpected) {
  Order answer = CancelTwo();
  journal_.pop_back();
  orders::v1::CancelOrderRequest cancel;
  cancel.set_order_id("o-1");
  Accepted(cancel, "cancel-1", answer);
  EXPECT_THAT(Kinds(), ElementsAre("unexpected answer"));
}

TEST_F(CrashCheckerTest, WhatIsPutBackIsCancelled) {
  Task task = CancelTwo().tasks(1);
  orders::v1::PutBackRequest put_back;
  put_back.set_task_id("t-2");
  task.mutable_lines(0)->set_cancel_requested(0);
  task.mutable_lines(0)->set_cancelled(1);
  Accepted(put_back, "put-back-1", task);
  EXPECT_THAT(Kinds(), ElementsAre("lost"));
  OrderLine()->set_cancelled(2);
  OrderLine()->set_cancel_requested(0);
  OrderLine()->set_allocated(1);
  SetAllocated(1);
  EXPECT_THAT(Found(), IsEmpty());
  // Of what it was asked for it took none.
  journal_.pop_back();
  task.mutable_lines(0)->set_cancel_requested(1);
  Accepted(put_back, "put-back-1", task);
  EXPECT_THAT(Kinds(), ElementsAre("lost", "unexpected answer"));
}

TEST_F(CrashCheckerTest, WhatShouldHaveBeenPutBackAndWasShippedIsAnnounced) {
  Order& order = observed_.orders["o-1"];
  Task task = CancelTwo().tasks(1);
  orders::v1::RecordShipmentsRequest ship;
  orders::v1::RecordShipmentsResponse shipped;
  ship.add_shipments()->set_task_id("t-2");
  task.set_state(Task::SHIPPED);
  task.mutable_lines(0)->set_cancel_requested(0);
  task.mutable_lines(0)->set_fulfilled(2);
  *shipped.add_results()->mutable_task() = task;
  shipped.mutable_results(0)->mutable_status();
  Accepted(ship, "ship-2", shipped);
  *order.mutable_tasks(1) = task;
  order.set_state(Order::COMPLETED);
  order.clear_reservation_ids();
  observed_.reservations.erase("r-3");
  At("store").set_allocated(3);
  At("store").set_on_hand(At("store").on_hand() - 2);
  OrderLine()->set_allocated(0);
  OrderLine()->set_fulfilled(4);
  OrderLine()->set_cancel_requested(0);
  EXPECT_THAT(Kinds(), ElementsAre("lost"));
  OrderLine()->set_return_requested(1);
  EXPECT_THAT(Found(), IsEmpty());
}

TEST_F(CrashCheckerTest, AnAcknowledgedReturnThatIsGoneIsLost) {
  observed_.returns["u-1"].set_state(Return::REQUESTED);
  EXPECT_THAT(Kinds(), ElementsAre("lost"));
  observed_.returns.clear();
  EXPECT_THAT(Kinds(), ElementsAre("lost"));
}

// The same from the other side: a record that the checker is not given makes its effect unknown.
TEST_F(CrashCheckerTest, AnEffectWhoseRecordIsDroppedIsPresent) {
  std::erase_if(journal_, [](const Exchange& e) { return e.request_id == "reserve-1"; });
  EXPECT_THAT(Kinds(), ElementsAre("present though refused"));
}

TEST_F(CrashCheckerTest, AReceiptWhoseRecordIsDroppedMakesStockDiffer) {
  journal_.pop_front();
  EXPECT_THAT(Kinds(), ElementsAre("oversold", "stock differs"));
}

TEST_F(CrashCheckerTest, ARefusedHoldThatIsThereIsPresent) {
  Held("r-9", "cart-3", 1);
  At("store").set_reserved(4);
  EXPECT_THAT(Kinds(), ElementsAre("present though refused"));
}

TEST_F(CrashCheckerTest, ARefusedOrderThatIsThereIsPresent) {
  Order& order = observed_.orders["o-2"];
  order.set_order_id("o-2");
  order.set_external_id("x-2");
  order.set_state(Order::COMPLETED);
  EXPECT_THAT(Kinds(), ElementsAre("present though refused"));
  order.set_external_id("x-9");
  EXPECT_THAT(Kinds(), ElementsAre("present though refused"));
}

TEST_F(CrashCheckerTest, ASecondHoldForOneRequestIsTwice) {
  Held("r-9", "cart-1", 3);
  At("store").set_reserved(6);
  EXPECT_THAT(Kinds(), ElementsAre("accepted twice"));
}

TEST_F(CrashCheckerTest, ASecondOrderForOneRequestIsTwice) {
  Order& order = observed_.orders["o-9"];
  order.set_order_id("o-9");
  order.set_external_id("x-1");
  order.set_state(Order::CANCELLED);
  EXPECT_THAT(Kinds(), ElementsAre("accepted twice"));
}

TEST_F(CrashCheckerTest, AnEffectThatHappenedUnderTwoRequestsIsTwice) {
  stock::v1::AdjustStockResponse response;
  response.add_results()->mutable_status();
  Accepted(received_, "adjust-again", response);
  At("store").set_on_hand(At("store").on_hand() + 20);
  EXPECT_THAT(Kinds(), ElementsAre("accepted twice"));
}

TEST_F(CrashCheckerTest, ADuplicateThatWasSaidToBeOneIsNoViolation) {
  stock::v1::AdjustStockResponse response;
  response.add_results()->set_duplicate(true);
  Accepted(received_, "adjust-again", response);
  EXPECT_THAT(Found(), IsEmpty());
}

TEST_F(CrashCheckerTest, OneReservationForTwoIsTwice) {
  stock::v1::ReserveRequest reserve;
  stock::v1::ReserveResponse held;
  reserve.set_owner_id("cart-4");
  held.mutable_reservation()->set_reservation_id("r-1");
  Accepted(reserve, "reserve-4", held);
  EXPECT_THAT(Kinds(), ElementsAre("accepted twice"));
}

TEST_F(CrashCheckerTest, PromisingMoreThanThereIsIsOversold) {
  received_.mutable_adjustments(0)->set_kind(stock::v1::Adjustment::COUNTED);
  received_.mutable_adjustments(0)->set_delta(-10);
  received_.mutable_adjustments(0)->set_effect_key("count-1");
  stock::v1::AdjustStockResponse response;
  response.add_results()->mutable_status();
  Accepted(received_, "count", response);
  At("store").set_on_hand(At("store").on_hand() - 10);
  EXPECT_THAT(Kinds(), ElementsAre("oversold"));
}

TEST_F(CrashCheckerTest, UnitsThatNoReservationExplainsAreStranded) {
  At("store").set_reserved(4);
  EXPECT_THAT(Kinds(), ElementsAre("stranded"));
}

TEST_F(CrashCheckerTest, AHoldBeyondItsDeadlineIsStranded) {
  observed_.from = observed_.until = kNow + Seconds(100);
  EXPECT_THAT(Kinds(), ElementsAre("stranded"));
}

TEST_F(CrashCheckerTest, AnAllocationWithoutAnOpenOrderIsStranded) {
  Held("r-9", "o-gone/1", 1);
  Hold("r-9").set_state(Reservation::CONFIRMED);
  At("store").set_allocated(7);
  EXPECT_THAT(Kinds(), ElementsAre("stranded"));
  Hold("r-9").set_owner_id("s-1/1");
  EXPECT_THAT(Kinds(), ElementsAre("stranded"));
}

TEST_F(CrashCheckerTest, AnAbandonedOrdersHoldIsStrandedAfterItsDeadlineOnly) {
  Held("r-9", "o-gone/1", 1);
  At("store").set_reserved(4);
  EXPECT_THAT(Found(), IsEmpty());
  SetTime(kNow - Seconds(60), Hold("r-9").mutable_expire_time());
  EXPECT_THAT(Kinds(), ElementsAre("stranded"));
}

TEST_F(CrashCheckerTest, APendingOrderIsStranded) {
  observed_.orders["o-1"].set_state(Order::PENDING);
  EXPECT_THAT(Kinds(), ElementsAre("stranded"));
}

TEST_F(CrashCheckerTest, AnOrderWithoutStockIsStrandedUnlessItIsInTheQueue) {
  Order& order = observed_.orders["o-1"];
  order.set_state(Order::AWAITING_STOCK);
  OrderLine()->set_allocated(0);
  OrderLine()->set_unallocated(3);
  order.clear_reservation_ids();
  observed_.reservations.erase("r-3");
  At("store").set_allocated(3);
  EXPECT_THAT(Kinds(), ElementsAre("stranded"));
  observed_.exceptions.emplace_back().set_order_id("o-1");
  EXPECT_THAT(Found(), IsEmpty());
}

TEST_F(CrashCheckerTest, AnOrderThatItsReservationsDoNotCoverIsStranded) {
  observed_.orders["o-1"].clear_reservation_ids();
  EXPECT_THAT(Kinds(), ElementsAre("stranded"));
}

TEST_F(CrashCheckerTest, AfterTheClosingNothingMayBeOpen) {
  EXPECT_THAT(Kinds(/*closed=*/true), ElementsAre("stranded"));
}

TEST_F(CrashCheckerTest, StockThatDoesNotAddUpDiffers) {
  At("kiosk").set_on_hand(-3);
  EXPECT_THAT(Kinds(), ElementsAre("stock differs"));
  At("kiosk").set_on_hand(-2);
  At("kiosk").set_unusable(1);
  EXPECT_THAT(Kinds(), ElementsAre("stock differs"));
  observed_.stock.erase({"sku", "kiosk"});
  EXPECT_THAT(Kinds(), ElementsAre("stock differs"));
}

TEST_F(CrashCheckerTest, ARefusalThatACorrectServerDoesNotGiveIsUnexpected) {
  stock::v1::ReserveRequest reserve;
  reserve.set_owner_id("cart-5");
  Add(reserve, "reserve-5", Refusal(common::v1::INTERNAL_DEFECT));
  EXPECT_THAT(Kinds(), ElementsAre("unexpected answer"));
}

TEST_F(CrashCheckerTest, WantOfWhatIsThereIsUnexpected) {
  orders::v1::PlaceOrderRequest place;
  place.set_external_id("x-5");
  place.add_groups()->add_lines()->set_sku(kPlenty);
  Add(place, "order-5", Refusal(common::v1::NO_PLAN));
  EXPECT_THAT(Kinds(), ElementsAre("unexpected answer"));
  journal_.pop_back();
  place.mutable_groups(0)->mutable_lines(0)->set_sku(absl::StrCat(kOwnPrefix, 3));
  Add(place, "order-5", Refusal(common::v1::NO_PLAN));
  EXPECT_THAT(Kinds(), ElementsAre("unexpected answer"));
  journal_.pop_back();
  // The other line may have been short.
  place.mutable_groups(0)->add_lines()->set_sku("sku");
  Add(place, "order-6", Refusal(common::v1::NO_PLAN));
  EXPECT_THAT(Found(), IsEmpty());
}

TEST_F(CrashCheckerTest, AnExpiryBeforeTheDeadlineIsUnexpected) {
  stock::v1::ExtendReservationRequest extend;
  extend.set_reservation_id("r-1");
  Exchange* const exchange = Add(extend, "extend-1", Refusal(common::v1::RESERVATION_EXPIRED));
  EXPECT_THAT(Kinds(), ElementsAre("unexpected answer"));
  exchange->answered = kNow + Seconds(61);
  EXPECT_THAT(Found(), IsEmpty());
}

TEST_F(CrashCheckerTest, ARequestWithoutAnAnswerIsUnanswered) {
  orders::v1::CancelOrderRequest cancel;
  cancel.set_order_id("o-1");
  Add(cancel, "cancel-1", {})->answer.reset();
  EXPECT_THAT(Kinds(), ElementsAre("unanswered"));
}

// The comparison of answers, by stock's and orders' rules.
class DifferenceTest : public ::testing::Test {
 protected:
  static std::string OfReserve(const stock::v1::ReserveResponse& first,
                               const stock::v1::ReserveResponse& again) {
    return Difference(MethodOf(stock::v1::ReserveRequest::descriptor()),
                      {grpc::StatusCode::OK, "", "", first.SerializeAsString()},
                      {grpc::StatusCode::OK, "", "", again.SerializeAsString()});
  }
  static std::string OfOrder(const orders::v1::PlaceOrderResponse& first,
                             const orders::v1::PlaceOrderResponse& again) {
    return Difference(MethodOf(orders::v1::PlaceOrderRequest::descriptor()),
                      {grpc::StatusCode::OK, "", "", first.SerializeAsString()},
                      {grpc::StatusCode::OK, "", "", again.SerializeAsString()});
  }
};

TEST_F(DifferenceTest, StockAnswersByteForByte) {
  stock::v1::ReserveResponse first;
  first.set_position("7");
  stock::v1::ReserveResponse again = first;
  EXPECT_EQ(OfReserve(first, again), "");
  again.set_position("8");
  EXPECT_NE(OfReserve(first, again), "");
  again = first;
  again.mutable_reservation()->set_reservation_id("r-2");
  EXPECT_NE(OfReserve(first, again), "");
}

TEST_F(DifferenceTest, OrdersAreAnsweredAsTheyAreNow) {
  orders::v1::PlaceOrderResponse first;
  first.set_outcome(orders::v1::PlaceOrderResponse::PENDING);
  first.mutable_order()->set_order_id("o-1");
  first.mutable_order()->add_lines()->set_ordered(2);
  orders::v1::PlaceOrderResponse again = first;
  again.set_outcome(orders::v1::PlaceOrderResponse::PLACED);
  again.mutable_order()->set_state(Order::COMPLETED);
  again.mutable_order()->mutable_lines(0)->set_fulfilled(2);
  EXPECT_EQ(OfOrder(first, again), "");
  again.mutable_order()->mutable_lines(0)->set_ordered(3);
  EXPECT_NE(OfOrder(first, again), "");
  again = first;
  again.mutable_order()->set_order_id("o-2");
  EXPECT_NE(OfOrder(first, again), "");
  again = first;
  again.add_dropped_lines();
  EXPECT_NE(OfOrder(first, again), "");
}

TEST_F(DifferenceTest, RefusalsWithAllTheirDetail) {
  const Method& method = MethodOf(stock::v1::ReserveRequest::descriptor());
  const Answer first = Refusal(common::v1::INSUFFICIENT_STOCK);
  EXPECT_EQ(Difference(method, first, Refusal(common::v1::INSUFFICIENT_STOCK)), "");
  EXPECT_NE(Difference(method, first, Refusal(common::v1::NO_PLAN)), "");
  EXPECT_NE(Difference(method, first, Refusal(common::v1::INSUFFICIENT_STOCK, "other")), "");
  EXPECT_NE(Difference(method, first, Answer()), "");
}

}  // namespace
}  // namespace quartermaster::crash
