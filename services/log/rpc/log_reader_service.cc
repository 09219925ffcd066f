#include "services/log/rpc/log_reader_service.h"

#include <grpcpp/grpcpp.h>

#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "quartermaster/log/v1/log.grpc.pb.h"
#include "services/base/mutex.h"
#include "services/log/app/log_reader.h"
#include "services/runtime/rpc_error.h"
#include "services/runtime/validation.h"

namespace quartermaster::log {
namespace {

using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;
using runtime::FieldChecker;
using runtime::RpcError;

constexpr int kDefaultRecords = 1'000;
constexpr int kMaxRecords = 10'000;
constexpr size_t kMessageBytes = 512 << 10;
constexpr size_t kExportBytes = 1 << 20;

// What the reader's errors mean to a client.
grpc::Status ToGrpcStatus(const absl::Status& status) {
  const std::string message(status.message());
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
      return runtime::ToGrpcStatus(RpcError(common::v1::PARTITION_NOT_FOUND, message));
    case absl::StatusCode::kOutOfRange:
      return runtime::ToGrpcStatus(RpcError(common::v1::POSITION_OUT_OF_RANGE, message));
    case absl::StatusCode::kCancelled:
      return grpc::Status::CANCELLED;
    case absl::StatusCode::kUnavailable:
      return runtime::ToGrpcStatus(runtime::NotServing());
    default:
      break;
  }
  if (absl::IsDataLoss(status)) {
    return runtime::ToGrpcStatus(RpcError(common::v1::LOG_DAMAGED, message));
  }
  return runtime::ToGrpcStatus(runtime::InternalDefect("the log cannot be read", status));
}

// Response is ReadResponse or SubscribeResponse.
template <typename Response>
void Fill(LogBatch&& batch, Response& response) {
  response.Clear();
  response.set_head(batch.head);
  response.mutable_records()->Reserve(static_cast<int>(batch.entries.size()));
  for (const LogBatch::Entry& entry : batch.entries) {
    v1::Record& record = *response.add_records();
    record.set_position(entry.record.position);
    record.set_time_unix_us(entry.time.unix_us);
    record.set_type(static_cast<int32_t>(entry.record.type));
    record.set_version(static_cast<int32_t>(entry.record.version));
    record.set_payload(entry.record.payload.data(), entry.record.payload.size());
  }
}

void Fill(LogBatch&& batch, v1::ExportFramesResponse& response) {
  response.Clear();
  for (std::string& frame : batch.frames) response.add_frames(std::move(frame));
}

// One stream of batches, up to the query's end: fetch, write, fetch, ... Exactly one of the two is
// under way at any time, so Finish is called by whoever finds that neither is to follow, and nobody
// else. Response is SubscribeResponse or ExportFramesResponse.
template <typename Response>
class BatchStream final : public grpc::ServerWriteReactor<Response> {
 public:
  BatchStream(LogReader* reader, LogQuery query) : reader_(reader), query_(std::move(query)) {
    FetchNext();
  }

  void OnWriteDone(bool ok) override {
    if (!ok) {
      this->Finish(grpc::Status::CANCELLED);
    } else if (query_.from > query_.to) {
      this->Finish(grpc::Status::OK);
    } else {
      FetchNext();
    }
  }

  void OnCancel() override {
    std::optional<LogReader::Ticket> ticket;
    {
      MutexLock lock(&mutex_);
      cancelled_ = true;
      ticket = ticket_;
    }
    // If it has been answered meanwhile, the write that follows fails.
    if (ticket) reader_->Cancel(*ticket);
  }

  void OnDone() override { delete this; }

 private:
  void FetchNext() {
    bool cancelled = false;
    {
      MutexLock lock(&mutex_);
      cancelled = cancelled_;
      if (!cancelled) {
        ticket_ = reader_->Fetch(
            query_, [this](absl::StatusOr<LogBatch> batch) { OnBatch(std::move(batch)); });
        // From here on the callback may be running.
        if (ticket_) return;
      }
    }
    this->Finish(cancelled ? grpc::Status::CANCELLED : Ended());
  }

  // On the reader's thread.
  void OnBatch(absl::StatusOr<LogBatch> batch) {
    {
      // Fetch has returned to the one who called it.
      MutexLock lock(&mutex_);
      ticket_.reset();
    }
    if (!batch.ok()) {
      this->Finish(absl::IsUnavailable(batch.status()) ? Ended() : ToGrpcStatus(batch.status()));
      return;
    }
    if (batch->entries.empty()) {
      // A query that does not wait has come to the head, before its end.
      this->Finish(runtime::ToGrpcStatus(
          RpcError(common::v1::POSITION_OUT_OF_RANGE,
                   absl::StrCat("position ", query_.to, " of ", query_.partition,
                                ", whose head is ", batch->head))));
      return;
    }
    query_.from = batch->next;
    Fill(*std::move(batch), response_);
    this->StartWrite(&response_);
  }

