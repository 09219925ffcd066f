// RoutingService over gRPC's callback API: check, ask, translate.
//
//   const auto service = NewRoutingService(&router, decisions.get());
//   builder.RegisterService(service.get());
#ifndef QUARTERMASTER_SERVICES_ROUTING_RPC_ROUTING_SERVICE_H_
#define QUARTERMASTER_SERVICES_ROUTING_RPC_ROUTING_SERVICE_H_

#include <memory>

namespace grpc {
class Service;
}

namespace quartermaster::routing {

class DecisionSource;
class Router;
class StockNews;

// All must outlive the server that the service is registered with; `news` is null if the router's
// mirror is never behind stock. Plans are made on the server's own threads (tens of microseconds
// each); nothing else blocks. Until the router serves, every method but GetDecision answers
// NOT_SERVING.
std::unique_ptr<grpc::Service> NewRoutingService(Router* router, DecisionSource* decisions,
                                                 StockNews* news);

}  // namespace quartermaster::routing

#endif  // QUARTERMASTER_SERVICES_ROUTING_RPC_ROUTING_SERVICE_H_
