// Audit: the three partitions, rebuilt side by side from one source, each as far as one asks.
//
//   Audit audit(source.get(), &findings);
//   QM_RETURN_IF_ERROR(audit.AdvanceStock(head));
//   audit.stock().books() ...
#ifndef QUARTERMASTER_TOOLS_QM_VERIFY_AUDIT_H_
#define QUARTERMASTER_TOOLS_QM_VERIFY_AUDIT_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "tools/qm/output/progress.h"
#include "tools/qm/verify/catalog_auditor.h"
#include "tools/qm/verify/findings.h"
#include "tools/qm/verify/orders_auditor.h"
#include "tools/qm/verify/partition_auditor.h"
#include "tools/qm/verify/record_source.h"
#include "tools/qm/verify/stock_auditor.h"

namespace quartermaster::qm {

inline constexpr char kCatalogPartition[] = "catalog/0";
inline constexpr char kStockPartition[] = "stock/0";
inline constexpr char kOrdersPartition[] = "orders/0";

// Not thread-safe. The source and the findings must outlive it.
class Audit {
 public:
  Audit(RecordSource* source, Findings* findings)
      : source_(source),
        catalog_(findings),
        stock_(findings),
        orders_(findings),
        catalog_records_(kCatalogPartition, findings),
        stock_records_(kStockPartition, findings),
        orders_records_(kOrdersPartition, findings) {}

  // Applies the records up to `position`, if it lies ahead. Errors: the source's.
  absl::Status AdvanceCatalog(int64_t position);
  absl::Status AdvanceStock(int64_t position);
  absl::Status AdvanceOrders(int64_t position);

  CatalogAuditor& catalog() { return catalog_; }
  StockAuditor& stock() { return stock_; }
  OrdersAuditor& orders() { return orders_; }

  int64_t catalog_position() const { return catalog_records_.position(); }
  int64_t stock_position() const { return stock_records_.position(); }
  int64_t orders_position() const { return orders_records_.position(); }
  int64_t requests() const {
    return catalog_records_.requests() + stock_records_.requests() + orders_records_.requests();
  }

 private:
  absl::Status Advance(const std::string& partition, PartitionAuditor& records, int64_t position,
                       const RecordSource::Callback& apply);

  RecordSource* const source_;
  CatalogAuditor catalog_;
  StockAuditor stock_;
  OrdersAuditor orders_;
  PartitionAuditor catalog_records_, stock_records_, orders_records_;
};

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_VERIFY_AUDIT_H_
