#include "services/catalog/domain/validate.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/gtin.h"
#include "services/catalog/domain/check_opening_hours.h"
#include "services/catalog/domain/text.h"

namespace quartermaster::catalog {
namespace {

class Findings {
 public:
  void Add(std::string field, std::string description) {
    violations_.push_back({std::move(field), std::move(description)});
  }
  void AddIf(std::string field, std::optional<std::string> problem) {
    if (problem) Add(std::move(field), *std::move(problem));
  }
  // A number outside its range.
  template <typename T>
  void CheckRange(std::string field, T value, T least, T most) {
    // Negated, so that NaN is outside every range.
    if (!(value >= least && value <= most)) {
      Add(std::move(field), absl::StrCat("must be ", least, " to ", most));
    }
  }
  std::vector<Violation> Take() { return std::move(violations_); }

 private:
  std::vector<Violation> violations_;
};

std::string Indexed(const char* field, size_t index) {
  return absl::StrCat(field, "[", index, "]");
}

void CheckGtins(const std::vector<std::string>& gtins, Findings& findings) {
  if (gtins.size() > kMaxGtins) {
    findings.Add("gtins", absl::StrCat("must have at most ", kMaxGtins, " entries"));
    return;
  }
  for (size_t i = 0; i < gtins.size(); ++i) {
    findings.AddIf(Indexed("gtins", i), GtinProblem(gtins[i]));
    if (std::find(gtins.begin(), gtins.begin() + i, gtins[i]) != gtins.begin() + i) {
      findings.Add(Indexed("gtins", i), "is listed twice");
    }
  }
}

}  // namespace

Item Canonical(Item item) {
  if (item.base_unit.empty()) item.base_unit = "each";
  if (item.handling_class.empty()) item.handling_class = "standard";
  if (item.status == ItemStatus::kUnspecified) item.status = ItemStatus::kActive;
  item.version = 0;
  return item;
}

Location Canonical(Location location) {
  if (location.time_zone.empty()) location.time_zone = "UTC";
  auto& capabilities = location.capabilities;
  std::sort(capabilities.begin(), capabilities.end());
  capabilities.erase(std::unique(capabilities.begin(), capabilities.end()), capabilities.end());
  location.hours = Canonical(std::move(location.hours));
  location.version = 0;
  return location;
}

std::vector<Violation> CheckItem(const Item& item) {
  Findings findings;
  findings.AddIf("sku", IdProblem(item.sku));
  findings.AddIf("title", TextProblem(item.title, 0, kMaxTitleBytes));
  findings.AddIf("base_unit", TextProblem(item.base_unit, 1, 16));
  findings.CheckRange("quantity_scale", item.quantity_scale, 0, 3);
  CheckGtins(item.gtins, findings);
  findings.CheckRange("weight_g", item.weight_g, 0, kMaxWeightG);
  findings.AddIf("handling_class", TextProblem(item.handling_class, 1, 32));
  if (item.status != ItemStatus::kActive && item.status != ItemStatus::kDiscontinued) {
    findings.Add("status", "is not a known status");
  }
  return findings.Take();
}

std::vector<Violation> CheckLocation(const Location& location, bool time_zone_known) {
  Findings findings;
  findings.AddIf("location_id", IdProblem(location.location_id));
  findings.AddIf("title", TextProblem(location.title, 0, kMaxTitleBytes));
  if (location.kind < LocationKind::kStore || location.kind > LocationKind::kVendor) {
    findings.Add("kind", "must be STORE, WAREHOUSE or VENDOR");
  }
  if (std::isnan(location.latitude) && std::isnan(location.longitude)) {
    findings.Add("point", "is required");
  } else {
    findings.CheckRange("point.latitude", location.latitude, -90.0, 90.0);
    findings.CheckRange("point.longitude", location.longitude, -180.0, 180.0);
  }
  if (!time_zone_known) findings.Add("time_zone", "is not an IANA time zone name");
  for (size_t i = 0; i < location.capabilities.size(); ++i) {
    const Capability capability = location.capabilities[i];
    if (capability < Capability::kShip || capability > Capability::kTill) {
      findings.Add(Indexed("capabilities", i), "is not a known capability");
    }
  }
  for (Violation& violation : CheckOpeningHours(location.hours)) {
    findings.Add(std::move(violation.field), std::move(violation.description));
  }
  return findings.Take();
}

}  // namespace quartermaster::catalog
