// Between routing's messages and its domain values. Whoever calls has checked the message (rpc
// does): unset ids are filled in, nothing else is.
#ifndef QUARTERMASTER_SERVICES_ROUTING_CODEC_MESSAGES_H_
#define QUARTERMASTER_SERVICES_ROUTING_CODEC_MESSAGES_H_

#include <optional>
#include <string>

#include "quartermaster/catalog/v1/catalog.pb.h"
#include "quartermaster/common/v1/common.pb.h"
#include "quartermaster/routing/v1/routing.pb.h"
#include "services/routing/domain/nearest.h"
#include "services/routing/domain/network.h"
#include "services/routing/domain/plan.h"

namespace quartermaster::routing {

// A group without an id gets its index in the request; so does a line, counted over all groups.
PlanRequest FromProto(const v1::PlanOrderRequest& request);
v1::Plan ToProto(const Plan& plan, const std::string& stock_position);

NearestRequest FromProto(const v1::FindNearestRequest& request);

v1::RouteReturnResponse ToProto(const ReturnRouting& routing);

common::v1::InsufficientStock ToProto(const std::vector<ShortLine>& lines);

// Nothing for numbers that this binary does not know: a newer catalog may know more.
std::optional<Capability> CapabilityOf(int number);
LocationKind LocationKindOf(int number);

// Kilometres, to the metre.
double KilometresOf(int64_t distance_m);

}  // namespace quartermaster::routing

#endif  // QUARTERMASTER_SERVICES_ROUTING_CODEC_MESSAGES_H_
