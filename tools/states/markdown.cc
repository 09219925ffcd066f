#include "tools/states/markdown.h"

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "services/base/absl_view.h"
#include "services/orders/domain/derived_state.h"
#include "services/orders/domain/payment_moves.h"
#include "services/orders/domain/transitions.h"

namespace quartermaster::orders {

namespace {

constexpr absl::string_view kIntroduction =
    R"(# The states of orders, and what moves them

Made from the tables in `domain/transitions.cc` and `domain/payment_moves.cc`, and the rules in `domain/derived_state.cc`: change
those, then run `QM_REWRITE=1 build/release/tests/order_states_test`. Decide and Apply go by the same
tables. What is not in one is illegal.

| Kind | What it means |
|---|---|
| request | somebody asks. Where it is illegal it is refused, with the state and what is allowed there |
| fact | it has happened. States that it leaves out are filled in: they count as passed |
| conflict | a fact that contradicts the state. It is recorded, and what does not fit becomes an exception |
| consequence | follows from what happened elsewhere; nobody asks for it |

The diagrams leave out what does not change the state. A repetition of what has been done changes
nothing, and is not in the tables either.
)";

template <typename Enum>
absl::string_view Name(Enum value) {
  return AbslView(NameOf(value));
}

template <typename State>
absl::string_view NameOrStart(const std::optional<State>& state) {
  return state.has_value() ? Name(*state) : "[*]";
}

template <typename State, typename Action>
std::string Diagram(const StateTable<State, Action>& table) {
  std::string out = "```mermaid\nstateDiagram-v2\n";
  std::set<State> ends;
  for (const auto& move : table.moves()) {
    if (move.from == move.to) continue;
    absl::StrAppend(&out, "  ", NameOrStart(move.from), " --> ", Name(move.to), " : ",
                    Name(move.action), move.kind == MoveKind::kConflict ? " (conflict)" : "", "\n");
    // What leads nowhere else is an end.
    const bool leads_on =
        std::any_of(table.moves().begin(), table.moves().end(), [&move](const auto& next) {
          return next.kind != MoveKind::kConflict && next.from == move.to && next.to != move.to;
        });
    if (!leads_on) ends.insert(move.to);
  }
  for (const State end : ends) absl::StrAppend(&out, "  ", Name(end), " --> [*]\n");
  return out + "```\n";
}

template <typename State, typename Action>
std::string Moves(const StateTable<State, Action>& table) {
  std::string out =
      "| State | What happens | Kind | Next state | Fills in |\n|---|---|---|---|---|\n";
  for (const auto& move : table.moves()) {
    std::string filled_in;
    for (const State state : table.FilledIn(move)) {
      absl::StrAppend(&filled_in, filled_in.empty() ? "" : ", ", Name(state));
    }
    absl::StrAppend(&out, "| ", NameOrStart(move.from), " | ", Name(move.action), " | ",
                    Name(move.kind), " | ", Name(move.to), " | ", filled_in, " |\n");
  }
  return out;
}

template <typename State, typename Action>
std::string Machine(absl::string_view title, absl::string_view what,
                    const StateTable<State, Action>& table) {
  return absl::StrCat("\n## ", title, "\n\n", what, "\n\n", Diagram(table), "\n", Moves(table));
}

template <typename Rule>
std::string Rules(absl::string_view title, absl::string_view what, std::span<const Rule> rules) {
  std::string out = absl::StrCat("\n## ", title, "\n\n", what, "\n\n| State | If |\n|---|---|\n");
  for (const Rule& rule : rules) {
    absl::StrAppend(&out, "| ", Name(rule.state), " | ", AbslView(rule.condition), " |\n");
  }
  return out;
}

}  // namespace

std::string StatesPage() {
  return absl::StrCat(
      kIntroduction,
      Rules(
          "Order",
          "Never stored: it follows from the lines and the routing attempts. The first rule that\n"
          "holds gives the state.",
          OrderRules()),
      Rules(
          "Line",
          "Follows from where its units are, those that are least far first. The first rule that\n"
          "holds gives the state.",
          LineRules()),
      Machine(
          "Task that ships",
          "The work of a location for units that are sent from there. No unit is left in it when\n"
          "the last one has been cancelled or is missing.",
          TaskMoves(Method::kShip)),
      Machine("Pickup",
              "The work of a store for units that the customer fetches. No unit is left in it when "
              "the\n"
              "last one has been handed over, refused, cancelled or is missing.",
              TaskMoves(Method::kPickup)),
      Machine(
          "Parcel",
          "What left a location in one piece, as its carrier tells it. News of an earlier time\n"
          "than that of what is known changes nothing.",
          ParcelMoves()),
      Machine("Return",
              "Goods that come back. Another receipt of a return that has been received is a\n"
              "return of its own.",
              ReturnMoves()),
      Machine("Payment",
              "One tender of an order, as its provider tells of it. A refund of more than was\n"
              "collected is a conflict, too.",
              PaymentMoves()),
      Machine(
          "Routing attempt",
          "A routing decision whose units stock holds, and is asked to confirm. What it refuses\n"
          "awaits stock, as an exception.",
          AttemptMoves()));
}

}  // namespace quartermaster::orders
