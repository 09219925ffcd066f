// RandomCommands: commands of every kind, likely to meet each other: few names, few owners,
// quantities at the edges of what is available.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_TESTING_RANDOM_COMMANDS_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_TESTING_RANDOM_COMMANDS_H_

#include <cstdint>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/stock/domain/commands.h"
#include "services/stock/domain/state.h"

namespace quartermaster::stock {

class RandomCommands {
 public:
  explicit RandomCommands(uint64_t seed) : random_(seed) {}

  // A command for this state; often one that will be refused. Never a query.
  Command Next(const State& state);
  // How long to wait before it; often not at all.
  Micros NextWait();
  // 0 to n - 1.
  int Below(int n) { return static_cast<int>(random_() % static_cast<uint64_t>(n)); }

 private:
  bool OneIn(int n) { return Below(n) == 0; }
  std::string Name(char prefix, int count) {
    return absl::StrCat(absl::string_view(&prefix, 1), Below(count));
  }
  // At least 1: small, huge, or at the edge of `available`.
  Quantity Amount(Quantity available);
  HoldLines Lines(const State& state);
  ReservationId AnyReservation(const State& state);
  Command OnReservation(const State& state);
  BindReservation Bind(const State& state, ReservationId id);
  std::vector<LinePart> Parts(const State& state, ReservationId id);
  AdjustStock Fact(const State& state);
  ChangeCondition Change(const State& state);
  Condition AnyCondition() { return static_cast<Condition>(1 + Below(5)); }
  SetStockPolicy Policy(const State& state);

  std::mt19937_64 random_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_TESTING_RANDOM_COMMANDS_H_
