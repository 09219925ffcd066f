// One interceptor for each call from outside: answers what is no well-formed request, and counts
// and times the call. Both in one, because each costs a call some hundred nanoseconds.
#ifndef QUARTERMASTER_SERVICES_RUNTIME_CALL_INTERCEPTOR_H_
#define QUARTERMASTER_SERVICES_RUNTIME_CALL_INTERCEPTOR_H_

#include <vector>

namespace grpc {
class ServerBuilder;
}

namespace quartermaster::runtime {

struct HostedService;
class RpcMetrics;

// For the unary and server-streaming methods of the server that the builder will make; `rpcs` may
// be null, else it must outlive that server. Once for each builder; replaces its interceptors.
void InterceptCalls(grpc::ServerBuilder* builder, const std::vector<HostedService>& services,
                    RpcMetrics* rpcs);

}  // namespace quartermaster::runtime

#endif  // QUARTERMASTER_SERVICES_RUNTIME_CALL_INTERCEPTOR_H_
