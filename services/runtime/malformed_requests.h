// Answers requests that are no well-formed protobuf message with INVALID_FIELD, as every other
// malformed request. gRPC 1.51 answers them with UNIMPLEMENTED and no message. Proto3 refuses text
// that is no valid UTF-8 while it parses; the answer then names the message and the field.
#ifndef QUARTERMASTER_SERVICES_RUNTIME_MALFORMED_REQUESTS_H_
#define QUARTERMASTER_SERVICES_RUNTIME_MALFORMED_REQUESTS_H_

namespace grpc {
class ServerBuilder;
}

namespace quartermaster::runtime {

// For the unary and server-streaming methods of the server that the builder will make. Once for
// each builder; replaces its interceptors.
void AnswerMalformedRequests(grpc::ServerBuilder* builder);

}  // namespace quartermaster::runtime

#endif  // QUARTERMASTER_SERVICES_RUNTIME_MALFORMED_REQUESTS_H_
