// StateTable: a state machine as data, for whoever decides, applies, tests or draws it. What is not
// in the table is illegal.
//
//   constexpr Move<TaskState, TaskAction> kMoves[] = {
//       {kNotYet, kCreate, kCreated, MoveKind::kConsequence},
//       {kCreated, kPick, kPicked, MoveKind::kFact},
//       {kPicked, kPack, kPacked, MoveKind::kRequest},
//       {kCancelled, kPick, kCancelled, MoveKind::kConflict},
//   };
//   constexpr TaskState kCourse[] = {kCreated, kAccepted, kPicked, kPacked};
//   constexpr StateTable kTable(kMoves, kCourse);
//
//   kTable.Next(kPicked, kPack)        -> kPacked
//   kTable.Next(kCreated, kPack)       -> nothing: illegal
//   kTable.Allowed(kCreated)           -> {kPick}
//   kTable.FilledIn(kMoves[1])         -> {kAccepted}
//   kTable.Conflict(kCancelled, kPick) -> kCancelled, and people look at it
#ifndef QUARTERMASTER_SERVICES_ORDERS_DOMAIN_STATE_TABLE_H_
#define QUARTERMASTER_SERVICES_ORDERS_DOMAIN_STATE_TABLE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace quartermaster::orders {

enum class MoveKind : uint8_t {
  // Asked for: refused where the table does not have it.
  kRequest,
  // Has happened: states of the usual course that it leaves out count as passed.
  kFact,
  // A fact that contradicts what is known: recorded, and people must look at it.
  kConflict,
  // Follows from what happened elsewhere; nobody asks for it or reports it by itself.
  kConsequence,
};

// Where that comes from which does not exist.
inline constexpr std::nullopt_t kNotYet = std::nullopt;

template <typename State, typename Action>
struct Move {
  std::optional<State> from;
  Action action;
  State to;
  MoveKind kind;
};

// Points to the arrays that it is made of.
template <typename State, typename Action>
class StateTable {
 public:
  // `course`: the states of one for which all goes as usual, in order.
  template <size_t kMoveCount, size_t kStateCount>
  constexpr StateTable(const Move<State, Action> (&moves)[kMoveCount],
                       const State (&course)[kStateCount])
      : moves_(moves), course_(course) {}

  // Where the action leads. Empty: it is illegal there, or a conflict.
  constexpr std::optional<State> Next(std::optional<State> from, Action action) const {
    const Move<State, Action>* move = Find(from, action);
    if (move == nullptr || move->kind == MoveKind::kConflict) return std::nullopt;
    return move->to;
  }

  // Where a fact leads that contradicts the state. Empty: it does not, or it is no fact.
  constexpr std::optional<State> Conflict(std::optional<State> from, Action action) const {
    const Move<State, Action>* move = Find(from, action);
    if (move == nullptr || move->kind != MoveKind::kConflict) return std::nullopt;
    return move->to;
  }

  // What may be asked or reported there, in the order of the table.
  std::vector<Action> Allowed(State from) const {
    std::vector<Action> actions;
    for (const Move<State, Action>& move : moves_) {
      if (move.from == from && (move.kind == MoveKind::kRequest || move.kind == MoveKind::kFact)) {
        actions.push_back(move.action);
      }
    }
    return actions;
  }

  // The states of the course between both ends of a fact. Of other moves none: a request may leave
  // out what is optional.
  std::vector<State> FilledIn(const Move<State, Action>& move) const {
    std::vector<State> between;
    if (move.kind != MoveKind::kFact) return between;
    bool passed = !move.from.has_value();
    for (const State state : course_) {
      if (state == move.to) return between;
      if (passed) between.push_back(state);
      passed = passed || state == move.from;
    }
    return {};  // it leaves the course
  }

  // Each pair of state and action has at most one move.
  constexpr bool IsUnambiguous() const {
    return std::all_of(moves_.begin(), moves_.end(), [this](const Move<State, Action>& move) {
      return Find(move.from, move.action) == &move;
    });
  }

  constexpr std::span<const Move<State, Action>> moves() const { return moves_; }

 private:
  constexpr const Move<State, Action>* Find(std::optional<State> from, Action action) const {
    for (const Move<State, Action>& move : moves_) {
      if (move.from == from && move.action == action) return &move;
    }
    return nullptr;
  }

  std::span<const Move<State, Action>> moves_;
  std::span<const State> course_;
};

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_STATE_TABLE_H_
