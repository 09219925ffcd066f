#include "services/stock/domain/serve_waiting.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "services/stock/domain/backing.h"
#include "services/stock/domain/promise_flow.h"

namespace quartermaster::stock {
namespace {

// One round of serving: the lines of one kind of demand.
class Serving {
 public:
  Serving(const State& state, SkuIndex sku, Demand demand)
      : state_(state), sku_(sku), demand_(demand), draft_(state, demand) {}

  size_t Run(Events& events) {
    const SkuWaiting& waiting = *state_.waiting.Find(sku_);
    for (const auto& [scope, dates] : waiting.commitments()) {
      if (HasNothing(scope)) exhausted_.insert(scope);
    }
    for (const Waiter& waiter : waiting.waiters()) {
      if (exhausted_.size() == waiting.commitments().size() && !draft_.KeepsQuotas(sku_)) break;
      if (served_.units.size() + flexible_.size() >= kServedMax) break;
      const Reservation& r = *state_.FindReservation(waiter.reservation);
      const ReservationLine& line = r.lines[waiter.line];
      if (DemandOf(state_, line) == demand_) Serve(r, waiter.line, line);
    }
    if (served_.units.empty() && flexible_.empty()) return 0;
    draft_.AppendMoves(events);
    Deal();
    served_.sku = sku_;
    const size_t size = served_.units.size();
    events.push_back(std::move(served_));
    return size;
  }

 private:
  // A flexible line's units are placed when all have been taken.
  struct Flexible {
    ReservationId reservation;
    uint32_t line;
    Lane lane;
    Quantity quantity;
  };

  // Nobody who may have what stands there gets any. Not said where channels have quotas, of which
  // they may have their own.
  bool HasNothing(const WaitScope& scope) {
    if (draft_.KeepsQuotas(sku_)) return false;
    if (scope.eligible == ClassIndex::kNone) {
      return draft_.Available(sku_, scope.location).IsZero();
    }
    return draft_.Flow(sku_).AvailableTo(scope.eligible).IsZero();
  }

  void Serve(const Reservation& r, uint32_t index, const ReservationLine& line) {
    Quantity left = line.waiting;
    // What is held for its channel is held for whoever waits for it, and counts as used already.
    if (draft_.KeepsQuotas(sku_) && line.channel != ChannelIndex::kNone) {
      const Quantity own = std::min(left, draft_.OwnPart(sku_, line.channel));
      if (own.IsPositive()) {
        draft_.UseQuotas(sku_);
        left -= own - Take(r, index, line, own);
        draft_.KeepQuotasAgain(sku_);
      }
    }
    // Of whoever waits for the same, nobody behind one who got less than all gets any.
    if (exhausted_.contains(line.waits_at)) return;
    if (Take(r, index, line, left).IsPositive()) exhausted_.insert(line.waits_at);
  }

  // Returns how much it did not get.
  Quantity Take(const Reservation& r, uint32_t index, const ReservationLine& line, Quantity left) {
    if (line.flexible()) {
      const Lane lane{line.eligible, r.state == ReservationState::kConfirmed};
      const Quantity got = draft_.Flow(sku_).TakeFor(lane, left);
      if (got.IsPositive()) flexible_.push_back({r.id, index, lane, got});
      left -= got;
    } else {
      for (const LocationIndex location : PlacesOf(line)) {
        if (left.IsZero()) break;
        const Quantity got = draft_.TakeAt(sku_, location, left);
        if (got.IsPositive()) served_.units.push_back({r.id, index, location, got});
        left -= got;
      }
    }
    return left;
  }

  // Its location; or those of its class, if it came from a pool and was bound since.
  std::vector<LocationIndex> PlacesOf(const ReservationLine& line) const {
    if (line.waits_at.eligible == ClassIndex::kNone) return {line.waits_at.location};
    std::vector<LocationIndex> places;
    const LocationSet& members = state_.classes.At(line.waits_at.eligible);
    const SkuPositions* const positions = state_.positions.Find(sku_);
    if (positions == nullptr) return places;
    for (const SkuPositions::Entry& entry : *positions) {
      if (members.Contains(entry.location) && !state_.IsPaused(entry.location)) {
        places.push_back(entry.location);
      }
    }
    return places;
  }

  // Which unit of a lane is whose does not matter.
  void Deal() {
    if (flexible_.empty()) return;
    std::map<Lane, Placements> taken;
    for (SkuFlow::Change::Taken& of_lane : draft_.Flow(sku_).Plan().taken) {
      taken[of_lane.lane] = std::move(of_lane.placements);
    }
    for (Flexible& line : flexible_) {
      Placements& places = taken[line.lane];
      while (line.quantity.IsPositive()) {
        Placement& last = places.back();
        const Quantity part = std::min(last.quantity, line.quantity);
        served_.units.push_back({line.reservation, line.line, last.location, part});
        line.quantity -= part;
        last.quantity -= part;
        if (last.quantity.IsZero()) places.pop_back();
      }
    }
  }

  const State& state_;
  const SkuIndex sku_;
  const Demand demand_;
  Draft draft_;
  WaitersServed served_;
  std::vector<Flexible> flexible_;
  std::set<WaitScope> exhausted_;
};

}  // namespace

size_t ServeWaiting(const State& state, SkuIndex sku, Events& events) {
  const SkuWaiting* const waiting = state.waiting.Find(sku);
  if (waiting == nullptr) return 0;
  for (const Demand demand : {Demand::kOnline, Demand::kTill}) {
    if (demand == Demand::kTill && !waiting->has_channels()) return 0;
    if (const size_t served = Serving(state, sku, demand).Run(events)) return served;
  }
  return 0;
}

size_t CheckPromises(const State& state, SkuIndex sku, Instant now, Events& events) {
  const SkuWaiting* const waiting = state.waiting.Find(sku);
  if (waiting == nullptr) return 0;
  PromisesChanged changed{sku, {}};
  PromiseFlow flow(state, sku);
  for (const Waiter& waiter : waiting->waiters()) {
    const ReservationLine& line = state.FindReservation(waiter.reservation)->lines[waiter.line];
    // What is overdue is for those who waited for it.
    const Quantity in_time = flow.Push(line.waits_at, line.needed_by, line.waiting);
    const Quantity late = line.needed_by < now ? line.waiting : line.waiting - in_time;
    if (late == line.late || changed.lines.size() >= kServedMax) continue;
    changed.lines.push_back({waiter.reservation, waiter.line, late});
  }
  if (changed.lines.empty()) return 0;
  const size_t size = changed.lines.size();
  events.push_back(std::move(changed));
  return size;
}

void TellPassedDates(State& state, Instant now, Events& events) {
  size_t told = 0;
  state.waiting.PassDates(now, [&](SkuIndex sku, Instant date) {
    PromisesChanged changed{sku, {}};
    const absl::btree_set<Waiter>& waiters = state.waiting.Find(sku)->waiters();
    bool all = true;
    for (const bool held : {false, true}) {
      for (auto it = waiters.lower_bound({held, date, ReservationId::kNone, 0});
           it != waiters.end() && it->held == held && it->needed_by == date; ++it) {
        const ReservationLine& line = state.FindReservation(it->reservation)->lines[it->line];
        if (line.late == line.waiting) continue;
        all = told < kServedMax;
        if (!all) break;
        changed.lines.push_back({it->reservation, it->line, line.waiting});
        ++told;
      }
    }
    if (!changed.lines.empty()) events.push_back(std::move(changed));
    return all;
  });
}

}  // namespace quartermaster::stock
