#include "services/runtime/option_values.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "services/base/absl_view.h"

namespace quartermaster::runtime {
namespace {

struct Unit {
  std::string_view suffix;
  int64_t factor;
};
constexpr Unit kByteUnits[] = {
    {"KiB", int64_t{1} << 10}, {"MiB", int64_t{1} << 20}, {"GiB", int64_t{1} << 30}, {"", 1}};

absl::Status Wrong(std::string_view what, std::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat("must be ", AbslView(what), ", is \"", AbslView(text), "\""));
}

std::optional<int64_t> ParseInteger(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<int64_t> ParseBytes(std::string_view text) {
  for (const Unit& unit : kByteUnits) {
    if (!text.ends_with(unit.suffix)) continue;
    const auto number = ParseInteger(text.substr(0, text.size() - unit.suffix.size()));
    int64_t bytes = 0;
    if (!number || __builtin_mul_overflow(*number, unit.factor, &bytes)) return std::nullopt;
    return bytes;
  }
  return std::nullopt;
}

std::optional<Micros> ParseLength(std::string_view text) {
  absl::Duration length;
  if (!absl::ParseDuration(AbslView(text), &length)) return std::nullopt;
  // Infinite ones are no settings.
  if (length == absl::InfiniteDuration() || length == -absl::InfiniteDuration()) {
    return std::nullopt;
  }
  return Micros{absl::ToInt64Microseconds(length)};
}

bool IsAddress(std::string_view text, int64_t port_min) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const auto port = ParseInteger(text.substr(colon + 1));
  return port && *port >= port_min && *port <= 65'535;
}

bool IsPeerAddress(std::string_view text) {
  constexpr std::string_view kUnix = "unix:";
  if (text.starts_with(kUnix)) return text.size() > kUnix.size();
  return IsAddress(text, 1);
}

std::string BytesText(int64_t bytes) {
  for (const Unit& unit : {kByteUnits[2], kByteUnits[1], kByteUnits[0]}) {
    if (bytes != 0 && bytes % unit.factor == 0) {
      return absl::StrCat(bytes / unit.factor, AbslView(unit.suffix));
    }
  }
  return absl::StrCat(bytes);
}

std::string LengthText(Micros length) {
  return absl::FormatDuration(absl::Microseconds(length.count));
}

std::string ChoicesText(const std::vector<std::string>& choices) {
  if (choices.size() < 2) return absl::StrJoin(choices, "");
  return absl::StrCat(absl::StrJoin(choices.begin(), choices.end() - 1, ", "), " or ",
                      choices.back());
}

absl::Status CheckChoice(const OptionSpec& option, const std::string& text) {
  if (option.choices.empty() ||
      std::find(option.choices.begin(), option.choices.end(), text) != option.choices.end()) {
    return absl::OkStatus();
  }
  return Wrong(ChoicesText(option.choices), text);
}

absl::Status SetInteger(const OptionSpec& option, std::string_view text, int64_t* target) {
  const bool bytes = option.format == OptionFormat::kBytes;
  const auto value = bytes ? ParseBytes(text) : ParseInteger(text);
  if (!value || *value < option.min || *value > option.max) {
    const std::string bounds = OptionBounds(option);
    return Wrong(!bounds.empty() ? bounds : bytes ? "a number of bytes" : "an integer", text);
  }
  *target = *value;
  return absl::OkStatus();
}

absl::Status SetText(const OptionSpec& option, std::string_view text, std::string* target) {
  std::string value(text);
  if (value.empty() && option.required) return absl::InvalidArgumentError("is required");
  if (option.format == OptionFormat::kAddress && !value.empty() && !IsAddress(value, 0)) {
    return Wrong("host:port with a port of 0 to 65535", text);
  }
  if (option.format == OptionFormat::kPeerAddress && !value.empty() && !IsPeerAddress(value)) {
    return Wrong("unix:/path, or host:port with a port of 1 to 65535", text);
  }
  if (absl::Status status = CheckChoice(option, value); !status.ok()) return status;
  *target = std::move(value);
  return absl::OkStatus();
}

std::vector<std::string> SplitList(std::string_view text) {
  std::vector<std::string> entries;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    entries.emplace_back(text.substr(0, comma));
    text = comma == std::string_view::npos ? "" : text.substr(comma + 1);
  }
  return entries;
}

}  // namespace

