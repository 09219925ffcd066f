// Texts to option values, with their checks. Used by options.cc only.
#ifndef QUARTERMASTER_SERVICES_RUNTIME_OPTION_VALUES_H_
#define QUARTERMASTER_SERVICES_RUNTIME_OPTION_VALUES_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "services/runtime/options.h"

namespace quartermaster::runtime {

// Parses, checks and stores. The error's message is what follows the option's name:
// `must be 1 to 10, is "0"`.
absl::Status SetOption(const OptionSpec& option, std::string_view text);
// The same for a list whose entries are known one by one.
absl::Status SetOptionList(const OptionSpec& option, const std::vector<std::string>& entries);

// What a value has to be, for --help: "1 to 10", "all, catalog or stock". Empty if anything goes.
std::string OptionBounds(const OptionSpec& option);

// The candidate that is nearest to `name` by edits, if it is near enough to be meant; else empty.
std::string NearestName(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace quartermaster::runtime

#endif  // QUARTERMASTER_SERVICES_RUNTIME_OPTION_VALUES_H_
