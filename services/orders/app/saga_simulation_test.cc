// Random days: many clients order, work and change their minds at once, while messages are lost,
// reordered and arrive late, stock goes away, routing plans from old figures, and the process dies
// again and again. When the storm is over, every promise holds (SimWorld::CheckEverything).
//
// QM_SEED=n runs one seed; ORDERS_SIM_RUNS=n as many as wanted.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <random>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "quartermaster/orders/events/v1/events.pb.h"
#include "services/base/testing/sanitized.h"
#include "services/base/testing/seed.h"
#include "services/orders/app/testing/sim_world.h"
#include "services/orders/codec/ids.h"

namespace quartermaster::orders {
namespace {

constexpr int kThreads = 6;
constexpr int kTasksPerThread = 12;

const std::map<std::string, int64_t> kInitial = {{"a", 30}, {"b", 12}, {"c", 40}};

std::string Id(const std::string& request_id) { return OrderIdFor("default", request_id); }

// What one client does, decided by the seed when it is added, so that a retry is the same request.
class Day {
 public:
  explicit Day(SimWorld& world) : world_(world), random_(world.options().seed * 7 + 1) {}

  void Fill() {
    for (int thread = 0; thread < kThreads; ++thread) {
      for (int i = 0; i < kTasksPerThread; ++i) Add(absl::StrCat("q", thread, "-", i), thread);
    }
  }

 private:
  int Pick(int n) { return static_cast<int>(random_() % static_cast<uint64_t>(n)); }

  void Add(const std::string& id, int thread) {
    const int kind = orders_.empty() ? 0 : Pick(19);
    const std::string order =
        orders_.empty() ? "" : orders_[static_cast<size_t>(Pick(static_cast<int>(orders_.size())))];
    const std::string task = TaskId(order, 1 + Pick(3));
    const int64_t units = 1 + Pick(3);
    switch (kind) {
      case 0:
      case 1:
      case 2:
      case 3:
        return AddOrder(id, thread);
      case 4:
        return AddDo(id, thread, CancelOrder{.order_id = order, .lines = {}});
      case 5:
        return AddDo(id, thread,
                     CancelOrder{.order_id = order, .lines = {{"l0", Quantity(units)}}});
      case 6:
        return AddDo(id, thread, RecordPick{.task_id = task, .lines = {{"l0", Quantity(1)}}});
      case 7:
        return AddDo(id, thread, RejectTask{.task_id = task});
      case 8:
        return AddDo(id, thread, RecordShipment{.task_id = task});
      case 9:
        return AddDo(id, thread,
                     ReceiveReturn{.location_id = "s1",
                                   .order_id = order,
                                   .lines = {{.line_id = "l0", .quantity = Quantity(units)}},
                                   .unmatched_return_id = absl::StrCat("u-", id)});
      case 10:
        return AddDo(id, thread, PutBack{.task_id = task, .lines = {}});
      case 11: {
        RerouteOrder reroute{.order_id = order};
        if (Pick(2) == 0) reroute.task_ids.push_back(task);
        return AddDo(id, thread, std::move(reroute));
      }
      case 12:
        return AddDo(id, thread, HoldOrder{.order_id = order, .hold = SomeHold()});
      case 13:
        return AddDo(id, thread, ReleaseHold{.order_id = order});
      case 14:
        return AddReady(id, thread, task);
      case 15:
        return AddDo(id, thread, HandOver{.task_id = task, .code_hmac = "code"});
      case 16:
        return AddSale(id, thread, units);
      default:
        return AddEdit(id, thread, order);
    }
  }

