#include "tools/processes/shape.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace quartermaster::tools {

std::vector<ServerProcess> ProcessesOf(Shape shape, const std::string& directory) {
  using NameAndServices = std::pair<const char*, const char*>;
  const std::vector<NameAndServices> parts = shape == Shape::kOne
                                                 ? std::vector<NameAndServices>{{"all", "all"}}
                                                 : std::vector<NameAndServices>{
                                                       {"log", "log"},
                                                       {"stock", "stock,catalog"},
                                                       {"orders", "orders"},
                                                       {"routing", "routing"},
                                                   };
  const auto socket_of = [&](const char* name) {
    return absl::StrCat(directory, "/", name, ".socket");
  };
  std::vector<ServerProcess> processes;
  for (const auto& [name, services] : parts) {
    ServerProcess& process = processes.emplace_back();
    process.name = name;
    process.directory = absl::StrCat(directory, "/", name);
    process.address = absl::StrCat("unix:", socket_of(name));
    process.arguments = {"--services",      services,   "--data-dir",
                         process.directory, "--socket", socket_of(name)};
    if (shape == Shape::kOne || process.name == "log") continue;
    for (const char* peer : {"stock", "orders", "routing"}) {
      process.arguments.push_back(absl::StrCat("--", peer));
      process.arguments.push_back(absl::StrCat("unix:", socket_of(peer)));
    }
    process.arguments.push_back("--log");
    process.arguments.push_back(absl::StrCat("unix:", directory, "/log/log.socket"));
  }
  return processes;
}

std::string AddressesOf(const std::vector<ServerProcess>& processes) {
  std::vector<std::string> addresses;
  for (const ServerProcess& process : processes) {
    // Stock's process has the catalog too: it stands for every service that is not named.
    const bool others = process.name == "all" || process.name == "stock";
    addresses.push_back(others ? process.address
                               : absl::StrCat(process.name, "=", process.address));
  }
  return absl::StrJoin(addresses, ",");
}

}  // namespace quartermaster::tools
