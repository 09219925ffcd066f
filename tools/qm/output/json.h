// Protobuf messages as JSON, by protobuf's own mapping (int64 is a string, times are RFC 3339),
// with the field names of the proto files.
#ifndef QUARTERMASTER_TOOLS_QM_OUTPUT_JSON_H_
#define QUARTERMASTER_TOOLS_QM_OUTPUT_JSON_H_

#include <string>

#include "nlohmann/json.hpp"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace quartermaster::qm {

using Json = nlohmann::ordered_json;

enum class Defaults {
  // Fields with their default value are left out, as in a log.
  kOmit,
  // Every field is there: what scripts want.
  kPrint,
};

// Never fails: invalid UTF-8 is replaced. Thread-safe.
Json MessageToJson(const google::protobuf::Message& message, Defaults defaults = Defaults::kPrint);

// One document, indented, with a newline at its end.
std::string Pretty(const Json& json);
// One line without a newline.
std::string Compact(const Json& json);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_OUTPUT_JSON_H_
