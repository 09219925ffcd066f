// One interceptor for each call: answers what is no well-formed request, logs why a call failed for
// a reason of ours, and counts and times the call. All in one, because each costs a call some
// hundred nanoseconds.
#ifndef QUARTERMASTER_SERVICES_RUNTIME_CALL_INTERCEPTOR_H_
#define QUARTERMASTER_SERVICES_RUNTIME_CALL_INTERCEPTOR_H_

#include <vector>

namespace grpc {
class ServerBuilder;
}

namespace quartermaster::runtime {

struct HostedService;
class Logger;
class RpcMetrics;

// For the unary and server-streaming methods of the server that the builder will make; `rpcs` and
// `log` may be null, else they must outlive that server. Once for each builder; replaces its
// interceptors.
void InterceptCalls(grpc::ServerBuilder* builder, const std::vector<HostedService>& services,
                    RpcMetrics* rpcs, Logger* log);

}  // namespace quartermaster::runtime

#endif  // QUARTERMASTER_SERVICES_RUNTIME_CALL_INTERCEPTOR_H_
