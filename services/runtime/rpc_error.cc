#include "services/runtime/rpc_error.h"

#include <google/protobuf/any.pb.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/error_info.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/support/status.h>

#include <array>
#include <cstdint>

#include "absl/strings/str_cat.h"

namespace quartermaster::runtime {
namespace {

using absl::StatusCode;

struct ReasonCode {
  ErrorReason reason;
  StatusCode code;
};

// The one table: what the comments of ErrorReason in common.proto say.
constexpr ReasonCode kReasonCodes[] = {
    {common::v1::ERROR_REASON_UNSPECIFIED, StatusCode::kUnknown},
    {common::v1::INVALID_FIELD, StatusCode::kInvalidArgument},
    {common::v1::REQUEST_ID_REUSED, StatusCode::kAlreadyExists},
    {common::v1::OVERLOADED, StatusCode::kResourceExhausted},
    {common::v1::DEADLINE_PASSED, StatusCode::kDeadlineExceeded},
    {common::v1::NOT_SERVING, StatusCode::kUnavailable},
    {common::v1::PEER_UNAVAILABLE, StatusCode::kUnavailable},
    {common::v1::INTERNAL_DEFECT, StatusCode::kInternal},
    {common::v1::REQUEST_TOO_LARGE, StatusCode::kOutOfRange},
    {common::v1::ITEM_NOT_FOUND, StatusCode::kNotFound},
    {common::v1::LOCATION_NOT_FOUND, StatusCode::kNotFound},
    {common::v1::POOL_NOT_FOUND, StatusCode::kNotFound},
    {common::v1::RESERVATION_NOT_FOUND, StatusCode::kNotFound},
    {common::v1::ORDER_NOT_FOUND, StatusCode::kNotFound},
    {common::v1::TASK_NOT_FOUND, StatusCode::kNotFound},
    {common::v1::RETURN_NOT_FOUND, StatusCode::kNotFound},
    {common::v1::DECISION_NOT_FOUND, StatusCode::kNotFound},
    {common::v1::EXCEPTION_NOT_FOUND, StatusCode::kNotFound},
    {common::v1::LINE_NOT_FOUND, StatusCode::kNotFound},
    {common::v1::SUBJECT_NOT_FOUND, StatusCode::kNotFound},
    {common::v1::INSUFFICIENT_STOCK, StatusCode::kFailedPrecondition},
    {common::v1::RESERVATION_EXPIRED, StatusCode::kFailedPrecondition},
    {common::v1::RESERVATION_RELEASED, StatusCode::kFailedPrecondition},
    {common::v1::RESERVATION_REPLACED, StatusCode::kFailedPrecondition},
    {common::v1::RESERVATION_ALREADY_CONFIRMED, StatusCode::kFailedPrecondition},
    {common::v1::RESERVATION_FULFILLED, StatusCode::kFailedPrecondition},
    {common::v1::QUANTITY_EXCEEDS_OPEN, StatusCode::kFailedPrecondition},
    {common::v1::EXPECTATION_FAILED, StatusCode::kFailedPrecondition},
    {common::v1::EFFECT_KEY_REUSED, StatusCode::kAlreadyExists},
    {common::v1::LOCATION_NOT_ELIGIBLE, StatusCode::kFailedPrecondition},
    {common::v1::NO_PLAN, StatusCode::kFailedPrecondition},
    {common::v1::ITEM_NOT_ELIGIBLE, StatusCode::kFailedPrecondition},
    {common::v1::CAP_EXCEEDED, StatusCode::kFailedPrecondition},
    {common::v1::CUSTOMER_CAP_EXCEEDED, StatusCode::kFailedPrecondition},
    {common::v1::SOURCE_NOT_FOUND, StatusCode::kNotFound},
    {common::v1::COUNT_NOT_FOUND, StatusCode::kNotFound},
    {common::v1::CHANNEL_NOT_FOUND, StatusCode::kNotFound},
    {common::v1::KIT_NOT_FOUND, StatusCode::kNotFound},
    {common::v1::QUANTITY_EXCEEDS_CONDITION, StatusCode::kFailedPrecondition},
    {common::v1::MESSAGE_REUSED, StatusCode::kAlreadyExists},
    {common::v1::COUNT_REUSED, StatusCode::kAlreadyExists},
    {common::v1::TOO_MANY_COUNTS, StatusCode::kFailedPrecondition},
    {common::v1::COUNT_ABANDONED, StatusCode::kFailedPrecondition},
    {common::v1::COUNT_TOO_OLD, StatusCode::kFailedPrecondition},
    {common::v1::PARCEL_NOT_FOUND, StatusCode::kNotFound},
    {common::v1::HOLD_NOT_FOUND, StatusCode::kNotFound},
    {common::v1::ORDER_ON_HOLD, StatusCode::kFailedPrecondition},
    {common::v1::GROUP_NOT_FOUND, StatusCode::kNotFound},
    {common::v1::INTENT_NOT_FOUND, StatusCode::kNotFound},
    {common::v1::CURRENCY_MISMATCH, StatusCode::kInvalidArgument},
    {common::v1::TOO_MANY_PAYMENTS, StatusCode::kResourceExhausted},
    {common::v1::TRANSFER_NOT_FOUND, StatusCode::kNotFound},
    {common::v1::TRANSFER_REUSED, StatusCode::kAlreadyExists},
    {common::v1::SUPPLY_NOT_FOUND, StatusCode::kNotFound},
    {common::v1::SUPPLY_REUSED, StatusCode::kAlreadyExists},
    {common::v1::ILLEGAL_TRANSITION, StatusCode::kFailedPrecondition},
    {common::v1::PICKUP_CODE_WRONG, StatusCode::kFailedPrecondition},
    {common::v1::QUANTITY_EXCEEDS_SOLD, StatusCode::kFailedPrecondition},
    {common::v1::EXTERNAL_ID_REUSED, StatusCode::kAlreadyExists},
    {common::v1::HOLD_TOO_SHORT, StatusCode::kFailedPrecondition},
    {common::v1::ETAG_MISMATCH, StatusCode::kAborted},
    {common::v1::KIT_INVALID, StatusCode::kFailedPrecondition},
    {common::v1::SKU_HAS_STOCK, StatusCode::kFailedPrecondition},
    {common::v1::KIT_HAS_NO_STOCK, StatusCode::kFailedPrecondition},
    {common::v1::GROUP_TORN_APART, StatusCode::kFailedPrecondition},
    {common::v1::PICKUP_CODE_LOCKED, StatusCode::kPermissionDenied},
    {common::v1::POSITION_OUT_OF_RANGE, StatusCode::kOutOfRange},
    {common::v1::READER_TOO_SLOW, StatusCode::kOutOfRange},
    {common::v1::PAGE_TOKEN_INVALID, StatusCode::kInvalidArgument},
    {common::v1::PARTITION_FENCED, StatusCode::kAborted},
    {common::v1::PARTITION_NOT_FOUND, StatusCode::kNotFound},
    {common::v1::LOG_DAMAGED, StatusCode::kDataLoss},
    {common::v1::LOG_FAILED, StatusCode::kInternal},
};

constexpr int8_t kNoCode = -1;

constexpr auto kCodeByReason = [] {
  std::array<int8_t, common::v1::ErrorReason_MAX + 1> codes{};
  codes.fill(kNoCode);
  for (const ReasonCode& entry : kReasonCodes) {
    codes[entry.reason] = static_cast<int8_t>(entry.code);
  }
  return codes;
}();

// The reason that stands for a status without one of ours.
ErrorReason ReasonOfForeignCode(StatusCode code) {
  switch (code) {
    case StatusCode::kUnavailable:
    case StatusCode::kDeadlineExceeded:
    case StatusCode::kCancelled:
      return common::v1::PEER_UNAVAILABLE;
    case StatusCode::kResourceExhausted:
      return common::v1::OVERLOADED;
    case StatusCode::kInvalidArgument:
      return common::v1::INVALID_FIELD;
    default:
      return common::v1::INTERNAL_DEFECT;
  }
}

// At most kErrorMessageBytesMax, cut between characters.
std::string CutMessage(const std::string& message) {
  if (message.size() <= kErrorMessageBytesMax) return message;
  size_t end = kErrorMessageBytesMax;
  while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xC0) == 0x80) --end;
  return message.substr(0, end);
}

