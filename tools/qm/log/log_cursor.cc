#include "tools/qm/log/log_cursor.h"

#include <algorithm>
#include <utility>

namespace quartermaster::qm {
namespace {

namespace logv1 = ::quartermaster::log::v1;

constexpr int64_t kPage = 1'000;

}  // namespace

LogCursor::LogCursor(Context& context, std::string partition, int64_t from, int64_t to)
    : context_(context),
      stub_(context.Stub<logv1::LogReader>()),
      partition_(std::move(partition)),
      next_(from),
      to_(to) {}

const logv1::Record* LogCursor::Peek() {
  while (at_ == page_.records_size()) {
    if (next_ > to_ || !status_.ok()) return nullptr;
    logv1::ReadRequest request;
    request.set_partition(partition_);
    request.set_from_position(next_);
    request.set_max_records(static_cast<int32_t>(std::min(kPage, to_ - next_ + 1)));
    page_.Clear();
    at_ = 0;
    status_ = context_.Call(*stub_, &logv1::LogReader::Stub::Read, request, &page_);
    if (!status_.ok() || page_.records().empty()) return nullptr;
    next_ = page_.records().rbegin()->position() + 1;
  }
  // Whole frames are read: what lies behind the end is left out.
  return page_.records(at_).position() > to_ ? nullptr : &page_.records(at_);
}

grpc::Status FindTime(Context& context, const std::string& partition, int64_t time_unix_us,
                      int64_t head, int64_t* position) {
  int64_t first = 1;
  int64_t last = head + 1;
  while (first < last) {
    const int64_t middle = first + (last - first) / 2;
    LogCursor cursor(context, partition, middle, middle);
    const logv1::Record* const record = cursor.Peek();
    if (record == nullptr) return cursor.status();
    if (record->time_unix_us() < time_unix_us) {
      first = middle + 1;
    } else {
      last = middle;
    }
  }
  *position = first;
  return grpc::Status::OK;
}

}  // namespace quartermaster::qm
