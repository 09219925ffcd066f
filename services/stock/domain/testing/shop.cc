#include "services/stock/domain/testing/shop.h"

#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/check.h"
#include "services/base/persist.h"
#include "services/base/testing/saved.h"
#include "services/stock/domain/invariants.h"
#include "services/stock/domain/serve_waiting.h"
#include "services/stock/domain/settle.h"
#include "services/stock/domain/stands.h"

namespace quartermaster::stock {

Shop::Shop() : now_{Seconds(1'000).count} {}

void Shop::Log(const Event& event) {
  Apply(*state_, event, next_, now_, changes_);
  for (Reservation& r : state_->forgotten) {
    const ReservationId id = r.id;
    QM_CHECK(forgotten_.emplace(id, std::move(r)).second) << "forgotten twice";
  }
  state_->forgotten.clear();
  while (forgets_) {
    const OnceKeys::Entry* const excess = state_->once.NextExcess();
    if (excess == nullptr) break;
    QM_CHECK(archived_once_.emplace(excess->key, excess->fingerprint).second) << "forgotten twice";
  }
  state_->once.Forget(state_->once.given_out());
  log_.push_back({event, next_, now_});
  ++next_;
}

size_t Shop::LogAll(const Events& events) {
  const int64_t first = next_;
  for (const Event& event : events) Log(event);
  while (!state_->unsettled.empty()) {
    Events settled;
    stock::Settle(*state_, now_, /*max=*/1, settled);
    for (const Event& event : settled) Log(event);
  }
  return static_cast<size_t>(next_ - first);
}

void Shop::KeepInMemory() {
  if (!forgets_) return;
  state_->ended = EndedReservations(kept_);
  state_->once.Keep(kept_.others);
}

void Shop::Restart() {
  const std::string bytes = Saved(*state_);
  const std::string before = DumpState(*state_);
  state_ = std::make_unique<State>();
  KeepInMemory();
  size_t read = 0;
  // In small pieces, so that values lie across them.
  Loader load(
      [&] {
        const std::string_view piece = std::string_view(bytes).substr(read, 61);
        read += piece.size();
        return piece;
      },
      bytes.size());
  load(*state_);
  QM_CHECK(load.ok() && load.done()) << "a checkpoint is not read";
  QM_CHECK(DumpState(*state_) == before) << "a checkpoint makes another state";
  QM_CHECK(Saved(*state_) == bytes) << "a checkpoint's state is written otherwise";
  switcher_ = CountSwitcher();
  overdue_ = OverdueHolds();
}

bool Shop::Prepare(const Command& command) {
  Events events;
  ExpireDue(*state_, now_, expiries_per_frame_, events);
  LogAll(events);
  events.clear();
  TellPassedDates(*state_, now_, events);
  LogAll(events);
  events.clear();
  overdue_.Update(*state_, now_);
  const bool ready = overdue_.ExpireFor(*state_, command, expiries_per_frame_, events);
  LogAll(events);
  return ready;
}

void Shop::SwitchCounts() {
  do {
    Events events;
    switcher_.Continue(*state_, now_, slice_ == 0 ? 1'000 : slice_, events);
    LogAll(events);
  } while (slice_ == 0 && state_->counts.switching() > 0);
}

AdjustStock Shop::Told(AdjustStock fact, const std::string& source, int64_t sequence,
                       const std::string& id) {
  fact.adjustment.message = {source, sequence, id};
  return fact;
}

StageCount Shop::CountOf(const std::string& count_id, std::vector<StageCount::Row> rows) const {
  StageCount count;
  count.count_id = count_id;
  count.source = "counter";
  count.taken = now_;
  count.rows = std::move(rows);
  return count;
}

void Shop::Settle() {
  do {
    Prepare(ListReservations{});
  } while (!overdue_.empty());
}

Decision Shop::Do(const Command& command) {
  while (expires_ && !Prepare(command)) {
  }
  Events events;
  OnceKeys::Recalled recalled;
  std::vector<std::string> keys;
  AppendOnceKeys(command, keys);
  for (const std::string& key : keys) {
    const auto it = archived_once_.find(key);
    if (it != archived_once_.end()) recalled.insert(*it);
  }
  state_->once.Recall(std::move(recalled));
  Decision decision = Decide(*state_, command, now_, next_, events);
  QM_CHECK(!decision.rejection || events.empty()) << "a refusal with events";
  last_events_ = LogAll(events);
  SwitchCounts();
  const std::vector<std::string> broken = FindBrokenInvariants(*state_);
  QM_CHECK(broken.empty()) << broken.front();
  AnswerFromArchive(command, decision);
  return decision;
}

void Shop::AnswerFromArchive(const Command& command, Decision& decision) const {
  const ReservationId id = ReservationOf(command);
  const auto it = forgotten_.find(id);
  if (it == forgotten_.end() || !decision.rejection) return;
  decision.duplicate = decision.rejection->kind == RejectionKind::kMessageToldBefore;
  if (!decision.duplicate && decision.rejection->kind != RejectionKind::kReservationNotFound) {
    return;
  }
  decision.rejection.reset();
  if (decision.duplicate || std::holds_alternative<GetReservation>(command)) {
    decision.reservation = id;
  } else {
    decision.rejection = Rejection{*EndOf(it->second, now_)};
  }
}

SkuIndex Shop::Sku(const std::string& name) {
  if (state_->skus.Find(name) == SkuIndex::kNone) Do(RegisterSku{name});
  return state_->skus.Find(name);
}

LocationIndex Shop::Location(const std::string& name) {
  if (state_->locations.Find(name) == LocationIndex::kNone) Do(RegisterLocation{name, false});
  return state_->locations.Find(name);
}

void Shop::Pause(const std::string& location, bool paused) {
  Do(RegisterLocation{location, paused});
}

PoolIndex Shop::Pool(const std::string& name, const std::vector<std::string>& locations) {
  SetPool command{name, {}, {}};
  for (const std::string& location : locations) command.locations.push_back(Location(location));
  QM_CHECK(!Do(command).rejection);
  return state_->pool_names.Find(name);
}

ChannelIndex Shop::Channel(const std::string& name, const std::string& pool, Demand demand,
                           int64_t buffer) {
  const SetChannel command{
      name, state_->pool_names.Find(pool), demand, Quantity(buffer), std::nullopt, {}};
  QM_CHECK(!Do(command).rejection);
  return state_->channel_names.Find(name);
}

void Shop::Allot(const std::string& channel, const std::string& sku, const AllotmentTerms& terms,
                 bool new_window) {
  SetAllotment command;
  command.channel = state_->channel_names.Find(channel);
  command.sku = state_->skus.Find(sku);
  command.terms = terms;
  command.new_window = new_window;
  QM_CHECK(!Do(command).rejection);
}

const Allotment* Shop::AllotmentOf(const std::string& channel, const std::string& sku) const {
  return state_->allotments.Find(state_->skus.Find(sku), state_->channel_names.Find(channel));
}

SkuIndex Shop::Kit(const std::string& sku,
                   const std::vector<std::pair<std::string, int64_t>>& components,
                   bool same_location) {
  DefineKit command;
  command.sku = Sku(sku);
  for (const auto& [component, count] : components) {
    command.components.push_back({Sku(component), count});
  }
  command.same_location = same_location;
  QM_CHECK(!Do(command).rejection) << sku;
  return command.sku;
}

void Shop::KeepBack(const std::string& sku, const std::string& location,
                    std::optional<int64_t> quantity) {
  SetStockPolicy command;
  command.of_sku = !sku.empty();
  command.of_location = !location.empty();
  if (command.of_sku) command.sku = Sku(sku);
  if (command.of_location) command.location = Location(location);
  if (quantity) command.safety_stock = Quantity(*quantity);
  QM_CHECK(!Do(command).rejection);
}

AdjustStock Shop::Fact(AdjustmentKind kind, const std::string& sku, const std::string& location,
                       int64_t delta, const std::string& effect_key) {
  AdjustStock fact;
  fact.adjustment.sku = sku;
  fact.adjustment.location = location;
  fact.adjustment.kind = kind;
  fact.adjustment.delta = Quantity(delta);
  fact.adjustment.effect_key = effect_key;
  return fact;
}

void Shop::Receive(const std::string& sku, const std::string& location, int64_t quantity) {
  QM_CHECK(!Do(Fact(AdjustmentKind::kReceived, sku, location, quantity)).rejection);
}

HoldLine Shop::At(const std::string& sku, int64_t quantity, const std::string& location) {
  return {.line_id = "",
          .sku = Sku(sku),
          .location = Location(location),
          .quantity = Quantity(quantity)};
}

HoldLine Shop::From(const std::string& sku, int64_t quantity, const std::string& pool) {
  return {.line_id = "",
          .sku = Sku(sku),
          .from_pool = true,
          .pool = state_->pool_names.Find(pool),
          .quantity = Quantity(quantity)};
}

HoldLine Shop::For(const std::string& sku, int64_t quantity, const std::string& channel) {
  HoldLine line{.line_id = "", .sku = Sku(sku), .quantity = Quantity(quantity)};
  line.for_channel = true;
  line.channel = state_->channel_names.Find(channel);
  return line;
}

ReserveStock Shop::Reserve(const std::string& owner, HoldLines lines, Micros ttl) const {
  ReserveStock command;
  command.owner = owner;
  command.lines = std::move(lines);
  command.ttl = ttl;
  return command;
}

ReservationId Shop::Hold(const std::string& owner, HoldLines lines, Micros ttl) {
  const Decision decision = Do(Reserve(owner, std::move(lines), ttl));
  QM_CHECK(!decision.rejection) << "rejection " << static_cast<int>(decision.rejection->kind);
  return decision.reservation;
}

TransferStock Shop::Transfer(const std::string& id, const std::string& from, const std::string& to,
                             const std::vector<Goods>& goods) {
  TransferStock command{id, Location(from), Location(to), {}, {}};
  for (const Goods& line : goods) {
    command.lines.push_back({.sku = Sku(line.sku), .quantity = Quantity(line.quantity)});
  }
  return command;
}

namespace {

std::vector<TransferFactLine> LinesOf(const std::vector<Shop::Goods>& goods) {
  std::vector<TransferFactLine> lines;
  for (const Shop::Goods& line : goods) {
    lines.push_back(
        {.sku = line.sku, .quantity = Quantity(line.quantity), .condition = line.condition});
  }
  return lines;
}

}  // namespace

ShipTransfer Shop::Shipped(const std::string& id, const std::vector<Goods>& goods, bool last) {
  return {id, "", "", LinesOf(goods), last, {}};
}

ReceiveTransfer Shop::Received(const std::string& id, const std::vector<Goods>& goods, bool last) {
  return {id, "", "", LinesOf(goods), last, {}};
}

Decision Shop::Expect(const std::string& supply_id, const std::string& sku,
                      const std::string& location, int64_t quantity, Micros due_in,
                      int64_t revision) {
  return Do(ExpectSupply{supply_id,
                         revision,
                         {{"1", Sku(sku), Location(location), Quantity(quantity), now_ + due_in}},
                         {}});
}

Decision Shop::Come(const std::string& supply_id, int64_t quantity, bool last) {
  return Do(ReceiveSupply{
      supply_id, {{.line_id = "1", .quantity = Quantity(quantity), .last = last}}, {}});
}

TransferReport Shop::ReportOf(const std::string& transfer) const {
  return ReportTransfer(*state_, state_->transfers.names().Find(transfer));
}

int64_t Shop::InTransit(const std::string& sku, const std::string& location) const {
  return state_->in_transit.Get(state_->skus.Find(sku), state_->locations.Find(location)).units();
}

const Reservation& Shop::Get(ReservationId id) const {
  const Reservation* r = state_->FindReservation(id);
  if (r == nullptr) r = &forgotten_.at(id);
  return *r;
}

Placements Shop::Stand(ReservationId id, size_t line) const {
  Stands stands(*state_, Get(id));
  for (size_t before = 0; before < line; ++before) stands.Next(Get(id).lines[before]);
  return stands.Next(Get(id).lines[line]);
}

Balances Shop::BalancesOf(const std::string& sku, const std::string& location) const {
  return state_->positions.Get(state_->skus.Find(sku), state_->locations.Find(location));
}

int64_t Shop::Available(const std::string& sku, const std::string& location) const {
  const StockKey key{.sku = state_->skus.Find(sku), .location = state_->locations.Find(location)};
  Offer offer(*state_);
  return FindAvailability(*state_, offer, key).available.units();
}

int64_t Shop::AvailableInPool(const std::string& sku, const std::string& pool) const {
  const StockKey key{
      .sku = state_->skus.Find(sku), .from_pool = true, .pool = state_->pool_names.Find(pool)};
  Offer offer(*state_);
  return FindAvailability(*state_, offer, key).available.units();
}

int64_t Shop::AvailableFor(const std::string& sku, const std::string& channel) const {
  const StockKey key{.sku = state_->skus.Find(sku),
                     .for_channel = true,
                     .channel = state_->channel_names.Find(channel)};
  Offer offer(*state_);
  return FindAvailability(*state_, offer, key).available.units();
}

namespace {

template <typename Id>
int64_t Raw(Id id) {
  return static_cast<int64_t>(id);
}

void AppendNames(const auto& directory, std::string& text) {
  for (size_t i = 1; i <= directory.size(); ++i) {
    using Index = decltype(directory.next());
    absl::StrAppend(&text, " ", directory.Name(static_cast<Index>(i)));
  }
  text += "\n";
}

void AppendReservation(const Reservation& r, std::string& text) {
  absl::StrAppend(&text, "r", Raw(r.id), " ", r.owner, " state ", Raw(r.state), " created ",
                  r.created.unix_us, " expires ", r.expires.unix_us, " by ", Raw(r.replaced_by),
                  "\n");
  for (const ReservationLine& line : r.lines) {
    absl::StrAppend(&text, "  [", line.line_id, "] ", Raw(line.sku), " pool ", Raw(line.pool),
                    " at ", Raw(line.location), " for ", Raw(line.channel), " in ",
                    Raw(line.eligible), " of ", Raw(line.kit), "/", line.per_kit, " in group ",
                    line.group, ": ", line.quantity.units(), " ", line.fulfilled.units(), " ",
                    line.released.units(), " ", line.missing.units(), " ", line.uncovered.units(),
                    " ", line.in_transit.units());
    if (!line.waiting.IsZero()) {
      absl::StrAppend(&text, " waits for ", line.waiting.units(), " by ", line.needed_by.unix_us,
                      " at ", Raw(line.waits_at.eligible), "/", Raw(line.waits_at.location),
                      " late ", line.late.units());
    }
    for (const Placement& p : line.placements) {
      absl::StrAppend(&text, " ", Raw(p.location), "=", p.quantity.units());
    }
    text += "\n";
  }
}

void AppendTransfers(const State& state, std::string& text) {
  for (uint32_t i = 1; i <= state.transfers.names().size(); ++i) {
    const Transfer& t = state.transfers.At(TransferIndex{i});
    absl::StrAppend(&text, "transfer ", state.transfers.names().Name(TransferIndex{i}), " ",
                    Raw(t.from), ">", Raw(t.to), " ", t.fingerprint, " ", t.created.unix_us, " ",
                    t.changed.unix_us, t.all_shipped ? " all shipped" : "",
                    t.all_received ? " all received" : "", t.closed ? " closed" : "", "\n");
    for (const TransferLine& line : t.lines) {
      absl::StrAppend(&text, "  [", line.line_id, "] ", Raw(line.sku), " r", Raw(line.reservation),
                      "/", line.reservation_line, line.of_order ? " of order " : " ",
                      line.quantity.units(), " ", line.shipped.units(), " ", line.presumed.units(),
                      " ", line.received.units(), " ", line.damaged.units(), " ", line.lost.units(),
                      " ", line.order_in_transit.units(), "\n");
    }
  }
  for (uint32_t i = 1; i < static_cast<uint32_t>(state.supplies.next()); ++i) {
    const SupplyLine& line = state.supplies.At(SupplyIndex{i});
    absl::StrAppend(&text, line.supply_id, "/", line.line_id, " ", Raw(line.sku), "@",
                    Raw(line.location), " ", line.expected.units(), " ", line.received.units(), " ",
                    line.damaged.units(), " due ", line.due.unix_us, " rev ", line.revision, " ",
                    line.fingerprint, line.closed ? " closed" : "", "\n");
  }
  std::map<uint64_t, int64_t> in_transit;
  state.in_transit.ForEach([&](SkuIndex sku, LocationIndex location, Quantity units) {
    in_transit[PositionKey(sku, location)] = units.units();
  });
  for (const auto& [key, units] : in_transit) {
    absl::StrAppend(&text, key, " in transit ", units, "\n");
  }
  state.transfers.ForEachClaim(
      [&](ReservationId id, uint32_t line, LocationIndex from, Quantity units) {
        absl::StrAppend(&text, "r", Raw(id), "/", line, "@", Raw(from), " claimed ", units.units(),
                        "\n");
      });
}

}  // namespace

std::string DumpState(const State& state) {
  std::string text;
  AppendNames(state.skus, text);
  AppendNames(state.locations, text);
  AppendNames(state.pool_names, text);
  for (const Pool& pool : state.pools) {
    for (const LocationIndex location : pool.locations) absl::StrAppend(&text, Raw(location), " ");
    absl::StrAppend(&text, "in ", Raw(pool.eligible), "|");
  }
  text += "\n";
  AppendNames(state.channel_names, text);
  for (const Channel& channel : state.channels) {
    absl::StrAppend(&text, "from ", Raw(channel.pool), " as ", Raw(channel.demand), " less ",
                    channel.buffer.units(), " since ", channel.version, "|");
  }
  std::map<int64_t, std::string> allotments;
  state.allotments.VisitSkus([&](SkuIndex sku, const Allotments::OfSku& all) {
    for (const Allotment& one : all) {
      const auto limit = [](const std::optional<Quantity>& q) { return q ? q->units() : -1; };
      absl::StrAppend(&allotments[Raw(sku)], Raw(sku), " for ", Raw(one.channel), " quota ",
                      limit(one.terms.quota), " cap ", limit(one.terms.cap), " each ",
                      limit(one.terms.customer_cap), one.terms.borrows ? " borrows" : "", " open ",
                      one.open.units(), " sold ", one.sold.units(), " from ",
                      one.window_start.unix_us, " since ", one.version, "\n");
    }
  });
  for (const auto& [sku, lines] : allotments) text += lines;
  std::set<std::string> customers;
  state.customers.VisitCounted(
      [&](SkuIndex sku, ChannelIndex channel, const Customers::Units& units) {
        for (const auto& [customer, used] : units) {
          customers.insert(
              absl::StrCat(Raw(sku), " for ", Raw(channel), " ", customer, " ", used.units()));
        }
      });
  for (const std::string& line : customers) absl::StrAppend(&text, line, "\n");
  for (size_t i = 1; i <= state.skus.size(); ++i) {
    const Kit* const kit = state.kits.Find(static_cast<SkuIndex>(i));
    if (kit == nullptr) continue;
    absl::StrAppend(&text, "kit ", i, kit->whole ? " whole" : "", " since ", kit->version, ":");
    for (const KitParts* parts : {&kit->components, &kit->parts}) {
      for (const KitPart& part : *parts) {
        absl::StrAppend(&text, " ", Raw(part.sku), "*", part.count);
      }
      text += ";";
    }
  }
  for (size_t i = 1; i <= state.locations.size(); ++i) {
    text += state.IsPaused(static_cast<LocationIndex>(i)) ? "p" : ".";
  }
  text += "\n";
  for (size_t sku = 0; sku < state.positions.skus().size(); ++sku) {
    for (const SkuPositions::Entry& entry : state.positions.skus()[sku]) {
      const Balances& b = entry.position;
      absl::StrAppend(&text, sku, "@", Raw(entry.location), " ", b.on_hand.units(), " ",
                      b.reserved.units(), " ", b.allocated.units(), " ", b.unusable.units(), "\n");
    }
  }
  for (size_t sku = 1; sku <= state.skus.size(); ++sku) {
    const SkuBacking* const backing = state.backings.Find(static_cast<SkuIndex>(sku));
    if (backing == nullptr) continue;
    for (const SkuBacking::Entry& entry : *backing) {
      absl::StrAppend(&text, sku, "@", Raw(entry.location), " backs ", Raw(entry.lane.eligible),
                      entry.lane.allocated ? "a " : "r ", entry.quantity.units(), "\n");
    }
  }
  std::map<std::pair<int64_t, int64_t>, SafetyStock::Setting> safety_stock;
  state.safety_stock.ForEach([&](const PolicyScope& scope, const SafetyStock::Setting& setting) {
    safety_stock[{Raw(scope.sku), Raw(scope.location)}] = setting;
  });
  for (const auto& [scope, setting] : safety_stock) {
    absl::StrAppend(&text, scope.first, "@", scope.second, " keeps ", setting.units.units(),
                    " since ", setting.version, "\n");
  }
  for (const auto& [sku, list] : state.uncovered) {
    for (const UncoveredUnits& units : list) {
      absl::StrAppend(&text, Raw(sku), " uncovered r", Raw(units.reservation), " line ", units.line,
                      "@", Raw(units.location), " ", units.quantity.units(), "\n");
    }
  }
  for (const auto& [sku, locations] : state.short_locations) {
    absl::StrAppend(&text, Raw(sku), " short at ", locations, "\n");
  }
  std::map<uint64_t, std::string> conditions;
  state.conditions.ForEach(
      [&](SkuIndex sku, LocationIndex location, const ConditionCounts& counts) {
        std::string& line = conditions[PositionKey(sku, location)];
        absl::StrAppend(&line, Raw(sku), "@", Raw(location), " unusable");
        for (const Condition c : kUnusableConditions) {
          absl::StrAppend(&line, " ", counts.of(c).units());
        }
      });
  for (const auto& [key, line] : conditions) absl::StrAppend(&text, line, "\n");
  for (const Reservation* r = state.reservations.Next(ReservationId::kNone); r != nullptr;
       r = state.reservations.Next(r->id)) {
    AppendReservation(*r, text);
    if (const auto customer = state.customers.Of(r->id); !customer.empty()) {
      absl::StrAppend(&text, "is ", std::string(customer), "'s\n");
    }
    if (state.holds.Find(r->owner) == r) absl::StrAppend(&text, r->owner, " holds it\n");
  }
  for (const auto* ended : {&state.ended.expired(), &state.ended.others()}) {
    text += "ended";
    for (const ReservationId id : *ended) absl::StrAppend(&text, " ", Raw(id));
    text += "\n";
  }
  // Stale deadlines do not decide anything.
  std::set<std::pair<Instant, ReservationId>> deadlines;
  state.expiries.ForEach([&](const ExpiryQueue::Entry& entry) {
    const Reservation* r = state.FindReservation(entry.reservation);
    if (r == nullptr || r->state != ReservationState::kHeld || r->expires != entry.expires) return;
    deadlines.emplace(entry.expires, entry.reservation);
  });
  for (const auto& [expires, id] : deadlines) {
    absl::StrAppend(&text, "due ", expires.unix_us, " ", Raw(id), "\n");
  }
  AppendNames(state.sources.names, text);
  for (const Source& source : state.sources.sources) {
    absl::StrAppend(&text, "source ", source.first(), " to ", source.last(), ", ",
                    source.messages(), " messages, suspect since ", source.suspect_since.unix_us,
                    ", forgotten ", source.forgotten_sequence, " ", source.forgotten_time.unix_us,
                    ", count ", Raw(source.last_count));
    for (const auto& [first, last] : source.missing()) {
      absl::StrAppend(&text, " less ", first, " to ", last);
    }
    text += "\n";
  }
  for (uint32_t n = 1; n <= state.counts.names().size(); ++n) {
    const CountIndex i{n};
    const Count& count = state.counts.At(i);
    absl::StrAppend(&text, "count ", state.counts.names().Name(i), " state ", Raw(count.state),
                    " parts ", count.parts_staged, " rows ", count.rows, " through ",
                    Raw(count.switched_through), " positions ", count.positions, " differing ",
                    count.differing, " superseded ", count.superseded, " too old ", count.too_old,
                    " doubtful ", count.doubtful, " +", count.surplus.units(), " -",
                    count.deficit.units(), " changed ", count.changed.unix_us, "\n");
  }
  for (uint32_t sku = 1; sku <= state.skus.size(); ++sku) {
    for (uint32_t l = 1; l <= state.locations.size(); ++l) {
      const auto holding = state.counts.Holding(SkuIndex{sku}, LocationIndex{l});
      if (holding != CountIndex::kNone) {
        absl::StrAppend(&text, sku, "@", l, " counted by ", Raw(holding), "\n");
      }
    }
  }
  AppendTransfers(state, text);
  for (const auto& [key, d] : state.counts.differences) {
    absl::StrAppend(&text, key, " differs: ", Raw(d.count), " ", Raw(d.cause), " ",
                    d.variance.units(), " ", d.since.unix_us, "\n");
  }
  for (const auto& [key, r] : state.counts.recounts) {
    absl::StrAppend(&text, key, " recount: ", Raw(r.cause), " ", r.since.unix_us, " ",
                    Raw(r.source), "\n");
  }
  absl::StrAppend(&text, state.recent_facts.size(), " recent facts, ",
                  state.recent_allocations.size(), " allocations, forgotten ",
                  state.forgotten_allocations.unix_us, "\n");
  absl::StrAppend(&text, state.once.added(), " once\n");
  return text;
}

}  // namespace quartermaster::stock
