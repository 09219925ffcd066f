// Model: what stock must do, too simple to be wrong: maps, and everything summed up anew for every
// question; what fits is for CutOracle to say. Follows a Shop: where the units of a pool hold stand
// is the shop's choice; that it may choose so, and that no choice would leave less short, is
// checked.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_TESTING_MODEL_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_TESTING_MODEL_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/stock/domain/testing/cut_oracle.h"
#include "services/stock/domain/testing/shop.h"

namespace quartermaster::stock {

class Model {
 public:
  explicit Model(const Shop& shop) : shop_(shop) {}

  // Why the command must be refused; nullopt if it must be accepted. Unless it may be either.
  struct Verdict {
    std::optional<RejectionKind> refusal;
    bool either = false;
  };
  Verdict Expect(const Command& command) {
    either_ = false;
    const auto refusal = std::visit([this](const auto& c) { return Refusal(c); }, command);
    return {refusal, either_};
  }
  // Follows an accepted command.
  void Follow(const Command& command, const Decision& decision) {
    FollowGroups();
    std::visit([&](const auto& c) { Accept(c, decision); }, command);
  }
  void Expire() {
    for (auto& [id, r] : reservations_) {
      if (r.state == ReservationState::kHeld && r.expires <= shop_.now()) {
        End(r, ReservationState::kExpired);
      }
    }
  }
  // Before and after every command, whatever became of it: who no longer waits.
  void FollowServed();
  // After every command: what is bound to where, for the counts to come.
  void NoteAllocations();
  // Before Difference: which reservations have left the shop's memory.
  void FollowForgotten() {
    for (const auto& [id, forgotten] : shop_.forgotten()) {
      const auto it = reservations_.find(id);
      if (it == reservations_.end()) continue;
      EXPECT_EQ(forgotten.state, it->second.state) << "r" << static_cast<int64_t>(id);
      forgotten_[id] = std::move(it->second);
      reservations_.erase(it);
    }
  }
  // What differs between the shop and the model.
  std::string Difference() const;

