#include "services/catalog/rpc/catalog_follower.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/status_macros.h"

namespace quartermaster::catalog {
namespace {

// How long the log may take to say how far it reaches.
constexpr std::chrono::seconds kHeadTimeout(2);

// 0 for a catalog that never had an owner.
Position HeadOf(const log::v1::GetStatusResponse& response, const std::string& partition) {
  for (const auto& one : response.partitions()) {
    if (one.partition() == partition) return one.head();
  }
  return 0;
}

void CallAll(std::vector<CatalogFollower::CaughtUp> waiting, bool caught_up) {
  for (CatalogFollower::CaughtUp& done : waiting) done(caught_up);
}

}  // namespace

struct CatalogFollower::HeadCall {
  grpc::ClientContext context;
  log::v1::GetStatusRequest request;
  log::v1::GetStatusResponse response;
};

CatalogFollower::CatalogFollower(const std::shared_ptr<grpc::Channel>& channel,
                                 CatalogFollowerOptions options)
    : stub_(log::v1::LogReader::NewStub(channel)),
      options_(std::move(options)),
      follower_(options_.backoff, [this](runtime::Follower&) { return Follow(); }) {}

CatalogFollower::~CatalogFollower() { Stop(); }

void CatalogFollower::Start() {
  {
    MutexLock lock(&mutex_);
    running_ = true;
  }
  follower_.Start();
}

void CatalogFollower::Stop() {
  {
    MutexLock lock(&mutex_);
    running_ = false;
    if (head_call_ != nullptr) head_call_->context.TryCancel();
  }
  follower_.Stop();
  {
    MutexLock lock(&mutex_);
    while (asking_) asked_nothing_.Wait(&mutex_);
  }
  GiveUpWaiting();
}

bool CatalogFollower::CatchUp(CaughtUp done) {
  {
    MutexLock lock(&mutex_);
    if (!running_) return false;
    if (asked_.size() + unasked_.size() + waiting_.size() >= options_.waiting_max) return false;
    if (asking_) {
      unasked_.push_back(std::move(done));
      return true;
    }
    asked_.push_back(std::move(done));
    asking_ = true;
  }
  AskHead();
  return true;
}

void CatalogFollower::AskHead() {
  HeadCall* call = nullptr;
  {
    MutexLock lock(&mutex_);
    head_call_ = std::make_unique<HeadCall>();
    call = head_call_.get();
    call->context.set_deadline(std::chrono::system_clock::now() + kHeadTimeout);
    // Cancelled before it begins, it fails at once.
    if (!running_) call->context.TryCancel();
  }
  log::v1::LogReader::StubInterface::async_interface* const async = stub_->async();
  async->GetStatus(&call->context, &call->request, &call->response,
                   [this](const grpc::Status& status) { OnHead(status); });
}

void CatalogFollower::OnHead(const grpc::Status& status) {
  std::vector<CaughtUp> answered;
  bool ask_again = false;
  bool caught_up = false;
  {
    MutexLock lock(&mutex_);
    const Position head = HeadOf(head_call_->response, options_.partition);
    // Before the follower may be gone: the call holds on to the channel, whose last owner must not
    // be a thread of gRPC's (1.51 would wait for itself).
    head_call_ = nullptr;
    caught_up = status.ok() && head <= position_;
    if (caught_up || !status.ok() || !running_) {
      answered = std::exchange(asked_, {});
    } else {
      for (CaughtUp& done : asked_) waiting_.emplace(head, std::move(done));
      asked_.clear();
    }
    asked_.swap(unasked_);
    ask_again = !asked_.empty();
    asking_ = ask_again;
    // Under the lock: once it is let go of, the follower may be gone.
    if (!asking_) asked_nothing_.NotifyAll();
  }
  CallAll(std::move(answered), caught_up);
  if (ask_again) AskHead();
}

bool CatalogFollower::Follow() {
  runtime::Follower::Call call(follower_);
  log::v1::SubscribeRequest request;
  request.set_partition(options_.partition);
  request.set_from_position(replica_.position() + 1);
  const auto reader = stub_->Subscribe(call.context(), request);
  Response response;
  bool received = false;
  absl::Status taken;
  while (taken.ok() && reader->Read(&response)) {
    taken = TakeRecords(response);
    replica_.Publish();
    OnPosition(replica_.position());
    received = true;
  }
  if (!taken.ok()) {
    call.context()->TryCancel();
    // What is still on its way is read and dropped.
    while (reader->Read(&response)) {
    }
  }
  const grpc::Status ended = reader->Finish();
  Report(taken.ok() ? ended
                    : grpc::Status(grpc::StatusCode::INTERNAL, std::string(taken.message())));
  GiveUpWaiting();
  return received && taken.ok();
}

absl::Status CatalogFollower::TakeRecords(const Response& response) {
  for (const log::v1::Record& record : response.records()) {
    QM_RETURN_IF_ERROR(replica_.Take(record.position(), static_cast<uint32_t>(record.type()),
                                     static_cast<uint32_t>(record.version()), record.payload()));
  }
  return absl::OkStatus();
}

void CatalogFollower::OnPosition(Position position) {
  std::vector<CaughtUp> answered;
  {
    MutexLock lock(&mutex_);
    position_ = position;
    const auto end = waiting_.upper_bound(position);
    for (auto it = waiting_.begin(); it != end; ++it) answered.push_back(std::move(it->second));
    waiting_.erase(waiting_.begin(), end);
  }
  CallAll(std::move(answered), true);
}

void CatalogFollower::GiveUpWaiting() {
  std::vector<CaughtUp> answered;
  {
    MutexLock lock(&mutex_);
    for (auto& [head, done] : waiting_) answered.push_back(std::move(done));
    waiting_.clear();
  }
  CallAll(std::move(answered), false);
}

void CatalogFollower::Report(const grpc::Status& status) {
  if (!options_.on_problem || follower_.stopping()) return;
  options_.on_problem(absl::StrCat("following the catalog ended (code ",
                                   static_cast<int>(status.error_code()),
                                   "): ", status.error_message()));
}

}  // namespace quartermaster::catalog
