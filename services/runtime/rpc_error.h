// RpcError: why a request was refused, as a value; and the one place where it becomes a gRPC
// status. The status code follows from the reason (the table in rpc_error.cc says what the comments
// of common.proto say), so a caller never chooses one.
//
//   if (const auto error = Check(*request)) return reactor->Finish(ToGrpcStatus(*error));
//   ...
//   RpcError error(common::v1::RESERVATION_EXPIRED, "the hold ended at 12:00:05Z");
//   error.SetResource("reservation", reservation_id);
//   error.AddMetadata("state", "EXPIRED");
//   return ToGrpcStatus(error);
//
// Messages and details are for developers and logs; they hold ids, numbers and field names, never
// personal data or a value that a caller sent as text.
#ifndef QUARTERMASTER_SERVICES_RUNTIME_RPC_ERROR_H_
#define QUARTERMASTER_SERVICES_RUNTIME_RPC_ERROR_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "quartermaster/common/v1/common.pb.h"
#include "services/base/time.h"
#include "services/engine/submission.h"

namespace grpc {
class Status;
}
namespace google::rpc {
class Status;
}

namespace quartermaster::runtime {

using common::v1::ErrorReason;

// The ErrorInfo.domain of every error of ours.
inline constexpr std::string_view kErrorDomain = "quartermaster";

// A status travels in HTTP/2 trailers, of which a gRPC client accepts 8 KiB by default. What is
// longer is cut: the message here, details by dropping their last entries (short lines, field
// violations), which ErrorInfo metadata then shows as "details_dropped".
inline constexpr size_t kErrorMessageBytesMax = 512;
inline constexpr size_t kErrorDetailsBytesMax = 4'096;

struct FieldViolation {
  // The path in the request: "lines[3].quantity".
  std::string field;
  std::string description;
};

struct ErrorDetails {
  std::vector<FieldViolation> fields;
  std::optional<common::v1::InsufficientStock> insufficient_stock;
  std::optional<common::v1::ExpectationFailed> expectation_failed;
  std::optional<Micros> retry_after;
  // What the error is about: "reservation" and its id.
  std::string resource_type;
  std::string resource_name;
  // Of ErrorInfo: "state" and "allowed", "resume".
  std::vector<std::pair<std::string, std::string>> metadata;
};

// A copyable value. Costs one string until a detail is added. Not thread-safe.
class RpcError {
 public:
  RpcError(ErrorReason reason, std::string message)
      : reason_(reason), message_(std::move(message)) {}
  RpcError(RpcError&&) = default;
  RpcError& operator=(RpcError&&) = default;
  RpcError(const RpcError& other);
  RpcError& operator=(const RpcError& other);

  ErrorReason reason() const { return reason_; }
  const std::string& message() const { return message_; }
  // The gRPC status code, by the reason's table entry. The numbers of absl and gRPC agree.
  absl::StatusCode code() const;
  // An empty one when nothing was added.
  const ErrorDetails& details() const;
  ErrorDetails& mutable_details();

  // Each returns *this, so that an error can be built in one expression.
  RpcError& AddField(std::string field, std::string description);
  RpcError& AddMetadata(std::string key, std::string value);
  RpcError& SetResource(std::string type, std::string name);
  RpcError& SetRetryAfter(Micros delay);
  RpcError& SetExpectation(int64_t expected, int64_t actual);
  RpcError& SetInsufficientStock(common::v1::InsufficientStock shortage);

 private:
  ErrorReason reason_;
  std::string message_;
  std::unique_ptr<ErrorDetails> details_;
};

// The status code of a reason; kUnknown for ERROR_REASON_UNSPECIFIED and for numbers that are none.
absl::StatusCode StatusCodeOf(ErrorReason reason);
// False for a number that the table lacks.
bool HasStatusCode(ErrorReason reason);

// INVALID_FIELD naming one field.
RpcError InvalidField(std::string field, std::string description);
// One of the *_NOT_FOUND reasons: NotFound(RESERVATION_NOT_FOUND, "reservation", id).
RpcError NotFound(ErrorReason reason, std::string resource_type, std::string name);
// The state does not allow it. `allowed` lists the states that would, comma separated.
RpcError IllegalTransition(std::string resource_type, std::string name, std::string state,
                           std::string allowed);
// The queue is full: retry after the delay, with the same request id.
RpcError Overloaded(Micros retry_after = Milliseconds(100));
// This process does not serve (yet, or any more): retry with the same request id.
RpcError NotServing();
// A service that the request depends on did not answer: "stock".
RpcError PeerUnavailable(std::string_view peer);
// A defect of ours. `context` says where, without data of the request; `cause`, if there is one,
// what went wrong there.
RpcError InternalDefect(std::string_view context, const absl::Status& cause = absl::OkStatus());
// For the fates that carry no result: kRequestIdReused, kDeadlinePassed, kTooLarge, kNotServing,
// kQueueFull. Any other is a defect and becomes INTERNAL_DEFECT.
RpcError FateError(engine::Fate fate);

grpc::Status ToGrpcStatus(const RpcError& error);
// For answers per item inside a response.
google::rpc::Status ToRpcStatus(const RpcError& error);

// For clients: what the other side meant. `status` must not be OK. A status without our ErrorInfo
// (the transport's own, or a proxy's) is translated by its code: UNAVAILABLE, DEADLINE_EXCEEDED and
// CANCELLED become PEER_UNAVAILABLE (the outcome is not known: retry with the same request id),
// RESOURCE_EXHAUSTED becomes OVERLOADED, INVALID_ARGUMENT becomes INVALID_FIELD, everything else
// INTERNAL_DEFECT. A reason that this binary does not know is translated like that too, its name in
// the metadata as "reason".
RpcError FromGrpcStatus(const grpc::Status& status);
RpcError FromRpcStatus(const google::rpc::Status& status);

}  // namespace quartermaster::runtime

#endif  // QUARTERMASTER_SERVICES_RUNTIME_RPC_ERROR_H_
