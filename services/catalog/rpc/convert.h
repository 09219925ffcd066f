// The catalog's vocabulary <-> the messages of its API.
#ifndef QUARTERMASTER_SERVICES_CATALOG_RPC_CONVERT_H_
#define QUARTERMASTER_SERVICES_CATALOG_RPC_CONVERT_H_

#include <string_view>

#include "google/protobuf/repeated_ptr_field.h"
#include "quartermaster/catalog/v1/catalog.pb.h"
#include "services/catalog/domain/commands.h"
#include "services/catalog/domain/outcome.h"
#include "services/catalog/domain/state.h"
#include "services/catalog/rpc/time_zones.h"

namespace quartermaster::catalog {

// Unchecked: the domain says what is wrong with each entry.
PutItems ToCommand(const v1::PutItemsRequest& request);
PutLocations ToCommand(const v1::PutLocationsRequest& request, const TimeZones& zones);
PauseLocation ToCommand(const v1::PauseLocationRequest& request);

void ToProto(const Item& item, v1::Item& message);
void ToProto(const Location& location, v1::Location& message);

// One PutResult per entry; a refused one names its fields as "items[3].gtins[0]", with `list`
// "items".
void ToProto(const PutOutcome& outcome, std::string_view list,
             google::protobuf::RepeatedPtrField<v1::PutResult>& results);

}  // namespace quartermaster::catalog

#endif  // QUARTERMASTER_SERVICES_CATALOG_RPC_CONVERT_H_
