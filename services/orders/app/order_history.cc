#include "services/orders/app/order_history.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/status_macros.h"
#include "services/engine/machine.h"
#include "services/orders/codec/event_codec.h"
#include "services/orders/domain/events.h"

namespace quartermaster::orders {
namespace {

constexpr size_t kReadBytes = 256 << 10;

absl::StatusOr<LoggedEvent> ToLogged(const storage::Record& record, Instant time) {
  QM_ASSIGN_OR_RETURN(const Event event, DecodeEvent(record.type, record.version, record.payload));
  LoggedEvent logged;
  QM_ASSIGN_OR_RETURN(logged.detail_json, EventJson(record.type, record.version, record.payload));
  logged.position = record.position;
  logged.time = time;
  logged.order_id = std::string(OrderIdOf(event));
  logged.type = std::string(NameOf(event));
  if (const Attribution* attribution = AttributionOf(event)) logged.attribution = *attribution;
  return logged;
}

}  // namespace

absl::StatusOr<std::vector<LoggedEvent>> OrderHistory::Read(const std::vector<Position>& positions,
                                                            size_t bytes_max) const {
  std::vector<LoggedEvent> events;
  size_t next = 0;
  size_t bytes = 0;
  while (next < positions.size() && bytes < bytes_max) {
    QM_ASSIGN_OR_RETURN(const std::vector<std::string> frames,
                        log_->Read(partition_, positions[next], /*max_bytes=*/1));
    if (frames.empty()) {
      return absl::DataLossError(absl::StrCat("no record at position ", positions[next]));
    }
    QM_ASSIGN_OR_RETURN(const storage::FrameView frame, storage::FrameView::Parse(frames[0]));
    for (const storage::Record& record : frame) {
      if (next == positions.size() || record.position != positions[next]) continue;
      QM_ASSIGN_OR_RETURN(events.emplace_back(), ToLogged(record, frame.time()));
      bytes += events.back().detail_json.size();
      ++next;
    }
    if (next < positions.size() && positions[next] <= frame.last_position()) {
      return absl::DataLossError(absl::StrCat("no record at position ", positions[next]));
    }
  }
  return events;
}

absl::StatusOr<LoggedEvents> OrderHistory::ReadOn(Position after, Position head) const {
  LoggedEvents stretch;
  stretch.position = after;
  if (after >= head) return stretch;
  QM_ASSIGN_OR_RETURN(const std::vector<std::string> frames,
                      log_->Read(partition_, after + 1, kReadBytes));
  for (const std::string& bytes : frames) {
    QM_ASSIGN_OR_RETURN(const storage::FrameView frame, storage::FrameView::Parse(bytes));
    for (const storage::Record& record : frame) {
      if (record.position <= after || record.position > head) continue;
      stretch.position = record.position;
      if (record.type == engine::kRequestOutcomeType) continue;
      QM_ASSIGN_OR_RETURN(stretch.events.emplace_back(), ToLogged(record, frame.time()));
    }
  }
  return stretch;
}

}  // namespace quartermaster::orders
