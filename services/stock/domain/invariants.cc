#include "services/stock/domain/invariants.h"

#include <limits>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/stock/domain/serve_waiting.h"
#include "services/stock/domain/sku_flow.h"

namespace quartermaster::stock {
namespace {

using Key = std::pair<SkuIndex, LocationIndex>;

class Checker {
 public:
  explicit Checker(const State& state) : state_(state) {}

  std::vector<std::string> Run() {
    state_.expiries.ForEach([this](const ExpiryQueue::Entry& entry) {
      deadlines_.emplace(entry.reservation, entry.expires);
    });
    size_t holds = 0;
    size_t ended = 0;
    for (const Reservation* r = state_.reservations.Next(ReservationId::kNone); r != nullptr;
         r = state_.reservations.Next(r->id)) {
      CheckReservation(*r);
      if (r->state == ReservationState::kHeld) {
        ++holds;
        CheckHold(*r);
      }
      ended += IsOpen(r->state) ? 0 : 1;
    }
    if (ended != state_.ended.expired().size() + state_.ended.others().size()) {
      Report(ended, " reservations have ended and are not listed");
    }
    if (holds != state_.holds.size()) {
      Report("holds by owner: ", state_.holds.size(), ", open holds: ", holds);
    }
    CheckChains();
    CheckBackings();
    CheckGroups();
    CheckPositions();
    CheckAllotments();
    CheckSources();
    CheckCounts();
    CheckTransfers();
    CheckWaiting();
    return std::move(broken_);
  }

 private:
  template <typename... Args>
  void Report(const Args&... args) {
    broken_.push_back(absl::StrCat(args...));
  }
  static int64_t Number(ReservationId id) { return static_cast<int64_t>(id); }
  static uint32_t Index(const Reservation& r, const ReservationLine& line) {
    return static_cast<uint32_t>(&line - r.lines.data());
  }

  void CheckReservation(const Reservation& r) {
    for (const ReservationLine& line : r.lines) {
      if (IsOpen(r.state)) open_of_sku_[line.sku].insert(r.id);
      if (!line.uncovered.IsZero()) uncovered_[line.sku] += line.uncovered;
      if (line.uncovered.IsNegative() || line.uncovered > line.open()) {
        Report("reservation ", Number(r.id), ": ", line.uncovered.units(), " units uncovered");
      }
      if (line.channel != ChannelIndex::kNone) {
        open_for_[{line.sku, line.channel}] += line.promised();
        const std::string customer(state_.customers.Of(r.id));
        if (!customer.empty()) open_of_[{line.sku, line.channel, customer}] += line.promised();
      }
      Quantity placed;
      if (line.flexible()) {
        lanes_[{line.sku, {line.eligible, r.state == ReservationState::kConfirmed}}] += line.open();
        if (!state_.classes.Knows(line.eligible)) {
          Report("reservation ", Number(r.id), " is of an unknown class");
        }
        placed = line.open();
      }
      for (const Placement& p : line.placements) {
        if (!p.quantity.IsPositive()) Report("reservation ", Number(r.id), ": empty placement");
        placed += p.quantity;
        Balances& sum = promised_[{line.sku, p.location}];
        (r.state == ReservationState::kHeld ? sum.reserved : sum.allocated) += p.quantity;
      }
      if (placed != line.open()) {
        Report("reservation ", Number(r.id), ": ", placed.units(), " placed, ", line.open().units(),
               " open");
      }
      if (line.group != 0 && line.eligible != ClassIndex::kNone && !placed.IsZero()) {
        groups_[{r.id, line.group}].push_back(&line);
      }
      CheckKit(r, line);
      if (!line.waiting.IsZero()) {
        waiters_[line.sku].insert(
            {r.state == ReservationState::kHeld, line.needed_by, r.id, Index(r, line)});
        commitments_[line.sku][{line.waits_at, line.needed_by}] += line.waiting;
      }
      if (line.waiting.IsNegative() || line.late.IsNegative() || line.late > line.waiting ||
          (!IsOpen(r.state) && !line.waiting.IsZero())) {
        Report("reservation ", Number(r.id), ": ", line.waiting.units(), " units wait, ",
               line.late.units(), " of them late");
      }
      if (!line.in_transit.IsZero()) travelling_[{r.id, Index(r, line)}] = line.in_transit;
      if (line.in_transit.IsNegative() || (!IsOpen(r.state) && !line.in_transit.IsZero())) {
        Report("reservation ", Number(r.id), ": ", line.in_transit.units(), " units in transit");
      }
      if (!IsOpen(r.state) && !placed.IsZero()) {
        Report("reservation ", Number(r.id), " has ended with ", placed.units(), " open");
      }
    }
  }

