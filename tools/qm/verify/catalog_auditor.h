// CatalogAuditor: items and locations, rebuilt from the stored events of the catalog.
#ifndef QUARTERMASTER_TOOLS_QM_VERIFY_CATALOG_AUDITOR_H_
#define QUARTERMASTER_TOOLS_QM_VERIFY_CATALOG_AUDITOR_H_

#include <cstdint>
#include <map>
#include <string>

#include "quartermaster/catalog/v1/catalog.pb.h"
#include "tools/qm/verify/findings.h"
#include "tools/qm/verify/record_source.h"

namespace quartermaster::qm {

// Not thread-safe.
class CatalogAuditor {
 public:
  explicit CatalogAuditor(Findings* findings) : findings_(findings) {}

  void Apply(const LogRecord& record);

  // As the API shows them; `version` is the position of the last change.
  const std::map<std::string, catalog::v1::Item>& items() const { return items_; }
  const std::map<std::string, catalog::v1::Location>& locations() const { return locations_; }

 private:
  Findings* const findings_;
  std::map<std::string, catalog::v1::Item> items_;
  std::map<std::string, catalog::v1::Location> locations_;
};

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_VERIFY_CATALOG_AUDITOR_H_
