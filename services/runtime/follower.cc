#include "services/runtime/follower.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <utility>

namespace quartermaster::runtime {

Follower::Follower(BackoffOptions backoff, Attempt attempt)
    : backoff_(backoff), attempt_(std::move(attempt)) {}

Follower::~Follower() { Stop(); }

void Follower::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Follower::Stop() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    if (context_ != nullptr) context_->TryCancel();
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

bool Follower::stopping() {
  MutexLock lock(&mutex_);
  return stopping_;
}

void Follower::Run() {
  Micros pause = backoff_.first;
  do {
    if (attempt_(*this)) pause = backoff_.first;
    const Micros next{std::min(pause.count * 2, backoff_.longest.count)};
    if (!Pause(std::exchange(pause, next))) return;
  } while (true);
}

bool Follower::Pause(Micros length) {
  MutexLock lock(&mutex_);
  // A wakeup without cause only shortens the pause.
  if (!stopping_) changed_.WaitFor(&mutex_, length);
  return !stopping_;
}

Follower::Call::Call(Follower& follower)
    : follower_(follower), context_(std::make_unique<grpc::ClientContext>()) {
  MutexLock lock(&follower_.mutex_);
  follower_.context_ = context_.get();
  // Cancelled before it begins, it fails at once.
  if (follower_.stopping_) context_->TryCancel();
}

Follower::Call::~Call() {
  MutexLock lock(&follower_.mutex_);
  follower_.context_ = nullptr;
}

}  // namespace quartermaster::runtime
