// Why the catalog did not do as asked.
#ifndef QUARTERMASTER_SERVICES_CATALOG_DOMAIN_REJECTIONS_H_
#define QUARTERMASTER_SERVICES_CATALOG_DOMAIN_REJECTIONS_H_

#include <cstdint>
#include <string>

namespace quartermaster::catalog {

// One thing that is wrong with one item or location of a batch.
struct Violation {
  // The field within the item or location: "gtins[0]".
  std::string field;
  // The end of a sentence about it: "must have at most 128 bytes".
  std::string description;

  friend bool operator==(const Violation&, const Violation&) = default;
};

// Of a command as a whole. The numbers are stored in request outcomes.
enum class Rejection : int32_t { kNone = 0, kLocationNotFound = 1 };

}  // namespace quartermaster::catalog

#endif  // QUARTERMASTER_SERVICES_CATALOG_DOMAIN_REJECTIONS_H_
