#include "tools/retail/loader.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>

#include "absl/strings/str_cat.h"
#include "services/base/status_macros.h"
#include "tools/retail/clock.h"

namespace quartermaster::retail {
namespace {

using catalog::v1::Location;

constexpr int kBatch = 500;

absl::Status Failed(const char* what, const grpc::Status& status) {
  return absl::UnknownError(absl::StrCat(what, ": ", status.error_message(), " (",
                                         common::v1::ErrorReason_Name(ReasonOf(status)), ")"));
}

void FillLocation(const Place& place, Location* location) {
  location->set_location_id(place.id);
  location->set_title(place.title);
  location->set_kind(place.warehouse ? Location::WAREHOUSE : Location::STORE);
  location->mutable_point()->set_latitude(place.point.latitude);
  location->mutable_point()->set_longitude(place.point.longitude);
  location->set_time_zone(place.time_zone);
  if (place.ship) location->add_capabilities(Location::SHIP);
  if (place.pickup) location->add_capabilities(Location::PICKUP);
  if (place.takes_returns) location->add_capabilities(Location::RETURN);
  if (place.till) location->add_capabilities(Location::TILL);
}

void FillItem(const Item& from, catalog::v1::Item* item) {
  item->set_sku(from.sku);
  item->set_title(from.title);
  item->set_base_unit(from.base_unit);
  item->set_quantity_scale(from.quantity_scale);
  for (const std::string& gtin : from.gtins) item->add_gtins(gtin);
  item->set_weight_g(from.weight_g);
  item->set_handling_class(from.handling_class);
  item->set_returnable(from.returnable);
  item->set_online(from.online);
  item->set_status(catalog::v1::Item::ACTIVE);
}

template <typename Results>
absl::Status AllWritten(const char* what, const Results& results) {
  for (const auto& result : results) {
    if (result.status().code() != 0) {
      return absl::InvalidArgumentError(absl::StrCat(what, ": ", result.status().message()));
    }
  }
  return absl::OkStatus();
}

absl::Status PutLocations(const Shop& shop, Client* client) {
  const std::vector<Place>& places = shop.world().places;
  for (size_t first = 0; first < places.size(); first += kBatch) {
    catalog::v1::PutLocationsRequest request;
    catalog::v1::PutLocationsResponse response;
    request.set_request_id(shop.RequestId("locations", static_cast<int64_t>(first)));
    for (size_t i = first; i < std::min(first + kBatch, places.size()); ++i) {
      FillLocation(places[i], request.add_locations());
    }
    const grpc::Status status = client->Call(CallKind::kOther, [&](grpc::ClientContext* context) {
      return client->catalog()->PutLocations(context, request, &response);
    });
    if (!status.ok()) return Failed("PutLocations", status);
    QM_RETURN_IF_ERROR(AllWritten("PutLocations", response.results()));
  }
  for (size_t i = 0; i < places.size(); ++i) {
    if (!places[i].paused) continue;
    catalog::v1::PauseLocationRequest request;
    Location answer;
    request.set_request_id(shop.RequestId("pause", static_cast<int64_t>(i)));
    request.set_location_id(places[i].id);
    request.set_paused(true);
    const grpc::Status status = client->Call(CallKind::kOther, [&](grpc::ClientContext* context) {
      return client->catalog()->PauseLocation(context, request, &answer);
    });
    if (!status.ok()) return Failed("PauseLocation", status);
  }
  return absl::OkStatus();
}

absl::Status SetPool(const Shop& shop, Client* client, const char* pool, bool warehouses_only) {
  stock::v1::SetPoolRequest request;
  stock::v1::Pool answer;
  request.set_request_id(shop.RequestId(pool, 0));
  request.set_pool_id(pool);
  for (const Place& place : shop.world().places) {
    if (place.online() && (place.warehouse || !warehouses_only)) {
      request.add_location_ids(place.id);
    }
  }
  const grpc::Status status = client->Call(CallKind::kOther, [&](grpc::ClientContext* context) {
    return client->stock()->SetPool(context, request, &answer);
  });
  return status.ok() ? absl::OkStatus() : Failed("SetPool", status);
}

// One delivery: a batch of supply with one effect key per row.
absl::Status Receive(Shop* shop, Client* client, const std::vector<Supply>& supplies,
                     size_t first) {
  stock::v1::AdjustStockRequest request;
  stock::v1::AdjustStockResponse response;
  request.set_request_id(shop->RequestId("delivery", static_cast<int64_t>(first)));
  const size_t end = std::min(first + kBatch, supplies.size());
  for (size_t i = first; i < end; ++i) {
    const Supply& supply = supplies[i];
    stock::v1::Adjustment* adjustment = request.add_adjustments();
    adjustment->set_sku(shop->world().items[supply.item].sku);
    adjustment->set_location_id(shop->world().places[supply.place].id);
    adjustment->set_kind(stock::v1::Adjustment::RECEIVED);
    adjustment->set_delta(supply.quantity);
    adjustment->set_condition(stock::v1::Adjustment::SELLABLE);
    adjustment->set_effect_key(shop->RequestId("receipt", static_cast<int64_t>(i)));
    if (shop->world().places[supply.place].online()) {
      shop->books.SupplySent(supply.item, supply.quantity);
    }
  }
  const grpc::Status status = client->Call(CallKind::kOther, [&](grpc::ClientContext* context) {
    return client->stock()->AdjustStock(context, request, &response);
  });
  if (!status.ok()) return Failed("AdjustStock", status);
  QM_RETURN_IF_ERROR(AllWritten("AdjustStock", response.results()));
  for (size_t i = first; i < end; ++i) {
    const Supply& supply = supplies[i];
    shop->records.AddAtKey(supply.item, supply.place, &KeyRecord::received, supply.quantity);
    if (shop->world().places[supply.place].online()) {
      shop->books.SupplyArrived(supply.item, supply.place, supply.quantity);
    } else {
      shop->shelves.Add(supply.item, supply.place, supply.quantity);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status AwaitServer(Client* client, Micros timeout) {
  const Instant until = WallClock() + timeout;
  grpc::Status status;
  while (WallClock() < until) {
    catalog::v1::ListLocationsRequest request;
    catalog::v1::ListLocationsResponse response;
    request.set_page_size(1);
    status = client->Once(Seconds(2), [&](grpc::ClientContext* context) {
      return client->catalog()->ListLocations(context, request, &response);
    });
    if (status.ok()) return absl::OkStatus();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return absl::UnavailableError(absl::StrCat("no server answers: ", status.error_message()));
}

absl::Status RequireEmpty(Client* client) {
  catalog::v1::ListLocationsRequest request;
  catalog::v1::ListLocationsResponse response;
  request.set_page_size(1);
  const grpc::Status status = client->Call(CallKind::kOther, [&](grpc::ClientContext* context) {
    return client->catalog()->ListLocations(context, request, &response);
  });
  if (!status.ok()) return Failed("ListLocations", status);
  if (response.locations_size() > 0) {
    return absl::FailedPreconditionError(
        "the server has data already; give the demo a data directory of its own");
  }
  return absl::OkStatus();
}

absl::Status LoadCatalog(const Shop& shop, Client* client) {
  QM_RETURN_IF_ERROR(PutLocations(shop, client));
  const std::vector<Item>& items = shop.world().items;
  for (size_t first = 0; first < items.size(); first += kBatch) {
    catalog::v1::PutItemsRequest request;
    catalog::v1::PutItemsResponse response;
    request.set_request_id(shop.RequestId("items", static_cast<int64_t>(first)));
    for (size_t i = first; i < std::min(first + kBatch, items.size()); ++i) {
      FillItem(items[i], request.add_items());
    }
    const grpc::Status status = client->Call(CallKind::kOther, [&](grpc::ClientContext* context) {
      return client->catalog()->PutItems(context, request, &response);
    });
    if (!status.ok()) return Failed("PutItems", status);
    QM_RETURN_IF_ERROR(AllWritten("PutItems", response.results()));
  }
  return absl::OkStatus();
}

absl::Status SetPools(const Shop& shop, Client* client) {
  QM_RETURN_IF_ERROR(SetPool(shop, client, kWebPool, false));
  return SetPool(shop, client, kWarehousePool, true);
}

absl::Status ReceiveStock(Shop* shop, const tools::AddressBook& addresses,
                          const std::vector<Supply>& supplies, int threads) {
  std::atomic<size_t> next = 0;
  Mutex mutex;
  absl::Status first_error;
  std::vector<std::thread> workers;
  for (int t = 0; t < threads; ++t) {
    workers.emplace_back([&, t] {
      Client client(addresses, &shop->calls, shop->seed() + t);
      while (true) {
        const size_t first = next.fetch_add(kBatch);
        if (first >= supplies.size()) return;
        const absl::Status status = Receive(shop, &client, supplies, first);
        if (status.ok()) continue;
        MutexLock lock(&mutex);
        if (first_error.ok()) first_error = status;
        next = supplies.size();
        return;
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  return first_error;
}

}  // namespace quartermaster::retail