 private:
  using Where = std::pair<SkuIndex, LocationIndex>;
  struct Line {
    // Its id; of a kit's part, with the part's SKU.
    std::string name;
    SkuIndex sku;
    // Of a part of a kit: its line's id, and how many of it one has.
    std::string kit_line;
    int64_t per_kit = 0;
    // Those of one number must be bound together; 0: nobody is with it.
    uint32_t group = 0;
    // kNone: nobody's.
    ChannelIndex channel = ChannelIndex::kNone;
    Placements placements;
    // Of a flexible line, which has no placements: where its units may stand, and how many.
    std::set<LocationIndex> places;
    int64_t flexible = 0;
    int64_t in_transit = 0;
    // Units that wait: by when, and where they may come to; at any of these, or at the one.
    int64_t waiting = 0;
    Instant needed_by;
    std::set<LocationIndex> waits_at;
    bool anywhere = false;
    int64_t open() const {
      int64_t sum = flexible;
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
    // Expired, and then held again by somebody.
    bool held_again = false;
    // Empty: nobody's.
    std::string customer = {};
  };
  static void End(Kept& r, ReservationState state) {
    r.state = state;
    for (Line& line : r.lines) {
      line.placements.clear();
      line.flexible = 0;
      line.in_transit = 0;
      line.waiting = 0;
    }
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
    const SkuBacking* backing = shop_.state().backings.Find(where.first);
    if (backing != nullptr) sum += backing->At(where.second).units();
    return sum;
  }
  int64_t Unusable(const Where& where) const {
    int64_t sum = 0;
    for (const auto& [key, units] : in_condition_) {
      if (key.first == where) sum += units;
    }
    return sum;
  }
  int64_t Uncommitted(const Where& where) const {
    const auto on_hand = on_hand_.find(where);
    return (on_hand == on_hand_.end() ? 0 : on_hand->second) - Unusable(where) - Promised(where);
  }
  // Adds to a condition, or takes from it what it has: so many.
  int64_t Put(const Where& where, Condition condition, int64_t units) {
    if (condition == Condition::kSellable) return units;
    int64_t& has = in_condition_[{where, condition}];
    const int64_t put = std::max(units, -has);
    has += put;
    return put;
  }
  Kept* Find(ReservationId id) {
    const auto it = reservations_.find(id);
    if (it != reservations_.end()) return &it->second;
    const auto forgotten = forgotten_.find(id);
    return forgotten == forgotten_.end() ? nullptr : &forgotten->second;
  }
  Kept* HoldOf(const std::string& owner) {
    for (auto& [id, r] : reservations_) {
      if (r.state == ReservationState::kHeld && r.owner == owner) return &r;
    }
    return nullptr;
  }
  std::set<LocationIndex> PlacesOf(const HoldLine& line) const {
    if (line.for_channel) return pools_.at(channels_.at(line.channel).pool);
    if (!line.from_pool) return {line.location};
    return pools_.at(line.pool);
  }
  // Of a channel as it is now; online without one.
  Demand DemandOf(ChannelIndex channel) const {
    const auto it = channels_.find(channel);
    return it == channels_.end() ? Demand::kOnline : it->second.demand;
  }
  static CutOracle::Set Bit(LocationIndex l) { return 1u << (static_cast<uint32_t>(l) - 1); }
  // The locations that a flexible line's units may move to.
  CutOracle::Set Online(const std::set<LocationIndex>& places) const {
    CutOracle::Set set = 0;
    for (const LocationIndex l : places) set |= paused_.count(l) == 0 ? Bit(l) : 0;
    return set;
  }
  CutOracle::Set WhereOf(const HoldLine& line) const {
    const bool flexible = line.from_pool || line.for_channel;
    return flexible ? Online(PlacesOf(line)) : Bit(line.location);
  }
  using Lines = std::set<const Line*>;
  // What is set as safety stock, by the most specific setting.
  int64_t SafetyStockOf(SkuIndex sku, LocationIndex location) const {
    for (const PolicyScope& scope : {PolicyScope{sku, location}, PolicyScope{sku, {}},
                                     PolicyScope{SkuIndex::kNone, location}, PolicyScope{}}) {
      const auto it = safety_stock_.find({scope.sku, scope.location});
      if (it != safety_stock_.end()) return it->second.first;
    }
    return 0;
  }
  // What a SKU has and what is promised of it, less `ended`. Which of a lane's units stand at a
  // paused location and may stay is the shop's choice: if some of them end, it is not known.
  CutOracle OracleOf(SkuIndex sku, const Lines& ended, bool& known) const;
  // The same as online demand sees it: safety stock is promised to somebody too.
  CutOracle OnlineOracleOf(SkuIndex sku, const Lines& ended, bool& known) const;
  // Whether more demand fits into what `ended` leaves behind.
  struct Wanted {
    CutOracle::Set where;
    int64_t units;
    Demand demand;
    ChannelIndex channel;
    // Some of its request's units are to be together.
    bool beside_group = false;
  };
  // Of units that lines give back, a request for online demand and for tills holds only as many for
  // channels as online demand could have: what it refuses otherwise, it may serve.
  void NoteKinds(const std::set<Demand>& kinds);
  // `binds`: what ends is bound, so that its channel goes on using it.
  bool Fits(const std::map<SkuIndex, std::vector<Wanted>>& demands, const Lines& ended,
            bool binds = false);
  // What is set for a channel and a SKU, and what was sold of it since.
  struct KeptAllotment {
    AllotmentTerms terms;
    int64_t version = 0;
    int64_t sold = 0;
    std::map<std::string, int64_t> sold_to;
  };
  using Takes = std::map<ChannelIndex, int64_t>;
  bool Borrows(SkuIndex sku, ChannelIndex channel) const {
    const auto it = allotments_.find({sku, channel});
    return it != allotments_.end() && it->second.terms.borrows;
  }
  // What a channel, or one of its customers, has open of a SKU, but for `ended`.
  int64_t OpenFor(SkuIndex sku, ChannelIndex channel, const std::string* customer,
                  const Lines& ended) const {
    int64_t sum = 0;
    for (const auto& [id, r] : reservations_) {
      if (customer != nullptr && r.customer != *customer) continue;
      for (const Line& line : r.lines) {
        const bool its = line.sku == sku && line.channel == channel && ended.count(&line) == 0;
        if (its) sum += line.open() + line.in_transit + line.waiting;
      }
    }
    return sum;
  }
  // What quotas hold of a SKU once `ended` is given back and the channels took so much more.
  void HoldQuotas(SkuIndex sku, const Lines& ended, const Takes& takes, CutOracle& oracle) const;
  // Whether no more is lacking of them than was.
  bool LeavesQuotas(SkuIndex sku, const std::vector<Wanted>& list, const Lines& ended, bool binds);
  // Lowers the lines to what caps leave them.
  std::optional<RejectionKind> Caps(HoldLines& lines, const std::string& customer,
                                    const Lines& ended) const;

