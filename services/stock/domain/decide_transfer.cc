// Transfers: the requests, and the facts of what was shipped and received.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/stock/domain/content_hash.h"
#include "services/stock/domain/decide_internal.h"
#include "services/stock/domain/fact_writer.h"
#include "services/stock/domain/new_names.h"
#include "services/stock/domain/transfer_journey.h"

namespace quartermaster::stock::internal {
namespace {

Decision About(TransferIndex transfer) {
  Decision decision;
  decision.transfer = transfer;
  return decision;
}

uint64_t ContentOf(const TransferStock& command) {
  ContentHash hash;
  hash.Add(static_cast<int64_t>(command.from)).Add(static_cast<int64_t>(command.to));
  for (const TransferStock::Line& line : command.lines) {
    hash.AddText(line.line_id).Add(static_cast<int64_t>(line.sku)).Add(line.quantity.units());
    hash.Add(static_cast<int64_t>(line.reservation)).AddText(line.reservation_line);
  }
  // 0 stands for one that nobody asked for.
  return std::max<uint64_t>(hash.value(), 1);
}

// The line of an order; of a kit's, the part.
std::optional<uint32_t> FindLineOf(const Reservation& r, const TransferStock::Line& wanted) {
  for (const uint32_t i : FindLines(r, wanted.reservation_line, false, SkuIndex::kNone)) {
    if (r.lines[i].sku == wanted.sku) return i;
  }
  return std::nullopt;
}

// Whose units the lines of an order's are. A rejection if the order does not have as many there.
std::optional<Rejection> FindOrderLines(const State& state, const TransferStock& command,
                                        Instant now, TransferRequested& requested) {
  std::map<std::pair<ReservationId, uint32_t>, Quantity> claimed;
  for (size_t i = 0; i < command.lines.size(); ++i) {
    const TransferStock::Line& line = command.lines[i];
    if (!line.of_order) continue;
    const auto refuse = [&](RejectionKind kind) {
      return Rejection{.kind = kind, .line = static_cast<int>(i)};
    };
    const Reservation* r = state.FindReservation(line.reservation);
    if (r == nullptr) return refuse(RejectionKind::kReservationNotFound);
    if (IsTransfer(r->owner)) return refuse(RejectionKind::kReservationOfTransfer);
    if (const auto end = EndOf(*r, now)) return refuse(*end);
    const auto of = FindLineOf(*r, line);
    if (!of) return refuse(RejectionKind::kLineNotFound);
    Quantity& mine = claimed[{r->id, *of}];
    mine += line.quantity;
    const Quantity others = state.transfers.Claimed(r->id, *of, command.from);
    // A group that may still move is bound nowhere.
    const bool bound = r->lines[*of].eligible == ClassIndex::kNone;
    if (!bound || StandingAt(r->lines[*of], command.from) < others + mine) {
      return refuse(RejectionKind::kQuantityExceedsOpen);
    }
    requested.lines[i].reservation = r->id;
    requested.lines[i].reservation_line = *of;
    requested.lines[i].of_order = true;
  }
  return std::nullopt;
}

std::optional<Rejection> FindUnknownName(const State& state, const TransferStock& command) {
  for (const int end : {0, 1}) {
    if (state.locations.Knows(end == 0 ? command.from : command.to)) continue;
    Rejection rejection{.kind = RejectionKind::kLocationNotFound};
    rejection.placement = end;
    return rejection;
  }
  for (size_t i = 0; i < command.lines.size(); ++i) {
    const bool known = state.skus.Knows(command.lines[i].sku);
    if (known && state.kits.Find(command.lines[i].sku) == nullptr) continue;
    return Rejection{.kind = known ? RejectionKind::kKitHasNoStock : RejectionKind::kItemNotFound,
                     .line = static_cast<int>(i)};
  }
  return std::nullopt;
}

// Why a request of a transfer that is known cannot be answered with the transfer as it is. A
// shipment or a receipt may be faster than the request: then nothing is allocated for it any more,
// as all that it asks for may have left.
std::optional<RejectionKind> RefusalAgain(const Transfer& known, const TransferStock& command,
                                          uint64_t content) {
  if (known.fingerprint == content) return std::nullopt;
  if (known.fingerprint != 0 || known.from != command.from || known.to != command.to) {
    return RejectionKind::kTransferReused;
  }
  // What has left was nobody's.
  const auto of_order = [](const TransferStock::Line& line) { return line.of_order; };
  if (std::any_of(command.lines.begin(), command.lines.end(), of_order)) {
    return RejectionKind::kTransferToldBefore;
  }
  return std::nullopt;
}

Decision Refuse(Rejection rejection) {
  Decision decision;
  decision.rejection = std::move(rejection);
  return decision;
}

// What the two facts have in common: which transfer they are about, and what of it is new.
class TransferFact {
 public:
  TransferFact(const State& state, Instant now, Events& events)
      : state_(state), now_(now), events_(events), names_(state, events) {}

