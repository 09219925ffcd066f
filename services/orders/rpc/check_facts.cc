// Work on tasks, parcels and sales.
#include <cctype>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "services/orders/codec/requests.h"
#include "services/orders/rpc/checks.h"

namespace quartermaster::orders {
namespace {

using runtime::FieldChecker;
using runtime::FieldPath;
using runtime::Presence;

// "2026-11-27", a day that there is.
bool IsDay(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  for (const size_t i : {0, 1, 2, 3, 5, 6, 8, 9}) {
    if (std::isdigit(static_cast<unsigned char>(text[i])) == 0) return false;
  }
  const auto number = [&](size_t at, size_t digits) {
    int value = 0;
    for (size_t i = at; i < at + digits; ++i) value = value * 10 + (text[i] - '0');
    return value;
  };
  const int year = number(0, 4);
  const int month = number(5, 2);
  const int day = number(8, 2);
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (year < 1970 || month < 1 || month > 12 || day < 1) return false;
  return day <= kDays[month - 1] + (month == 2 && leap ? 1 : 0);
}

}  // namespace

void Check(const v1::PutBackRequest& request, FieldChecker& check) {
  CheckTaskRequest(request, check);
  if (!check.Size("lines", request.lines_size(), 0, kLinesMax)) return;
  for (int i = 0; i < request.lines_size() && !check.full(); ++i) {
    const FieldPath line("lines", i);
    check.Id({line, "line_id"}, request.lines(i).line_id());
    check.Range({line, "quantity"}, request.lines(i).quantity(), 1, kQuantityMax);
  }
  check.Unique("lines", "line_id", request.lines_size(),
               [&](int i) -> const std::string& { return request.lines(i).line_id(); });
}

void Check(const v1::RecordPickRequest& request, FieldChecker& check) {
  CheckTaskRequest(request, check);
  if (!check.Size("lines", request.lines_size(), 0, kLinesMax)) return;
  for (int i = 0; i < request.lines_size() && !check.full(); ++i) {
    const FieldPath line("lines", i);
    check.Id({line, "line_id"}, request.lines(i).line_id());
    check.Range({line, "picked"}, request.lines(i).picked(), 0, kQuantityMax);
    check.Id({line, "reason_code"}, request.lines(i).reason_code(), Presence::kOptional);
  }
  check.Unique("lines", "line_id", request.lines_size(),
               [&](int i) -> const std::string& { return request.lines(i).line_id(); });
}

void Check(const v1::HandOverRequest& request, FieldChecker& check) {
  CheckTaskRequest(request, check);
  check.Id("pickup_code", request.pickup_code());
  if (!check.Size("lines", request.lines_size(), 0, kLinesMax)) return;
  for (int i = 0; i < request.lines_size() && !check.full(); ++i) {
    const auto& line = request.lines(i);
    const FieldPath path("lines", i);
    check.Id({path, "line_id"}, line.line_id());
    check.Range({path, "handed_over"}, line.handed_over(), 0, kQuantityMax);
    check.Range({path, "refused"}, line.refused(), 0, kQuantityMax);
  }
  check.Unique("lines", "line_id", request.lines_size(),
               [&](int i) -> const std::string& { return request.lines(i).line_id(); });
}

void Check(const v1::RecordShipmentsRequest& request, FieldChecker& check) {
  check.Id("request_id", request.request_id());
  check.Size("shipments", request.shipments_size(), 1, kFactsMax);
  check.Attribution("attribution", request.attribution());
}

void Check(const v1::Shipment& shipment, const FieldPath& path, FieldChecker& check) {
  check.Id({path, "task_id"}, shipment.task_id());
  check.Id({path, "carrier"}, shipment.carrier(), Presence::kOptional);
  check.Id({path, "tracking_number"}, shipment.tracking_number(), Presence::kOptional);
  check.Id({path, "parcel_key"}, shipment.parcel_key(), Presence::kOptional);
  if (shipment.has_business_time()) {
    check.Timestamp({path, "business_time"}, shipment.business_time());
  }
  if (!check.Size({path, "lines"}, shipment.lines_size(), 0, kLinesMax)) return;
  check.True({path, "parcel_key"},
             shipment.lines_size() == 0 || !shipment.parcel_key().empty() ||
                 !shipment.tracking_number().empty(),
             "is required with lines, unless there is a tracking number");
  for (int i = 0; i < shipment.lines_size() && !check.full(); ++i) {
    const FieldPath line(path, "lines", i);
    check.Id({line, "line_id"}, shipment.lines(i).line_id());
    check.Range({line, "quantity"}, shipment.lines(i).quantity(), 1, kQuantityMax);
  }
  check.Unique(path, "lines", "line_id", shipment.lines_size(),
               [&](int i) -> const std::string& { return shipment.lines(i).line_id(); });
}

void Check(const v1::RecordDeliveriesRequest& request, FieldChecker& check) {
  check.Id("request_id", request.request_id());
  check.Size("deliveries", request.deliveries_size(), 1, kFactsMax);
  check.Attribution("attribution", request.attribution());
}

void Check(const v1::Delivery& delivery, const FieldPath& path, FieldChecker& check) {
  const bool by_number = delivery.parcel_id().empty();
  check.Id({path, "parcel_id"}, delivery.parcel_id(), Presence::kOptional);
  check.Id({path, "carrier"}, delivery.carrier(), Presence::kOptional);
  check.Id({path, "tracking_number"}, delivery.tracking_number(),
           by_number ? Presence::kRequired : Presence::kOptional);
  check.True({path, "parcel_id"},
             by_number || (delivery.carrier().empty() && delivery.tracking_number().empty()),
             "must be empty when a tracking number or carrier is set");
  check.Enum({path, "state"}, delivery.state(), v1::Parcel::State_IsValid, Presence::kRequired);
  check.True({path, "state"}, delivery.state() != v1::Parcel::SHIPPED,
             "must be what became of the parcel: RecordShipments says that it left");
  if (delivery.has_business_time()) {
    check.Timestamp({path, "business_time"}, delivery.business_time());
  }
}

void Check(const v1::RecordSalesRequest& request, FieldChecker& check) {
  check.Id("request_id", request.request_id());
  check.Size("sales", request.sales_size(), 1, kFactsMax);
  check.Attribution("attribution", request.attribution());
}

void Check(const v1::Sale& sale, const FieldPath& path, FieldChecker& check) {
  check.Id({path, "location_id"}, sale.location_id());
  check.Id({path, "terminal_id"}, sale.terminal_id());
  check.True({path, "business_day"}, IsDay(sale.business_day()), "must be a day as 2026-11-27");
  check.Range({path, "sequence"}, sale.sequence(), 1, INT64_MAX);
  check.Id({path, "customer_ref"}, sale.customer_ref(), Presence::kOptional);
  if (sale.has_business_time()) check.Timestamp({path, "business_time"}, sale.business_time());
  if (!check.Size({path, "lines"}, sale.lines_size(), 1, kLinesMax)) return;
  absl::flat_hash_set<std::string> seen;
  for (int i = 0; i < sale.lines_size() && !check.full(); ++i) {
    const v1::SaleLine& line = sale.lines(i);
    const FieldPath line_path(path, "lines", i);
    check.Id({line_path, "line_id"}, line.line_id(), Presence::kOptional);
    check.Id({line_path, "sku"}, line.sku());
    check.Range({line_path, "quantity"}, line.quantity(), 1, kQuantityMax);
    if (line.has_unit_price()) check.Money({line_path, "unit_price"}, line.unit_price());
    CheckLineAmounts(line, sale.has_amounts() ? &sale.amounts() : nullptr, line_path, check);
    check.True({line_path, "line_id"},
               seen.insert(line.line_id().empty() ? absl::StrCat(i) : line.line_id()).second,
               "is the id of another line as well");
  }
  if (sale.has_amounts()) {
    CheckAmounts(sale.amounts(), PricedLinesOf(sale), {path, "amounts"}, check);
  }
}

}  // namespace quartermaster::orders
