// Payments, over real gRPC.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "services/orders/rpc/order_service_fixture.h"

namespace quartermaster::orders {
namespace {

using Stub = v1::OrderService::Stub;

class PaymentsTest : public OrderServiceTest {
 protected:
  // `units` of tea at 10.00 each.
  v1::PlaceOrderRequest Priced(const std::string& request_id, int units,
                               v1::PaymentTerm term = v1::AUTHORISED) {
    v1::PlaceOrderRequest request = Order(request_id, "tea", units);
    request.mutable_groups(0)->set_payment_term(term);
    request.mutable_groups(0)->mutable_lines(0)->set_subtotal_minor(units * 1'000);
    request.mutable_amounts()->set_currency_code("EUR");
    request.mutable_amounts()->set_total_minor(units * 1'000);
    return request;
  }
  static v1::PaymentFact Fact(const std::string& order_id, v1::PaymentFact::Kind kind,
                              const std::string& event_ref, int64_t amount) {
    v1::PaymentFact fact;
    fact.set_order_id(order_id);
    fact.set_kind(kind);
    fact.set_payment_ref("pi-1");
    fact.set_event_ref(event_ref);
    fact.mutable_amount()->set_currency_code("EUR");
    fact.mutable_amount()->set_amount_minor(amount);
    return fact;
  }
  v1::RecordPaymentsResponse::Result Tell(const v1::PaymentFact& fact) {
    v1::RecordPaymentsRequest request;
    request.set_request_id(absl::StrCat("pay-", ++told_));
    *request.add_payments() = fact;
    v1::RecordPaymentsResponse response;
    EXPECT_EQ(Call(&Stub::RecordPayments, request, &response), "OK");
    if (response.results_size() != 1) return {};
    return response.results(0);
  }
  std::string Told(const v1::PaymentFact& fact) { return Describe(Tell(fact).status()); }
  // "CAPTURE pi-1 1000 OPEN", with spaces between them.
  std::string Intents(const std::string& order_id = "") {
    v1::ListPaymentIntentsRequest request;
    request.set_order_id(order_id);
    std::string text;
    do {
      request.set_page_size(1);
      v1::ListPaymentIntentsResponse response;
      EXPECT_EQ(Call(&Stub::ListPaymentIntents, request, &response), "OK");
      for (const v1::PaymentIntent& intent : response.intents()) {
        absl::StrAppend(&text, text.empty() ? "" : ", ",
                        v1::PaymentIntent::Kind_Name(intent.kind()), " ", intent.payment_ref(), " ",
                        intent.amount().amount_minor(), " ",
                        v1::PaymentIntent::State_Name(intent.state()));
      }
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
    return text;
  }
  std::string Ship(const std::string& order_id, int units) {
    v1::RecordShipmentsRequest request;
    request.set_request_id(absl::StrCat("ship-", ++told_));
    v1::Shipment* shipment = request.add_shipments();
    shipment->set_task_id(order_id + ".t1");
    shipment->set_parcel_key(absl::StrCat("p", told_));
    v1::Shipment::Line* line = shipment->add_lines();
    line->set_line_id("0");
    line->set_quantity(units);
    v1::RecordShipmentsResponse response;
    Call(&Stub::RecordShipments, request, &response);
    return Describe(response.results(0).status());
  }
  int told_ = 0;
};

TEST_F(PaymentsTest, AreCapturedAsGoodsLeaveAndVoidedWhenNoMoreDo) {
  const std::string order_id = Place(Priced("p1", 3));
  const auto told = Tell(Fact(order_id, v1::PaymentFact::AUTHORISED, "e1", 3'000));
  EXPECT_EQ(told.order_id(), order_id);
  EXPECT_EQ(told.payment().state(), v1::Payment::AUTHORISED);
  EXPECT_EQ(told.payment().authorised_minor(), 3'000);
  EXPECT_EQ(Intents(), "");
  EXPECT_EQ(Ship(order_id, 1), "OK");
  EXPECT_EQ(Intents(), "CAPTURE pi-1 1000 OPEN");
  v1::PaymentFact captured = Fact(order_id, v1::PaymentFact::CAPTURED, "e2", 1'000);
  captured.set_intent_id(Get(order_id).payment_intents(0).intent_id());
  EXPECT_EQ(Told(captured), "OK");
  EXPECT_TRUE(Tell(captured).duplicate());
  EXPECT_EQ(Intents(), "");
  EXPECT_EQ(Intents(order_id), "CAPTURE pi-1 1000 DONE");

  v1::CancelOrderRequest cancel;
  cancel.set_request_id("c1");
  cancel.set_order_id(order_id);
  EXPECT_EQ(Call(&Stub::CancelOrder, cancel), "OK");
  EXPECT_EQ(Intents(), "VOID pi-1 2000 OPEN");
  const v1::Order order = Get(order_id);
  EXPECT_EQ(order.collected_minor(), 1'000);
  ASSERT_EQ(order.payments_size(), 1);
  EXPECT_EQ(order.payments(0).state(), v1::Payment::CAPTURED);
  EXPECT_EQ(order.payment_intents(0).intent_id(), order_id + ".i2");
}

TEST_F(PaymentsTest, ComeWithTheOrder) {
  v1::PlaceOrderRequest request = Priced("p1", 3, v1::ASYNCHRONOUS);
  *request.add_payments() = Fact("", v1::PaymentFact::AUTHORISED, "e1", 3'000);
  const std::string order_id = Place(request);
  v1::Order order = Get(order_id);
  ASSERT_EQ(order.payments_size(), 1);
  EXPECT_EQ(order.payments(0).authorised_minor(), 3'000);
  EXPECT_EQ(order.state(), v1::Order::OPEN) << "it waits for no payment";
  EXPECT_EQ(order.payment_intents_size(), 0);
  // The same order again, and the same fact by another way.
  EXPECT_EQ(Place(request), order_id);
  EXPECT_TRUE(Tell(Fact(order_id, v1::PaymentFact::AUTHORISED, "e1", 3'000)).duplicate());
  EXPECT_EQ(Get(order_id).payments(0).authorised_minor(), 3'000);
}

TEST_F(PaymentsTest, ThatComeWithAnOrderAreCheckedFirst) {
  v1::PlaceOrderRequest request = Priced("p1", 3);
  *request.add_payments() = Fact("o-1", v1::PaymentFact::AUTHORISED, "e1", 3'000);
  *request.add_payments() = Fact("", v1::PaymentFact::AUTHORISED, "e1", 1'000);
  request.mutable_payments(1)->mutable_amount()->set_currency_code("RON");
  request.mutable_payments(1)->set_intent_id("o-1.i1");
  *request.add_payments() = Fact("", v1::PaymentFact::AUTHORISED, "4111111111111111", 1'000);
  EXPECT_EQ(Call(&Stub::PlaceOrder, request),
            "INVALID_FIELD payments[0].order_id, payments[1].intent_id, "
            "payments[1].amount.currency_code, payments[1].event_ref, payments[2].event_ref");
  v1::ListOrdersRequest list;
  v1::ListOrdersResponse none;
  EXPECT_EQ(Call(&Stub::ListOrders, list, &none), "OK");
  EXPECT_EQ(none.orders_size(), 0);
}

TEST_F(PaymentsTest, LetAnOrderGoOnThatWaitsForThem) {
  v1::PlaceOrderRequest request = Priced("p1", 2, v1::ASYNCHRONOUS);
  request.set_external_id("shop-7");
  request.mutable_payment_grace()->set_seconds(600);
  const std::string order_id = Place(request);
  v1::Order order = Get(order_id);
  EXPECT_EQ(order.state(), v1::Order::ON_HOLD);
  ASSERT_EQ(order.holds_size(), 1);
  EXPECT_EQ(order.holds(0).kind(), v1::PAYMENT);
  EXPECT_EQ(order.holds(0).on_expiry(), v1::NewHold::CANCEL_ORDER);
  EXPECT_EQ(order.holds(0).expire_time().seconds() - order.holds(0).create_time().seconds(), 600);
  // The provider knows the shop's name of the order.
  v1::PaymentFact fact = Fact("", v1::PaymentFact::AUTHORISED, "e1", 2'000);
  fact.set_channel_id("web");
  fact.set_external_id("shop-7");
  EXPECT_EQ(Tell(fact).order_id(), order_id);
  order = Get(order_id);
  EXPECT_EQ(order.state(), v1::Order::OPEN);
  EXPECT_EQ(order.tasks_size(), 1);
}

TEST_F(PaymentsTest, NeverKeepACardNumber) {
  const std::string card = "4111 1111 1111 1111";
  v1::PlaceOrderRequest request = Priced("p1", 1);
  request.mutable_subject()->set_note("my card is " + card);
  EXPECT_EQ(Call(&Stub::PlaceOrder, request), "INVALID_FIELD subject.note");
  request.clear_subject();
  const std::string order_id = Place(request);
  v1::PaymentFact fact = Fact(order_id, v1::PaymentFact::AUTHORISED, "e1", 1'000);
  fact.set_payment_ref("4111111111111111");
  const auto told = Tell(fact);
  EXPECT_EQ(told.payment().payment_ref().substr(0, 12), "card-number-");
  EXPECT_TRUE(Tell(fact).duplicate()) << "it is known again";
  v1::ListExceptionsRequest list;
  v1::ListExceptionsResponse exceptions;
  EXPECT_EQ(Call(&Stub::ListExceptions, list, &exceptions), "OK");
  ASSERT_EQ(exceptions.exceptions_size(), 1);
  EXPECT_EQ(exceptions.exceptions(0).kind(), v1::ExceptionItem::CARD_NUMBER);
  EXPECT_EQ(LogBytes().find("4111"), std::string::npos);
}

TEST_F(PaymentsTest, AreRefusedOneByOneWithTheFieldThatIsWrong) {
  const std::string order_id = Place(Priced("p1", 1));
  EXPECT_EQ(Told(Fact("o-none", v1::PaymentFact::AUTHORISED, "e1", 1)), "ORDER_NOT_FOUND");
  v1::PaymentFact fact = Fact(order_id, v1::PaymentFact::AUTHORISED, "e1", 1'000);
  fact.mutable_amount()->set_currency_code("USD");
  EXPECT_EQ(Told(fact), "CURRENCY_MISMATCH");
  fact = Fact(order_id, v1::PaymentFact::CAPTURED, "e1", 1'000);
  fact.set_intent_id(order_id + ".i9");
  EXPECT_EQ(Told(fact), "INTENT_NOT_FOUND");
  // Of another order.
  const std::string other_id = Place(Priced("p2", 1));
  EXPECT_EQ(Told(Fact(other_id, v1::PaymentFact::AUTHORISED, "e1", 1'000)), "OK");
  EXPECT_EQ(Ship(other_id, 1), "OK");
  fact.set_intent_id(other_id + ".i1");
  EXPECT_EQ(Told(fact), "INTENT_NOT_FOUND");
  fact = Fact(order_id, v1::PaymentFact::AUTHORISED, "e1", 0);
  EXPECT_EQ(Told(fact), "INVALID_FIELD payments[0].amount.amount_minor");
  fact.clear_amount();
  EXPECT_EQ(Told(fact), "INVALID_FIELD payments[0].amount");
  EXPECT_EQ(Told(v1::PaymentFact()),
            "INVALID_FIELD payments[0].channel_id, payments[0].external_id, payments[0].kind, "
            "payments[0].payment_ref, payments[0].event_ref, payments[0].amount");
  EXPECT_EQ(Told(Fact(order_id, v1::PaymentFact::AUTHORISED, "e1", 1'000)), "OK");
  EXPECT_EQ(Told(Fact(order_id, v1::PaymentFact::AUTHORISED, "e1", 2'000)), "EFFECT_KEY_REUSED");

  v1::ListPaymentIntentsRequest list;
  list.set_state(v1::PaymentIntent::DONE);
  EXPECT_EQ(Call(&Stub::ListPaymentIntents, list), "INVALID_FIELD state");
  v1::PlaceOrderRequest place = Priced("p3", 1, v1::ASYNCHRONOUS);
  place.mutable_payment_grace()->set_seconds(1);
  place.add_holds()->set_kind(v1::PAYMENT);
  EXPECT_EQ(Call(&Stub::PlaceOrder, place), "INVALID_FIELD payment_grace");
}

}  // namespace
}  // namespace quartermaster::orders
