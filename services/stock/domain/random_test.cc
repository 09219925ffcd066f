// Random commands against a model that is too simple to be wrong: maps, and everything summed up
// anew for every question. After each command: who is refused and why, every balance, availability.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "services/stock/domain/backing.h"
#include "services/stock/domain/testing/random_commands.h"
#include "services/stock/domain/testing/shop.h"

namespace quartermaster::stock {
namespace {

using Where = std::pair<SkuIndex, LocationIndex>;

class Model {
 public:
  explicit Model(const Shop& shop) : shop_(shop) {}

  // Why the command must be refused; nullopt if it must be accepted.
  std::optional<RejectionKind> Expect(const Command& command) {
    return std::visit([this](const auto& c) { return Refusal(c); }, command);
  }
  // Follows an accepted command.
  void Follow(const Command& command, const Decision& decision) {
    std::visit([&](const auto& c) { Accept(c, decision); }, command);
  }
  void Expire() {
    for (auto& [id, r] : reservations_) {
      if (r.state == ReservationState::kHeld && r.expires <= shop_.now()) {
        End(r, ReservationState::kExpired);
      }
    }
  }
  // What differs between the shop and the model.
  std::string Difference() const;

 private:
  struct Line {
    std::string name;
    SkuIndex sku;
    Placements placements;
    int64_t open() const {
      int64_t sum = 0;
      for (const Placement& p : placements) sum += p.quantity.units();
      return sum;
    }
  };
  struct Kept {
    std::string owner;
    ReservationState state = ReservationState::kHeld;
    Instant expires;
    std::vector<Line> lines;
    bool anything_left = false;
  };
  using Free = std::map<Where, int64_t>;

  static void End(Kept& r, ReservationState state) {
    r.state = state;
    for (Line& line : r.lines) line.placements.clear();
  }
  int64_t Promised(const Where& where) const {
    int64_t sum = 0;
    for (const auto& [id, r] : reservations_) {
      for (const Line& line : r.lines) {
        for (const Placement& p : line.placements) {
          if (Where(line.sku, p.location) == where) sum += p.quantity.units();
        }
      }
    }
    return sum;
  }
  int64_t Uncommitted(const Where& where) const {
    const auto on_hand = on_hand_.find(where);
    const auto unusable = unusable_.find(where);
    return (on_hand == on_hand_.end() ? 0 : on_hand->second) -
           (unusable == unusable_.end() ? 0 : unusable->second) - Promised(where);
  }
  Kept* Find(ReservationId id) {
    const auto it = reservations_.find(id);
    return it == reservations_.end() ? nullptr : &it->second;
  }
  Kept* HoldOf(const std::string& owner) {
    for (auto& [id, r] : reservations_) {
      if (r.state == ReservationState::kHeld && r.owner == owner) return &r;
    }
    return nullptr;
  }
  std::set<LocationIndex> PlacesOf(const HoldLine& line) const {
    if (!line.from_pool) return {line.location};
    std::set<LocationIndex> places;
    for (const LocationIndex l : pools_.at(line.pool)) {
      if (paused_.count(l) == 0) places.insert(l);
    }
    return places;
  }

