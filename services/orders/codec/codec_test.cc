// Ids, outcomes, errors, requests and messages.
#include <gtest/gtest.h>

#include <set>

#include "services/orders/codec/errors.h"
#include "services/orders/codec/ids.h"
#include "services/orders/codec/messages.h"
#include "services/orders/codec/outcome_codec.h"
#include "services/orders/codec/requests.h"
#include "services/orders/domain/testing/world.h"
#include "services/orders/domain/transitions.h"

namespace quartermaster::orders {
namespace {

namespace commonpb = quartermaster::common::v1;

// In the order of the variant.
std::vector<Rejection> AllRejections() {
  return {OrderNotFound{"o"},
          TaskNotFound{"o.t1"},
          ReturnNotFound{"o.r1"},
          ExceptionNotFound{"e-1"},
          LineNotFound{"a"},
          QuantityExceedsOpen{"a", Quantity(3), Quantity(2)},
          QuantityExceedsSold{"a", Quantity(3), Quantity(0)},
          IllegalTransition{"PICKED", {"PackTask", "RecordShipments"}},
          PickupCodeWrong{3},
          PickupCodeLocked{Instant{1'790'000'000'000'000}},
          ExternalIdReused{"o"},
          RequestIdReused{"o"},
          SaleKeyReused{"s"},
          ShipmentChanged{"o.t1"},
          HoldTooShort{Seconds(12)},
          EtagMismatch{"17"},
          IntentStale{},
          ItemNotReturnable{"a"},
          TooLarge{},
          ParcelNotFound{"o.p1"},
          HoldNotFound{"o.h1"},
          OrderOnHold{"o"},
          PaymentIntentNotFound{"o.i1"},
          PaymentChanged{"e1"},
          CurrencyMismatch{"EUR"},
          TooManyPayments{},
          GroupNotFound{"g"},
          SubjectGone{"o"}};
}

TEST(Ids, NeverChange) {
  // Pinned: another id would turn a retry into a second order.
  EXPECT_EQ(OrderIdFor("default", "web-4711"), "o-eftagemd7dbbn5d2fnsggk5lla");
  EXPECT_EQ(SaleOrderIdFor("default", "w1", "t1", "2026-11-27", 7), "s-5p4rzwhp2ueyj6l33idoewpp24");
  EXPECT_EQ(UnmatchedReturnIdFor("default", "web-4711"), "u-piobc3p5c56zf6youf65cdkiku");
}

TEST(Ids, TellEveryPartApart) {
  std::set<std::string> ids = {
      OrderIdFor("a", "bc"),
      OrderIdFor("ab", "c"),
      OrderIdFor("", "abc"),
      OrderIdFor("a", "b:c"),
      SaleOrderIdFor("a", "w1", "1", "2026-11-27", 11),
      SaleOrderIdFor("a", "w1", "11", "2026-11-27", 1),
      SaleOrderIdFor("a", "w11", "1", "2026-11-27", 1),
      SaleOrderIdFor("a", "w1", "1", "2026-11-28", 11),
      UnmatchedReturnIdFor("a", "bc"),
  };
  EXPECT_EQ(ids.size(), 9u);
  for (const std::string& id : ids) {
    EXPECT_EQ(id.size(), 28u);
    EXPECT_EQ(id.find_first_not_of("abcdefghijklmnopqrstuvwxyz234567", 2), std::string::npos);
  }
}

TEST(Ids, OfPartsOfAnOrderComeBack) {
  const std::string order_id = OrderIdFor("a", "b");
  EXPECT_EQ(ParseTaskId(TaskId(order_id, 12))->order_id, order_id);
  EXPECT_EQ(ParseTaskId(TaskId(order_id, 12))->number, 12);
  EXPECT_EQ(ParseReturnId(ReturnId(order_id, 3))->number, 3);
  EXPECT_EQ(ParseHoldId(HoldId(order_id, 2))->order_id, order_id);
  EXPECT_EQ(ParseHoldId(HoldId(order_id, 2))->number, 2);
  EXPECT_EQ(ParseExceptionId(ExceptionId(4711)), 4711);
  for (const char* bad : {"", "o", ".t1", "o.t", "o.t0", "o.t01", "o.t-1", "o.t+1", "o.t1x",
                          "o.t99999999999", "o.r1 "}) {
    EXPECT_FALSE(ParseTaskId(bad).has_value()) << bad;
  }
  for (const char* bad : {"", "e-", "e-0", "e--1", "x-1", "e-1.5", "e-99999999999999999999"}) {
    EXPECT_FALSE(ParseExceptionId(bad).has_value()) << bad;
  }
}

TEST(OutcomeCodec, EveryRejectionAndResultComesBack) {
  std::vector<Outcome> outcomes;
  for (const Rejection& rejection : AllRejections()) {
    outcomes.push_back({.result = {}, .rejection = rejection});
  }
  outcomes.push_back({.result = {}, .rejection = IllegalTransition{"EXPIRING", {"HandOver"}, 0}});
  outcomes.push_back({.result = {.order_id = "o",
                                 .task_id = "o.t1",
                                 .return_id = "o.r1",
                                 .exception_id = "e-1",
                                 .payment_ref = "pi-1",
                                 .duplicate = true,
                                 .dropped = {{"a", "s1", Quantity(3), Quantity(1)}}},
                      .rejection = std::nullopt});
  outcomes.push_back({});
  std::string bytes;
  EncodeOutcomes(outcomes, bytes);
  const auto back = DecodeOutcomes(bytes);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(*back, outcomes);
  EXPECT_FALSE(DecodeOutcomes("\xff").ok());
  EXPECT_EQ(DecodeOutcomes("")->size(), 0u);
}

TEST(Errors, EveryRejectionHasItsReason) {
  const std::vector<commonpb::ErrorReason> expected = {
      commonpb::ORDER_NOT_FOUND,       commonpb::TASK_NOT_FOUND,
      commonpb::RETURN_NOT_FOUND,      commonpb::EXCEPTION_NOT_FOUND,
      commonpb::LINE_NOT_FOUND,        commonpb::QUANTITY_EXCEEDS_OPEN,
      commonpb::QUANTITY_EXCEEDS_SOLD, commonpb::ILLEGAL_TRANSITION,
      commonpb::PICKUP_CODE_WRONG,     commonpb::PICKUP_CODE_LOCKED,
      commonpb::EXTERNAL_ID_REUSED,    commonpb::REQUEST_ID_REUSED,
      commonpb::EFFECT_KEY_REUSED,     commonpb::EFFECT_KEY_REUSED,
      commonpb::HOLD_TOO_SHORT,        commonpb::ETAG_MISMATCH,
      commonpb::INTERNAL_DEFECT,       commonpb::ITEM_NOT_ELIGIBLE,
      commonpb::REQUEST_TOO_LARGE,     commonpb::PARCEL_NOT_FOUND,
      commonpb::HOLD_NOT_FOUND,        commonpb::ORDER_ON_HOLD,
      commonpb::INTENT_NOT_FOUND,      commonpb::EFFECT_KEY_REUSED,
      commonpb::CURRENCY_MISMATCH,     commonpb::TOO_MANY_PAYMENTS,
      commonpb::GROUP_NOT_FOUND,       commonpb::SUBJECT_NOT_FOUND};
  const std::vector<Rejection> rejections = AllRejections();
  ASSERT_EQ(rejections.size(), std::variant_size_v<Rejection>);
  for (size_t i = 0; i < rejections.size(); ++i) {
    ASSERT_EQ(rejections[i].index(), i);
    EXPECT_EQ(Describe(rejections[i]).reason, expected[i]);
    EXPECT_FALSE(Describe(rejections[i]).message.empty());
  }
  const ErrorDescription illegal = Describe(rejections[7]);
  EXPECT_EQ(illegal.metadata, (std::vector<std::pair<std::string, std::string>>{
                                  {"state", "PICKED"}, {"allowed", "PackTask,RecordShipments"}}));
  const ErrorDescription extended = Describe(IllegalTransition{"EXPIRING", {"HandOver"}, 2});
  EXPECT_EQ(extended.message, "it is EXPIRING, and has been extended 2 times, as often as may be");
  EXPECT_EQ(extended.metadata,
            (std::vector<std::pair<std::string, std::string>>{
                {"state", "EXPIRING"}, {"allowed", "HandOver"}, {"extensions", "2"}}));
}

TEST(Requests, ContentHasDefaultsAndNoExactPlace) {
  v1::PlaceOrderRequest request;
  request.set_request_id("r");
  request.set_channel_id("web");
  request.mutable_subject()->set_name("Somebody");
  auto* first = request.add_groups();
  first->set_method(routing::v1::SHIP);
  first->mutable_destination()->set_country_code("RO");
  first->mutable_destination()->mutable_point()->set_latitude(46.7712);
  first->mutable_destination()->mutable_point()->set_longitude(-23.6499);
  first->add_lines()->set_sku("s1");
  first->mutable_lines(0)->set_quantity(2);
  auto* second = request.add_groups();
  second->set_method(routing::v1::PICKUP);
  second->set_location_id("w1");
  auto* line = second->add_lines();
  line->set_sku("s2");
  line->set_quantity(1);
  line->set_on_shortage(v1::PlaceLine::DROP_LINE);
  line->mutable_unit_price()->set_currency_code("RON");

  const OrderContent content = ContentOf(request);
  ASSERT_EQ(content.groups.size(), 2u);
  EXPECT_EQ(content.groups[0].group_id, "0");
  EXPECT_EQ(content.groups[1].method, Method::kPickup);
  EXPECT_EQ(content.groups[0].destination.point,
            (CoarsePoint{.latitude_tenths = 468, .longitude_tenths = -236}));
  EXPECT_FALSE(content.groups[1].destination.point.has_value());
  ASSERT_EQ(content.lines.size(), 2u);
  EXPECT_EQ(content.lines[1].line_id, "1") << "its index over all groups";
  EXPECT_EQ(content.lines[1].group, 1u);
  EXPECT_EQ(content.lines[1].unit_price->currency_code, "RON");
  EXPECT_FALSE(content.lines[0].unit_price.has_value());
  EXPECT_EQ(content.drop_on_shortage, (std::vector<bool>{false, true}));
}

TEST(Requests, ASalesContentIsAllOfIt) {
  v1::Sale sale;
  sale.set_location_id("w1");
  sale.set_terminal_id("1");
  sale.set_business_day("2026-11-27");
  sale.set_sequence(1);
  sale.add_lines()->set_sku("s1");
  sale.mutable_lines(0)->set_quantity(1);
  const commonpb::Attribution by;
  const RecordSale command = ToCommand(sale, by, "default");
  EXPECT_EQ(command.lines[0].line_id, "0");
  const auto differs = [&](auto change) {
    v1::Sale other = sale;
    change(other);
    const RecordSale changed = ToCommand(other, by, "default");
    return changed.order_id == command.order_id && changed.content != command.content;
  };
  EXPECT_FALSE(differs([](v1::Sale&) {}));
  EXPECT_FALSE(differs([](v1::Sale& s) { s.mutable_lines(0)->set_line_id("0"); })) << "default";
  EXPECT_TRUE(differs([](v1::Sale& s) { s.mutable_lines(0)->set_quantity(2); }));
  EXPECT_TRUE(differs([](v1::Sale& s) { s.mutable_lines(0)->set_sku("s2"); }));
  EXPECT_TRUE(differs([](v1::Sale& s) { s.mutable_lines(0)->mutable_unit_price(); }));
  EXPECT_TRUE(differs([](v1::Sale& s) { *s.add_lines() = s.lines(0); }));
  EXPECT_TRUE(differs([](v1::Sale& s) { s.set_customer_ref("c"); }));
  EXPECT_TRUE(differs([](v1::Sale& s) { s.mutable_business_time(); }));
}

TEST(Requests, ReceivedConditionsDefaultToSellable) {
  v1::ReceiveReturnRequest request;
  request.set_request_id("r");
  request.set_location_id("w1");
  request.add_lines()->set_sku("s1");
  request.add_lines()->set_condition(v1::Return::DAMAGED);
  const ReceiveReturn unmatched = ToCommand(request, "default");
  EXPECT_EQ(unmatched.unmatched_return_id, UnmatchedReturnIdFor("default", "r"));
  EXPECT_EQ(unmatched.lines[0].condition, Condition::kSellable);
  EXPECT_EQ(unmatched.lines[1].condition, Condition::kDamaged);
  request.set_order_id("o");
  EXPECT_EQ(ToCommand(request, "default").unmatched_return_id, unmatched.unmatched_return_id)
      << "for what turns out not to be the order's";
}

TEST(Messages, AnOrderShowsItsLinesTasksAndReservations) {
  World world;
  PlaceOrder c;
  c.order_id = OrderIdFor("a", "b");
  c.groups = {Ship("g")};
  c.lines = {Line("a", 0, "s1", 3)};
  c.assignments = {{0, "w1", Quantity(2)}, {0, "w2", Quantity(1)}};
  world.Place(c);
  world.Confirm(c.order_id, 1);
  world.Do(RecordShipment{.task_id = TaskId(c.order_id, 1)});
  world.Do(RejectTask{.task_id = TaskId(c.order_id, 2)});

  const v1::Order message = ToMessage(world.order(c.order_id), 99);
  EXPECT_EQ(message.state(), v1::Order::OPEN);
  EXPECT_EQ(message.position(), "99");
  EXPECT_EQ(message.etag(), Etag(world.order(c.order_id)));
  EXPECT_EQ(message.groups(0).method(), routing::v1::SHIP);
  EXPECT_DOUBLE_EQ(message.groups(0).destination().point().latitude(), 46.8);
  ASSERT_EQ(message.lines_size(), 1);
  EXPECT_EQ(message.lines(0).fulfilled(), 2);
  EXPECT_EQ(message.lines(0).unallocated(), 1);
  EXPECT_EQ(message.lines(0).allocated(), 0);
  ASSERT_EQ(message.tasks_size(), 2);
  EXPECT_EQ(message.tasks(0).state(), v1::Task::SHIPPED);
  EXPECT_EQ(message.tasks(0).lines(0).fulfilled(), 2);
  EXPECT_EQ(message.tasks(1).state(), v1::Task::REJECTED);
  EXPECT_EQ(message.reservation_ids_size(), 1);
  EXPECT_EQ(message.create_time().seconds(), world.now().unix_us / 1'000'000);

  const Decision requested =
      world.Do(RequestReturn{.order_id = c.order_id, .lines = {{"a", Quantity(1)}}});
  const Return* item = FindReturn(world.state(), requested.result.return_id);
  const v1::Return announced = ToMessage(&world.order(c.order_id), *item, 99);
  EXPECT_EQ(announced.state(), v1::Return::REQUESTED);
  EXPECT_EQ(announced.lines(0).line_id(), "a");
  EXPECT_EQ(announced.lines(0).condition(), v1::Return::CONDITION_UNSPECIFIED);
}

// The domain's enums are cast to the API's: either has each value of the other, under its own name.
template <typename Enum>
void ExpectSameNames(const google::protobuf::EnumDescriptor* api) {
  for (int i = 0; i <= 255; ++i) {
    const google::protobuf::EnumValueDescriptor* const value = api->FindValueByNumber(i);
    EXPECT_EQ(i == 0 || value == nullptr ? "" : value->name(), NameOf(static_cast<Enum>(i)))
        << api->full_name() << " " << i;
  }
}

TEST(Messages, EnumsAgree) {
  ExpectSameNames<Method>(routing::v1::Method_descriptor());
  ExpectSameNames<TaskState>(v1::Task::State_descriptor());
  ExpectSameNames<OrderState>(v1::Order::State_descriptor());
  ExpectSameNames<ReturnState>(v1::Return::State_descriptor());
  ExpectSameNames<ExceptionKind>(v1::ExceptionItem::Kind_descriptor());
  ExpectSameNames<Condition>(v1::Return::Condition_descriptor());
  ExpectSameNames<HoldKind>(v1::HoldKind_descriptor());
  ExpectSameNames<HoldState>(v1::Order::Hold::State_descriptor());
}

TEST(Messages, AnOrderOnHoldShowsWhatIsKeptBack) {
  World world;
  PlaceOrder c;
  c.order_id = "o";
  c.groups = {Ship("g")};
  c.lines = {Line("a", 0, "s1", 3)};
  world.Place(c);
  world.Confirm("o", 1);
  world.Do(RejectTask{.task_id = "o.t1"});
  world.Do(HoldOrder{.order_id = "o",
                     .hold = {.kind = HoldKind::kFraud, .ttl = Seconds(90)},
                     .attribution = {.reason_code = "SCORE"}});
  world.Do(ReportRerouted{.order_id = "o",
                          .attempt = 2,
                          .revision = FindIntent<Reroute>(world.order("o"))->revision,
                          .reservation_id = "r2",
                          .expires_at = world.now() + Seconds(60),
                          .assignments = {{0, "w2", Quantity(3)}}});
  world.Confirm("o", 2);
  const v1::Order message = ToMessage(world.order("o"), 99);
  EXPECT_EQ(message.state(), v1::Order::ON_HOLD);
  EXPECT_EQ(message.lines(0).allocated(), 3);
  EXPECT_EQ(message.lines(0).held_back(), 3);
  EXPECT_EQ(message.lines(0).unallocated(), 0);
  EXPECT_FALSE(message.tasks(0).on_hold()) << "it has ended";
  ASSERT_EQ(message.holds_size(), 1);
  EXPECT_EQ(message.holds(0).hold_id(), "o.h1");
  EXPECT_EQ(message.holds(0).kind(), v1::FRAUD);
  EXPECT_EQ(message.holds(0).state(), v1::Order::Hold::OPEN);
  EXPECT_EQ(message.holds(0).reason_code(), "SCORE");
  EXPECT_EQ(message.holds(0).on_expiry(), v1::NewHold::RELEASE);
  EXPECT_EQ(message.holds(0).expire_time().seconds() - message.holds(0).create_time().seconds(),
            90);
  world.Do(ReleaseHold{.order_id = "o"});
  world.Do(HoldOrder{.order_id = "o"});
  const v1::Order again = ToMessage(world.order("o"), 99);
  EXPECT_EQ(again.holds(0).state(), v1::Order::Hold::RELEASED);
  EXPECT_FALSE(again.holds(1).has_expire_time());
  EXPECT_EQ(again.holds(1).on_expiry(), v1::NewHold::ON_EXPIRY_UNSPECIFIED);
  EXPECT_TRUE(again.tasks(1).on_hold());
  EXPECT_EQ(again.lines(0).held_back(), 0);
}

TEST(Messages, AnExceptionSaysWhy) {
  const v1::ExceptionItem message = ToMessage(ExceptionItem{
      .kind = ExceptionKind::kStockConflict, .order_id = "o", .detail = "EFFECT_KEY_REUSED"});
  EXPECT_EQ(message.kind(), v1::ExceptionItem::STOCK_CONFLICT);
  EXPECT_EQ(message.detail(), "EFFECT_KEY_REUSED");
}

}  // namespace
}  // namespace quartermaster::orders
