// OrderView against a dumb model: after every publish, every list with every filter, in pages of
// every size, is what a scan of all orders gives.
#include "services/orders/app/order_view.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/base/testing/seed.h"

namespace quartermaster::orders {
namespace {

class ViewTest : public testing::Test {
 protected:
  explicit ViewTest(size_t scan_max = OrderView::kScanMax) : view_(scan_max) {}

  // An order as the machine's state would hold it; its state follows from the quantities.
  Order& Put(const std::string& order_id, const std::string& customer, const std::string& channel) {
    Order& order = state_.orders[order_id];
    order.order_id = order_id;
    order.customer_ref = customer;
    order.channel_id = channel;
    order.position = ++position_;
    order.groups.emplace_back();
    order.lines.push_back({.line_id = "0", .sku = "s", .ordered = Quantity(1)});
    order.lines[0].to_route = Quantity(1);
    Changed(order_id);
    return order;
  }
  void AddTask(Order& order, const std::string& location_id) {
    Task& task = order.tasks.emplace_back();
    task.number = static_cast<int>(order.tasks.size());
    task.location_id = location_id;
    task.state = TaskState::kCreated;
    task.position = ++position_;
    Changed(order.order_id);
  }
  void Changed(const std::string& order_id) {
    changes_.orders.insert(order_id);
    changes_.history.emplace_back(order_id, ++position_);
  }
  void Publish() {
    view_.Publish(state_, changes_, position_);
    changes_.Clear();
  }

  State state_;
  Changes changes_;
  Position position_ = 0;
  OrderView view_;
};

TEST_F(ViewTest, ShowsNothingBeforeItIsPublished) {
  Put("o-1", "c", "web");
  EXPECT_EQ(view_.FindOrder("o-1"), nullptr);
  Publish();
  ASSERT_NE(view_.FindOrder("o-1"), nullptr);
  EXPECT_EQ(view_.head(), position_);
  state_.orders.at("o-1").customer_ref = "changed, but not published";
  EXPECT_EQ(view_.FindOrder("o-1")->customer_ref, "c");
}

TEST_F(ViewTest, FindsTasksByIdAndKeepsTheHistory) {
  Order& order = Put("o-1", "c", "web");
  AddTask(order, "s1");
  Publish();
  ASSERT_TRUE(view_.FindTask(TaskId("o-1", 1)).has_value());
  EXPECT_EQ(view_.FindTask(TaskId("o-1", 1))->task().location_id, "s1");
  EXPECT_FALSE(view_.FindTask(TaskId("o-1", 2)).has_value());
  EXPECT_FALSE(view_.FindTask(TaskId("o-2", 1)).has_value());
  EXPECT_FALSE(view_.FindTask("junk").has_value());
  EXPECT_EQ(view_.HistoryOf("o-1").size(), 2u);
  EXPECT_TRUE(view_.HistoryOf("o-2").empty());
}

// Whatever is published meanwhile, a page and its position are one cut.
TEST_F(ViewTest, APageShowsWhatHeldAtItsPosition) {
  constexpr size_t kOrders = 300;
  std::thread publisher([this] {
    for (size_t i = 0; i < kOrders; ++i) {
      Put(absl::StrCat("o-", i), "c", "web");
      Publish();
    }
  });
  size_t seen = 0;
  while (seen < kOrders) {
    const auto page = view_.ListOrders({}, OrderBy::kNewestFirst, 0, kOrders);
    seen = page.items.size();
    // Put takes two positions.
    EXPECT_EQ(static_cast<size_t>(page.position), 2 * seen);
  }
  publisher.join();
}

TEST_F(ViewTest, ExceptionsLeaveTheOpenListWhenResolved) {
  for (const Position position : {5, 7, 9}) {
    state_.exceptions[position] = {.position = position, .order_id = absl::StrCat("o-", position)};
    changes_.exceptions.insert(position);
  }
  Publish();
  EXPECT_EQ(view_.ListExceptions({}, 0, 10).items.size(), 3u);
  EXPECT_EQ(view_.ListExceptions({}, 5, 10).items.size(), 2u);
  EXPECT_TRUE(view_.ListExceptions({}, 0, 2).more);
  state_.exceptions[7].resolved = true;
  changes_.exceptions.insert(7);
  Publish();
  EXPECT_EQ(view_.ListExceptions({}, 0, 10).items.size(), 2u);
  EXPECT_EQ(view_.ListExceptions({.include_resolved = true}, 0, 10).items.size(), 3u);
  EXPECT_EQ(view_.ListExceptions({.order_id = "o-7"}, 0, 10).items.size(), 0u);
  EXPECT_TRUE(view_.FindException(ExceptionId(7))->resolved);
  EXPECT_FALSE(view_.FindException(ExceptionId(8)).has_value());
}

class RandomViewTest : public ViewTest {
 protected:
  using ViewTest::ViewTest;

