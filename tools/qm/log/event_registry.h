// The registry of stored events: which message a record's payload is, by its partition and type.
// It reads the enum RecordType of each service's events: STOCK_RESERVED is the message
// StockReserved beside it, so that a new event needs no change here.
//
//   const EventType* type = FindEventType("stock/0", 5);   // StockReserved
//   std::unique_ptr<Message> event = ParseEvent(*type, payload);
#ifndef QUARTERMASTER_TOOLS_QM_LOG_EVENT_REGISTRY_H_
#define QUARTERMASTER_TOOLS_QM_LOG_EVENT_REGISTRY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tools/qm/output/json.h"

namespace google::protobuf {
class Descriptor;
class Message;
}  // namespace google::protobuf

namespace quartermaster::qm {

struct EventType {
  int number = 0;
  // "StockReserved"; "RequestOutcome" for the outcome of a request.
  std::string name;
  // Null for a request's outcome.
  const google::protobuf::Descriptor* message = nullptr;
  // The newest that this binary knows.
  int version = 1;
};

// Null if this binary does not know it. Thread-safe.
const EventType* FindEventType(std::string_view partition, int type);

// All of a partition's types; empty for an unknown service.
const std::vector<EventType>& EventTypes(std::string_view partition);

// Null if the payload does not parse. `type` must have a message.
std::unique_ptr<google::protobuf::Message> ParseEvent(const EventType& type,
                                                      std::string_view payload);

// A record as one JSON object: partition, position, time, type and the event. A request's outcome
// is summarised: its id and size. What cannot be decoded is shown with its reason and size.
Json RecordToJson(std::string_view partition, int64_t position, int64_t time_unix_us, int type,
                  int version, std::string_view payload);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_LOG_EVENT_REGISTRY_H_
