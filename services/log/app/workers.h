// Threads for calls that block: as many as are needed at once, up to a limit.
#ifndef QUARTERMASTER_SERVICES_LOG_APP_WORKERS_H_
#define QUARTERMASTER_SERVICES_LOG_APP_WORKERS_H_

#include <cstddef>
#include <deque>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "services/base/mutex.h"

namespace quartermaster::log {

// Told OK, on one of the threads, when its turn has come, or else why it never does.
using Job = absl::AnyInvocable<void(absl::Status)>;

// Thread-safe.
class Workers {
 public:
  explicit Workers(size_t threads_max) : threads_max_(threads_max) {}
  // Stops, if that was not done.
  ~Workers();

  // Calls the job once: on one of the threads as soon as one is free, first come, first served; or
  // at once, with kUnavailable, when stopped. Starts a thread if all are busy and there may be one
  // more.
  void Run(Job job);

  // Waits until every job has run and the threads have ended. Not from a job.
  void Stop();

 private:
  void Work();

  const size_t threads_max_;
  Mutex mutex_;
  CondVar arrived_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  size_t idle_ ABSL_GUARDED_BY(mutex_) = 0;
  std::deque<Job> queue_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quartermaster::log

#endif  // QUARTERMASTER_SERVICES_LOG_APP_WORKERS_H_
