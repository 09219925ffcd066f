#include "storage/remote/grpc_log.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "quartermaster/log/v1/log_writer.grpc.pb.h"
#include "services/base/mutex.h"
#include "services/base/status_macros.h"
#include "storage/partition_state.h"
#include "storage/remote/grpc_verdict.h"
#include "storage/shared_log_limits.h"
#include "storage/wait_deadline.h"

namespace quartermaster::storage {
namespace {

namespace v1 = log::v1;

// gRPC takes no backoff below 100 ms.
constexpr int kReconnectFirstMs = 100;
constexpr int kReconnectMaxMs = 200;
// A peer that is gone without a word is noticed by pings; our servers take one in 10 s.
constexpr int kKeepaliveMs = 15'000;
constexpr int kKeepaliveTimeoutMs = 5'000;
// Between two attempts of a call whose answer was that the log cannot answer.
constexpr Micros kPause = Milliseconds(50);
// One wait of WaitForHead: below what the log takes.
constexpr Micros kWaitSlice = Seconds(5);

std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  // A connection of its own.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectFirstMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectMaxMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // What is sent again, and when, is decided here.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetMaxReceiveMessageSize(kSharedLogMessageBytesMax);
  arguments.SetMaxSendMessageSize(kSharedLogMessageBytesMax);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

template <typename Request>
Request RequestFor(const PartitionId& partition) {
  Request request;
  request.set_tenant(partition.tenant);
  request.set_partition(partition.name);
  return request;
}

class GrpcLog final : public EventLog {
 public:
  explicit GrpcLog(GrpcLogOptions options)
      : options_(std::move(options)), stub_(v1::LogWriter::NewStub(Connect(options_.address))) {}

  absl::Status WaitUntilItAnswers() {
    v1::ListPartitionsResponse response;
    QM_RETURN_IF_ERROR(
        Ask(&Stub::ListPartitions, v1::ListPartitionsRequest(), options_.open_timeout, &response));
    return LearnFormatLevel(response.format_level());
  }

  absl::StatusOr<Lease> Acquire(const PartitionId& partition) override {
    v1::AcquireResponse response;
    QM_RETURN_IF_ERROR(Ask(&Stub::Acquire, RequestFor<v1::AcquireRequest>(partition),
                           options_.read_timeout, &response));
    QM_RETURN_IF_ERROR(LearnFormatLevel(response.format_level()));
    return Lease{.epoch = response.epoch(), .head = response.head()};
  }

  absl::Status Append(const PartitionId& partition, Epoch epoch, Position expected_head,
                      std::string_view frame) override {
    if (frame.size() > kSharedLogFrameBytesMax) {
      return absl::InvalidArgumentError(absl::StrCat("a frame of ", frame.size(),
                                                     " bytes; a shared log takes at most ",
                                                     kSharedLogFrameBytesMax));
    }
    Outbox& outbox = OutboxOf(partition);
    MutexLock lock(&outbox.mutex);
    outbox.request.set_epoch(epoch);
    outbox.request.set_expected_head(expected_head);
    outbox.request.set_frame(frame.data(), frame.size());
    v1::AppendResponse response;
    return AskOnce(&Stub::Append, outbox.request, options_.append_timeout, &response);
  }

  absl::StatusOr<std::vector<std::string>> Read(const PartitionId& partition, Position from,
                                                size_t max_bytes) override {
    // The log calls this a malformed request.
    if (from < 1) return absl::OutOfRangeError(absl::StrCat("positions begin at 1, not ", from));
    auto request = RequestFor<v1::ReadFramesRequest>(partition);
    std::vector<std::string> frames;
    size_t bytes = 0;
    while (true) {
      const size_t wanted = max_bytes - bytes;
      request.set_from_position(from);
      request.set_max_bytes(static_cast<int64_t>(std::min(wanted, kSharedLogReadBytesMax)));
      v1::ReadFramesResponse response;
      QM_RETURN_IF_ERROR(Ask(&Stub::ReadFrames, request, options_.read_timeout, &response));
      for (std::string& frame : *response.mutable_frames()) {
        bytes += frame.size();
        // Each reply has one frame at least.
        if (bytes > max_bytes && !frames.empty()) return frames;
        frames.push_back(std::move(frame));
      }
      from = response.next_position();
      // A reply that was asked for no more than it may hold is all there is to give.
      if (wanted <= kSharedLogReadBytesMax || response.frames().empty() || bytes >= max_bytes ||
          from > response.head()) {
        return frames;
      }
    }
  }

  absl::StatusOr<PartitionStatus> GetStatus(const PartitionId& partition) override {
    v1::GetPartitionResponse response;
    QM_RETURN_IF_ERROR(Ask(&Stub::GetPartition, RequestFor<v1::GetPartitionRequest>(partition),
                           options_.status_timeout, &response));
    return PartitionStatus{.id = partition, .epoch = response.epoch(), .head = response.head()};
  }

