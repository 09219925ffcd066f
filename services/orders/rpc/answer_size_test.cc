// Answers that would be larger than what a client takes, which is 4 MiB here as by default.
#include "services/runtime/answer_size.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "services/orders/rpc/order_service_fixture.h"

namespace quartermaster::orders {
namespace {

using runtime::AnswerSize;
using runtime::kAnswerBytesMax;
using Stub = v1::OrderService::Stub;

class AnswerSizeTest : public OrderServiceTest {
 protected:
  AnswerSizeTest() { peers_.Put("tea", "w1", 1'000'000); }

  // 2,000 lines of one unit; with ids of 64 bytes an order of 400 KiB.
  std::string PlaceLarge(const std::string& request_id, bool long_ids) {
    v1::PlaceOrderRequest order = Order(request_id, "tea", 1);
    v1::PlaceGroup& group = *order.mutable_groups(0);
    for (int i = 1; i < 2'000; ++i) *group.add_lines() = group.lines(0);
    for (int i = 0; i < group.lines_size() && long_ids; ++i) {
      std::string id = absl::StrCat(i);
      id.resize(64, 'x');
      group.mutable_lines(i)->set_line_id(id);
    }
    return Place(order);
  }

  // Follows the pages; what `ids` found on them, in order. Each page must have something.
  template <typename Request, typename Response, typename Ids>
  std::vector<std::string> AllPages(grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                                 const Request&, Response*),
                                    Request request, Ids ids, int* pages) {
    std::vector<std::string> all;
    for (*pages = 0; *pages < 100;) {
      Response response;
      EXPECT_EQ(Call(method, request, &response), "OK");
      const std::vector<std::string> more = ids(response);
      EXPECT_FALSE(more.empty());
      all.insert(all.end(), more.begin(), more.end());
      ++*pages;
      if (response.next_page_token().empty() || more.empty()) break;
      request.set_page_token(response.next_page_token());
    }
    return all;
  }
};

TEST(AnswerSize, TheFirstItemAlwaysFits) {
  v1::OrderEvent event;
  event.set_detail_json(std::string(kAnswerBytesMax, 'x'));
  AnswerSize size;
  EXPECT_TRUE(size.Take(event));
  EXPECT_FALSE(size.Take(v1::OrderEvent()));
}

TEST_F(AnswerSizeTest, PagesOfLargeOrdersAndTasksAreShorter) {
  constexpr size_t kOrders = 16;
  std::set<std::string> placed;
  for (size_t i = 0; i < kOrders; ++i) placed.insert(PlaceLarge(absl::StrCat("p", i), true));
  int pages = 0;
  v1::ListOrdersRequest orders;
  orders.set_page_size(1'000);
  const auto listed = AllPages(
      &Stub::ListOrders, orders,
      [](const v1::ListOrdersResponse& response) {
        std::vector<std::string> ids;
        for (const v1::Order& order : response.orders()) ids.push_back(order.order_id());
        return ids;
      },
      &pages);
  EXPECT_EQ(listed.size(), kOrders) << "each once";
  EXPECT_EQ(std::set<std::string>(listed.begin(), listed.end()), placed);
  EXPECT_GT(pages, 1);

  v1::ListTasksRequest tasks;
  tasks.set_page_size(1'000);
  std::set<std::string> of_tasks;
  const auto worked = AllPages(
      &Stub::ListTasks, tasks,
      [&](const v1::ListTasksResponse& response) {
        std::vector<std::string> ids;
        for (const v1::Task& task : response.tasks()) {
          ids.push_back(task.task_id());
          of_tasks.insert(task.order_id());
        }
        return ids;
      },
      &pages);
  EXPECT_EQ(worked.size(), kOrders);
  EXPECT_EQ(of_tasks, placed);

  // The same shipment many times: its result shows the task as long as there is room.
  v1::RecordShipmentsRequest ship;
  ship.set_request_id("ship");
  for (int i = 0; i < 60; ++i) ship.add_shipments()->set_task_id(worked[0]);
  v1::RecordShipmentsResponse shipped;
  ASSERT_EQ(Call(&Stub::RecordShipments, ship, &shipped), "OK");
  EXPECT_EQ(shipped.results(0).task().lines_size(), 2'000);
  const v1::Task& last = shipped.results(59).task();
  EXPECT_EQ(last.lines_size(), 0);
  EXPECT_EQ(last.task_id(), worked[0]);
  EXPECT_EQ(last.state(), v1::Task::SHIPPED);
}

TEST_F(AnswerSizeTest, AHistoryComesInPages) {
  const std::string order_id = PlaceLarge("p", false);
  const std::string task_id = Get(order_id).tasks(0).task_id();
  v1::RecordPickRequest pick;
  pick.set_task_id(task_id);
  for (int i = 0; i < 2'000; ++i) {
    pick.add_lines()->set_line_id(absl::StrCat(i));
    pick.mutable_lines(i)->set_picked(1);
  }
  constexpr int kPicks = 80;
  for (int i = 0; i < kPicks; ++i) {
    pick.set_request_id(absl::StrCat("pick", i));
    ASSERT_EQ(Call(&Stub::RecordPick, pick), "OK");
  }
  const auto types = [](const v1::GetOrderHistoryResponse& response) {
    std::vector<std::string> all;
    for (const v1::OrderEvent& event : response.events()) all.push_back(event.type());
    return all;
  };
  v1::GetOrderHistoryRequest history;
  history.set_order_id(order_id);
  int pages = 0;
  const auto whole = AllPages(&Stub::GetOrderHistory, history, types, &pages);
  EXPECT_EQ(whole.size(), 4u + kPicks);
  EXPECT_EQ(whole[0], "OrderPlaced");
  EXPECT_GT(pages, 1);
  history.set_page_size(3);
  EXPECT_EQ(AllPages(&Stub::GetOrderHistory, history, types, &pages), whole);
  EXPECT_EQ(pages, (4 + kPicks) / 3);

  v1::GetOrderHistoryResponse response;
  history.set_page_token("x");
  EXPECT_EQ(Call(&Stub::GetOrderHistory, history, &response), "PAGE_TOKEN_INVALID");
}

TEST_F(AnswerSizeTest, AWatchSplitsWhatOneRequestDid) {
  v1::RecordSalesRequest request;
  request.set_request_id("s");
  constexpr int kSales = 38;
  for (int i = 1; i <= kSales; ++i) {
    v1::Sale& sale = *request.add_sales() = Sale(i, "tea", 1);
    for (int line = 1; line < 2'000; ++line) *sale.add_lines() = sale.lines(0);
  }
  ASSERT_EQ(Call(&Stub::RecordSales, request), "OK");
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  v1::WatchOrdersRequest watch;
  watch.set_resume_position("0");
  const auto reader = stub_->WatchOrders(&context, watch);
  v1::WatchOrdersResponse response;
  int messages = 0;
  int sales = 0;
  while (sales < kSales && reader->Read(&response)) {
    ++messages;
    ASSERT_GT(response.events_size(), 0);
    EXPECT_LE(response.ByteSizeLong(), kAnswerBytesMax + 1'000);
    for (const v1::OrderEvent& event : response.events()) {
      if (event.type() == "SaleRecorded") ++sales;
    }
    // One may resume there: nothing is skipped.
    EXPECT_GE(std::stoll(response.position()),
              std::stoll(response.events(response.events_size() - 1).position()));
  }
  EXPECT_EQ(sales, kSales);
  EXPECT_GT(messages, 1);
  context.TryCancel();
  reader->Finish();
}

}  // namespace
}  // namespace quartermaster::orders
