// Stock's events <-> stored bytes (proto/quartermaster/stock/events/v1, storage/FORMAT.md).
#ifndef QUARTERMASTER_SERVICES_STOCK_CODEC_EVENT_CODEC_H_
#define QUARTERMASTER_SERVICES_STOCK_CODEC_EVENT_CODEC_H_

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/stock/codec/wire_writer.h"
#include "services/stock/domain/events.h"

namespace quartermaster::stock {

struct EncodedEvent {
  // A quartermaster.stock.events.v1.RecordType.
  uint32_t type = 0;
  uint32_t version = 1;
  // Valid until the encoder's next call.
  std::string_view payload;
};

// Keeps its buffer from event to event. Not thread-safe.
class EventEncoder {
 public:
  EncodedEvent Encode(const Event& event);

 private:
  WireWriter out_;
};

// Errors: kFailedPrecondition for a type or version that this binary does not know (named),
// kDataLoss for bytes that do not parse.
absl::StatusOr<Event> DecodeEvent(uint32_t type, uint32_t version, std::string_view payload);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_CODEC_EVENT_CODEC_H_
