// The tables, pair by pair, against what is written here by hand.
#include "services/orders/domain/transitions.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "services/orders/domain/payment_moves.h"
#include "services/orders/domain/testing/enum_values.h"

namespace quartermaster::orders {
namespace {

// A row for what does not exist yet and for each state, a column for each action, in the order of
// the enums. A dot is illegal; else the first letters of the state it leads to, with a mark: "+"
// for a fact, "!" for a conflict, "*" for a consequence.
template <typename State, typename Action>
std::string Drawn(const StateTable<State, Action>& table) {
  std::vector<std::optional<State>> rows = {kNotYet};
  for (const State state : ValuesOf<State>()) rows.emplace_back(state);
  std::string drawn = "\n";
  for (const std::optional<State>& from : rows) {
    std::string row(from.has_value() ? NameOf(*from) : "-");
    size_t width = 17;
    for (const Action action : ValuesOf<Action>()) {
      row.resize(width, ' ');
      width += 5;
      const auto next = table.Next(from, action);
      const auto conflict = table.Conflict(from, action);
      EXPECT_FALSE(next.has_value() && conflict.has_value());
      if (!next.has_value() && !conflict.has_value()) row += ".";
      if (next.has_value()) row += NameOf(*next).substr(0, 3);
      if (conflict.has_value()) row += std::string(NameOf(*conflict).substr(0, 3)) + "!";
      for (const Move<State, Action>& move : table.moves()) {
        if (move.from != from || move.action != action) continue;
        if (move.kind == MoveKind::kFact) row += "+";
        if (move.kind == MoveKind::kConsequence) row += "*";
      }
    }
    drawn += row + "\n";
  }
  return drawn;
}

// accept, reject, pick, pack, ship, ship a part, mark ready, extend, hand over, put back, set a
// proxy; create, expire, complete, cancel
TEST(Transitions, OfTasksThatShip) {
  EXPECT_EQ(Drawn(TaskMoves(Method::kShip)), R"(
-                .    .    .    .    .    .    .    .    .    .    .    CRE* .    .    .
CREATED          ACC  REJ  PIC+ .    SHI+ ACC+ .    .    .    .    .    .    .    .    CAN*
ACCEPTED         .    REJ  PIC+ .    SHI+ ACC+ .    .    .    .    .    .    .    SHI* CAN*
PICKED           .    REJ  PIC+ PAC  SHI+ PIC+ .    .    .    .    .    .    .    SHI* CAN*
PACKED           .    REJ  PAC+ .    SHI+ PAC+ .    .    .    .    .    .    .    SHI* CAN*
SHIPPED          .    .    SHI! .    SHI! SHI! .    .    .    .    .    .    .    .    .
READY_FOR_PICKUP .    .    .    .    .    .    .    .    .    .    .    .    .    .    .
HANDED_OVER      .    .    .    .    .    .    .    .    .    .    .    .    .    .    .
REJECTED         .    .    REJ! .    SHI! SHI! .    .    .    .    .    .    .    .    .
CANCELLED        .    .    CAN! .    SHI! SHI! .    .    .    .    .    .    .    .    .
EXPIRING         .    .    .    .    .    .    .    .    .    .    .    .    .    .    .
EXPIRED          .    .    .    .    .    .    .    .    .    .    .    .    .    .    .
)");
}

TEST(Transitions, OfTasksToPickUp) {
  EXPECT_EQ(Drawn(TaskMoves(Method::kPickup)), R"(
-                .    .    .    .    .    .    .    .    .    .    .    CRE* .    .    .
CREATED          ACC  REJ  PIC+ .    .    .    .    .    .    .    .    .    .    .    CAN*
ACCEPTED         .    REJ  PIC+ .    .    .    .    .    .    .    .    .    .    .    CAN*
PICKED           .    REJ  PIC+ PAC  .    .    REA  .    .    .    .    .    .    .    CAN*
PACKED           .    REJ  PAC+ .    .    .    REA  .    .    .    .    .    .    .    CAN*
SHIPPED          .    .    .    .    .    .    .    .    .    .    .    .    .    .    .
READY_FOR_PICKUP .    .    REA+ .    .    .    .    REA  REA  .    REA  .    EXP* HAN* CAN*
HANDED_OVER      .    .    HAN! .    .    .    .    .    .    .    .    .    .    .    .
REJECTED         .    .    REJ! .    .    .    .    .    .    .    .    .    .    .    .
CANCELLED        .    .    CAN! .    .    .    .    .    .    .    .    .    .    .    .
EXPIRING         .    .    EXP+ .    .    .    .    REA  EXP  EXP  EXP  .    .    HAN* EXP*
EXPIRED          .    .    EXP! .    .    .    .    .    .    .    .    .    .    .    .
)");
}

// leave, deliver, refuse, lose, return to sender
TEST(Transitions, OfParcels) {
  EXPECT_EQ(Drawn(ParcelMoves()), R"(
-                SHI+ .    .    .    .
SHIPPED          .    DEL+ REF+ LOS+ RET+
DELIVERED        .    .    REF! DEL! RET!
REFUSED          .    DEL! .    LOS+ RET+
LOST             .    DEL+ REF+ .    RET+
RETURNED_TO_SENDE.    DEL! RET+ RET! .
)");
}

// EXP stands for two states; they are told apart here.
TEST(Transitions, OfPickupsThatNobodyFetches) {
  const TaskTable& table = TaskMoves(Method::kPickup);
  using enum TaskState;
  EXPECT_EQ(table.Next(kReadyForPickup, TaskAction::kExpire), kExpiring);
  EXPECT_EQ(table.Next(kExpiring, TaskAction::kHandOver), kExpiring);
  EXPECT_EQ(table.Next(kExpiring, TaskAction::kPutBack), kExpiring);
  EXPECT_EQ(table.Next(kExpiring, TaskAction::kCancel), kExpired);
  EXPECT_EQ(table.Conflict(kExpired, TaskAction::kPick), kExpired);
}

// announce, receive, receive unmatched, supersede, match
TEST(Transitions, OfReturns) {
  EXPECT_EQ(Drawn(ReturnMoves()), R"(
-                REQ  REC+ UNM! .    .    .
REQUESTED        .    REC+ .    REC* .    .
RECEIVED         .    .    .    .    .    REC
UNMATCHED        .    .    .    .    MAT  UNM
MATCHED          .    .    .    .    .    .
)");
}

// authorise, capture, void, void a part, refund, refund a part, fail
TEST(Transitions, OfPayments) {
  EXPECT_EQ(Drawn(PaymentMoves()), R"(
-                AUT+ CAP+ VOI! .    REF! .    FAI+
AUTHORISED       AUT+ CAP+ VOI+ AUT+ REF! .    FAI+
CAPTURED         CAP+ CAP+ CAP+ CAP+ REF+ CAP+ CAP+
VOIDED           AUT+ CAP! VOI! .    REF! .    VOI+
REFUNDED         AUT+ CAP+ REF+ REF+ REF! .    REF+
FAILED           AUT+ CAP! VOI+ FAI+ REF! .    FAI+
)");
}

// route, confirm, fail
TEST(Transitions, OfRoutingAttempts) {
  EXPECT_EQ(Drawn(AttemptMoves()), R"(
-                CON* .    .
CONFIRMING       .    CON+ FAI+
CONFIRMED        .    .    .
FAILED           .    .    .
)");
  // CON stands for two states; they are told apart here.
  EXPECT_EQ(AttemptMoves().Next(AttemptState::kConfirming, AttemptAction::kConfirm),
            AttemptState::kConfirmed);
}

TEST(Transitions, WhatBeginsIsWhereItsTableBegins) {
  EXPECT_EQ(Task{}.state, TaskMoves(Method::kShip).Next(kNotYet, TaskAction::kCreate));
  EXPECT_EQ(Task{}.state, TaskMoves(Method::kPickup).Next(kNotYet, TaskAction::kCreate));
  EXPECT_EQ(Return{}.state, ReturnMoves().Next(kNotYet, ReturnAction::kAnnounce));
  EXPECT_EQ(Attempt{}.state, AttemptMoves().Next(kNotYet, AttemptAction::kRoute));
}

TEST(Transitions, AFactIsRefusedInNoStateThatItsTasksCanBeIn) {
  for (const Method method : {Method::kShip, Method::kPickup}) {
    const TaskTable& table = TaskMoves(method);
    for (const auto& reached : table.moves()) {
      const auto has_move = [&](TaskAction action) {
        return table.Next(reached.to, action) || table.Conflict(reached.to, action);
      };
      EXPECT_TRUE(has_move(TaskAction::kPick)) << NameOf(reached.to);
      // Of what has shipped, it is a repetition.
      EXPECT_TRUE(method == Method::kPickup || reached.to == TaskState::kShipped ||
                  has_move(TaskAction::kShip))
          << NameOf(reached.to);
    }
  }
}

TEST(Transitions, NothingIsAllowedOfATaskThatHasEnded) {
  for (const Method method : {Method::kShip, Method::kPickup}) {
    for (const auto& reached : TaskMoves(method).moves()) {
      const Task task{.method = method, .state = reached.to};
      EXPECT_EQ(AllowedMethods(method, reached.to).empty(), task.ended()) << NameOf(reached.to);
    }
  }
}

TEST(Transitions, AFactFillsInWhatItLeavesOut) {
  // The last move from one state to another.
  const auto filled_in = [](const auto& table, auto from, auto to) {
    std::string names;
    for (const auto& move : table.moves()) {
      if (move.from != from || move.to != to) continue;
      names = std::string(NameOf(move.action)) + ":";
      for (const auto state : table.FilledIn(move)) names += " " + std::string(NameOf(state));
    }
    return names;
  };
  const TaskTable& ship = TaskMoves(Method::kShip);
  const TaskTable& pickup = TaskMoves(Method::kPickup);
  using enum TaskState;
  EXPECT_EQ(filled_in(ship, kCreated, kShipped), "RecordShipments: ACCEPTED PICKED PACKED");
  EXPECT_EQ(filled_in(ship, kPicked, kShipped), "RecordShipments: PACKED");
  EXPECT_EQ(filled_in(ship, kPacked, kShipped), "RecordShipments:");
  EXPECT_EQ(filled_in(ship, kCreated, kPicked), "RecordPick: ACCEPTED");
  EXPECT_EQ(filled_in(ParcelMoves(), std::optional<ParcelState>(), ParcelState::kShipped),
            "RecordShipments:");
  EXPECT_EQ(filled_in(ship, kPacked, kPacked), "RecordShipments of a part:");
  EXPECT_EQ(filled_in(ship, kCancelled, kShipped), "RecordShipments:") << "it is no detour";
  EXPECT_EQ(filled_in(pickup, kPicked, kReadyForPickup), "MarkReadyForPickup:")
      << "packing is optional";
  EXPECT_EQ(filled_in(ReturnMoves(), std::optional<ReturnState>(), ReturnState::kReceived),
            "ReceiveReturn: REQUESTED");
  EXPECT_EQ(filled_in(AttemptMoves(), AttemptState::kConfirming, AttemptState::kFailed),
            "stock refuses:");
}

TEST(Transitions, AllowedMethodsAreThoseOfTheTable) {
  EXPECT_EQ(
      AllowedMethods(Method::kShip, TaskState::kCreated),
      (std::vector<std::string>{"AcceptTask", "RejectTask", "RecordPick", "RecordShipments"}));
  EXPECT_EQ(AllowedMethods(Method::kPickup, TaskState::kReadyForPickup),
            (std::vector<std::string>{"RecordPick", "HandOver", "ExtendPickup", "SetPickupProxy"}));
  EXPECT_EQ(AllowedMethods(Method::kPickup, TaskState::kExpiring),
            (std::vector<std::string>{"RecordPick", "HandOver", "ExtendPickup", "SetPickupProxy",
                                      "PutBack"}));
  EXPECT_TRUE(AllowedMethods(Method::kShip, TaskState::kShipped).empty());
  EXPECT_TRUE(AllowedMethods(Method::kShip, TaskState::kCancelled).empty()) << "only recorded";
  EXPECT_EQ(AllowedMethods(ReturnState::kRequested), std::vector<std::string>{"ReceiveReturn"});
  EXPECT_EQ(AllowedMethods(ReturnState::kReceived), std::vector<std::string>{"InspectReturn"});
  EXPECT_TRUE(AllowedMethods(ReturnState::kMatched).empty());
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
