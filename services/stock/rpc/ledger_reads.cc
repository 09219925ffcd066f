#include "services/stock/rpc/ledger_reads.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/base/status_macros.h"
#include "services/runtime/page_token.h"
#include "services/stock/domain/sku_flow.h"
#include "services/stock/rpc/stock_calls.h"

namespace quartermaster::stock {
namespace {

using runtime::RpcError;

void Finish(grpc::ServerUnaryReactor* reactor, const std::optional<RpcError>& error) {
  reactor->Finish(error ? runtime::ToGrpcStatus(*error) : grpc::Status::OK);
}

// Whether the caller of a call still waits.
class Caller {
 public:
  Caller(const StockEngine& engine, const grpc::CallbackServerContext* context)
      : engine_(engine), context_(context), deadline_(runtime::InstantOf(context->deadline())) {}
  bool HasGivenUp() const { return deadline_ < engine_.Now() || context_->IsCancelled(); }

 private:
  const StockEngine& engine_;
  const grpc::CallbackServerContext* const context_;
  const Instant deadline_;
};

RpcError LedgerError(const absl::Status& status) {
  if (absl::IsCancelled(status)) return runtime::FateError(engine::Fate::kDeadlinePassed);
  return runtime::InternalDefect("the ledger cannot be read", status);
}

std::optional<RpcError> FindPosition(const StockView& view, const v1::ListMovementsRequest& request,
                                     SkuIndex& sku, LocationIndex& location) {
  view.With([&](const StockSnapshot& s) {
    sku = s.inventory.skus.Find(request.sku());
    location = s.inventory.locations.Find(request.location_id());
  });
  if (sku == SkuIndex::kNone) {
    return runtime::NotFound(common::v1::ITEM_NOT_FOUND, "item", request.sku());
  }
  if (location == LocationIndex::kNone) {
    return runtime::NotFound(common::v1::LOCATION_NOT_FOUND, "location", request.location_id());
  }
  return std::nullopt;
}

// Up to where the ledger has been told, and readers see: the log may be ahead.
storage::Position HeadOf(const StockEngine& engine) {
  return engine.view().With([](const StockSnapshot& s) { return s.head; });
}

// When a request asks about.
struct Moment {
  storage::Position position = 0;
  // It asked about a time, whose position the ledger knows.
  std::optional<Instant> time;
};

// By then no more happens than what is being logged now.
template <typename Request>
std::optional<RpcError> ReadMoment(StockEngine& engine, const Request& request, Moment& moment) {
  if (request.has_as_of_position()) {
    const storage::Position head = HeadOf(engine);
    ParsePositionToken(request.as_of_position(), moment.position);
    if (moment.position <= head) return std::nullopt;
    return RpcError(common::v1::POSITION_OUT_OF_RANGE, absl::StrCat("the head is ", head));
  }
  moment.time = runtime::InstantOf(request.as_of_time());
  if (*moment.time <= engine.Now()) return std::nullopt;
  return RpcError(common::v1::POSITION_OUT_OF_RANGE, "the time is yet to come");
}

std::optional<RpcError> FindCut(const Ledger& ledger, const Moment& moment,
                                storage::Position& cut) {
  cut = moment.position;
  if (!moment.time) return std::nullopt;
  const absl::StatusOr<storage::Position> found = ledger.PositionAt(*moment.time);
  if (!found.ok()) return LedgerError(found.status());
  cut = *found;
  if (cut > 0) return std::nullopt;
  return RpcError(common::v1::POSITION_OUT_OF_RANGE, "nothing had been recorded by that time");
}

}  // namespace

void ReadMovements(StockEngine& engine, grpc::CallbackServerContext* context,
                   const v1::ListMovementsRequest& request, v1::ListMovementsResponse* response,
                   grpc::ServerUnaryReactor* reactor) {
  runtime::FieldChecker check;
  check.Id("sku", request.sku());
  check.Id("location_id", request.location_id());
  check.Range("page_size", request.page_size(), 0, kPageSizeMax);
  CheckMoment(request, check);
  if (!check.ok()) return Finish(reactor, check.error());
  const std::optional<int64_t> after = runtime::PageAfter(request);
  if (!after) return Finish(reactor, runtime::PageTokenInvalid());
  if (engine.ledger() == nullptr || !engine.sequencer().serving()) {
    return Finish(reactor, runtime::NotServing());
  }
  SkuIndex sku{};
  LocationIndex location{};
  if (const auto error = FindPosition(engine.view(), request, sku, location)) {
    return Finish(reactor, error);
  }
  Moment moment{.position = HeadOf(engine), .time = {}};
  if (request.as_of_case() != v1::ListMovementsRequest::AS_OF_NOT_SET) {
    if (const auto error = ReadMoment(engine, request, moment)) return Finish(reactor, error);
  }
  const int limit = PageSizeOf(request.page_size());
  const auto read = [=, &view = engine.view(), caller = Caller(engine, context),
                     filter = runtime::FilterOf(request)](const Ledger& ledger) {
    storage::Position cut = 0;
    if (const auto error = FindCut(ledger, moment, cut)) return Finish(reactor, error);
    const auto movements =
        ledger.Movements(sku, location, *after, cut, limit, filter.newest_first(),
                         [&caller] { return caller.HasGivenUp(); });
    if (!movements.ok()) return Finish(reactor, LedgerError(movements.status()));
    const MovementNames names =
        view.With([&](const StockSnapshot& s) { return NamesOf(*movements, s.counting); });
    for (const Movement& movement : *movements) {
      RenderMovement(movement, names, *response->add_movements());
    }
    if (static_cast<int>(movements->size()) >= limit) {
      response->set_next_page_token(
          runtime::MakePageToken(filter, movements->back().change.record));
    }
    response->set_position(PositionToken(cut));
    Finish(reactor, std::nullopt);
  };
  if (!engine.ledger()->Query(read)) Finish(reactor, runtime::Overloaded());
}

namespace {

// A key with the locations whose balances make its figures.
struct PastKey {
  // What it comes to: the SKU itself, or a kit's parts as they are now.
  struct Part {
    KitPart part;
    // What is set now, by location.
    std::vector<Quantity> safety_stock;
  };
  StockKey key;
  std::vector<LocationIndex> locations;
  std::vector<bool> sellable;
  std::vector<Part> parts;
  bool of_kit = false;
  // Its units are at one location.
  bool whole = false;
  Quantity buffer;
};

// Adds what a SKU had at a location to the figures. Returns what was available of it there.
absl::StatusOr<Quantity> AddFigures(const Ledger& ledger, SkuIndex sku, LocationIndex location,
                                    Quantity safety_stock, storage::Position at,
                                    AvailabilityFigures& figures) {
  QM_ASSIGN_OR_RETURN(const Balances then, ledger.BalanceAt(sku, location, at));
  figures.safety_stock += safety_stock;
  figures.position.on_hand += then.on_hand;
  figures.position.reserved += then.reserved;
  figures.position.allocated += then.allocated;
  figures.position.unusable += then.unusable;
  figures.shortage += then.shortage();
  if (!then.unusable.IsZero()) {
    QM_ASSIGN_OR_RETURN(const ConditionCounts conditions, ledger.ConditionsAt(sku, location, at));
    figures.conditions += conditions;
  }
  return (then.available() - safety_stock).OrZero();
}

// kCancelled as soon as nobody waits for the answer any more.
absl::StatusOr<AvailabilityFigures> FiguresAt(const Ledger& ledger, const PastKey& past,
                                              storage::Position at, const Caller& caller) {
  AvailabilityFigures figures;
  // How many there were by each part, and of whole ones by location.
  std::optional<Quantity> least;
  std::vector<Quantity> whole(past.locations.size(), kEverything);
  for (const auto& [part, safety_stock] : past.parts) {
    Quantity sum;
    for (size_t i = 0; i < past.locations.size(); ++i) {
      if (caller.HasGivenUp()) return absl::CancelledError("nobody waits for it");
      QM_ASSIGN_OR_RETURN(Quantity here, AddFigures(ledger, part.sku, past.locations[i],
                                                    safety_stock[i], at, figures));
      if (!past.sellable[i]) here = Quantity();
      sum += here;
      whole[i] = std::min(whole[i], Quantity(here.units() / part.count));
    }
    const Quantity times(sum.units() / part.count);
    least = std::min(least.value_or(times), times);
  }
  // A kit has no position of its own.
  if (past.of_kit) figures = AvailabilityFigures();
  figures.available = *least;
  if (past.whole) {
    figures.available = std::accumulate(whole.begin(), whole.end(), Quantity());
  }
  figures.available = (figures.available - past.buffer).OrZero();
  return figures;
}

// What is kept back of a SKU at each of the key's locations.
std::vector<Quantity> SafetyStockOf(const Inventory& inventory, SkuIndex sku, const PastKey& past) {
  const bool online =
      !past.key.for_channel || inventory.ChannelAt(past.key.channel).demand == Demand::kOnline;
  std::vector<Quantity> kept;
  for (const LocationIndex location : past.locations) {
    // Nothing is kept back where the SKU never was.
    const SkuPositions* const its = inventory.positions.Find(sku);
    const bool counts =
        online && (past.key.at_location() || (its != nullptr && its->Find(location) != nullptr));
    kept.push_back(counts ? inventory.safety_stock.For(sku, location) : Quantity());
  }
  return kept;
}

std::optional<RpcError> ResolvePastKeys(const v1::GetAvailabilityRequest& request,
                                        const StockView& view, std::vector<PastKey>& past) {
  return view.With([&](const StockSnapshot& s) -> std::optional<RpcError> {
    std::vector<StockKey> keys;
    ResolveKeys(request.keys(), s.inventory, keys);
    if (auto unknown = UnknownKeyError(request.keys(), keys, s.inventory)) return unknown;
    if (auto too_many = TooManyPositions(keys, s.inventory)) return too_many;
    for (const StockKey& key : keys) {
      PastKey& one = past.emplace_back();
      one.key = key;
      const PoolIndex pool = PoolOf(s.inventory, key);
      if (pool != PoolIndex::kNone) {
        one.locations = s.inventory.PoolAt(pool).locations;
      } else {
        one.locations = {key.location};
      }
      if (key.for_channel) one.buffer = s.inventory.ChannelAt(key.channel).buffer;
      for (const LocationIndex location : one.locations) {
        one.sellable.push_back(key.at_location() || !s.inventory.IsPaused(location));
      }
      if (const Kit* const kit = s.inventory.kits.Find(key.sku)) {
        one.of_kit = true;
        one.whole = kit->whole;
      }
      VisitParts(s.inventory.kits, key.sku, [&](SkuIndex sku, int64_t count) {
        one.parts.push_back({{sku, count}, SafetyStockOf(s.inventory, sku, one)});
      });
    }
    return std::nullopt;
  });
}

std::optional<RpcError> RenderPast(const Ledger& ledger, const StockEngine& engine,
                                   const std::vector<PastKey>& past, storage::Position at,
                                   int64_t low_at, const Caller& caller,
                                   v1::GetAvailabilityResponse* response) {
  for (const PastKey& one : past) {
    const absl::StatusOr<AvailabilityFigures> figures = FiguresAt(ledger, one, at, caller);
    if (!figures.ok()) return LedgerError(figures.status());
    engine.view().With([&](const StockSnapshot& s) {
      RenderAvailability(one.key, *figures, s.inventory, low_at, *response->add_availabilities());
    });
  }
  response->set_position(PositionToken(at));
  return std::nullopt;
}

}  // namespace

void ReadPastAvailability(StockEngine& engine, grpc::CallbackServerContext* context,
                          const v1::GetAvailabilityRequest& request,
                          v1::GetAvailabilityResponse* response,
                          grpc::ServerUnaryReactor* reactor) {
  if (engine.ledger() == nullptr) return Finish(reactor, runtime::NotServing());
  auto past = std::make_shared<std::vector<PastKey>>();
  if (const auto error = ResolvePastKeys(request, engine.view(), *past)) {
    return Finish(reactor, error);
  }
  Moment moment;
  if (const auto error = ReadMoment(engine, request, moment)) return Finish(reactor, error);
  const auto read = [=, &engine, low_at = request.low_at(),
                     caller = Caller(engine, context)](const Ledger& ledger) {
    storage::Position cut = 0;
    if (const auto error = FindCut(ledger, moment, cut)) return Finish(reactor, error);
    Finish(reactor, RenderPast(ledger, engine, *past, cut, low_at, caller, response));
  };
  if (!engine.ledger()->Query(read)) Finish(reactor, runtime::Overloaded());
}

}  // namespace quartermaster::stock
