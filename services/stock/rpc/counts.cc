#include <optional>

#include "services/runtime/page_token.h"
#include "services/stock/rpc/count_requests.h"
#include "services/stock/rpc/service_impl.h"

namespace quartermaster::stock {

using runtime::RpcError;

template <typename Request>
StockServiceImpl::Reactor* StockServiceImpl::CallOnCount(Context* context, const Request& request,
                                                         v1::Count* response) {
  return Call(context, request,
              [&request, response](const Result& result, auto position) -> std::optional<RpcError> {
                if (result.rejection) {
                  return RejectionError(*result.rejection, {.count_id = &request.count_id()});
                }
                RenderCount(*result.count, *response);
                response->set_position(PositionToken(position));
                return std::nullopt;
              });
}

StockServiceImpl::Reactor* StockServiceImpl::ApplyCount(Context* context,
                                                        const v1::ApplyCountRequest* request,
                                                        v1::Count* response) {
  return CallOnCount(context, *request, response);
}

StockServiceImpl::Reactor* StockServiceImpl::GetCount(Context* context,
                                                      const v1::GetCountRequest* request,
                                                      v1::Count* response) {
  return CallOnCount(context, *request, response);
}

StockServiceImpl::Reactor* StockServiceImpl::ListSources(Context* context,
                                                         const v1::ListSourcesRequest* request,
                                                         v1::ListSourcesResponse* response) {
  if (!runtime::PageAfter(*request)) return Refuse(context, runtime::PageTokenInvalid());
  return Call(context, *request,
              [request, response](const Result& result, auto position) -> std::optional<RpcError> {
                for (const SourceReport& source : result.sources) {
                  RenderSource(source, *response->add_sources());
                }
                if (result.more_sources_after != SourceIndex::kNone) {
                  response->set_next_page_token(runtime::NextPageToken(
                      *request, static_cast<int64_t>(result.more_sources_after)));
                }
                response->set_position(PositionToken(position));
                return std::nullopt;
              });
}

StockServiceImpl::Reactor* StockServiceImpl::ListDifferences(
    Context* context, const v1::ListDifferencesRequest* request,
    v1::ListDifferencesResponse* response) {
  if (!runtime::PageAfter(*request)) return Refuse(context, runtime::PageTokenInvalid());
  return Call(context, *request,
              [request, response](const Result& result, auto position) -> std::optional<RpcError> {
                if (result.rejection) {
                  return RejectionError(*result.rejection, {.source = &request->source()});
                }
                for (const DifferenceReport& difference : result.differences) {
                  RenderDifference(difference, *response->add_differences());
                }
                if (result.more_differences_after != 0) {
                  response->set_next_page_token(runtime::NextPageToken(
                      *request, static_cast<int64_t>(result.more_differences_after)));
                }
                response->set_position(PositionToken(position));
                return std::nullopt;
              });
}

}  // namespace quartermaster::stock
