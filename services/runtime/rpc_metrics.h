// Counting and timing RPCs, for some ten nanoseconds each: one handle a method, made at the start,
// and a timer that lives as long as the call. GrpcServer does this for every call from outside.
//
//   RpcMetrics rpcs(metrics);
//   RpcMethod* const reserve = rpcs.Method(*service_descriptor->FindMethodByName("Reserve"));
//   ...
//   RpcTimer timer(reserve);          // a member of the call's own object
//   ...
//   timer.Finish(grpc::StatusCode::OK);        // or the error's code, beside the answer
//
// Shows quartermaster_rpc_requests_total{service,method,code} (finished calls),
// quartermaster_rpc_started_total{service,method} (the difference is in flight) and, of methods
// without streams, quartermaster_rpc_duration_seconds{service,method}.
#ifndef QUARTERMASTER_SERVICES_RUNTIME_RPC_METRICS_H_
#define QUARTERMASTER_SERVICES_RUNTIME_RPC_METRICS_H_

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "services/base/mutex.h"
#include "services/runtime/metrics.h"

namespace google::protobuf {
class MethodDescriptor;
}

namespace quartermaster::runtime {

// One method's counters.
class RpcMethod {
 public:
  // gRPC's codes are 0 to 16.
  static constexpr int kCodes = 17;

  RpcMethod(Metrics* metrics, const google::protobuf::MethodDescriptor& method);

 private:
  friend class RpcTimer;
  Counter* started_;
  // Null for streams: how long one lasts is its client's choice.
  Histogram* duration_ = nullptr;
  std::array<Counter*, kCodes> finished_;
};

// The methods of a process's services. Thread-safe.
class RpcMetrics {
 public:
  // `metrics` must outlive this. Once for each Metrics.
  explicit RpcMetrics(Metrics* metrics) : metrics_(metrics) {}

  // The handle of a method, the same each time: two servers may offer one service. Lives as long as
  // this does.
  RpcMethod* Method(const google::protobuf::MethodDescriptor& method) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  Metrics* const metrics_;
  Mutex mutex_;
  std::map<std::string, std::unique_ptr<RpcMethod>> methods_ ABSL_GUARDED_BY(mutex_);
};

// One call. Counts it as started when made, and as finished once: by Finish, or as CANCELLED by the
// destructor. Finish may run on another thread. Without a method it does nothing.
class RpcTimer {
 public:
  explicit RpcTimer(RpcMethod* method);
  ~RpcTimer();
  RpcTimer(const RpcTimer&) = delete;
  RpcTimer& operator=(const RpcTimer&) = delete;

  // A grpc::StatusCode or absl::StatusCode: their numbers agree.
  template <typename Code>
  void Finish(Code code) {
    FinishNumber(static_cast<int>(code));
  }

 private:
  void FinishNumber(int code);

  RpcMethod* method_;
  const int64_t start_ns_;
};

}  // namespace quartermaster::runtime

#endif  // QUARTERMASTER_SERVICES_RUNTIME_RPC_METRICS_H_
