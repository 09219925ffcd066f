#include "services/log/rpc/log_writer_service.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "quartermaster/log/v1/log_writer.grpc.pb.h"
#include "services/log/app/log_writer.h"
#include "services/runtime/rpc_error.h"
#include "services/runtime/validation.h"
#include "storage/shared_log_limits.h"

namespace quartermaster::log {
namespace {

using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;
using runtime::FieldChecker;
using runtime::RpcError;
using storage::PartitionId;

// Every request but one names a partition.
template <typename Request>
PartitionId PartitionOf(const Request& request) {
  return {request.tenant(), request.partition()};
}

template <typename Request>
void CheckPartition(const Request& request, FieldChecker& check) {
  check.Id("tenant", request.tenant());
  check.Id("partition", request.partition());
}

// Answers with what is wrong with the request. False if nothing is.
bool Refuses(const FieldChecker& check, ServerUnaryReactor* reactor) {
  if (check.ok()) return false;
  reactor->Finish(runtime::ToGrpcStatus(check.error()));
  return true;
}

// The field of a refused append that its log found fault with.
const char* WrongFieldOf(const v1::AppendRequest& request) {
  const auto frame = storage::FrameView::Parse(request.frame());
  const bool joins = frame.ok() && frame->first_position() == request.expected_head() + 1;
  return joins ? "epoch" : "frame";
}

class LogWriterService final : public v1::LogWriter::CallbackService {
 public:
  explicit LogWriterService(LogWriter* writer) : writer_(writer) {}

  ServerUnaryReactor* Acquire(CallbackServerContext* context, const v1::AcquireRequest* request,
                              v1::AcquireResponse* response) override {
    ServerUnaryReactor* const reactor = context->DefaultReactor();
    FieldChecker check;
    CheckPartition(*request, check);
    if (Refuses(check, reactor)) return reactor;
    writer_->Acquire(PartitionOf(*request), [=, this](const absl::StatusOr<storage::Lease>& lease) {
      if (!lease.ok()) return reactor->Finish(Translate(lease.status(), "partition"));
      response->set_epoch(lease->epoch);
      response->set_head(lease->head);
      response->set_format_level(writer_->format_level());
      reactor->Finish(grpc::Status::OK);
    });
    return reactor;
  }

  ServerUnaryReactor* Append(CallbackServerContext* context, const v1::AppendRequest* request,
                             v1::AppendResponse*) override {
    ServerUnaryReactor* const reactor = context->DefaultReactor();
    FieldChecker check;
    CheckPartition(*request, check);
    check.Range("epoch", request->epoch(), 1, storage::kPositionMax);
    check.Range("expected_head", request->expected_head(), 0, storage::kPositionMax - 1);
    check.Size("frame", static_cast<int64_t>(request->frame().size()), storage::kFrameHeaderSize,
               storage::kSharedLogFrameBytesMax);
    if (Refuses(check, reactor)) return reactor;
    AppendOrder order;
    order.partition = PartitionOf(*request);
    order.epoch = request->epoch();
    order.expected_head = request->expected_head();
    order.frame = request->frame();
    order.abandoned = [context] { return context->IsCancelled(); };
    writer_->Append(std::move(order), [=, this](const absl::Status& status, int64_t head) {
      reactor->Finish(TranslateAppend(*request, status, head));
    });
    return reactor;
  }

  ServerUnaryReactor* ReadFrames(CallbackServerContext* context,
                                 const v1::ReadFramesRequest* request,
                                 v1::ReadFramesResponse* response) override {
    ServerUnaryReactor* const reactor = context->DefaultReactor();
    FieldChecker check;
    CheckPartition(*request, check);
    check.Range("from_position", request->from_position(), 1, storage::kPositionMax);
    check.Range("max_bytes", request->max_bytes(), 0, storage::kPositionMax);
    if (Refuses(check, reactor)) return reactor;
    const size_t bytes =
        std::min(static_cast<size_t>(request->max_bytes()), storage::kSharedLogReadBytesMax);
    writer_->Read(PartitionOf(*request), request->from_position(), bytes,
                  [=, this](absl::StatusOr<FrameBatch> batch) {
                    if (batch.ok()) batch = CheckFits(*std::move(batch));
                    if (!batch.ok()) return reactor->Finish(Translate(batch.status(), "partition"));
                    response->set_next_position(batch->next);
                    response->set_head(batch->head);
                    for (std::string& frame : batch->frames) {
                      response->add_frames(std::move(frame));
                    }
                    reactor->Finish(grpc::Status::OK);
                  });
    return reactor;
  }

