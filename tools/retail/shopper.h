// One client: it plays steps of the plan, one after another, each from the first call to the last.
#ifndef QUARTERMASTER_TOOLS_RETAIL_SHOPPER_H_
#define QUARTERMASTER_TOOLS_RETAIL_SHOPPER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/retail/client.h"
#include "tools/retail/order_book.h"
#include "tools/retail/provider.h"
#include "tools/retail/shop.h"

namespace quartermaster::retail {

// Not thread-safe; one per thread.
//
// Web orders: some carts are held for two seconds and left; most orders come from a checkout hold
// (a few of which are released instead), the others without one, half of these ready to do without
// a line that is short. Click & collect: at a named store, or the nearest that has everything.
// Tills: an order at a store whose stock is online too, a recorded sale where it is not.
class Shopper {
 public:
  // `shop` must outlive it. `number` tells clients apart.
  Shopper(Shop* shop, const tools::AddressBook& addresses, int number);

  void Play(const Step& step);

 private:
  struct Hold {
    std::string reservation_id;
    std::vector<Want> wants;
  };

  void PlayOrder(int32_t index);
  void PlayWeb(const PlannedOrder& planned, OrderRecord* record);
  void PlaySale(const PlannedOrder& planned, OrderRecord* record);
  void PlayReturn(int32_t index);

  void AbandonCart(const PlannedOrder& planned, int32_t index);
  // None if it was refused.
  std::optional<Hold> Checkout(const PlannedOrder& planned, int32_t index);
  void Release(const Hold& hold, int32_t index);
  // Returns the status of Reserve.
  grpc::Status Reserve(const PlannedOrder& planned, const std::string& owner,
                       const std::string& request_id, Micros ttl,
                       stock::v1::ReserveResponse* response);

  // Sends the order with its claim on the books, and works on it if it is placed. True if it was.
  bool Place(const PlannedOrder& planned, const std::optional<Hold>& hold, bool drops_lines,
             OrderRecord* record);
  void Accept(const PlannedOrder& planned, const orders::v1::PlaceOrderResponse& response,
              Claim* claim, const std::vector<Want>& wants, OrderRecord* record);
  void Refuse(const PlannedOrder& planned, const grpc::Status& status, bool unjustified,
              OrderRecord* record);
  orders::v1::PlaceOrderRequest PlaceRequest(const PlannedOrder& planned,
                                             const std::optional<Hold>& hold, bool drops_lines,
                                             int32_t index) const;

  void SendMatched(const PlannedReturn& planned, int32_t index, int32_t order,
                   const std::vector<ReturnPart>& parts);
  // `index`: of the planned return. `order`: its own.
  void Inspect(const orders::v1::Return& item, int32_t index, int32_t order);
  void SendUnmatched(const PlannedReturn& planned, int32_t index,
                     const std::vector<PlannedReturnLine>& lines);
  bool TakeBack(const PlannedReturnLine& line);
  void Returned(PlaceIndex place, ItemIndex item, int64_t quantity, bool sellable);

  Shop& shop_;
  Client client_;
  Provider provider_;
  Draw draw_;
};

}  // namespace quartermaster::retail

#endif  // QUARTERMASTER_TOOLS_RETAIL_SHOPPER_H_
