#include "tools/client/address_book.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/base/absl_view.h"
#include "services/base/check.h"

namespace quartermaster::tools {
namespace {

constexpr std::array<std::string_view, 5> kServices = {"catalog", "log", "orders", "routing",
                                                       "stock"};
constexpr std::string_view kPackage = "quartermaster.";

bool IsService(std::string_view name) {
  return std::find(kServices.begin(), kServices.end(), name) != kServices.end();
}

// The service of an entry, which is empty if it names none, and its address.
std::pair<std::string, std::string> Split(const std::string& entry) {
  // A path may have an equals sign; a service's name has nothing but letters.
  const size_t equals = entry.find('=');
  if (equals == std::string::npos || entry.find_first_of("/:.") < equals) return {"", entry};
  return {entry.substr(0, equals), entry.substr(equals + 1)};
}

}  // namespace

absl::StatusOr<AddressBook> AddressBook::Parse(std::string_view text) {
  AddressBook book;
  std::string others;
  for (const absl::string_view entry : absl::StrSplit(AbslView(text), ',')) {
    auto [service, address] = Split(std::string(entry));
    if (address.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("an empty address in \"", AbslView(text), "\""));
    }
    if (address.starts_with('/')) address.insert(0, "unix:");
    if (!service.empty() && !IsService(service)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "no service is called ", service, "; they are: ",
          absl::StrJoin(kServices, ", ",
                        [](std::string* out, std::string_view name) { out->append(name); })));
    }
    std::string& slot = service.empty() ? others : book.by_service_[service];
    if (!slot.empty()) {
      return absl::InvalidArgumentError(
          service.empty()
              ? absl::StrCat("two addresses without a service: ", slot, " and ", address)
              : absl::StrCat("two addresses for ", service));
    }
    slot = std::move(address);
  }
  for (const std::string_view service : kServices) {
    std::string& slot = book.by_service_[std::string(service)];
    if (slot.empty()) slot = others;
    if (slot.empty()) {
      return absl::InvalidArgumentError(absl::StrCat("no address for ", AbslView(service)));
    }
  }
  return book;
}

const std::string& AddressBook::Of(std::string_view service_full_name) const {
  std::string_view name = service_full_name;
  QM_CHECK(name.starts_with(kPackage)) << AbslView(service_full_name);
  name.remove_prefix(kPackage.size());
  const auto it = by_service_.find(name.substr(0, name.find('.')));
  QM_CHECK(it != by_service_.end()) << AbslView(service_full_name);
  return it->second;
}

bool AddressBook::IsOneServer() const {
  return std::all_of(by_service_.begin(), by_service_.end(), [this](const auto& entry) {
    return entry.second == by_service_.begin()->second;
  });
}

}  // namespace quartermaster::tools
