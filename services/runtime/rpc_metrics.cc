#include "services/runtime/rpc_metrics.h"

#include <google/protobuf/descriptor.h>

#include <chrono>
#include <utility>

#include "absl/status/status.h"

namespace quartermaster::runtime {
namespace {

int64_t NowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

RpcMethod::RpcMethod(Metrics* metrics, const google::protobuf::MethodDescriptor& method) {
  const MetricLabels labels = {{"service", method.service()->full_name()},
                               {"method", method.name()}};
  started_ =
      metrics->AddCounter("quartermaster_rpc_started_total", "Calls that have arrived.", labels);
  if (!method.client_streaming() && !method.server_streaming()) {
    duration_ = metrics->AddHistogram("quartermaster_rpc_duration_seconds",
                                      "From a call's arrival to its answer, without streams.",
                                      Buckets::Latency(), labels);
  }
  for (int code = 0; code < kCodes; ++code) {
    MetricLabels with_code = labels;
    with_code.emplace_back("code", absl::StatusCodeToString(static_cast<absl::StatusCode>(code)));
    finished_[code] =
        metrics->AddCounter("quartermaster_rpc_requests_total",
                            "Calls that have been answered, by status code.", std::move(with_code));
  }
}

RpcMethod* RpcMetrics::Method(const google::protobuf::MethodDescriptor& method) {
  MutexLock lock(&mutex_);
  std::unique_ptr<RpcMethod>& handle = methods_[method.full_name()];
  if (handle == nullptr) handle = std::make_unique<RpcMethod>(metrics_, method);
  return handle.get();
}

RpcTimer::RpcTimer(RpcMethod* method)
    : method_(method), start_ns_(method == nullptr ? 0 : NowNs()) {
  if (method_ != nullptr) method_->started_->Add();
}

RpcTimer::~RpcTimer() {
  if (method_ != nullptr) Finish(absl::StatusCode::kCancelled);
}

void RpcTimer::FinishNumber(int code) {
  if (method_ == nullptr) return;
  if (code < 0 || code >= RpcMethod::kCodes) code = static_cast<int>(absl::StatusCode::kUnknown);
  method_->finished_[code]->Add();
  if (method_->duration_ != nullptr)
    method_->duration_->Observe(static_cast<uint64_t>(NowNs() - start_ns_));
  method_ = nullptr;
}

}  // namespace quartermaster::runtime
