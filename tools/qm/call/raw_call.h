// RawCall: one call of any method, streaming or not, with messages as bytes.
//
//   RawCall(channel, "/quartermaster.stock.v1.StockService/Reserve", deadline, next, on_response);
#ifndef QUARTERMASTER_TOOLS_QM_CALL_RAW_CALL_H_
#define QUARTERMASTER_TOOLS_QM_CALL_RAW_CALL_H_

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "grpcpp/channel.h"
#include "grpcpp/support/status.h"

namespace quartermaster::qm {

// The next message to send; nothing at the end. Called when the one before it was taken.
using NextRequest = std::function<std::optional<std::string>()>;
// False: enough, the call is cancelled.
using OnResponse = std::function<bool(const std::string&)>;

// Sends all requests and hands over all responses, each as soon as it can be. Blocks until the call
// has ended; OK also if on_response had enough. `deadline` may be time_point::max(): none.
grpc::Status RawCall(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                     std::chrono::system_clock::time_point deadline,
                     const NextRequest& next_request, const OnResponse& on_response);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_CALL_RAW_CALL_H_