  // All open reservations with a line of a SKU are in its chain, the newest first, and none but
  // they and such as have ended and are in memory; of each, the first line of the SKU is linked,
  // and no other line is.
  void CheckChains() {
    int64_t linked = 0;
    for (size_t i = 0; i < state_.positions.skus().size(); ++i) {
      const auto sku = static_cast<SkuIndex>(i);
      std::set<ReservationId> open;
      ReservationId newer{std::numeric_limits<int64_t>::max()};
      ReservationId next = state_.positions.skus()[i].newest;
      while (next != ReservationId::kNone) {
        const Reservation* const r = state_.FindReservation(next);
        const ReservationLine* const line = r == nullptr ? nullptr : FirstLineOf(*r, sku);
        if (line == nullptr || line->older == kUnlinked || newer <= next) {
          Report("reservation ", Number(next), " is not where its SKU's chain has it");
          break;
        }
        if (IsOpen(r->state)) open.insert(next);
        ++linked;
        newer = next;
        next = line->older;
      }
      if (open != open_of_sku_[sku]) Report("SKU ", i, ": its chain has not all open ones");
    }
    for (const Reservation* r = state_.reservations.Next(ReservationId::kNone); r != nullptr;
         r = state_.reservations.Next(r->id)) {
      for (const ReservationLine& line : r->lines) linked -= line.older == kUnlinked ? 0 : 1;
    }
    if (linked != 0) Report("lines are linked that are in no chain");
  }
  static const ReservationLine* FirstLineOf(const Reservation& r, SkuIndex sku) {
    for (const ReservationLine& line : r.lines) {
      if (line.sku == sku) return &line;
    }
    return nullptr;
  }

  // Of as many kits as of each other part.
  void CheckKit(const Reservation& r, const ReservationLine& line) {
    if (line.kit == SkuIndex::kNone) return;
    for (const ReservationLine& other : r.lines) {
      if (other.kit != line.kit || other.line_id != line.line_id) continue;
      if (other.quantity.units() * line.per_kit != line.quantity.units() * other.per_kit) {
        Report("reservation ", Number(r.id), ": parts of different numbers of kits");
      }
      return;
    }
  }

  // Groups that may move are listed, all of them, and their lines are at the same places in step.
  void CheckGroups() {
    std::set<std::pair<GroupRef, SkuIndex>> listed;
    state_.movable_groups.VisitAll([&](SkuIndex sku, const GroupRef& group) {
      listed.insert({group, sku});
    });
    std::set<std::pair<GroupRef, SkuIndex>> found;
    for (const auto& [group, lines] : groups_) {
      for (const ReservationLine* line : lines) {
        found.insert({group, line->sku});
        CheckInStep(group, *lines.front(), *line);
      }
    }
    if (found != listed) Report("groups that may move are not those that are listed");
  }
  void CheckInStep(const GroupRef& group, const ReservationLine& a, const ReservationLine& b) {
    for (const Placement& p : a.placements) {
      Quantity other;
      for (const Placement& q : b.placements) {
        if (q.location == p.location) other = q.quantity;
      }
      if (p.quantity.units() * b.open().units() != other.units() * a.open().units()) {
        Report("reservation ", Number(group.reservation), ": lines of a group at different places");
      }
    }
  }

  // Where the flexible units stand: as many as their lines have open, in places of their class.
  void CheckBackings() {
    size_t backings = 0;
    for (uint32_t i = 1; i <= state_.skus.size(); ++i) {
      const auto sku = static_cast<SkuIndex>(i);
      const SkuBacking* const backing = state_.backings.Find(sku);
      if (backing == nullptr) continue;
      ++backings;
      if (backing->empty()) Report(state_.skus.Name(sku), " has an empty backing");
      for (const SkuBacking::Entry& entry : *backing) {
        const std::string key = KeyName(sku, entry.location);
        if (!entry.quantity.IsPositive()) Report(key, ": an empty entry of the backing");
        if (!state_.classes.At(entry.lane.eligible).Contains(entry.location)) {
          Report(key, ": backs a class that it is not in");
        }
        Balances& sum = promised_[{sku, entry.location}];
        (entry.lane.allocated ? sum.allocated : sum.reserved) += entry.quantity;
        lanes_[{sku, entry.lane}] -= entry.quantity;
      }
    }
    if (backings != state_.backings.size()) Report("the backing of a SKU that nobody registered");
    for (const auto& [lane, difference] : lanes_) {
      if (difference.IsZero()) continue;
      Report(state_.skus.Name(lane.first), ": lines have ", difference.units(),
             " more flexible units open than stand anywhere");
    }
  }

