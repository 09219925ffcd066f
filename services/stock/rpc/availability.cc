#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "services/stock/rpc/ledger_reads.h"
#include "services/stock/rpc/service_impl.h"
#include "services/stock/rpc/watch_stream.h"

namespace quartermaster::stock {

using runtime::FieldChecker;
using runtime::RpcError;

namespace {

// An owner's own hold, and what is on order, are known to the writer only.
bool IsForWriter(const v1::GetAvailabilityRequest& request) {
  return !request.owner_id().empty() || request.has_by_time();
}

// Resolves the keys; `known` tells whether all of them are. Then answers, if the writer need not
// be asked; a name that is about to be durable is known to it only.
std::optional<RpcError> ReadFromView(const StockView& view,
                                     const v1::GetAvailabilityRequest& request,
                                     std::vector<StockKey>& keys, bool& known,
                                     v1::GetAvailabilityResponse* response) {
  return view.With([&](const StockSnapshot& s) -> std::optional<RpcError> {
    known = ResolveKeys(request.keys(), s.inventory, keys);
    auto error = TooManyPositions(keys, s.inventory);
    if (error || !known || IsForWriter(request)) return error;
    Offer offer(s.inventory);
    for (const StockKey& key : keys) {
      RenderAvailability(key, FindAvailability(s.inventory, offer, key), s.inventory,
                         request.low_at(), *response->add_availabilities());
    }
    response->set_position(PositionToken(s.head));
    return std::nullopt;
  });
}

}  // namespace

StockServiceImpl::Reactor* StockServiceImpl::GetAvailability(
    Context* context, const v1::GetAvailabilityRequest* request,
    v1::GetAvailabilityResponse* response) {
  FieldChecker check;
  CheckKeys(request->keys(), 1, check);
  check.Id("owner_id", request->owner_id(), runtime::Presence::kOptional);
  const bool as_of = request->as_of_case() != v1::GetAvailabilityRequest::AS_OF_NOT_SET;
  check.True("owner_id", !as_of || request->owner_id().empty(), "cannot be combined with as_of");
  CheckMoment(*request, check);
  check.True("by_time", !as_of || !request->has_by_time(), "cannot be combined with as_of");
  if (request->has_by_time()) check.Timestamp("by_time", request->by_time());
  check.Range("low_at", request->low_at(), 0, kMaxLineQuantity.units());
  if (!check.ok()) return Refuse(context, check.error());
  if (!engine_->sequencer().serving()) return Refuse(context, runtime::NotServing());
  Reactor* const reactor = context->DefaultReactor();
  if (as_of) {
    ReadPastAvailability(*engine_, context, *request, response, reactor);
    return reactor;
  }
  bool known = false;
  std::vector<StockKey> resolved;
  const std::optional<RpcError> refused =
      ReadFromView(engine_->view(), *request, resolved, known, response);
  if (refused || (known && !IsForWriter(*request))) {
    reactor->Finish(refused ? runtime::ToGrpcStatus(*refused) : grpc::Status::OK);
    return reactor;
  }
  auto render = [this, request, response](const Result& result,
                                          storage::Position position) -> std::optional<RpcError> {
    if (result.rejection) return RejectionError(*result.rejection, {.keys = &request->keys()});
    engine_->view().With([&](const StockSnapshot& s) {
      std::vector<StockKey> keys;
      ResolveKeys(request->keys(), s.inventory, keys);
      for (size_t i = 0; i < keys.size(); ++i) {
        RenderAvailability(keys[i], result.availabilities[i], s.inventory, request->low_at(),
                           *response->add_availabilities());
      }
    });
    response->set_position(PositionToken(position));
    return std::nullopt;
  };
  auto call = std::make_unique<UnaryCall<decltype(render)>>(engine_, reactor, std::move(render));
  auto& query = call->command.template emplace<stock::GetAvailability>();
  query.owner = request->owner_id();
  if (request->has_by_time()) query.by = runtime::InstantOf(request->by_time());
  query.keys = std::move(resolved);
  if (!known) {
    call->resolve_again = [request, &query](const Inventory& inventory) {
      ResolveKeys(request->keys(), inventory, query.keys);
    };
  }
  call->deadline = runtime::InstantOf(context->deadline());
  call->bytes = WeightOf(*request);
  Submit(std::move(call));
  return reactor;
}

grpc::ServerWriteReactor<v1::WatchAvailabilityResponse>* StockServiceImpl::WatchAvailability(
    Context* context, const v1::WatchAvailabilityRequest* request) {
  return NewWatchStream(context, *request, engine_, streams_);
}

StockServiceImpl::Reactor* StockServiceImpl::ListMovements(Context* context,
                                                           const v1::ListMovementsRequest* request,
                                                           v1::ListMovementsResponse* response) {
  Reactor* const reactor = context->DefaultReactor();
  ReadMovements(*engine_, context, *request, response, reactor);
  return reactor;
}

}  // namespace quartermaster::stock
