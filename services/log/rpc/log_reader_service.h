// LogReader's gRPC face over the callback API.
//
//   LogReader reader(log.get());
//   auto service = NewLogReaderService(&reader);
//   auto server = GrpcServer::Start(options, {Hosted<v1::LogReader>(service.get())});
//   (*server)->OnDrain([&] { reader.BeginShutdown(); });   // ends the subscriptions
#ifndef QUARTERMASTER_SERVICES_LOG_RPC_LOG_READER_SERVICE_H_
#define QUARTERMASTER_SERVICES_LOG_RPC_LOG_READER_SERVICE_H_

#include <memory>

namespace grpc {
class Service;
}

namespace quartermaster::log {

class LogReader;

// Handlers never block. A subscription has at most one message on its way to the client, of at most
// 512 KiB (more only if a single record is larger), and holds no other records; it ends with
// NOT_SERVING, whose metadata has the position to `resume` from, once the reader is shut down.
// `reader` must outlive the server that the service is registered with.
std::unique_ptr<grpc::Service> NewLogReaderService(LogReader* reader);

}  // namespace quartermaster::log

#endif  // QUARTERMASTER_SERVICES_LOG_RPC_LOG_READER_SERVICE_H_