  // What channels, and their customers, use is what their lines have open, and what was sold.
  void CheckAllotments() {
    state_.allotments.VisitSkus([this](SkuIndex sku, const Allotments::OfSku& all) {
      const std::string& name = state_.skus.Name(sku);
      if (all.empty() || !state_.allotments.AppliesTo(sku)) Report(name, " has no allotments");
      for (const Allotment& one : all) {
        if (one.terms.empty()) Report(name, " has an allotment of nothing");
        if (one.open != open_for_[{sku, one.channel}] || one.sold.IsNegative()) {
          Report(name, " for ", state_.channel_names.Name(one.channel), ": ", one.open.units(),
                 " open, and lines have ", open_for_[{sku, one.channel}].units());
        }
        const bool counts = state_.customers.Counted(sku, one.channel) != nullptr;
        if (counts != one.terms.customer_cap.has_value()) {
          Report(name, ": customers are counted without a cap, or not in spite of one");
        }
      }
    });
    for (const auto& [key, open] : open_of_) {
      const auto& [sku, channel, customer] = key;
      if (state_.customers.Counted(sku, channel) == nullptr) continue;
      if (state_.customers.Used(sku, channel, customer) < open) {
        Report(state_.skus.Name(sku), ": a customer uses less than its lines have open");
      }
    }
  }

  void CheckHold(const Reservation& r) {
    if (state_.holds.Find(r.owner) != &r) {
      Report("hold ", Number(r.id), " is not its owner's");
    }
    if (deadlines_.count({r.id, r.expires}) == 0) {
      Report("hold ", Number(r.id), " never expires");
    }
  }

  void CheckPositions() {
    for (uint32_t i = 1; i < state_.positions.skus().size(); ++i) {
      const auto sku = static_cast<SkuIndex>(i);
      int short_locations = 0;
      for (const SkuPositions::Entry& entry : state_.positions.skus()[i]) {
        if (entry.position.uncommitted().IsNegative()) ++short_locations;
        const auto it = promised_.find({sku, entry.location});
        const Balances expected = it == promised_.end() ? Balances{} : it->second;
        if (it != promised_.end()) promised_.erase(it);
        Compare(sku, entry.location, "reserved", expected.reserved, entry.position.reserved);
        Compare(sku, entry.location, "allocated", expected.allocated, entry.position.allocated);
        if (entry.position.unusable.IsNegative()) {
          Report(KeyName(sku, entry.location), ": unusable below zero");
        }
      }
      const auto noted = state_.short_locations.find(sku);
      const bool right = noted == state_.short_locations.end() ? short_locations == 0
                                                               : noted->second == short_locations;
      if (!right) Report(state_.skus.Name(sku), " is short at ", short_locations, " locations");
      if (!state_.unsettled.contains(sku)) CheckSettled(sku);
    }
    size_t with_conditions = 0;
    for (uint32_t i = 1; i < state_.positions.skus().size(); ++i) {
      for (const SkuPositions::Entry& entry : state_.positions.skus()[i]) {
        const auto sku = static_cast<SkuIndex>(i);
        const ConditionCounts counts = state_.conditions.Get(sku, entry.location);
        if (counts != ConditionCounts{}) ++with_conditions;
        if (counts.sum() != entry.position.unusable) {
          Report(KeyName(sku, entry.location), ": unusable is ", entry.position.unusable.units(),
                 ", its conditions add up to ", counts.sum().units());
        }
        for (const Condition condition : kUnusableConditions) {
          if (counts.of(condition).IsNegative()) {
            Report(KeyName(sku, entry.location), ": a condition below zero");
          }
        }
      }
    }
    if (with_conditions != state_.conditions.size()) {
      Report("conditions where nothing was ever stocked, or of nothing");
    }
    for (const auto& [key, sum] : promised_) {
      Report(KeyName(key.first, key.second), ": promised where nothing was ever stocked");
    }
  }

