#include "tools/qm/config/named_contexts.h"

#include <sys/stat.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "services/base/status_macros.h"
#include "storage/durable_file.h"
#include "tools/qm/output/json.h"

namespace quartermaster::qm {
namespace {

constexpr char kFile[] = "/quartermaster/contexts.json";
constexpr mode_t kOthersMayWrite = 022;

std::string Environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

absl::Status NotOurs(const std::string& path) {
  return absl::FailedPreconditionError(
      absl::StrCat(path, " is damaged: mend it, or remove it and add the contexts again"));
}

}  // namespace

std::string NamedContextsPath() {
  if (const std::string config = Environment("XDG_CONFIG_HOME"); !config.empty()) {
    return config + kFile;
  }
  const std::string home = Environment("HOME");
  return home.empty() ? "" : absl::StrCat(home, "/.config", kFile);
}

absl::StatusOr<NamedContexts> LoadNamedContexts(const std::string& path) {
  NamedContexts contexts;
  struct stat info;
  if (path.empty() || ::stat(path.c_str(), &info) != 0) return contexts;
  if ((info.st_mode & kOthersMayWrite) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("others than its owner may write to ", path, ": chmod 600 it"));
  }
  QM_ASSIGN_OR_RETURN(const std::string text, storage::ReadWhole(path));
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("contexts") || !json["contexts"].is_object()) {
    return NotOurs(path);
  }
  for (const auto& [name, address] : json["contexts"].items()) {
    if (!address.is_string()) return NotOurs(path);
    contexts.addresses[name] = address.get<std::string>();
  }
  if (!json.contains("current")) return contexts;
  if (!json["current"].is_string()) return NotOurs(path);
  contexts.current = json["current"].get<std::string>();
  return contexts;
}

absl::Status SaveNamedContexts(const std::string& path, const NamedContexts& contexts) {
  if (path.empty()) {
    return absl::FailedPreconditionError(
        "there is no place for contexts: set XDG_CONFIG_HOME or HOME");
  }
  Json json;
  json["current"] = contexts.current;
  json["contexts"] = Json::object();
  for (const auto& [name, address] : contexts.addresses) json["contexts"][name] = address;
  QM_RETURN_IF_ERROR(storage::MakeDirectories(path.substr(0, path.find_last_of('/'))));
  return storage::WriteDurably(path, Pretty(json));
}

}  // namespace quartermaster::qm
