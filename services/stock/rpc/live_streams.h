// LiveStreams: the streams that are open, so that a drain can end them.
#ifndef QUARTERMASTER_SERVICES_STOCK_RPC_LIVE_STREAMS_H_
#define QUARTERMASTER_SERVICES_STOCK_RPC_LIVE_STREAMS_H_

#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "services/base/mutex.h"

namespace quartermaster::stock {

// A stream that can be told to end. End must not block, and may run at any time until Leave.
class EndableStream {
 public:
  virtual ~EndableStream() = default;
  virtual void End() = 0;
};

// Thread-safe.
class LiveStreams {
 public:
  // False if no new streams are taken.
  bool Enter(EndableStream* stream) {
    MutexLock lock(&mutex_);
    if (ending_) return false;
    streams_.insert(stream);
    return true;
  }
  // After it, End is not called any more.
  void Leave(EndableStream* stream) {
    MutexLock lock(&mutex_);
    streams_.erase(stream);
  }
  void EndAll() {
    MutexLock lock(&mutex_);
    ending_ = true;
    for (EndableStream* stream : streams_) stream->End();
  }

 private:
  Mutex mutex_;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_set<EndableStream*> streams_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_RPC_LIVE_STREAMS_H_
