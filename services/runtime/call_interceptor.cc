#include "services/runtime/call_interceptor.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/support/server_interceptor.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "services/runtime/defect_log.h"
#include "services/runtime/malformed_requests.h"
#include "services/runtime/rpc_metrics.h"
#include "services/runtime/server.h"

namespace quartermaster::runtime {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::InterceptorBatchMethods;
using grpc::experimental::ServerRpcInfo;

// A method of one of our services.
struct Served {
  // "/service/method".
  std::string name;
  // Null if its requests have none.
  const google::protobuf::FieldDescriptor* request_id = nullptr;
  // Null: it is not counted.
  RpcMethod* rpcs = nullptr;
};

Instant SteadyNow() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
}

class Interceptor : public grpc::experimental::Interceptor {
 public:
  // `served` is null for what is none of ours, such as health.
  Interceptor(const Served* served, DefectLog* defects)
      : served_(served), defects_(defects), timer_(served == nullptr ? nullptr : served->rpcs) {}

  void Intercept(InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_MESSAGE)) {
      // Lives until the call has ended.
      request_ = methods->GetRecvMessage();
      // A request that could not be parsed is null; the same thread parsed it just now.
      if (request_ == nullptr) {
        malformed_ = true;
        field_ = TakeMalformedField();
      }
    }
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
      if (malformed_) methods->ModifySendStatus(MalformedRequest(field_));
      const grpc::Status status = methods->GetSendStatus();
      if (DefectLog::IsDefect(status)) Report(status);
      timer_.Finish(status.error_code());
    }
    methods->Proceed();
  }

 private:
  void Report(const grpc::Status& status) {
    if (served_ == nullptr) return;
    std::string request_id;
    if (request_ != nullptr && served_->request_id != nullptr) {
      // Generated services are given messages of the types that their descriptors name.
      const auto& request = *static_cast<const google::protobuf::Message*>(request_);
      request_id = request.GetReflection()->GetString(request, served_->request_id);
    }
    defects_->Report(served_->name, request_id, status, SteadyNow());
  }

  const Served* const served_;
  DefectLog* const defects_;
  const void* request_ = nullptr;
  RpcTimer timer_;
  bool malformed_ = false;
  std::string field_;
};

class Factory : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  Factory(const std::vector<HostedService>& services, RpcMetrics* rpcs, Logger* log)
      : defects_(log) {
    for (const HostedService& hosted : services) {
      const auto* service =
          google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(hosted.name);
      for (int i = 0; service != nullptr && i < service->method_count(); ++i) {
        const auto& method = *service->method(i);
        if (method.client_streaming()) continue;
        std::string name = absl::StrCat("/", hosted.name, "/", method.name());
        Served& served = methods_[name];
        served.name = std::move(name);
        served.request_id = method.input_type()->FindFieldByName("request_id");
        if (rpcs != nullptr) served.rpcs = rpcs->Method(method);
      }
    }
  }

  grpc::experimental::Interceptor* CreateServerInterceptor(ServerRpcInfo* info) override {
    const bool one_request = info->type() == ServerRpcInfo::Type::UNARY ||
                             info->type() == ServerRpcInfo::Type::SERVER_STREAMING;
    if (!one_request) return nullptr;
    const auto method = methods_.find(absl::string_view(info->method()));
    return new Interceptor(method == methods_.end() ? nullptr : &method->second, &defects_);
  }

 private:
  DefectLog defects_;
  // By name. Read by all threads, changed by none.
  absl::flat_hash_map<std::string, Served> methods_;
};

}  // namespace

void InterceptCalls(grpc::ServerBuilder* builder, const std::vector<HostedService>& services,
                    RpcMetrics* rpcs, Logger* log) {
  WatchForMalformedText();
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> factories;
  factories.push_back(std::make_unique<Factory>(services, rpcs, log));
  builder->experimental().SetInterceptorCreators(std::move(factories));
}

}  // namespace quartermaster::runtime