  std::optional<RejectionKind> UnknownName(const HoldLines& lines) const {
    for (const HoldLine& line : lines) {
      if (line.sku == SkuIndex::kNone) return RejectionKind::kItemNotFound;
      if (line.from_pool && line.pool == PoolIndex::kNone) return RejectionKind::kPoolNotFound;
      if (!line.from_pool && line.location == LocationIndex::kNone) {
        return RejectionKind::kLocationNotFound;
      }
    }
    return std::nullopt;
  }
  // Whether the lines' stock is there, once `replaced` are gone. Lines at a location first, then
  // the pools' in their order, each from where most is: taken here unit by unit.
  std::optional<RejectionKind> Stock(const HoldLines& lines, bool partial,
                                     const std::vector<const Kept*>& replaced) const;
  static std::optional<RejectionKind> EndOf(const Kept* r) {
    if (r == nullptr) return RejectionKind::kReservationNotFound;
    switch (r->state) {
      case ReservationState::kFulfilled:
        return RejectionKind::kReservationFulfilled;
      case ReservationState::kReleased:
        return RejectionKind::kReservationReleased;
      case ReservationState::kExpired:
        return RejectionKind::kReservationExpired;
      case ReservationState::kReplaced:
        return RejectionKind::kReservationReplaced;
      default:
        return std::nullopt;
    }
  }
  static std::optional<RejectionKind> NotAHold(const Kept* r) {
    if (const auto end = EndOf(r)) return end;
    if (r->state == ReservationState::kConfirmed) {
      return RejectionKind::kReservationAlreadyConfirmed;
    }
    return std::nullopt;
  }
  std::vector<const Kept*> ReplacedBy(const std::string& owner, ReservationId takes_over) {
    std::vector<const Kept*> replaced;
    const Kept* own = HoldOf(owner);
    if (own != nullptr) replaced.push_back(own);
    const Kept* other = Find(takes_over);
    if (other != nullptr && other != own && other->state == ReservationState::kHeld) {
      replaced.push_back(other);
    }
    return replaced;
  }

  std::optional<RejectionKind> Refusal(const ReserveStock& c) {
    if (const auto unknown = UnknownName(c.lines)) return unknown;
    return Stock(c.lines, c.allow_partial, ReplacedBy(c.owner, c.takes_over));
  }
  std::optional<RejectionKind> Refusal(const UpdateReservation& c) {
    if (const auto unknown = UnknownName(c.lines)) return unknown;
    if (const auto end = NotAHold(Find(c.reservation))) return end;
    return Stock(c.lines, false, {Find(c.reservation)});
  }
  std::optional<RejectionKind> Refusal(const ExtendReservation& c) {
    return NotAHold(Find(c.reservation));
  }
  std::optional<RejectionKind> Refusal(const ConfirmReservation& c) {
    const auto end = NotAHold(Find(c.reservation));
    if (end != RejectionKind::kReservationExpired || c.rehold_lines.empty()) return end;
    if (const auto unknown = UnknownName(c.rehold_lines)) return unknown;
    return Stock(c.rehold_lines, false, ReplacedBy(c.owner, ReservationId::kNone));
  }
  std::optional<RejectionKind> Refusal(const BindReservation& c);
  std::optional<RejectionKind> Refusal(const ReleaseReservation& c) {
    if (const auto end = EndOf(Find(c.reservation))) return end;
    std::vector<Line> lines = Find(c.reservation)->lines;
    return Take(c.parts, lines, nullptr);
  }
  std::optional<RejectionKind> Refusal(const FulfilReservation& c) {
    if (const auto end = EndOf(Find(c.reservation))) return end;
    std::vector<Line> lines = Find(c.reservation)->lines;
    return Take(c.parts, lines, nullptr);
  }
  std::optional<RejectionKind> Refusal(const AdjustStock& c) {
    const Adjustment& a = c.adjustment;
    const auto effect = effects_.find(a.effect_key);
    if (!a.effect_key.empty() && effect != effects_.end()) {
      if (effect->second == Content(a)) return std::nullopt;
      return RejectionKind::kEffectKeyReused;
    }
    if (a.compare_and_set && on_hand_[WhereOf(a)] != a.expected.units()) {
      return RejectionKind::kExpectationFailed;
    }
    return std::nullopt;
  }
  std::optional<RejectionKind> Refusal(const SetPool& c) {
    for (const LocationIndex l : c.locations) {
      if (l == LocationIndex::kNone) return RejectionKind::kLocationNotFound;
    }
    return std::nullopt;
  }
  template <typename C>
  std::optional<RejectionKind> Refusal(const C&) {
    return std::nullopt;
  }

