#include "tools/qm/verify/audit.h"

#include "absl/strings/str_cat.h"
#include "tools/qm/output/table.h"

namespace quartermaster::qm {

absl::Status Audit::Advance(const std::string& partition, PartitionAuditor& records,
                            int64_t position, const RecordSource::Callback& apply) {
  const int64_t from = records.position() + 1;
  if (position < from) return absl::OkStatus();
  Progress progress("rebuild " + partition);
  return source_->Read(partition, from, position, [&](const LogRecord& record) {
    records.Apply(record);
    apply(record);
    progress.Update(record.position - from, position - from + 1,
                    absl::StrCat("record ", WithSeparators(record.position)));
  });
}

absl::Status Audit::AdvanceCatalog(int64_t position) {
  return Advance(kCatalogPartition, catalog_records_, position,
                 [this](const LogRecord& record) { catalog_.Apply(record); });
}

absl::Status Audit::AdvanceStock(int64_t position) {
  return Advance(kStockPartition, stock_records_, position,
                 [this](const LogRecord& record) { stock_.Apply(record); });
}

absl::Status Audit::AdvanceOrders(int64_t position) {
  return Advance(kOrdersPartition, orders_records_, position,
                 [this](const LogRecord& record) { orders_.Apply(record); });
}

}  // namespace quartermaster::qm
