#include "services/runtime/goaway.h"

#include <dlfcn.h>
#include <grpc/grpc.h>

#include <future>

namespace quartermaster::runtime {
namespace {

// Public methods of grpc_core::Server (src/core/lib/surface/server.h), whose header is not
// installed: found by name in the library, called with the server as their only argument. A
// grpc_server* is a grpc_core::Server*.
constexpr char kStopListening[] = "_ZN9grpc_core6Server13StopListeningEv";
constexpr char kSendGoaways[] = "_ZN9grpc_core6Server11SendGoawaysEv";
constexpr char kHasOpenConnections[] = "_ZN9grpc_core6Server18HasOpenConnectionsEv";

template <typename Function>
Function* Find(const char* symbol) {
  return reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, symbol));
}

using VoidMethod = void(grpc_server*);
using BoolMethod = bool(grpc_server*);

struct Job : grpc_completion_queue_functor {
  grpc_server* server;
  VoidMethod* stop_listening;
  VoidMethod* send_goaways;
  std::promise<void> done;
};

// Core functions need an execution context of gRPC's on their thread. The end of a callback
// completion queue is such a place: its functor runs on gRPC's executor.
void RunInCore(Job* job) {
  job->functor_run = [](grpc_completion_queue_functor* functor, int) {
    auto* self = static_cast<Job*>(functor);
    self->stop_listening(self->server);
    self->send_goaways(self->server);
    self->done.set_value();
  };
  job->inlineable = 0;
  job->internal_success = 0;
  job->internal_next = nullptr;
  std::future<void> done = job->done.get_future();
  grpc_completion_queue* queue = grpc_completion_queue_create_for_callback(job, nullptr);
  grpc_completion_queue_shutdown(queue);
  done.wait();
  grpc_completion_queue_destroy(queue);
}

}  // namespace

bool StopListeningAndSendGoaways(grpc_server* server) {
  Job job;
  job.server = server;
  job.stop_listening = Find<VoidMethod>(kStopListening);
  job.send_goaways = Find<VoidMethod>(kSendGoaways);
  if (job.stop_listening == nullptr || job.send_goaways == nullptr ||
      Find<BoolMethod>(kHasOpenConnections) == nullptr) {
    return false;
  }
  RunInCore(&job);
  return true;
}

bool HasOpenConnections(grpc_server* server) {
  return Find<BoolMethod>(kHasOpenConnections)(server);
}

}  // namespace quartermaster::runtime
