#include "services/orders/domain/transitions.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace quartermaster::orders {
namespace {

constexpr TaskAction kActions[] = {
    TaskAction::kAccept, TaskAction::kReject,    TaskAction::kPick,    TaskAction::kPack,
    TaskAction::kShip,   TaskAction::kMarkReady, TaskAction::kHandOver};

// Rows: states from CREATED to CANCELLED; columns: accept, reject, pick, pack, ship, ready, hand
// over. A dot is illegal; else the first letters of the state it leads to.
const std::map<Method, std::map<TaskState, std::string>> kExpected = {
    {Method::kShip,
     {{TaskState::kCreated, "AC RE PI . SH . ."},
      {TaskState::kAccepted, ". RE PI . SH . ."},
      {TaskState::kPicked, ". RE PI PA SH . ."},
      {TaskState::kPacked, ". RE PA . SH . ."},
      {TaskState::kShipped, ". . . . . . ."},
      {TaskState::kReadyForPickup, ". . . . . . ."},
      {TaskState::kHandedOver, ". . . . . . ."},
      {TaskState::kRejected, ". . . . . . ."},
      {TaskState::kCancelled, ". . . . . . ."}}},
    {Method::kPickup,
     {{TaskState::kCreated, "AC RE PI . . . ."},
      {TaskState::kAccepted, ". RE PI . . . ."},
      {TaskState::kPicked, ". RE PI PA . RE ."},
      {TaskState::kPacked, ". RE PA . . RE ."},
      {TaskState::kShipped, ". . . . . . ."},
      {TaskState::kReadyForPickup, ". . RE . . . HA"},
      {TaskState::kHandedOver, ". . . . . . ."},
      {TaskState::kRejected, ". . . . . . ."},
      {TaskState::kCancelled, ". . . . . . ."}}},
};

TEST(Transitions, EveryMoveIsAsTheTableSays) {
  for (const auto& [method, rows] : kExpected) {
    ASSERT_EQ(rows.size(), 9u);
    for (const auto& [state, row] : rows) {
      std::string actual;
      for (const TaskAction action : kActions) {
        const auto next = NextState(method, state, action);
        if (!actual.empty()) actual += " ";
        actual += next.has_value() ? std::string(NameOf(*next).substr(0, 2)) : ".";
      }
      EXPECT_EQ(actual, row) << NameOf(state);
    }
  }
  // RE stands for two states; they are told apart here.
  EXPECT_EQ(NextState(Method::kPickup, TaskState::kPicked, TaskAction::kReject),
            TaskState::kRejected);
  EXPECT_EQ(NextState(Method::kPickup, TaskState::kPicked, TaskAction::kMarkReady),
            TaskState::kReadyForPickup);
  EXPECT_EQ(NextState(Method::kPickup, TaskState::kReadyForPickup, TaskAction::kPick),
            TaskState::kReadyForPickup);
}

TEST(Transitions, AllowedMethodsAreThoseOfTheTable) {
  EXPECT_EQ(
      AllowedMethods(Method::kShip, TaskState::kCreated),
      (std::vector<std::string>{"AcceptTask", "RejectTask", "RecordPick", "RecordShipments"}));
  EXPECT_EQ(AllowedMethods(Method::kPickup, TaskState::kReadyForPickup),
            (std::vector<std::string>{"RecordPick", "HandOver"}));
  EXPECT_TRUE(AllowedMethods(Method::kShip, TaskState::kShipped).empty());
}

TEST(Transitions, NamesAreTheApis) {
  EXPECT_EQ(NameOf(TaskState::kReadyForPickup), "READY_FOR_PICKUP");
  EXPECT_EQ(NameOf(TaskState::kCancelled), "CANCELLED");
  EXPECT_EQ(NameOf(OrderState::kAwaitingStock), "AWAITING_STOCK");
  EXPECT_EQ(NameOf(ReturnState::kUnmatched), "UNMATCHED");
  EXPECT_EQ(NameOf(ExceptionKind::kStockConflict), "STOCK_CONFLICT");
  EXPECT_EQ(NameOf(ExceptionKind::kPickConflict), "PICK_CONFLICT");
  EXPECT_EQ(NameOf(ExceptionKind::kNotReturnable), "NOT_RETURNABLE");
  EXPECT_EQ(NameOf(ExceptionKind::kStalled), "STALLED");
  EXPECT_EQ(NameOf(TaskAction::kHandOver), "HandOver");
}

}  // namespace
}  // namespace quartermaster::orders
