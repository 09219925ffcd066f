#include "services/orders/app/event_loop.h"

#include <algorithm>
#include <utility>

#include "services/base/check.h"

namespace quartermaster::orders {
namespace {

// The wall clock may jump: a timed task is looked at again at least this often.
constexpr Micros kSleepMax = Seconds(1);

}  // namespace

EventLoop::~EventLoop() { Stop(); }

void EventLoop::Start() {
  QM_CHECK(!thread_.joinable()) << "started twice";
  thread_ = std::thread([this] { Run(); });
}

void EventLoop::Stop() {
  // Destroyed without the lock: a task may own what posts when it ends.
  std::multimap<Instant, Task> dropped;
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    dropped.swap(timed_);
    arrived_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
  while (Step()) {
  }
}

void EventLoop::Post(Task task) {
  MutexLock lock(&mutex_);
  if (stopping_) return;
  ready_.push_back(std::move(task));
  if (ready_.size() == 1) arrived_.NotifyOne();
}

void EventLoop::PostAt(Instant when, Task task) {
  MutexLock lock(&mutex_);
  if (stopping_) return;
  const auto it = timed_.emplace(when, std::move(task));
  if (it == timed_.begin()) arrived_.NotifyOne();
}

bool EventLoop::Step() {
  std::vector<Task> batch;
  const Instant now = clock_->Now();
  {
    MutexLock lock(&mutex_);
    batch.swap(ready_);
    while (!timed_.empty() && timed_.begin()->first <= now) {
      batch.push_back(std::move(timed_.begin()->second));
      timed_.erase(timed_.begin());
    }
  }
  for (Task& task : batch) task();
  return !batch.empty();
}

Instant EventLoop::next_due() const {
  MutexLock lock(&mutex_);
  return timed_.empty() ? kDistantFuture : timed_.begin()->first;
}

void EventLoop::Run() {
  while (true) {
    if (Step()) continue;
    MutexLock lock(&mutex_);
    if (!ready_.empty()) continue;
    if (stopping_) return;
    Micros sleep = kSleepMax;
    if (!timed_.empty()) sleep = std::min(sleep, timed_.begin()->first - clock_->Now());
    if (sleep > Micros{0}) arrived_.WaitFor(&mutex_, sleep);
  }
}

}  // namespace quartermaster::orders