  template <typename Fact>
  Decision Run(const Fact& fact) {
    constexpr bool kShips = std::is_same_v<Fact, ShipTransfer>;
    const TransferIndex known = state_.transfers.names().Find(fact.transfer_id);
    const bool told = !fact.message.source.empty();
    const uint64_t said = told ? ContentOf(fact, kShips) : 0;
    if (const uint64_t* const message = told ? state_.FindMessage(fact.message) : nullptr) {
      if (*message != said) return Reject(RejectionKind::kMessageReused);
      Decision decision = About(known);
      decision.duplicate = true;
      return decision;
    }
    if (auto refused = Refusal(fact, known, kShips)) return Refuse(*std::move(refused));
    FactWriter writer(state_, now_, fact.attribution, events_);
    if (told) writer.BeginMessage(fact.message, said);
    const TransferIndex index =
        known == TransferIndex::kNone ? state_.transfers.names().next() : known;
    Transfer transfer =
        known == TransferIndex::kNone ? Begin(fact, index) : state_.transfers.At(known);
    if (told) writer.LogMessage(index);
    std::vector<SkuIndex> skus;
    for (const TransferFactLine& line : fact.lines) skus.push_back(names_.Sku(line.sku));
    // Said again, that it was the last is no news.
    const bool known_last = kShips ? transfer.all_shipped : transfer.all_received;
    bool anything = fact.last && !known_last;
    Journey journey(state_, index, std::move(transfer), fact.attribution,
                    {writer.message(), fact.business_time, now_}, events_);
    for (size_t i = 0; i < fact.lines.size(); ++i) {
      const TransferFactLine& line = fact.lines[i];
      if (Happened(line)) continue;
      anything = true;
      const uint64_t content =
          line.effect_key.empty() ? 0 : ContentOf(fact.transfer_id, line, kShips);
      // Of a kit, its parts are shipped; the first has the key.
      bool first = true;
      VisitParts(state_.kits, skus[i], [&](SkuIndex part, int64_t count) {
        TransferFactLine of_part = line;
        of_part.quantity = Quantity(line.quantity.units() * count);
        if (!first) of_part.effect_key.clear();
        const std::vector<uint32_t> lines = journey.LinesFor(of_part, part);
        if (kShips) {
          journey.Ship(lines, of_part.quantity, of_part, first ? content : 0);
        } else {
          journey.Receive(lines, of_part.quantity, of_part, first ? content : 0);
        }
        first = false;
      });
    }
    Decision decision = About(index);
    if (anything) {
      journey.Log(kShips && fact.last, !kShips && fact.last);
      journey.CloseIfDone();
      journey.LogCounts();
    }
    // All of it was said before, so it and its names were known.
    decision.duplicate = !anything;
    return decision;
  }

 private:
  static uint64_t ContentOf(const std::string& transfer, const TransferFactLine& line, bool ships) {
    return ContentHash()
        .AddText(transfer)
        .Add(ships ? 1 : 2)
        .AddText(line.line_id)
        .AddText(line.sku)
        .Add(line.quantity.units())
        .Add(static_cast<int64_t>(line.condition))
        .value();
  }

  // Of a message: what it says.
  template <typename Fact>
  static uint64_t ContentOf(const Fact& fact, bool ships) {
    ContentHash hash;
    hash.Add(ships ? 1 : 2).Add(fact.message.sequence).Add(fact.last ? 1 : 0);
    hash.AddText(fact.transfer_id).AddText(fact.from).AddText(fact.to);
    for (const TransferFactLine& line : fact.lines) {
      hash.Add(static_cast<int64_t>(ContentOf(fact.transfer_id, line, ships)));
      hash.AddText(line.effect_key);
    }
    return hash.value();
  }

  bool Happened(const TransferFactLine& line) const {
    return state_.FindEffect(line.effect_key) != nullptr;
  }

  // A kit is as many lines as it has parts. So many of them, or so many units of one, that they do
  // not fit into the transfer or one event.
  std::optional<Rejection> FindTooLarge(const Transfer* known,
                                        const std::vector<TransferFactLine>& facts) const {
    size_t parts = 0;
    std::set<std::string> new_names;
    std::set<SkuIndex> skus;
    for (size_t i = 0; i < facts.size(); ++i) {
      if (Happened(facts[i])) continue;
      const SkuIndex sku = state_.skus.Find(facts[i].sku);
      if (sku == SkuIndex::kNone) {
        new_names.insert(facts[i].sku);
        ++parts;
        continue;
      }
      bool fits = true;
      VisitParts(state_.kits, sku, [&](SkuIndex part, int64_t count) {
        fits = fits && Quantity(facts[i].quantity.units() * count) <= kMaxLineQuantity;
        skus.insert(part);
        ++parts;
      });
      if (!fits) {
        return Rejection{.kind = RejectionKind::kKitQuantityTooLarge, .line = static_cast<int>(i)};
      }
    }
    const size_t lines = known == nullptr ? 0 : known->lines.size();
    if (lines + parts <= kTransferLinesMax) return std::nullopt;
    if (known != nullptr) {
      for (const TransferLine& line : known->lines) skus.erase(line.sku);
    }
    if (parts <= kTransferLinesMax && lines + skus.size() + new_names.size() <= kTransferLinesMax) {
      return std::nullopt;
    }
    return Rejection{.kind = RejectionKind::kTransferTooLarge};
  }

