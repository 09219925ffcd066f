#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "services/stock/rpc/service_impl.h"

namespace quartermaster::stock {

using runtime::FieldChecker;
using runtime::RpcError;

StockServiceImpl::Reactor* StockServiceImpl::AdjustStock(Context* context,
                                                         const v1::AdjustStockRequest* request,
                                                         v1::AdjustStockResponse* response) {
  Reactor* const reactor = context->DefaultReactor();
  auto errors = std::make_shared<std::vector<std::optional<RpcError>>>();
  auto render = [request, response, errors](const Result& result,
                                            storage::Position position) -> std::optional<RpcError> {
    // Another release may have found others valid when the request was first decided.
    const auto valid = std::count(errors->begin(), errors->end(), std::nullopt);
    if (result.adjustments.size() != static_cast<size_t>(valid)) {
      return runtime::InternalDefect(
          "a repeated request has other valid items than the first time");
    }
    size_t next = 0;
    for (int i = 0; i < request->adjustments_size(); ++i) {
      v1::AdjustStockResponse::Result& out = *response->add_results();
      if ((*errors)[static_cast<size_t>(i)]) {
        *out.mutable_status() = runtime::ToRpcStatus(*(*errors)[static_cast<size_t>(i)]);
        continue;
      }
      const AdjustmentResult& one = result.adjustments[next++];
      if (one.rejection) {
        *out.mutable_status() = runtime::ToRpcStatus(
            RejectionError(*one.rejection, {.adjustment = &request->adjustments(i),
                                            .message = &request->adjustments(i).message()}));
      } else {
        out.mutable_status()->set_code(0);
      }
      out.set_duplicate(one.duplicate);
      out.set_on_hand(one.on_hand.units());
      out.set_shortage(one.shortage.units());
      out.set_in_count(one.in_count);
      out.set_newly_short(one.newly_short.units());
      out.set_count_requested(one.count_requested);
    }
    response->set_position(PositionToken(position));
    return std::nullopt;
  };
  auto call = std::make_unique<UnaryCall<decltype(render)>>(engine_, reactor, std::move(render));
  FieldChecker check;
  ParseFacts(*request, check, *errors, *call);
  if (!check.ok()) {
    call->Finish(check.error());
  } else if (call->facts.empty()) {
    // Nothing is left to decide; every item has its error.
    call.release()->Done(engine::Fate::kDecided, engine_->sequencer().head());
  } else {
    Identify(context, *request, *call);
    Submit(std::move(call));
  }
  return reactor;
}

StockServiceImpl::Reactor* StockServiceImpl::ChangeCondition(
    Context* context, const v1::ChangeConditionRequest* request,
    v1::ChangeConditionResponse* response) {
  return Call(
      context, *request,
      [this, request, response](const Result& result, auto position) -> std::optional<RpcError> {
        if (result.rejection) return RejectionError(*result.rejection, {.change = request});
        engine_->view().With([&](const StockSnapshot& s) {
          const StockKey key{.sku = s.inventory.skus.Find(request->sku()),
                             .location = s.inventory.locations.Find(request->location_id())};
          RenderAvailability(key, result.availabilities[0], s.inventory, 0,
                             *response->mutable_availability());
        });
        response->set_position(PositionToken(position));
        return std::nullopt;
      });
}

}  // namespace quartermaster::stock
