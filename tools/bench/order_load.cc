#include "tools/bench/order_load.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "quartermaster/catalog/v1/catalog.grpc.pb.h"
#include "quartermaster/orders/v1/orders.grpc.pb.h"
#include "services/base/check.h"
#include "tools/bench/slots.h"

namespace quartermaster::bench {
namespace {

using catalog::v1::CatalogService;
using orders::v1::OrderService;

class PlaceSlot {
 public:
  using Service = OrderService;

  PlaceSlot(OrderService::Stub* stub, Tally* tally, const RequestShape& shape, uint32_t seed)
      : stub_(stub), tally_(tally), maker_(shape, seed) {
    request_.set_channel_id("web");
    orders::v1::PlaceGroup& group = *request_.add_groups();
    group.set_method(routing::v1::SHIP);
    group.mutable_destination()->mutable_point()->set_latitude(46.8);
    group.mutable_destination()->mutable_point()->set_longitude(23.6);
    group.add_lines()->set_quantity(1);
  }

  void Next() {
    maker_.Make(drawn_);
    request_.set_request_id(drawn_.request_id());
    request_.mutable_groups(0)->mutable_lines(0)->set_sku(drawn_.lines(0).sku());
    context_.emplace();
    stub_->async()->PlaceOrder(
        &*context_, &request_, &response_, [this](const grpc::Status& status) {
          QM_CHECK(status.ok()) << status.error_code() << " " << status.error_message();
          const bool placed = response_.outcome() == orders::v1::PlaceOrderResponse::PLACED;
          tally_->Count(placed ? 1 : 0, 1) ? Next() : tally_->End();
        });
  }

 private:
  OrderService::Stub* const stub_;
  Tally* const tally_;
  RequestMaker maker_;
  stock::v1::ReserveRequest drawn_;
  orders::v1::PlaceOrderRequest request_;
  orders::v1::PlaceOrderResponse response_;
  std::optional<grpc::ClientContext> context_;
};

}  // namespace

void Catalogue(const std::string& target, int skus) {
  constexpr int kBatch = 1'000;
  const auto stub = CatalogService::NewStub(Connect(target, 1).front());
  for (int first = 0; first < skus; first += kBatch) {
    catalog::v1::PutItemsRequest request;
    request.set_request_id(absl::StrCat("items-", first));
    for (int i = first; i < std::min(first + kBatch, skus); ++i) {
      catalog::v1::Item& item = *request.add_items();
      item.set_sku(absl::StrCat("S", i));
      item.set_title(item.sku());
      item.set_online(true);
    }
    grpc::ClientContext context;
    catalog::v1::PutItemsResponse response;
    const grpc::Status status = stub->PutItems(&context, request, &response);
    QM_CHECK(status.ok()) << status.error_message();
    for (const auto& result : response.results()) {
      QM_CHECK(result.status().code() == 0) << result.status().message();
    }
  }
  catalog::v1::PutLocationsRequest request;
  request.set_request_id("locations");
  catalog::v1::Location& location = *request.add_locations();
  location.set_location_id("L0");
  location.set_title("L0");
  location.set_kind(catalog::v1::Location::WAREHOUSE);
  location.mutable_point()->set_latitude(46.7);
  location.mutable_point()->set_longitude(23.5);
  location.add_capabilities(catalog::v1::Location::SHIP);
  grpc::ClientContext context;
  catalog::v1::PutLocationsResponse response;
  const grpc::Status status = stub->PutLocations(&context, request, &response);
  QM_CHECK(status.ok()) << status.error_message();
  QM_CHECK(response.results(0).status().code() == 0) << response.results(0).status().message();
}

double RunOrders(const LoadOptions& options) {
  return RunSlots<PlaceSlot>(options, options.in_flight).requests;
}

}  // namespace quartermaster::bench
