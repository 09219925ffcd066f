#include "services/routing/rpc/grpc_decision_source.h"

#include <google/protobuf/util/json_util.h>
#include <grpcpp/grpcpp.h>

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "quartermaster/orders/events/v1/events.pb.h"
#include "quartermaster/orders/v1/orders.grpc.pb.h"
#include "services/runtime/client_calls.h"

namespace quartermaster::routing {
namespace {

constexpr char kRoutedEvent[] = "OrderRouted";

// An order's history, page by page, and what has been found in it.
struct Search {
  std::string order_id;
  // 0: the latest.
  int32_t attempt = 0;
  absl::AnyInvocable<void(DecisionSource::Result)> done;
  std::optional<orders::events::v1::OrderRouted> found;
};

// Takes what the page has; of several of an attempt (there are none, but facts are facts) the last.
// False if it does not parse.
bool TakePage(const orders::v1::GetOrderHistoryResponse& page, Search& search) {
  google::protobuf::util::JsonParseOptions options;
  // A newer orders may say more than this binary knows.
  options.ignore_unknown_fields = true;
  for (const orders::v1::OrderEvent& event : page.events()) {
    if (event.type() != kRoutedEvent) continue;
    orders::events::v1::OrderRouted routed;
    if (!google::protobuf::util::JsonStringToMessage(event.detail_json(), &routed, options).ok()) {
      return false;
    }
    if (search.attempt == 0 || routed.attempt() == search.attempt) search.found = std::move(routed);
  }
  return true;
}

DecisionSource::Result Conclude(const Search& search) {
  if (!search.found.has_value()) {
    return runtime::NotFound(
        common::v1::DECISION_NOT_FOUND, "decision",
        search.attempt == 0 ? search.order_id : absl::StrCat(search.order_id, "/", search.attempt));
  }
  v1::Decision decision;
  decision.set_order_id(search.order_id);
  decision.set_attempt(search.found->attempt());
  if (!decision.mutable_plan()->ParseFromString(search.found->plan())) {
    return runtime::InternalDefect("a stored plan does not parse");
  }
  return decision;
}

class GrpcDecisionSource final : public DecisionSource {
 public:
  GrpcDecisionSource(const std::shared_ptr<grpc::Channel>& channel, Micros timeout)
      : stub_(orders::v1::OrderService::NewStub(channel)), timeout_(timeout) {}

  void GetDecision(std::string order_id, int32_t attempt,
                   absl::AnyInvocable<void(Result)> done) override {
    ReadOn({.order_id = std::move(order_id), .attempt = attempt, .done = std::move(done)}, "");
  }

 private:
  void ReadOn(Search search, std::string page_token) {
    orders::v1::GetOrderHistoryRequest request;
    request.set_order_id(search.order_id);
    request.set_page_token(std::move(page_token));
    orders::v1::OrderService::StubInterface::async_interface* const async = stub_->async();
    runtime::ClientCalls::Done<orders::v1::GetOrderHistoryResponse> on_page =
        [this, search = std::move(search)](const grpc::Status& status,
                                           orders::v1::GetOrderHistoryResponse& page) mutable {
          if (!status.ok()) return search.done(runtime::FromGrpcStatus(status));
          if (!TakePage(page, search)) {
            return search.done(runtime::InternalDefect("an OrderRouted event does not parse"));
          }
          if (page.next_page_token().empty()) return search.done(Conclude(search));
          ReadOn(std::move(search), std::move(*page.mutable_next_page_token()));
        };
    calls_.Start(async, &orders::v1::OrderService::StubInterface::async_interface::GetOrderHistory,
                 timeout_, std::move(request), std::move(on_page));
  }

  const std::unique_ptr<orders::v1::OrderService::Stub> stub_;
  const Micros timeout_;
  // Destroyed before the stub: see client_calls.h.
  runtime::ClientCalls calls_;
};

}  // namespace

std::unique_ptr<DecisionSource> NewGrpcDecisionSource(const std::shared_ptr<grpc::Channel>& channel,
                                                      Micros timeout) {
  return std::make_unique<GrpcDecisionSource>(channel, timeout);
}

}  // namespace quartermaster::routing
