// OrderHistory: orders' events, read back from the log as people and other systems see them.
//
//   OrderHistory history(log, engine->partition());
//   auto events = history.Read(view.HistoryOf("o-7k2"), /*bytes_max=*/1 << 20);
#ifndef QUARTERMASTER_SERVICES_ORDERS_APP_ORDER_HISTORY_H_
#define QUARTERMASTER_SERVICES_ORDERS_APP_ORDER_HISTORY_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/base/time.h"
#include "services/orders/domain/types.h"
#include "storage/event_log.h"

namespace quartermaster::orders {

struct LoggedEvent {
  Position position = 0;
  Instant time;
  // Empty for what concerns an unmatched return.
  std::string order_id;
  // "OrderPlaced"
  std::string type;
  // The stored message as JSON.
  std::string detail_json;
  Attribution attribution;
};

// A stretch of the log: all events up to `position`.
struct LoggedEvents {
  std::vector<LoggedEvent> events;
  Position position = 0;
};

// Thread-safe. Every call reads the disk.
class OrderHistory {
 public:
  // `log` must outlive it.
  OrderHistory(storage::EventLog* log, storage::PartitionId partition)
      : log_(log), partition_(std::move(partition)) {}

  // The events at these positions, which ascend; perhaps only the first of them, whose JSON has
  // `bytes_max` together, or more with the last. Errors: those of EventLog::Read and DecodeEvent.
  absl::StatusOr<std::vector<LoggedEvent>> Read(const std::vector<Position>& positions,
                                                size_t bytes_max) const;

  // What follows `after`, up to `head` or until some 256 KiB have been read. Errors: as Read.
  absl::StatusOr<LoggedEvents> ReadOn(Position after, Position head) const;

 private:
  storage::EventLog* const log_;
  const storage::PartitionId partition_;
};

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_APP_ORDER_HISTORY_H_
