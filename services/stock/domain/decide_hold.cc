#include <algorithm>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "services/stock/domain/availability.h"
#include "services/stock/domain/backing.h"
#include "services/stock/domain/bundles.h"
#include "services/stock/domain/caps.h"
#include "services/stock/domain/decide_internal.h"
#include "services/stock/domain/promise_flow.h"
#include "services/stock/domain/regroup.h"

namespace quartermaster::stock::internal {
namespace {

// The first name that nobody registered.
std::optional<Rejection> FindUnknownLine(const State& state, const HoldLines& lines) {
  for (size_t i = 0; i < lines.size(); ++i) {
    const HoldLine& line = lines[i];
    const int index = static_cast<int>(i);
    const StockKey key{line.sku,      line.from_pool,   line.pool,
                       line.location, line.for_channel, line.channel};
    if (const auto unknown = FindUnknownName(state, key)) return Rejection{*unknown, index};
  }
  return std::nullopt;
}

bool IsLiveHold(const Reservation* r, Instant now) {
  return r != nullptr && r->state == ReservationState::kHeld && now < r->expires;
}

// What a hold needs beyond its lines.
struct Terms {
  const std::string& owner;
  Instant expires;
  bool allow_partial = false;
  // Holds whose place it takes, and the expired one that it holds again.
  absl::InlinedVector<const Reservation*, 2> replaced;
  const Attribution& attribution;
  std::string_view customer;
};

// A line for a channel is one of its pool.
HoldLines FromPools(const State& state, HoldLines lines) {
  for (HoldLine& line : lines) {
    if (!line.for_channel) continue;
    line.from_pool = true;
    line.pool = state.ChannelAt(line.channel).pool;
  }
  return lines;
}

// Adds lines that caps cut down to those that got less than that. In the order of lines.
void AddCutLines(const HoldLines& asked, const HoldLines& cut,
                 std::vector<ShortLine>& short_lines) {
  for (ShortLine& line : short_lines) {
    line.asked = asked[static_cast<size_t>(line.line)].quantity;
  }
  const size_t before = short_lines.size();
  for (size_t i = 0, next = 0; i < asked.size(); ++i) {
    const int index = static_cast<int>(i);
    if (next < before && short_lines[next].line == index) {
      ++next;
    } else if (cut[i].quantity < asked[i].quantity) {
      short_lines.push_back({index, asked[i].quantity, cut[i].quantity});
    }
  }
  std::sort(short_lines.begin(), short_lines.end(),
            [](const ShortLine& a, const ShortLine& b) { return a.line < b.line; });
}

WaitScope ScopeOf(const HoldLine& line, const Backing::Line& backed) {
  if (line.from_pool) return {backed.eligible, LocationIndex::kNone};
  return {ClassIndex::kNone, line.location};
}

bool AnyWaits(const HoldLines& lines) {
  return std::any_of(lines.begin(), lines.end(), [](const HoldLine& line) { return line.waits(); });
}

// What the lines do not get and may wait for is promised of what is to come, in their order, as far
// as it goes. Lines of `bundles` that have to be whole wait for nothing.
void PlanWaiting(const State& state, const HoldLines& lines, const Bundles* bundles,
                 const Terms& terms, Backing& backing) {
  std::vector<WaitChange> changes;
  for (const Reservation* replaced : terms.replaced) {
    if (replaced->state == ReservationState::kHeld) AppendFreed(*replaced, changes);
  }
  for (size_t i = 0; i < lines.size(); ++i) {
    if (!lines[i].waits()) continue;
    if (bundles != nullptr && bundles->origins[i].group != 0) continue;
    Backing::Line& line = backing.lines[i];
    const Quantity missing = lines[i].quantity - line.got();
    if (!missing.IsPositive()) continue;
    const WaitScope scope = ScopeOf(lines[i], line);
    const Quantity promisable =
        PromisableBy(state, lines[i].sku, lines[i].channel, scope, lines[i].wait_until, changes);
    line.waiting = std::min(missing, promisable);
    changes.push_back({lines[i].sku, scope, lines[i].wait_until, line.waiting});
  }
}

// Who waits is not short of what it waits for.
void CountWaiting(Backing& backing) {
  std::vector<ShortLine> short_lines;
  for (ShortLine& line : backing.short_lines) {
    line.available = backing.lines[static_cast<size_t>(line.line)].got();
    if (line.available < line.asked) short_lines.push_back(line);
  }
  backing.short_lines = std::move(short_lines);
}

// Gives back what the holds that are replaced have. Returns where their flexible units stood.
using EndedParts = absl::InlinedVector<FlexibleParts, 2>;
EndedParts FreeReplaced(const Terms& terms, Draft& draft) {
  EndedParts ended;
  for (const Reservation* replaced : terms.replaced) {
    const bool open = replaced->state == ReservationState::kHeld;
    ended.push_back(open ? draft.Free(*replaced) : FlexibleParts());
  }
  return ended;
}

Demand DemandOfAll(const State& state, const HoldLines& lines) {
  bool online = false;
  for (const HoldLine& line : lines) online = online || DemandOf(state, line) == Demand::kOnline;
  return online ? Demand::kOnline : Demand::kTill;
}

bool HasAnything(const Backing& backing) {
  return std::any_of(backing.lines.begin(), backing.lines.end(),
                     [](const Backing::Line& line) { return line.got().IsPositive(); });
}

Decision Insufficient(std::vector<ShortLine> short_lines) {
  Decision decision;
  const int first = short_lines.front().line;
  decision.rejection = Rejection{.kind = RejectionKind::kInsufficientStock,
                                 .line = first,
                                 .short_lines = std::move(short_lines)};
  return decision;
}

// The same once more, with groups out of the way; nullptr if that does not help.
std::unique_ptr<Regrouped> RegroupFor(const State& state, const HoldLines& lines, Demand demand,
                                      const Terms& terms,
                                      const std::function<Backing(Draft&)>& plan,
                                      EndedParts& ended) {
  if (state.movable_groups.empty() || lines.size() > kRegroupedLinesMax) return nullptr;
  std::vector<SkuIndex> skus;
  for (const HoldLine& line : lines) skus.push_back(line.sku);
  std::sort(skus.begin(), skus.end());
  skus.erase(std::unique(skus.begin(), skus.end()), skus.end());
  const auto start = [&] {
    Draft draft(state, demand);
    ended = FreeReplaced(terms, draft);
    return draft;
  };
  const auto is_kept = [&](ReservationId id) {
    return std::none_of(terms.replaced.begin(), terms.replaced.end(),
                        [&](const Reservation* replaced) { return replaced->id == id; });
  };
  return Regroup(state, skus, start, plan, is_kept);
}

// What was planned; `bundles`, if lines are taken together.
Decision Record(const HoldLines& lines, const Bundles* bundles, const Terms& terms,
                const Draft& draft, Backing backing, const EndedParts& ended, int64_t next,
                Events& events) {
  draft.AppendMoves(events);
  Decision decision;
  decision.reservation = static_cast<ReservationId>(next + static_cast<int64_t>(events.size()));
  auto& reserved = std::get<StockReserved>(events.emplace_back(std::in_place_type<StockReserved>));
  reserved.owner = terms.owner;
  reserved.expires = terms.expires;
  reserved.attribution = terms.attribution;
  reserved.customer = terms.customer;
  reserved.lines.resize(lines.size());
  for (size_t i = 0; i < lines.size(); ++i) {
    StockReserved::Line& line = reserved.lines[i];
    line.line_id = lines[i].line_id;
    line.sku = lines[i].sku;
    line.pool = lines[i].from_pool ? lines[i].pool : PoolIndex::kNone;
    line.location = lines[i].from_pool ? LocationIndex::kNone : lines[i].location;
    line.channel = lines[i].channel;
    line.eligible = backing.lines[i].eligible;
    line.placements = std::move(backing.lines[i].placements);
    if (backing.lines[i].waiting.IsPositive()) {
      line.waiting = backing.lines[i].waiting;
      line.needed_by = lines[i].wait_until;
    }
    if (bundles == nullptr) continue;
    line.kit = bundles->origins[i].kit;
    line.per_kit = static_cast<uint32_t>(bundles->origins[i].per_kit);
    line.group = bundles->origins[i].group;
  }
  for (size_t i = 0; i < terms.replaced.size(); ++i) {
    const ReservationId id = terms.replaced[i]->id;
    reserved.replaces.push_back(id);
    for (const Part& part : ended[i]) reserved.ended.push_back({id, part});
  }
  decision.short_lines = std::move(backing.short_lines);
  return decision;
}

// Of lines of which some are taken together. Caps count the parts of kits.
Decision HoldBundles(const State& state, const HoldLines& lines, const Terms& terms, int64_t next,
                     Events& events) {
  Decision decision;
  if ((decision.rejection = FindTooLarge(state, lines))) return decision;
  Bundles bundles = BundlesOf(state, lines);
  if (!state.allotments.empty()) {
    OverCap over = ApplyCaps(state, terms.customer, terms.replaced, bundles.lines);
    if (!over.empty()) {
      NameAskedLines(bundles, over.by_channel);
      NameAskedLines(bundles, over.by_customer);
      const bool anything = LowerToWhole(bundles);
      if (!terms.allow_partial || !anything) {
        decision.rejection = over.Refusal();
        return decision;
      }
    }
  }
  const Demand demand = DemandOfAll(state, lines);
  const auto plan = [&](Draft& draft) { return PlanBundles(draft, state, bundles); };
  const bool waits = AnyWaits(lines);
  const auto plan_all = [&](Draft& draft) {
    Backing backing = plan(draft);
    if (waits) PlanWaiting(state, bundles.lines, &bundles, terms, backing);
    return backing;
  };
  auto draft = std::make_unique<Draft>(state, demand);
  EndedParts ended = FreeReplaced(terms, *draft);
  Backing backing = plan_all(*draft);
  // Of what is not whole, less is asked, until all that is left is.
  while (terms.allow_partial && LeaveTornOut(bundles, backing)) {
    draft = std::make_unique<Draft>(state, demand);
    ended = FreeReplaced(terms, *draft);
    backing = plan_all(*draft);
  }
  std::vector<ShortLine> short_lines = ShortLinesOf(bundles, backing);
  if (!short_lines.empty() && (!terms.allow_partial || !HasAnything(backing))) {
    RestoreAsked(bundles);
    const auto regrouped = RegroupFor(state, bundles.lines, demand, terms, plan, ended);
    if (regrouped == nullptr) return Insufficient(std::move(short_lines));
    for (GroupMoved& moved : regrouped->moved) events.push_back(std::move(moved));
    return Record(bundles.lines, &bundles, terms, regrouped->draft, std::move(regrouped->backing),
                  ended, next, events);
  }
  backing.short_lines = std::move(short_lines);
  return Record(bundles.lines, &bundles, terms, *draft, std::move(backing), ended, next, events);
}

Decision Hold(const State& state, const HoldLines& asked, const Terms& terms, int64_t next,
              Events& events) {
  Decision decision;
  if (auto unknown = FindUnknownLine(state, asked)) {
    decision.rejection = std::move(unknown);
    return decision;
  }
  const bool channels = std::any_of(asked.begin(), asked.end(), [](const HoldLine& line) {
    return line.channel != ChannelIndex::kNone;
  });
  HoldLines of_pools = channels ? FromPools(state, asked) : HoldLines();
  if (HasBundles(state, asked)) {
    return HoldBundles(state, channels ? of_pools : asked, terms, next, events);
  }
  OverCap over;
  if (channels && !state.allotments.empty()) {
    over = ApplyCaps(state, terms.customer, terms.replaced, of_pools);
    if (!over.empty() && !terms.allow_partial) {
      decision.rejection = over.Refusal();
      return decision;
    }
  }
  const HoldLines& lines = channels ? of_pools : asked;
  const Demand demand = DemandOfAll(state, lines);
  Draft draft(state, demand);
  EndedParts ended = FreeReplaced(terms, draft);
  Backing backing = PlanBacking(draft, state, lines);
  const bool waits = !backing.short_lines.empty() && AnyWaits(lines);
  if (waits) {
    PlanWaiting(state, lines, nullptr, terms, backing);
    CountWaiting(backing);
  }
  const bool anything = HasAnything(backing);
  if (!over.empty() && !anything && backing.short_lines.empty()) {
    decision.rejection = over.Refusal();
    return decision;
  }
  const bool is_short = !backing.short_lines.empty() && (!terms.allow_partial || !anything);
  if (is_short && over.empty()) {
    const auto plan = [&](Draft& other) { return PlanBacking(other, state, lines); };
    if (const auto regrouped = RegroupFor(state, lines, demand, terms, plan, ended)) {
      for (GroupMoved& moved : regrouped->moved) events.push_back(std::move(moved));
      return Record(lines, nullptr, terms, regrouped->draft, std::move(regrouped->backing), ended,
                    next, events);
    }
  }
  if (!over.empty()) AddCutLines(asked, lines, backing.short_lines);
  if (is_short) return Insufficient(std::move(backing.short_lines));
  return Record(lines, nullptr, terms, draft, std::move(backing), ended, next, events);
}

}  // namespace

Decision DecideReserve(const State& state, const ReserveStock& command, Instant now, int64_t next,
                       Events& events) {
  Terms terms{.owner = command.owner,
              .expires = now + command.ttl,
              .allow_partial = command.allow_partial,
              .replaced = {},
              .attribution = command.attribution,
              .customer = command.customer};
  // The owner's own hold, and the one that it was told to take over. One that is over but not yet
  // logged so must end first: an owner has one open hold.
  if (const Reservation* own = state.holds.Find(command.owner)) terms.replaced.push_back(own);
  if (command.takes_over != ReservationId::kNone) {
    const Reservation* other = state.FindReservation(command.takes_over);
    if (IsLiveHold(other, now) && other->owner != command.owner) terms.replaced.push_back(other);
  }
  return Hold(state, command.lines, terms, next, events);
}

Decision DecideUpdate(const State& state, const UpdateReservation& command, Instant now,
                      int64_t next, Events& events) {
  if (auto unknown = FindUnknownLine(state, command.lines)) {
    Decision decision;
    decision.rejection = std::move(unknown);
    return decision;
  }
  const Reservation* r = state.FindReservation(command.reservation);
  if (r == nullptr) return Reject(RejectionKind::kReservationNotFound);
  if (const auto end = EndOf(*r, now)) return Reject(*end);
  if (r->state == ReservationState::kConfirmed) {
    return Reject(RejectionKind::kReservationAlreadyConfirmed);
  }
  const Terms terms{.owner = r->owner,
                    .expires = command.ttl ? now + *command.ttl : r->expires,
                    .allow_partial = false,
                    .replaced = {r},
                    .attribution = command.attribution,
                    .customer = state.customers.Of(r->id)};
  return Hold(state, command.lines, terms, next, events);
}

Decision DecideRehold(const State& state, const ConfirmReservation& command,
                      const Reservation& expired, Instant now, int64_t next, Events& events) {
  Terms terms{.owner = command.owner,
              .expires = now + Seconds(1),  // confirmed by the event behind it
              .allow_partial = false,
              // So that it is held again once, whoever asks.
              .replaced = {&expired},
              .attribution = command.attribution,
              .customer = command.customer};
  const Reservation* own = state.holds.Find(command.owner);
  if (own != nullptr && own != &expired) terms.replaced.push_back(own);
  Decision decision = Hold(state, command.rehold_lines, terms, next, events);
  if (!decision.rejection) {
    const auto& held = std::get<StockReserved>(events.back());
    ReservationConfirmed confirmed{decision.reservation, command.attribution, {}};
    for (uint32_t i = 0; i < held.lines.size(); ++i) {
      if (!held.lines[i].flexible()) continue;
      for (const Placement& p : held.lines[i].placements) {
        confirmed.parts.push_back({i, p.location, p.quantity});
      }
    }
    events.push_back(std::move(confirmed));
  }
  return decision;
}

}  // namespace quartermaster::stock::internal
