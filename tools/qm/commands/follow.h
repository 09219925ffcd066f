// Streams that go on: one that breaks off because its server went away is opened again, where it
// ended.
//
//   Follow follow(context);
//   do {
//     grpc::ClientContext call;
//     auto stream = stub->WatchOrders(&call, request);          // from the last position
//     while (stream->Read(&message)) { follow.Heard(); ... }
//     status = stream->Finish();
//   } while (follow.Again(status));
#ifndef QUARTERMASTER_TOOLS_QM_COMMANDS_FOLLOW_H_
#define QUARTERMASTER_TOOLS_QM_COMMANDS_FOLLOW_H_

#include <chrono>

#include "tools/qm/context.h"

namespace quartermaster::qm {

// Not thread-safe.
class Follow {
 public:
  explicit Follow(Context& context);

  // The server answered.
  void Heard();
  // After a pause, if the server is unavailable and has been for less than --timeout. False: the
  // stream has ended.
  bool Again(const grpc::Status& status);

 private:
  Context& context_;
  std::chrono::steady_clock::time_point give_up_;
  bool told_ = false;
};

// Whether standard output still takes something; it does not after `| head` has ended.
bool OutputIsOpen();

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_COMMANDS_FOLLOW_H_
