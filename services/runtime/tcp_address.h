// The TCP address on which a server is about to listen.
#ifndef QUARTERMASTER_SERVICES_RUNTIME_TCP_ADDRESS_H_
#define QUARTERMASTER_SERVICES_RUNTIME_TCP_ADDRESS_H_

#include <string>

#include "absl/status/status.h"

namespace quartermaster::runtime {

// Whether a server could listen on "host:port" at this moment; says nothing on an address that it
// cannot read or resolve. Listens nowhere, so that no client comes upon it. Errors:
// FAILED_PRECONDITION (a process listens there, or the address is not this machine's, or it may not
// be used).
absl::Status CheckAddressIsFree(const std::string& address);

}  // namespace quartermaster::runtime

#endif  // QUARTERMASTER_SERVICES_RUNTIME_TCP_ADDRESS_H_
