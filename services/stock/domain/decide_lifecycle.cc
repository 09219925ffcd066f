#include <algorithm>
#include <utility>
#include <variant>

#include "absl/container/flat_hash_map.h"
#include "services/stock/domain/backing.h"
#include "services/stock/domain/content_hash.h"
#include "services/stock/domain/decide_internal.h"
#include "services/stock/domain/fact_writer.h"

namespace quartermaster::stock {

std::optional<RejectionKind> EndOf(const Reservation& reservation, Instant now) {
  switch (reservation.state) {
    case ReservationState::kHeld:
      if (now < reservation.expires) return std::nullopt;
      return RejectionKind::kReservationExpired;
    case ReservationState::kConfirmed:
      return std::nullopt;
    case ReservationState::kFulfilled:
      return RejectionKind::kReservationFulfilled;
    case ReservationState::kReleased:
      return RejectionKind::kReservationReleased;
    case ReservationState::kExpired:
      // Once held again, it is the other one that counts.
      return reservation.replaced_by == ReservationId::kNone ? RejectionKind::kReservationExpired
                                                             : RejectionKind::kReservationReplaced;
    case ReservationState::kReplaced:
      return RejectionKind::kReservationReplaced;
  }
  return std::nullopt;
}

ReservationId ReservationOf(const Command& command) {
  return std::visit(
      [](const auto& c) {
        if constexpr (requires { c.reservation; }) return c.reservation;
        return ReservationId::kNone;
      },
      command);
}

namespace internal {
namespace {

Decision Accept(ReservationId reservation) {
  Decision decision;
  decision.reservation = reservation;
  return decision;
}

void AddPart(uint32_t line, LocationIndex location, Quantity quantity, Parts& parts) {
  for (Part& part : parts) {
    if (part.line != line || part.location != location) continue;
    part.quantity += quantity;
    return;
  }
  parts.push_back({line, location, quantity});
}

Quantity TakenOf(uint32_t line, const Parts& parts) {
  Quantity taken;
  for (const Part& part : parts) {
    if (part.line == line) taken += part.quantity;
  }
  return taken;
}

// What becomes of units that a reservation gives up: others may have them, or they are gone.
enum class Fate { kFree, kGone };

// Some open units of a flexible line: where they stand, or gathered where the goods are said to be.
// False if they cannot be there, or are not as many.
bool TakeFlexible(const Reservation& r, uint32_t line, const LinePart& part, Fate fate,
                  Draft& draft, Parts& parts) {
  const ReservationLine& from = r.lines[line];
  if (from.open() - TakenOf(line, parts) < part.quantity) return false;
  const Lane lane{from.eligible, r.state == ReservationState::kConfirmed};
  SkuFlow& flow = draft.Flow(from.sku);
  Placements ended;
  if (part.any_location) {
    ended = flow.End(lane, part.quantity);
  } else if (flow.EndAt(part.location, lane, part.quantity)) {
    ended.push_back({part.location, part.quantity});
  } else {
    return false;
  }
  for (const Placement& p : ended) {
    AddPart(line, p.location, p.quantity, parts);
    if (fate == Fate::kGone) flow.AddFree(p.location, -p.quantity);
  }
  return true;
}

// The open units that the parts name, location by location; all of them if there are no parts.
// Several parts may name the same line.
std::optional<Rejection> ResolveParts(const State& state, const Reservation& r,
                                      const std::vector<LinePart>& wanted, Fate fate, Draft& draft,
                                      Parts& parts) {
  if (wanted.empty()) {
    for (uint32_t i = 0; i < r.lines.size(); ++i) {
      for (const Placement& p : r.lines[i].placements) parts.push_back({i, p.location, p.quantity});
    }
    if (HasFlexible(r)) {
      for (const Part& part : draft.Free(r)) parts.push_back(part);
    }
    return std::nullopt;
  }
  for (size_t w = 0; w < wanted.size(); ++w) {
    const bool known = wanted[w].any_location || state.locations.Knows(wanted[w].location);
    if (!known) return Rejection{RejectionKind::kLocationNotFound, static_cast<int>(w)};
  }
  // Each line that is meant, with the part that names it.
  std::vector<std::pair<uint32_t, size_t>> named;
  for (size_t w = 0; w < wanted.size(); ++w) {
    const LinePart& part = wanted[w];
    const std::vector<uint32_t> lines = FindLines(r, part.line_id, part.of_part, part.part);
    if (lines.empty()) return Rejection{RejectionKind::kLineNotFound, static_cast<int>(w)};
    for (const uint32_t line : lines) named.emplace_back(line, w);
  }
  // Of the lines that have been named, what other parts have left; they may have many placements.
  absl::flat_hash_map<uint32_t, Placements> rests;
  for (const auto& [line, w] : named) {
    LinePart part = wanted[w];
    // So many kits: the parts of a whole one are taken in the order of the same places.
    if (!part.of_part && r.lines[line].kit != SkuIndex::kNone) {
      part.quantity = Quantity(part.quantity.units() * r.lines[line].per_kit);
    }
    if (r.lines[line].flexible()) {
      if (TakeFlexible(r, line, part, fate, draft, parts)) continue;
      return Rejection{RejectionKind::kQuantityExceedsOpen, static_cast<int>(w)};
    }
    Placements& rest = rests.try_emplace(line, r.lines[line].placements).first->second;
    Quantity left = part.quantity;
    for (Placement& p : rest) {
      if (!part.any_location && part.location != p.location) continue;
      const Quantity take = std::min(left, p.quantity);
      if (take.IsZero()) continue;
      AddPart(line, p.location, take, parts);
      p.quantity -= take;
      left -= take;
      if (left.IsZero()) break;
    }
    if (left.IsPositive()) {
      return Rejection{RejectionKind::kQuantityExceedsOpen, static_cast<int>(w)};
    }
  }
  return std::nullopt;
}

// Whether two lines of a group are placed together: at one place, or as whole kits.
bool AreTogether(const Reservation& r, const ReservationBound::Line& a,
                 const ReservationBound::Line& b) {
  const ReservationLine& line = r.lines[a.line];
  const ReservationLine& other = r.lines[b.line];
  if (a.placements.size() != b.placements.size()) return false;
  const bool spread = a.placements.size() > 1;
  const bool of_kit = line.kit != SkuIndex::kNone && line.line_id == other.line_id;
  if (spread && !of_kit) return false;
  for (size_t i = 0; i < a.placements.size(); ++i) {
    const int64_t units = a.placements[i].quantity.units();
    const int64_t others = b.placements[i].quantity.units();
    if (a.placements[i].location != b.placements[i].location) return false;
    if (units * other.open().units() != others * line.open().units()) return false;
    if (spread && (units % line.per_kit != 0 || others % other.per_kit != 0)) return false;
  }
  return true;
}

// Lines that must be at one location are placed all together, or not at all.
std::optional<Rejection> FindTornGroup(const Reservation& r, const ReservationBound& bound,
                                       const std::vector<size_t>& named_by) {
  absl::flat_hash_map<uint32_t, size_t> first_of_group;
  absl::flat_hash_map<uint32_t, size_t> bound_of_line;
  for (size_t i = 0; i < bound.lines.size(); ++i) {
    const uint32_t group = r.lines[bound.lines[i].line].group;
    if (group != 0) first_of_group.try_emplace(group, i);
    bound_of_line.emplace(bound.lines[i].line, i);
  }
  for (uint32_t i = 0; i < r.lines.size(); ++i) {
    const auto first = first_of_group.find(r.lines[i].group);
    if (first == first_of_group.end()) continue;
    const auto own = bound_of_line.find(i);
    const bool left_out = own == bound_of_line.end();
    if (left_out && r.lines[i].open().IsZero()) continue;
    if (left_out || !AreTogether(r, bound.lines[first->second], bound.lines[own->second])) {
      return Rejection{RejectionKind::kGroupTornApart, static_cast<int>(named_by[first->second])};
    }
  }
  return std::nullopt;
}

}  // namespace

Decision DecideExtend(const State& state, const ExtendReservation& command, Instant now,
                      Events& events) {
  const Reservation* r = state.FindReservation(command.reservation);
  if (r == nullptr) return Reject(RejectionKind::kReservationNotFound);
  if (const auto end = EndOf(*r, now)) return Reject(*end);
  if (r->state == ReservationState::kConfirmed) {
    return Reject(RejectionKind::kReservationAlreadyConfirmed);
  }
  events.push_back(ReservationExtended{r->id, now + command.ttl, command.attribution});
  return Accept(r->id);
}

Decision DecideConfirm(const State& state, const ConfirmReservation& command, Instant now,
                       int64_t next, Events& events) {
  const Reservation* r = state.FindReservation(command.reservation);
  if (r == nullptr) return Reject(RejectionKind::kReservationNotFound);
  const auto end = EndOf(*r, now);
  if (end == RejectionKind::kReservationExpired && !command.rehold_lines.empty()) {
    return DecideRehold(state, command, *r, now, next, events);
  }
  if (end) return Reject(*end);
  if (r->state == ReservationState::kConfirmed) {
    return Reject(RejectionKind::kReservationAlreadyConfirmed);
  }
  ReservationConfirmed confirmed{r->id, command.attribution, {}};
  if (HasFlexible(*r)) confirmed.parts = Draft(state).Free(*r);
  events.push_back(std::move(confirmed));
  return Accept(r->id);
}

Decision DecideBind(const State& state, const BindReservation& command, Instant now,
                    Events& events) {
  for (size_t i = 0; i < command.lines.size(); ++i) {
    const Placements& placements = command.lines[i].placements;
    for (size_t j = 0; j < placements.size(); ++j) {
      if (state.locations.Knows(placements[j].location)) continue;
      Decision decision = Reject(RejectionKind::kLocationNotFound, static_cast<int>(i));
      decision.rejection->placement = static_cast<int>(j);
      return decision;
    }
  }
  const Reservation* r = state.FindReservation(command.reservation);
  if (r == nullptr) return Reject(RejectionKind::kReservationNotFound);
  if (const auto end = EndOf(*r, now)) return Reject(*end);
  ReservationBound bound;
  bound.reservation = r->id;
  bound.attribution = command.attribution;
  // Of each bound line, the line of the command.
  std::vector<size_t> named_by;
  bool grouped = false;
  for (size_t i = 0; i < command.lines.size(); ++i) {
    const BindReservation::Line& named = command.lines[i];
    const std::vector<uint32_t> lines = FindLines(*r, named.line_id, named.of_part, named.part);
    if (lines.empty()) return Reject(RejectionKind::kLineNotFound, static_cast<int>(i));
    for (const uint32_t line : lines) {
      ReservationBound::Line& to = bound.lines.emplace_back();
      to.line = line;
      to.placements = named.placements;
      named_by.push_back(i);
      grouped = grouped || r->lines[line].group != 0;
      if (named.of_part || r->lines[line].kit == SkuIndex::kNone) continue;
      for (Placement& p : to.placements) {
        p.quantity = Quantity(p.quantity.units() * r->lines[line].per_kit);
      }
    }
  }
  std::vector<bool> named(r->lines.size());
  for (size_t i = 0; i < bound.lines.size(); ++i) {
    Quantity placed;
    for (const Placement& p : bound.lines[i].placements) placed += p.quantity;
    const uint32_t line = bound.lines[i].line;
    // Named a second time, it has nothing left to place.
    const Quantity open = named[line] ? Quantity() : r->lines[line].open();
    named[line] = true;
    if (placed != open) {
      return Reject(RejectionKind::kQuantityExceedsOpen, static_cast<int>(named_by[i]));
    }
  }
  if (grouped) {
    Decision torn;
    if ((torn.rejection = FindTornGroup(*r, bound, named_by))) return torn;
  }
  // The lines' own units count as free where they are; all lines move at once.
  bool online = false;
  bool tills = false;
  for (const ReservationBound::Line& line : bound.lines) {
    (DemandOf(state, r->lines[line.line]) == Demand::kTill ? tills : online) = true;
  }
  Draft draft(state, online ? Demand::kOnline : Demand::kTill);
  for (ReservationBound::Line& line : bound.lines) {
    FlexibleParts stood;
    draft.FreeLine(*r, line.line, line.placements, stood);
    for (const Part& part : stood) line.from.push_back({part.location, part.quantity});
  }
  std::vector<ShortLine> short_lines;
  const auto borrows = [&](const ReservationLine& line) {
    return draft.KeepsQuotas(line.sku) && draft.OwnPart(line.sku, line.channel) == kEverything;
  };
  const auto take_those = [&](Demand demand, bool borrowers) {
    for (size_t i = 0; i < bound.lines.size(); ++i) {
      const ReservationLine& line = r->lines[bound.lines[i].line];
      if (DemandOf(state, line) != demand || borrows(line) != borrowers) continue;
      if (borrowers) draft.UseQuotas(line.sku);
      for (const Placement& p : bound.lines[i].placements) {
        const Quantity got = draft.TakeAt(line.sku, p.location, p.quantity);
        if (got < p.quantity) {
          const auto index = static_cast<int>(named_by[i]);
          short_lines.push_back({index, p.quantity, got, line.sku, p.location});
        }
      }
      if (borrowers) draft.KeepQuotasAgain(line.sku);
    }
  };
  const auto take = [&](Demand demand) {
    // What borrowers may have nobody keeps from them, and the others must leave it to them.
    if (!state.allotments.empty()) take_those(demand, /*borrowers=*/true);
    take_those(demand, /*borrowers=*/false);
  };
  take(Demand::kOnline);
  if (tills) {
    draft.UseSafetyStock();
    take(Demand::kTill);
  }
  if (tills || !state.allotments.empty()) {
    std::stable_sort(short_lines.begin(), short_lines.end(),
                     [](const ShortLine& a, const ShortLine& b) { return a.line < b.line; });
  }
  if (!short_lines.empty()) {
    Decision decision = Reject(RejectionKind::kInsufficientStock, short_lines.front().line);
    decision.rejection->short_lines = std::move(short_lines);
    return decision;
  }
  draft.AppendMoves(events);
  events.push_back(std::move(bound));
  return Accept(r->id);
}

Decision DecideRelease(const State& state, const ReleaseReservation& command, Instant now,
                       Events& events) {
  const Reservation* r = state.FindReservation(command.reservation);
  if (r == nullptr) return Reject(RejectionKind::kReservationNotFound);
  if (const auto end = EndOf(*r, now)) return Reject(*end);
  ReservationReleased released;
  Draft draft(state);
  const Fate fate = command.missing ? Fate::kGone : Fate::kFree;
  if (auto rejection = ResolveParts(state, *r, command.parts, fate, draft, released.parts)) {
    Decision decision;
    decision.rejection = std::move(rejection);
    return decision;
  }
  released.reservation = r->id;
  // All of a reservation is also what stands nowhere; that is neither found nor missing yet.
  released.unplaced = command.parts.empty() && !command.missing && HasUnplaced(*r);
  released.missing = command.missing;
  released.attribution = command.attribution;
  draft.AppendMoves(events);
  events.push_back(std::move(released));
  return Accept(r->id);
}

namespace {

uint64_t ContentOf(const FulfilReservation& command) {
  ContentHash hash;
  hash.Add(static_cast<int64_t>(command.reservation));
  for (const LinePart& part : command.parts) {
    hash.AddText(part.line_id).Add(part.quantity.units());
    hash.Add(part.any_location ? -1 : static_cast<int64_t>(part.location));
    hash.Add(part.of_part ? static_cast<int64_t>(part.part) : -1);
  }
  return hash.value();
}

// Of units that have left: the last count of their location may not have had them any more.
void HoldAgainstCounts(const State& state, const Reservation& r, Instant now, FactWriter& writer,
                       ReservationFulfilled& fulfilled) {
  const MessageRef& message = writer.message();
  for (uint32_t i = 0; i < fulfilled.parts.size(); ++i) {
    const Part& part = fulfilled.parts[i];
    const ReservationLine& line = r.lines[part.line];
    const Coverage coverage =
        state.counts.CoverageAt(line.sku, part.location, message.source, message.sequence,
                                FactTime(fulfilled.business_time, now));
    // A count net of allocations has not counted them, whenever they left.
    if (coverage.net && r.state == ReservationState::kConfirmed && !line.flexible()) continue;
    if (coverage.included) fulfilled.in_count.push_back(i);
    if (coverage.doubtful) {
      writer.RequestCount(line.sku, part.location, DiscrepancyCause::kDoubtfulFacts);
    }
  }
}

}  // namespace

Decision DecideFulfil(const State& state, const FulfilReservation& command, Instant now,
                      Events& events) {
  const bool told = !command.message.source.empty();
  const uint64_t said = told ? ContentOf(command) : 0;
  const uint64_t* const before = told ? state.FindMessage(command.message) : nullptr;
  if (before != nullptr && *before != said) return Reject(RejectionKind::kMessageReused);
  const Reservation* r = state.FindReservation(command.reservation);
  if (r == nullptr) {
    return Reject(before != nullptr ? RejectionKind::kMessageToldBefore
                                    : RejectionKind::kReservationNotFound);
  }
  if (before != nullptr) {
    Decision decision = Accept(r->id);
    decision.duplicate = true;
    return decision;
  }
  if (const auto end = EndOf(*r, now)) return Reject(*end);
  ReservationFulfilled fulfilled;
  Draft draft(state);
  if (auto rejection =
          ResolveParts(state, *r, command.parts, Fate::kGone, draft, fulfilled.parts)) {
    Decision decision;
    decision.rejection = std::move(rejection);
    return decision;
  }
  fulfilled.reservation = r->id;
  fulfilled.attribution = command.attribution;
  fulfilled.business_time = command.business_time;
  draft.AppendMoves(events);
  FactWriter writer(state, now, command.attribution, events);
  if (told) {
    writer.BeginMessage(command.message, said);
    writer.LogMessage();
    fulfilled.message = writer.message();
  }
  // One that nobody dates is as good as now.
  if (told || command.business_time != Instant{}) {
    HoldAgainstCounts(state, *r, now, writer, fulfilled);
  }
  events.push_back(std::move(fulfilled));
  return Accept(r->id);
}

}  // namespace internal
}  // namespace quartermaster::stock
