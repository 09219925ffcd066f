// CatalogFollower: the catalog's view in a process that the catalog does not run in. Follows the
// records of the catalog's partition over gRPC (LogReader.Subscribe, from the first one on), on a
// thread of its own, and goes on by itself when the log comes back after a break.
//
//   CatalogFollower catalog(channel, {});
//   catalog.view().AddListener(&stock_register);
//   catalog.Start();
//   catalog.CatchUp([](bool caught_up) { ... });   // all that was put before is in the view
#ifndef QUARTERMASTER_SERVICES_CATALOG_RPC_CATALOG_FOLLOWER_H_
#define QUARTERMASTER_SERVICES_CATALOG_RPC_CATALOG_FOLLOWER_H_

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "quartermaster/log/v1/log.grpc.pb.h"
#include "services/base/mutex.h"
#include "services/catalog/app/catalog_replica.h"
#include "services/runtime/follower.h"

namespace quartermaster::catalog {

struct CatalogFollowerOptions {
  runtime::BackoffOptions backoff;
  // Told why an attempt ended, for the log; on the follower's thread, must not block for long.
  std::function<void(const std::string& problem)> on_problem;
  std::string partition = "catalog/0";
  // How many callers may wait to catch up.
  size_t waiting_max = 4'096;
};

// Thread-safe but for Start and Stop.
class CatalogFollower {
 public:
  using CaughtUp = absl::AnyInvocable<void(bool)>;

  CatalogFollower(const std::shared_ptr<grpc::Channel>& channel, CatalogFollowerOptions options);
  // Stops, if it has not been stopped.
  ~CatalogFollower();

  // Listeners may be added before Start; they are told on the follower's thread.
  CatalogView& view() { return replica_.view(); }

  void Start();
  // Whoever waits is called with false.
  void Stop();

  // Calls `done` once: with true when the view has all that the catalog had answered for before
  // this call and listeners have been told, with false when the log did not answer or broke off.
  // `done` runs on a thread of gRPC's or of the follower's, never within CatchUp; must not block.
  // False, and no call, if the follower does not run or too many wait.
  bool CatchUp(CaughtUp done);

 private:
  using Response = log::v1::SubscribeResponse;
  struct HeadCall;

  bool Follow();
  absl::Status TakeRecords(const Response& response);
  // Asks for the head, for those in asked_.
  void AskHead();
  void OnHead(const grpc::Status& status);
  // Calls those who waited for this position.
  void OnPosition(Position position);
  void GiveUpWaiting();
  void Report(const grpc::Status& status);

  const std::unique_ptr<log::v1::LogReader::Stub> stub_;
  const CatalogFollowerOptions options_;
  // But for the view: the follower's thread only.
  CatalogReplica replica_;

  Mutex mutex_;
  CondVar asked_nothing_;
  bool running_ ABSL_GUARDED_BY(mutex_) = false;
  Position position_ ABSL_GUARDED_BY(mutex_) = 0;
  // A question for the head is on its way, for those in asked_; those who came later are in
  // unasked_: its answer may be older than they are.
  bool asking_ ABSL_GUARDED_BY(mutex_) = false;
  std::unique_ptr<HeadCall> head_call_ ABSL_GUARDED_BY(mutex_);
  std::vector<CaughtUp> asked_ ABSL_GUARDED_BY(mutex_);
  std::vector<CaughtUp> unasked_ ABSL_GUARDED_BY(mutex_);
  // By the head they wait for.
  std::multimap<Position, CaughtUp> waiting_ ABSL_GUARDED_BY(mutex_);

  // Last: its thread uses the others.
  runtime::Follower follower_;
};

}  // namespace quartermaster::catalog

#endif  // QUARTERMASTER_SERVICES_CATALOG_RPC_CATALOG_FOLLOWER_H_
