// The catalog's events <-> the bytes of records. The format is events/v1/events.proto.
//
//   std::string payload;
//   RecordKind kind = EncodeEvent(event, payload);
//   frame.Add(kind.type, kind.version, payload);
#ifndef QUARTERMASTER_SERVICES_CATALOG_CODEC_EVENT_CODEC_H_
#define QUARTERMASTER_SERVICES_CATALOG_CODEC_EVENT_CODEC_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/catalog/domain/events.h"

namespace quartermaster::catalog {

struct RecordKind {
  uint32_t type = 0;
  // The first version that can say what the event says, so that older binaries read what they can.
  uint32_t version = 1;

  friend bool operator==(const RecordKind&, const RecordKind&) = default;
};

// Replaces `payload` by the event's bytes.
RecordKind EncodeEvent(const Event& event, std::string& payload);

// Errors: kFailedPrecondition for a type or version that this binary does not know (names it);
// kDataLoss for bytes that do not parse.
absl::StatusOr<Event> DecodeEvent(uint32_t type, uint32_t version, std::string_view payload);

}  // namespace quartermaster::catalog

#endif  // QUARTERMASTER_SERVICES_CATALOG_CODEC_EVENT_CODEC_H_
