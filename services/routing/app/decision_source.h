// DecisionSource: where the decisions of orders are kept. Routing stores none itself: each is in
// the order's OrderRouted event. Injected: over gRPC (rpc/grpc_decision_source.h), or a fake.
#ifndef QUARTERMASTER_SERVICES_ROUTING_APP_DECISION_SOURCE_H_
#define QUARTERMASTER_SERVICES_ROUTING_APP_DECISION_SOURCE_H_

#include <cstdint>
#include <string>
#include <variant>

#include "absl/functional/any_invocable.h"
#include "quartermaster/routing/v1/routing.pb.h"
#include "services/runtime/rpc_error.h"

namespace quartermaster::routing {

// Thread-safe.
class DecisionSource {
 public:
  using Result = std::variant<v1::Decision, runtime::RpcError>;

  virtual ~DecisionSource() = default;
  // The decision of an order's routing attempt, counted from 1; 0 means the latest. `done` runs
  // exactly once, on any thread, perhaps before the call returns; it must not block.
  // Errors: ORDER_NOT_FOUND, DECISION_NOT_FOUND, PEER_UNAVAILABLE, INTERNAL_DEFECT.
  virtual void GetDecision(std::string order_id, int32_t attempt,
                           absl::AnyInvocable<void(Result)> done) = 0;
};

}  // namespace quartermaster::routing

#endif  // QUARTERMASTER_SERVICES_ROUTING_APP_DECISION_SOURCE_H_
