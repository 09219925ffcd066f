#include "services/orders/domain/events.h"

#include <array>
#include <type_traits>

namespace quartermaster::orders {

namespace {

// In the order of the variant.
constexpr std::array<std::string_view, std::variant_size_v<Event>> kNames = {
    "OrderPlaced",       "OrderRouted",
    "RoutingFailed",     "RerouteRequested",
    "StockConfirmed",    "StockConfirmFailed",
    "UnitsCarriedOut",   "TaskCreated",
    "TaskAccepted",      "TaskRejected",
    "TaskPicked",        "TaskPacked",
    "TaskShipped",       "TaskShippedLate",
    "PickupReady",       "PickupCodeFailed",
    "TaskHandedOver",    "UnitsCancelled",
    "StockSettled",      "ReturnRequested",
    "ReturnReceived",    "ReturnRestocked",
    "SaleRecorded",      "ExceptionRaised",
    "ExceptionResolved", "CancelRequested",
    "SubjectErased",     "BackorderReleased",
    "ParcelReported",    "FulfilmentPolicySet",
    "PickupReminded",    "PickupExpiring",
    "PickupExtended",    "OrderHeld",
    "HoldEnded",         "PaymentRecorded",
    "PaymentIntended",   "PaymentIntentWithdrawn",
    "PickupProxySet",    "OrderEdited",
    "SubjectUpdated",    "ReturnInspected",
    "ReturnReclassified"};

template <typename T>
concept HasOrderId = requires(const T& event) {
  event.order_id;
};
template <typename T>
concept HasReturnId = requires(const T& event) {
  event.return_id;
};
template <typename T>
concept HasAttribution = requires(const T& event) {
  event.attribution;
};

}  // namespace

std::string_view OrderIdOf(const Event& event) {
  return std::visit(
      [](const auto& e) {
        if constexpr (HasOrderId<std::decay_t<decltype(e)>>) {
          return std::string_view(e.order_id);
        } else {
          return std::string_view();
        }
      },
      event);
}

std::string_view ReturnIdOf(const Event& event) {
  return std::visit(
      [](const auto& e) {
        if constexpr (HasReturnId<std::decay_t<decltype(e)>>) {
          return std::string_view(e.return_id);
        } else {
          return std::string_view();
        }
      },
      event);
}

std::string_view NameOf(const Event& event) { return kNames[event.index()]; }

const Attribution* AttributionOf(const Event& event) {
  return std::visit(
      [](const auto& e) -> const Attribution* {
        if constexpr (HasAttribution<std::decay_t<decltype(e)>>) {
          return &e.attribution;
        } else {
          return nullptr;
        }
      },
      event);
}

}  // namespace quartermaster::orders