  // No unit is short that could stand elsewhere; as many are uncovered as are short, and open.
  void CheckSettled(SkuIndex sku) {
    const auto uncovered = state_.uncovered.find(sku);
    if (!state_.short_locations.contains(sku) && uncovered == state_.uncovered.end() &&
        !uncovered_.contains(sku)) {
      return;
    }
    const std::string& name = state_.skus.Name(sku);
    SkuFlow flow(state_, sku);
    if (flow.RelieveAll()) Report(name, ": units are short that could stand elsewhere");
    // Where less than nothing is on hand, more is short than anyone was promised.
    Quantity promised_short = flow.Shortage();
    for (const SkuPositions::Entry& entry : *state_.positions.Find(sku)) {
      promised_short -= (-entry.position.usable()).OrZero();
    }
    Quantity sum;
    if (uncovered != state_.uncovered.end()) {
      for (const UncoveredUnits& units : uncovered->second) {
        sum += units.quantity;
        CheckUncovered(name, units);
      }
    }
    if (sum != uncovered_[sku]) Report(name, ": lines do not have the uncovered units listed");
    if (sum != promised_short) {
      Report(name, ": ", sum.units(), " units are uncovered, ", promised_short.units(), " short");
    }
  }

  void CheckUncovered(const std::string& name, const UncoveredUnits& units) {
    const ReservationLine& line = state_.FindReservation(units.reservation)->lines[units.line];
    Quantity open = line.flexible() ? line.open() : Quantity();
    for (const Placement& p : line.placements) {
      if (p.location == units.location) open = p.quantity;
    }
    if (!units.quantity.IsPositive() || open < units.quantity) {
      Report(name, ": ", units.quantity.units(), " units of reservation ",
             Number(units.reservation), " are uncovered, ", open.units(), " open");
    }
  }

  void CheckSources() {
    const std::vector<Source>& sources = state_.sources.sources;
    if (sources.size() != state_.sources.names.size() + 1) Report("sources without a name");
    int64_t suspects = 0;
    for (const Source& source : sources) {
      suspects += source.suspect() ? 1 : 0;
      int64_t missing = 0;
      for (const auto& [first, last] : source.missing()) missing += last - first + 1;
      if (missing != source.missing_messages()) {
        Report("a source misses ", missing, " messages, not ", source.missing_messages());
      }
    }
    if (suspects != state_.sources.suspects) {
      Report(suspects, " sources are suspect, not ", state_.sources.suspects);
    }
  }

  void CheckCounts() {
    const CountTable& counts = state_.counts;
    size_t staging = 0;
    size_t switching = 0;
    int64_t rows = 0;
    for (uint32_t i = 1; i <= counts.names().size(); ++i) {
      const Count& count = counts.At(CountIndex{i});
      staging += count.state == CountState::kStaging ? 1 : 0;
      switching += count.state == CountState::kSwitching ? 1 : 0;
      int64_t kept = 0;
      for (const Count::Part& part : count.parts) kept += static_cast<int64_t>(part.rows.size());
      const bool has_ended = count.state > CountState::kSwitching;
      if (kept != (has_ended ? 0 : count.rows)) {
        Report("count ", counts.names().Name(CountIndex{i}), " keeps ", kept, " rows");
      }
      rows += kept;
    }
    if (rows != counts.staged_rows()) {
      Report(rows, " rows are staged, not ", counts.staged_rows());
    }
    if (staging != counts.staging().size() || switching != counts.switching()) {
      Report(staging, " counts wait for parts, ", switching, " to be switched");
    }
    const CountIndex next = counts.next_to_switch();
    if (next != CountIndex::kNone && counts.At(next).state != CountState::kSwitching) {
      Report("a count that is not complete is to be switched");
    }
    for (const auto& [key, difference] : counts.differences) {
      if (difference.variance.IsZero()) Report(key, ": a difference of nothing");
    }
  }

  void CheckWaiting() {
    size_t skus = 0;
    state_.waiting.ForEach([&](SkuIndex sku, const SkuWaiting& waiting) {
      ++skus;
      const std::set<Waiter> listed(waiting.waiters().begin(), waiting.waiters().end());
      std::map<std::pair<WaitScope, Instant>, Quantity> sums;
      for (const auto& [scope, dates] : waiting.commitments()) {
        for (const auto& [date, units] : dates) sums[{scope, date}] = units;
      }
      if (listed != waiters_[sku] || sums != commitments_[sku]) {
        Report(state_.skus.Name(sku), ": who waits is not who is listed");
      }
      if (state_.unsettled.contains(sku)) return;
      Events events;
      // Just after the last date that was told to have passed.
      const Instant now = state_.waiting.passed() + Micros{1};
      if (ServeWaiting(state_, sku, events) > 0) {
        Report(state_.skus.Name(sku), ": somebody waits for what is there");
      } else if (!state_.safety_stock.AppliesTo(sku) &&
                 CheckPromises(state_, sku, now, events) > 0) {
        // How much of safety stock is there changes without anybody being asked.
        Report(state_.skus.Name(sku), ": it is not said whose promise is kept");
      }
    });
    if (skus != waiters_.size()) Report("somebody waits and is not listed");
  }

