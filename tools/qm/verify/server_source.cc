#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "quartermaster/log/v1/log.grpc.pb.h"
#include "tools/qm/client/error_report.h"
#include "tools/qm/context.h"
#include "tools/qm/verify/record_source.h"

namespace quartermaster::qm {
namespace {

namespace logv1 = ::quartermaster::log::v1;

constexpr int kBatchRecords = 10'000;

class ServerSource : public RecordSource {
 public:
  explicit ServerSource(Context& context)
      : context_(context), stub_(context.Stub<logv1::LogReader>()) {}

  absl::StatusOr<std::map<std::string, int64_t>> Heads() override {
    logv1::GetStatusResponse response;
    const grpc::Status status =
        context_.Call(*stub_, &logv1::LogReader::Stub::GetStatus, {}, &response);
    if (!status.ok()) return ToAbsl(status);
    std::map<std::string, int64_t> heads;
    for (const auto& partition : response.partitions()) {
      heads.emplace(partition.partition(), partition.head());
    }
    return heads;
  }

  absl::Status Read(const std::string& partition, int64_t from, int64_t to,
                    const Callback& on_record) override {
    logv1::ReadRequest request;
    request.set_partition(partition);
    while (from <= to) {
      request.set_from_position(from);
      request.set_max_records(static_cast<int>(std::min<int64_t>(kBatchRecords, to - from + 1)));
      logv1::ReadResponse response;
      const grpc::Status status =
          context_.Call(*stub_, &logv1::LogReader::Stub::Read, request, &response);
      if (!status.ok()) return ToAbsl(status);
      if (response.records().empty()) {
        return absl::DataLossError(absl::StrCat(partition, " ends before position ", from,
                                                ", and position ", to, " is durable"));
      }
      for (const auto& record : response.records()) {
        // At least one whole frame is returned: it may begin before and end behind what was asked.
        if (record.position() < from) continue;
        if (record.position() > to) break;
        on_record({record.position(), record.time_unix_us(), record.type(), record.version(),
                   record.payload()});
        from = record.position() + 1;
      }
    }
    return absl::OkStatus();
  }

 private:
  Context& context_;
  const std::unique_ptr<logv1::LogReader::Stub> stub_;
};

}  // namespace

std::unique_ptr<RecordSource> NewServerSource(Context& context) {
  return std::make_unique<ServerSource>(context);
}

}  // namespace quartermaster::qm
