#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "services/base/status_macros.h"
#include "tools/qm/context.h"
#include "tools/qm/exporter/exporter.h"
#include "tools/qm/exporter/position_spool.h"
#include "tools/qm/output/progress.h"

namespace quartermaster::qm {
namespace {

namespace stockv1 = ::quartermaster::stock::v1;

// In the order of PositionSpool::Entry::counts.
constexpr std::array<const char*, PositionSpool::kCounts> kConditions = {
    "sellable", "damaged", "quarantine", "inspection", "suspect"};
// The most that one change of stock may be: more takes more rows.
constexpr int64_t kRowQuantityMax = 1'000'000'000;

PositionSpool::Entry EntryOf(const stockv1::Availability& a) {
  return {.sku = a.key().sku(),
          .location_id = a.key().location_id(),
          .counts = {a.on_hand() - a.damaged() - a.quarantine() - a.inspection() - a.suspect(),
                     a.damaged(), a.quarantine(), a.inspection(), a.suspect()}};
}

void WriteRows(const PositionSpool::Entry& entry, ExportFile& file) {
  for (size_t i = 0; i < kConditions.size(); ++i) {
    int64_t left = entry.counts[i];
    while (left != 0) {
      const int64_t quantity = std::clamp(left, -kRowQuantityMax, kRowQuantityMax);
      file.Row({entry.sku, entry.location_id, quantity, kConditions[i]});
      left -= quantity;
    }
  }
}

}  // namespace

absl::StatusOr<ExportSummary> ExportStock(Context& context, ExportFile& file) {
  Progress progress("export stock");
  ExportSummary summary;
  PositionSpool spool(file.directory(), PositionSpool::kInMemoryMax);
  // A watch of everything. What it has sent is an exact cut when it says so: until then a position
  // may come again, if it has changed since.
  const auto stub = context.Stub<stockv1::StockService>();
  grpc::ClientContext call;
  const auto stream = stub->WatchAvailability(&call, stockv1::WatchAvailabilityRequest());
  stockv1::WatchAvailabilityResponse message;
  absl::Status spooled;
  bool whole = false;
  while (!whole && spooled.ok() && stream->Read(&message)) {
    for (const stockv1::Availability& a : message.availabilities()) {
      spooled.Update(spool.Add(EntryOf(a)));
    }
    summary.read += message.availabilities_size();
    progress.Update(0, 0, absl::StrCat(WithSeparators(summary.read), " positions read"));
    whole = message.current();
  }
  // Not if it has ended by itself: its status says why.
  if (whole || !spooled.ok()) call.TryCancel();
  const grpc::Status status = stream->Finish();
  QM_RETURN_IF_ERROR(spooled);
  if (!whole) {
    return ToAbsl(status.ok() ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "the stream ended")
                              : status);
  }
  summary.position = message.position();
  summary.read = 0;
  file.Begin({"sku", "location_id", "quantity", "condition"});
  QM_RETURN_IF_ERROR(spool.ForEach([&](const PositionSpool::Entry& entry) {
    ++summary.read;
    WriteRows(entry, file);
  }));
  return summary;
}

}  // namespace quartermaster::qm