  Instant SomeTime() { return now_ - Hours(Pick(40)) + Seconds(Pick(3'600)); }
  int Pick(int n) { return static_cast<int>(random_() % static_cast<uint64_t>(n)); }
  std::string Name(const char* kind, int n) { return absl::StrCat(kind, Pick(n)); }

  void ChangeSomething() {
    if (state_.orders.empty() || Pick(3) == 0) {
      Order& order = Put(absl::StrCat("o-", next_++), Name("c", 3), Name("ch", 2));
      if (Pick(2) == 0) order.external_id = Name("x", 4);
      if (Pick(2) == 0) order.groups[0].promised_by = SomeTime();
      order.lines[0].sku = Name("k", 3);
      // Some minutes, or some hours, after the one before.
      now_ = now_ + (Pick(4) == 0 ? Hours(Pick(4)) : Seconds(60 * Pick(30)));
      order.created_at = now_;
      return;
    }
    const std::string id = absl::StrCat("o-", Pick(next_));
    Order& order = state_.orders.at(id);
    switch (Pick(4)) {
      case 1:
        // Lines are added, and never go.
        order.lines.push_back({.line_id = absl::StrCat(order.lines.size()),
                               .sku = Name("k", 3),
                               .ordered = Quantity(1)});
        order.lines.back().to_route = Quantity(1);
        break;
      case 0:
        AddTask(order, Name("s", 3));
        return;
      case 2:
        if (!order.tasks.empty()) {
          order.tasks[random_() % order.tasks.size()].state = static_cast<TaskState>(1 + Pick(9));
        }
        break;
      default:
        // From to be routed to cancelled, awaiting or fulfilled: another OrderState each.
        order.lines[0].to_route = order.lines[0].awaiting = order.lines[0].fulfilled =
            order.lines[0].cancelled = Quantity(0);
        (Pick(2) == 0 ? order.lines[0].awaiting : order.lines[0].fulfilled) = Quantity(1);
    }
    Changed(id);
  }

  static bool HasSku(const Order& order, const std::string& sku) {
    return std::any_of(order.lines.begin(), order.lines.end(),
                       [&sku](const OrderLine& line) { return line.sku == sku; });
  }
  static bool IsOverdue(const Order& order, Instant at) {
    return std::any_of(order.lines.begin(), order.lines.end(), [&](const OrderLine& line) {
      const Instant promised_by = order.groups[line.group].promised_by;
      return promised_by != kDistantPast && promised_by < at && line.open().IsPositive();
    });
  }

  void CheckOrders(const OrderFilter& filter, OrderBy order_by, size_t page_size) {
    std::vector<const Order*> expected;
    for (const auto& [id, order] : state_.orders) {
      const bool there = std::any_of(order.tasks.begin(), order.tasks.end(), [&](const Task& t) {
        return t.location_id == filter.location_id;
      });
      if ((filter.customer_ref.empty() || filter.customer_ref == order.customer_ref) &&
          (filter.channel_id.empty() || filter.channel_id == order.channel_id) &&
          (filter.external_id.empty() || filter.external_id == order.external_id) &&
          (!filter.state || *filter.state == StateOf(order)) &&
          (filter.location_id.empty() || there) && order.created_at >= filter.created_from &&
          order.created_at < filter.created_before &&
          (filter.sku.empty() || HasSku(order, filter.sku)) &&
          (!filter.overdue_at || IsOverdue(order, *filter.overdue_at))) {
        expected.push_back(&order);
      }
    }
    const bool newest_first = order_by == OrderBy::kNewestFirst;
    std::sort(expected.begin(), expected.end(), [newest_first](const Order* a, const Order* b) {
      return newest_first ? a->position > b->position : a->position < b->position;
    });
    size_t seen = 0;
    Position last = 0;
    while (true) {
      const auto page = view_.ListOrders(filter, order_by, last, page_size);
      for (const auto& order : page.items) {
        ASSERT_LT(seen, expected.size());
        ASSERT_TRUE(*order == *expected[seen++]);
      }
      if (!page.more) break;
      ASSERT_TRUE(last == 0 || (newest_first ? page.last < last : page.last > last));
      last = page.last;
    }
    ASSERT_EQ(seen, expected.size());
  }

  void CheckTasks(const TaskFilter& filter, size_t page_size) {
    std::vector<Position> expected;
    for (const auto& [id, order] : state_.orders) {
      for (const Task& task : order.tasks) {
        if ((filter.order_id.empty() || filter.order_id == id) &&
            (filter.location_id.empty() || filter.location_id == task.location_id) &&
            (!filter.state || *filter.state == task.state)) {
          expected.push_back(task.position);
        }
      }
    }
    std::sort(expected.begin(), expected.end());
    std::vector<Position> seen;
    Position after = 0;
    while (true) {
      const Page<TaskRef> page = view_.ListTasks(filter, after, page_size);
      for (const TaskRef& ref : page.items) seen.push_back(ref.task().position);
      if (!page.more) break;
      ASSERT_GT(page.last, after);
      after = page.last;
    }
    ASSERT_EQ(seen, expected);
  }

  void CheckSomeLists() {
    OrderFilter orders;
    if (Pick(2) == 0) orders.customer_ref = Name("c", 4);
    if (Pick(3) == 0) orders.channel_id = Name("ch", 3);
    if (Pick(4) == 0) orders.external_id = Name("x", 5);
    if (Pick(3) == 0) orders.state = static_cast<OrderState>(1 + Pick(5));
    if (Pick(3) == 0) orders.location_id = Name("s", 4);
    if (Pick(3) == 0) orders.sku = Name("k", 4);
    if (Pick(3) == 0) orders.created_from = SomeTime();
    if (Pick(3) == 0) orders.created_before = SomeTime();
    if (Pick(3) == 0) orders.overdue_at = SomeTime();
    const OrderBy order_by = Pick(2) == 0 ? OrderBy::kNewestFirst : OrderBy::kOldestFirst;
    CheckOrders(orders, order_by, size_t{1} + static_cast<size_t>(Pick(7)));
    TaskFilter tasks;
    if (Pick(2) == 0) tasks.location_id = Name("s", 4);
    if (Pick(2) == 0) tasks.state = static_cast<TaskState>(1 + Pick(9));
    if (Pick(3) == 0) tasks.order_id = absl::StrCat("o-", Pick(next_ + 1));
    CheckTasks(tasks, size_t{1} + static_cast<size_t>(Pick(7)));
  }

  void CompareWithScans(int steps) {
    const uint64_t seed = TestSeed();
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    random_.seed(seed);
    for (int step = 0; step < steps; ++step) {
      const int changes = 1 + Pick(4);
      for (int i = 0; i < changes; ++i) ChangeSomething();
      Publish();
      CheckSomeLists();
      if (HasFatalFailure()) return;
    }
  }

  std::mt19937_64 random_;
  int next_ = 0;
  Instant now_ = Instant{} + Hours(1'000);
};

// Looks at little before it gives a page back.
class SmallPagesTest : public RandomViewTest {
 protected:
  SmallPagesTest() : RandomViewTest(/*scan_max=*/3) {}
};

TEST_F(SmallPagesTest, APageEndsWhenItHasLookedAtMany) {
  Put("o-0", "a", "app");
  for (int i = 1; i <= 6; ++i) Put(absl::StrCat("o-", i), "a", "web");
  for (int i = 7; i <= 12; ++i) Put(absl::StrCat("o-", i), "b", "app");
  Publish();
  // Each key alone has many.
  OrderFilter filter;
  filter.customer_ref = "a";
  filter.channel_id = "app";
  Position last = 0;
  for (int page_number = 0; page_number < 2; ++page_number) {
    const auto page = view_.ListOrders(filter, OrderBy::kNewestFirst, last, 100);
    EXPECT_TRUE(page.items.empty());
    ASSERT_TRUE(page.more);
    last = page.last;
  }
  const auto page = view_.ListOrders(filter, OrderBy::kNewestFirst, last, 100);
  ASSERT_EQ(page.items.size(), 1u);
  EXPECT_EQ(page.items[0]->order_id, "o-0");
  EXPECT_FALSE(page.more);
}

TEST_F(SmallPagesTest, ThePagesTogetherHaveEverything) { CompareWithScans(300); }

TEST_F(RandomViewTest, ListsAreWhatAScanGives) { CompareWithScans(1'500); }

}  // namespace
}  // namespace quartermaster::orders
