#include "tools/qm/log/record_filter.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tools/qm/log/event_registry.h"

namespace quartermaster::qm {
namespace {

constexpr char kType[] = "type";
constexpr char kPartition[] = "partition";
constexpr char kKey[] = "key";
constexpr const char* kServices[] = {"catalog", "stock", "orders"};

std::string TextOf(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// A value in `json`, at any depth: in a field of this name, or in any if the name is empty.
bool Has(const Json& json, const std::string& field, const std::set<std::string>& values) {
  if (!json.is_object() && !json.is_array()) return false;
  for (const auto& [name, member] : json.items()) {
    if (member.is_object() || member.is_array()) {
      // An array's members have the name of the array.
      if (member.is_array() && (field.empty() || name == field)) {
        for (const Json& element : member) {
          if (!element.is_structured() && values.contains(TextOf(element))) return true;
        }
      }
      if (Has(member, field, values)) return true;
    } else if ((field.empty() || name == field) && values.contains(TextOf(member))) {
      return true;
    }
  }
  return false;
}

absl::Status CheckType(const std::string& wanted) {
  std::set<std::string> names;
  for (const char* service : kServices) {
    for (const EventType& type : EventTypes(service)) names.insert(type.name);
  }
  if (names.contains(wanted)) return absl::OkStatus();
  std::string choices;
  for (const std::string& name : names)
    absl::StrAppend(&choices, choices.empty() ? "" : ", ", name);
  return absl::InvalidArgumentError(absl::StrCat("type: '", wanted, "' is none of ", choices));
}

}  // namespace

absl::StatusOr<RecordFilter> RecordFilter::Parse(const std::vector<std::string>& texts) {
  RecordFilter filter;
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos || equals + 1 == text.size()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "'", text, "' is not NAME=VALUE: type=, partition=, key= or a field of the event"));
    }
    const std::string name = text.substr(0, equals);
    const std::string value = text.substr(equals + 1);
    if (name == kType) {
      if (const absl::Status known = CheckType(value); !known.ok()) return known;
    }
    filter.wanted_[name].insert(value);
  }
  return filter;
}

bool RecordFilter::WantsPartition(const std::string& name) const {
  const auto found = wanted_.find(kPartition);
  return found == wanted_.end() || found->second.contains(name);
}

bool RecordFilter::Wants(const Json& record) const {
  return std::all_of(wanted_.begin(), wanted_.end(), [&](const auto& entry) {
    const auto& [name, values] = entry;
    if (name == kType || name == kPartition) {
      return values.contains(record.at(name).template get<std::string>());
    }
    const std::string field = name == kKey ? "" : name;
    for (const char* part : {"event", "outcome"}) {
      const auto found = record.find(part);
      if (found != record.end() && Has(*found, field, values)) return true;
    }
    return false;
  });
}

bool RecordFilter::LooksIntoEvents() const {
  return std::any_of(wanted_.begin(), wanted_.end(), [](const auto& entry) {
    return entry.first != kType && entry.first != kPartition;
  });
}

}  // namespace quartermaster::qm
