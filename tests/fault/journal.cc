#include "tests/fault/journal.h"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/rpc/status.pb.h"

namespace quartermaster::crash {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using retail::Client;

template <typename Stub, typename Request, typename Response>
Method Unary(const char* name, Stub* (Client::*stub)(),
             grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*)) {
  return {name, Request::descriptor(), &Response::default_instance(),
          [stub, method](Client* client, grpc::ClientContext* context, const std::string& request,
                         std::string* response) {
            Response answer;
            const grpc::Status status =
                ((client->*stub)()->*method)(context, Parse<Request>(request), &answer);
            if (status.ok()) *response = answer.SerializeAsString();
            return status;
          }};
}

const std::vector<Method>& Methods() {
  using Stock = stock::v1::StockService::Stub;
  using Orders = orders::v1::OrderService::Stub;
  static const auto* const methods = new std::vector<Method>{
      Unary("Reserve", &Client::stock, &Stock::Reserve),
      Unary("UpdateReservation", &Client::stock, &Stock::UpdateReservation),
      Unary("ExtendReservation", &Client::stock, &Stock::ExtendReservation),
      Unary("ConfirmReservation", &Client::stock, &Stock::ConfirmReservation),
      Unary("ReleaseReservation", &Client::stock, &Stock::ReleaseReservation),
      Unary("FulfilReservation", &Client::stock, &Stock::FulfilReservation),
      Unary("AdjustStock", &Client::stock, &Stock::AdjustStock),
      Unary("PlaceOrder", &Client::orders, &Orders::PlaceOrder),
      Unary("CancelOrder", &Client::orders, &Orders::CancelOrder),
      Unary("AcceptTask", &Client::orders, &Orders::AcceptTask),
      Unary("RejectTask", &Client::orders, &Orders::RejectTask),
      Unary("PutBack", &Client::orders, &Orders::PutBack),
      Unary("RecordPick", &Client::orders, &Orders::RecordPick),
      Unary("PackTask", &Client::orders, &Orders::PackTask),
      Unary("RecordShipments", &Client::orders, &Orders::RecordShipments),
      Unary("MarkReadyForPickup", &Client::orders, &Orders::MarkReadyForPickup),
      Unary("HandOver", &Client::orders, &Orders::HandOver),
      Unary("RequestReturn", &Client::orders, &Orders::RequestReturn),
      Unary("ReceiveReturn", &Client::orders, &Orders::ReceiveReturn),
      Unary("RecordSales", &Client::orders, &Orders::RecordSales),
  };
  return *methods;
}

// The fields that never change, of the messages that are answered as they are now.
const std::set<std::string_view>* UnchangingFields(const Message& message) {
  static const auto* const order = new std::set<std::string_view>{
      "order_id", "channel_id", "external_id", "customer_ref", "groups", "lines", "create_time"};
  static const auto* const order_line =
      new std::set<std::string_view>{"line_id", "group_id", "sku", "unit_price", "ordered"};
  static const auto* const task = new std::set<std::string_view>{
      "task_id", "order_id", "location_id", "method", "lines", "create_time"};
  static const auto* const task_line = new std::set<std::string_view>{"line_id", "sku", "quantity"};
  static const auto* const item = new std::set<std::string_view>{"return_id", "order_id"};
  static const auto* const placed = new std::set<std::string_view>{"order", "dropped_lines"};
  const auto* const type = message.GetDescriptor();
  if (type == orders::v1::Order::descriptor()) return order;
  if (type == orders::v1::Order::Line::descriptor()) return order_line;
  if (type == orders::v1::Task::descriptor()) return task;
  if (type == orders::v1::Task::Line::descriptor()) return task_line;
  if (type == orders::v1::Return::descriptor()) return item;
  if (type == orders::v1::PlaceOrderResponse::descriptor()) return placed;
  return nullptr;
}

void KeepUnchanging(Message* message) {
  const auto* const reflection = message->GetReflection();
  const auto* const kept = UnchangingFields(*message);
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (kept != nullptr && !kept->contains(field->name())) {
      reflection->ClearField(message, field);
    } else if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map()) {
      continue;
    } else if (!field->is_repeated()) {
      KeepUnchanging(reflection->MutableMessage(message, field));
    } else {
      for (int i = 0; i < reflection->FieldSize(*message, field); ++i) {
        KeepUnchanging(reflection->MutableRepeatedMessage(message, field, i));
      }
    }
  }
}

// Messages that are equal as bytes are equal; a map's entries may come in any order.
std::string Compare(const Message& first, const Message& again) {
  std::string differences;
  google::protobuf::util::MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&differences);
  if (differencer.Compare(first, again)) return "";
  std::replace(differences.begin(), differences.end(), '\n', ' ');
  return differences;
}

}  // namespace

const Method& MethodOf(const google::protobuf::Descriptor* request) {
  for (const Method& method : Methods()) {
    if (method.request == request) return method;
  }
  QM_CHECK(false) << "no method takes " << request->full_name();
  return Methods()[0];
}

bool IsAnswer(const grpc::Status& status) {
  return status.error_code() != grpc::StatusCode::UNAVAILABLE &&
         status.error_code() != grpc::StatusCode::DEADLINE_EXCEEDED &&
         status.error_code() != grpc::StatusCode::RESOURCE_EXHAUSTED;
}

bool SendOnce(Client* client, const Exchange& exchange, Micros timeout, Answer* answer) {
  std::string response;
  const grpc::Status status = client->Once(timeout, [&](grpc::ClientContext* context) {
    return exchange.method->call(client, context, exchange.request, &response);
  });
  if (!IsAnswer(status)) return false;
  *answer = {status.error_code(), status.error_message(), status.error_details(),
             std::move(response)};
  return true;
}

common::v1::ErrorReason ReasonOf(const Answer& answer) {
  return retail::ReasonOf(grpc::Status(answer.code, answer.message, answer.details));
}

std::string Describe(const Answer& answer) {
  if (answer.code == grpc::StatusCode::OK) return "OK";
  return absl::StrCat("status ", static_cast<int>(answer.code), ", ",
                      common::v1::ErrorReason_Name(ReasonOf(answer)), ", ", answer.message);
}

std::string Difference(const Method& method, const Answer& first, const Answer& again) {
  if (first.code != again.code || first.message != again.message) {
    return absl::StrCat("first ", Describe(first), "; again ", Describe(again));
  }
  if (first.details != again.details) {
    const std::string differences = Compare(Parse<google::rpc::Status>(first.details),
                                            Parse<google::rpc::Status>(again.details));
    if (!differences.empty()) return differences;
  }
  if (first.response == again.response) return "";
  const std::unique_ptr<Message> a(method.response->New());
  const std::unique_ptr<Message> b(method.response->New());
  QM_CHECK(a->ParseFromString(first.response) && b->ParseFromString(again.response));
  KeepUnchanging(a.get());
  KeepUnchanging(b.get());
  return Compare(*a, *b);
}

}  // namespace quartermaster::crash
