// ToPlanGroup: a group of lines as routing is asked to plan it.
#ifndef QUARTERMASTER_SERVICES_ORDERS_APP_PLAN_GROUP_H_
#define QUARTERMASTER_SERVICES_ORDERS_APP_PLAN_GROUP_H_

#include "services/orders/app/peers.h"
#include "services/orders/domain/types.h"

namespace quartermaster::orders {

inline PlanMethod ToPlanMethod(Method method) {
  switch (method) {
    case Method::kShip:
      return PlanMethod::kShip;
    case Method::kPickup:
      return PlanMethod::kPickup;
    case Method::kCarryOut:
      return PlanMethod::kCarryOut;
  }
  return PlanMethod::kShip;
}

// Of a Group or a RerouteGroup; without its lines.
template <typename AnyGroup>
PlanRequest::Group ToPlanGroup(const AnyGroup& group) {
  PlanRequest::Group to;
  to.group_id = group.group_id;
  to.method = ToPlanMethod(group.method);
  if (group.destination.point) {
    to.destination = PlanPoint{group.destination.point->latitude_tenths / 10.0,
                               group.destination.point->longitude_tenths / 10.0};
  }
  to.location_id = group.location_id;
  return to;
}

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_APP_PLAN_GROUP_H_
