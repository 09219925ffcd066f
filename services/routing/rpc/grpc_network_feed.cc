#include <grpcpp/grpcpp.h>

#include <chrono>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "quartermaster/log/v1/log.grpc.pb.h"
#include "services/base/status_macros.h"
#include "services/routing/app/catalog_cursor.h"
#include "services/routing/rpc/grpc_feeds.h"

namespace quartermaster::routing {
namespace {

constexpr std::chrono::seconds kStatusTimeout(10);

class GrpcNetworkFeed final : public NetworkFeed {
 public:
  GrpcNetworkFeed(const std::shared_ptr<grpc::Channel>& channel, GrpcFeedOptions options,
                  std::string partition)
      : stub_(log::v1::LogReader::NewStub(channel)),
        options_(std::move(options)),
        partition_(std::move(partition)) {}

  ~GrpcNetworkFeed() override { Stop(); }

  void Start(NetworkSink* sink) override {
    sink_ = sink;
    follower_.emplace(options_.backoff,
                      [this](runtime::Follower& follower) { return Follow(follower); });
    follower_->Start();
  }

  void Stop() override {
    if (follower_.has_value()) follower_->Stop();
  }

 private:
  bool Follow(runtime::Follower& follower) {
    if (!cursor_.aimed() && !FindHead(follower)) return false;
    // A new catalog has nothing to send: it is complete already.
    Deliver();

    runtime::Follower::Call call(follower);
    log::v1::SubscribeRequest request;
    request.set_partition(partition_);
    request.set_from_position(cursor_.next());
    const auto reader = stub_->Subscribe(call.context(), request);
    log::v1::SubscribeResponse response;
    bool received = false;
    while (reader->Read(&response)) {
      const absl::Status taken = TakeRecords(response);
      Deliver();
      if (!taken.ok()) {
        Report(grpc::Status(grpc::StatusCode::INTERNAL, std::string(taken.message())));
        call.context()->TryCancel();
        // What is still on its way is read and dropped.
        while (reader->Read(&response)) {
        }
        reader->Finish();
        return false;
      }
      received = true;
    }
    Report(reader->Finish());
    return received;
  }

  // How far the log reaches now: up to there the network is what it was before routing came.
  bool FindHead(runtime::Follower& follower) {
    runtime::Follower::Call call(follower);
    call.context()->set_deadline(std::chrono::system_clock::now() + kStatusTimeout);
    log::v1::GetStatusResponse response;
    const grpc::Status status = stub_->GetStatus(call.context(), {}, &response);
    if (!status.ok()) {
      Report(status);
      return false;
    }
    for (const auto& partition : response.partitions()) {
      if (partition.partition() != partition_) continue;
      cursor_.AimAt(partition.head());
      return true;
    }
    Report(grpc::Status(grpc::StatusCode::NOT_FOUND, "the catalog has no log yet"));
    return false;
  }

  absl::Status TakeRecords(const log::v1::SubscribeResponse& response) {
    for (const log::v1::Record& record : response.records()) {
      QM_RETURN_IF_ERROR(
          cursor_.Take(record.position(), record.type(), record.version(), record.payload()));
    }
    return absl::OkStatus();
  }

  void Deliver() {
    if (auto batch = cursor_.Flush()) sink_->OnNetwork(*std::move(batch));
  }

  void Report(const grpc::Status& status) {
    if (!options_.on_problem || follower_->stopping()) return;
    options_.on_problem(absl::StrCat("the catalog feed ended (code ",
                                     static_cast<int>(status.error_code()),
                                     "): ", status.error_message()));
  }

  const std::unique_ptr<log::v1::LogReader::Stub> stub_;
  const GrpcFeedOptions options_;
  const std::string partition_;
  NetworkSink* sink_ = nullptr;
  // The follower's thread only.
  CatalogCursor cursor_;
  std::optional<runtime::Follower> follower_;
};

}  // namespace

std::unique_ptr<NetworkFeed> NewGrpcNetworkFeed(const std::shared_ptr<grpc::Channel>& channel,
                                                GrpcFeedOptions options, std::string partition) {
  return std::make_unique<GrpcNetworkFeed>(channel, std::move(options), std::move(partition));
}

}  // namespace quartermaster::routing
