// Telling a gRPC server's connections to go away while it still answers: the step that gRPC C++
// 1.51 lacks. Its Server::Shutdown refuses calls at once, so that a call that was on the wire when
// the client had not seen GOAWAY yet ends as CANCELLED, which no client retries. Here such calls
// are answered, and calls after the final GOAWAY are sent again by the client itself, elsewhere.
#ifndef QUARTERMASTER_SERVICES_RUNTIME_GOAWAY_H_
#define QUARTERMASTER_SERVICES_RUNTIME_GOAWAY_H_

struct grpc_server;

namespace quartermaster::runtime {

// Stops listening and sends GOAWAY on every connection; each closes once its calls have ended.
// Returns when the frames are on their way, or false if this gRPC library does not have what is
// needed: then only Shutdown is left.
bool StopListeningAndSendGoaways(grpc_server* server);

// Whether a connection is left. Only after StopListeningAndSendGoaways returned true.
bool HasOpenConnections(grpc_server* server);

}  // namespace quartermaster::runtime

#endif  // QUARTERMASTER_SERVICES_RUNTIME_GOAWAY_H_
