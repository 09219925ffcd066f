// Orders: placing, reading, cancelling, keeping back.
#include <algorithm>
#include <cstring>

#include "services/orders/rpc/checks.h"
#include "services/orders/rpc/fill_page.h"
#include "services/orders/rpc/page_token.h"
#include "services/orders/rpc/service_impl.h"
#include "services/runtime/answer_size.h"

namespace quartermaster::orders {

using runtime::FieldChecker;

Fingerprint KeyedFingerprint(const google::protobuf::Message& request, const std::string& subject,
                             const PickupCodes& codes) {
  Fingerprint fingerprint = runtime::RequestFingerprint(request);
  if (subject.empty()) return fingerprint;
  const std::string mac = codes.SubjectMac(subject);
  uint64_t halves[2];
  std::memcpy(halves, mac.data(), sizeof(halves));
  fingerprint.high ^= halves[0];
  fingerprint.low ^= halves[1];
  return fingerprint;
}

OrderServiceImpl::Reactor* OrderServiceImpl::PlaceOrder(Context* context,
                                                        const v1::PlaceOrderRequest* request,
                                                        v1::PlaceOrderResponse* response) {
  Reactor* reactor = context->DefaultReactor();
  FieldChecker check;
  Check(*request, check);
  if (!check.ok()) return Finish(reactor, check.error());
  PlaceCall call = {.request_id = request->request_id(),
                    .fingerprint = {},
                    .content = ContentOf(*request),
                    .subject = request->subject().SerializeAsString(),
                    .deadline = runtime::InstantOf(context->deadline())};
  call.fingerprint = KeyedFingerprint(Canonical(*request), call.subject, app_->codes());
  app_->placer().Place(std::move(call), [this, reactor, response](PlaceReply reply) {
    if (const auto* error = std::get_if<runtime::RpcError>(&reply)) {
      Finish(reactor, *error);
      return;
    }
    const Placed& placed = std::get<Placed>(reply);
    response->set_outcome(placed.confirmed ? v1::PlaceOrderResponse::PLACED
                                           : v1::PlaceOrderResponse::PENDING);
    RenderOrder(placed.order_id, response->mutable_order());
    for (const DroppedLine& line : placed.dropped) {
      *response->add_dropped_lines() = ToMessage(line);
    }
    Finish(reactor);
  });
  return reactor;
}

OrderServiceImpl::Reactor* OrderServiceImpl::GetOrder(Context* context,
                                                      const v1::GetOrderRequest* request,
                                                      v1::Order* response) {
  Reactor* reactor = context->DefaultReactor();
  FieldChecker check;
  check.Id("order_id", request->order_id());
  if (const auto refusal = RefusalOf(check)) return Finish(reactor, *refusal);
  RenderOrder(request->order_id(), response);
  if (response->order_id().empty()) {
    return Finish(reactor, OrderNotFoundError(request->order_id()));
  }
  return Finish(reactor);
}

OrderServiceImpl::Reactor* OrderServiceImpl::ListOrders(Context* context,
                                                        const v1::ListOrdersRequest* request,
                                                        v1::ListOrdersResponse* response) {
  Reactor* reactor = context->DefaultReactor();
  FieldChecker check;
  Check(*request, check);
  if (const auto refusal = RefusalOf(check)) return Finish(reactor, *refusal);
  const std::optional<Position> last = PageAfter(*request);
  if (!last) return Finish(reactor, PageTokenInvalid());
  OrderFilter wanted = {.customer_ref = request->customer_ref(),
                        .channel_id = request->channel_id(),
                        .external_id = request->external_id(),
                        .state = std::nullopt,
                        .location_id = request->location_id(),
                        .sku = request->sku(),
                        .overdue_at = std::nullopt};
  if (request->has_created_from())
    wanted.created_from = runtime::InstantOf(request->created_from());
  if (request->has_created_before())
    wanted.created_before = runtime::InstantOf(request->created_before());
  if (request->overdue()) wanted.overdue_at = app_->clock().Now();
  if (request->state() != v1::Order::STATE_UNSPECIFIED) {
    wanted.state = static_cast<OrderState>(request->state());
  }
  const OrderBy order_by =
      request->order_by() == kByCreateTime ? OrderBy::kOldestFirst : OrderBy::kNewestFirst;
  const auto page =
      app_->view().ListOrders(wanted, order_by, *last, PageSize(request->page_size()));
  FillPage(
      *request, page, response->mutable_orders(), response,
      [&page](const auto& order) { return ToMessage(*order, page.position); },
      [](const auto& order) { return order->position; });
  response->set_position(absl::StrCat(page.position));
  return Finish(reactor);
}

OrderServiceImpl::Reactor* OrderServiceImpl::GetOrderHistory(
    Context* context, const v1::GetOrderHistoryRequest* request,
    v1::GetOrderHistoryResponse* response) {
  Reactor* reactor = context->DefaultReactor();
  FieldChecker check;
  Check(*request, check);
  if (const auto refusal = RefusalOf(check)) return Finish(reactor, *refusal);
  const std::optional<Position> after = PageAfter(*request);
  if (!after) return Finish(reactor, PageTokenInvalid());
  std::vector<Position> positions = app_->view().HistoryOf(request->order_id());
  if (positions.empty()) return Finish(reactor, OrderNotFoundError(request->order_id()));
  positions.erase(positions.begin(), std::upper_bound(positions.begin(), positions.end(), *after));
  const Position last = positions.empty() ? *after : positions.back();
  if (request->page_size() > 0 && positions.size() > static_cast<size_t>(request->page_size())) {
    positions.resize(static_cast<size_t>(request->page_size()));
  }
  app_->ReadHistory(
      std::move(positions), runtime::kAnswerBytesMax,
      [reactor, request, response, last](absl::StatusOr<std::vector<LoggedEvent>> events) {
        if (!events.ok()) {
          Finish(reactor, runtime::InternalDefect("the history cannot be read", events.status()));
          return;
        }
        runtime::AnswerSize size;
        Position shown = 0;
        for (LoggedEvent& event : *events) {
          const Position position = event.position;
          v1::OrderEvent message = ToMessage(std::move(event));
          if (!size.Take(message)) break;
          *response->add_events() = std::move(message);
          shown = position;
        }
        if (shown > 0 && shown < last)
          response->set_next_page_token(NextPageToken(*request, shown));
        Finish(reactor);
      });
  return reactor;
}

template <typename Request>
OrderServiceImpl::Reactor* OrderServiceImpl::SubmitOrder(Context* context, const Request& request,
                                                         v1::Order* response) {
  FieldChecker check;
  Check(request, check);
  if (!check.ok()) return Finish(context->DefaultReactor(), check.error());
  return Submit(context, CallOf(context, request), ToCommand(request),
                [this, response](const Result& result) { RenderOrder(result.order_id, response); });
}

OrderServiceImpl::Reactor* OrderServiceImpl::CancelOrder(Context* context,
                                                         const v1::CancelOrderRequest* request,
                                                         v1::Order* response) {
  return SubmitOrder(context, *request, response);
}

OrderServiceImpl::Reactor* OrderServiceImpl::RerouteOrder(Context* context,
                                                          const v1::RerouteOrderRequest* request,
                                                          v1::Order* response) {
  return SubmitOrder(context, *request, response);
}

OrderServiceImpl::Reactor* OrderServiceImpl::HoldOrder(Context* context,
                                                       const v1::HoldOrderRequest* request,
                                                       v1::Order* response) {
  return SubmitOrder(context, *request, response);
}

OrderServiceImpl::Reactor* OrderServiceImpl::ReleaseHold(Context* context,
                                                         const v1::ReleaseHoldRequest* request,
                                                         v1::Order* response) {
  return SubmitOrder(context, *request, response);
}

}  // namespace quartermaster::orders