  // What lines come to: a kit's parts, each as a line of its own; the lines that must be at one
  // location are marked with a group.
  HoldLines PartsOf(const HoldLines& lines) const;
  // So many units of each SKU that one of it comes to.
  std::map<SkuIndex, int64_t> Flat(SkuIndex sku) const;
  bool IsWhole(SkuIndex sku) const;
  // On its way, on order, or waited for.
  bool IsToCome(SkuIndex sku) const;
  bool HasAllotments(SkuIndex sku) const;
  bool Contains(SkuIndex sku, SkuIndex what) const;
  // Parts of a kit's line, by the names that its lines have here.
  std::vector<LinePart> ByName(const std::vector<LinePart>& parts,
                               const std::vector<Line>& lines) const;
  BindReservation ByName(const BindReservation& c, const std::vector<Line>& lines) const;
  static bool IsTornApart(const BindReservation& named, const std::vector<Line>& lines);
  // Groups that moved to make room for the last command.
  void FollowGroups();
  static std::string NameOfPart(const std::string& line_id, SkuIndex sku) {
    return absl::StrCat(line_id, "/", static_cast<uint32_t>(sku));
  }

  std::optional<RejectionKind> UnknownName(const HoldLines& lines) const {
    for (const HoldLine& line : lines) {
      if (line.sku == SkuIndex::kNone) return RejectionKind::kItemNotFound;
      if (line.from_pool && line.pool == PoolIndex::kNone) return RejectionKind::kPoolNotFound;
      if (line.for_channel && line.channel == ChannelIndex::kNone) {
        return RejectionKind::kChannelNotFound;
      }
      if (!line.from_pool && !line.for_channel && line.location == LocationIndex::kNone) {
        return RejectionKind::kLocationNotFound;
      }
    }
    return std::nullopt;
  }
  // Whether the lines' stock is there, once `replaced` are gone.
  std::optional<RejectionKind> Stock(HoldLines lines, bool partial, const std::string& customer,
                                     const std::vector<const Kept*>& replaced);
  static std::optional<RejectionKind> EndOf(const Kept* r) {
    if (r == nullptr) return RejectionKind::kReservationNotFound;
    switch (r->state) {
      case ReservationState::kFulfilled:
        return RejectionKind::kReservationFulfilled;
      case ReservationState::kReleased:
        return RejectionKind::kReservationReleased;
      case ReservationState::kExpired:
        return r->held_again ? RejectionKind::kReservationReplaced
                             : RejectionKind::kReservationExpired;
      case ReservationState::kReplaced:
        return RejectionKind::kReservationReplaced;
      default:
        return std::nullopt;
    }
  }
  // Whether a reservation that has ended has left the shop's memory. What the shop has yet to end
  // may push it out.
  bool IsForgotten(ReservationId id) {
    if (shop_.forgotten().count(id) > 0) return true;
    for (const auto& [other, r] : reservations_) {
      either_ = either_ || (shop_.forgets() && IsOpen(shop_.Get(other).state) && !IsOpen(r.state));
    }
    return false;
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
    return Stock(c.lines, c.allow_partial, c.customer, ReplacedBy(c.owner, c.takes_over));
  }
  std::optional<RejectionKind> Refusal(const UpdateReservation& c) {
    if (const auto unknown = UnknownName(c.lines)) return unknown;
    if (const auto end = NotAHold(Find(c.reservation))) return end;
    return Stock(c.lines, false, Find(c.reservation)->customer, {Find(c.reservation)});
  }
  std::optional<RejectionKind> Refusal(const ExtendReservation& c) {
    return NotAHold(Find(c.reservation));
  }
  std::optional<RejectionKind> Refusal(const ConfirmReservation& c) {
    const auto end = NotAHold(Find(c.reservation));
    if (end != RejectionKind::kReservationExpired || c.rehold_lines.empty()) return end;
    if (IsForgotten(c.reservation)) return end;
    if (const auto unknown = UnknownName(c.rehold_lines)) return unknown;
    return Stock(c.rehold_lines, false, c.customer, ReplacedBy(c.owner, ReservationId::kNone));
  }
  std::optional<RejectionKind> Refusal(const BindReservation& c);
  std::optional<RejectionKind> Refusal(const ReleaseReservation& c) {
    if (const auto end = EndOf(Find(c.reservation))) return end;
    std::vector<Line> lines = Find(c.reservation)->lines;
    return Take(ByName(c.parts, lines), lines, nullptr);
  }
  std::optional<RejectionKind> Refusal(const FulfilReservation& c) {
    const auto message = messages_.find(NameOf(c.message));
    if (!c.message.source.empty() && message != messages_.end()) {
      if (message->second != MessageContent(c)) return RejectionKind::kMessageReused;
      if (Find(c.reservation) != nullptr) return std::nullopt;
    }
    if (const auto end = EndOf(Find(c.reservation))) return end;
    std::vector<Line> lines = Find(c.reservation)->lines;
    return Take(ByName(c.parts, lines), lines, nullptr);
  }
  std::optional<RejectionKind> Refusal(const StageCount& c);
  std::optional<RejectionKind> Refusal(const AdjustStock& c) {
    const Adjustment& a = c.adjustment;
    const auto message = messages_.find(NameOf(a.message));
    if (!a.message.source.empty() && message != messages_.end()) {
      if (message->second == MessageContent(a)) return std::nullopt;
      return RejectionKind::kMessageReused;
    }
    const auto effect = effects_.find(a.effect_key);
    if (!a.effect_key.empty() && effect != effects_.end()) {
      if (effect->second == Content(a)) return std::nullopt;
      return RejectionKind::kEffectKeyReused;
    }
    if (kits_.count(WhereOf(a).first) > 0) {
      if (a.compare_and_set) return RejectionKind::kKitHasNoStock;
      for (const auto& [sku, count] : Flat(WhereOf(a).first)) {
        if (std::abs(a.delta.units()) * count > kMaxLineQuantity.units()) {
          return RejectionKind::kKitQuantityTooLarge;
        }
      }
      return std::nullopt;
    }
    if (a.compare_and_set && on_hand_[WhereOf(a)] != a.expected.units()) {
      return RejectionKind::kExpectationFailed;
    }
    return std::nullopt;
  }
  std::optional<RejectionKind> Refusal(const ChangeCondition& c) {
    if (c.sku == SkuIndex::kNone) return RejectionKind::kItemNotFound;
    if (c.location == LocationIndex::kNone) return RejectionKind::kLocationNotFound;
    if (kits_.count(c.sku) > 0) return RejectionKind::kKitHasNoStock;
    const Where where{c.sku, c.location};
    const int64_t there = c.from == Condition::kSellable ? on_hand_[where] - Unusable(where)
                                                         : in_condition_[{where, c.from}];
    if (there >= c.quantity.units()) return std::nullopt;
    return RejectionKind::kQuantityExceedsCondition;
  }
  std::optional<RejectionKind> Refusal(const TransferStock& c);
  std::optional<RejectionKind> Refusal(const ShipTransfer& c);
  std::optional<RejectionKind> Refusal(const ReceiveTransfer& c);
  std::optional<RejectionKind> Refusal(const ExpectSupply& c);
  std::optional<RejectionKind> Refusal(const ReceiveSupply& c);
  std::optional<RejectionKind> Refusal(const CancelSupply& c);
  std::optional<RejectionKind> Refusal(const CloseTransfer& c) {
    if (transfers_.count(c.transfer_id) > 0) return std::nullopt;
    return RejectionKind::kTransferNotFound;
  }
  std::optional<RejectionKind> Refusal(const SetPool& c) {
    for (const LocationIndex l : c.locations) {
      if (l == LocationIndex::kNone) return RejectionKind::kLocationNotFound;
    }
    return std::nullopt;
  }
  std::optional<RejectionKind> Refusal(const SetStockPolicy& c) {
    if (c.of_sku && c.sku == SkuIndex::kNone) return RejectionKind::kItemNotFound;
    if (c.of_location && c.location == LocationIndex::kNone) {
      return RejectionKind::kLocationNotFound;
    }
    const auto it = safety_stock_.find({c.sku, c.location});
    const int64_t version = it == safety_stock_.end() ? 0 : it->second.second;
    if (c.expected_version && *c.expected_version != version) {
      return RejectionKind::kVersionChanged;
    }
    return std::nullopt;
  }
  std::optional<RejectionKind> Refusal(const SetChannel& c) {
    if (c.pool == PoolIndex::kNone) return RejectionKind::kPoolNotFound;
    const auto it = channels_.find(shop_.state().channel_names.Find(c.channel));
    const int64_t version = it == channels_.end() ? 0 : it->second.version;
    if (c.expected_version && *c.expected_version != version) {
      return RejectionKind::kVersionChanged;
    }
    return std::nullopt;
  }
  std::optional<RejectionKind> Refusal(const SetAllotment& c) {
    if (c.sku == SkuIndex::kNone) return RejectionKind::kItemNotFound;
    if (c.channel == ChannelIndex::kNone) return RejectionKind::kChannelNotFound;
    const auto it = allotments_.find({c.sku, c.channel});
    const int64_t version = it == allotments_.end() ? 0 : it->second.version;
    if (c.expected_version && *c.expected_version != version) {
      return RejectionKind::kVersionChanged;
    }
    return std::nullopt;
  }
  std::optional<RejectionKind> Refusal(const DefineKit& c);
  template <typename C>
  std::optional<RejectionKind> Refusal(const C&) {
    return std::nullopt;
  }