// Moves the first entries of `from` that fit into the budget; returns how many did not.
template <typename Repeated>
int TakeWhatFits(const Repeated& from, size_t* budget, Repeated* to) {
  // Tag and length of an entry.
  constexpr size_t kEntryOverheadBytes = 4;
  int taken = 0;
  for (const auto& entry : from) {
    const size_t bytes = entry.ByteSizeLong() + kEntryOverheadBytes;
    if (bytes > *budget) break;
    *budget -= bytes;
    *to->Add() = entry;
    ++taken;
  }
  return from.size() - taken;
}

class StatusBuilder {
 public:
  explicit StatusBuilder(const RpcError& error) : error_(error), details_(error.details()) {}

  google::rpc::Status Build() {
    status_.set_code(static_cast<int>(error_.code()));
    status_.set_message(CutMessage(error_.message()));
    // The first detail is always ErrorInfo; it is packed last, when it is known what was dropped.
    google::protobuf::Any* info = status_.add_details();
    AddSmallDetails();
    AddBadRequest();
    AddInsufficientStock();
    PackErrorInfo(info);
    return std::move(status_);
  }

 private:
  template <typename Detail>
  void Pack(const Detail& detail) {
    status_.add_details()->PackFrom(detail);
  }

  void AddSmallDetails() {
    if (details_.retry_after) {
      google::rpc::RetryInfo retry;
      retry.mutable_retry_delay()->set_seconds(details_.retry_after->count / 1'000'000);
      retry.mutable_retry_delay()->set_nanos(
          static_cast<int32_t>(details_.retry_after->count % 1'000'000 * 1'000));
      Pack(retry);
    }
    if (error_.code() == StatusCode::kFailedPrecondition) {
      google::rpc::PreconditionFailure failure;
      auto* violation = failure.add_violations();
      violation->set_type(common::v1::ErrorReason_Name(error_.reason()));
      violation->set_subject(Resource());
      Pack(failure);
    }
    if (!details_.resource_type.empty()) {
      google::rpc::ResourceInfo resource;
      resource.set_resource_type(details_.resource_type);
      resource.set_resource_name(details_.resource_name);
      Pack(resource);
    }
    if (details_.expectation_failed) Pack(*details_.expectation_failed);
  }

  std::string Resource() const {
    if (details_.resource_type.empty()) return "";
    return absl::StrCat(details_.resource_type, "/", details_.resource_name);
  }

  void AddBadRequest() {
    if (details_.fields.empty()) return;
    google::rpc::BadRequest all, fitting;
    for (const FieldViolation& field : details_.fields) {
      auto* violation = all.add_field_violations();
      violation->set_field(field.field);
      violation->set_description(field.description);
    }
    size_t budget = Budget();
    dropped_ += TakeWhatFits(all.field_violations(), &budget, fitting.mutable_field_violations());
    Pack(fitting);
  }

  void AddInsufficientStock() {
    if (!details_.insufficient_stock) return;
    common::v1::InsufficientStock fitting;
    size_t budget = Budget();
    dropped_ +=
        TakeWhatFits(details_.insufficient_stock->lines(), &budget, fitting.mutable_lines());
    Pack(fitting);
  }

  // What is left for a list, with room for ErrorInfo and the list's own type URL.
  size_t Budget() const {
    constexpr size_t kTypeUrlBytes = 80;
    size_t used = status_.ByteSizeLong() + kTypeUrlBytes + 160;
    for (const auto& [key, value] : details_.metadata) used += key.size() + value.size() + 8;
    return used < kErrorDetailsBytesMax ? kErrorDetailsBytesMax - used : 0;
  }

  void PackErrorInfo(google::protobuf::Any* any) {
    google::rpc::ErrorInfo info;
    info.set_reason(common::v1::ErrorReason_Name(error_.reason()));
    info.set_domain(kErrorDomain.data(), kErrorDomain.size());
    for (const auto& [key, value] : details_.metadata) (*info.mutable_metadata())[key] = value;
    if (dropped_ > 0) (*info.mutable_metadata())["details_dropped"] = absl::StrCat(dropped_);
    any->PackFrom(info);
  }

  const RpcError& error_;
  const ErrorDetails& details_;
  google::rpc::Status status_;
  int dropped_ = 0;
};

// Adds what one detail says. False if it is of a kind that RpcError does not keep.
bool ReadDetail(const google::protobuf::Any& any, ErrorDetails* details) {
  if (google::rpc::BadRequest bad; any.UnpackTo(&bad)) {
    for (const auto& violation : bad.field_violations()) {
      details->fields.push_back({violation.field(), violation.description()});
    }
    return true;
  }
  if (google::rpc::RetryInfo retry; any.UnpackTo(&retry)) {
    details->retry_after =
        Micros{retry.retry_delay().seconds() * 1'000'000 + retry.retry_delay().nanos() / 1'000};
    return true;
  }
  if (google::rpc::ResourceInfo resource; any.UnpackTo(&resource)) {
    details->resource_type = resource.resource_type();
    details->resource_name = resource.resource_name();
    return true;
  }
  if (common::v1::InsufficientStock shortage; any.UnpackTo(&shortage)) {
    details->insufficient_stock = std::move(shortage);
    return true;
  }
  if (common::v1::ExpectationFailed expectation; any.UnpackTo(&expectation)) {
    details->expectation_failed = expectation;
    return true;
  }
  return false;
}

RpcError ReadRpcStatus(StatusCode code, const google::rpc::Status& status,
                       const std::string& message) {
  ErrorReason reason = ReasonOfForeignCode(code);
  ErrorDetails details;
  for (const google::protobuf::Any& any : status.details()) {
    if (google::rpc::ErrorInfo info; any.UnpackTo(&info)) {
      if (ErrorReason known;
          info.domain() == kErrorDomain && common::v1::ErrorReason_Parse(info.reason(), &known)) {
        reason = known;
      } else {
        details.metadata.emplace_back("reason", info.reason());
      }
      for (const auto& [key, value] : info.metadata()) details.metadata.emplace_back(key, value);
      continue;
    }
    ReadDetail(any, &details);
  }
  RpcError error(reason, message);
  if (!status.details().empty()) error.mutable_details() = std::move(details);
  return error;
}

}  // namespace

RpcError::RpcError(const RpcError& other)
    : reason_(other.reason_),
      message_(other.message_),
      details_(other.details_ ? std::make_unique<ErrorDetails>(*other.details_) : nullptr) {}

RpcError& RpcError::operator=(const RpcError& other) {
  if (this != &other) *this = RpcError(other);
  return *this;
}

StatusCode RpcError::code() const { return StatusCodeOf(reason_); }

const ErrorDetails& RpcError::details() const {
  static const ErrorDetails* const kNone = new ErrorDetails;
  return details_ ? *details_ : *kNone;
}

ErrorDetails& RpcError::mutable_details() {
  if (!details_) details_ = std::make_unique<ErrorDetails>();
  return *details_;
}

RpcError& RpcError::AddField(std::string field, std::string description) {
  mutable_details().fields.push_back({std::move(field), std::move(description)});
  return *this;
}

RpcError& RpcError::AddMetadata(std::string key, std::string value) {
  mutable_details().metadata.emplace_back(std::move(key), std::move(value));
  return *this;
}

RpcError& RpcError::SetResource(std::string type, std::string name) {
  mutable_details().resource_type = std::move(type);
  mutable_details().resource_name = std::move(name);
  return *this;
}

RpcError& RpcError::SetRetryAfter(Micros delay) {
  mutable_details().retry_after = delay;
  return *this;
}

RpcError& RpcError::SetExpectation(int64_t expected, int64_t actual) {
  auto& expectation = mutable_details().expectation_failed.emplace();
  expectation.set_expected(expected);
  expectation.set_actual(actual);
  return *this;
}

RpcError& RpcError::SetInsufficientStock(common::v1::InsufficientStock shortage) {
  mutable_details().insufficient_stock = std::move(shortage);
  return *this;
}

bool HasStatusCode(ErrorReason reason) {
  return reason >= 0 && static_cast<size_t>(reason) < kCodeByReason.size() &&
         kCodeByReason[reason] != kNoCode;
}

StatusCode StatusCodeOf(ErrorReason reason) {
  return HasStatusCode(reason) ? static_cast<StatusCode>(kCodeByReason[reason])
                               : StatusCode::kUnknown;
}

RpcError InvalidField(std::string field, std::string description) {
  RpcError error(common::v1::INVALID_FIELD, absl::StrCat(field, ": ", description));
  error.AddField(std::move(field), std::move(description));
  return error;
}

RpcError NotFound(ErrorReason reason, std::string resource_type, std::string name) {
  RpcError error(reason, absl::StrCat("no such ", resource_type));
  error.SetResource(std::move(resource_type), std::move(name));
  return error;
}

RpcError IllegalTransition(std::string resource_type, std::string name, std::string state,
                           std::string allowed) {
  RpcError error(common::v1::ILLEGAL_TRANSITION,
                 absl::StrCat("the ", resource_type, " is ", state, "; this needs ", allowed));
  error.SetResource(std::move(resource_type), std::move(name))
      .AddMetadata("state", std::move(state))
      .AddMetadata("allowed", std::move(allowed));
  return error;
}

RpcError Overloaded(Micros retry_after) {
  RpcError error(common::v1::OVERLOADED,
                 "the queue is full; nothing was decided: retry with the same request id");
  error.SetRetryAfter(retry_after);
  return error;
}

RpcError NotServing() {
  return {common::v1::NOT_SERVING, "not serving: retry with the same request id"};
}

RpcError PeerUnavailable(std::string_view peer) {
  return {common::v1::PEER_UNAVAILABLE,
          absl::StrCat("no answer from ", absl::string_view(peer.data(), peer.size()),
                       ": retry with the same request id")};
}

RpcError InternalDefect(std::string_view context, const absl::Status& cause) {
  return {common::v1::INTERNAL_DEFECT,
          absl::StrCat("internal defect: ", absl::string_view(context.data(), context.size()),
                       cause.ok() ? "" : ": ", cause.ok() ? "" : cause.ToString())};
}

RpcError FateError(engine::Fate fate) {
  switch (fate) {
    case engine::Fate::kRequestIdReused:
      return {common::v1::REQUEST_ID_REUSED,
              "the request id was used before with other content: use a new one"};
    case engine::Fate::kDeadlinePassed:
      return {common::v1::DEADLINE_PASSED,
              "the deadline had passed before the request was decided: it had no effect"};
    case engine::Fate::kQueueFull:
      return Overloaded();
    case engine::Fate::kNotServing:
      return NotServing();
    case engine::Fate::kTooLarge:
      return {common::v1::REQUEST_TOO_LARGE,
              "what the request would cause does not fit into the log: ask in parts"};
    case engine::Fate::kDecided:
    case engine::Fate::kRecalled:
      break;
  }
  return InternalDefect("a decided request was taken for an undecided one");
}

google::rpc::Status ToRpcStatus(const RpcError& error) { return StatusBuilder(error).Build(); }

grpc::Status ToGrpcStatus(const RpcError& error) {
  const google::rpc::Status status = ToRpcStatus(error);
  return {static_cast<grpc::StatusCode>(status.code()), status.message(),
          status.SerializeAsString()};
}

RpcError FromGrpcStatus(const grpc::Status& status) {
  google::rpc::Status rich;
  if (!rich.ParseFromString(status.error_details())) rich.Clear();
  return ReadRpcStatus(static_cast<StatusCode>(status.error_code()), rich, status.error_message());
}

RpcError FromRpcStatus(const google::rpc::Status& status) {
  return ReadRpcStatus(static_cast<StatusCode>(status.code()), status, status.message());
}

}  // namespace quartermaster::runtime
