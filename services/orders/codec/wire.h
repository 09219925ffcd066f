// Internal to the codec: each event to and from its stored message. FromWire returns false for a
// value out of its range.
#ifndef QUARTERMASTER_SERVICES_ORDERS_CODEC_WIRE_H_
#define QUARTERMASTER_SERVICES_ORDERS_CODEC_WIRE_H_

#include <tuple>
#include <variant>

#include "quartermaster/orders/events/v1/events.pb.h"
#include "services/orders/domain/events.h"

namespace quartermaster::orders {

namespace pb = quartermaster::orders::events::v1;

// In the order of the variant; the record type of the first is ORDER_PLACED, and so on.
using EventMessages =
    std::tuple<pb::OrderPlaced, pb::OrderRouted, pb::RoutingFailed, pb::RerouteRequested,
               pb::StockConfirmed, pb::StockConfirmFailed, pb::UnitsCarriedOut, pb::TaskCreated,
               pb::TaskAccepted, pb::TaskRejected, pb::TaskPicked, pb::TaskPacked, pb::TaskShipped,
               pb::TaskShippedLate, pb::PickupReady, pb::PickupCodeFailed, pb::TaskHandedOver,
               pb::UnitsCancelled, pb::StockSettled, pb::ReturnRequested, pb::ReturnReceived,
               pb::ReturnRestocked, pb::SaleRecorded, pb::ExceptionRaised, pb::ExceptionResolved,
               pb::CancelRequested, pb::SubjectErased, pb::BackorderReleased, pb::ParcelReported,
               pb::FulfilmentPolicySet, pb::PickupReminded, pb::PickupExpiring, pb::PickupExtended,
               pb::OrderHeld, pb::HoldEnded, pb::PaymentRecorded, pb::PaymentIntended,
               pb::PaymentIntentWithdrawn, pb::PickupProxySet, pb::OrderEdited, pb::SubjectUpdated,
               pb::ReturnInspected, pb::ReturnReclassified>;
static_assert(std::tuple_size_v<EventMessages> == std::variant_size_v<Event>);
static_assert(pb::RETURN_RECLASSIFIED - pb::ORDER_PLACED + 1 == std::variant_size_v<Event>);

void ToWire(const OrderPlaced& event, pb::OrderPlaced& message);
void ToWire(const OrderRouted& event, pb::OrderRouted& message);
void ToWire(const RoutingFailed& event, pb::RoutingFailed& message);
void ToWire(const RerouteRequested& event, pb::RerouteRequested& message);
void ToWire(const StockConfirmed& event, pb::StockConfirmed& message);
void ToWire(const StockConfirmFailed& event, pb::StockConfirmFailed& message);
void ToWire(const UnitsCarriedOut& event, pb::UnitsCarriedOut& message);
void ToWire(const TaskCreated& event, pb::TaskCreated& message);
void ToWire(const TaskAccepted& event, pb::TaskAccepted& message);
void ToWire(const TaskRejected& event, pb::TaskRejected& message);
void ToWire(const TaskPicked& event, pb::TaskPicked& message);
void ToWire(const TaskPacked& event, pb::TaskPacked& message);
void ToWire(const TaskShipped& event, pb::TaskShipped& message);
void ToWire(const TaskShippedLate& event, pb::TaskShippedLate& message);
void ToWire(const PickupReady& event, pb::PickupReady& message);
void ToWire(const PickupCodeFailed& event, pb::PickupCodeFailed& message);
void ToWire(const TaskHandedOver& event, pb::TaskHandedOver& message);
void ToWire(const UnitsCancelled& event, pb::UnitsCancelled& message);
void ToWire(const StockSettled& event, pb::StockSettled& message);
void ToWire(const ReturnRequested& event, pb::ReturnRequested& message);
void ToWire(const ReturnReceived& event, pb::ReturnReceived& message);
void ToWire(const ReturnRestocked& event, pb::ReturnRestocked& message);
void ToWire(const SaleRecorded& event, pb::SaleRecorded& message);
void ToWire(const ExceptionRaised& event, pb::ExceptionRaised& message);
void ToWire(const ExceptionResolved& event, pb::ExceptionResolved& message);
void ToWire(const CancelRequested& event, pb::CancelRequested& message);
void ToWire(const SubjectErased& event, pb::SubjectErased& message);
void ToWire(const BackorderReleased& event, pb::BackorderReleased& message);
void ToWire(const ParcelReported& event, pb::ParcelReported& message);
void ToWire(const FulfilmentPolicySet& event, pb::FulfilmentPolicySet& message);
void ToWire(const PickupReminded& event, pb::PickupReminded& message);
void ToWire(const PickupExpiring& event, pb::PickupExpiring& message);
void ToWire(const PickupExtended& event, pb::PickupExtended& message);
void ToWire(const OrderHeld& event, pb::OrderHeld& message);
void ToWire(const HoldEnded& event, pb::HoldEnded& message);
void ToWire(const PaymentRecorded& event, pb::PaymentRecorded& message);
void ToWire(const PaymentIntended& event, pb::PaymentIntended& message);
void ToWire(const PaymentIntentWithdrawn& event, pb::PaymentIntentWithdrawn& message);
void ToWire(const PickupProxySet& event, pb::PickupProxySet& message);
void ToWire(const OrderEdited& event, pb::OrderEdited& message);
void ToWire(const SubjectUpdated& event, pb::SubjectUpdated& message);
void ToWire(const ReturnInspected& event, pb::ReturnInspected& message);
void ToWire(const ReturnReclassified& event, pb::ReturnReclassified& message);

bool FromWire(const pb::OrderPlaced& message, OrderPlaced& event);
bool FromWire(const pb::OrderRouted& message, OrderRouted& event);
bool FromWire(const pb::RoutingFailed& message, RoutingFailed& event);
bool FromWire(const pb::RerouteRequested& message, RerouteRequested& event);
bool FromWire(const pb::StockConfirmed& message, StockConfirmed& event);
bool FromWire(const pb::StockConfirmFailed& message, StockConfirmFailed& event);
bool FromWire(const pb::UnitsCarriedOut& message, UnitsCarriedOut& event);
bool FromWire(const pb::TaskCreated& message, TaskCreated& event);
bool FromWire(const pb::TaskAccepted& message, TaskAccepted& event);
bool FromWire(const pb::TaskRejected& message, TaskRejected& event);
bool FromWire(const pb::TaskPicked& message, TaskPicked& event);
bool FromWire(const pb::TaskPacked& message, TaskPacked& event);
bool FromWire(const pb::TaskShipped& message, TaskShipped& event);
bool FromWire(const pb::TaskShippedLate& message, TaskShippedLate& event);
bool FromWire(const pb::PickupReady& message, PickupReady& event);
bool FromWire(const pb::PickupCodeFailed& message, PickupCodeFailed& event);
bool FromWire(const pb::TaskHandedOver& message, TaskHandedOver& event);
bool FromWire(const pb::UnitsCancelled& message, UnitsCancelled& event);
bool FromWire(const pb::StockSettled& message, StockSettled& event);
bool FromWire(const pb::ReturnRequested& message, ReturnRequested& event);
bool FromWire(const pb::ReturnReceived& message, ReturnReceived& event);
bool FromWire(const pb::ReturnRestocked& message, ReturnRestocked& event);
bool FromWire(const pb::SaleRecorded& message, SaleRecorded& event);
bool FromWire(const pb::ExceptionRaised& message, ExceptionRaised& event);
bool FromWire(const pb::ExceptionResolved& message, ExceptionResolved& event);
bool FromWire(const pb::CancelRequested& message, CancelRequested& event);
bool FromWire(const pb::SubjectErased& message, SubjectErased& event);
bool FromWire(const pb::BackorderReleased& message, BackorderReleased& event);
bool FromWire(const pb::ParcelReported& message, ParcelReported& event);
bool FromWire(const pb::FulfilmentPolicySet& message, FulfilmentPolicySet& event);
bool FromWire(const pb::PickupReminded& message, PickupReminded& event);
bool FromWire(const pb::PickupExpiring& message, PickupExpiring& event);
bool FromWire(const pb::PickupExtended& message, PickupExtended& event);
bool FromWire(const pb::OrderHeld& message, OrderHeld& event);
bool FromWire(const pb::HoldEnded& message, HoldEnded& event);
bool FromWire(const pb::PaymentRecorded& message, PaymentRecorded& event);
bool FromWire(const pb::PaymentIntended& message, PaymentIntended& event);
bool FromWire(const pb::PaymentIntentWithdrawn& message, PaymentIntentWithdrawn& event);
bool FromWire(const pb::PickupProxySet& message, PickupProxySet& event);
bool FromWire(const pb::OrderEdited& message, OrderEdited& event);
bool FromWire(const pb::SubjectUpdated& message, SubjectUpdated& event);
bool FromWire(const pb::ReturnInspected& message, ReturnInspected& event);
bool FromWire(const pb::ReturnReclassified& message, ReturnReclassified& event);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_CODEC_WIRE_H_
