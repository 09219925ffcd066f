// Journal: what one client has sent and what it was answered, by the byte. All that the checker
// believes follows from journals; it knows nothing of the clients.
//
//   Journal journal;
//   Exchange& exchange = journal.emplace_back(ExchangeOf(request));
//   Answer answer;
//   if (SendOnce(&client, exchange, Seconds(1), &answer)) exchange.answer = answer;
#ifndef QUARTERMASTER_TESTS_FAULT_JOURNAL_H_
#define QUARTERMASTER_TESTS_FAULT_JOURNAL_H_

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "services/base/check.h"
#include "services/base/time.h"
#include "tools/retail/client.h"

namespace quartermaster::crash {

// What a request was answered: never a failure of the transport.
struct Answer {
  grpc::StatusCode code = grpc::StatusCode::OK;
  std::string message;
  // A serialized google.rpc.Status; empty if there is none.
  std::string details;
  // A serialized response; empty unless the code is OK.
  std::string response;
};

// A method of the API that changes something. Immutable; there is one of each.
struct Method {
  const char* name = "";
  // No two methods share a request type.
  const google::protobuf::Descriptor* request = nullptr;
  const google::protobuf::Message* response = nullptr;
  std::function<grpc::Status(retail::Client*, grpc::ClientContext*, const std::string& request,
                             std::string* response)>
      call;
};

// The method that takes this type of request. CHECKs that there is one.
const Method& MethodOf(const google::protobuf::Descriptor* request);

struct Exchange {
  const Method* method = nullptr;
  std::string request_id;
  // Serialized; every attempt sends these bytes.
  std::string request;
  Instant sent;
  // Unset: nobody knows whether it had its effect.
  std::optional<Answer> answer;
  Instant answered;

  bool accepted() const { return answer && answer->code == grpc::StatusCode::OK; }
  template <typename Request>
  bool Is() const {
    return method->request == Request::descriptor();
  }
};

// One client's exchanges in the order in which they began. What a client does next to a thing
// follows the answer to what it did before: after a lost answer it leaves that thing alone. So the
// order of a journal is that of the effects on each thing.
using Journal = std::deque<Exchange>;

template <typename Request>
Exchange ExchangeOf(const Request& request) {
  Exchange exchange;
  exchange.method = &MethodOf(Request::descriptor());
  exchange.request_id = request.request_id();
  exchange.request = request.SerializeAsString();
  return exchange;
}

template <typename Message>
Message Parse(const std::string& bytes) {
  Message message;
  QM_CHECK(message.ParseFromString(bytes));
  return message;
}

// True if the status is the service's word on a request, and not that it, or one that it depends
// on, could not be asked.
bool IsAnswer(const grpc::Status& status);

// Sends once; false if there was no answer within `timeout`.
bool SendOnce(retail::Client* client, const Exchange& exchange, Micros timeout, Answer* answer);

// Of a refusal: its typed reason; UNSPECIFIED if it has none.
common::v1::ErrorReason ReasonOf(const Answer& answer);
// For messages: "OK" or the code, the reason and the message.
std::string Describe(const Answer& answer);

// What an answer differs in from the first one to the same request; empty if it is the same.
//
// It is the same byte for byte, with these exceptions, all in orders: an order, a task and a return
// are answered as they are now, so that only what never changes of them is compared, and PENDING
// may have become PLACED.
std::string Difference(const Method& method, const Answer& first, const Answer& again);

}  // namespace quartermaster::crash

#endif  // QUARTERMASTER_TESTS_FAULT_JOURNAL_H_
