// Supply: what is on order, and what comes of it.
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "services/stock/domain/content_hash.h"
#include "services/stock/domain/decide_internal.h"
#include "services/stock/domain/fact_writer.h"
#include "services/stock/domain/new_names.h"

namespace quartermaster::stock::internal {
namespace {

uint64_t ContentOf(const ExpectSupply::Line& line) {
  return ContentHash()
      .Add(static_cast<int64_t>(line.sku))
      .Add(static_cast<int64_t>(line.location))
      .Add(line.quantity.units())
      .Add(line.due.unix_us)
      .value();
}

uint64_t ContentOf(const std::string& supply_id, const ReceiveSupply::Line& line) {
  return ContentHash()
      .AddText(supply_id)
      .AddText(line.line_id)
      .AddText(line.sku)
      .AddText(line.location)
      .Add(line.quantity.units())
      .Add(static_cast<int64_t>(line.condition))
      .Add(line.last ? 1 : 0)
      .value();
}

// Of a message: what it says.
uint64_t ContentOf(const ReceiveSupply& command) {
  ContentHash hash;
  hash.Add(3).Add(command.message.sequence);
  for (const ReceiveSupply::Line& line : command.lines) {
    hash.Add(static_cast<int64_t>(ContentOf(command.supply_id, line))).AddText(line.effect_key);
  }
  return hash.value();
}

Decision About(const std::string& supply_id) {
  Decision decision;
  decision.supply = supply_id;
  return decision;
}

// How many lines the purchase order would have.
bool HasTooManyLines(const State& state, const std::string& supply_id, const auto& lines) {
  const std::vector<SupplyIndex>* const known = state.supplies.LinesOf(supply_id);
  size_t count = known == nullptr ? 0 : known->size();
  for (const auto& line : lines) {
    if (state.supplies.Find(supply_id, line.line_id) == SupplyIndex::kNone) ++count;
  }
  return count > kSupplyLinesMax;
}

// Goods on their way into the log.
class Receipt {
 public:
  Receipt(const State& state, const ReceiveSupply& command, Instant now, Events& events)
      : state_(state),
        command_(command),
        events_(events),
        names_(state, events),
        writer_(state, now, command.attribution, events) {}

  Decision Run() {
    const bool told = !command_.message.source.empty();
    const uint64_t message = told ? ContentOf(command_) : 0;
    const uint64_t* const known = told ? state_.FindMessage(command_.message) : nullptr;
    if (known != nullptr && *known != message) return Reject(RejectionKind::kMessageReused);
    if (known != nullptr) return Duplicate();
    for (size_t i = 0; i < command_.lines.size(); ++i) {
      if (const auto refused = Refusal(command_.lines[i])) {
        return Reject(*refused, static_cast<int>(i));
      }
    }
    // What comes is parts, also of what was no kit when it was ordered.
    for (size_t i = 0; i < command_.lines.size(); ++i) {
      const ReceiveSupply::Line& line = command_.lines[i];
      const SkuIndex sku =
          line.sku.empty()
              ? state_.supplies.At(state_.supplies.Find(command_.supply_id, line.line_id)).sku
              : state_.skus.Find(line.sku);
      if (sku == SkuIndex::kNone || state_.kits.Find(sku) == nullptr) continue;
      return Reject(RejectionKind::kKitHasNoStock, static_cast<int>(i));
    }
    if (HasTooManyLines(state_, command_.supply_id, command_.lines)) {
      return Reject(RejectionKind::kSupplyTooLarge);
    }
    if (told) writer_.BeginMessage(command_.message, message);
    bool anything = false;
    bool goods = false;
    for (const ReceiveSupply::Line& line : command_.lines) {
      if (state_.FindEffect(line.effect_key) != nullptr) continue;
      anything = true;
      goods = goods || line.quantity.IsPositive();
      Append(line);
    }
    // No event has the message.
    if (told && !goods) writer_.LogMessage();
    if (!anything) return Duplicate();
    return About(command_.supply_id);
  }

 private:
  Decision Duplicate() const {
    Decision decision = About(command_.supply_id);
    decision.duplicate = true;
    return decision;
  }

  std::optional<RejectionKind> Refusal(const ReceiveSupply::Line& line) const {
    const bool known = state_.supplies.Find(command_.supply_id, line.line_id) != SupplyIndex::kNone;
    if (!known && (line.sku.empty() || line.location.empty())) {
      return RejectionKind::kSupplyNotFound;
    }
    const uint64_t* const happened = state_.FindEffect(line.effect_key);
    if (happened == nullptr || *happened == ContentOf(command_.supply_id, line)) {
      return std::nullopt;
    }
    return RejectionKind::kEffectKeyReused;
  }

