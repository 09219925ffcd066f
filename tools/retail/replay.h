// Replays a plan from many clients at once, with a crash of the server in the middle.
#ifndef QUARTERMASTER_TOOLS_RETAIL_REPLAY_H_
#define QUARTERMASTER_TOOLS_RETAIL_REPLAY_H_

#include <functional>
#include <string>

#include "services/base/time.h"
#include "tools/retail/shop.h"

namespace quartermaster::retail {

struct ReplayOptions {
  tools::AddressBook addresses;
  int clients = 32;
  // Called once, when half of the steps have been taken, from a thread of its own: kills the server
  // and has it restarted. Empty: no crash.
  std::function<void()> crash;
  // Called about once a second with the steps done so far.
  std::function<void(int64_t)> progress;
};

struct ReplayResult {
  Micros elapsed;
  bool crashed = false;
  // From the first call that failed to the first that succeeded.
  Micros restart;
};

// Steps start in the order of the plan.
ReplayResult Replay(Shop* shop, const ReplayOptions& options);

}  // namespace quartermaster::retail

#endif  // QUARTERMASTER_TOOLS_RETAIL_REPLAY_H_
