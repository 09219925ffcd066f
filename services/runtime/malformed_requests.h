// What is answered to requests that are no well-formed protobuf message: INVALID_FIELD, as to every
// other malformed request. gRPC 1.51 answers them with UNIMPLEMENTED and no message. Proto3 refuses
// text that is no valid UTF-8 while it parses; the answer then names the message and the field.
#ifndef QUARTERMASTER_SERVICES_RUNTIME_MALFORMED_REQUESTS_H_
#define QUARTERMASTER_SERVICES_RUNTIME_MALFORMED_REQUESTS_H_

#include <string>

namespace grpc {
class Status;
}

namespace quartermaster::runtime {

// Takes over protobuf's complaints, for the process. Before its first request; again does nothing.
void WatchForMalformedText();

// After a request could not be parsed, on the thread that tried: the field whose text is no valid
// UTF-8 ("ReserveLine.sku"), or "" if that was not the reason. Forgets it.
std::string TakeMalformedField();

// The answer; `field` is what TakeMalformedField returned.
grpc::Status MalformedRequest(const std::string& field);

}  // namespace quartermaster::runtime

#endif  // QUARTERMASTER_SERVICES_RUNTIME_MALFORMED_REQUESTS_H_
