// Bundles: lines of a hold that are taken together, as many times as is asked: a kit's parts; and
// the lines of a group that is to be at one location.
//
//   const Bundles bundles = BundlesOf(state, lines);
//   const Backing backing = PlanBundles(draft, state, bundles);
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_BUNDLES_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_BUNDLES_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "services/base/quantity.h"
#include "services/stock/domain/backing.h"
#include "services/stock/domain/commands.h"
#include "services/stock/domain/inventory.h"
#include "services/stock/domain/kits.h"
#include "services/stock/domain/rejections.h"
#include "services/stock/domain/reservation.h"

namespace quartermaster::stock {

// How many lines a request may come to once its kits are parts.
inline constexpr size_t kPartLinesMax = 20'000;
// And to how many units of a part one of its lines may; so that sums of them never overflow.
inline constexpr Quantity kPartUnitsMax{1'000'000'000'000};

// Units of a SKU that one of something takes; positive.
using Needs = std::vector<KitPart>;

struct Bundle {
  // Indices into Bundles::lines.
  std::vector<uint32_t> lines;
  // How many are asked, of a group 1; and of how many there is talk still, which the lines'
  // quantities say.
  Quantity asked;
  Quantity times;
  // What one of them takes, by SKU, each once.
  Needs needs;
  // Each of them must be at one location, whichever.
  bool whole = false;
  // Of which there was least.
  SkuIndex lacking = SkuIndex::kNone;
};

struct Bundles {
  // Where a line comes from.
  struct Origin {
    // The line of the request.
    uint32_t asked = 0;
    // kNone: it is no part of a kit.
    SkuIndex kit = SkuIndex::kNone;
    // In one kit.
    int64_t per_kit = 0;
    // Units that one of its bundle takes for it.
    int64_t per_bundle = 1;
    // From 1; 0: of no bundle that has to be whole.
    uint32_t group = 0;
  };
  // In the order of the request, kits as their parts; line ids are set, quantities are all of the
  // line's.
  HoldLines lines;
  // Of each line.
  std::vector<Origin> origins;
  std::vector<Bundle> bundles;
};

// Whether the lines have anything to do with it: a kit, or a group.
bool HasBundles(const Inventory& inventory, const HoldLines& lines);

// A line that comes to more units of a SKU, or with those before it to more lines, than may be.
std::optional<Rejection> FindTooLarge(const Inventory& inventory, const HoldLines& lines);

// The lines' names must be known; lines of channels must have their pools.
Bundles BundlesOf(const Inventory& inventory, const HoldLines& lines);

// As PlanBacking, for lines of which some are taken together. Lines with a location come before the
// bundles that are whole, and those before the others. Placements of a whole one are places of its
// own, and its `eligible` is the class of locations that it may move to. Whole ones leave alone
// what is held for channels, also their own, and safety stock beside online lines. Short lines are
// those of bundles that are torn: not all of which there is talk can be had.
Backing PlanBundles(Draft& draft, const Inventory& inventory, Bundles& bundles);

// Of bundles that are torn, only as many as are whole are talked of from now on. False: none is
// torn, nothing has changed.
bool LeaveTornOut(Bundles& bundles, const Backing& backing);
// The same, if lines were lowered. False: nothing is left.
bool LowerToWhole(Bundles& bundles);
// All that is asked is talked of again.
void RestoreAsked(Bundles& bundles);

// The request's lines that get less than they ask, and how many kits of it they get. In their
// order.
std::vector<ShortLine> ShortLinesOf(const Bundles& bundles, const Backing& backing);
// Makes lines of bundles those of the request, each once, and units of parts kits.
void NameAskedLines(const Bundles& bundles, std::vector<ShortLine>& lines);

// Places up to `times` whole ones: at `preferred` as far as may be (so many of them there), then
// where most of them can be had. Returns how many are where. Paused locations get none, unless
// preferred.
Placements PlaceWhole(Draft& draft, const Inventory& inventory, const Needs& needs,
                      const LocationSet& eligible, Quantity times,
                      const Placements& preferred = {});

// How many can be had of something that needs so much, if `available(sku)` says how much there is
// of each. `lacking`, if it is given, gets the SKU of which there is least.
template <typename Available>
Quantity TimesOf(const Needs& needs, SkuIndex* lacking, const Available& available) {
  Quantity times = kEverything;
  for (const KitPart& need : needs) {
    const Quantity here(available(need.sku).units() / need.count);
    if (here < times && lacking != nullptr) *lacking = need.sku;
    times = std::min(times, here);
  }
  return times;
}

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_BUNDLES_H_