  void CheckTransfers() {
    const TransferTable& transfers = state_.transfers;
    std::map<Key, Quantity> in_transit;
    std::map<std::tuple<ReservationId, uint32_t, LocationIndex>, Quantity> claims;
    for (uint32_t i = 1; i <= transfers.names().size(); ++i) {
      const Transfer& transfer = transfers.At(TransferIndex{i});
      const std::string& name = transfers.names().Name(TransferIndex{i});
      if (transfer.closed && !(transfer.all_shipped && transfer.in_transit().IsZero())) {
        Report("transfer ", name, " is closed, and units are on their way");
      }
      for (const TransferLine& line : transfer.lines) {
        in_transit[{line.sku, transfer.to}] += line.in_transit();
        if (line.in_transit().IsNegative() || line.presumed.IsNegative() ||
            line.lost.IsNegative() || line.shipped < line.presumed ||
            line.received < line.damaged) {
          Report("transfer ", name, " has less than nothing of a line");
        }
        if (transfer.all_received && !line.in_transit().IsZero()) {
          Report("transfer ", name, " has units on their way that will not come");
        }
        if (line.order_in_transit.IsNegative() || line.order_in_transit > line.in_transit()) {
          // Those of a reservation that has ended are nobody's.
          const Reservation* const r = state_.FindReservation(line.reservation);
          if (r != nullptr && IsOpen(r->state)) {
            Report("transfer ", name, " has more of an order on its way than it has");
          }
        }
        if (!line.of_order) continue;
        claims[{line.reservation, line.reservation_line, transfer.from}] += transfer.Wanted(line);
        const Reservation* const r = state_.FindReservation(line.reservation);
        if (r == nullptr || !IsOpen(r->state)) continue;
        travelling_[{line.reservation, line.reservation_line}] -= line.order_in_transit;
      }
    }
    size_t positions = 0;
    for (const auto& [key, units] : in_transit) {
      positions += units.IsZero() ? 0 : 1;
      if (state_.in_transit.Get(key.first, key.second) == units) continue;
      Report(KeyName(key.first, key.second), ": transfers say that ", units.units(),
             " units are on their way");
    }
    if (positions != state_.in_transit.size()) Report("units on their way that nobody shipped");
    for (const auto& [key, units] : travelling_) {
      if (units.IsZero()) continue;
      Report("reservation ", Number(key.first), " has ", units.units(),
             " more units on their way than transfers have for it");
    }
    transfers.ForEachClaim(
        [&](ReservationId id, uint32_t line, LocationIndex from, Quantity claimed) {
          claims[{id, line, from}] -= claimed;
        });
    for (const auto& [key, units] : claims) {
      if (units.IsZero()) continue;
      Report("transfers are to take ", units.units(), " more of reservation ",
             Number(std::get<0>(key)), " than is noted");
    }
  }

  void Compare(SkuIndex sku, LocationIndex location, const char* what, Quantity expected,
               Quantity actual) {
    if (expected == actual) return;
    Report(KeyName(sku, location), ": ", what, " is ", actual.units(), ", its reservations say ",
           expected.units());
  }
  std::string KeyName(SkuIndex sku, LocationIndex location) const {
    return absl::StrCat(state_.skus.Name(sku), " at ", state_.locations.Name(location));
  }

  const State& state_;
  std::vector<std::string> broken_;
  std::map<Key, Balances> promised_;
  // What lines have open in a lane, less what stands in it.
  std::map<std::pair<SkuIndex, Lane>, Quantity> lanes_;
  // What lines have uncovered.
  std::map<SkuIndex, Quantity> uncovered_;
  // What lines of a channel, and of its customers, have open.
  std::map<std::pair<SkuIndex, ChannelIndex>, Quantity> open_for_;
  std::map<std::tuple<SkuIndex, ChannelIndex, std::string>, Quantity> open_of_;
  // Lines with open units of the groups that may move.
  std::map<GroupRef, std::vector<const ReservationLine*>> groups_;
  std::set<std::pair<ReservationId, Instant>> deadlines_;
  std::map<SkuIndex, std::set<ReservationId>> open_of_sku_;
  // Who waits, and for how many by when.
  std::map<SkuIndex, std::set<Waiter>> waiters_;
  std::map<SkuIndex, std::map<std::pair<WaitScope, Instant>, Quantity>> commitments_;
  // What lines have in transit, less what transfers have for them.
  std::map<std::pair<ReservationId, uint32_t>, Quantity> travelling_;
};

}  // namespace

std::vector<std::string> FindBrokenInvariants(const State& state) { return Checker(state).Run(); }

}  // namespace quartermaster::stock
