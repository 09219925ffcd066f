// GtinIndex: which items have a GTIN, from the catalog. A GTIN is the same number with and without
// leading zeros (GTIN-8, -12 and -13 within GTIN-14).
//
//   GtinIndex index(context);
//   if (!index.Load().ok()) ...
//   index.Find("4006381333931");   // {"A-1"}
#ifndef QUARTERMASTER_TOOLS_QM_IMPORTER_GTIN_INDEX_H_
#define QUARTERMASTER_TOOLS_QM_IMPORTER_GTIN_INDEX_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "grpcpp/support/status.h"

namespace quartermaster::qm {

class Context;

// Not thread-safe. The context must outlive it.
class GtinIndex {
 public:
  explicit GtinIndex(Context& context) : context_(context) {}

  // Reads all items, the first time; the last answer after that.
  const grpc::Status& Load();
  // The SKUs of the items that list a valid GTIN; several if the catalog says so.
  std::vector<std::string> Find(std::string_view gtin) const;

 private:
  void Add(const std::string& sku, std::string_view gtin);

  Context& context_;
  bool read_ = false;
  grpc::Status status_;
  std::vector<std::string> skus_;
  // The number under a barcode to places in skus_.
  absl::flat_hash_map<uint64_t, absl::InlinedVector<uint32_t, 2>> items_;
};

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_IMPORTER_GTIN_INDEX_H_
