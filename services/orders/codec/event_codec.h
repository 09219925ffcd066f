// Events <-> the bytes of their records (proto/quartermaster/orders/events/v1/events.proto).
//
//   std::string payload;
//   const auto [type, version] = EncodeEvent(event, payload);
//   frame.Add(type, version, payload);
//
// An event has the second version if it says what the first cannot, so that a binary that knows
// nothing of it does not take it for less; all others are written as they always were.
//
// A zero is not written, so the bytes of an event do not change when a field is added.
#ifndef QUARTERMASTER_SERVICES_ORDERS_CODEC_EVENT_CODEC_H_
#define QUARTERMASTER_SERVICES_ORDERS_CODEC_EVENT_CODEC_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/orders/domain/events.h"

namespace quartermaster::orders {

struct RecordKind {
  uint32_t type = 0;
  uint32_t version = 0;
};

// Replaces `payload`.
RecordKind EncodeEvent(const Event& event, std::string& payload);

// Errors: kFailedPrecondition for a type or version that this binary does not know, which it names;
// kDataLoss for bytes that do not parse, or hold a value out of its range.
absl::StatusOr<Event> DecodeEvent(uint32_t type, uint32_t version, std::string_view payload);

// The stored message by protobuf's JSON mapping, for people and OrderEvent.detail_json: all of it,
// since routing reads its decisions back from there, but for the HMAC of a pickup code, which is
// nobody's business. Errors: as DecodeEvent.
absl::StatusOr<std::string> EventJson(uint32_t type, uint32_t version, std::string_view payload);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_CODEC_EVENT_CODEC_H_
