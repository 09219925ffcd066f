#include <optional>

#include "services/stock/rpc/service_impl.h"

namespace quartermaster::stock {

using runtime::FieldChecker;
using runtime::RpcError;

StockServiceImpl::Reactor* StockServiceImpl::SetPool(Context* context,
                                                     const v1::SetPoolRequest* request,
                                                     v1::Pool* response) {
  return Call(context, *request,
              [request, response](const Result& result, auto position) -> std::optional<RpcError> {
                if (result.rejection) {
                  return RejectionError(*result.rejection, {.locations = &request->location_ids()});
                }
                response->set_pool_id(request->pool_id());
                *response->mutable_location_ids() = request->location_ids();
                response->set_position(PositionToken(position));
                return std::nullopt;
              });
}

StockServiceImpl::Reactor* StockServiceImpl::SetStockPolicy(
    Context* context, const v1::SetStockPolicyRequest* request, v1::StockPolicy* response) {
  return Call(context, *request,
              [request, response](const Result& result, auto position) -> std::optional<RpcError> {
                if (result.rejection) return RejectionError(*result.rejection, {.policy = request});
                response->set_sku(request->sku());
                response->set_location_id(request->location_id());
                if (request->has_safety_stock()) {
                  response->set_safety_stock(request->safety_stock());
                }
                response->set_etag(PositionToken(*result.version));
                response->set_position(PositionToken(position));
                return std::nullopt;
              });
}

StockServiceImpl::Reactor* StockServiceImpl::SetChannel(Context* context,
                                                        const v1::SetChannelRequest* request,
                                                        v1::Channel* response) {
  return Call(
      context, *request,
      [request, response](const Result& result, auto position) -> std::optional<RpcError> {
        if (result.rejection) return RejectionError(*result.rejection, {.channel = request});
        response->set_channel_id(request->channel_id());
        response->set_pool_id(request->pool_id());
        response->set_demand_class(request->demand_class() == v1::TILL ? v1::TILL : v1::ONLINE);
        response->set_buffer(request->buffer());
        response->set_etag(PositionToken(*result.version));
        response->set_position(PositionToken(position));
        return std::nullopt;
      });
}

StockServiceImpl::Reactor* StockServiceImpl::GetChannel(Context* context,
                                                        const v1::GetChannelRequest* request,
                                                        v1::Channel* response) {
  FieldChecker check;
  check.Id("channel_id", request->channel_id());
  if (!check.ok()) return Refuse(context, check.error());
  if (!engine_->sequencer().serving()) return Refuse(context, runtime::NotServing());
  const bool found = engine_->view().With([&](const StockSnapshot& s) {
    const ChannelIndex index = s.inventory.channel_names.Find(request->channel_id());
    if (index == ChannelIndex::kNone) return false;
    const Channel& channel = s.inventory.ChannelAt(index);
    response->set_channel_id(request->channel_id());
    response->set_pool_id(s.inventory.pool_names.Name(channel.pool));
    response->set_demand_class(channel.demand == Demand::kTill ? v1::TILL : v1::ONLINE);
    response->set_buffer(channel.buffer.units());
    response->set_etag(PositionToken(channel.version));
    response->set_position(PositionToken(s.head));
    return true;
  });
  if (!found) {
    return Refuse(context, runtime::NotFound(common::v1::CHANNEL_NOT_FOUND, "channel",
                                             request->channel_id()));
  }
  return Finish(context);
}

StockServiceImpl::Reactor* StockServiceImpl::SetAllotment(Context* context,
                                                          const v1::SetAllotmentRequest* request,
                                                          v1::Allotment* response) {
  return Call(context, *request,
              [request, response](const Result& result, auto position) -> std::optional<RpcError> {
                if (result.rejection) {
                  return RejectionError(*result.rejection, {.allotment = request});
                }
                response->set_channel_id(request->channel_id());
                response->set_sku(request->sku());
                if (request->has_quota()) response->set_quota(request->quota());
                if (request->has_cap()) response->set_cap(request->cap());
                if (request->has_customer_cap()) {
                  response->set_customer_cap(request->customer_cap());
                }
                response->set_borrows(request->borrows());
                response->set_etag(PositionToken(*result.version));
                response->set_position(PositionToken(position));
                return std::nullopt;
              });
}

StockServiceImpl::Reactor* StockServiceImpl::GetAllotment(Context* context,
                                                          const v1::GetAllotmentRequest* request,
                                                          v1::Allotment* response) {
  FieldChecker check;
  check.Id("channel_id", request->channel_id());
  check.Id("sku", request->sku());
  if (!check.ok()) return Refuse(context, check.error());
  if (!engine_->sequencer().serving()) return Refuse(context, runtime::NotServing());
  const auto error = engine_->view().With([&](const StockSnapshot& s) -> std::optional<RpcError> {
    return RenderAllotment(*request, s, *response);
  });
  if (error) return Refuse(context, *error);
  return Finish(context);
}

}  // namespace quartermaster::stock
