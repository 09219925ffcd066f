#include "services/runtime/rpc_metrics.h"

#include <google/protobuf/descriptor.h>

#include <chrono>

#include "absl/status/status.h"
#include "services/base/check.h"

namespace quartermaster::runtime {
namespace {

int64_t NowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

RpcMethod::RpcMethod(Metrics* metrics, const std::string& service, const std::string& method)
    : started_(metrics->AddCounter("quartermaster_rpc_started_total", "Calls that have arrived.",
                                   {{"service", service}, {"method", method}})),
      duration_(metrics->AddHistogram("quartermaster_rpc_duration_seconds",
                                      "From a call's arrival at its handler to its answer.",
                                      Buckets::Latency(),
                                      {{"service", service}, {"method", method}})) {
  for (int code = 0; code < kCodes; ++code) {
    finished_[code] = metrics->AddCounter(
        "quartermaster_rpc_requests_total", "Calls that have been answered, by status code.",
        {{"service", service},
         {"method", method},
         {"code", absl::StatusCodeToString(static_cast<absl::StatusCode>(code))}});
  }
}

RpcMetrics::RpcMetrics(Metrics* metrics, const google::protobuf::ServiceDescriptor& service) {
  for (int i = 0; i < service.method_count(); ++i) {
    const std::string& name = service.method(i)->name();
    methods_.emplace(name, std::make_unique<RpcMethod>(metrics, service.full_name(), name));
  }
}

RpcMethod* RpcMetrics::Method(std::string_view name) {
  const auto found = methods_.find(name);
  QM_CHECK(found != methods_.end()) << name;
  return found->second.get();
}

RpcTimer::RpcTimer(RpcMethod* method) : method_(method), start_ns_(NowNs()) {
  method_->started_->Add();
}

RpcTimer::~RpcTimer() {
  if (method_ != nullptr) Finish(absl::StatusCode::kCancelled);
}

void RpcTimer::FinishNumber(int code) {
  if (method_ == nullptr) return;
  if (code < 0 || code >= RpcMethod::kCodes) code = static_cast<int>(absl::StatusCode::kUnknown);
  method_->finished_[code]->Add();
  method_->duration_->Observe(static_cast<uint64_t>(NowNs() - start_ns_));
  method_ = nullptr;
}

}  // namespace quartermaster::runtime
