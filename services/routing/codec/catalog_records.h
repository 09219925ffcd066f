// The catalog's log records as changes of the network.
#ifndef QUARTERMASTER_SERVICES_ROUTING_CODEC_CATALOG_RECORDS_H_
#define QUARTERMASTER_SERVICES_ROUTING_CODEC_CATALOG_RECORDS_H_

#include <string_view>

#include "absl/status/status.h"
#include "services/routing/domain/network_change.h"

namespace quartermaster::routing {

// Adds what the record (its type as in catalog/events/v1, and its payload) changes: nothing, or
// one thing. Errors: kFailedPrecondition for a type or version that this binary does not know,
// kDataLoss for a payload that does not parse.
absl::Status AppendCatalogRecord(int type, int version, std::string_view payload,
                                 NetworkChanges& changes);

}  // namespace quartermaster::routing

#endif  // QUARTERMASTER_SERVICES_ROUTING_CODEC_CATALOG_RECORDS_H_
