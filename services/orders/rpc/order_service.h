// OrderService over gRPC's callback API: parse, submit, translate.
//
//   std::unique_ptr<grpc::Service> service = NewOrderService(app.get());
//   server->OnDrain([&] { app->watch().CancelAll(); });   // ends the WatchOrders streams
#ifndef QUARTERMASTER_SERVICES_ORDERS_RPC_ORDER_SERVICE_H_
#define QUARTERMASTER_SERVICES_ORDERS_RPC_ORDER_SERVICE_H_

#include <memory>

namespace grpc {
class Service;
}

namespace quartermaster::orders {

class OrdersApp;

// Handlers never block. `app` must outlive the server that the service is registered with, and be
// stopped only after that server has drained: it answers the calls that are under way.
std::unique_ptr<grpc::Service> NewOrderService(OrdersApp* app);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_RPC_ORDER_SERVICE_H_
