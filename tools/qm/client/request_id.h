// Request ids: what makes the repetition of a command safe.
#ifndef QUARTERMASTER_TOOLS_QM_CLIENT_REQUEST_ID_H_
#define QUARTERMASTER_TOOLS_QM_CLIENT_REQUEST_ID_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace quartermaster::qm {

// A random UUID of version 4 (RFC 4122): 36 characters. Thread-safe.
std::string NewRequestId();
// Of the request on a line of a file, counted from 1, that is sent under one request id.
std::string RequestIdOfLine(std::string_view request_id, int64_t line);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_CLIENT_REQUEST_ID_H_
