// EventLoop: runs small tasks one after another, now or at a time, on a thread of its own or by
// hand. What only tasks of one loop touch needs no lock, and a simulation that steps the loop under
// a clock of its own is exactly repeatable.
//
//   EventLoop loop(&clock);
//   loop.Start();                                   // or Step() by hand
//   loop.Post([] { ... });
//   loop.PostAt(clock.Now() + Seconds(2), [] { ... });
#ifndef QUARTERMASTER_SERVICES_ORDERS_APP_EVENT_LOOP_H_
#define QUARTERMASTER_SERVICES_ORDERS_APP_EVENT_LOOP_H_

#include <cstddef>
#include <map>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "services/base/mutex.h"
#include "services/base/time.h"
#include "services/engine/clock.h"

namespace quartermaster::orders {

// Thread-safe.
class EventLoop {
 public:
  using Task = absl::AnyInvocable<void()>;

  // `clock` must outlive the loop.
  explicit EventLoop(const engine::Clock* clock) : clock_(clock) {}
  // Stops, if it has not been stopped.
  ~EventLoop();

  // Runs the tasks on a thread of its own.
  void Start();
  // Runs what has been posted without a time, drops what waits for one, and ends the thread. What
  // is posted later is dropped. Not to be called by a task.
  void Stop();

  // Runs the task soon, in the order of the calls.
  void Post(Task task);
  // Runs the task once the clock has reached `when`; in (time, call) order.
  void PostAt(Instant when, Task task);

  // By hand, instead of Start: runs what was posted before the call and what is due. False if there
  // was nothing.
  bool Step();
  // When the next timed task is due; kDistantFuture if none waits.
  Instant next_due() const;

  const engine::Clock& clock() const { return *clock_; }

 private:
  void Run();

  const engine::Clock* const clock_;
  mutable Mutex mutex_;
  CondVar arrived_;
  std::vector<Task> ready_ ABSL_GUARDED_BY(mutex_);
  std::multimap<Instant, Task> timed_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_APP_EVENT_LOOP_H_
