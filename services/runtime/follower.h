// Follower: keeps a stream open. Runs one attempt after another on a thread of its own, with a
// pause between them that grows while they fail, until it is stopped.
//
//   Follower follower({}, [&](Follower& f) {
//     Follower::Call call(f);
//     auto reader = stub->Subscribe(call.context(), request);
//     ... read until it ends; true if there was anything
//   });
//   follower.Start();
#ifndef QUARTERMASTER_SERVICES_RUNTIME_FOLLOWER_H_
#define QUARTERMASTER_SERVICES_RUNTIME_FOLLOWER_H_

#include <functional>
#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "services/base/mutex.h"
#include "services/base/time.h"

namespace grpc {
class ClientContext;
}

namespace quartermaster::runtime {

struct BackoffOptions {
  // The pause after a failed attempt; doubles with every further one that got nothing.
  Micros first = Milliseconds(50);
  Micros longest = Seconds(2);
};

class Follower {
 public:
  // Makes its calls with the contexts of a Call and returns when they have ended. True if it got
  // something: the next pause is the shortest again.
  using Attempt = std::function<bool(Follower&)>;

  Follower(BackoffOptions backoff, Attempt attempt);
  // Stops, if it has not been stopped.
  ~Follower();

  void Start();
  // Cancels the call under way and waits for the thread.
  void Stop();
  // For the attempt: its calls fail because they were cancelled.
  bool stopping();

  // For the attempt: the scope of a call that Stop cancels. One at a time.
  class Call;

 private:
  void Run();
  // False once stopped.
  bool Pause(Micros length);

  const BackoffOptions backoff_;
  const Attempt attempt_;
  std::thread thread_;
  Mutex mutex_;
  CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::ClientContext* context_ ABSL_GUARDED_BY(mutex_) = nullptr;
};

class Follower::Call {
 public:
  explicit Call(Follower& follower);
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  grpc::ClientContext* context() { return context_.get(); }

 private:
  Follower& follower_;
  const std::unique_ptr<grpc::ClientContext> context_;
};

}  // namespace quartermaster::runtime

#endif  // QUARTERMASTER_SERVICES_RUNTIME_FOLLOWER_H_
