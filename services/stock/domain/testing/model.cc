#include "services/stock/domain/testing/model.h"

#include <algorithm>

namespace quartermaster::stock {

std::string Model::Difference() const {
  std::string difference;
  const State& state = shop_.state();
  for (uint32_t s = 1; s <= state.skus.size(); ++s) {
    int64_t shortage = 0;
    // Short beyond what anybody was promised.
    int64_t nobodys = 0;
    bool known = true;
    const CutOracle oracle = OracleOf(static_cast<SkuIndex>(s), {}, known);
    for (uint32_t l = 1; l <= state.locations.size(); ++l) {
      const Where where{static_cast<SkuIndex>(s), static_cast<LocationIndex>(l)};
      const Balances b = state.positions.Get(where.first, where.second);
      shortage += b.shortage().units();
      nobodys += std::max<int64_t>(0, -(Uncommitted(where) + Promised(where)));
      const auto on_hand = on_hand_.find(where);
      if (b.on_hand.units() != (on_hand == on_hand_.end() ? 0 : on_hand->second)) {
        absl::StrAppend(&difference, state.skus.Name(where.first), " at ",
                        state.locations.Name(where.second), ": on hand ", b.on_hand.units(),
                        ", model ", on_hand == on_hand_.end() ? 0 : on_hand->second, "\n");
      }
      for (const Condition c : kUnusableConditions) {
        const auto it = in_condition_.find({where, c});
        const int64_t units = it == in_condition_.end() ? 0 : it->second;
        if (state.conditions.Get(where.first, where.second).of(c).units() != units) {
          absl::StrAppend(&difference, state.skus.Name(where.first), " at ",
                          state.locations.Name(where.second), ": condition ", static_cast<int>(c),
                          " differs\n");
        }
      }
      if (b.uncommitted().units() != Uncommitted(where) ||
          b.promised().units() != Promised(where)) {
        absl::StrAppend(&difference, state.skus.Name(where.first), " at ",
                        state.locations.Name(where.second), ": uncommitted ",
                        b.uncommitted().units(), ", model ", Uncommitted(where), "\n");
      }
    }
    if (shortage != oracle.Shortage()) {
      absl::StrAppend(&difference, state.skus.Name(static_cast<SkuIndex>(s)), " is short of ",
                      shortage, ", and need not be of more than ", oracle.Shortage(), "\n");
    }
    int64_t uncovered = 0;
    const auto listed = state.uncovered.find(static_cast<SkuIndex>(s));
    if (listed != state.uncovered.end()) {
      for (const UncoveredUnits& units : listed->second) uncovered += units.quantity.units();
    }
    if (uncovered != oracle.Shortage() - nobodys) {
      absl::StrAppend(&difference, state.skus.Name(static_cast<SkuIndex>(s)), ": ", uncovered,
                      " units uncovered, and no arrangement covers ", oracle.Shortage() - nobodys,
                      "\n");
    }
  }
  for (const auto& [key, kept] : allotments_) {
    const auto& [sku, channel] = key;
    const Allotment* const allotment = state.allotments.Find(sku, channel);
    if (allotment == nullptr || allotment->terms != kept.terms ||
        allotment->open.units() != OpenFor(sku, channel, nullptr, {}) ||
        allotment->sold.units() != kept.sold) {
      absl::StrAppend(&difference, state.skus.Name(sku), " for ", state.channel_names.Name(channel),
                      ": the allotment differs\n");
    }
    for (const std::string customer : {"u0", "u1"}) {
      if (!kept.terms.customer_cap) continue;
      const auto sold = kept.sold_to.find(customer);
      const int64_t used =
          OpenFor(sku, channel, &customer, {}) + (sold == kept.sold_to.end() ? 0 : sold->second);
      if (state.customers.Used(sku, channel, customer).units() != used) {
        absl::StrAppend(&difference, state.skus.Name(sku), ": ", customer, " does not use ", used,
                        "\n");
      }
    }
  }
  for (const auto& [id, r] : reservations_) {
    if (state.FindReservation(id)->state != r.state) {
      absl::StrAppend(&difference, "r", static_cast<int64_t>(id), " has another state\n");
    }
  }
  difference += TransferDifference();
  difference += SupplyDifference();
  if (state.reservations.size() != reservations_.size()) difference += "reservations differ\n";
  return difference;
}

}  // namespace quartermaster::stock
