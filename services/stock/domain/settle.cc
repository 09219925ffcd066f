#include "services/stock/domain/settle.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/stock/domain/serve_waiting.h"
#include "services/stock/domain/sku_chain.h"
#include "services/stock/domain/sku_flow.h"

namespace quartermaster::stock {
namespace {

// How many lines, of the newest reservations of a SKU, are looked at for whom to uncover. Those
// before them go without too if more are short; they are not listed until some of these end.
constexpr size_t kHoldsScannedMax = 10'000;

// What it costs to look at a SKU of which nothing has to change, as so many entries of events.
constexpr size_t kLookedAt = 20;

Lane LaneOf(const Reservation& r, const ReservationLine& line) {
  return {line.eligible, r.state == ReservationState::kConfirmed};
}

// Who of a SKU goes uncovered, and who no longer does. Works on a draft of which they are taken
// out, and whoever is not needed there is not uncovered: so as many are as are short.
class Uncovering {
 public:
  Uncovering(State& state, SkuIndex sku, SkuFlow& flow) : state_(state), sku_(sku), flow_(flow) {
    for (const SkuPositions::Entry& entry : *state.positions.Find(sku)) {
      nobodys_ += (-entry.position.usable()).OrZero();
    }
  }

  // Returns how many units' entries the events that it appended have.
  size_t Run(Events& events) {
    UnitsCovered covered{sku_, Cover()};
    UnitsUncovered uncovered{sku_, Uncover()};
    const size_t listed = covered.units.size() + uncovered.units.size();
    if (!covered.units.empty()) events.push_back(std::move(covered));
    if (!uncovered.units.empty()) events.push_back(std::move(uncovered));
    return listed;
  }

 private:
  // Units that are as good as each other: of a lane, or of a location if its class is kNone.
  struct Kind {
    Lane lane;
    LocationIndex location = LocationIndex::kNone;
    friend bool operator==(const Kind&, const Kind&) = default;
  };
  Kind KindOf(const UncoveredUnits& units) const {
    if (units.location != LocationIndex::kNone) return {{}, units.location};
    const Reservation& r = *state_.FindReservation(units.reservation);
    return {LaneOf(r, r.lines[units.line]), LocationIndex::kNone};
  }

  // How many units in the draft have no goods.
  Quantity Short() const { return flow_.Shortage() - nobodys_; }
  // Takes up to `quantity` units of a kind out of the draft, as far as fewer are short without
  // them. Returns how many.
  Quantity TakeOut(const Kind& kind, Quantity quantity) {
    Quantity out;
    while (out < quantity && Short().IsPositive()) {
      const Quantity part = TakeOutSome(kind, quantity - out);
      if (part.IsZero()) break;
      out += part;
      contested_known_ = false;
    }
    return out;
  }
  Quantity TakeOutSome(const Kind& kind, Quantity quantity) {
    const Quantity before = Short();
    if (kind.location != LocationIndex::kNone) {
      if (!Contested().Contains(kind.location)) return {};
      const Quantity given = std::min(quantity, before);
      flow_.AddFree(kind.location, given);
      flow_.RelieveAll();
      const Quantity out = before - Short();
      flow_.AddFree(kind.location, out - given);
      return out;
    }
    const Placements stands = flow_.StandsIn(Contested(), kind.lane);
    Quantity most;
    for (const Placement& p : stands) most += p.quantity;
    if (most.IsZero()) return {};
    const Quantity given = std::min({quantity, most, before});
    const Placements places = flow_.End(kind.lane, given, stands);
    flow_.RelieveAll();
    const Quantity out = before - Short();
    // Nobody came for the others.
    Quantity back = given - out;
    for (const Placement& p : places) {
      back -= flow_.TakeBack(p.location, kind.lane, std::min(p.quantity, back));
    }
    return out;
  }
  // Where units make a difference.
  const LocationSet& Contested() {
    if (!contested_known_) contested_ = flow_.Contested();
    contested_known_ = true;
    return contested_;
  }

