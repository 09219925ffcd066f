// The people in warehouses and stores: they work through an order's tasks, and not all goes well.
#ifndef QUARTERMASTER_TOOLS_RETAIL_FULFILMENT_H_
#define QUARTERMASTER_TOOLS_RETAIL_FULFILMENT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/retail/order_book.h"

namespace quartermaster::retail {

// Works through one placed order. Not thread-safe.
//
// One task in a hundred is rejected, one pick in a hundred is short, some steps are skipped, some
// shipments are reported twice; at the counter some codes are wrong and some units are refused.
// What finds no stock again is cancelled in the end, and its exceptions are resolved.
class Fulfilment {
 public:
  // All must outlive it.
  Fulfilment(Shop* shop, Client* client, OrderBook* book, const PlannedOrder& planned, Draw* draw);

  void Work(orders::v1::Order order);

 private:
  // What a customer does before the warehouse starts. True if nothing is left to do.
  bool CancelFirst(orders::v1::Order* order);
  void CancelAll();
  // False if it did not go as it should.
  bool KeepBack(orders::v1::Order* order);

  // True if it had units routed again.
  bool WorkTask(const orders::v1::Task& task);
  bool Reject(const orders::v1::Task& task);
  // Sends the pick; true if it was short. Empty if it failed.
  bool Pick(const orders::v1::Task& task, std::vector<int64_t>* picked);
  void Ship(const orders::v1::Task& task, const std::vector<int64_t>& picked);
  // Each true if it was answered as it should be.
  bool Send(const orders::v1::Shipment& parcel);
  bool Tell(const orders::v1::Shipment& parcel, orders::v1::Parcel::State state);
  void Collect(const orders::v1::Task& task, const std::vector<int64_t>& picked);
  // True if it was answered as the code deserves.
  bool HandOver(const orders::v1::HandOverRequest& request, common::v1::ErrorReason expected);
  void ResolveExceptions();

  // Units of a task's line reached the customer.
  void Gone(const orders::v1::Task& task, int line, int64_t quantity);
  LineRecord* RecordOf(const orders::v1::Task& task, int line);
  // A request id of this order.
  std::string RequestId(std::string_view what);
  bool Ok(std::string_view what, const grpc::Status& status);

  Shop& shop_;
  Client& client_;
  OrderBook& book_;
  const PlannedOrder& planned_;
  Draw& draw_;
  int requests_ = 0;
  bool had_reject_ = false;
};

}  // namespace quartermaster::retail

#endif  // QUARTERMASTER_TOOLS_RETAIL_FULFILMENT_H_
