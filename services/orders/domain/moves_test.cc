// That Decide and Apply go by the tables: each action in each state that a thing can be in.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "services/orders/domain/apply.h"
#include "services/orders/domain/testing/world.h"
#include "services/orders/domain/transitions.h"

namespace quartermaster::orders {
namespace {

constexpr Method kMethods[] = {Method::kShip, Method::kPickup};

// Than any other deadline here.
constexpr Instant kLater{1'800'000'000'000'000};

const std::map<TaskAction, Command>& Commands() {
  static const auto* const commands = new std::map<TaskAction, Command>{
      {TaskAction::kAccept, AcceptTask{.task_id = "o.t1"}},
      {TaskAction::kReject, RejectTask{.task_id = "o.t1"}},
      // One less than there is: so it contradicts every end.
      {TaskAction::kPick, RecordPick{.task_id = "o.t1", .lines = {{"a", Quantity(1)}}}},
      {TaskAction::kPack, PackTask{.task_id = "o.t1"}},
      {TaskAction::kShip, RecordShipment{.task_id = "o.t1"}},
      {TaskAction::kShipPart,
       RecordShipment{.task_id = "o.t1", .parcel_key = "first", .lines = {{"b", Quantity(1)}}}},
      {TaskAction::kMarkReady, MarkReadyForPickup{.task_id = "o.t1", .code_hmac = "code"}},
      // Something is left, so that it does not complete the task.
      {TaskAction::kHandOver,
       HandOver{
           .task_id = "o.t1", .code_hmac = "code", .lines = {{"b", Quantity(1), Quantity(0)}}}},
      {TaskAction::kExtend,
       ExtendPickup{.task_id = "o.t1", .closes = std::vector<Instant>(7, kLater)}},
      {TaskAction::kPutBack, PutBack{.task_id = "o.t1", .lines = {{"b", Quantity(1)}}}},
  };
  return *commands;
}

const std::map<TaskAction, Event>& Events() {
  static const auto* const events = new std::map<TaskAction, Event>{
      {TaskAction::kAccept, TaskAccepted{.order_id = "o", .task = 1}},
      {TaskAction::kReject, TaskRejected{.order_id = "o", .task = 1, .reroute = true}},
      {TaskAction::kPick, TaskPicked{.order_id = "o", .task = 1}},
      {TaskAction::kPack, TaskPacked{.order_id = "o", .task = 1}},
      {TaskAction::kShip, TaskShipped{.order_id = "o", .task = 1}},
      {TaskAction::kShipPart,
       TaskShipped{.order_id = "o", .task = 1, .lines = {{1, Quantity(1)}}, .parcel_key = "first"}},
      {TaskAction::kMarkReady, PickupReady{.order_id = "o", .task = 1, .code_hmac = "code"}},
      {TaskAction::kHandOver, TaskHandedOver{.order_id = "o", .task = 1}},
      {TaskAction::kExtend, PickupExtended{.order_id = "o", .task = 1}},
      {TaskAction::kExpire, PickupExpiring{.order_id = "o", .task = 1}},
  };
  return *events;
}

std::vector<Command> WayTo(TaskState state) {
  const RecordPick pick{.task_id = "o.t1"};
  const MarkReadyForPickup ready{.task_id = "o.t1", .code_hmac = "code"};
  switch (state) {
    case TaskState::kCreated:
      return {};
    case TaskState::kAccepted:
      return {AcceptTask{.task_id = "o.t1"}};
    case TaskState::kPicked:
      return {pick};
    case TaskState::kPacked:
      return {pick, PackTask{.task_id = "o.t1"}};
    case TaskState::kShipped:
      return {RecordShipment{.task_id = "o.t1"}};
    case TaskState::kReadyForPickup:
    case TaskState::kExpiring:
    case TaskState::kExpired:
      return {pick, ready};
    case TaskState::kHandedOver:
      return {pick, ready, HandOver{.task_id = "o.t1", .code_hmac = "code"}};
    case TaskState::kRejected:
      return {RejectTask{.task_id = "o.t1"}};
    case TaskState::kCancelled:
      return {CancelOrder{.order_id = "o"}};
  }
  return {};
}

// The task o.t1 of lines a (2 units) and b (1), in that state.
World TaskIn(Method method, TaskState state) {
  World world;
  world.Place({.order_id = "o",
               .groups = {method == Method::kShip ? Ship("g") : Pickup("g", "w1")},
               .lines = {Line("a", 0, "s1", 2), Line("b", 0, "s2", 1)}});
  world.Confirm("o", 1);
  for (const Command& command : WayTo(state)) world.Do(command);
  if (state == TaskState::kExpiring || state == TaskState::kExpired) {
    world.Advance(world.task("o.t1").times.expires_at - world.now());
    world.DoDue();
  }
  if (state == TaskState::kExpired) world.Do(PutBack{.task_id = "o.t1"});
  EXPECT_EQ(world.task("o.t1").state, state);
  return world;
}

std::set<TaskState> StatesOf(const TaskTable& table) {
  std::set<TaskState> states;
  for (const auto& move : table.moves()) states.insert(move.to);
  return states;
}

TEST(Moves, DecideGoesByTheTableOfTasks) {
  for (const Method method : kMethods) {
    const TaskTable& table = TaskMoves(method);
    for (const TaskState state : StatesOf(table)) {
      for (const auto& [action, command] : Commands()) {
        SCOPED_TRACE(std::string(NameOf(method)) + " " + std::string(NameOf(state)) + " " +
                     std::string(NameOf(action)));
        World world = TaskIn(method, state);
        const Decision decision = world.Do(command);
        const TaskState after = world.task("o.t1").state;
        if (const auto next = table.Next(state, action)) {
          EXPECT_FALSE(decision.rejection.has_value() || decision.result.duplicate);
          EXPECT_EQ(after, *next);
        } else if (state == TaskState::kShipped && action == TaskAction::kShip) {
          EXPECT_TRUE(decision.result.duplicate);
        } else if (state == TaskState::kShipped && action == TaskAction::kShipPart) {
          EXPECT_TRUE(IsRejectedAs<QuantityExceedsOpen>(decision)) << "nothing was cancelled";
        } else if (const auto conflict = table.Conflict(state, action)) {
          EXPECT_FALSE(decision.rejection.has_value());
          // What has expired had been picked, and more: the pick tells nothing new.
          EXPECT_EQ(decision.result.duplicate, state == TaskState::kExpired);
          EXPECT_EQ(FindEvent<ExceptionRaised>(decision.events) == nullptr,
                    state == TaskState::kExpired);
          EXPECT_EQ(after, *conflict);
        } else {
          const auto* illegal = RejectedAs<IllegalTransition>(decision);
          ASSERT_NE(illegal, nullptr);
          EXPECT_EQ(illegal->state, NameOf(state));
          EXPECT_EQ(illegal->allowed, AllowedMethods(method, state));
          EXPECT_EQ(after, state);
        }
      }
    }
  }
}

TEST(MovesDeathTest, ApplyGoesByTheTableOfTasks) {
  for (const Method method : kMethods) {
    const TaskTable& table = TaskMoves(method);
    for (const TaskState from : StatesOf(table)) {
      const World world = TaskIn(method, from);
      for (const auto& [action, event] : Events()) {
        State state = world.state();
        if (const auto next = table.Next(from, action)) {
          Apply(state, event, 100, world.now());
          EXPECT_EQ(state.orders.at("o").tasks[0].state, *next) << NameOf(event);
        } else {
          EXPECT_DEATH(Apply(state, event, 100, world.now()), "check failed")
              << NameOf(event) << " " << NameOf(from);
        }
      }
      State state = world.state();
      const TaskShippedLate late{
          .order_id = "o", .task = 1, .lines = {{.index = 0, .quantity = Quantity(2)}}};
      // Units that have been cancelled can be late; of other tasks it is that there are none.
      const auto conflict = table.Conflict(from, TaskAction::kShipPart);
      if (conflict && from != TaskState::kShipped) {
        Apply(state, late, 100, world.now());
        EXPECT_EQ(state.orders.at("o").tasks[0].state, *conflict);
      } else {
        EXPECT_DEATH(Apply(state, late, 100, world.now()), "check failed") << NameOf(from);
      }
    }
  }
}

// The return o.r1 of a sale of three units, or u of what is no order's, in that state.
World ReturnIn(ReturnState state) {
  World world;
  world.Do(RecordSale{.order_id = "o", .location_id = "w1", .lines = {Line("a", 0, "s1", 3)}});
  if (state == ReturnState::kUnmatched) {
    world.Do(ReceiveReturn{.location_id = "w1",
                           .lines = {{.sku = "s1", .quantity = Quantity(1)}},
                           .unmatched_return_id = "u"});
  } else {
    world.Do(RequestReturn{.order_id = "o", .lines = {{"a", Quantity(1)}}});
  }
  if (state == ReturnState::kReceived) {
    world.Do(ReceiveReturn{.location_id = "w1", .return_id = "o.r1"});
  }
  return world;
}

TEST(Moves, DecideGoesByTheTableOfReturns) {
  for (const ReturnState state :
       {ReturnState::kRequested, ReturnState::kReceived, ReturnState::kUnmatched}) {
    World world = ReturnIn(state);
    const std::string return_id = state == ReturnState::kUnmatched ? "u" : "o.r1";
    ASSERT_EQ(FindReturn(world.state(), return_id)->state, state);
    const Decision decision = world.Do(ReceiveReturn{.location_id = "w2", .return_id = return_id});
    if (const auto next = ReturnMoves().Next(state, ReturnAction::kReceive)) {
      EXPECT_FALSE(decision.rejection.has_value());
      EXPECT_EQ(FindReturn(world.state(), return_id)->state, *next);
    } else {
      const auto* illegal = RejectedAs<IllegalTransition>(decision);
      ASSERT_NE(illegal, nullptr);
      EXPECT_EQ(illegal->state, NameOf(state));
      EXPECT_EQ(illegal->allowed, AllowedMethods(state));
    }
  }
}

TEST(MovesDeathTest, ApplyGoesByTheTableOfReturns) {
  const ReturnReceived again{
      .order_id = "o", .return_id = "o.r1", .location_id = "w", .lines = {{0, "s1", Quantity(1)}}};
  const ReturnReceived instead{.order_id = "o",
                               .return_id = "o.r2",
                               .location_id = "w",
                               .lines = {{0, "s1", Quantity(1)}},
                               .superseded = {{"o.r1", 0, Quantity(1)}}};
  for (const ReturnReceived& event : {again, instead}) {
    State state = ReturnIn(ReturnState::kRequested).state();
    Apply(state, event, 100, Instant{1});
    EXPECT_EQ(FindReturn(state, "o.r1")->state, ReturnState::kReceived);
    EXPECT_EQ(FindReturn(state, event.return_id)->state, ReturnState::kReceived);
    state = ReturnIn(ReturnState::kReceived).state();
    EXPECT_DEATH(Apply(state, event, 100, Instant{1}), "check failed");
  }
}

TEST(Moves, OfRoutingAttemptsAreMadeOnce) {
  const ReportStockConfirmed confirmed{.order_id = "o", .attempt = 1, .reservation_id = "r"};
  const ReportConfirmFailed failed{.order_id = "o", .attempt = 1, .reason = "INSUFFICIENT_STOCK"};
  const std::map<AttemptState, std::vector<Command>> ways = {
      {AttemptState::kConfirming, {}},
      {AttemptState::kConfirmed, {confirmed}},
      {AttemptState::kFailed, {failed}}};
  const std::map<AttemptAction, Command> answers = {{AttemptAction::kConfirm, confirmed},
                                                    {AttemptAction::kFail, failed}};
  for (const auto& [state, way] : ways) {
    for (const auto& [action, answer] : answers) {
      SCOPED_TRACE(std::string(NameOf(state)) + " " + std::string(NameOf(action)));
      World world;
      world.Place({.order_id = "o", .groups = {Ship("g")}, .lines = {Line("a", 0, "s1", 3)}});
      for (const Command& command : way) world.Do(command);
      ASSERT_EQ(world.order("o").attempts[0].state, state);
      const Decision decision = world.Do(answer);
      const AttemptState after = world.order("o").attempts[0].state;
      if (const auto next = AttemptMoves().Next(state, action)) {
        EXPECT_FALSE(decision.rejection.has_value() || decision.result.duplicate);
        EXPECT_EQ(after, *next);
      } else {
        // The same answer again is a repetition; the other one is of a question that is closed.
        const bool same = AttemptMoves().Next(AttemptState::kConfirming, action) == state;
        EXPECT_EQ(decision.result.duplicate, same);
        EXPECT_EQ(IsRejectedAs<IntentStale>(decision), !same);
        EXPECT_EQ(after, state);
      }
    }
  }
}

}  // namespace
}  // namespace quartermaster::orders
