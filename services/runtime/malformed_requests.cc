#include "services/runtime/malformed_requests.h"

#include <google/protobuf/stubs/logging.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/support/server_interceptor.h>

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/runtime/rpc_error.h"

namespace quartermaster::runtime {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::InterceptorBatchMethods;
using grpc::experimental::ServerRpcInfo;

// The field of the last text on this thread that was no valid UTF-8: "ReserveLine.sku".
thread_local std::string bad_text_field;

// Takes "String field 'quartermaster.stock.v1.ReserveLine.sku' contains invalid UTF-8 data when
// parsing ..." apart. protobuf has no other way to say which field it was.
std::string FieldOf(std::string_view message) {
  constexpr std::string_view kBefore = "String field '";
  constexpr std::string_view kAfter = "' contains invalid UTF-8 data when parsing";
  const size_t end = message.find(kAfter);
  if (!message.starts_with(kBefore) || end == std::string_view::npos) return "";
  const std::string_view name = message.substr(kBefore.size(), end - kBefore.size());
  // Less the package.
  const size_t field = name.rfind('.');
  if (field == std::string_view::npos || field == 0) return std::string(name);
  const size_t type = name.rfind('.', field - 1);
  return std::string(name.substr(type == std::string_view::npos ? 0 : type + 1));
}

void OnProtobufLog(google::protobuf::LogLevel level, const char* file, int line,
                   const std::string& message) {
  if (std::string field = FieldOf(message); !field.empty()) {
    bad_text_field = std::move(field);
    return;
  }
  if (level >= google::protobuf::LOGLEVEL_WARNING) {
    std::fprintf(stderr, "protobuf: %s:%d: %s\n", file, line, message.c_str());
  }
}

class Interceptor : public grpc::experimental::Interceptor {
 public:
  void Intercept(InterceptorBatchMethods* methods) override {
    // A request that could not be parsed is null; the same thread parsed it just now.
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_MESSAGE) &&
        methods->GetRecvMessage() == nullptr) {
      malformed_ = true;
      field_ = std::exchange(bad_text_field, {});
    }
    if (malformed_ &&
        methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
      methods->ModifySendStatus(ToGrpcStatus(Error()));
    }
    methods->Proceed();
  }

 private:
  RpcError Error() const {
    if (!field_.empty()) return InvalidField(field_, "must be valid UTF-8");
    return {common::v1::INVALID_FIELD, "the request is no well-formed message of its type"};
  }

  bool malformed_ = false;
  std::string field_;
};

class Factory : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  grpc::experimental::Interceptor* CreateServerInterceptor(ServerRpcInfo* info) override {
    const bool one_request = info->type() == ServerRpcInfo::Type::UNARY ||
                             info->type() == ServerRpcInfo::Type::SERVER_STREAMING;
    return one_request ? new Interceptor : nullptr;
  }
};

}  // namespace

void AnswerMalformedRequests(grpc::ServerBuilder* builder) {
  // Once for the process, before its first request.
  static google::protobuf::LogHandler* const previous =
      google::protobuf::SetLogHandler(&OnProtobufLog);
  static_cast<void>(previous);
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> factories;
  factories.push_back(std::make_unique<Factory>());
  builder->experimental().SetInterceptorCreators(std::move(factories));
}

}  // namespace quartermaster::runtime
