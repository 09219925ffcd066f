#include "services/routing/rpc/routing_service.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <optional>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "quartermaster/routing/v1/routing.grpc.pb.h"
#include "services/routing/app/decision_source.h"
#include "services/routing/app/requests.h"
#include "services/routing/app/router.h"
#include "services/routing/rpc/checks.h"
#include "services/runtime/rpc_error.h"
#include "services/runtime/validation.h"

namespace quartermaster::routing {
namespace {

using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;
using runtime::RpcError;

void Finish(ServerUnaryReactor* reactor, const std::optional<RpcError>& error) {
  reactor->Finish(error ? runtime::ToGrpcStatus(*error) : grpc::Status::OK);
}

RpcError NotHeardFrom(std::string_view awaited) {
  return {common::v1::NOT_SERVING, absl::StrCat("routing has not heard from ",
                                                absl::string_view(awaited.data(), awaited.size()),
                                                " yet: retry with the same request id")};
}

// What is wrong with a request before anything is asked: its fields, or that it came too late.
template <typename Request>
std::optional<RpcError> Refuse(const CallbackServerContext& context, const Request& request) {
  runtime::FieldChecker check;
  Check(request, check);
  if (!check.ok()) return check.error();
  if (context.deadline() < std::chrono::system_clock::now()) {
    return RpcError(common::v1::DEADLINE_PASSED, "the deadline passed before the request was read");
  }
  return std::nullopt;
}

class RoutingServiceImpl final : public v1::RoutingService::CallbackService {
 public:
  RoutingServiceImpl(Router* router, DecisionSource* decisions, StockNews* news)
      : router_(router), decisions_(decisions), news_(news) {}

  ServerUnaryReactor* PlanOrder(CallbackServerContext* context, const v1::PlanOrderRequest* request,
                                v1::Plan* plan) override {
    ServerUnaryReactor* reactor = context->DefaultReactor();
    if (const auto refusal = RefuseQuestion(*context, *request)) {
      Finish(reactor, refusal);
      return reactor;
    }
    routing::PlanOrder(*router_, news_, *request, *plan,
                       [reactor](const std::optional<RpcError>& error) { Finish(reactor, error); });
    return reactor;
  }

  ServerUnaryReactor* FindNearest(CallbackServerContext* context,
                                  const v1::FindNearestRequest* request,
                                  v1::FindNearestResponse* response) override {
    return Answer(context, *request, [&]() -> std::optional<RpcError> {
      routing::FindNearest(*router_, *request, *response);
      return std::nullopt;
    });
  }

  ServerUnaryReactor* RouteReturn(CallbackServerContext* context,
                                  const v1::RouteReturnRequest* request,
                                  v1::RouteReturnResponse* response) override {
    return Answer(context, *request,
                  [&] { return routing::RouteReturn(*router_, *request, *response); });
  }

  ServerUnaryReactor* GetDecision(CallbackServerContext* context,
                                  const v1::GetDecisionRequest* request,
                                  v1::Decision* decision) override {
    ServerUnaryReactor* reactor = context->DefaultReactor();
    if (const auto refusal = Refuse(*context, *request)) {
      Finish(reactor, refusal);
      return reactor;
    }
    decisions_->GetDecision(request->order_id(), request->attempt(),
                            [reactor, decision](DecisionSource::Result result) {
                              if (const auto* error = std::get_if<RpcError>(&result)) {
                                Finish(reactor, *error);
                                return;
                              }
                              *decision = std::get<v1::Decision>(std::move(result));
                              Finish(reactor, std::nullopt);
                            });
    return reactor;
  }

 private:
  // The same of a question to the router: or that it cannot answer any yet.
  template <typename Request>
  std::optional<RpcError> RefuseQuestion(const CallbackServerContext& context,
                                         const Request& request) {
    if (auto error = Refuse(context, request)) return error;
    if (const std::string_view awaited = router_->awaited(); !awaited.empty()) {
      return NotHeardFrom(awaited);
    }
    return std::nullopt;
  }

  template <typename Request, typename Ask>
  ServerUnaryReactor* Answer(CallbackServerContext* context, const Request& request, Ask ask) {
    ServerUnaryReactor* reactor = context->DefaultReactor();
    std::optional<RpcError> error = RefuseQuestion(*context, request);
    if (!error) error = ask();
    Finish(reactor, error);
    return reactor;
  }

  Router* const router_;
  DecisionSource* const decisions_;
  StockNews* const news_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewRoutingService(Router* router, DecisionSource* decisions,
                                                 StockNews* news) {
  return std::make_unique<RoutingServiceImpl>(router, decisions, news);
}

}  // namespace quartermaster::routing
