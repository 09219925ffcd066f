#include "services/stock/domain/bundles.h"

#include <algorithm>
#include <queue>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "services/base/check.h"

namespace quartermaster::stock {

bool HasBundles(const Inventory& inventory, const HoldLines& lines) {
  for (const HoldLine& line : lines) {
    if (line.group != 0) return true;
    if (!inventory.kits.empty() && inventory.kits.Find(line.sku) != nullptr) return true;
  }
  return false;
}

std::optional<Rejection> FindTooLarge(const Inventory& inventory, const HoldLines& lines) {
  size_t all = 0;
  for (size_t i = 0; i < lines.size(); ++i) {
    bool fits = true;
    VisitParts(inventory.kits, lines[i].sku, [&](SkuIndex, int64_t count) {
      ++all;
      fits = fits && lines[i].quantity.units() * count <= kPartUnitsMax.units();
    });
    if (!fits || all > kPartLinesMax) {
      return Rejection{RejectionKind::kKitQuantityTooLarge, static_cast<int>(i)};
    }
  }
  return std::nullopt;
}

namespace {

void AddNeed(SkuIndex sku, int64_t count, Needs& needs) {
  for (KitPart& need : needs) {
    if (need.sku != sku) continue;
    need.count += count;
    return;
  }
  needs.push_back({sku, count});
}

// The bundle of a line: one of its own, or that of its group, which is one whole thing.
Bundle& BundleFor(const HoldLine& line, absl::flat_hash_map<uint32_t, size_t>& of_group,
                  std::vector<Bundle>& bundles) {
  if (line.group == 0)
    return bundles.emplace_back(Bundle{.asked = line.quantity, .times = line.quantity});
  const auto [it, is_new] = of_group.try_emplace(line.group, bundles.size());
  if (is_new)
    bundles.push_back(Bundle{.asked = Quantity(1), .times = Quantity(1), .whole = line.from_pool});
  return bundles[it->second];
}

}  // namespace

Bundles BundlesOf(const Inventory& inventory, const HoldLines& lines) {
  Bundles all;
  absl::flat_hash_map<uint32_t, size_t> of_group;
  for (uint32_t i = 0; i < lines.size(); ++i) {
    const HoldLine& asked = lines[i];
    const Kit* const kit = inventory.kits.Find(asked.sku);
    Bundle& bundle = BundleFor(asked, of_group, all.bundles);
    if (kit != nullptr && kit->whole && asked.from_pool) bundle.whole = true;
    VisitParts(inventory.kits, asked.sku, [&](SkuIndex sku, int64_t count) {
      HoldLine& line = all.lines.emplace_back(asked);
      if (line.line_id.empty()) line.line_id = std::to_string(i);
      line.sku = sku;
      line.quantity = Quantity(asked.quantity.units() * count);
      const int64_t per_bundle = asked.group == 0 ? count : line.quantity.units();
      all.origins.push_back({.asked = i,
                             .kit = kit == nullptr ? SkuIndex::kNone : asked.sku,
                             .per_kit = kit == nullptr ? 0 : count,
                             .per_bundle = per_bundle});
      bundle.lines.push_back(static_cast<uint32_t>(all.lines.size() - 1));
      AddNeed(sku, per_bundle, bundle.needs);
    });
  }
  uint32_t groups = 0;
  for (const Bundle& bundle : all.bundles) {
    if (!bundle.whole) continue;
    ++groups;
    for (const uint32_t line : bundle.lines) all.origins[line].group = groups;
  }
  return all;
}

Placements PlaceWhole(Draft& draft, const Inventory& inventory, const Needs& needs,
                      const LocationSet& eligible, Quantity times, const Placements& preferred) {
  Placements placed;
  const auto available_at = [&](LocationIndex location) {
    return TimesOf(needs, nullptr, [&](SkuIndex sku) { return draft.Available(sku, location); });
  };
  const auto place = [&](LocationIndex location, Quantity most) {
    if (!most.IsPositive()) return;
    for (const KitPart& need : needs) {
      const Quantity units(most.units() * need.count);
      const Quantity got = draft.TakeAt(need.sku, location, units);
      QM_CHECK(got == units) << "less of a part can be had than was said";
    }
    times -= most;
    for (Placement& p : placed) {
      if (p.location != location) continue;
      p.quantity += most;
      return;
    }
    placed.push_back({location, most});
  };
  for (const Placement& p : preferred) {
    if (!eligible.Contains(p.location)) continue;
    const Quantity most = std::min({p.quantity, times, available_at(p.location)});
    place(p.location, most);
  }
  if (!times.IsPositive()) return placed;
  // By how many can be had there at most. What was true before something was taken still is a
  // bound: it is looked at again only where it is the largest.
  struct Candidate {
    Quantity most;
    LocationIndex location;
    // How many takings it has seen; -1: it is only a bound.
    int64_t as_of;
    bool operator<(const Candidate& other) const {
      return most != other.most ? most < other.most : location > other.location;
    }
  };
  std::priority_queue<Candidate> candidates;
  const SkuPositions* const positions = inventory.positions.Find(needs.front().sku);
  if (positions == nullptr) return placed;
  for (const SkuPositions::Entry& entry : *positions) {
    if (!eligible.Contains(entry.location) || inventory.IsPaused(entry.location)) continue;
    const Quantity bound = TimesOf(
        needs, nullptr, [&](SkuIndex sku) { return draft.MostAvailable(sku, entry.location); });
    if (bound.IsPositive()) candidates.push({bound, entry.location, -1});
  }
  int64_t takings = 0;
  while (times.IsPositive() && !candidates.empty()) {
    Candidate best = candidates.top();
    candidates.pop();
    if (best.as_of != takings) {
      best.most = available_at(best.location);
      best.as_of = takings;
      if (best.most.IsPositive()) candidates.push(best);
      continue;
    }
    place(best.location, std::min(best.most, times));
    ++takings;
  }
  return placed;
}

namespace {

// How many of it can be made of what its lines got.
Quantity TimesGot(const Bundle& bundle, const Bundles& all, const Backing& backing,
                  SkuIndex* lacking = nullptr) {
  Quantity times = kEverything;
  for (const uint32_t i : bundle.lines) {
    const Quantity here(backing.lines[i].got().units() / all.origins[i].per_bundle);
    if (here < times && lacking != nullptr) *lacking = all.lines[i].sku;
    times = std::min(times, here);
  }
  return times;
}

void SetTimes(Bundle& bundle, Quantity times, Bundles& all) {
  bundle.times = times;
  for (const uint32_t i : bundle.lines) {
    all.lines[i].quantity = Quantity(times.units() * all.origins[i].per_bundle);
  }
}

// The lines of bundles that are not whole, as far as `wanted` says, as any other lines.
template <typename Wanted>
void PlanOthers(Draft& draft, const Inventory& inventory, const Bundles& all, const Wanted& wanted,
                Backing& backing) {
  HoldLines lines;
  std::vector<size_t> indices;
  for (const Bundle& bundle : all.bundles) {
    for (const uint32_t i : bundle.lines) {
      if (bundle.whole || !wanted(all.lines[i])) continue;
      lines.push_back(all.lines[i]);
      indices.push_back(i);
    }
  }
  Backing planned = PlanBacking(draft, inventory, lines);
  for (size_t n = 0; n < indices.size(); ++n) {
    backing.lines[indices[n]] = std::move(planned.lines[n]);
  }
}

void PlaceBundle(Draft& draft, const Inventory& inventory, const Bundles& all, Bundle& bundle,
                 Backing& backing) {
  const Pool& pool = inventory.PoolAt(all.lines[bundle.lines.front()].pool);
  Quantity left = bundle.times;
  for (const Placement& p : PlaceWhole(draft, inventory, bundle.needs,
                                       inventory.classes.At(pool.eligible), bundle.times)) {
    left -= p.quantity;
    for (const uint32_t i : bundle.lines) {
      const Quantity units(p.quantity.units() * all.origins[i].per_bundle);
      backing.lines[i].placements.push_back({p.location, units});
    }
  }
  for (const uint32_t i : bundle.lines) backing.lines[i].eligible = pool.eligible;
  // Of which there is least in the pool: where it lacks is for nobody to say.
  if (!left.IsZero()) {
    TimesOf(bundle.needs, &bundle.lacking,
            [&](SkuIndex sku) { return draft.AvailableInPool(sku, pool); });
  }
}

}  // namespace

Backing PlanBundles(Draft& draft, const Inventory& inventory, Bundles& all) {
  Backing backing;
  const bool any_whole = std::any_of(all.bundles.begin(), all.bundles.end(),
                                     [](const Bundle& bundle) { return bundle.whole; });
  if (!any_whole) {
    backing = PlanBacking(draft, inventory, all.lines);
    backing.short_lines.clear();
  } else {
    backing.lines.resize(all.lines.size());
    const auto comes_first = [&](const HoldLine& line) {
      return !line.from_pool && DemandOf(inventory, line) == Demand::kOnline;
    };
    PlanOthers(draft, inventory, all, comes_first, backing);
    for (Bundle& bundle : all.bundles) {
      if (bundle.whole) PlaceBundle(draft, inventory, all, bundle, backing);
    }
    PlanOthers(
        draft, inventory, all, [&](const HoldLine& line) { return !comes_first(line); }, backing);
  }
  for (Bundle& bundle : all.bundles) {
    SkuIndex lacking = SkuIndex::kNone;
    if (TimesGot(bundle, all, backing, &lacking) >= bundle.times) continue;
    if (!bundle.whole) bundle.lacking = lacking;
    backing.short_lines.push_back({static_cast<int>(all.origins[bundle.lines.front()].asked)});
  }
  return backing;
}

bool LeaveTornOut(Bundles& bundles, const Backing& backing) {
  bool torn = false;
  for (Bundle& bundle : bundles.bundles) {
    const Quantity got = TimesGot(bundle, bundles, backing);
    // One line by itself has what it got.
    if (bundle.lines.size() == 1 && bundles.origins[bundle.lines.front()].per_bundle == 1) continue;
    if (got >= bundle.times) continue;
    SetTimes(bundle, got, bundles);
    torn = true;
  }
  return torn;
}

bool LowerToWhole(Bundles& bundles) {
  bool anything = false;
  for (Bundle& bundle : bundles.bundles) {
    Quantity times = kEverything;
    for (const uint32_t i : bundle.lines) {
      const int64_t units = bundles.lines[i].quantity.units();
      times = std::min(times, Quantity(units / bundles.origins[i].per_bundle));
    }
    SetTimes(bundle, times, bundles);
    anything = anything || times.IsPositive();
  }
  return anything;
}

void RestoreAsked(Bundles& bundles) {
  for (Bundle& bundle : bundles.bundles) SetTimes(bundle, bundle.asked, bundles);
}

std::vector<ShortLine> ShortLinesOf(const Bundles& bundles, const Backing& backing) {
  std::vector<ShortLine> lines;
  for (const Bundle& bundle : bundles.bundles) {
    const Quantity got = TimesGot(bundle, bundles, backing);
    if (got >= bundle.asked) continue;
    int told = -1;
    for (const uint32_t i : bundle.lines) {
      const Bundles::Origin& origin = bundles.origins[i];
      const bool of_kit = origin.kit != SkuIndex::kNone;
      if (static_cast<int>(origin.asked) != told) {
        told = static_cast<int>(origin.asked);
        const int64_t units = bundle.asked.units() * origin.per_bundle;
        lines.push_back({told, Quantity(units / (of_kit ? origin.per_kit : 1)), got});
      }
      if (of_kit && bundles.lines[i].sku == bundle.lacking) lines.back().sku = bundle.lacking;
    }
  }
  std::sort(lines.begin(), lines.end(),
            [](const ShortLine& a, const ShortLine& b) { return a.line < b.line; });
  return lines;
}

void NameAskedLines(const Bundles& bundles, std::vector<ShortLine>& lines) {
  std::vector<ShortLine> named;
  for (const ShortLine& line : lines) {
    const auto i = static_cast<size_t>(line.line);
    const Bundles::Origin& origin = bundles.origins[i];
    const bool of_kit = origin.kit != SkuIndex::kNone;
    const int64_t each = of_kit ? origin.per_kit : 1;
    ShortLine one{static_cast<int>(origin.asked), Quantity(line.asked.units() / each),
                  Quantity(line.available.units() / each)};
    if (of_kit) one.sku = bundles.lines[i].sku;
    if (named.empty() || named.back().line != one.line) {
      named.push_back(one);
    } else if (one.available < named.back().available) {
      named.back() = one;
    }
  }
  lines = std::move(named);
}

}  // namespace quartermaster::stock
