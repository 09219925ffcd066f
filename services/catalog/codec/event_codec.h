// The catalog's events <-> the bytes of records. The format is events/v1/events.proto.
//
//   std::string payload;
//   uint32_t type = EncodeEvent(event, payload);
//   frame.Add(type, kEventVersion, payload);
#ifndef QUARTERMASTER_SERVICES_CATALOG_CODEC_EVENT_CODEC_H_
#define QUARTERMASTER_SERVICES_CATALOG_CODEC_EVENT_CODEC_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/catalog/domain/events.h"

namespace quartermaster::catalog {

// The record version that this binary writes, and the highest that it reads.
inline constexpr uint32_t kEventVersion = 1;

// Replaces `payload` by the event's bytes; returns its record type.
uint32_t EncodeEvent(const Event& event, std::string& payload);

// Errors: kFailedPrecondition for a type or version that this binary does not know (names it);
// kDataLoss for bytes that do not parse.
absl::StatusOr<Event> DecodeEvent(uint32_t type, uint32_t version, std::string_view payload);

}  // namespace quartermaster::catalog

#endif  // QUARTERMASTER_SERVICES_CATALOG_CODEC_EVENT_CODEC_H_