  // A unit less, or something more, or both.
  void AddEdit(const std::string& id, int thread, const std::string& order_id) {
    static constexpr const char* kSkus[] = {"a", "b", "c"};
    EditOrder edit{.order_id = order_id};
    const int kind = Pick(3);
    const bool waits = !carry_out_.contains(order_id);
    if (kind != 0) edit.less.push_back({"l0", Quantity(1)});
    if (kind != 1) {
      edit.added.push_back({.group_id = "g",
                            .line = {.line_id = absl::StrCat("e", id),
                                     .sku = kSkus[Pick(3)],
                                     .quantity = Quantity(1 + Pick(3)),
                                     .backorder = waits && Pick(3) == 0}});
    }
    if (kind == 2 && Pick(2) == 0) {
      edit.destinations.push_back(
          {.group_id = "g", .destination = {.point = CoarsePoint{500, 100}}});
    }
    world_.AddTask(world_.Edit(std::move(edit), id), thread);
  }

  // Sometimes longer than the day.
  NewHold SomeHold() {
    return {.kind = HoldKind::kPayment,
            .ttl = Seconds(1 + Pick(2'000)),
            .cancel_on_expiry = Pick(3) == 0};
  }

  void AddOrder(const std::string& id, int thread) {
    static constexpr const char* kSkus[] = {"a", "b", "c"};
    std::vector<SimLine> lines;
    const int count = 1 + Pick(3);
    const Method method = static_cast<Method>(1 + Pick(3));
    for (int i = 0; i < count; ++i) {
      SimLine& line = lines.emplace_back(SimLine{kSkus[Pick(3)], 1 + Pick(4), Pick(4) == 0});
      line.backorder = !line.drop && method != Method::kCarryOut && Pick(4) == 0;
    }
    const std::string place = method == Method::kShip ? "" : absl::StrCat("s", 1 + Pick(2));
    orders_.push_back(Id(id));
    if (method == Method::kCarryOut) carry_out_.insert(orders_.back());
    PlaceCall call = MakePlaceCall(id, method, place, lines);
    if (Pick(6) == 0) call.content.holds.push_back(SomeHold());
    world_.AddTask(world_.Place(std::move(call)), thread);
  }

  // A pick and what comes after it. The store closes every few seconds.
  void AddReady(const std::string& id, int thread, const std::string& task) {
    AddDo(id + "-pick", thread, RecordPick{.task_id = task});
    const int day = 1 + Pick(5);
    const auto closes = [](SimWorld& world, int seconds) {
      std::vector<Instant> times;
      for (int i = 1; i <= 7; ++i) times.push_back(world.clock().Now() + Seconds(i * seconds));
      return times;
    };
    world_.AddTask(world_.Do(id,
                             [task, closes, day](SimWorld& world) {
                               return MarkReadyForPickup{.task_id = task,
                                                         .code_hmac = "code",
                                                         .closes = closes(world, day)};
                             }),
                   thread);
    if (Pick(4) == 0) return;
    world_.AddTask(world_.Do(id + "-extend",
                             [task, closes, day](SimWorld& world) {
                               return ExtendPickup{.task_id = task,
                                                   .closes = closes(world, day + 1)};
                             }),
                   thread);
  }

  void AddDo(const std::string& id, int thread, Command command) {
    world_.AddTask(world_.Do(id, [command](SimWorld&) { return command; }), thread);
  }

  void AddSale(const std::string& id, int thread, int64_t units) {
    AddDo(id, thread,
          RecordSale{.order_id = absl::StrCat("s-", id),
                     .content = {1, static_cast<uint64_t>(units)},
                     .location_id = absl::StrCat("s", 1 + Pick(2)),
                     .terminal_id = "till",
                     .business_day = "2026-11-27",
                     .sequence = 1 + Pick(1'000'000),
                     .lines = {{.line_id = "l0", .sku = "c", .quantity = Quantity(units)}}});
  }

  SimWorld& world_;
  std::mt19937_64 random_;
  std::vector<std::string> orders_;
  std::set<std::string> carry_out_;
};

SimOptions Storm(uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<uint64_t>(n)); };
  return {.seed = seed,
          .downtime = pick(3) == 0 ? Seconds(200) : Milliseconds(pick(2'000)),
          .late_messages = pick(2) == 0,
          .clients_retry = true,
          .lose_request = pick(2) * pick(200),
          .lose_answer = pick(2) * pick(200),
          .crash = pick(3) * pick(8),
          .shuffle = pick(2) == 0};
}

// What one run comes to, for comparison with another of the same seed, and which rare things have
// happened in it.
struct Trace {
  std::string log;
  int steps = 0;
  int crashes = 0;
  int placed = 0;
  int refused = 0;
  int shortened = 0;
  int held_again = 0;
  int confirm_failed = 0;
  int rerouted = 0;
  int awaiting_stock = 0;
  int shipped_late = 0;
  int backordered = 0;
  int filled = 0;
  int kept_back = 0;
  int hold_expired = 0;
  int expired = 0;
  int extended = 0;
  int edited = 0;
  int edit_refused = 0;
};

void Observe(SimWorld& world, Trace& trace) {
  for (const auto& [request_id, reply] : world.placed) {
    const Placed* placed = std::get_if<Placed>(&reply);
    placed == nullptr ? ++trace.refused : ++trace.placed;
    if (placed != nullptr && !placed->dropped.empty()) ++trace.shortened;
  }
  for (const auto& [request_id, reply] : world.edited) {
    std::holds_alternative<std::string>(reply) ? ++trace.edited : ++trace.edit_refused;
  }
  trace.held_again = world.stock().reholds();
  trace.filled = world.CountRecords(events::v1::BACKORDER_RELEASED);
  trace.expired = world.CountRecords(events::v1::PICKUP_EXPIRING);
  trace.extended = world.CountRecords(events::v1::PICKUP_EXTENDED);
  const State& state = world.app().engine().state();
  for (const auto& [id, order] : state.orders) {
    for (const OrderLine& line : order.lines) {
      if (!line.backorder) continue;
      if (line.backordered.IsPositive()) ++trace.backordered;
    }
    for (const Hold& hold : order.holds) {
      ++trace.kept_back;
      if (hold.state == HoldState::kExpired) ++trace.hold_expired;
    }
    for (const Attempt& attempt : order.attempts) {
      if (attempt.number > 1) ++trace.rerouted;
      if (attempt.state == AttemptState::kFailed) ++trace.confirm_failed;
    }
  }
  for (const auto& [position, item] : state.exceptions) {
    if (item.kind == ExceptionKind::kAwaitingStock) ++trace.awaiting_stock;
    if (item.kind == ExceptionKind::kShippedAfterCancel) ++trace.shipped_late;
  }
}

bool HasPending(SimWorld& world) {
  const State& state = world.app().engine().state();
  return std::any_of(state.orders.begin(), state.orders.end(), [](const auto& entry) {
    return StateOf(entry.second) == OrderState::kPending;
  });
}

// Somebody else holds most of what is there for a while.
void TakeWhatIsThere(SimWorld& world, const std::string& who) {
  StockReserve request = {.request_id = who, .owner_id = who, .lines = {}, .ttl = Seconds(300)};
  for (const auto& [sku, location] : world.stock().Places()) {
    const int64_t units = world.stock().Available(sku, location) * 3 / 4;
    if (units == 0) continue;
    request.lines.push_back({absl::StrCat(request.lines.size()), sku, location, Quantity(units)});
  }
  if (!request.lines.empty()) world.stock().Reserve(request);
}

Trace RunDay(uint64_t seed) {
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  SimWorld world(Storm(seed));
  for (const auto& [sku, units] : kInitial) {
    const int64_t in_store = units / 4;
    world.stock().Put(sku, "s1", in_store);
    world.stock().Put(sku, "s2", in_store);
    world.stock().Put(sku, "w1", units - 2 * in_store);
  }
  Day(world).Fill();
  std::mt19937_64 weather(seed + 1);
  for (int hour = 0; hour < 8; ++hour) {
    if (weather() % 3 == 0) world.FreezeMirror();
    if (weather() % 2 == 0) {
      // Stock goes away just when an order waits for its confirm; the hold expires, and somebody
      // else may have the units when stock is back.
      world.Run(Seconds(60), [&] { return HasPending(world); });
      world.set_stock_down(true);
      world.Run(Milliseconds(static_cast<int64_t>(weather() % 2'000)));
      world.clock().Advance(kHoldTtl);
      if (weather() % 2 == 0) TakeWhatIsThere(world, absl::StrCat("other-", hour));
      world.set_stock_down(false);
    }
    world.Run(Milliseconds(static_cast<int64_t>(weather() % 200'000)));
  }
  world.StopFaults();
  world.Run(Hours(2));
  // Some holds end by themselves, and what they kept back goes on.
  world.clock().Advance(Seconds(1'000));
  world.Run(Hours(2));
  // The others' holds have ended.
  world.clock().Advance(Seconds(300));
  Trace trace = {.log = world.LogBytes(), .steps = world.steps(), .crashes = world.crashes()};
  Observe(world, trace);
  world.CheckEverything(kInitial);
  return trace;
}

uint64_t EnvironmentOr(const char* name, uint64_t fallback) {
  const char* text = std::getenv(name);
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

TEST(SagaSimulationTest, EveryPromiseHoldsAfterTheStorm) {
  const uint64_t runs = EnvironmentOr("ORDERS_SIM_RUNS", kSanitized ? 150 : 2'000);
  const uint64_t first = TestSeed();
  const uint64_t last = ChosenSeed() ? first : first + runs - 1;
  Trace sum;
  for (uint64_t seed = first; seed <= last; ++seed) {
    const Trace trace = RunDay(seed);
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
    sum.steps += trace.steps;
    sum.crashes += trace.crashes;
    sum.placed += trace.placed;
    sum.refused += trace.refused;
    sum.shortened += trace.shortened;
    sum.held_again += trace.held_again;
    sum.confirm_failed += trace.confirm_failed;
    sum.rerouted += trace.rerouted;
    sum.awaiting_stock += trace.awaiting_stock;
    sum.shipped_late += trace.shipped_late;
    sum.backordered += trace.backordered;
    sum.filled += trace.filled;
    sum.kept_back += trace.kept_back;
    sum.hold_expired += trace.hold_expired;
    sum.expired += trace.expired;
    sum.extended += trace.extended;
    sum.edited += trace.edited;
    sum.edit_refused += trace.edit_refused;
  }
  std::cout << sum.steps << " steps, " << sum.crashes << " crashes, " << sum.placed << " placed, "
            << sum.refused << " refused, " << sum.shortened << " shortened, " << sum.held_again
            << " held again, " << sum.confirm_failed << " confirms failed, " << sum.rerouted
            << " rerouted, " << sum.awaiting_stock << " awaiting stock, " << sum.shipped_late
            << " shipped late, " << sum.backordered << " lines back-ordered, " << sum.filled
            << " filled, " << sum.kept_back << " kept back, " << sum.hold_expired
            << " holds expired, " << sum.expired << " pickups expiring, " << sum.extended
            << " extended, " << sum.edited << " edited, " << sum.edit_refused << " edits refused\n";
  if (last - first < 100) return;
  // The rare branches did run.
  for (const int count :
       {sum.crashes, sum.placed, sum.refused, sum.shortened, sum.held_again, sum.confirm_failed,
        sum.rerouted, sum.awaiting_stock, sum.shipped_late, sum.backordered, sum.filled,
        sum.kept_back, sum.hold_expired, sum.expired, sum.extended, sum.edited, sum.edit_refused}) {
    EXPECT_GT(count, 0);
  }
}

TEST(SagaSimulationTest, TheSameSeedTwiceEndsAlike) {
  for (const uint64_t seed : {11u, 12u, 13u}) {
    const Trace first = RunDay(seed);
    const Trace second = RunDay(seed);
    EXPECT_EQ(first.steps, second.steps);
    EXPECT_EQ(first.crashes, second.crashes);
    EXPECT_TRUE(first.log == second.log) << "seed " << seed;
  }
}

}  // namespace
}  // namespace quartermaster::orders
