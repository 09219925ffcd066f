#include "tools/qm/output/json.h"

#include "google/protobuf/message.h"
#include "google/protobuf/util/json_util.h"

namespace quartermaster::qm {

Json MessageToJson(const google::protobuf::Message& message, Defaults defaults) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = defaults == Defaults::kPrint;
  std::string text;
  const auto status = google::protobuf::util::MessageToJsonString(message, &text, options);
  if (!status.ok()) return Json{{"unprintable", message.ShortDebugString()}};
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return Json{{"unprintable", message.ShortDebugString()}};
  return json;
}

std::string Pretty(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string Compact(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace quartermaster::qm