  void Append(const ReceiveSupply::Line& line) {
    SupplyReceived received;
    received.supply = state_.supplies.Find(command_.supply_id, line.line_id);
    if (received.supply == SupplyIndex::kNone) {
      const auto [it, is_new] = new_lines_.emplace(line.line_id, SupplyIndex::kNone);
      if (is_new) {
        it->second = SupplyIndex{static_cast<uint32_t>(state_.supplies.next()) +
                                 static_cast<uint32_t>(new_lines_.size()) - 1};
        received.supply_id = command_.supply_id;
        received.line_id = line.line_id;
      }
      received.supply = it->second;
    }
    received.sku = SkuOf(line, received.supply);
    received.location = LocationOf(line, received.supply);
    received.quantity = line.quantity;
    received.condition = line.condition;
    received.last = line.last;
    received.attribution = command_.attribution;
    const uint64_t fingerprint = line.effect_key.empty() ? 0 : ContentOf(command_.supply_id, line);
    received.beside = line.quantity.IsPositive();
    if (received.beside) {
      Adjustment goods;
      goods.kind = AdjustmentKind::kReceived;
      goods.delta = line.quantity;
      goods.condition = line.condition;
      goods.effect_key = line.effect_key;
      goods.business_time = command_.business_time;
      writer_.Adjust(received.sku, received.location, goods, fingerprint);
    } else {
      received.effect_key = line.effect_key;
      received.effect_fingerprint = fingerprint;
    }
    events_.push_back(std::move(received));
  }

  SkuIndex SkuOf(const ReceiveSupply::Line& line, SupplyIndex supply) {
    return line.sku.empty() ? state_.supplies.At(supply).sku : names_.Sku(line.sku);
  }
  LocationIndex LocationOf(const ReceiveSupply::Line& line, SupplyIndex supply) {
    return line.location.empty() ? state_.supplies.At(supply).location
                                 : names_.Location(line.location);
  }

  const State& state_;
  const ReceiveSupply& command_;
  Events& events_;
  NewNames names_;
  FactWriter writer_;
  std::map<std::string, SupplyIndex> new_lines_;
};

}  // namespace

Decision DecideExpect(const State& state, const ExpectSupply& command, Events& events) {
  for (size_t i = 0; i < command.lines.size(); ++i) {
    const int line = static_cast<int>(i);
    if (!state.skus.Knows(command.lines[i].sku)) {
      return Reject(RejectionKind::kItemNotFound, line);
    }
    if (state.kits.Find(command.lines[i].sku) != nullptr) {
      return Reject(RejectionKind::kKitHasNoStock, line);
    }
    if (!state.locations.Knows(command.lines[i].location)) {
      return Reject(RejectionKind::kLocationNotFound, line);
    }
  }
  if (HasTooManyLines(state, command.supply_id, command.lines)) {
    return Reject(RejectionKind::kSupplyTooLarge);
  }
  for (size_t i = 0; i < command.lines.size(); ++i) {
    const SupplyIndex known = state.supplies.Find(command.supply_id, command.lines[i].line_id);
    if (known == SupplyIndex::kNone) continue;
    const SupplyLine& line = state.supplies.At(known);
    if (line.revision != command.revision || line.fingerprint == ContentOf(command.lines[i])) {
      continue;
    }
    return Reject(RejectionKind::kSupplyReused, static_cast<int>(i));
  }
  uint32_t added = 0;
  for (const ExpectSupply::Line& line : command.lines) {
    SupplyIndex supply = state.supplies.Find(command.supply_id, line.line_id);
    if (supply == SupplyIndex::kNone) {
      supply = SupplyIndex{static_cast<uint32_t>(state.supplies.next()) + added++};
    } else if (command.revision <= state.supplies.At(supply).revision) {
      continue;
    }
    events.push_back(SupplyExpected{supply, command.supply_id, line.line_id, line.sku,
                                    line.location, line.quantity, line.due, command.revision,
                                    ContentOf(line), command.attribution});
  }
  Decision decision = About(command.supply_id);
  decision.duplicate = events.empty();
  return decision;
}

Decision DecideReceipt(const State& state, const ReceiveSupply& command, Instant now,
                       Events& events) {
  return Receipt(state, command, now, events).Run();
}

Decision DecideCancelSupply(const State& state, const CancelSupply& command, Events& events) {
  const std::vector<SupplyIndex>* const known = state.supplies.LinesOf(command.supply_id);
  if (known == nullptr) return Reject(RejectionKind::kSupplyNotFound);
  std::vector<SupplyIndex> lines;
  for (size_t i = 0; i < command.line_ids.size(); ++i) {
    lines.push_back(state.supplies.Find(command.supply_id, command.line_ids[i]));
    if (lines.back() == SupplyIndex::kNone) {
      return Reject(RejectionKind::kSupplyNotFound, static_cast<int>(i));
    }
  }
  if (lines.empty()) lines = *known;
  for (const SupplyIndex supply : lines) {
    const SupplyLine& line = state.supplies.At(supply);
    if (command.revision > 0 && command.revision <= line.revision) continue;
    if (line.closed && command.revision == 0) continue;
    events.push_back(SupplyCancelled{supply, command.attribution, command.revision});
  }
  Decision decision = About(command.supply_id);
  decision.duplicate = events.empty();
  return decision;
}

}  // namespace quartermaster::stock::internal
