#include "services/runtime/call_interceptor.h"

#include <google/protobuf/descriptor.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/support/server_interceptor.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "services/runtime/malformed_requests.h"
#include "services/runtime/rpc_metrics.h"
#include "services/runtime/server.h"

namespace quartermaster::runtime {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::InterceptorBatchMethods;
using grpc::experimental::ServerRpcInfo;

class Interceptor : public grpc::experimental::Interceptor {
 public:
  // `method` may be null.
  explicit Interceptor(RpcMethod* method) : timer_(method) {}

  void Intercept(InterceptorBatchMethods* methods) override {
    // A request that could not be parsed is null; the same thread parsed it just now.
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_MESSAGE) &&
        methods->GetRecvMessage() == nullptr) {
      malformed_ = true;
      field_ = TakeMalformedField();
    }
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
      if (malformed_) methods->ModifySendStatus(MalformedRequest(field_));
      timer_.Finish(methods->GetSendStatus().error_code());
    }
    methods->Proceed();
  }

 private:
  RpcTimer timer_;
  bool malformed_ = false;
  std::string field_;
};

class Factory : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  Factory(const std::vector<HostedService>& services, RpcMetrics* rpcs) {
    if (rpcs == nullptr) return;
    for (const HostedService& hosted : services) {
      const auto* service =
          google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(hosted.name);
      for (int i = 0; service != nullptr && i < service->method_count(); ++i) {
        const auto& method = *service->method(i);
        if (method.client_streaming()) continue;
        methods_.emplace(absl::StrCat("/", hosted.name, "/", method.name()), rpcs->Method(method));
      }
    }
  }

  grpc::experimental::Interceptor* CreateServerInterceptor(ServerRpcInfo* info) override {
    const bool one_request = info->type() == ServerRpcInfo::Type::UNARY ||
                             info->type() == ServerRpcInfo::Type::SERVER_STREAMING;
    if (!one_request) return nullptr;
    const auto method = methods_.find(absl::string_view(info->method()));
    return new Interceptor(method == methods_.end() ? nullptr : method->second);
  }

 private:
  // By "/service/method". Read by all threads, changed by none.
  absl::flat_hash_map<std::string, RpcMethod*> methods_;
};

}  // namespace

void InterceptCalls(grpc::ServerBuilder* builder, const std::vector<HostedService>& services,
                    RpcMetrics* rpcs) {
  WatchForMalformedText();
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> factories;
  factories.push_back(std::make_unique<Factory>(services, rpcs));
  builder->experimental().SetInterceptorCreators(std::move(factories));
}

}  // namespace quartermaster::runtime
