// The domain -> the messages of the API (quartermaster.orders.v1).
//
//   *response.mutable_order() = ToMessage(order, view_position);
#ifndef QUARTERMASTER_SERVICES_ORDERS_CODEC_MESSAGES_H_
#define QUARTERMASTER_SERVICES_ORDERS_CODEC_MESSAGES_H_

#include <string>

#include "quartermaster/orders/v1/orders.pb.h"
#include "services/orders/domain/commands.h"
#include "services/orders/domain/state.h"

namespace quartermaster::orders {

// `position` is what the answer is an exact cut at; written as the API's token.
v1::Order ToMessage(const Order& order, Position position);
v1::Payment ToMessage(const Payment& payment);
v1::PaymentIntent ToMessage(const Order& order, const PaymentIntent& intent);
v1::Task ToMessage(const Order& order, const Task& task, Position position);
v1::Parcel ToMessage(const Order& order, const Parcel& parcel);
// `order` is null for an unmatched return.
v1::Return ToMessage(const Order* order, const Return& item, Position position);
v1::ExceptionItem ToMessage(const ExceptionItem& item);
// All of it, what is the built-in policy's too.
v1::FulfilmentPolicy ToMessage(const SetPolicy& set);
common::v1::InsufficientStock::ShortLine ToMessage(const DroppedLine& line);
common::v1::Attribution ToMessage(const Attribution& attribution);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_CODEC_MESSAGES_H_
