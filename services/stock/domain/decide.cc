#include "services/stock/domain/decide.h"

#include <charconv>
#include <string_view>
#include <utility>
#include <variant>

#include "services/stock/domain/decide_internal.h"

namespace quartermaster::stock {

std::optional<uint32_t> FindLine(const Reservation& reservation, std::string_view line_id) {
  for (uint32_t i = 0; i < reservation.lines.size(); ++i) {
    const std::string& own = reservation.lines[i].line_id;
    if (!own.empty() && own == line_id) return i;
  }
  uint32_t index = 0;
  const auto [end, error] = std::from_chars(line_id.data(), line_id.data() + line_id.size(), index);
  // As it is printed, "0" but not "00", so that a line has one name.
  const bool is_index = error == std::errc() && end == line_id.data() + line_id.size() &&
                        (line_id.size() == 1 || line_id[0] != '0');
  if (is_index && index < reservation.lines.size() && reservation.lines[index].line_id.empty()) {
    return index;
  }
  return std::nullopt;
}

namespace {

void Append(std::string key, std::vector<std::string>& keys) {
  if (!key.empty()) keys.push_back(std::move(key));
}

}  // namespace

void AppendOnceKeys(const AdjustStock& command, std::vector<std::string>& keys) {
  const SourceMessage& message = command.adjustment.message;
  Append(MessageOnce(message.source, message.sequence, message.id), keys);
  Append(EffectOnce(command.adjustment.effect_key), keys);
}

void AppendOnceKeys(const Command& command, std::vector<std::string>& keys) {
  const auto append = [&](const auto& c) {
    if constexpr (requires { c.message.source; }) {
      Append(MessageOnce(c.message.source, c.message.sequence, c.message.id), keys);
    }
    if constexpr (requires { c.adjustment; }) {
      AppendOnceKeys(c, keys);
    } else if constexpr (requires { c.lines.begin()->effect_key; }) {
      for (const auto& line : c.lines) Append(EffectOnce(line.effect_key), keys);
    }
  };
  std::visit(append, command);
}

namespace internal {

Decision Reject(RejectionKind kind, int line) {
  Decision decision;
  decision.rejection = Rejection{.kind = kind, .line = line};
  return decision;
}

namespace {

Decision DecidePool(const State& state, const SetPool& command, Events& events) {
  for (size_t i = 0; i < command.locations.size(); ++i) {
    if (!state.locations.Knows(command.locations[i])) {
      return Reject(RejectionKind::kLocationNotFound, static_cast<int>(i));
    }
  }
  const PoolIndex known = state.pool_names.Find(command.pool);
  const PoolIndex pool = known == PoolIndex::kNone ? state.pool_names.next() : known;
  events.push_back(PoolSet{pool, command.pool, command.locations, command.attribution});
  return {};
}

Decision DecideSku(const State& state, const RegisterSku& command, Events& events) {
  if (state.skus.Find(command.sku) == SkuIndex::kNone) {
    events.push_back(SkuRegistered{state.skus.next(), command.sku, false});
  }
  return {};
}

Decision DecideLocation(const State& state, const RegisterLocation& command, Events& events) {
  LocationIndex location = state.locations.Find(command.location);
  if (location == LocationIndex::kNone) {
    location = state.locations.next();
    events.push_back(LocationRegistered{location, command.location, false});
  }
  if (state.IsPaused(location) != command.paused) {
    events.push_back(LocationPaused{location, command.paused});
  }
  return {};
}

Decision DecideQuery(const State& state, const GetReservation& query) {
  if (state.FindReservation(query.reservation) == nullptr) {
    return Reject(RejectionKind::kReservationNotFound);
  }
  Decision decision;
  decision.reservation = query.reservation;
  return decision;
}

Decision DecideQuery(const State& state, const GetCount& query) {
  Decision decision;
  decision.count = state.counts.names().Find(query.count_id);
  if (decision.count == CountIndex::kNone) return Reject(RejectionKind::kCountNotFound);
  return decision;
}

Decision DecideQuery(const State& state, const ListDifferences& query) {
  const bool known =
      query.source.empty() || state.sources.names.Find(query.source) != SourceIndex::kNone;
  return known ? Decision{} : Reject(RejectionKind::kSourceNotFound);
}

Decision DecideQuery(const State& state, const GetTransfer& query) {
  Decision decision;
  decision.transfer = state.transfers.names().Find(query.transfer_id);
  if (decision.transfer == TransferIndex::kNone) return Reject(RejectionKind::kTransferNotFound);
  return decision;
}

Decision DecideQuery(const State& state, const GetSupply& query) {
  if (state.supplies.LinesOf(query.supply_id) == nullptr) {
    return Reject(RejectionKind::kSupplyNotFound);
  }
  Decision decision;
  decision.supply = query.supply_id;
  return decision;
}

Decision DecideQuery(const State& state, const ListTransfers& query) {
  const bool known = !query.of_location || state.locations.Knows(query.location);
  return known ? Decision{} : Reject(RejectionKind::kLocationNotFound);
}

}  // namespace
}  // namespace internal

Decision Decide(const State& state, const Command& command, Instant now, int64_t next,
                Events& events) {
  struct Visitor {
    const State& state;
    const Instant now;
    const int64_t next;
    Events& events;

    Decision operator()(const ReserveStock& c) {
      return internal::DecideReserve(state, c, now, next, events);
    }
    Decision operator()(const UpdateReservation& c) {
      return internal::DecideUpdate(state, c, now, next, events);
    }
    Decision operator()(const ExtendReservation& c) {
      return internal::DecideExtend(state, c, now, events);
    }
    Decision operator()(const ConfirmReservation& c) {
      return internal::DecideConfirm(state, c, now, next, events);
    }
    Decision operator()(const BindReservation& c) {
      return internal::DecideBind(state, c, now, events);
    }
    Decision operator()(const ReleaseReservation& c) {
      return internal::DecideRelease(state, c, now, events);
    }
    Decision operator()(const FulfilReservation& c) {
      return internal::DecideFulfil(state, c, now, events);
    }
    Decision operator()(const AdjustStock& c) {
      return internal::DecideAdjustment(state, c, now, events);
    }
    Decision operator()(const SetPool& c) { return internal::DecidePool(state, c, events); }
    Decision operator()(const SetChannel& c) {
      return internal::DecideChannel(state, c, next, events);
    }
    Decision operator()(const SetAllotment& c) {
      return internal::DecideAllotment(state, c, next, events);
    }
    Decision operator()(const SetStockPolicy& c) {
      return internal::DecidePolicy(state, c, next, events);
    }
    Decision operator()(const DefineKit& c) { return internal::DecideKit(state, c, next, events); }
    Decision operator()(const RegisterSku& c) { return internal::DecideSku(state, c, events); }
    Decision operator()(const RegisterLocation& c) {
      return internal::DecideLocation(state, c, events);
    }
    Decision operator()(const GetReservation& c) { return internal::DecideQuery(state, c); }
    // What they list is read off the state by the caller.
    Decision operator()(const ListReservations&) { return {}; }
    Decision operator()(const GetAvailability&) { return {}; }
    Decision operator()(const ChangeCondition& c) {
      return internal::DecideChangeCondition(state, c, events);
    }
    Decision operator()(const StageCount& c) {
      return internal::DecideStage(state, c, now, events);
    }
    Decision operator()(const GetCount& c) { return internal::DecideQuery(state, c); }
    Decision operator()(const ListSources&) { return {}; }
    Decision operator()(const ListDifferences& c) { return internal::DecideQuery(state, c); }
    Decision operator()(const TransferStock& c) {
      return internal::DecideTransfer(state, c, now, next, events);
    }
    Decision operator()(const ShipTransfer& c) {
      return internal::DecideShip(state, c, now, events);
    }
    Decision operator()(const ReceiveTransfer& c) {
      return internal::DecideReceive(state, c, now, events);
    }
    Decision operator()(const CloseTransfer& c) { return internal::DecideClose(state, c, events); }
    Decision operator()(const GetTransfer& c) { return internal::DecideQuery(state, c); }
    Decision operator()(const ListTransfers& c) { return internal::DecideQuery(state, c); }
    Decision operator()(const ExpectSupply& c) { return internal::DecideExpect(state, c, events); }
    Decision operator()(const ReceiveSupply& c) {
      return internal::DecideReceipt(state, c, now, events);
    }
    Decision operator()(const CancelSupply& c) {
      return internal::DecideCancelSupply(state, c, events);
    }
    Decision operator()(const GetSupply& c) { return internal::DecideQuery(state, c); }
  };
  return std::visit(Visitor{state, now, next, events}, command);
}

}  // namespace quartermaster::stock