  grpc::Status Ended() const {
    RpcError error = runtime::NotServing();
    if (query_.from > 0) error.AddMetadata("resume", absl::StrCat(query_.from));
    return runtime::ToGrpcStatus(error);
  }

  LogReader* const reader_;
  // These two belong to the step under way.
  LogQuery query_;
  Response response_;

  Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  // Of the fetch under way.
  std::optional<LogReader::Ticket> ticket_ ABSL_GUARDED_BY(mutex_);
};

// A stream that is refused.
template <typename Response>
class Refusal final : public grpc::ServerWriteReactor<Response> {
 public:
  explicit Refusal(const RpcError& error) { this->Finish(runtime::ToGrpcStatus(error)); }
  void OnDone() override { delete this; }
};

class LogReaderService final : public v1::LogReader::CallbackService {
 public:
  explicit LogReaderService(LogReader* reader) : reader_(reader) {}

  ServerUnaryReactor* GetStatus(CallbackServerContext* context, const v1::GetStatusRequest*,
                                v1::GetStatusResponse* response) override {
    ServerUnaryReactor* reactor = context->DefaultReactor();
    const bool accepted = reader_->GetStatus([=](absl::StatusOr<LogStatus> status) {
      if (!status.ok()) return reactor->Finish(ToGrpcStatus(status.status()));
      response->set_format_level(status->format_level);
      for (const storage::PartitionStatus& partition : status->partitions) {
        auto& message = *response->add_partitions();
        message.set_partition(partition.id.name);
        message.set_head(partition.head);
        message.set_epoch(partition.epoch);
      }
      reactor->Finish(grpc::Status::OK);
    });
    if (!accepted) reactor->Finish(runtime::ToGrpcStatus(runtime::NotServing()));
    return reactor;
  }

  ServerUnaryReactor* Read(CallbackServerContext* context, const v1::ReadRequest* request,
                           v1::ReadResponse* response) override {
    ServerUnaryReactor* reactor = context->DefaultReactor();
    FieldChecker check;
    check.Id("partition", request->partition());
    check.Range("from_position", request->from_position(), 1, storage::kPositionMax);
    check.Range("max_records", request->max_records(), 0, kMaxRecords);
    if (!check.ok()) {
      reactor->Finish(runtime::ToGrpcStatus(check.error()));
      return reactor;
    }
    LogQuery query;
    query.partition = request->partition();
    query.from = request->from_position();
    query.records_max = request->max_records() == 0 ? kDefaultRecords : request->max_records();
    query.bytes_max = kMessageBytes;
    query.whole_frames = true;
    const auto ticket = reader_->Fetch(std::move(query), [=](absl::StatusOr<LogBatch> batch) {
      if (!batch.ok()) return reactor->Finish(ToGrpcStatus(batch.status()));
      Fill(*std::move(batch), *response);
      reactor->Finish(grpc::Status::OK);
    });
    if (!ticket) reactor->Finish(runtime::ToGrpcStatus(runtime::NotServing()));
    return reactor;
  }

  grpc::ServerWriteReactor<v1::SubscribeResponse>* Subscribe(
      CallbackServerContext*, const v1::SubscribeRequest* request) override {
    FieldChecker check;
    check.Id("partition", request->partition());
    check.Range("from_position", request->from_position(), 0, storage::kPositionMax);
    if (!check.ok()) return new Refusal<v1::SubscribeResponse>(check.error());
    LogQuery query;
    query.partition = request->partition();
    query.from = request->from_position();
    query.wait = true;
    query.records_max = kMaxRecords;
    query.bytes_max = kMessageBytes;
    return new BatchStream<v1::SubscribeResponse>(reader_, std::move(query));
  }

  grpc::ServerWriteReactor<v1::ExportFramesResponse>* ExportFrames(
      CallbackServerContext*, const v1::ExportFramesRequest* request) override {
    FieldChecker check;
    check.Id("partition", request->partition());
    check.Range("from_position", request->from_position(), 1, storage::kPositionMax);
    check.Range("to_position", request->to_position(), request->from_position(),
                storage::kPositionMax);
    if (!check.ok()) return new Refusal<v1::ExportFramesResponse>(check.error());
    LogQuery query;
    query.partition = request->partition();
    query.from = request->from_position();
    query.to = request->to_position();
    query.records_max = std::numeric_limits<size_t>::max();
    query.bytes_max = kExportBytes;
    query.whole_frames = true;
    return new BatchStream<v1::ExportFramesResponse>(reader_, std::move(query));
  }

 private:
  LogReader* const reader_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewLogReaderService(LogReader* reader) {
  return std::make_unique<LogReaderService>(reader);
}

}  // namespace quartermaster::log