  // The units that the parts name, location by location, out of `lines`; told to `taken`.
  using Taken = std::function<void(SkuIndex, LocationIndex, int64_t)>;
  std::optional<RejectionKind> Take(const std::vector<LinePart>& parts, std::vector<Line>& lines,
                                    const Taken& taken);
  // The flexible units that the shop's last event took, of the lines and as many as `parts` say.
  void TakeFlexible(const std::vector<LinePart>& parts, std::vector<Line>& lines,
                    const Taken& taken);

  void Keep(ReservationId id, const std::string& owner, const HoldLines& request,
            const std::string& customer, const std::vector<const Kept*>& replaced);
  void Accept(const ReserveStock& c, const Decision& d) {
    Keep(d.reservation, c.owner, c.lines, c.customer, ReplacedBy(c.owner, c.takes_over));
    reservations_[d.reservation].expires = shop_.now() + c.ttl;
  }
  void Accept(const UpdateReservation& c, const Decision& d) {
    const Instant expires = Find(c.reservation)->expires;
    Keep(d.reservation, Find(c.reservation)->owner, c.lines, Find(c.reservation)->customer,
         {Find(c.reservation)});
    reservations_[d.reservation].expires = c.ttl ? shop_.now() + *c.ttl : expires;
  }
  void Accept(const ExtendReservation& c, const Decision&) {
    Find(c.reservation)->expires = shop_.now() + c.ttl;
  }
  void Accept(const ConfirmReservation& c, const Decision& d) {
    if (d.reservation != c.reservation) {
      Find(c.reservation)->held_again = true;
      Keep(d.reservation, c.owner, c.rehold_lines, c.customer,
           ReplacedBy(c.owner, ReservationId::kNone));
    }
    reservations_[d.reservation].state = ReservationState::kConfirmed;
  }
  void Accept(const BindReservation& c, const Decision&) {
    for (const BindReservation::Line& bound : ByName(c, Find(c.reservation)->lines).lines) {
      for (Line& line : Find(c.reservation)->lines) {
        if (line.name != bound.line_id) continue;
        line.placements = bound.placements;
        line.flexible = 0;
        line.places.clear();
      }
    }
  }
  void Accept(const ReleaseReservation& c, const Decision&) {
    Kept& r = *Find(c.reservation);
    Follow(c.parts, r.lines, [&](SkuIndex sku, LocationIndex location, int64_t n) {
      if (c.missing) Put({sku, location}, Condition::kSuspect, n);
    });
    // All of it is also what is on its way.
    if (c.parts.empty() && !c.missing) {
      for (Line& line : r.lines) line.in_transit = line.waiting = 0;
    }
    EndIfEmpty(r);
  }
  void Accept(const FulfilReservation& c, const Decision& d) {
    const bool told = !c.message.source.empty();
    const bool again = told && !messages_.emplace(NameOf(c.message), MessageContent(c)).second;
    EXPECT_EQ(d.duplicate, again);
    if (again) return;
    Kept& r = *Find(c.reservation);
    const std::vector<Line> before = r.lines;
    std::map<Where, int64_t> gone;
    Follow(c.parts, r.lines, [&](SkuIndex sku, LocationIndex location, int64_t n) {
      gone[{sku, location}] += n;
      r.anything_left = true;
    });
    for (const auto& [where, units] : gone) {
      Entry entry = EntryOf(c);
      entry.on_hand = -units;
      if (r.state == ReservationState::kConfirmed) {
        entry.allocated = StandingAt(r.lines, where) - StandingAt(before, where);
      }
      // What nobody dates happens now, whatever has been counted.
      if (told || c.business_time != Instant{}) {
        Tell(where, entry);
      } else {
        history_[where].push_back(entry);
        allocated_[where] += entry.allocated;
        on_hand_[where] += entry.on_hand;
      }
    }
    for (size_t i = 0; i < before.size(); ++i) {
      const auto it = allotments_.find({before[i].sku, before[i].channel});
      if (it == allotments_.end()) continue;
      const int64_t sold = before[i].open() - r.lines[i].open();
      it->second.sold += sold;
      if (it->second.terms.customer_cap) it->second.sold_to[r.customer] += sold;
    }
    EndIfEmpty(r);
  }
  void Accept(const AdjustStock& c, const Decision& d) {
    const Adjustment& a = c.adjustment;
    const bool told = !a.message.source.empty() && messages_.count(NameOf(a.message)) > 0;
    EXPECT_EQ(d.duplicate, told || (!a.effect_key.empty() && effects_.count(a.effect_key) > 0));
    if (!a.message.source.empty()) messages_.emplace(NameOf(a.message), MessageContent(a));
    if (d.duplicate) return;
    if (!a.effect_key.empty()) effects_[a.effect_key] = Content(a);
    const auto [sku, location] = WhereOf(a);
    bool all_counted = true;
    for (const auto& [part, count] : Flat(sku)) {
      all_counted = Happen({part, location}, a, count) && all_counted;
    }
    EXPECT_EQ(d.in_count, all_counted);
  }
  // A fact, `count` times. Whether the position's count has it.
  bool Happen(const Where& where, const Adjustment& a, int64_t count) {
    const int64_t delta =
        (a.compare_and_set ? (a.value - a.expected).units() : a.delta.units()) * count;
    if (a.kind == AdjustmentKind::kConditionChanged) {
      Put(where, a.from_condition, -delta);
      Put(where, a.condition, delta);
      return false;
    }
    const Instant time = a.compare_and_set              ? shop_.now() + Micros{1}
                         : a.business_time == Instant{} ? shop_.now()
                                                        : std::min(a.business_time, shop_.now());
    const Entry entry{a.message.source, a.message.sequence, time, delta, 0, a.compare_and_set};
    history_[where].push_back(entry);
    const Counted* holding = Holding(where);
    const bool has = holding != nullptr && Has(*holding, entry);
    if (!has) on_hand_[where] += delta;
    const int64_t usable = Uncommitted(where) + Promised(where);
    // Of units that the count has, as many are in the condition as are there at all.
    const int64_t room = has ? std::max<int64_t>(0, usable) : delta;
    Put(where, a.condition, std::min(delta, room));
    return has;
  }
  void Accept(const ChangeCondition& c, const Decision&) {
    Put({c.sku, c.location}, c.from, -c.quantity.units());
    Put({c.sku, c.location}, c.to, c.quantity.units());
  }
  void Accept(const TransferStock& c, const Decision& d);
  void Accept(const ShipTransfer& c, const Decision& d);
  void Accept(const ReceiveTransfer& c, const Decision& d);
  void Accept(const CloseTransfer& c, const Decision& d);
  void Accept(const ExpectSupply& c, const Decision& d);
  void Accept(const ReceiveSupply& c, const Decision& d);
  void Accept(const CancelSupply& c, const Decision& d);
  void Accept(const SetPool& c, const Decision&) {
    pools_[shop_.state().pool_names.Find(c.pool)] = {c.locations.begin(), c.locations.end()};
  }
  void Accept(const SetStockPolicy& c, const Decision& d) {
    if (c.safety_stock) {
      safety_stock_[{c.sku, c.location}] = {c.safety_stock->units(), *d.version};
    } else {
      safety_stock_.erase({c.sku, c.location});
    }
  }
  void Accept(const SetChannel& c, const Decision& d) {
    channels_[shop_.state().channel_names.Find(c.channel)] = {c.pool, c.demand, *d.version};
  }
  void Accept(const SetAllotment& c, const Decision& d) {
    if (c.terms.empty()) {
      allotments_.erase({c.sku, c.channel});
      return;
    }
    KeptAllotment& kept = allotments_[{c.sku, c.channel}];
    if (c.new_window) kept.sold = 0;
    if (c.new_window || !c.terms.customer_cap) kept.sold_to.clear();
    kept.terms = c.terms;
    kept.version = *d.version;
  }
  void Accept(const DefineKit& c, const Decision& d) {
    kits_.erase(c.sku);
    if (!c.components.empty()) kits_[c.sku] = {c.components, c.same_location, *d.version};
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
      if (line.open() > 0 || line.in_transit > 0 || line.waiting > 0) return;
    }
    r.state = r.anything_left ? ReservationState::kFulfilled : ReservationState::kReleased;
  }
  // A change of on hand or of what is allocated, as a count sees it.
  struct Entry {
    std::string source;
    int64_t sequence = 0;
    Instant time;
    int64_t on_hand = 0;
    int64_t allocated = 0;
    bool absolute = false;
  };
  // A count, as far as its parts have come.
  struct Counted {
    StageCount terms;
    std::string content;
    std::map<int, std::string> parts;
    std::vector<StageCount::Row> rows;
  };
  static std::string NameOf(const SourceMessage& m) {
    return absl::StrCat(m.source, "|", m.id.empty() ? absl::StrCat("#", m.sequence) : m.id);
  }
  static std::string MessageContent(const Adjustment& a) {
    return absl::StrCat(Content(a), "|", a.effect_key, "|", a.message.sequence);
  }
  static std::string MessageContent(const FulfilReservation& c) {
    std::string content = absl::StrCat("fulfil|", static_cast<int64_t>(c.reservation));
    for (const LinePart& part : c.parts) {
      absl::StrAppend(&content, "|", part.line_id, "|", part.quantity.units(), "|",
                      part.any_location, "|", static_cast<uint32_t>(part.location), "|",
                      part.of_part, "|", static_cast<uint32_t>(part.part));
    }
    return content;
  }
  // Units of the lines that have a place of their own there.
  static int64_t StandingAt(const std::vector<Line>& lines, const Where& where) {
    int64_t units = 0;
    for (const Line& line : lines) {
      if (line.sku != where.first) continue;
      for (const Placement& p : line.placements) {
        if (p.location == where.second) units += p.quantity.units();
      }
    }
    return units;
  }
  static std::string TermsContent(const StageCount& c);
  static std::string RowsContent(const StageCount& c);
  static bool Has(const Counted& count, const Entry& entry) {
    for (const StageCount::Mark& mark : count.terms.watermarks) {
      if (entry.sequence > 0 && mark.source == entry.source) {
        return entry.sequence <= mark.sequence;
      }
    }
    return entry.time <= count.terms.taken;
  }
  static bool Newer(const Counted& a, const Counted& b) {
    return std::make_pair(a.terms.taken, a.terms.count_id) >
           std::make_pair(b.terms.taken, b.terms.count_id);
  }
  bool CountsLocation(const Counted& count, LocationIndex location) const {
    for (const std::string& name : count.terms.full_at) {
      if (shop_.state().locations.Find(name) == location) return true;
    }
    return false;
  }
  bool CountsPosition(const Counted& count, const Where& where) const {
    if (CountsLocation(count, where.second)) return true;
    for (const StageCount::Row& row : count.rows) {
      if (Where(shop_.state().skus.Find(row.sku), shop_.state().locations.Find(row.location)) ==
          where) {
        return true;
      }
    }
    return false;
  }
  // The newest complete count of a position.
  const Counted* Holding(const Where& where) const {
    const Counted* newest = nullptr;
    for (const auto& [id, count] : counts_) {
      const bool complete = static_cast<int>(count.parts.size()) == count.terms.parts;
      if (!complete || !CountsPosition(count, where)) continue;
      // On hand had been set since; but a full count knows what is told of the whole location.
      if (!CountsLocation(count, where.second) && not_used_.count({where, id}) > 0) continue;
      if (newest == nullptr || Newer(count, *newest)) newest = &count;
    }
    return newest;
  }
  // Transfers (model_transfers.cc). All lines of a SKU are one: whose units are taken is the shop's
  // choice, within bounds.
  struct Moved {
    std::string content;  // empty: nobody asked for it
    LocationIndex from, to;
    ReservationId own = ReservationId::kNone;
    struct Goods {
      int64_t asked = 0;
      int64_t shipped = 0;
      int64_t presumed = 0;
      int64_t received = 0;
      int64_t damaged = 0;
      int64_t lost = 0;
      int64_t in_transit() const { return shipped - received - lost; }
    };
    std::map<SkuIndex, Goods> goods;
    // By the transfer's line: how many of an order's units left with it, less those that came or
    // were lost.
    std::map<uint32_t, int64_t> of_orders;
    bool all_shipped = false;
    // No more will come.
    bool all_received = false;
    bool closed = false;
  };
  static std::string ContentOf(const TransferStock& c);
  static std::string ContentOf(const std::string& transfer, const TransferFactLine& line,
                               bool ships);
  HoldLines OwnLines(const TransferStock& c) const;
  static std::string MessageContent(const auto& c, bool ships);
  // A message that came before: nothing happens again.
  bool CameBefore(const auto& c, bool ships, const Decision& d);
  std::optional<RejectionKind> RefusalOfFact(const auto& c);
  Moved& MovedOf(const auto& c);
  // Whether the line is news; notes its effect.
  bool IsNews(const std::string& transfer, const TransferFactLine& line, bool ships);
  // A fact about a position: changes on hand, unless its last count has it. Whether it has.
  bool Tell(const Where& where, const Entry& entry);
  // When what is told happened, and who says so.
  Entry EntryOf(const auto& c) const {
    const Instant now = shop_.now();
    return {c.message.source, c.message.sequence,
            c.business_time == Instant{} ? now : std::min(c.business_time, now), 0, 0};
  }
  // visit(lines of the transfer, line of the event) of the last command's events.
  template <typename TransferEvent, typename Visit>
  void VisitLastEvents(const Visit& visit) const {
    for (size_t i = shop_.log().size() - shop_.last_events(); i < shop_.log().size(); ++i) {
      const auto* const event = std::get_if<TransferEvent>(&shop_.log()[i].event);
      if (event == nullptr) continue;
      const auto& lines = shop_.state().transfers.At(event->transfer).lines;
      for (const auto& line : event->lines) visit(lines, line);
    }
  }
  // Whose units are taken and come back is the shop's choice: how many of those that have left
  // (told of, or presumed to have), and that have come, are allocated.
  std::map<SkuIndex, int64_t> AllocatedOut(bool presumed) const;
  std::map<SkuIndex, int64_t> AllocatedIn() const;
  bool IsConfirmed(const TransferLine& line) const {
    const auto it = reservations_.find(line.reservation);
    const Kept* const r = it == reservations_.end() ? nullptr : &it->second;
    return r != nullptr && r->state == ReservationState::kConfirmed;
  }
  void Leave(Moved& moved, SkuIndex sku, int64_t units, Entry entry,
             std::map<SkuIndex, int64_t>& allocated);
  // What the shop's events say of reservations: within bounds, and as much as may be.
  void FollowReservations(Moved& moved);
  // Of an order's units that are no longer on their way: as many as may be, while it is open.
  void FollowArrival(Moved& moved, uint32_t line, const TransferLine& of, int64_t units,
                     int64_t of_order);
  void CloseIfDone(Moved& moved);
  void Close(Moved& moved);
  void ReleaseRest(const Moved& moved);
  std::string TransferDifference() const;