  ServerUnaryReactor* GetPartition(CallbackServerContext* context,
                                   const v1::GetPartitionRequest* request,
                                   v1::GetPartitionResponse* response) override {
    ServerUnaryReactor* const reactor = context->DefaultReactor();
    FieldChecker check;
    CheckPartition(*request, check);
    if (Refuses(check, reactor)) return reactor;
    writer_->GetStatus(PartitionOf(*request),
                       [=, this](const absl::StatusOr<storage::PartitionStatus>& status) {
                         if (!status.ok()) {
                           return reactor->Finish(Translate(status.status(), "partition"));
                         }
                         response->set_epoch(status->epoch);
                         response->set_head(status->head);
                         reactor->Finish(grpc::Status::OK);
                       });
    return reactor;
  }

  ServerUnaryReactor* ListPartitions(CallbackServerContext* context,
                                     const v1::ListPartitionsRequest*,
                                     v1::ListPartitionsResponse* response) override {
    ServerUnaryReactor* const reactor = context->DefaultReactor();
    writer_->List([=, this](const absl::StatusOr<LogPartitions>& list) {
      if (!list.ok()) return reactor->Finish(Translate(list.status(), "partition"));
      response->set_format_level(list->format_level);
      for (const storage::PartitionStatus& partition : list->partitions) {
        auto& message = *response->add_partitions();
        message.set_tenant(partition.id.tenant);
        message.set_partition(partition.id.name);
        message.set_epoch(partition.epoch);
        message.set_head(partition.head);
      }
      reactor->Finish(grpc::Status::OK);
    });
    return reactor;
  }

  ServerUnaryReactor* WaitForHead(CallbackServerContext* context,
                                  const v1::WaitForHeadRequest* request,
                                  v1::WaitForHeadResponse* response) override {
    ServerUnaryReactor* const reactor = context->DefaultReactor();
    FieldChecker check;
    CheckPartition(*request, check);
    check.Range("position", request->position(), 0, storage::kPositionMax);
    check.Range("timeout_us", request->timeout_us(), 0, storage::kSharedLogWaitMax.count);
    if (Refuses(check, reactor)) return reactor;
    writer_->WaitForHead(
        PartitionOf(*request), request->position(), Micros{request->timeout_us()},
        [context] { return context->IsCancelled(); },
        [=, this](const absl::StatusOr<storage::Position>& head) {
          if (!head.ok()) return reactor->Finish(Translate(head.status(), "partition"));
          response->set_head(*head);
          reactor->Finish(grpc::Status::OK);
        });
    return reactor;
  }

 private:
  // A log that was written without this service may hold frames that no message can carry.
  static absl::StatusOr<FrameBatch> CheckFits(FrameBatch batch) {
    if (batch.frames.size() != 1) return batch;
    const size_t bytes = batch.frames.front().size();
    if (bytes <= storage::kSharedLogFrameBytesMax) return batch;
    return absl::InternalError(absl::StrCat("the frame that ends at position ", batch.next - 1,
                                            " has ", bytes, " bytes; a shared log serves at most ",
                                            storage::kSharedLogFrameBytesMax));
  }

  grpc::Status TranslateAppend(const v1::AppendRequest& request, const absl::Status& status,
                               int64_t head) {
    if (absl::IsInvalidArgument(status)) return Translate(status, WrongFieldOf(request));
    if (!absl::IsFailedPrecondition(status)) return Translate(status, "");
    RpcError error(common::v1::EXPECTATION_FAILED, std::string(status.message()));
    error.SetExpectation(request.expected_head(), head);
    return runtime::ToGrpcStatus(error);
  }

  // What the log's errors mean to a client; `field` is what kInvalidArgument is about.
  grpc::Status Translate(const absl::Status& status, const char* field) {
    std::string message(status.message());
    switch (status.code()) {
      case absl::StatusCode::kOk:
        return grpc::Status::OK;
      case absl::StatusCode::kInvalidArgument:
        return runtime::ToGrpcStatus(runtime::InvalidField(field, std::move(message)));
      case absl::StatusCode::kAborted:
        return Error(common::v1::PARTITION_FENCED, std::move(message));
      case absl::StatusCode::kNotFound:
        return Error(common::v1::PARTITION_NOT_FOUND, std::move(message));
      case absl::StatusCode::kOutOfRange:
        return Error(common::v1::POSITION_OUT_OF_RANGE, std::move(message));
      case absl::StatusCode::kUnavailable:
        return Error(common::v1::NOT_SERVING, std::move(message));
      case absl::StatusCode::kCancelled:
        return grpc::Status::CANCELLED;
      default:
        break;
    }
    return Error(absl::IsDataLoss(status) ? common::v1::LOG_DAMAGED : common::v1::LOG_FAILED,
                 std::move(message));
  }

  static grpc::Status Error(common::v1::ErrorReason reason, std::string message) {
    return runtime::ToGrpcStatus(RpcError(reason, std::move(message)));
  }

  LogWriter* const writer_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewLogWriterService(LogWriter* writer) {
  return std::make_unique<LogWriterService>(writer);
}

}  // namespace quartermaster::log
