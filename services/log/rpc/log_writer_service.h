// LogWriter's gRPC face over the callback API.
//
//   LogWriter writer(log.get());
//   auto service = NewLogWriterService(&writer);
//   GrpcServerOptions options{.socket_path = "/run/quartermaster/log.sock",
//                             .message_bytes_max = storage::kSharedLogMessageBytesMax};
//   auto server = GrpcServer::Start(options, {Hosted<v1::LogWriter>(service.get())});
//   (*server)->OnDrain([&] { writer.BeginShutdown(); });   // ends the waits
//
// Whoever reaches it can write every partition: it belongs on a listener of its own.
#ifndef QUARTERMASTER_SERVICES_LOG_RPC_LOG_WRITER_SERVICE_H_
#define QUARTERMASTER_SERVICES_LOG_RPC_LOG_WRITER_SERVICE_H_

#include <memory>

namespace grpc {
class Service;
}

namespace quartermaster::log {

class LogWriter;

// Handlers never block; a frame is not copied on its way to the log. `writer` must outlive the
// server that the service is registered with.
std::unique_ptr<grpc::Service> NewLogWriterService(LogWriter* writer);

}  // namespace quartermaster::log

#endif  // QUARTERMASTER_SERVICES_LOG_RPC_LOG_WRITER_SERVICE_H_