  // Of those who went without, whoever came first and need not any more; paid orders before carts.
  std::vector<UncoveredUnits> Cover() {
    const auto before = state_.uncovered.find(sku_);
    if (before == state_.uncovered.end()) return {};
    std::vector<UncoveredUnits> order = before->second;
    const auto last = [&](const UncoveredUnits& units) {
      const bool held = state_.FindReservation(units.reservation)->state == ReservationState::kHeld;
      return std::tuple(held, units.reservation, units.line, units.location);
    };
    std::sort(order.begin(), order.end(),
              [&](const auto& a, const auto& b) { return last(a) > last(b); });
    std::vector<UncoveredUnits> covered;
    for (auto it = order.begin(); it != order.end();) {
      // One of a kind after the other is one question.
      const Kind kind = KindOf(*it);
      Quantity sum;
      const auto end = std::find_if(it, order.end(), [&](const UncoveredUnits& units) {
        if (KindOf(units) != kind) return true;
        sum += units.quantity;
        return false;
      });
      Quantity out = TakeOut(kind, sum);
      for (; it != end; ++it) {
        const Quantity still = std::min(it->quantity, out);
        out -= still;
        if (still.IsPositive()) still_[{it->reservation, it->line, it->location}] = still;
        it->quantity -= still;
        if (it->quantity.IsPositive()) covered.push_back(*it);
      }
    }
    std::reverse(covered.begin(), covered.end());
    return covered;
  }

  std::vector<UncoveredUnits> Uncover() {
    std::vector<UncoveredUnits> found;
    std::vector<const Reservation*> confirmed;
    SkuChain chain(state_, sku_);
    size_t scanned = 0;
    while (Short().IsPositive() && scanned < kHoldsScannedMax) {
      const Reservation* const r = chain.Next();
      if (r == nullptr) break;
      scanned += r->lines.size();
      if (r->state == ReservationState::kHeld) {
        UncoverFrom(*r, found);
      } else {
        confirmed.push_back(r);
      }
    }
    for (const Reservation* r : confirmed) {
      if (!Short().IsPositive()) break;
      UncoverFrom(*r, found);
    }
    return found;
  }

  // Units of the reservation, the last line first, where that makes a difference.
  void UncoverFrom(const Reservation& r, std::vector<UncoveredUnits>& found) {
    for (auto i = static_cast<uint32_t>(r.lines.size()); i-- > 0;) {
      const ReservationLine& line = r.lines[i];
      if (line.sku != sku_) continue;
      for (const Placement& p : line.placements) Try({r.id, i, p.location, p.quantity}, found);
      if (line.flexible()) Try({r.id, i, LocationIndex::kNone, line.open()}, found);
    }
  }
  void Try(UncoveredUnits units, std::vector<UncoveredUnits>& found) {
    const auto still = still_.find({units.reservation, units.line, units.location});
    if (still != still_.end()) units.quantity -= still->second;
    units.quantity = TakeOut(KindOf(units), units.quantity);
    if (units.quantity.IsPositive()) found.push_back(units);
  }

  State& state_;
  const SkuIndex sku_;
  SkuFlow& flow_;
  // Where less than nothing is on hand, more is short than anyone was promised.
  Quantity nobodys_;
  // Those who went without and still do.
  absl::flat_hash_map<std::tuple<ReservationId, uint32_t, LocationIndex>, Quantity> still_;
  LocationSet contested_;
  bool contested_known_ = false;
};

// Those who wait come behind those who are short.
size_t Serve(State& state, SkuIndex sku, Instant now, Events& events) {
  if (const size_t served = ServeWaiting(state, sku, events)) return served;
  return state.unchecked_promises.erase(sku) > 0 ? CheckPromises(state, sku, now, events) : 0;
}

}  // namespace

void Settle(State& state, Instant now, size_t max, Events& events) {
  size_t listed = 0;
  // Those who wait for these are asked when what is decided here has been applied.
  std::vector<SkuIndex> again;
  while (!state.unsettled.empty() && listed < max) {
    const SkuIndex sku = *state.unsettled.begin();
    state.unsettled.erase(state.unsettled.begin());
    listed += kLookedAt;
    const bool waits = state.waiting.Has(sku);
    if (!waits) state.unchecked_promises.erase(sku);
    if (!state.short_locations.contains(sku) && !state.uncovered.contains(sku)) {
      if (waits) listed += Serve(state, sku, now, events);
      continue;
    }
    const size_t before = events.size();
    SkuFlow flow(state, sku);
    if (flow.RelieveAll()) {
      auto& moved =
          std::get<BackingMoved>(events.emplace_back(BackingMoved{sku, flow.Plan().moves}));
      listed += moved.moves.size();
    }
    listed += Uncovering(state, sku, flow).Run(events);
    if (!waits) continue;
    if (events.size() > before) {
      again.push_back(sku);
    } else {
      listed += Serve(state, sku, now, events);
    }
  }
  state.unsettled.insert(again.begin(), again.end());
}

}  // namespace quartermaster::stock
