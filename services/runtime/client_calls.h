// ClientCalls: the asynchronous unary calls that a client has under way, so that it can be
// destroyed while there are some.
//
// gRPC 1.51 shuts a channel's callback queue down when the channel's last owner goes, and waits
// there for its own threads: if that owner goes on one of them, the thread waits for itself and
// gRPC aborts. A call's context owns the channel, and so does the stub. Therefore a completion
// gives its context up before the call counts as ended, and a client destroys its ClientCalls,
// which waits for that, before its stub: so its members stand in this order.
//
//   const std::unique_ptr<StockService::Stub> stub_;
//   runtime::ClientCalls calls_;
//   ...
//   calls_.Start(stub_->async(), &StockService::StubInterface::async_interface::Reserve,
//                Seconds(5), request, [](const grpc::Status& status, ReserveResponse& response)
//                {...});
#ifndef QUARTERMASTER_SERVICES_RUNTIME_CLIENT_CALLS_H_
#define QUARTERMASTER_SERVICES_RUNTIME_CLIENT_CALLS_H_

#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <functional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "services/base/mutex.h"
#include "services/base/time.h"

namespace quartermaster::runtime {

// Thread-safe.
class ClientCalls {
 public:
  template <typename Response>
  using Done = absl::AnyInvocable<void(const grpc::Status&, Response&)>;

  ClientCalls() = default;
  // Cancels what is under way and waits until it has ended. Not on a thread of gRPC's: not in a
  // callback.
  ~ClientCalls() {
    MutexLock lock(&mutex_);
    closing_ = true;
    for (grpc::ClientContext* context : contexts_) context->TryCancel();
    while (!contexts_.empty()) none_.Wait(&mutex_);
  }
  ClientCalls(const ClientCalls&) = delete;
  ClientCalls& operator=(const ClientCalls&) = delete;

  // Starts `method` of the stub's async interface. `done` runs once, on a thread of gRPC's, or
  // here with CANCELLED if this is being destroyed; it may start further calls and must not block.
  template <typename Request, typename Response, typename Async>
  void Start(Async* async,
             void (Async::*method)(grpc::ClientContext*, const Request*, Response*,
                                   std::function<void(grpc::Status)>),
             Micros deadline, Request request, Done<Response> done) {
    auto* const call = new Call<Request, Response>;
    call->request = std::move(request);
    call->done = std::move(done);
    call->context.set_deadline(std::chrono::system_clock::now() +
                               std::chrono::microseconds(deadline.count));
    if (!Add(&call->context)) {
      call->done(grpc::Status::CANCELLED, call->response);
      delete call;
      return;
    }
    (async->*method)(&call->context, &call->request, &call->response,
                     [this, call](const grpc::Status& status) {
                       call->done(status, call->response);
                       // What it holds goes without the lock.
                       call->done = nullptr;
                       End(&call->context, [call] { delete call; });
                     });
  }

 private:
  template <typename Request, typename Response>
  struct Call {
    grpc::ClientContext context;
    Request request;
    Response response;
    Done<Response> done;
  };

  // False: it is too late for another one.
  bool Add(grpc::ClientContext* context) {
    MutexLock lock(&mutex_);
    if (closing_) return false;
    contexts_.insert(context);
    return true;
  }
  // All under the lock: once it is let go of, this may be gone.
  template <typename Destroy>
  void End(grpc::ClientContext* context, Destroy destroy) {
    MutexLock lock(&mutex_);
    destroy();
    contexts_.erase(context);
    if (contexts_.empty()) none_.NotifyAll();
  }

  Mutex mutex_;
  CondVar none_;
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_set<grpc::ClientContext*> contexts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quartermaster::runtime

#endif  // QUARTERMASTER_SERVICES_RUNTIME_CLIENT_CALLS_H_
