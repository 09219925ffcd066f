// What must hold of routing's requests before they are answered.
#ifndef QUARTERMASTER_SERVICES_ROUTING_RPC_CHECKS_H_
#define QUARTERMASTER_SERVICES_ROUTING_RPC_CHECKS_H_

#include "quartermaster/routing/v1/routing.pb.h"
#include "services/runtime/validation.h"

namespace quartermaster::routing {

inline constexpr int kMaxLines = 2'000;
inline constexpr int kMaxGroups = 100;
inline constexpr int kMaxFigures = 2'000;
inline constexpr int kMaxExcluded = 10'000;
inline constexpr int kMaxNearest = 1'000;

// Each adds what is wrong to `check`.
void Check(const v1::PlanOrderRequest& request, runtime::FieldChecker& check);
void Check(const v1::FindNearestRequest& request, runtime::FieldChecker& check);
void Check(const v1::GetDecisionRequest& request, runtime::FieldChecker& check);
void Check(const v1::RouteReturnRequest& request, runtime::FieldChecker& check);

}  // namespace quartermaster::routing

#endif  // QUARTERMASTER_SERVICES_ROUTING_RPC_CHECKS_H_
