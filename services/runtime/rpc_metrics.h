// Counting and timing RPCs, for some ten nanoseconds each: one handle a method, made at the start,
// and a timer that lives as long as the call.
//
//   const auto* file = ReserveRequest::descriptor()->file();
//   RpcMetrics rpcs(metrics, *file->FindServiceByName("StockService"));
//   RpcMethod* const reserve = rpcs.Method("Reserve");
//   ...
//   RpcTimer timer(reserve);          // a member of the call's own object
//   ...
//   timer.Finish(grpc::StatusCode::OK);        // or the error's code; beside reactor->Finish
//
// Shows quartermaster_rpc_requests_total{service,method,code} (finished calls),
// quartermaster_rpc_started_total{service,method} (the difference is in flight) and
// quartermaster_rpc_duration_seconds{service,method}.
#ifndef QUARTERMASTER_SERVICES_RUNTIME_RPC_METRICS_H_
#define QUARTERMASTER_SERVICES_RUNTIME_RPC_METRICS_H_

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "services/runtime/metrics.h"

namespace google::protobuf {
class ServiceDescriptor;
}

namespace quartermaster::runtime {

// One method's counters.
class RpcMethod {
 public:
  // gRPC's codes are 0 to 16.
  static constexpr int kCodes = 17;

  RpcMethod(Metrics* metrics, const std::string& service, const std::string& method);

 private:
  friend class RpcTimer;
  Counter* started_;
  Histogram* duration_;
  std::array<Counter*, kCodes> finished_;
};

// The methods of one service.
class RpcMetrics {
 public:
  // `metrics` must outlive this. Once for each service and Metrics.
  RpcMetrics(Metrics* metrics, const google::protobuf::ServiceDescriptor& service);

  // The handle of a method by its name: "Reserve". A name that is none is a defect.
  RpcMethod* Method(std::string_view name);

 private:
  std::map<std::string, std::unique_ptr<RpcMethod>, std::less<>> methods_;
};

// One call. Counts it as started when made, and as finished once: by Finish, or as CANCELLED by the
// destructor. Finish may run on another thread.
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
