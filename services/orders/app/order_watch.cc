#include "services/orders/app/order_watch.h"

#include <vector>

namespace quartermaster::orders {

OrderWatch::~OrderWatch() { CancelAll(); }

uint64_t OrderWatch::Next(Position after, Done done) {
  MutexLock lock(&mutex_);
  const uint64_t id = next_++;
  Watcher watcher = {.after = after, .done = std::move(done)};
  if (closed_ || after > head_) {
    const absl::Status status = closed_ ? absl::CancelledError("shutting down")
                                        : absl::OutOfRangeError("the position is beyond the head");
    Finish(std::move(watcher), status);
    return id;
  }
  const bool ready = after < head_;
  watchers_.emplace(id, std::move(watcher));
  if (ready && !serving_) {
    serving_ = true;
    loop_->Post([this] { Serve(); });
  }
  return id;
}

void OrderWatch::Cancel(uint64_t watcher) {
  MutexLock lock(&mutex_);
  auto node = watchers_.extract(watcher);
  if (node.empty()) return;
  Finish(std::move(node.mapped()), absl::CancelledError("the watcher has gone"));
}

void OrderWatch::CancelAll() {
  MutexLock lock(&mutex_);
  closed_ = true;
  for (auto& [id, watcher] : watchers_) {
    Finish(std::move(watcher), absl::CancelledError("shutting down"));
  }
  watchers_.clear();
}

void OrderWatch::OnHead(Position head) {
  MutexLock lock(&mutex_);
  head_ = head;
  if (watchers_.empty() || serving_) return;
  serving_ = true;
  loop_->Post([this] { Serve(); });
}

void OrderWatch::Serve() {
  std::vector<Watcher> ready;
  Position head = 0;
  {
    MutexLock lock(&mutex_);
    serving_ = false;
    head = head_;
    for (auto it = watchers_.begin(); it != watchers_.end();) {
      if (it->second.after >= head) {
        ++it;
        continue;
      }
      ready.push_back(std::move(it->second));
      it = watchers_.erase(it);
    }
  }
  for (Watcher& watcher : ready) watcher.done(history_->ReadOn(watcher.after, head));
}

void OrderWatch::Finish(Watcher watcher, absl::StatusOr<LoggedEvents> events) {
  loop_->Post([watcher = std::move(watcher), events = std::move(events)]() mutable {
    watcher.done(std::move(events));
  });
}

}  // namespace quartermaster::orders
