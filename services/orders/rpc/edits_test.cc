// Edits of orders, over real gRPC: what is added is held before anything changes.
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/orders/rpc/order_service_fixture.h"

namespace quartermaster::orders {
namespace {

using Stub = v1::OrderService::Stub;

class EditsTest : public OrderServiceTest {
 protected:
  static v1::EditOrderRequest Request(const std::string& request_id, const std::string& order_id) {
    v1::EditOrderRequest request;
    request.set_request_id(request_id);
    request.set_order_id(order_id);
    return request;
  }
  static v1::PlaceLine* Add(v1::EditOrderRequest& request, const std::string& line_id,
                            const std::string& sku, int units) {
    auto* added = request.add_added();
    added->set_group_id("0");
    added->mutable_line()->set_line_id(line_id);
    added->mutable_line()->set_sku(sku);
    added->mutable_line()->set_quantity(units);
    return added->mutable_line();
  }
};

TEST_F(EditsTest, TakeUnitsOutAndAddLinesAtOnce) {
  const std::string order_id = Place(Order("p1", "tea", 3));
  v1::EditOrderRequest request = Request("e1", order_id);
  auto* less = request.add_less();
  less->set_line_id("0");
  less->set_quantity(1);
  Add(request, "more", "cup", 2);
  v1::Order order;
  ASSERT_EQ(Call(&Stub::EditOrder, request, &order), "OK");
  ASSERT_EQ(order.lines_size(), 2);
  EXPECT_EQ(order.lines(0).cancelled(), 1);
  EXPECT_EQ(order.lines(1).ordered(), 2);
  EXPECT_EQ(order.lines(1).line_id(), "more");
  // The same request again changes nothing more.
  ASSERT_EQ(Call(&Stub::EditOrder, request, &order), "OK");
  EXPECT_EQ(order.lines_size(), 2);
  EXPECT_EQ(order.lines(0).cancelled(), 1);
}

TEST_F(EditsTest, ChangeNothingIfStockCannotServeThem) {
  const std::string order_id = Place(Order("p1", "tea", 3));
  const std::string etag = Get(order_id).etag();
  v1::EditOrderRequest request = Request("e1", order_id);
  auto* less = request.add_less();
  less->set_line_id("0");
  less->set_quantity(1);
  Add(request, "more", "cup", 100'000);
  EXPECT_EQ(Call(&Stub::EditOrder, request).substr(0, 7), "NO_PLAN");
  EXPECT_EQ(Get(order_id).etag(), etag);
}

TEST_F(EditsTest, OfOneOrderComeOneAfterTheOther) {
  const std::string order_id = Place(Order("p1", "tea", 3));
  constexpr int kEditors = 4;
  std::vector<std::string> told(kEditors);
  std::vector<std::thread> editors;
  for (int i = 0; i < kEditors; ++i) {
    editors.emplace_back([&, i] {
      v1::EditOrderRequest request = Request(absl::StrCat("e", i), order_id);
      Add(request, absl::StrCat("more-", i), "tea", 1);
      told[static_cast<size_t>(i)] = Call(&Stub::EditOrder, request);
    });
  }
  for (std::thread& editor : editors) editor.join();
  for (const std::string& text : told) EXPECT_EQ(text, "OK");
  EXPECT_EQ(Get(order_id).lines_size(), 1 + kEditors);
}

TEST_F(EditsTest, RaiseWhatIsToBePaid) {
  v1::PlaceOrderRequest place = Order("p1", "tea", 3);
  place.mutable_groups(0)->mutable_lines(0)->set_subtotal_minor(3'000);
  place.mutable_amounts()->set_currency_code("EUR");
  place.mutable_amounts()->set_total_minor(3'000);
  const std::string order_id = Place(place);
  v1::EditOrderRequest request = Request("e1", order_id);
  v1::PlaceLine* line = Add(request, "more", "cup", 2);
  line->set_subtotal_minor(500);
  line->set_tax_minor(95);
  auto* less = request.add_less();
  less->set_line_id("0");
  less->set_quantity(1);
  v1::Order order;
  ASSERT_EQ(Call(&Stub::EditOrder, request, &order), "OK");
  EXPECT_EQ(order.amounts().total_minor(), 3'595);
  EXPECT_EQ(order.balance().cancelled_minor(), 1'000);
  EXPECT_EQ(order.lines(1).amounts().total_minor(), 595);
}

TEST_F(EditsTest, SendAGroupElsewhereUntilItIsPicked) {
  const std::string order_id = Place(Order("p1", "tea", 3));
  v1::EditOrderRequest request = Request("e1", order_id);
  auto* wanted = request.add_destinations();
  wanted->set_group_id("0");
  wanted->mutable_destination()->set_country_code("PL");
  wanted->mutable_destination()->mutable_point()->set_latitude(52.2297);
  wanted->mutable_destination()->mutable_point()->set_longitude(21.0122);
  v1::Order order;
  ASSERT_EQ(Call(&Stub::EditOrder, request, &order), "OK");
  EXPECT_EQ(order.groups(0).destination().country_code(), "PL");
  EXPECT_EQ(order.groups(0).destination().point().latitude(), 52.2) << "no finer than it is kept";
  v1::RecordPickRequest pick;
  pick.set_request_id("k1");
  pick.set_task_id(order_id + ".t1");
  ASSERT_EQ(Call(&Stub::RecordPick, pick), "OK");
  request.set_request_id("e2");
  EXPECT_EQ(Call(&Stub::EditOrder, request), "ILLEGAL_TRANSITION");
}

TEST_F(EditsTest, AreRefusedWithTheFieldThatIsWrong) {
  const std::string order_id = Place(Order("p1", "tea", 3));
  EXPECT_EQ(Call(&Stub::EditOrder, v1::EditOrderRequest()),
            "INVALID_FIELD request_id, order_id, less");
  v1::EditOrderRequest request = Request("e1", order_id);
  Add(request, "0", "cup", 1);
  EXPECT_EQ(Call(&Stub::EditOrder, request), "INVALID_FIELD added[0].line.line_id");
  request = Request("e2", order_id);
  Add(request, "1", "book", 1);
  EXPECT_EQ(Call(&Stub::EditOrder, request), "ITEM_NOT_ELIGIBLE added[0].line.sku");
  request = Request("e3", order_id);
  Add(request, "1", "cup", 1);
  request.mutable_added(0)->set_group_id("none");
  EXPECT_EQ(Call(&Stub::EditOrder, request), "GROUP_NOT_FOUND");
  request = Request("e4", "o-none");
  Add(request, "1", "cup", 1);
  EXPECT_EQ(Call(&Stub::EditOrder, request), "ORDER_NOT_FOUND");
  request = Request("e6", order_id);
  Add(request, "1", "cup", 1)->set_subtotal_minor(500);
  EXPECT_EQ(Call(&Stub::EditOrder, request), "INVALID_FIELD added[0].line.subtotal_minor");
  request = Request("e7", order_id);
  Add(request, "1", "cup", 1)->set_on_shortage(v1::PlaceLine::DROP_LINE);
  EXPECT_EQ(Call(&Stub::EditOrder, request), "INVALID_FIELD added[0].line.on_shortage");
  request = Request("e5", order_id);
  request.add_destinations()->set_group_id("0");
  EXPECT_EQ(Call(&Stub::EditOrder, request), "INVALID_FIELD destinations[0].destination.point");
}

}  // namespace
}  // namespace quartermaster::orders
