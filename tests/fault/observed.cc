#include "tests/fault/observed.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "services/base/status_macros.h"
#include "tools/retail/clock.h"

namespace quartermaster::crash {
namespace {

constexpr Micros kTimeout = Seconds(10);
constexpr int kPageSize = 1000;

absl::Status Failed(const char* what, const grpc::Status& status) {
  return absl::UnavailableError(absl::StrCat(what, ": ", status.error_message()));
}

// Calls `list` page by page until there is no more; `take` takes the response.
template <typename Request, typename Response, typename Call, typename Take>
absl::Status AllPages(const char* what, retail::Client* client, Request request, Call call,
                      Take take) {
  request.set_page_size(kPageSize);
  do {
    Response response;
    const grpc::Status status = client->Once(
        kTimeout, [&](grpc::ClientContext* context) { return call(context, request, &response); });
    if (!status.ok()) return Failed(what, status);
    take(response);
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

absl::Status ReadStock(const retail::World& world, retail::Client* client, Observed* observed) {
  stock::v1::GetAvailabilityRequest request;
  stock::v1::GetAvailabilityResponse response;
  for (const retail::Item& item : world.items) {
    for (const retail::Place& place : world.places) {
      auto* const key = request.add_keys();
      key->set_sku(item.sku);
      key->set_location_id(place.id);
    }
  }
  const grpc::Status status = client->Once(kTimeout, [&](grpc::ClientContext* context) {
    return client->stock()->GetAvailability(context, request, &response);
  });
  if (!status.ok()) return Failed("GetAvailability", status);
  for (const auto& one : response.availabilities()) {
    observed->stock[{one.key().sku(), one.key().location_id()}] = one;
  }
  return absl::OkStatus();
}

absl::Status ReadReturns(const Expected& expected, retail::Client* client, Observed* observed) {
  for (const auto& [id, item] : expected.returns) {
    orders::v1::GetReturnRequest request;
    orders::v1::Return response;
    request.set_return_id(id);
    const grpc::Status status = client->Once(kTimeout, [&](grpc::ClientContext* context) {
      return client->orders()->GetReturn(context, request, &response);
    });
    if (status.ok()) {
      observed->returns[id] = std::move(response);
    } else if (status.error_code() != grpc::StatusCode::NOT_FOUND) {
      return Failed("GetReturn", status);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Observed> Observe(const retail::World& world, const Expected& expected,
                                 retail::Client* client) {
  Observed observed;
  observed.from = retail::WallClock();
  QM_RETURN_IF_ERROR(
      (AllPages<stock::v1::ListReservationsRequest, stock::v1::ListReservationsResponse>(
          "ListReservations", client, {},
          [&](auto* context, const auto& request, auto* response) {
            return client->stock()->ListReservations(context, request, response);
          },
          [&](auto& response) {
            for (auto& one : *response.mutable_reservations()) {
              const std::string id = one.reservation_id();
              observed.reservations[id] = std::move(one);
            }
          })));
  QM_RETURN_IF_ERROR(ReadStock(world, client, &observed));
  QM_RETURN_IF_ERROR((AllPages<orders::v1::ListOrdersRequest, orders::v1::ListOrdersResponse>(
      "ListOrders", client, {},
      [&](auto* context, const auto& request, auto* response) {
        return client->orders()->ListOrders(context, request, response);
      },
      [&](auto& response) {
        for (auto& one : *response.mutable_orders()) {
          const std::string id = one.order_id();
          observed.orders[id] = std::move(one);
        }
      })));
  QM_RETURN_IF_ERROR(
      (AllPages<orders::v1::ListExceptionsRequest, orders::v1::ListExceptionsResponse>(
          "ListExceptions", client, {},
          [&](auto* context, const auto& request, auto* response) {
            return client->orders()->ListExceptions(context, request, response);
          },
          [&](auto& response) {
            for (auto& one : *response.mutable_exceptions()) {
              observed.exceptions.push_back(std::move(one));
            }
          })));
  QM_RETURN_IF_ERROR(ReadReturns(expected, client, &observed));
  observed.until = retail::WallClock();
  return observed;
}

}  // namespace quartermaster::crash