  // Supply (model_supply.cc).
  struct Ordered {
    SkuIndex sku = SkuIndex::kNone;
    LocationIndex location = LocationIndex::kNone;
    int64_t expected = 0;
    int64_t received = 0;
    Instant due;
    int64_t revision = 0;
    bool closed = false;
    // By that revision.
    bool cancelled = false;
    int64_t open() const { return closed ? 0 : std::max<int64_t>(0, expected - received); }
  };
  static std::string MessageContent(const ReceiveSupply& c);
  static std::string ContentOf(const std::string& supply_id, const ReceiveSupply::Line& line);
  CutOracle PromisesOf(SkuIndex sku, const Lines& ended) const;
  CutOracle::Set InTime(SkuIndex sku, const std::set<LocationIndex>& places, bool anywhere,
                        Instant needed_by) const;
  int64_t FormulaAt(const Where& where, Instant date, const Lines& ended) const;
  // Whether so many more units of a line can be promised of what is to come.
  bool FitsWaiting(const HoldLine& line, int64_t units, const Lines& ended);
  void CheckServedInOrder(const WaitersServed& served);
  std::string SupplyDifference() const;

  void Accept(const StageCount& c, const Decision& d);
  void SetToCount(const Where& where, const Counted& count);
  Where WhereOf(const Adjustment& a) const {
    return {shop_.state().skus.Find(a.sku), shop_.state().locations.Find(a.location)};
  }
  static std::string Content(const Adjustment& a) {
    const std::string text =
        absl::StrCat(a.sku, "|", a.location, "|", static_cast<int>(a.kind), "|",
                     static_cast<int>(a.condition), "|", static_cast<int>(a.from_condition), "|");
    if (!a.compare_and_set) return absl::StrCat(text, a.delta.units());
    return absl::StrCat(text, a.expected.units(), ">", a.value.units());
  }

