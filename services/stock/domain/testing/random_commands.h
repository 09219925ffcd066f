// RandomCommands: commands of every kind, likely to meet each other: few names, few owners,
// quantities at the edges of what is available.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_TESTING_RANDOM_COMMANDS_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_TESTING_RANDOM_COMMANDS_H_

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/stock/domain/commands.h"
#include "services/stock/domain/state.h"

namespace quartermaster::stock {

class RandomCommands {
 public:
  explicit RandomCommands(uint64_t seed) : random_(seed) {}

  // A command for this state; often one that will be refused. Never a query.
  Command Next(const State& state, Instant now);
  // Whether lines may wait for supply; they do not unless told so.
  void set_waits(bool waits) { waits_ = waits; }
  // How long to wait before it; often not at all.
  Micros NextWait();
  // 0 to n - 1.
  int Below(int n) { return static_cast<int>(random_() % static_cast<uint64_t>(n)); }

 private:
  // A size, as Below takes it.
  static int AsInt(size_t size) { return static_cast<int>(size); }
  bool OneIn(int n) { return Below(n) == 0; }
  std::string Name(char prefix, int count) {
    return absl::StrCat(absl::string_view(&prefix, 1), Below(count));
  }
  // At least 1: small, huge, or at the edge of `available`.
  Quantity Amount(Quantity available);
  HoldLines Lines(const State& state);
  ReservationId AnyReservation(const State& state);
  Command OnReservation(const State& state, Instant now);
  FulfilReservation Fulfil(const State& state, ReservationId id, Instant now);
  BindReservation Bind(const State& state, ReservationId id);
  std::vector<LinePart> Parts(const State& state, ReservationId id);
  AdjustStock Fact(const State& state);
  // A message of one of a few sources: mostly its next, sometimes one that was skipped.
  SourceMessage Message(const State& state);
  // A part of a count that was begun, a new count, or a part that came before.
  StageCount Stage(const State& state, Instant now);
  ChangeCondition Change(const State& state);
  Condition AnyCondition() { return static_cast<Condition>(1 + Below(5)); }
  SetStockPolicy Policy(const State& state);
  SetChannel Channel(const State& state);
  SetAllotment Allotment(const State& state);
  DefineKit Kit(const State& state);
  // Of a few transfers; facts in any order, and often of more or fewer than there are.
  Command OnTransfer(const State& state, Instant now);
  // Of a few purchase orders, each of two lines.
  Command OnSupply(const State& state, Instant now);
  TransferStock Transfer(const State& state);
  // Of the latest line with units in two places, from one of them; from the other comes second.
  std::optional<TransferStock> OfALineInTwoPlaces(const State& state);
  template <typename Fact>
  Fact TransferFact(const State& state, Instant now);

  std::mt19937_64 random_;
  // Parts that are still to come, and some that came.
  std::vector<StageCount> parts_, staged_;
  // Reservations, in the order of ids.
  std::vector<ReservationId> seen_ = {ReservationId::kNone};
  // Facts with a message, to be told again.
  std::vector<AdjustStock> told_;
  std::vector<FulfilReservation> fulfilled_;
  std::vector<ReceiveSupply> received_;
  std::vector<Command> told_transfers_;
  int counts_ = 0;
  std::vector<TransferStock> transfers_;
  std::optional<TransferStock> second_;
  bool waits_ = false;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_TESTING_RANDOM_COMMANDS_H_
