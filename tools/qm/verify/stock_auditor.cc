#include "tools/qm/verify/stock_auditor.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"

namespace quartermaster::qm {

namespace events = stock::events::v1;
using stock::v1::Adjustment;
using stock::v1::Reservation;

namespace {

std::string ReservationKey(int64_t id) { return absl::StrCat("reservation ", ReservationName(id)); }

// The sign that the kind of a fact allows; 0: either.
int SignOf(int kind) {
  switch (kind) {
    case Adjustment::RECEIVED:
    case Adjustment::RETURNED:
    case Adjustment::TRANSFERRED_IN:
      return 1;
    case Adjustment::SOLD:
    case Adjustment::TRANSFERRED_OUT:
      return -1;
    default:
      return 0;
  }
}

}  // namespace

void StockAuditor::Difference(std::string key, std::string what) {
  findings_->Difference(std::move(key),
                        absl::StrCat(what, " (stock/0 record ", books_.position, ")"));
}

template <typename Event>
void StockAuditor::Parse(std::string_view payload) {
  Event event;
  if (event.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) On(event);
}

void StockAuditor::Apply(const LogRecord& record) {
  books_.position = record.position;
  books_.time_unix_us = record.time_unix_us;
  // Moves make room for the event behind them; but a fact takes what it takes.
  if (record.type == events::STOCK_ADJUSTED || record.type == events::CONDITION_CHANGED ||
      record.type == events::STOCK_COUNTED) {
    CheckMoved();
  }
  ApplyOne(record);
  if (record.type == events::BACKING_MOVED) return;
  CheckMoved();
  lacked_.clear();
}

void StockAuditor::ApplyOne(const LogRecord& record) {
  switch (record.type) {
    case events::SKU_REGISTERED:
      return Parse<events::SkuRegistered>(record.payload);
    case events::LOCATION_REGISTERED:
      return Parse<events::LocationRegistered>(record.payload);
    case events::LOCATION_PAUSED:
      return Parse<events::LocationPaused>(record.payload);
    case events::POOL_SET:
      return Parse<events::PoolSet>(record.payload);
    case events::STOCK_RESERVED:
      return Parse<events::StockReserved>(record.payload);
    case events::RESERVATION_EXTENDED:
      return Parse<events::ReservationExtended>(record.payload);
    case events::RESERVATION_CONFIRMED:
      return Parse<events::ReservationConfirmed>(record.payload);
    case events::RESERVATION_BOUND:
      return Parse<events::ReservationBound>(record.payload);
    case events::RESERVATION_RELEASED:
      return Parse<events::ReservationReleased>(record.payload);
    case events::RESERVATION_EXPIRED:
      return Parse<events::ReservationExpired>(record.payload);
    case events::RESERVATION_FULFILLED:
      return Parse<events::ReservationFulfilled>(record.payload);
    case events::STOCK_ADJUSTED:
      return Parse<events::StockAdjusted>(record.payload);
    case events::BACKING_MOVED:
      return Parse<events::BackingMoved>(record.payload);
    case events::UNITS_UNCOVERED:
      return Parse<events::UnitsUncovered>(record.payload);
    case events::UNITS_COVERED:
      return Parse<events::UnitsCovered>(record.payload);
    case events::CONDITION_CHANGED:
      return Parse<events::ConditionChanged>(record.payload);
    case events::STOCK_POLICY_SET:
      return Parse<events::StockPolicySet>(record.payload);
    case events::CHANNEL_SET:
      return Parse<events::ChannelSet>(record.payload);
    case events::SOURCE_REGISTERED:
      return Parse<events::SourceRegistered>(record.payload);
    case events::SOURCE_MESSAGE_SEEN:
      return Parse<events::SourceMessageSeen>(record.payload);
    case events::COUNT_STARTED:
      return Parse<events::CountStarted>(record.payload);
    case events::COUNT_PART_STAGED:
      return Parse<events::CountPartStaged>(record.payload);
    case events::STOCK_COUNTED:
      return Parse<events::StockCounted>(record.payload);
    case events::COUNT_COMPLETED:
      return Parse<events::CountCompleted>(record.payload);
    case events::COUNT_ABANDONED:
      return Parse<events::CountAbandoned>(record.payload);
    default:
      return;
  }
}

void StockAuditor::On(const events::SkuRegistered& event) {
  if (!books_.skus.Add(event.sku(), event.sku_id())) {
    Difference(absl::StrCat("item ", event.sku_id()),
               absl::StrCat("registered as ", event.sku(), ", but that is not the next new id"));
  }
}

void StockAuditor::On(const events::LocationRegistered& event) {
  if (!books_.locations.Add(event.location(), event.location_id())) {
    Difference(absl::StrCat("location ", event.location_id()),
               absl::StrCat("registered as ", event.location(),
                            ", but that is not the next new "
                            "id"));
  }
}

void StockAuditor::On(const events::LocationPaused& event) {
  CheckKey(0, event.location());
  if (event.paused()) {
    books_.paused.insert(event.location());
  } else {
    books_.paused.erase(event.location());
  }
}

void StockAuditor::On(const events::PoolSet& event) {
  const bool known = books_.pools.Knows(event.pool());
  if (known ? books_.pools.Name(event.pool()) != event.pool_id()
            : !books_.pools.Add(event.pool(), event.pool_id())) {
    Difference(absl::StrCat("pool ", event.pool_id()),
               absl::StrCat("set as ", event.pool(), ", which is another pool's or not the next"));
  }
  for (const uint32_t location : event.locations()) CheckKey(0, location);
  books_.pool_locations[event.pool()] = {event.locations().begin(), event.locations().end()};
  std::set<uint32_t> members(event.locations().begin(), event.locations().end());
  const auto known_set = std::find(books_.classes.begin(), books_.classes.end(), members);
  if (known_set == books_.classes.end()) books_.classes.push_back(std::move(members));
}

void StockAuditor::On(const events::StockPolicySet& event) {
  if (event.sku() != 0 && !books_.skus.Knows(event.sku())) {
    Difference(absl::StrCat("item ", event.sku()), "has a policy before it was registered");
  }
  if (event.location() != 0) CheckKey(0, event.location());
  const StockKey scope{event.sku(), event.location()};
  if (!event.has_safety_stock()) {
    books_.safety_stock.erase(scope);
    return;
  }
  if (event.safety_stock() < 0) {
    Difference(books_.KeyName(scope), absl::StrCat("safety stock is ", event.safety_stock()));
  }
  books_.safety_stock[scope] = event.safety_stock();
}

void StockAuditor::On(const events::ChannelSet& event) {
  const std::string key = absl::StrCat("channel ", event.channel_id());
  const bool known = books_.channel_names.Knows(event.channel());
  if (known ? books_.channel_names.Name(event.channel()) != event.channel_id()
            : !books_.channel_names.Add(event.channel(), event.channel_id())) {
    Difference(key,
               absl::StrCat("set as ", event.channel(), ", which is another's or not the next id"));
  }
  if (!books_.pools.Knows(event.pool())) {
    Difference(key, absl::StrCat("sells from the unknown pool ", event.pool()));
  }
  if (event.demand() != stock::v1::ONLINE && event.demand() != stock::v1::TILL) {
    Difference(key, absl::StrCat("has the demand ", event.demand()));
  }
  if (event.buffer() < 0) Difference(key, absl::StrCat("has a buffer of ", event.buffer()));
  books_.channels[event.channel()] = {event.pool(), event.demand() == stock::v1::TILL};
}

void StockAuditor::On(const events::StockReserved& event) {
  const int64_t id = books_.position;
  for (const auto& line : event.lines()) {
    for (const auto& placement : line.placements()) {
      NoteSafetyStock({line.sku(), placement.location()});
    }
  }
  for (const int64_t replaced : event.replaces()) {
    if (HeldAgain(replaced, id)) continue;
    BookedReservation* old = FindOpen(replaced, "StockReserved replaces");
    if (old == nullptr) continue;
    if (old->state != Reservation::HELD) {
      Difference(ReservationKey(replaced), "replaced, but it was confirmed");
    }
    old->replaced_by = id;
    for (const auto& ended : event.ended()) {
      if (ended.reservation() != replaced) continue;
      TakeFlexible(replaced, *old, ended.part(), &BookedReservation::Line::released);
    }
    End(replaced, *old, Reservation::REPLACED);
  }
  BookedReservation reservation{.owner = event.owner_id(),
                                .created_unix_us = books_.time_unix_us,
                                .expire_unix_us = event.expire_unix_us()};
  std::set<StockKey> touched;
  // Units that make room for a till's may come to stand on safety stock.
  std::set<uint32_t> skus_of_tills;
  for (const auto& line : event.lines()) {
    BookedReservation::Line& booked = reservation.lines.emplace_back();
    booked.line_id =
        line.line_id().empty() ? absl::StrCat(reservation.lines.size() - 1) : line.line_id();
    booked.sku = line.sku();
    booked.pool = line.pool();
    booked.channel = line.channel();
    CheckChannel(id, booked);
    if (IsOfTill(booked)) skus_of_tills.insert(booked.sku);
    if (line.pool() == 0 && line.placements_size() > 0) {
      booked.location = line.placements(0).location();
    }
    if (line.pool() == 0 && line.placements_size() > 1) {
      Difference(ReservationKey(id), "a line of a named location is placed at several");
    }
    if (line.pool() != 0 && !books_.pools.Knows(line.pool())) {
      Difference(ReservationKey(id), absl::StrCat("names the unknown pool ", line.pool()));
    }
    const auto& members = books_.pool_locations[line.pool()];
    booked.eligible_class = line.eligible_class();
    if (line.eligible_class() != 0 && (line.eligible_class() > books_.classes.size() ||
                                       books_.classes[line.eligible_class() - 1] !=
                                           std::set<uint32_t>(members.begin(), members.end()))) {
      Difference(ReservationKey(id),
                 absl::StrCat("its class ", line.eligible_class(), " is not what pool ",
                              books_.pools.Name(line.pool()), " has"));
    }
    for (const auto& placement : line.placements()) {
      CheckKey(line.sku(), placement.location());
      if (placement.quantity() <= 0) {
        Difference(ReservationKey(id), absl::StrCat("holds ", placement.quantity(), " units"));
      }
      if (line.pool() != 0 &&
          std::find(members.begin(), members.end(), placement.location()) == members.end()) {
        Difference(ReservationKey(id),
                   absl::StrCat("holds units at ", books_.locations.Name(placement.location()),
                                ", which pool ", books_.pools.Name(line.pool()), " lacks"));
      }
      const StockKey key{line.sku(), placement.location()};
      booked.quantity += placement.quantity();
      if (booked.eligible_class != 0) {
        booked.flexible += placement.quantity();
        Stand({line.sku(), booked.eligible_class, false}, placement.location(),
              placement.quantity());
      } else {
        booked.open[placement.location()] += placement.quantity();
        Promise(reservation, key, placement.quantity());
      }
      touched.insert(key);
    }
  }
  for (const StockKey& key : touched) {
    CheckCovered(key);
    if (!skus_of_tills.contains(key.first)) CheckSafetyStock(key);
  }
  if (const auto [hold, only] = books_.hold_of_owner.emplace(event.owner_id(), id); !only) {
    Difference(ReservationKey(id), absl::StrCat("its owner ", event.owner_id(),
                                                " has the open hold ", hold->second, " already"));
    hold->second = id;
  }
  books_.reservations.emplace(id, std::move(reservation));
}

void StockAuditor::On(const events::ReservationExtended& event) {
  BookedReservation* r = FindLiveHold(event.reservation(), "ReservationExtended");
  if (r != nullptr) r->expire_unix_us = event.expire_unix_us();
}

void StockAuditor::On(const events::ReservationConfirmed& event) {
  BookedReservation* r = FindLiveHold(event.reservation(), "ReservationConfirmed");
  if (r == nullptr) return;
  for (const auto& line : r->lines) {
    for (const auto& [location, units] : line.open) {
      Balance& balance = books_.balances[{line.sku, location}];
      balance.reserved -= units;
      balance.allocated += units;
    }
  }
  for (const auto& part : event.parts()) {
    if (!TakeFlexible(event.reservation(), *r, part, nullptr)) continue;
    const auto& line = r->lines[part.line()];
    Stand({line.sku, line.eligible_class, true}, part.location(), part.quantity());
  }
  books_.hold_of_owner.erase(r->owner);
  r->state = Reservation::CONFIRMED;
}

void StockAuditor::On(const events::ReservationBound& event) {
  BookedReservation* r = FindOpen(event.reservation(), "ReservationBound");
  if (r == nullptr) return;
  std::map<StockKey, int64_t> change;
  std::set<uint32_t> skus_of_tills;
  for (const auto& bound : event.lines()) {
    if (bound.line() >= r->lines.size()) {
      Difference(ReservationKey(event.reservation()), absl::StrCat("has no line ", bound.line()));
      continue;
    }
    BookedReservation::Line& line = r->lines[bound.line()];
    if (IsOfTill(line)) skus_of_tills.insert(line.sku);
    for (const auto& placement : bound.placements()) {
      NoteSafetyStock({line.sku, placement.location()});
    }
    const int64_t before = line.open_units();
    for (const auto& [location, units] : line.open) change[{line.sku, location}] -= units;
    line.open.clear();
    for (const auto& from : bound.from()) {
      events::Part part;
      part.set_line(bound.line());
      part.set_location(from.location());
      part.set_quantity(from.quantity());
      if (TakeFlexible(event.reservation(), *r, part, nullptr)) line.flexible -= from.quantity();
    }
    if (line.flexible != 0) {
      Difference(ReservationKey(event.reservation()),
                 absl::StrCat("bound, but ", line.flexible, " of its flexible units stay behind"));
      line.flexible = 0;
    }
    line.eligible_class = 0;
    for (const auto& placement : bound.placements()) {
      CheckKey(line.sku, placement.location());
      line.open[placement.location()] += placement.quantity();
      change[{line.sku, placement.location()}] += placement.quantity();
    }
    line.ForgetUncovered();
    if (line.open_units() != before) {
      Difference(ReservationKey(event.reservation()),
                 absl::StrCat("bound ", line.open_units(), " units of ", before));
    }
  }
  for (const auto& [key, units] : change) {
    Promise(*r, key, units);
    if (units <= 0) continue;
    CheckCovered(key);
    if (!skus_of_tills.contains(key.first)) CheckSafetyStock(key);
  }
}

void StockAuditor::On(const events::ReservationReleased& event) {
  BookedReservation* r = FindOpen(event.reservation(), "ReservationReleased");
  if (r == nullptr) return;
  for (const auto& part : event.parts()) {
    const auto counted =
        event.missing() ? &BookedReservation::Line::missing : &BookedReservation::Line::released;
    const BookedReservation::Line* line = TakePart(event.reservation(), *r, part, counted);
    if (line == nullptr || !event.missing()) continue;
    AddToCondition({line->sku, part.location()}, Adjustment::SUSPECT, part.quantity());
  }
  for (auto& line : r->lines) line.ForgetUncovered();
  EndIfNothingIsOpen(event.reservation(), *r);
}

void StockAuditor::On(const events::ReservationExpired& event) {
  BookedReservation* r = FindOpen(event.reservation(), "ReservationExpired");
  if (r == nullptr) return;
  if (r->state != Reservation::HELD) {
    Difference(ReservationKey(event.reservation()), "expired, but it was confirmed");
  } else if (books_.time_unix_us < r->expire_unix_us) {
    Difference(ReservationKey(event.reservation()), "expired before its deadline");
  }
  for (const auto& part : event.parts()) {
    TakeFlexible(event.reservation(), *r, part, &BookedReservation::Line::released);
  }
  End(event.reservation(), *r, Reservation::EXPIRED);
}

void StockAuditor::On(const events::ReservationFulfilled& event) {
  BookedReservation* r = FindOpen(event.reservation(), "ReservationFulfilled");
  if (r == nullptr) return;
  for (const auto& part : event.parts()) {
    const BookedReservation::Line* line =
        TakePart(event.reservation(), *r, part, &BookedReservation::Line::fulfilled);
    if (line == nullptr) continue;
    Balance& balance = books_.balances[{line->sku, part.location()}];
    balance.on_hand -= part.quantity();
    balance.fulfilled += part.quantity();
    books_.facts[{line->sku, part.location()}].push_back(
        {.time_unix_us = books_.time_unix_us, .delta = -part.quantity()});
  }
  for (auto& line : r->lines) line.ForgetUncovered();
  EndIfNothingIsOpen(event.reservation(), *r);
}

void StockAuditor::On(const events::StockAdjusted& event) {
  const StockKey key{event.sku(), event.location()};
  CheckKey(event.sku(), event.location());
  const int sign = SignOf(event.kind());
  if (sign * event.delta() < 0) {
    Difference(books_.KeyName(key),
               absl::StrCat("a fact of kind ", event.kind(), " changed it by ", event.delta()));
  }
  HappensOnce(key, event.effect_key(), event.delta());
  ComesOnce(event.message());
  ++books_.adjustments;
  Balance& balance = books_.balances[key];
  // What its last count has is on record only.
  const int64_t delta = event.in_count() ? 0 : event.delta();
  int64_t time = books_.time_unix_us;
  if (event.business_unix_us() != 0) time = std::min(time, event.business_unix_us());
  // What was set holds from when it was set.
  if (event.absolute()) time = books_.time_unix_us + 1;
  books_.facts[key].push_back(
      {event.message().source(), event.message().sequence(), time, event.delta()});
  balance.on_hand += delta;
  balance.adjusted += delta;
  AddToCondition(key, event.condition(), event.delta());
}

void StockAuditor::On(const events::ConditionChanged& event) {
  const StockKey key{event.sku(), event.location()};
  CheckKey(event.sku(), event.location());
  if (event.quantity() < 0 || event.from_sellable() < 0 || event.from() == event.to()) {
    Difference(books_.KeyName(key),
               absl::StrCat(event.quantity(), " and ", event.from_sellable(),
                            " units went from condition ", event.from(), " to ", event.to()));
  }
  HappensOnce(key, event.effect_key(), event.quantity() + event.from_sellable());
  ComesOnce(event.message());
  AddToCondition(key, event.from(), -event.quantity());
  AddToCondition(key, event.to(), event.quantity() + event.from_sellable());
}

void StockAuditor::HappensOnce(const StockKey& key, const std::string& effect_key, int64_t delta) {
  if (effect_key.empty()) return;
  const auto [first, once] =
      books_.effects.emplace(effect_key, BookedEffect{books_.position, key, delta});
  if (!once) {
    Difference(books_.KeyName(key),
               absl::StrCat("the effect ", effect_key, " happened twice, first at ",
                            first->second.position));
  }
}

void StockAuditor::AddToCondition(const StockKey& key, int condition, int64_t units) {
  if (condition == Adjustment::CONDITION_UNSPECIFIED || condition == Adjustment::SELLABLE) return;
  Balance& balance = books_.balances[key];
  balance.unusable += units;
  int64_t& own = balance.in_condition[condition];
  own += units;
  for (int other = Adjustment::SUSPECT; own < 0 && other >= Adjustment::DAMAGED; --other) {
    if (other == condition) continue;
    int64_t& has = balance.in_condition[other];
    const int64_t taken = std::min(-own, has);
    has -= taken;
    own += taken;
  }
  if (own < 0) {
    Difference(books_.KeyName(key), absl::StrCat("condition ", condition, " has ", own, " units"));
  }
}

void StockAuditor::On(const events::BackingMoved& event) {
  for (const auto& move : event.moves()) {
    const Lane lane{event.sku(), move.eligible_class(), move.allocated()};
    NoteSafetyStock({event.sku(), move.from()});
    NoteSafetyStock({event.sku(), move.to()});
    const Balance& balance = books_.balances[{event.sku(), move.to()}];
    moved_to_.try_emplace({event.sku(), move.to()},
                          std::max<int64_t>(0, balance.promised() - balance.usable()));
    Stand(lane, move.from(), -move.quantity());
    Stand(lane, move.to(), move.quantity());
  }
}

// Who goes without must have been promised something that is not there.
void StockAuditor::On(const events::UnitsUncovered& event) {
  // Short are the locations that they are at, and those where flexible units stand.
  std::set<uint32_t> locations;
  for (const auto& units : event.units()) locations.insert(units.location());
  for (auto it = books_.backing.lower_bound({event.sku(), 0, false});
       it != books_.backing.end() && it->first.sku == event.sku(); ++it) {
    for (const auto& [location, standing] : it->second) locations.insert(location);
  }
  int64_t short_units = 0;
  for (const uint32_t location : locations) {
    const auto found = books_.balances.find({event.sku(), location});
    if (found == books_.balances.end()) continue;
    short_units += std::max<int64_t>(0, found->second.promised() - found->second.usable());
  }
  for (const auto& units : event.units()) {
    short_units -= units.quantity();
    BookedReservation::Line* line = FindLine(event.sku(), units, "UnitsUncovered");
    if (line == nullptr) continue;
    line->uncovered[units.location()] += units.quantity();
    const int64_t uncovered = line->uncovered_units();
    line->ForgetUncovered();
    if (units.quantity() <= 0 || line->uncovered_units() != uncovered) {
      Difference(ReservationKey(units.reservation()),
                 absl::StrCat("has no ", units.quantity(), " units of line ", units.line(),
                              " to uncover"));
    }
  }
  if (short_units < 0) {
    Difference(absl::StrCat("stock ", books_.skus.Name(event.sku())),
               absl::StrCat("more units uncovered than short, by ", -short_units));
  }
}

void StockAuditor::On(const events::UnitsCovered& event) {
  for (const auto& units : event.units()) {
    BookedReservation::Line* line = FindLine(event.sku(), units, "UnitsCovered");
    if (line == nullptr) continue;
    int64_t& uncovered = line->uncovered[units.location()];
    if (units.quantity() <= 0 || uncovered < units.quantity()) {
      Difference(ReservationKey(units.reservation()),
                 absl::StrCat("covers ", units.quantity(), " units of line ", units.line(),
                              " of which ", uncovered, " were uncovered"));
    }
    uncovered -= std::min(uncovered, units.quantity());
    line->ForgetUncovered();
  }
}

BookedReservation::Line* StockAuditor::FindLine(uint32_t sku, const events::UncoveredUnits& units,
                                                std::string_view event) {
  BookedReservation* r = FindOpen(units.reservation(), event);
  if (r == nullptr) return nullptr;
  if (units.line() < r->lines.size() && r->lines[units.line()].sku == sku) {
    return &r->lines[units.line()];
  }
  Difference(ReservationKey(units.reservation()),
             absl::StrCat(std::string(event), " names line ", units.line(), " of another SKU"));
  return nullptr;
}

void StockAuditor::CheckMoved() {
  for (const auto& [key, short_before] : std::exchange(moved_to_, {})) {
    const Balance& balance = books_.balances[key];
    if (balance.promised() - balance.usable() > short_before) CheckCovered(key);
  }
}

void StockAuditor::Stand(const Lane& lane, uint32_t location, int64_t units) {
  const StockKey key{lane.sku, location};
  CheckKey(lane.sku, location);
  if (lane.eligible_class == 0 || lane.eligible_class > books_.classes.size() ||
      !books_.classes[lane.eligible_class - 1].contains(location)) {
    Difference(books_.KeyName(key),
               absl::StrCat("units of class ", lane.eligible_class, " stand outside of it"));
  }
  auto& there = books_.backing[lane];
  if (there[location] + units < 0) {
    Difference(books_.KeyName(key),
               absl::StrCat("of class ", lane.eligible_class, ", ", -units, " units leave, and ",
                            there[location], " stand there"));
  }
  there[location] += units;
  if (there[location] == 0) there.erase(location);
  if (there.empty()) books_.backing.erase(lane);
  Balance& balance = books_.balances[key];
  (lane.allocated ? balance.allocated : balance.reserved) += units;
}

bool StockAuditor::TakeFlexible(int64_t id, BookedReservation& reservation,
                                const events::Part& part,
                                int64_t BookedReservation::Line::*counted) {
  if (part.line() >= reservation.lines.size()) {
    Difference(ReservationKey(id), absl::StrCat("has no line ", part.line()));
    return false;
  }
  BookedReservation::Line& line = reservation.lines[part.line()];
  if (line.eligible_class == 0 || part.quantity() <= 0 || line.flexible < part.quantity()) {
    Difference(ReservationKey(id),
               absl::StrCat("takes ", part.quantity(), " flexible units of line ", line.line_id,
                            ", of which ", line.flexible, " are open"));
    return false;
  }
  Stand({line.sku, line.eligible_class, reservation.state == Reservation::CONFIRMED},
        part.location(), -part.quantity());
  if (counted != nullptr) {
    line.flexible -= part.quantity();
    line.*counted += part.quantity();
  }
  return true;
}

bool StockAuditor::HeldAgain(int64_t old, int64_t successor) {
  const auto found = books_.reservations.find(old);
  if (found == books_.reservations.end() || found->second.state != Reservation::EXPIRED) {
    return false;
  }
  BookedReservation& expired = found->second;
  if (expired.replaced_by != 0) {
    Difference(ReservationKey(old),
               absl::StrCat("held again as ", ReservationName(successor), " and before as ",
                            ReservationName(expired.replaced_by)));
  }
  expired.replaced_by = successor;
  return true;
}

void StockAuditor::On(const events::SourceRegistered& event) {
  if (!books_.sources.Add(event.source(), event.source_id())) {
    Difference(absl::StrCat("source ", event.source_id()),
               absl::StrCat("registered as ", event.source(), ", but that is not the next new id"));
  }
}

void StockAuditor::On(const events::SourceMessageSeen& event) { ComesOnce(event.message()); }

void StockAuditor::ComesOnce(const events::MessageRef& message) {
  // Of a fact in two events, one has the message.
  if (message.source() == 0 || message.fingerprint() == 0) return;
  const std::string source = absl::StrCat("source ", books_.sources.Name(message.source()));
  if (!books_.sources.Knows(message.source())) {
    Difference(source, "tells a fact before it was registered");
  }
  const std::string id =
      message.message_id().empty() ? absl::StrCat("#", message.sequence()) : message.message_id();
  const auto [first, once] =
      books_.messages.emplace(absl::StrCat(message.source(), " ", id), books_.position);
  if (!once) {
    Difference(source, absl::StrCat("its message ", id, " came twice, first at ", first->second));
  }
}

void StockAuditor::On(const events::CountStarted& event) {
  const bool next = event.count() == books_.counts.size() + 1;
  const bool added =
      books_.counts
          .emplace(event.count(),
                   BookedCount{.id = event.count_id(),
                               .parts = event.parts(),
                               .taken_unix_us = event.taken_unix_us(),
                               .basis = event.basis(),
                               .full_at = {event.full_at().begin(), event.full_at().end()}})
          .second;
  for (const auto& mark : event.watermarks()) {
    books_.counts[event.count()].watermarks[mark.source()] = mark.sequence();
  }
  if (!next || !added) {
    Difference(absl::StrCat("count ", event.count_id()),
               absl::StrCat("started as ", event.count(), ", but that is not the next new id"));
  }
}

void StockAuditor::On(const events::CountPartStaged& event) {
  BookedCount& count = books_.counts[event.count()];
  const std::string name = absl::StrCat("count ", count.id);
  for (int i = 0; i < event.skus_size(); ++i) {
    CheckKey(event.skus(i), event.locations(i));
    auto& [counted, left_out] = count.rows[{event.skus(i), event.locations(i)}];
    counted += event.quantities(i);
    left_out += event.left_out().empty() ? 0 : event.left_out(i);
  }
  if (count.ended || event.part() < 1 || event.part() > count.parts) {
    Difference(name, absl::StrCat("part ", event.part(), " is not one that it waits for"));
  }
  if (!count.staged.insert(event.part()).second) {
    Difference(name, absl::StrCat("part ", event.part(), " came twice"));
  }
}

void StockAuditor::On(const events::StockCounted& event) {
  BookedCount& count = books_.counts[event.count()];
  if (count.ended || static_cast<int>(count.staged.size()) != count.parts ||
      event.sku() <= count.through) {
    Difference(absl::StrCat("count ", count.id),
               absl::StrCat("switches ", books_.skus.Name(event.sku()), " out of turn"));
  }
  count.through = event.sku();
  for (const auto& line : event.lines()) {
    const StockKey key{event.sku(), line.location()};
    CheckKey(event.sku(), line.location());
    CheckVariance(count, key, line);
    Balance& balance = books_.balances[key];
    balance.on_hand += line.variance();
    balance.adjusted += line.variance();
    for (const auto& taken : line.taken()) {
      AddToCondition(key, taken.condition(), -taken.quantity());
    }
    AddToCondition(key, Adjustment::SUSPECT, -line.found());
    const Balance& after = books_.balances[key];
    if (after.unusable > std::max<int64_t>(after.on_hand, 0)) {
      Difference(books_.KeyName(key), absl::StrCat("counted ", after.on_hand, " on hand, of which ",
                                                   after.unusable, " unusable"));
    }
  }
}

void StockAuditor::CheckVariance(const BookedCount& count, const StockKey& key,
                                 const events::StockCounted::Line& line) {
  const auto row = count.rows.find(key);
  if (row == count.rows.end() && !count.full_at.contains(key.second)) {
    Difference(books_.KeyName(key), absl::StrCat("set to the count ", count.id, ", which has no ",
                                                 "row of it and is not full there"));
    return;
  }
  const auto [counted, left_out] =
      row == count.rows.end() ? std::pair<int64_t, int64_t>() : row->second;
  if (counted != line.counted() || left_out != line.left_out()) {
    Difference(
        books_.KeyName(key),
        absl::StrCat("the rows of the count ", count.id, " say ", counted, " and ", left_out,
                     " left out, but it is set to ", line.counted(), " and ", line.left_out()));
  }
  // What was allocated at the time is not kept here.
  if (count.basis == stock::v1::ApplyCountRequest::NET_OF_OWN_ALLOCATIONS) return;
  int64_t there = line.counted() + line.left_out();
  for (const BookedFact& fact : books_.facts[key]) {
    if (!count.Has(fact)) there += fact.delta;
  }
  const int64_t booked = books_.balances[key].on_hand;
  if (booked + line.variance() != there) {
    Difference(books_.KeyName(key),
               absl::StrCat("the count ", count.id, " and what it does not have make ", there,
                            ", but it is set to ", booked + line.variance()));
  }
}

void StockAuditor::On(const events::CountCompleted& event) {
  BookedCount& count = books_.counts[event.count()];
  if (count.ended || static_cast<int>(count.staged.size()) != count.parts) {
    Difference(absl::StrCat("count ", count.id), "completed, though not all of it had come");
  }
  count.ended = true;
  count.rows.clear();
}

void StockAuditor::On(const events::CountAbandoned& event) {
  BookedCount& count = books_.counts[event.count()];
  if (count.ended || static_cast<int>(count.staged.size()) == count.parts) {
    Difference(absl::StrCat("count ", count.id), "given up, though all of it had come");
  }
  count.ended = true;
  count.rows.clear();
}

BookedReservation* StockAuditor::FindOpen(int64_t id, std::string_view event) {
  const auto found = books_.reservations.find(id);
  if (found == books_.reservations.end()) {
    Difference(ReservationKey(id), absl::StrCat(std::string(event), " names it, but it never was"));
    return nullptr;
  }
  if (!found->second.is_open()) {
    Difference(ReservationKey(id), absl::StrCat(std::string(event), " after its end as ",
                                                Reservation::State_Name(found->second.state)));
    return nullptr;
  }
  return &found->second;
}

BookedReservation* StockAuditor::FindLiveHold(int64_t id, std::string_view event) {
  BookedReservation* r = FindOpen(id, event);
  if (r == nullptr) return nullptr;
  if (r->state != Reservation::HELD) {
    Difference(ReservationKey(id), absl::StrCat(std::string(event), " of a confirmed reservation"));
    return nullptr;
  }
  if (books_.time_unix_us >= r->expire_unix_us) {
    Difference(ReservationKey(id), absl::StrCat(std::string(event), " after its deadline"));
  }
  return r;
}

void StockAuditor::End(int64_t id, BookedReservation& reservation, Reservation::State state) {
  for (auto& line : reservation.lines) {
    if (line.flexible != 0) {
      Difference(ReservationKey(id), absl::StrCat("ends with ", line.flexible,
                                                  " flexible units that nobody says where"));
    }
    for (const auto& [location, units] : line.open) {
      Promise(reservation, {line.sku, location}, -units);
      line.released += units;
    }
    line.open.clear();
    line.uncovered.clear();
  }
  const auto hold = books_.hold_of_owner.find(reservation.owner);
  if (hold != books_.hold_of_owner.end() && hold->second == id) books_.hold_of_owner.erase(hold);
  reservation.state = state;
}

const BookedReservation::Line* StockAuditor::TakePart(int64_t id, BookedReservation& reservation,
                                                      const events::Part& part,
                                                      int64_t BookedReservation::Line::*counted) {
  if (part.line() >= reservation.lines.size()) {
    Difference(ReservationKey(id), absl::StrCat("has no line ", part.line()));
    return nullptr;
  }
  BookedReservation::Line& line = reservation.lines[part.line()];
  if (line.eligible_class != 0) {
    return TakeFlexible(id, reservation, part, counted) ? &line : nullptr;
  }
  const auto open = line.open.find(part.location());
  if (open == line.open.end() || part.quantity() <= 0 || open->second < part.quantity()) {
    Difference(ReservationKey(id),
               absl::StrCat("takes ", part.quantity(), " units of line ", line.line_id, " at ",
                            books_.locations.Name(part.location()), ", where ",
                            open == line.open.end() ? 0 : open->second, " are open"));
    return nullptr;
  }
  open->second -= part.quantity();
  if (open->second == 0) line.open.erase(open);
  Promise(reservation, {line.sku, part.location()}, -part.quantity());
  line.*counted += part.quantity();
  return &line;
}

void StockAuditor::EndIfNothingIsOpen(int64_t id, BookedReservation& reservation) {
  bool fulfilled = false;
  for (const auto& line : reservation.lines) {
    if (line.open_units() != 0) return;
    fulfilled |= line.fulfilled > 0;
  }
  End(id, reservation, fulfilled ? Reservation::FULFILLED : Reservation::RELEASED);
}

void StockAuditor::Promise(const BookedReservation& reservation, const StockKey& key,
                           int64_t units) {
  Balance& balance = books_.balances[key];
  (reservation.state == Reservation::HELD ? balance.reserved : balance.allocated) += units;
}

}  // namespace quartermaster::qm