std::string OptionBounds(const OptionSpec& option) {
  const bool bounded = option.min != std::numeric_limits<int64_t>::min() ||
                       option.max != std::numeric_limits<int64_t>::max();
  if (!option.choices.empty()) return ChoicesText(option.choices);
  if (option.format == OptionFormat::kAddress) return "host:port";
  if (option.format == OptionFormat::kPeerAddress) return "host:port or unix:/path";
  if (!bounded) return "";
  if (std::holds_alternative<Micros*>(option.target)) {
    return absl::StrCat(LengthText({option.min}), " to ", LengthText({option.max}));
  }
  if (option.format == OptionFormat::kBytes) {
    return absl::StrCat(BytesText(option.min), " to ", BytesText(option.max));
  }
  return absl::StrCat(option.min, " to ", option.max);
}

absl::Status SetOption(const OptionSpec& option, std::string_view text) {
  if (auto* const* target = std::get_if<bool*>(&option.target)) {
    if (text != "true" && text != "false") return Wrong("true or false", text);
    **target = text == "true";
    return absl::OkStatus();
  }
  if (auto* const* target = std::get_if<int64_t*>(&option.target)) {
    return SetInteger(option, text, *target);
  }
  if (auto* const* target = std::get_if<Micros*>(&option.target)) {
    const auto length = ParseLength(text);
    if (!length || length->count < option.min || length->count > option.max) {
      const std::string bounds = OptionBounds(option);
      return Wrong(bounds.empty() ? "a length of time such as 10s" : bounds, text);
    }
    **target = *length;
    return absl::OkStatus();
  }
  if (auto* const* target = std::get_if<std::string*>(&option.target)) {
    return SetText(option, text, *target);
  }
  return SetOptionList(option, SplitList(text));
}

absl::Status SetOptionList(const OptionSpec& option, const std::vector<std::string>& entries) {
  auto* const* target = std::get_if<std::vector<std::string>*>(&option.target);
  if (target == nullptr) return absl::InvalidArgumentError("takes one value, not a list");
  if (entries.empty() && option.required) return absl::InvalidArgumentError("is required");
  for (size_t i = 0; i < entries.size(); ++i) {
    if (absl::Status status = CheckChoice(option, entries[i]); !status.ok()) return status;
    if (std::find(entries.begin(), entries.begin() + i, entries[i]) != entries.begin() + i) {
      return absl::InvalidArgumentError(absl::StrCat("has \"", entries[i], "\" twice"));
    }
  }
  **target = entries;
  return absl::OkStatus();
}

std::string OptionText(const OptionSpec& option) {
  struct Text {
    const OptionSpec& option;
    std::string operator()(const bool* value) const { return *value ? "true" : "false"; }
    std::string operator()(const int64_t* value) const {
      return option.format == OptionFormat::kBytes ? BytesText(*value) : absl::StrCat(*value);
    }
    std::string operator()(const Micros* value) const { return LengthText(*value); }
    std::string operator()(const std::string* value) const { return *value; }
    std::string operator()(const std::vector<std::string>* value) const {
      return absl::StrJoin(*value, ",");
    }
  };
  return std::visit(Text{option}, option.target);
}

std::string NearestName(std::string_view name, const std::vector<std::string>& candidates) {
  // Edits (insert, delete, replace) from `name` to the candidate.
  const auto distance = [name](std::string_view candidate) {
    std::vector<size_t> row(candidate.size() + 1);
    std::iota(row.begin(), row.end(), size_t{0});
    for (size_t i = 1; i <= name.size(); ++i) {
      size_t diagonal = row[0];
      row[0] = i;
      for (size_t j = 1; j <= candidate.size(); ++j) {
        const size_t replaced = diagonal + (name[i - 1] == candidate[j - 1] ? 0 : 1);
        diagonal = row[j];
        row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
      }
    }
    return row.back();
  };
  // More than a third wrong is another word.
  size_t best = std::max<size_t>(name.size() / 3, 2) + 1;
  std::string nearest;
  for (const std::string& candidate : candidates) {
    if (const size_t edits = distance(candidate); edits < best) {
      best = edits;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace quartermaster::runtime