  template <typename Fact>
  std::optional<Rejection> Refusal(const Fact& fact, TransferIndex known, bool ships) const {
    if (known == TransferIndex::kNone && (fact.from.empty() || fact.to.empty())) {
      return Rejection{.kind = RejectionKind::kTransferNotFound};
    }
    if (known != TransferIndex::kNone) {
      const Transfer& transfer = state_.transfers.At(known);
      const bool same = (fact.from.empty() || fact.from == state_.locations.Name(transfer.from)) &&
                        (fact.to.empty() || fact.to == state_.locations.Name(transfer.to));
      if (!same) return Rejection{.kind = RejectionKind::kTransferReused};
    }
    for (size_t i = 0; i < fact.lines.size(); ++i) {
      const TransferFactLine& line = fact.lines[i];
      const uint64_t* const happened = state_.FindEffect(line.effect_key);
      if (happened == nullptr) continue;
      if (*happened != ContentOf(fact.transfer_id, line, ships)) {
        return Rejection{.kind = RejectionKind::kEffectKeyReused, .line = static_cast<int>(i)};
      }
    }
    return FindTooLarge(known == TransferIndex::kNone ? nullptr : &state_.transfers.At(known),
                        fact.lines);
  }

  template <typename Fact>
  Transfer Begin(const Fact& fact, TransferIndex index) {
    Transfer transfer;
    transfer.from = names_.Location(fact.from);
    transfer.to = names_.Location(fact.to);
    transfer.created = now_;
    events_.push_back(TransferRequested{
        index, fact.transfer_id, transfer.from, transfer.to, {}, 0, fact.attribution});
    return transfer;
  }

  const State& state_;
  const Instant now_;
  Events& events_;
  NewNames names_;
};

}  // namespace

Decision DecideTransfer(const State& state, const TransferStock& command, Instant now, int64_t next,
                        Events& events) {
  if (auto unknown = FindUnknownName(state, command)) return Refuse(*std::move(unknown));
  const uint64_t content = ContentOf(command);
  const TransferIndex known = state.transfers.names().Find(command.transfer_id);
  if (known != TransferIndex::kNone) {
    if (const auto refused = RefusalAgain(state.transfers.At(known), command, content)) {
      return Reject(*refused);
    }
    Decision decision = About(known);
    decision.duplicate = true;
    return decision;
  }
  TransferRequested requested{state.transfers.names().next(),
                              command.transfer_id,
                              command.from,
                              command.to,
                              {},
                              content,
                              command.attribution};
  ReserveStock own;
  std::vector<size_t> own_lines;
  for (size_t i = 0; i < command.lines.size(); ++i) {
    const TransferStock::Line& line = command.lines[i];
    TransferRequested::Line& to = requested.lines.emplace_back();
    to.line_id = line.line_id;
    to.sku = line.sku;
    to.quantity = line.quantity;
    if (line.of_order) continue;
    own_lines.push_back(i);
    own.lines.push_back({.line_id = line.line_id.empty() ? absl::StrCat(i) : line.line_id,
                         .sku = line.sku,
                         .location = command.from,
                         .quantity = line.quantity});
  }
  if (auto refused = FindOrderLines(state, command, now, requested)) {
    return Refuse(*std::move(refused));
  }
  if (!own.lines.empty()) {
    own.owner = OwnerOf(command);
    own.ttl = Seconds(1);  // confirmed by the event behind it
    own.attribution = command.attribution;
    Decision held = DecideReserve(state, own, now, next, events);
    if (held.rejection) {
      const auto number = [&](int own_line) {
        return own_line < 0 ? -1 : static_cast<int>(own_lines[static_cast<size_t>(own_line)]);
      };
      held.rejection->line = number(held.rejection->line);
      for (ShortLine& line : held.rejection->short_lines) line.line = number(line.line);
      return held;
    }
    events.push_back(ReservationConfirmed{held.reservation, command.attribution, {}});
    for (size_t i = 0; i < own_lines.size(); ++i) {
      requested.lines[own_lines[i]].reservation = held.reservation;
      requested.lines[own_lines[i]].reservation_line = static_cast<uint32_t>(i);
    }
  }
  Decision decision = About(requested.transfer);
  events.push_back(std::move(requested));
  return decision;
}

Decision DecideShip(const State& state, const ShipTransfer& command, Instant now, Events& events) {
  return TransferFact(state, now, events).Run(command);
}

Decision DecideReceive(const State& state, const ReceiveTransfer& command, Instant now,
                       Events& events) {
  return TransferFact(state, now, events).Run(command);
}

Decision DecideClose(const State& state, const CloseTransfer& command, Events& events) {
  const TransferIndex known = state.transfers.names().Find(command.transfer_id);
  if (known == TransferIndex::kNone) return Reject(RejectionKind::kTransferNotFound);
  Decision decision = About(known);
  decision.duplicate = state.transfers.At(known).closed;
  if (!decision.duplicate) {
    Journey(state, known, state.transfers.At(known), command.attribution, {}, events).Close();
  }
  return decision;
}

}  // namespace quartermaster::stock::internal
