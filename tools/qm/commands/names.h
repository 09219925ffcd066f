// Names of proto enums as people type and read them: CONFIRMED <-> "confirmed",
// TRANSFERRED_IN <-> "transferred-in".
#ifndef QUARTERMASTER_TOOLS_QM_COMMANDS_NAMES_H_
#define QUARTERMASTER_TOOLS_QM_COMMANDS_NAMES_H_

#include <map>
#include <string>
#include <string_view>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/timestamp.pb.h"
#include "tools/qm/subcommand.h"

namespace quartermaster::qm {

// Every value but 0, by its name.
std::map<std::string, int> EnumNames(const google::protobuf::EnumDescriptor* type);
// The name of a value; its number if this binary does not know it.
std::string EnumName(const google::protobuf::EnumDescriptor* type, int value);
// "confirmed,held,...": for help texts.
std::string EnumChoices(const google::protobuf::EnumDescriptor* type);

// An option whose value is one of the type's names. `value` keeps the number, 0 if it is not given.
Argument AddEnumOption(Subcommand command, const std::string& name, int& value,
                       const google::protobuf::EnumDescriptor* type,
                       const std::string& description);

// RFC 3339 in UTC with milliseconds; empty if unset.
std::string TimeText(const google::protobuf::Timestamp& time);

// RFC 3339 in UTC. False if it is not.
bool ParseTime(const std::string& text, google::protobuf::Timestamp* time);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_COMMANDS_NAMES_H_
