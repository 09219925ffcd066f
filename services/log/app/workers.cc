#include "services/log/app/workers.h"

#include <utility>

namespace quartermaster::log {

Workers::~Workers() { Stop(); }

void Workers::Run(Job job) {
  {
    MutexLock lock(&mutex_);
    if (!stopping_) {
      queue_.push_back(std::move(job));
      if (queue_.size() > idle_ && threads_.size() < threads_max_) {
        threads_.emplace_back([this] { Work(); });
      } else {
        arrived_.NotifyOne();
      }
      return;
    }
  }
  job(absl::UnavailableError("the log has been shut down"));
}

void Workers::Stop() {
  std::vector<std::thread> threads;
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    arrived_.NotifyAll();
    threads.swap(threads_);
  }
  for (std::thread& thread : threads) thread.join();
}

void Workers::Work() {
  mutex_.Lock();
  while (true) {
    if (queue_.empty()) {
      if (stopping_) break;
      ++idle_;
      arrived_.Wait(&mutex_);
      --idle_;
      continue;
    }
    Job job = std::move(queue_.front());
    queue_.pop_front();
    mutex_.Unlock();
    job(absl::OkStatus());
    // What it holds goes before the thread waits.
    job = nullptr;
    mutex_.Lock();
  }
  mutex_.Unlock();
}

}  // namespace quartermaster::log