  void Follow(const std::vector<LinePart>& asked, std::vector<Line>& lines, const Taken& taken) {
    const std::vector<LinePart> parts = ByName(asked, lines);
    TakeFlexible(parts, lines, taken);
    Take(parts, lines, taken);
  }

  const Shop& shop_;
  bool either_ = false;
  std::map<Where, int64_t> on_hand_;
  std::map<std::pair<Where, Condition>, int64_t> in_condition_;
  // Those that have left the shop's memory are in the second.
  std::map<ReservationId, Kept> reservations_, forgotten_;
  std::map<std::string, std::string> effects_;
  std::map<Where, std::vector<Entry>> history_;
  std::map<Where, int64_t> allocated_;
  std::map<std::string, std::string> messages_;
  std::map<std::string, Counted> counts_;
  std::set<std::pair<Where, std::string>> not_used_;
  std::map<std::string, Moved> transfers_;
  std::map<std::string, Ordered> supplies_;
  // How much of the shop's log has been looked at for who was served.
  size_t followed_ = 0;
  std::map<PoolIndex, std::set<LocationIndex>> pools_;
  struct KeptChannel {
    PoolIndex pool;
    Demand demand = Demand::kOnline;
    int64_t version = 0;
  };
  std::map<ChannelIndex, KeptChannel> channels_;
  std::map<std::pair<SkuIndex, ChannelIndex>, KeptAllotment> allotments_;
  struct KeptKit {
    KitParts components;
    bool same_location = false;
    int64_t version = 0;
  };
  std::map<SkuIndex, KeptKit> kits_;
  std::set<LocationIndex> paused_;
  // By scope: units and version.
  std::map<Where, std::pair<int64_t, int64_t>> safety_stock_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_TESTING_MODEL_H_
