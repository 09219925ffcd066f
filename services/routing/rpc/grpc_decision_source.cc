#include "services/routing/rpc/grpc_decision_source.h"

#include <google/protobuf/util/json_util.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "quartermaster/orders/events/v1/events.pb.h"
#include "quartermaster/orders/v1/orders.grpc.pb.h"

namespace quartermaster::routing {
namespace {

constexpr char kRoutedEvent[] = "OrderRouted";

// The order's decision of an attempt; of several (there are none, but facts are facts) the last.
DecisionSource::Result FindDecision(const orders::v1::GetOrderHistoryResponse& history,
                                    const std::string& order_id, int32_t attempt) {
  std::optional<orders::events::v1::OrderRouted> found;
  google::protobuf::util::JsonParseOptions options;
  // A newer orders may say more than this binary knows.
  options.ignore_unknown_fields = true;
  for (const orders::v1::OrderEvent& event : history.events()) {
    if (event.type() != kRoutedEvent) continue;
    orders::events::v1::OrderRouted routed;
    if (!google::protobuf::util::JsonStringToMessage(event.detail_json(), &routed, options).ok()) {
      return runtime::InternalDefect("an OrderRouted event does not parse");
    }
    if (attempt == 0 || routed.attempt() == attempt) found = std::move(routed);
  }
  if (!found.has_value()) {
    return runtime::NotFound(common::v1::DECISION_NOT_FOUND, "decision",
                             attempt == 0 ? order_id : absl::StrCat(order_id, "/", attempt));
  }
  v1::Decision decision;
  decision.set_order_id(order_id);
  decision.set_attempt(found->attempt());
  if (!decision.mutable_plan()->ParseFromString(found->plan())) {
    return runtime::InternalDefect("a stored plan does not parse");
  }
  return decision;
}

class GrpcDecisionSource final : public DecisionSource {
 public:
  GrpcDecisionSource(const std::shared_ptr<grpc::Channel>& channel, Micros timeout)
      : stub_(orders::v1::OrderService::NewStub(channel)), timeout_(timeout.count) {}

  void GetDecision(std::string order_id, int32_t attempt,
                   absl::AnyInvocable<void(Result)> done) override {
    auto* call = new Call{.attempt = attempt, .done = std::move(done)};
    call->request.set_order_id(std::move(order_id));
    call->context.set_deadline(std::chrono::system_clock::now() + timeout_);
    stub_->async()->GetOrderHistory(&call->context, &call->request, &call->response,
                                    [call](const grpc::Status& status) {
                                      const std::unique_ptr<Call> owned(call);
                                      owned->done(Conclude(*owned, status));
                                    });
  }

 private:
  struct Call {
    int32_t attempt = 0;
    absl::AnyInvocable<void(Result)> done;
    grpc::ClientContext context;
    orders::v1::GetOrderHistoryRequest request;
    orders::v1::GetOrderHistoryResponse response;
  };

  static Result Conclude(const Call& call, const grpc::Status& status) {
    if (!status.ok()) return runtime::FromGrpcStatus(status);
    return FindDecision(call.response, call.request.order_id(), call.attempt);
  }

  const std::unique_ptr<orders::v1::OrderService::Stub> stub_;
  const std::chrono::microseconds timeout_;
};

}  // namespace

std::unique_ptr<DecisionSource> NewGrpcDecisionSource(const std::shared_ptr<grpc::Channel>& channel,
                                                      Micros timeout) {
  return std::make_unique<GrpcDecisionSource>(channel, timeout);
}

}  // namespace quartermaster::routing
