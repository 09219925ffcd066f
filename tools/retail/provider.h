// Provider: a payment provider that does what Quartermaster intends, once, and tells of it.
#ifndef QUARTERMASTER_TOOLS_RETAIL_PROVIDER_H_
#define QUARTERMASTER_TOOLS_RETAIL_PROVIDER_H_

#include <string>

#include "quartermaster/orders/v1/orders.grpc.pb.h"
#include "tools/retail/client.h"
#include "tools/retail/shop.h"

namespace quartermaster::retail {

// Neither is owned; both must outlive it.
class Provider {
 public:
  Provider(Shop* shop, Client* client) : shop_(*shop), client_(*client) {}

  // The customer's card is good for what the order comes to. Some tell it twice.
  void Authorise(const orders::v1::Order& order, bool twice);
  // Does what is open, of one order or (empty) of all, until nothing more follows.
  void DoIntents(const std::string& order_id);

 private:
  bool Tell(const std::string& request_id, const orders::v1::PaymentFact& fact, bool duplicate);
  void Do(const orders::v1::PaymentIntent& intent);

  Shop& shop_;
  Client& client_;
};

}  // namespace quartermaster::retail

#endif  // QUARTERMASTER_TOOLS_RETAIL_PROVIDER_H_
