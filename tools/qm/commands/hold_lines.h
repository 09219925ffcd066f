// The lines, parts and deadlines of holds, from the command line. Each function returns what is
// wrong, or an empty string.
#ifndef QUARTERMASTER_TOOLS_QM_COMMANDS_HOLD_LINES_H_
#define QUARTERMASTER_TOOLS_QM_COMMANDS_HOLD_LINES_H_

#include <string>
#include <vector>

#include "google/protobuf/duration.pb.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "quartermaster/stock/v1/stock.pb.h"

namespace quartermaster::qm {

// "SKU:QUANTITY@LOCATION", "SKU:QUANTITY@pool:POOL".
std::string AddHoldLines(const std::vector<std::string>& texts,
                         google::protobuf::RepeatedPtrField<stock::v1::ReserveLine>* lines);
// "LINE:QUANTITY[@LOCATION]".
std::string AddParts(const std::vector<std::string>& texts,
                     google::protobuf::RepeatedPtrField<stock::v1::ReservationPart>* parts);
// "15m".
std::string SetTtl(const std::string& text, google::protobuf::Duration* ttl);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_COMMANDS_HOLD_LINES_H_
