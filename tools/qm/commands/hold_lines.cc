#include "tools/qm/commands/hold_lines.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "tools/qm/commands/places.h"
#include "tools/qm/input/values.h"

namespace quartermaster::qm {

namespace stockv1 = ::quartermaster::stock::v1;
using google::protobuf::RepeatedPtrField;

std::string AddHoldLines(const std::vector<std::string>& texts,
                         RepeatedPtrField<stockv1::ReserveLine>* lines) {
  for (const std::string& text : texts) {
    const std::optional<LineSpec> spec = ParseLine(text);
    if (!spec || !spec->place) {
      return absl::StrCat("'", text,
                          "' is not SKU:QUANTITY@LOCATION, @pool:POOL or @channel:CHANNEL");
    }
    stockv1::ReserveLine* line = lines->Add();
    line->set_sku(spec->sku);
    line->set_quantity(spec->quantity);
    SetPlace(*spec->place, *line);
  }
  return "";
}

std::string AddParts(const std::vector<std::string>& texts,
                     RepeatedPtrField<stockv1::ReservationPart>* parts) {
  for (const std::string& text : texts) {
    const std::optional<PartSpec> spec = ParsePart(text);
    if (!spec) {
      return absl::StrCat("'", text, "' is not LINE[//COMPONENT]:QUANTITY[@LOCATION]");
    }
    stockv1::ReservationPart* part = parts->Add();
    part->set_line_id(spec->line_id);
    part->set_quantity(spec->quantity);
    part->set_location_id(spec->location_id);
    part->set_component_sku(spec->component);
  }
  return "";
}

std::string SetTtl(const std::string& text, google::protobuf::Duration* ttl) {
  const auto parsed = ParseDuration(text);
  if (!parsed) return absl::StrCat("--ttl: '", text, "' is not like 90s or 15m");
  *ttl = google::protobuf::util::TimeUtil::MicrosecondsToDuration(parsed->count());
  return "";
}

}  // namespace quartermaster::qm
