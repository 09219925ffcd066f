// Request ids: what makes the repetition of a command safe.
#ifndef QUARTERMASTER_TOOLS_QM_CLIENT_REQUEST_ID_H_
#define QUARTERMASTER_TOOLS_QM_CLIENT_REQUEST_ID_H_

#include <string>

namespace quartermaster::qm {

// A random UUID of version 4 (RFC 4122): 36 characters. Thread-safe.
std::string NewRequestId();

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_CLIENT_REQUEST_ID_H_
