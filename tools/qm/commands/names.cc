#include "tools/qm/commands/names.h"

#include <cctype>
#include <optional>

#include "google/protobuf/util/time_util.h"

namespace quartermaster::qm {
namespace {

constexpr int kNanosPerMilli = 1'000'000;

std::string Typed(std::string name) {
  for (char& c : name) {
    c = c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return name;
}

}  // namespace

std::map<std::string, int> EnumNames(const google::protobuf::EnumDescriptor* type) {
  std::map<std::string, int> names;
  for (int i = 0; i < type->value_count(); ++i) {
    if (type->value(i)->number() != 0) {
      names.emplace(Typed(type->value(i)->name()), type->value(i)->number());
    }
  }
  return names;
}

std::string EnumName(const google::protobuf::EnumDescriptor* type, int value) {
  const auto* descriptor = type->FindValueByNumber(value);
  if (descriptor == nullptr) return std::to_string(value);
  return value == 0 ? "" : Typed(descriptor->name());
}

std::string EnumChoices(const google::protobuf::EnumDescriptor* type) {
  std::string choices;
  for (int i = 0; i < type->value_count(); ++i) {
    if (type->value(i)->number() == 0) continue;
    if (!choices.empty()) choices += ",";
    choices += Typed(type->value(i)->name());
  }
  return choices;
}

Argument AddEnumOption(Subcommand command, const std::string& name, int& value,
                       const google::protobuf::EnumDescriptor* type,
                       const std::string& description) {
  const auto find = [names = EnumNames(type)](const std::string& text) -> std::optional<int> {
    const auto found = names.find(Typed(text));
    if (found == names.end()) return std::nullopt;
    return found->second;
  };
  return command.Choice(name, value, find, EnumChoices(type), description);
}

std::string TimeText(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0 && time.nanos() == 0) return "";
  google::protobuf::Timestamp rounded = time;
  rounded.set_nanos(rounded.nanos() / kNanosPerMilli * kNanosPerMilli);
  return google::protobuf::util::TimeUtil::ToString(rounded);
}

bool ParseTime(const std::string& text, google::protobuf::Timestamp* time) {
  return google::protobuf::util::TimeUtil::FromString(text, time);
}

}  // namespace quartermaster::qm
