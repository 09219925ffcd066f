// Which ErrorReason of the API a rejection is. The one table of it.
#ifndef QUARTERMASTER_SERVICES_ORDERS_CODEC_ERRORS_H_
#define QUARTERMASTER_SERVICES_ORDERS_CODEC_ERRORS_H_

#include <string>
#include <utility>
#include <vector>

#include "quartermaster/common/v1/common.pb.h"
#include "services/orders/domain/rejections.h"

namespace quartermaster::orders {

struct ErrorDescription {
  common::v1::ErrorReason reason = common::v1::INTERNAL_DEFECT;
  // For developers: ids and numbers, no data of the customer.
  std::string message;
  // google.rpc.ResourceInfo: "order" and its id. May be empty.
  std::string resource_type;
  std::string resource_name;
  // google.rpc.ErrorInfo.metadata: "state" and "allowed" (comma separated),
  // "extensions", "open".
  std::vector<std::pair<std::string, std::string>> metadata;
};

ErrorDescription Describe(const Rejection& rejection);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_CODEC_ERRORS_H_
