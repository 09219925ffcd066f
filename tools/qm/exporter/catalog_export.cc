// Items and locations. Their lists come in pages, each as the catalog is then; they are one cut if
// two readings, one after the other, give the same versions: then nothing changed between them.
#include <xxhash.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "quartermaster/catalog/v1/catalog.grpc.pb.h"
#include "services/base/status_macros.h"
#include "tools/qm/context.h"
#include "tools/qm/exporter/exporter.h"
#include "tools/qm/input/opening_hours.h"
#include "tools/qm/input/values.h"

namespace quartermaster::qm {
namespace {

namespace catalogv1 = ::quartermaster::catalog::v1;
using Stub = catalogv1::CatalogService::Stub;

constexpr int kRowsPerPage = 1'000;
constexpr int kReadingsMax = 10;

struct Items {
  using Row = catalogv1::Item;
  using Request = catalogv1::ListItemsRequest;
  using Response = catalogv1::ListItemsResponse;
  static constexpr auto kMethod =
      static_cast<grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*)>(
          &Stub::ListItems);
  static const auto& Rows(const Response& page) { return page.items(); }
  static const std::string& Id(const Row& item) { return item.sku(); }
  static std::vector<std::string> Columns() {
    return {"sku",      "title",          "base_unit",  "quantity_scale", "gtins",
            "weight_g", "handling_class", "returnable", "online",         "status"};
  }
  static std::vector<Cell> Cells(const Row& i) {
    Cell gtins = Cell::array();
    for (const std::string& gtin : i.gtins()) gtins.push_back(gtin);
    return {i.sku(),
            i.title(),
            i.base_unit(),
            i.quantity_scale(),
            gtins,
            i.weight_g(),
            i.handling_class(),
            i.returnable(),
            i.online(),
            catalogv1::Item::Status_Name(i.status())};
  }
};

struct Locations {
  using Row = catalogv1::Location;
  using Request = catalogv1::ListLocationsRequest;
  using Response = catalogv1::ListLocationsResponse;
  static constexpr auto kMethod =
      static_cast<grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*)>(
          &Stub::ListLocations);
  static const auto& Rows(const Response& page) { return page.locations(); }
  static const std::string& Id(const Row& location) { return location.location_id(); }
  static std::vector<std::string> Columns() {
    return {"location_id", "title",        "kind",   "latitude",      "longitude",
            "time_zone",   "capabilities", "paused", "opening_hours", "special_days"};
  }
  static std::vector<Cell> Cells(const Row& l) {
    Cell capabilities = Cell::array();
    for (const int capability : l.capabilities()) {
      capabilities.push_back(catalogv1::Location::Capability_Name(
          static_cast<catalogv1::Location::Capability>(capability)));
    }
    return {l.location_id(),
            l.title(),
            catalogv1::Location::Kind_Name(l.kind()),
            l.point().latitude(),
            l.point().longitude(),
            l.time_zone(),
            capabilities,
            l.paused(),
            OpeningHoursTexts(l),
            SpecialDayTexts(l)};
  }
};

struct Reading {
  // A hash of ids and versions, in their order.
  uint64_t versions = 0;
  int64_t rows = 0;
  // The latest version.
  int64_t position = 0;
};

template <typename List>
absl::StatusOr<Reading> Read(Context& context, ExportFile& file) {
  Reading reading;
  file.Begin(List::Columns());
  const auto stub = context.Stub<catalogv1::CatalogService>();
  typename List::Request request;
  request.set_page_size(kRowsPerPage);
  do {
    typename List::Response page;
    const grpc::Status status = context.Call(*stub, List::kMethod, request, &page);
    if (!status.ok()) return ToAbsl(status);
    for (const auto& row : List::Rows(page)) {
      const std::optional<int64_t> version = ParseInteger(row.version());
      const std::string key = absl::StrCat(List::Id(row), "\n", row.version());
      reading.versions = XXH3_64bits_withSeed(key.data(), key.size(), reading.versions);
      reading.position = std::max(reading.position, version.value_or(0));
      ++reading.rows;
      file.Row(List::Cells(row));
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return reading;
}

template <typename List>
absl::StatusOr<ExportSummary> Export(Context& context, ExportFile& file) {
  std::optional<Reading> before;
  for (int i = 0; i < kReadingsMax; ++i) {
    QM_ASSIGN_OR_RETURN(const Reading now, Read<List>(context, file));
    if (before && before->versions == now.versions && before->rows == now.rows) {
      return ExportSummary{.read = now.rows, .position = absl::StrCat(now.position)};
    }
    before = now;
  }
  return ToAbsl({grpc::StatusCode::ABORTED,
                 "the catalog changes all the time: try again when it is quieter"});
}

}  // namespace

absl::StatusOr<ExportSummary> ExportItems(Context& context, ExportFile& file) {
  return Export<Items>(context, file);
}

absl::StatusOr<ExportSummary> ExportLocations(Context& context, ExportFile& file) {
  return Export<Locations>(context, file);
}

}  // namespace quartermaster::qm