  absl::StatusOr<std::vector<PartitionStatus>> ListPartitions() override {
    v1::ListPartitionsResponse response;
    QM_RETURN_IF_ERROR(
        Ask(&Stub::ListPartitions, v1::ListPartitionsRequest(), options_.read_timeout, &response));
    std::vector<PartitionStatus> list;
    list.reserve(response.partitions_size());
    for (const auto& partition : response.partitions()) {
      list.push_back({.id = {partition.tenant(), partition.partition()},
                      .epoch = partition.epoch(),
                      .head = partition.head()});
    }
    return list;
  }

  absl::StatusOr<Position> WaitForHead(const PartitionId& partition, Position position,
                                       Micros timeout) override {
    const WaitDeadline deadline(timeout);
    auto request = RequestFor<v1::WaitForHeadRequest>(partition);
    request.set_position(std::max(position, Position{0}));
    while (true) {
      // Below zero every head is beyond it.
      const Micros left = position < 0 ? Micros{0} : deadline.Left();
      const Micros slice = std::clamp(left, Micros{0}, kWaitSlice);
      request.set_timeout_us(slice.count);
      v1::WaitForHeadResponse response;
      // While there is time a log that restarts is waited for; so is its answer.
      const absl::Status status =
          AskOnce(&Stub::WaitForHead, request, slice + options_.status_timeout, &response);
      const bool over = deadline.Left().count <= 0;
      if (status.ok() && (response.head() > position || over)) return response.head();
      if (!status.ok() && (!absl::IsUnavailable(status) || over)) return status;
      if (!status.ok()) Pause(deadline);
    }
  }

  int format_level() const override { return format_level_.load(std::memory_order_relaxed); }

 private:
  using Stub = v1::LogWriter::Stub;
  template <typename Request, typename Response>
  using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*);

  // A partition's request, which keeps its buffers.
  struct Outbox {
    explicit Outbox(const PartitionId& partition)
        : request(RequestFor<v1::AppendRequest>(partition)) {}
    Mutex mutex;
    v1::AppendRequest request ABSL_GUARDED_BY(mutex);
  };

  Outbox& OutboxOf(const PartitionId& partition) {
    MutexLock lock(&mutex_);
    std::unique_ptr<Outbox>& outbox = outboxes_[partition];
    if (outbox == nullptr) outbox = std::make_unique<Outbox>(partition);
    return *outbox;
  }

  // One call, which waits for the connection if there is none.
  template <typename Request, typename Response>
  absl::Status AskOnce(Method<Request, Response> method, const Request& request, Micros timeout,
                       Response* response) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::microseconds(timeout.count));
    // A call that waits drives the reconnection itself, and goes out with it.
    context.set_wait_for_ready(true);
    const grpc::Status answer = (stub_.get()->*method)(&context, request, response);
    absl::Status status = VerdictOf(answer, options_.address);
    NoteOutage(status);
    return status;
  }

  // Until the log answers, or the timeout has passed.
  template <typename Request, typename Response>
  absl::Status Ask(Method<Request, Response> method, const Request& request, Micros timeout,
                   Response* response) {
    const WaitDeadline deadline(timeout);
    while (true) {
      absl::Status status = AskOnce(method, request, deadline.Left(), response);
      if (!absl::IsUnavailable(status) || deadline.Left().count <= 0) return status;
      Pause(deadline);
    }
  }

  static void Pause(const WaitDeadline& deadline) {
    const Micros pause = std::clamp(deadline.Left(), Micros{0}, kPause);
    std::this_thread::sleep_for(std::chrono::microseconds(pause.count));
  }

  void NoteOutage(const absl::Status& status) {
    const bool down = absl::IsUnavailable(status);
    if (down_.load(std::memory_order_relaxed) == down || down_.exchange(down) == down) return;
    if (options_.on_outage) options_.on_outage(down ? status : absl::OkStatus());
  }

  absl::Status LearnFormatLevel(int level) {
    if (level > kFormatLevel) {
      return absl::FailedPreconditionError(
          absl::StrCat("the log at ", options_.address, " has format level ", level,
                       ", but this binary knows up to level ", kFormatLevel, ": use a newer one"));
    }
    format_level_.store(level, std::memory_order_relaxed);
    return absl::OkStatus();
  }

  const GrpcLogOptions options_;
  const std::unique_ptr<Stub> stub_;
  std::atomic<int> format_level_{0};
  std::atomic<bool> down_{false};

  Mutex mutex_;
  std::map<PartitionId, std::unique_ptr<Outbox>, ByTenantAndName> outboxes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::StatusOr<std::unique_ptr<EventLog>> OpenGrpcLog(GrpcLogOptions options) {
  auto log = std::make_unique<GrpcLog>(std::move(options));
  QM_RETURN_IF_ERROR(log->WaitUntilItAnswers());
  return log;
}

}  // namespace quartermaster::storage
