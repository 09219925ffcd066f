// CatalogService over gRPC's callback API: parse, submit, translate.
//
//   QM_ASSIGN_OR_RETURN(auto service, NewCatalogService(catalog.get()));
//   builder.RegisterService(service.get());
#ifndef QUARTERMASTER_SERVICES_CATALOG_RPC_CATALOG_SERVICE_H_
#define QUARTERMASTER_SERVICES_CATALOG_RPC_CATALOG_SERVICE_H_

#include <memory>

#include "absl/status/statusor.h"

namespace grpc {
class Service;
}

namespace quartermaster::catalog {

class CatalogEngine;

// Handlers never block. `engine` must outlive the server that the service is registered with, and
// be stopped only after that server has been told to drain: it answers the calls that are under
// way. Errors: kFailedPrecondition if this machine has no time-zone database.
absl::StatusOr<std::unique_ptr<grpc::Service>> NewCatalogService(CatalogEngine* engine);

}  // namespace quartermaster::catalog

#endif  // QUARTERMASTER_SERVICES_CATALOG_RPC_CATALOG_SERVICE_H_