  // The units that the parts name, location by location, out of `lines`; told to `taken`.
  using Taken = std::function<void(SkuIndex, LocationIndex, int64_t)>;
  std::optional<RejectionKind> Take(const std::vector<LinePart>& parts, std::vector<Line>& lines,
                                    const Taken& taken) const;

  void Keep(ReservationId id, const std::string& owner, const HoldLines& asked,
            const std::vector<const Kept*>& replaced);
  void Accept(const ReserveStock& c, const Decision& d) {
    Keep(d.reservation, c.owner, c.lines, ReplacedBy(c.owner, c.takes_over));
    reservations_[d.reservation].expires = shop_.now() + c.ttl;
  }
  void Accept(const UpdateReservation& c, const Decision& d) {
    const Instant expires = Find(c.reservation)->expires;
    Keep(d.reservation, Find(c.reservation)->owner, c.lines, {Find(c.reservation)});
    reservations_[d.reservation].expires = c.ttl ? shop_.now() + *c.ttl : expires;
  }
  void Accept(const ExtendReservation& c, const Decision&) {
    Find(c.reservation)->expires = shop_.now() + c.ttl;
  }
  void Accept(const ConfirmReservation& c, const Decision& d) {
    if (d.reservation != c.reservation) {
      Keep(d.reservation, c.owner, c.rehold_lines, ReplacedBy(c.owner, ReservationId::kNone));
    }
    reservations_[d.reservation].state = ReservationState::kConfirmed;
  }
  void Accept(const BindReservation& c, const Decision&) {
    for (const BindReservation::Line& bound : c.lines) {
      for (Line& line : Find(c.reservation)->lines) {
        if (line.name == bound.line_id) line.placements = bound.placements;
      }
    }
  }
  void Accept(const ReleaseReservation& c, const Decision&) {
    Kept& r = *Find(c.reservation);
    Take(c.parts, r.lines, [&](SkuIndex sku, LocationIndex location, int64_t n) {
      if (c.missing) unusable_[{sku, location}] += n;
    });
    EndIfEmpty(r);
  }
  void Accept(const FulfilReservation& c, const Decision&) {
    Kept& r = *Find(c.reservation);
    Take(c.parts, r.lines, [&](SkuIndex sku, LocationIndex location, int64_t n) {
      on_hand_[{sku, location}] -= n;
      r.anything_left = true;
    });
    EndIfEmpty(r);
  }
  void Accept(const AdjustStock& c, const Decision& d) {
    const Adjustment& a = c.adjustment;
    EXPECT_EQ(d.duplicate, !a.effect_key.empty() && effects_.count(a.effect_key) > 0);
    if (d.duplicate) return;
    if (!a.effect_key.empty()) effects_[a.effect_key] = Content(a);
    const int64_t delta = a.compare_and_set ? (a.value - a.expected).units() : a.delta.units();
    on_hand_[WhereOf(a)] += delta;
    int64_t& unusable = unusable_[WhereOf(a)];
    if (a.condition != Condition::kSellable && unusable + delta >= 0) unusable += delta;
  }
  void Accept(const SetPool& c, const Decision&) {
    pools_[shop_.state().pool_names.Find(c.pool)] = {c.locations.begin(), c.locations.end()};
  }
  void Accept(const RegisterLocation& c, const Decision&) {
    const LocationIndex location = shop_.state().locations.Find(c.location);
    paused_.erase(location);
    if (c.paused) paused_.insert(location);
  }
  template <typename C>
  void Accept(const C&, const Decision&) {}

  static void EndIfEmpty(Kept& r) {
    for (const Line& line : r.lines) {
      if (!line.placements.empty()) return;
    }
    r.state = r.anything_left ? ReservationState::kFulfilled : ReservationState::kReleased;
  }
  Where WhereOf(const Adjustment& a) const {
    return {shop_.state().skus.Find(a.sku), shop_.state().locations.Find(a.location)};
  }
  static std::string Content(const Adjustment& a) {
    const std::string text = absl::StrCat(a.sku, "|", a.location, "|", static_cast<int>(a.kind),
                                          "|", static_cast<int>(a.condition), "|");
    if (!a.compare_and_set) return absl::StrCat(text, a.delta.units());
    return absl::StrCat(text, a.expected.units(), ">", a.value.units());
  }

