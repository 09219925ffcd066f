#include "tools/qm/backup/server_frames.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "quartermaster/log/v1/log.grpc.pb.h"
#include "services/base/status_macros.h"
#include "storage/frame.h"
#include "tools/qm/client/error_report.h"
#include "tools/qm/context.h"

namespace quartermaster::qm {
namespace {

namespace logv1 = ::quartermaster::log::v1;

// Of one call: small enough for its timeout, large enough that calls cost nothing.
constexpr int64_t kPositionsPerCall = 50'000;

class ServerFrames : public FrameSource {
 public:
  explicit ServerFrames(Context& context)
      : context_(context), stub_(context.Stub<logv1::LogReader>()) {}

  absl::StatusOr<BackupManifest> Cut() override {
    BackupManifest manifest;
    manifest.taken_at = google::protobuf::util::TimeUtil::ToString(
        google::protobuf::util::TimeUtil::GetCurrentTime());
    logv1::GetStatusResponse response;
    QM_RETURN_IF_ERROR(
        ToAbsl(context_.Call(*stub_, &logv1::LogReader::Stub::GetStatus, {}, &response)));
    manifest.log_format_level = response.format_level();
    for (const auto& p : response.partitions()) {
      manifest.partitions.push_back({.name = p.partition(), .head = p.head(), .epoch = p.epoch()});
    }
    return manifest;
  }

  absl::Status Read(const std::string& partition, int64_t from, int64_t to,
                    const Callback& on_frame) override {
    while (from <= to) {
      logv1::ExportFramesRequest request;
      request.set_partition(partition);
      request.set_from_position(from);
      request.set_to_position(std::min(to, from + kPositionsPerCall - 1));
      grpc::ClientContext call;
      call.set_deadline(std::chrono::system_clock::now() + context_.settings().timeout);
      const auto stream = stub_->ExportFrames(&call, request);
      logv1::ExportFramesResponse message;
      absl::Status taken;
      while (taken.ok() && stream->Read(&message)) {
        for (std::string& frame : *message.mutable_frames()) {
          taken = Take(std::move(frame), on_frame, &from);
          if (!taken.ok()) break;
        }
      }
      if (!taken.ok()) call.TryCancel();
      const grpc::Status status = stream->Finish();
      QM_RETURN_IF_ERROR(taken);
      QM_RETURN_IF_ERROR(ToAbsl(status));
      if (from <= request.to_position()) {
        return absl::DataLossError(absl::StrCat(partition, " ended before position ", from));
      }
    }
    return absl::OkStatus();
  }

 private:
  // The next call begins behind it.
  static absl::Status Take(std::string frame, const Callback& on_frame, int64_t* from) {
    QM_ASSIGN_OR_RETURN(const auto view, storage::FrameView::Parse(frame));
    *from = view.last_position() + 1;
    return on_frame(std::move(frame));
  }

  Context& context_;
  const std::unique_ptr<logv1::LogReader::Stub> stub_;
};

}  // namespace

std::unique_ptr<FrameSource> NewServerFrames(Context& context) {
  return std::make_unique<ServerFrames>(context);
}

}  // namespace quartermaster::qm
