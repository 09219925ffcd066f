#include "services/stock/domain/testing/random_commands.h"

#include <algorithm>
#include <optional>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/stock/domain/availability.h"
#include "services/stock/domain/backing.h"

namespace quartermaster::stock {
namespace {

constexpr int kSkus = 3;
constexpr int kLocations = 4;
constexpr int kPools = 2;
constexpr int kChannels = 3;
constexpr int kKits = 3;
constexpr int kOwners = 5;
constexpr int kCustomers = 2;

}  // namespace

Micros RandomCommands::NextWait() {
  switch (Below(8)) {
    case 0:
      return Micros{Below(3)};
    case 1:
      return Seconds(Below(20));
    default:
      return Micros{0};
  }
}

Quantity RandomCommands::Amount(Quantity available) {
  int64_t amount = 1 + Below(4);
  if (OneIn(3)) amount = available.units() + Below(3) - 1;
  if (OneIn(50)) amount = kMaxLineQuantity.units();
  return Quantity(std::max<int64_t>(amount, 1));
}

HoldLines RandomCommands::Lines(const State& state) {
  HoldLines lines;
  Offer offer(state);
  const int count = OneIn(40) ? 20 : 1 + Below(3);
  for (int i = 0; i < count; ++i) {
    HoldLine line;
    line.sku =
        state.skus.Find(OneIn(4) ? Name('X', kKits) : Name('K', OneIn(30) ? kSkus + 2 : kSkus));
    line.for_channel = OneIn(4);
    line.from_pool = !line.for_channel && OneIn(2);
    if (line.for_channel) {
      line.channel = state.channel_names.Find(Name('C', kChannels));
    } else if (line.from_pool) {
      line.pool = state.pool_names.Find(Name('P', kPools));
    } else {
      line.location = state.locations.Find(Name('L', OneIn(30) ? kLocations + 2 : kLocations));
    }
    if (!line.for_channel && OneIn(4))
      line.channel = state.channel_names.Find(Name('C', kChannels));
    if (!lines.empty() && OneIn(8)) {
      const SkuIndex sku = line.sku;
      lines.front().group = 1;
      line = lines.front();
      line.sku = sku;
      line.line_id.clear();
    }
    const StockKey key{line.sku,      line.from_pool,   line.pool,
                       line.location, line.for_channel, line.channel};
    const bool known = !FindUnknownName(state, key);
    line.quantity = Amount(known ? FindAvailability(state, offer, key).available : Quantity());
    if (OneIn(4)) line.line_id = absl::StrCat("line-", i);
    lines.push_back(std::move(line));
  }
  return lines;
}

ReservationId RandomCommands::AnyReservation(const State& state) {
  for (const Reservation* r = state.reservations.Next(seen_.back()); r != nullptr;
       r = state.reservations.Next(r->id)) {
    seen_.push_back(r->id);
  }
  const auto last = static_cast<int64_t>(seen_.back());
  if (last == 0 || OneIn(50)) return static_cast<ReservationId>(1 + Below(9));
  // Mostly one of the latest; it may have left memory.
  const auto after = static_cast<ReservationId>(std::max<int64_t>(0, last - 1 - Below(40)));
  return *std::upper_bound(seen_.begin(), seen_.end(), after);
}

BindReservation RandomCommands::Bind(const State& state, ReservationId id) {
  BindReservation bind{id, {}, {}};
  const Reservation* r = state.FindReservation(id);
  const int lines = r == nullptr ? 1 : static_cast<int>(r->lines.size());
  // Groups are bound to one place, or hardly ever.
  const bool whole = r != nullptr && HasBundles(*r) && !OneIn(4);
  const int place = Below(kLocations);
  for (int i = 0; i < lines; ++i) {
    if (OneIn(whole ? 8 : 3)) continue;
    const ReservationLine* const of = r == nullptr ? nullptr : &r->lines[static_cast<size_t>(i)];
    const bool named = of != nullptr && !of->line_id.empty();
    const bool of_kit = of != nullptr && of->kit != SkuIndex::kNone;
    // The other parts of a kit are its line too.
    if (of_kit && i > 0 && r->lines[static_cast<size_t>(i) - 1].line_id == of->line_id) continue;
    BindReservation::Line& line = bind.lines.emplace_back();
    line.line_id = named ? of->line_id : std::to_string(i);
    if (OneIn(40)) line.line_id = "no such line";
    int64_t left = of == nullptr ? 1 : of->open().units();
    line.of_part = OneIn(of_kit ? 6 : 50);
    if (line.of_part) line.part = of == nullptr ? SkuIndex::kNone : of->sku;
    if (of_kit && !line.of_part) left /= of->per_kit;
    if (OneIn(20)) ++left;
    const int first = whole ? place : Below(kLocations);
    for (int l = 0; l < kLocations && left > 0; ++l) {
      const int64_t here = whole || l == kLocations - 1 || OneIn(2) ? left : 1 + Below(2);
      const int64_t taken = std::min(left, here);
      left -= taken;
      const std::string name = absl::StrCat("L", (first + l) % kLocations);
      line.placements.push_back({state.locations.Find(name), Quantity(taken)});
    }
  }
  return bind;
}

std::vector<LinePart> RandomCommands::Parts(const State& state, ReservationId id) {
  std::vector<LinePart> parts;
  const Reservation* r = state.FindReservation(id);
  if (r == nullptr || OneIn(3)) return parts;
  for (int n = 1 + Below(2); n > 0; --n) {
    const auto i = static_cast<size_t>(Below(static_cast<int>(r->lines.size())));
    LinePart& part = parts.emplace_back();
    part.line_id = r->lines[i].line_id.empty() ? std::to_string(i) : r->lines[i].line_id;
    if (OneIn(30)) part.line_id = "no such line";
    const bool of_kit = r->lines[i].kit != SkuIndex::kNone;
    part.of_part = OneIn(of_kit ? 2 : 50);
    if (part.of_part) part.part = r->lines[i].sku;
    const int64_t each = of_kit && !part.of_part ? r->lines[i].per_kit : 1;
    part.quantity = Amount(Quantity(r->lines[i].open().units() / each));
    part.any_location = !OneIn(3);
    if (!part.any_location) part.location = state.locations.Find(Name('L', kLocations));
  }
  return parts;
}

Command RandomCommands::OnReservation(const State& state, Instant now) {
  const ReservationId id = AnyReservation(state);
  switch (Below(6)) {
    case 0:
      return UpdateReservation{
          id, Lines(state), OneIn(2) ? std::optional<Micros>() : Seconds(1 + Below(30)), {}};
    case 1:
      return ExtendReservation{id, Seconds(1 + Below(3) * 15), {}};
    case 2: {
      ConfirmReservation confirm{id, {}, "", {}, ""};
      if (OneIn(2)) {
        confirm.rehold_lines = Lines(state);
        confirm.owner = Name('o', kOwners);
        if (OneIn(2)) confirm.customer = Name('u', kCustomers);
      }
      return confirm;
    }
    case 3:
      return Bind(state, id);
    case 4:
      return ReleaseReservation{id, Parts(state, id), OneIn(4), {}};
    default:
      return Fulfil(state, id, now);
  }
}

FulfilReservation RandomCommands::Fulfil(const State& state, ReservationId id, Instant now) {
  if (!fulfilled_.empty() && OneIn(10)) {
    FulfilReservation again = fulfilled_[static_cast<size_t>(Below(AsInt(fulfilled_.size())))];
    if (OneIn(8)) again.parts.clear();
    return again;
  }
  FulfilReservation fulfil{id, Parts(state, id), {}};
  if (OneIn(3)) fulfil.message = Message(state);
  if (OneIn(3)) fulfil.business_time = now - Seconds(Below(60));
  fulfilled_.push_back(fulfil);
  return fulfil;
}

AdjustStock RandomCommands::Fact(const State& state) {
  AdjustStock fact;
  Adjustment& a = fact.adjustment;
  a.sku = Name('K', kSkus);
  const std::string kit = Name('X', kKits);
  const bool is_kit = state.kits.Find(state.skus.Find(kit)) != nullptr;
  if (OneIn(is_kit ? 6 : 60)) a.sku = kit;
  a.location = Name('L', kLocations);
  a.kind = static_cast<AdjustmentKind>(1 + Below(7));
  const Balances balances =
      state.positions.Get(state.skus.Find(a.sku), state.locations.Find(a.location));
  a.delta = Amount(balances.available());
  if (a.kind == AdjustmentKind::kSold || a.kind == AdjustmentKind::kTransferredOut) {
    a.delta = -a.delta;
  }
  if (a.kind == AdjustmentKind::kCounted) {
    a.compare_and_set = OneIn(2);
    a.expected = balances.on_hand + Quantity(OneIn(5) ? 1 : 0);
    a.value = Quantity(Below(15));
    if (OneIn(2)) a.delta = -a.delta;
  }
  if (!a.compare_and_set && OneIn(5)) a.condition = static_cast<Condition>(2 + Below(4));
  if (a.kind == AdjustmentKind::kConditionChanged) {
    a.condition = AnyCondition();
    do a.from_condition = AnyCondition();
    while (a.from_condition == a.condition);
  }
  if (OneIn(4)) a.effect_key = Name('e', 12);
  if (!a.compare_and_set && OneIn(3)) {
    if (!told_.empty() && OneIn(4)) return told_[static_cast<size_t>(Below(AsInt(told_.size())))];
    a.message = Message(state);
    told_.push_back(fact);
  }
  return fact;
}

ChangeCondition RandomCommands::Change(const State& state) {
  ChangeCondition change;
  change.sku = state.skus.Find(Name('K', OneIn(30) ? kSkus + 2 : kSkus));
  if (OneIn(40)) change.sku = state.skus.Find(Name('X', kKits));
  change.location = state.locations.Find(Name('L', OneIn(30) ? kLocations + 2 : kLocations));
  change.from = AnyCondition();
  do change.to = AnyCondition();
  while (change.to == change.from);
  change.quantity = Amount(
      IsUnusable(change.from) ? state.conditions.Get(change.sku, change.location).of(change.from)
                              : state.positions.Get(change.sku, change.location).usable().OrZero());
  return change;
}

SetStockPolicy RandomCommands::Policy(const State& state) {
  SetStockPolicy policy;
  policy.of_sku = OneIn(2);
  policy.of_location = OneIn(2);
  if (policy.of_sku) policy.sku = state.skus.Find(Name('K', OneIn(30) ? kSkus + 2 : kSkus));
  if (policy.of_location) {
    policy.location = state.locations.Find(Name('L', OneIn(30) ? kLocations + 2 : kLocations));
  }
  if (!OneIn(3)) policy.safety_stock = Quantity(OneIn(20) ? 1'000'000'000 : Below(4));
  if (OneIn(2)) {
    const SafetyStock::Setting* const before =
        state.safety_stock.Find({policy.sku, policy.location});
    policy.expected_version = before == nullptr ? 0 : before->version;
    if (OneIn(4)) ++*policy.expected_version;
  }
  return policy;
}

SetChannel RandomCommands::Channel(const State& state) {
  SetChannel channel;
  channel.channel = Name('C', kChannels);
  channel.pool = state.pool_names.Find(Name('P', OneIn(30) ? kPools + 1 : kPools));
  channel.demand = OneIn(2) ? Demand::kTill : Demand::kOnline;
  channel.buffer = Quantity(OneIn(20) ? 1'000'000'000 : Below(4));
  if (OneIn(2)) {
    const ChannelIndex known = state.channel_names.Find(channel.channel);
    channel.expected_version = state.ChannelAt(known).version + (OneIn(4) ? 1 : 0);
  }
  return channel;
}

SetAllotment RandomCommands::Allotment(const State& state) {
  SetAllotment allotment;
  allotment.channel = state.channel_names.Find(Name('C', OneIn(30) ? kChannels + 1 : kChannels));
  allotment.sku = state.skus.Find(Name('K', OneIn(30) ? kSkus + 2 : kSkus));
  if (OneIn(2)) allotment.terms.quota = Quantity(OneIn(20) ? 1'000'000'000 : Below(8));
  if (OneIn(4)) allotment.terms.cap = Quantity(Below(12));
  if (OneIn(4)) allotment.terms.customer_cap = Quantity(Below(6));
  allotment.terms.borrows = OneIn(5);
  allotment.new_window = OneIn(3);
  if (OneIn(2)) {
    const stock::Allotment* const before = state.allotments.Find(allotment.sku, allotment.channel);
    allotment.expected_version = (before == nullptr ? 0 : before->version) + (OneIn(4) ? 1 : 0);
  }
  return allotment;
}

DefineKit RandomCommands::Kit(const State& state) {
  DefineKit kit;
  kit.sku = state.skus.Find(OneIn(20) ? Name('K', kSkus + 1) : Name('X', kKits));
  for (int n = OneIn(10) ? 0 : 1 + Below(3); n > 0; --n) {
    const SkuIndex sku = state.skus.Find(OneIn(4) ? Name('X', kKits) : Name('K', kSkus));
    const auto same = [&](const KitPart& part) { return part.sku == sku; };
    if (std::any_of(kit.components.begin(), kit.components.end(), same)) continue;
    kit.components.push_back({sku, OneIn(60) ? kKitCountMax : 1 + Below(3)});
  }
  kit.same_location = OneIn(3);
  if (OneIn(3)) kit.expected_version = state.kits.VersionOf(kit.sku) + (OneIn(4) ? 1 : 0);
  return kit;
}

SourceMessage RandomCommands::Message(const State& state) {
  SourceMessage message{Name('s', 3), 1, ""};
  const SourceIndex source = state.sources.names.Find(message.source);
  if (source != SourceIndex::kNone) {
    message.sequence = state.sources.At(source).last() + 1 + (OneIn(6) ? Below(3) : 0);
    if (OneIn(5)) message.sequence = 1 + Below(static_cast<int>(message.sequence) + 3);
  }
  if (OneIn(4)) message.id = absl::StrCat("m", message.sequence, "/", Below(2));
  if (OneIn(12) && !message.id.empty()) message.sequence = 0;
  return message;
}

StageCount RandomCommands::Stage(const State& state, Instant now) {
  if (!parts_.empty()) {
    StageCount part = parts_.back();
    parts_.pop_back();
    staged_.push_back(part);
    return part;
  }
  if (!staged_.empty() && OneIn(4)) {
    StageCount again = staged_[static_cast<size_t>(Below(AsInt(staged_.size())))];
    if (OneIn(8) && !again.rows.empty()) again.rows[0].quantity += Quantity(1);
    if (OneIn(16)) again.clears_suspects = !again.clears_suspects;
    return again;
  }
  StageCount count;
  count.count_id = absl::StrCat("c", counts_++);
  count.source = Name('s', 3);
  count.taken = now - Seconds(Below(40)) + Seconds(OneIn(10) ? 5 : 0);
  count.doubt = OneIn(2) ? Micros{0} : Seconds(2);
  count.basis = static_cast<CountBasis>(1 + Below(3));
  count.clears_suspects = OneIn(2);
  for (int s = 0; s < 3; ++s) {
    const std::string name = absl::StrCat("s", s);
    const SourceIndex source = state.sources.names.Find(name);
    if (source == SourceIndex::kNone || OneIn(3)) continue;
    const int64_t last = state.sources.At(source).last();
    count.watermarks.push_back({name, std::max<int64_t>(0, last - Below(6) + Below(3))});
  }
  if (OneIn(4)) {
    for (int l = 0; l < kLocations; ++l) {
      if (OneIn(2)) count.full_at.push_back(absl::StrCat("L", l));
    }
  }
  count.parts = 1 + Below(3);
  for (int part = 1; part <= count.parts; ++part) {
    count.part = part;
    count.rows.clear();
    for (int n = Below(4); n > 0; --n) {
      count.rows.push_back(
          {OneIn(60) ? Name('X', kKits) : Name('K', OneIn(30) ? kSkus + 1 : kSkus),
           Name('L', kLocations), Quantity(Below(15)),
           Quantity(count.basis == CountBasis::kLessPickedAndStaged ? Below(3) : 0)});
    }
    parts_.push_back(count);
  }
  return Stage(state, now);
}

std::optional<TransferStock> RandomCommands::OfALineInTwoPlaces(const State& state) {
  const ReservationLine* line = nullptr;
  TransferStock transfer;
  TransferStock::Line& to = transfer.lines.emplace_back();
  // The latest: bound ones are few.
  const auto last = static_cast<int64_t>(state.reservations.last());
  for (int64_t id = last; id > std::max<int64_t>(0, last - 400) && line == nullptr; --id) {
    const Reservation* const r = state.FindReservation(static_cast<ReservationId>(id));
    if (r == nullptr) continue;
    for (uint32_t i = 0; i < r->lines.size(); ++i) {
      if (r->lines[i].placements.size() < 2 || r->lines[i].eligible != ClassIndex::kNone) continue;
      line = &r->lines[i];
      to = {"", line->sku, {}, true, r->id, absl::StrCat(i)};
      if (!line->line_id.empty()) to.reservation_line = line->line_id;
    }
  }
  if (line == nullptr) return std::nullopt;
  const auto elsewhere = [&] {
    do transfer.to = state.locations.Find(Name('L', kLocations));
    while (transfer.to == transfer.from);
  };
  for (const size_t i : {1, 0}) {
    transfer.from = line->placements[i].location;
    to.quantity = OneIn(3) ? Amount(line->placements[i].quantity) : line->placements[i].quantity;
    elsewhere();
    if (i == 1) second_ = transfer;
  }
  return transfer;
}

TransferStock RandomCommands::Transfer(const State& state) {
  if (!transfers_.empty() && OneIn(6)) {
    TransferStock again = transfers_[static_cast<size_t>(Below(AsInt(transfers_.size())))];
    if (OneIn(3)) again.lines[0].quantity += Quantity(1);
    return again;
  }
  TransferStock transfer;
  std::optional<TransferStock> of_line = std::exchange(second_, std::nullopt);
  if (!of_line && OneIn(3)) of_line = OfALineInTwoPlaces(state);
  if (of_line) transfer = *std::move(of_line);
  transfer.transfer_id = absl::StrCat("t", state.transfers.names().size());
  // Sometimes a fact was faster.
  if (state.transfers.names().Find(transfer.transfer_id) != TransferIndex::kNone && !OneIn(4)) {
    transfer.transfer_id = absl::StrCat("u", state.transfers.names().size());
  }
  if (!transfer.lines.empty()) {
    transfers_.push_back(transfer);
    return transfer;
  }
  const int from = Below(kLocations);
  transfer.from = state.locations.Find(absl::StrCat("L", from));
  transfer.to =
      state.locations.Find(absl::StrCat("L", (from + 1 + Below(kLocations - 1)) % kLocations));
  const TransferIndex told = state.transfers.names().Find(transfer.transfer_id);
  if (told != TransferIndex::kNone && !OneIn(4)) {
    transfer.from = state.transfers.At(told).from;
    transfer.to = state.transfers.At(told).to;
  }
  for (int n = 1 + Below(2); n > 0; --n) {
    TransferStock::Line& line = transfer.lines.emplace_back();
    line.sku = state.skus.Find(Name('K', OneIn(30) ? kSkus + 2 : kSkus));
    Offer offer(state);
    const StockKey key{.sku = line.sku, .location = transfer.from};
    const bool known = !FindUnknownName(state, key);
    line.quantity = Amount(known ? FindAvailability(state, offer, key).available : Quantity());
    if (!OneIn(3)) continue;
    line.of_order = true;
    line.reservation = AnyReservation(state);
    line.reservation_line = "0";
    const Reservation* const r = state.FindReservation(line.reservation);
    if (r == nullptr) continue;
    const auto of = static_cast<uint32_t>(Below(AsInt(r->lines.size())));
    const ReservationLine& ordered = r->lines[of];
    line.reservation_line = ordered.line_id.empty() ? absl::StrCat(of) : ordered.line_id;
    if (!OneIn(20)) line.sku = ordered.sku;
    line.quantity = Amount(ordered.open());
    if (!ordered.placements.empty() && n == 1 && transfer.lines.size() == 1) {
      transfer.from = ordered.placements[0].location;
      line.quantity = Amount(ordered.placements[0].quantity);
      while (transfer.to == transfer.from) {
        transfer.to = state.locations.Find(Name('L', kLocations));
      }
    }
  }
  transfers_.push_back(transfer);
  return transfer;
}

template <typename Fact>
Fact RandomCommands::TransferFact(const State& state, Instant now) {
  Fact fact;
  const auto known = static_cast<int>(state.transfers.names().size());
  Quantity wanted;
  std::string sku = Name('K', kSkus);
  std::string line_id;
  if (known == 0 || OneIn(20)) {
    fact.transfer_id = absl::StrCat("t", OneIn(2) ? known : known + 5);
    if (!OneIn(3)) {
      fact.from = "L0";
      fact.to = absl::StrCat("L", 1 + Below(kLocations - 1));
    }
  } else {
    const TransferIndex index{static_cast<uint32_t>(1 + std::max(0, known - 1 - Below(6)))};
    fact.transfer_id = state.transfers.names().Name(index);
    const stock::Transfer& transfer = state.transfers.At(index);
    if (!transfer.lines.empty() && !OneIn(10)) {
      const auto i = static_cast<size_t>(Below(AsInt(transfer.lines.size())));
      const TransferLine& line = transfer.lines[i];
      sku = state.skus.Name(line.sku);
      if (OneIn(3)) line_id = line.line_id.empty() ? absl::StrCat(i) : line.line_id;
      if (OneIn(20)) line_id = absl::StrCat(Below(3));
      wanted = std::is_same_v<Fact, ShipTransfer> ? transfer.Wanted(line) : line.in_transit();
    }
    if (OneIn(20)) fact.to = "L1";
  }
  for (int n = OneIn(4) ? 2 : 1; n > 0; --n) {
    TransferFactLine& line = fact.lines.emplace_back();
    line.sku = n == 1 ? sku : Name('K', kSkus);
    line.quantity = Amount(wanted);
    if (OneIn(3)) line.quantity = Quantity(std::max<int64_t>(1, wanted.units()));
    if (line.quantity > Quantity(1'000)) line.quantity = Quantity(7);
    if (n == 1) line.line_id = line_id;
    if (n == 2 && OneIn(3)) line.sku = sku;
    const std::string kit_name = Name('X', kKits);
    const stock::Kit* const kit = state.kits.Find(state.skus.Find(kit_name));
    if (kit != nullptr && OneIn(12)) {
      line.sku = kit_name;
      if (OneIn(4) && kit->parts[0].count > 1) line.quantity = kMaxLineQuantity;
    }
    if (std::is_same_v<Fact, ReceiveTransfer> && OneIn(4)) line.condition = AnyCondition();
    if (n == 1 && OneIn(4)) line.effect_key = Name('e', 12);
  }
  fact.last = OneIn(5);
  if (fact.last && OneIn(3)) fact.lines.clear();
  if (OneIn(3)) fact.message = Message(state);
  if (OneIn(3)) fact.business_time = now - Seconds(Below(60));
  told_transfers_.push_back(fact);
  return fact;
}

Command RandomCommands::OnTransfer(const State& state, Instant now) {
  if (!told_transfers_.empty() && OneIn(10)) {
    return told_transfers_[static_cast<size_t>(Below(AsInt(told_transfers_.size())))];
  }
  switch (Below(9)) {
    case 0:
    case 1:
    case 2:
      return Transfer(state);
    case 3:
    case 4:
      return TransferFact<ShipTransfer>(state, now);
    case 5:
    case 6:
    case 7:
      return TransferFact<ReceiveTransfer>(state, now);
    default:
      return CloseTransfer{
          absl::StrCat("t", Below(1 + static_cast<int>(state.transfers.names().size()))), {}};
  }
}

Command RandomCommands::OnSupply(const State& state, Instant now) {
  const std::string supply_id = Name('p', 3);
  const std::string line_id = Name('n', 2);
  const SupplyIndex known = state.supplies.Find(supply_id, line_id);
  const int kind = Below(6);
  if (kind < 3) {
    ExpectSupply expect{supply_id, 1, {}, {}};
    if (known != SupplyIndex::kNone) {
      expect.revision = std::max<int64_t>(1, state.supplies.At(known).revision + 1 - Below(2));
    }
    ExpectSupply::Line& line = expect.lines.emplace_back();
    line.line_id = line_id;
    line.sku = state.skus.Find(Name('K', OneIn(30) ? kSkus + 2 : kSkus));
    line.location = state.locations.Find(Name('L', OneIn(30) ? kLocations + 2 : kLocations));
    line.quantity = Quantity(Below(8));
    line.due = now + Seconds(Below(60));
    return expect;
  }
  if (kind == 5) {
    CancelSupply cancel{supply_id, {}, {}};
    if (OneIn(2)) cancel.line_ids.push_back(line_id);
    if (OneIn(2)) cancel.revision = 1 + Below(4);
    return cancel;
  }
  if (!received_.empty() && OneIn(5)) {
    ReceiveSupply again = received_[static_cast<size_t>(Below(AsInt(received_.size())))];
    if (OneIn(8)) again.lines[0].quantity += Quantity(1);
    return again;
  }
  ReceiveSupply receive{supply_id, {}, {}, {}, {}};
  ReceiveSupply::Line& line = receive.lines.emplace_back();
  line.line_id = line_id;
  if (OneIn(8)) line.sku = Name('K', kSkus);
  if (OneIn(8)) line.location = Name('L', kLocations);
  const Quantity open = known == SupplyIndex::kNone ? Quantity() : state.supplies.At(known).open();
  line.quantity = OneIn(3) ? Quantity(1 + Below(3)) : Quantity(std::max<int64_t>(1, open.units()));
  if (OneIn(5)) line.condition = AnyCondition();
  line.last = OneIn(4);
  if (OneIn(4)) line.effect_key = Name('e', 12);
  if (OneIn(2)) receive.message = Message(state);
  if (OneIn(3)) receive.business_time = now - Seconds(Below(60));
  received_.push_back(receive);
  return receive;
}

Command RandomCommands::Next(const State& state, Instant now) {
  if (second_ && OneIn(2)) return Transfer(state);
  const int dice = Below(waits_ ? 36 : 31);
  if (dice >= 31) return OnSupply(state, now);
  if (dice >= 26) return OnTransfer(state, now);
  if (dice == 24) return Allotment(state);
  if (dice == 25) return Kit(state);
  if (dice == 23) return Channel(state);
  if (dice == 22) return Stage(state, now);
  if (dice < 7) {
    ReserveStock reserve;
    reserve.owner = Name('o', kOwners);
    // A transfer's, or of one that is to come.
    if (OneIn(25)) {
      const auto known = static_cast<int>(state.transfers.names().size());
      reserve.owner = absl::StrCat("transfer/t", OneIn(3) ? 0 : known);
    }
    reserve.lines = Lines(state);
    if (waits_ && OneIn(2)) {
      if (!OneIn(4)) reserve.lines.resize(1);
      for (HoldLine& line : reserve.lines) {
        line.wait_until = now + Seconds(Below(80));
        if (line.quantity > Quantity(50)) line.quantity = Quantity(50);
      }
    }
    reserve.ttl = Seconds(1 + Below(30));
    reserve.allow_partial = OneIn(4);
    if (OneIn(4)) reserve.takes_over = AnyReservation(state);
    if (OneIn(2)) reserve.customer = Name('u', kCustomers);
    return reserve;
  }
  if (dice < 14) return OnReservation(state, now);
  if (dice < 18) return Fact(state);
  if (dice == 20) return Change(state);
  if (dice == 21) return Policy(state);
  if (dice == 18) return RegisterLocation{Name('L', kLocations), OneIn(3)};
  SetPool pool{Name('P', kPools), {}, {}};
  for (int l = 0; l < kLocations; ++l) {
    const LocationIndex location = state.locations.Find(absl::StrCat("L", l));
    if (!OneIn(4) && (location != LocationIndex::kNone || OneIn(20))) {
      pool.locations.push_back(location);
    }
  }
  return pool;
}

}  // namespace quartermaster::stock