  const Shop& shop_;
  std::map<Where, int64_t> on_hand_, unusable_;
  std::map<ReservationId, Kept> reservations_;
  std::map<std::string, std::string> effects_;
  std::map<PoolIndex, std::set<LocationIndex>> pools_;
  std::set<LocationIndex> paused_;
};

std::optional<RejectionKind> Model::Stock(const HoldLines& lines, bool partial,
                                          const std::vector<const Kept*>& replaced) const {
  Free left;
  for (const HoldLine& line : lines) {
    for (const LocationIndex l : PlacesOf(line)) left[{line.sku, l}] = Uncommitted({line.sku, l});
  }
  for (const Kept* r : replaced) {
    for (const Line& line : r->lines) {
      for (const Placement& p : line.placements) {
        const auto it = left.find({line.sku, p.location});
        if (it != left.end()) it->second += p.quantity.units();
      }
    }
  }
  bool all = true;
  bool any = false;
  for (const bool from_pool : {false, true}) {
    for (const HoldLine& line : lines) {
      if (line.from_pool != from_pool) continue;
      int64_t wanted = line.quantity.units();
      std::vector<std::pair<int64_t, LocationIndex>> most_first;
      for (const LocationIndex l : PlacesOf(line)) most_first.push_back({-left[{line.sku, l}], l});
      std::sort(most_first.begin(), most_first.end());
      for (const auto& [minus, l] : most_first) {
        const int64_t taken = std::min(wanted, std::max<int64_t>(-minus, 0));
        left[{line.sku, l}] -= taken;
        wanted -= taken;
        any = any || taken > 0;
      }
      all = all && wanted == 0;
    }
  }
  if (all || (partial && any)) return std::nullopt;
  return RejectionKind::kInsufficientStock;
}

std::optional<RejectionKind> Model::Refusal(const BindReservation& c) {
  for (const BindReservation::Line& line : c.lines) {
    for (const Placement& p : line.placements) {
      if (p.location == LocationIndex::kNone) return RejectionKind::kLocationNotFound;
    }
  }
  Kept* const r = Find(c.reservation);
  if (const auto end = EndOf(r)) return end;
  Free need;
  bool exceeds = false;
  for (const BindReservation::Line& bound : c.lines) {
    const Line* line = nullptr;
    for (const Line& candidate : r->lines) {
      if (candidate.name == bound.line_id) line = &candidate;
    }
    if (line == nullptr) return RejectionKind::kLineNotFound;
    int64_t placed = 0;
    for (const Placement& p : bound.placements) {
      need[{line->sku, p.location}] += p.quantity.units();
      placed += p.quantity.units();
    }
    exceeds = exceeds || placed != line->open();
    for (const Placement& p : line->placements) need[{line->sku, p.location}] -= p.quantity.units();
  }
  if (exceeds) return RejectionKind::kQuantityExceedsOpen;
  // Where the books are short already, its own units may stay.
  for (const BindReservation::Line& bound : c.lines) {
    for (const Line& line : r->lines) {
      if (line.name != bound.line_id) continue;
      for (const Placement& p : bound.placements) {
        const int64_t more = need[{line.sku, p.location}];
        if (more > Uncommitted({line.sku, p.location})) return RejectionKind::kInsufficientStock;
      }
    }
  }
  return std::nullopt;
}

std::optional<RejectionKind> Model::Take(const std::vector<LinePart>& parts,
                                         std::vector<Line>& lines, const Taken& taken) const {
  if (parts.empty()) {
    for (Line& line : lines) {
      for (const Placement& p : line.placements) {
        if (taken) taken(line.sku, p.location, p.quantity.units());
      }
      line.placements.clear();
    }
    return std::nullopt;
  }
  for (const LinePart& part : parts) {
    if (!part.any_location && part.location == LocationIndex::kNone) {
      return RejectionKind::kLocationNotFound;
    }
  }
  for (const LinePart& part : parts) {
    const auto named = [&](const Line& line) { return line.name == part.line_id; };
    if (std::none_of(lines.begin(), lines.end(), named)) return RejectionKind::kLineNotFound;
  }
  for (const LinePart& part : parts) {
    int64_t left = part.quantity.units();
    for (Line& line : lines) {
      if (line.name != part.line_id) continue;
      for (Placement& p : line.placements) {
        if (!part.any_location && p.location != part.location) continue;
        const int64_t n = std::min(left, p.quantity.units());
        p.quantity -= Quantity(n);
        left -= n;
        if (taken && n > 0) taken(line.sku, p.location, n);
      }
    }
    if (left > 0) return RejectionKind::kQuantityExceedsOpen;
  }
  for (Line& line : lines) {
    const auto empty = [](const Placement& p) { return p.quantity.IsZero(); };
    line.placements.erase(std::remove_if(line.placements.begin(), line.placements.end(), empty),
                          line.placements.end());
  }
  return std::nullopt;
}

void Model::Keep(ReservationId id, const std::string& owner, const HoldLines& asked,
                 const std::vector<const Kept*>& replaced) {
  for (const Kept* r : replaced) End(const_cast<Kept&>(*r), ReservationState::kReplaced);
  // Where the units stand is the shop's choice; that it may choose so is checked here.
  Kept kept;
  kept.owner = owner;
  Free taken;
  const Reservation& made = shop_.Get(id);
  ASSERT_EQ(made.lines.size(), asked.size());
  for (size_t i = 0; i < asked.size(); ++i) {
    const ReservationLine& line = made.lines[i];
    kept.lines.push_back(
        {line.line_id.empty() ? std::to_string(i) : line.line_id, line.sku, line.placements});
    EXPECT_LE(kept.lines.back().open(), asked[i].quantity.units());
    const std::set<LocationIndex> places = PlacesOf(asked[i]);
    for (const Placement& p : line.placements) {
      EXPECT_EQ(places.count(p.location), 1u);
      taken[{line.sku, p.location}] += p.quantity.units();
    }
  }
  for (const auto& [where, n] : taken) EXPECT_LE(n, Uncommitted(where));
  reservations_[id] = std::move(kept);
}

std::string Model::Difference() const {
  std::string difference;
  const State& state = shop_.state();
  for (uint32_t s = 1; s <= state.skus.size(); ++s) {
    for (uint32_t l = 1; l <= state.locations.size(); ++l) {
      const Where where{static_cast<SkuIndex>(s), static_cast<LocationIndex>(l)};
      const Balances b = state.positions.Get(where.first, where.second);
      if (b.uncommitted().units() != Uncommitted(where) ||
          b.promised().units() != Promised(where)) {
        absl::StrAppend(&difference, state.skus.Name(where.first), " at ",
                        state.locations.Name(where.second), ": uncommitted ",
                        b.uncommitted().units(), ", model ", Uncommitted(where), "\n");
      }
    }
  }
  for (const auto& [id, r] : reservations_) {
    if (state.FindReservation(id)->state != r.state) {
      absl::StrAppend(&difference, "r", static_cast<int64_t>(id), " has another state\n");
    }
  }
  if (state.reservations.size() != reservations_.size()) difference += "reservations differ\n";
  return difference;
}

// Availability is the largest quantity that Reserve accepts, at a location and in a pool.
void CheckAvailability(const Shop& shop, RandomCommands& random) {
  const State& state = shop.state();
  StockKey key;
  key.sku = static_cast<SkuIndex>(1 + random.Below(static_cast<int>(state.skus.size())));
  key.from_pool = random.Below(2) == 0 && state.pool_names.size() > 0;
  if (key.from_pool) {
    key.pool = static_cast<PoolIndex>(1 + random.Below(static_cast<int>(state.pool_names.size())));
  } else {
    key.location =
        static_cast<LocationIndex>(1 + random.Below(static_cast<int>(state.locations.size())));
  }
  const Quantity available = FindAvailability(state, Draft(state), key).available;
  const auto accepted = [&](Quantity quantity) {
    ReserveStock reserve;
    reserve.owner = "nobody";
    reserve.ttl = kTtl;
    reserve.lines.push_back({"", key.sku, key.from_pool, key.pool, key.location, quantity});
    Events events;
    return !Decide(state, reserve, shop.now(), shop.next_position(), events).rejection;
  };
  EXPECT_FALSE(available.IsNegative());
  EXPECT_TRUE(available.IsZero() || accepted(available)) << available.units();
  EXPECT_FALSE(accepted(available + Quantity(1))) << available.units();
}

void RunSession(uint64_t seed, int commands, std::map<size_t, int>& accepted) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  Shop shop;
  Model model(shop);
  RandomCommands random(seed);
  const auto step = [&](const Command& command) {
    model.Expire();
    const auto expected = model.Expect(command);
    const Decision decision = shop.Do(command);
    const auto got = decision.rejection ? std::optional(decision.rejection->kind) : std::nullopt;
    ASSERT_EQ(got.has_value(), expected.has_value()) << "command " << command.index();
    if (got) {
      ASSERT_EQ(*got, *expected) << "command " << command.index();
    } else {
      model.Follow(command, decision);
      ++accepted[command.index()];
    }
    ASSERT_EQ(model.Difference(), "") << "command " << command.index();
  };
  for (const char* sku : {"K0", "K1", "K2"}) step(RegisterSku{sku});
  for (const char* location : {"L0", "L1", "L2"}) step(RegisterLocation{location, false});
  for (int i = 0; i < commands; ++i) {
    shop.Wait(random.NextWait());
    step(random.Next(shop.state()));
    if (testing::Test::HasFailure()) {
      ADD_FAILURE() << "at command " << i << " of seed " << seed;
      return;
    }
    CheckAvailability(shop, random);
  }
  State replayed;
  Changes changes;
  for (const Shop::Logged& logged : shop.log()) {
    Apply(replayed, logged.event, logged.position, logged.time, changes);
  }
  EXPECT_EQ(DumpState(replayed), DumpState(shop.state()));
}

// QM_SEED=n runs one session again; QM_SECONDS=n looks for longer than the usual 5.
TEST(RandomTest, TheShopDoesWhatTheModelSays) {
  std::map<size_t, int> accepted;
  if (const char* seed = std::getenv("QM_SEED")) {
    RunSession(std::strtoull(seed, nullptr, 10), 400, accepted);
    return;
  }
  const char* seconds = std::getenv("QM_SECONDS");
  const auto end = std::chrono::steady_clock::now() +
                   std::chrono::seconds(seconds == nullptr ? 5 : std::atoi(seconds));
  const uint64_t first = std::random_device{}();
  int sessions = 0;
  while (!HasFailure() && (sessions < 20 || std::chrono::steady_clock::now() < end)) {
    RunSession(first + static_cast<uint64_t>(sessions++), 400, accepted);
  }
  std::printf(
      "seeds %llu to %llu\n", static_cast<unsigned long long>(first),
      static_cast<unsigned long long>(first) + static_cast<unsigned long long>(sessions) - 1);
  // No kind of command is nearly always refused.
  for (size_t i = 0; i <= Command(RegisterLocation{}).index(); ++i) {
    EXPECT_GT(accepted[i], sessions / 10) << i;
  }
}

}  // namespace
}  // namespace quartermaster::stock
