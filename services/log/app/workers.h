// Threads for calls that block: as many as are needed at once, up to a limit.
#ifndef QUARTERMASTER_SERVICES_LOG_APP_WORKERS_H_
#define QUARTERMASTER_SERVICES_LOG_APP_WORKERS_H_

#include <cstddef>
#include <deque>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "services/base/mutex.h"

namespace quartermaster::log {

// Thread-safe.
class Workers {
 public:
  using Task = absl::AnyInvocable<void()>;

  explicit Workers(size_t threads_max) : threads_max_(threads_max) {}
  // Stops, if that was not done.
  ~Workers();

  // Runs the task on one of the threads, as soon as one is free: first come, first served. Starts a
  // thread if all are busy and there may be one more. False, and the task is dropped, once stopped.
  bool Run(Task task);

  // Waits until every task has run and the threads have ended. Not from a task.
  void Stop();

 private:
  void Work();

  const size_t threads_max_;
  Mutex mutex_;
  CondVar arrived_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  size_t idle_ ABSL_GUARDED_BY(mutex_) = 0;
  std::deque<Task> queue_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quartermaster::log

#endif  // QUARTERMASTER_SERVICES_LOG_APP_WORKERS_H_
