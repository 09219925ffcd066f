#include "tools/retail/invoices.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/base/status_macros.h"
#include "tools/retail/csv.h"
#include "tools/retail/money.h"
#include "tools/retail/warehouses.h"

namespace quartermaster::retail {
namespace {

constexpr char kStores[] = "us_stores.csv";
constexpr char kCities[] = "us_cities.csv";
constexpr char kInvoices[] = "online_retail_2010-12_2011-05.csv.gz";
constexpr int kWarehouses = 5;
constexpr int kTillOnlyEvery = 20;
constexpr size_t kLinesMax = 2000;

void AddReject(const char* file, const CsvRow& row, std::string reason, Plan* plan) {
  plan->rejects.push_back({file, row.line, std::move(reason), absl::StrJoin(row.fields, "|")});
}

// Why a row of us_stores.csv makes no store; empty if it makes `place`.
std::string ParseStore(const CsvRow& row, const std::set<std::string>& known, Place* place) {
  if (row.fields.empty()) return "not the header's number of columns";
  const std::string& number = row.fields[0];
  if (number.empty() || number.size() > 32) return "no store number";
  place->id = absl::StrCat("US-", number);
  if (known.count(place->id) > 0) return "a store number that another row has";
  if (!ParsePoint(row.fields[4], row.fields[5], &place->point)) return "no coordinates";
  place->title = absl::StrCat(row.fields[1], " ", row.fields[2], ", ", row.fields[3]);
  if (place->title.size() > 128) return "names that are too long";
  return "";
}

absl::Status ReadStores(const std::string& directory, World* world, Plan* plan) {
  std::set<std::string> known;
  QM_RETURN_IF_ERROR(ReadCsv(
      absl::StrCat(directory, "/", kStores),
      {"store_number", "type", "city", "state", "latitude", "longitude"}, [&](const CsvRow& row) {
        ++plan->input.store_rows;
        Place place;
        if (std::string reason = ParseStore(row, known, &place); !reason.empty()) {
          AddReject(kStores, row, std::move(reason), plan);
          return;
        }
        known.insert(place.id);
        place.takes_returns = true;
        place.till = true;
        const bool online = known.size() % kTillOnlyEvery != 0;
        place.ship = place.pickup = online;
        world->places.push_back(std::move(place));
      }));
  if (known.size() < kTillOnlyEvery) {
    return absl::FailedPreconditionError(
        absl::StrCat(directory, "/", kStores, ": fewer than ", kTillOnlyEvery, " usable stores"));
  }
  return absl::OkStatus();
}

absl::Status ReadCities(const std::string& directory, World* world, Plan* plan) {
  QM_RETURN_IF_ERROR(
      ReadCsv(absl::StrCat(directory, "/", kCities),
              {"city", "population", "latitude", "longitude"}, [&](const CsvRow& row) {
                ++plan->input.city_rows;
                City city;
                if (row.fields.empty()) {
                  AddReject(kCities, row, "not the header's number of columns", plan);
                  return;
                }
                city.name = row.fields[0];
                city.country = "US";
                if (!absl::SimpleAtoi(row.fields[1], &city.population) || city.population <= 0) {
                  AddReject(kCities, row, "no population", plan);
                } else if (!ParsePoint(row.fields[2], row.fields[3], &city.point)) {
                  AddReject(kCities, row, "no coordinates", plan);
                } else {
                  world->cities.push_back(std::move(city));
                }
              }));
  if (world->cities.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(directory, "/", kCities, ": no usable city"));
  }
  return absl::OkStatus();
}

bool IsReturn(const std::string& invoice) { return invoice[0] == 'C'; }

bool IsInvoiceNumber(const std::string& invoice) {
  const size_t first = !invoice.empty() && IsReturn(invoice) ? 1 : 0;
  return invoice.size() > first && invoice.size() <= 16 &&
         std::all_of(invoice.begin() + static_cast<std::ptrdiff_t>(first), invoice.end(),
                     [](char c) { return absl::ascii_isdigit(c); });
}

bool IsProduct(const std::string& sku) {
  if (sku.size() > 32) return false;
  if (sku.rfind("DCGS", 0) == 0) return sku.size() > 4;
  return sku.size() >= 5 &&
         std::all_of(sku.begin(), sku.begin() + 5, [](char c) { return absl::ascii_isdigit(c); });
}

struct InvoiceLine {
  ItemIndex item = 0;
  // Negative in a return.
  int32_t quantity = 0;
  int64_t unit_price_minor = 0;
};

struct Invoice {
  std::string number;
  std::string customer;
  std::vector<InvoiceLine> lines;
};

// Groups rows by invoice, in the order of their first good rows.
class InvoiceReader {
 public:
  InvoiceReader(World* world, Plan* plan) : world_(world), plan_(plan) {}

  void OnRow(const CsvRow& row) {
    ++plan_->input.lines;
    if (!row.fields.empty()) numbers_.insert(row.fields[0]);
    std::string reason = RejectReason(row.fields);
    if (reason.empty() && !AddLine(row.fields)) reason = "beyond 2,000 lines of one invoice";
    if (!reason.empty()) {
      ++plan_->input.rejected_lines;
      AddReject(kInvoices, row, std::move(reason), plan_);
    }
  }

  std::vector<Invoice> Take() {
    plan_->input.invoices = static_cast<int64_t>(numbers_.size());
    plan_->input.rejected_invoices = static_cast<int64_t>(numbers_.size() - invoices_.size());
    return std::move(invoices_);
  }

 private:
  bool AddLine(const std::vector<std::string>& fields) {
    const auto [found, is_new] = index_.try_emplace(fields[0], invoices_.size());
    if (is_new) invoices_.push_back({fields[0], fields[4], {}});
    Invoice& invoice = invoices_[found->second];
    if (invoice.lines.size() == kLinesMax) return false;
    InvoiceLine line;
    line.item = Item(absl::AsciiStrToUpper(fields[1]));
    if (!absl::SimpleAtoi(fields[2], &line.quantity)) return false;
    if (!ParseMinor(fields[3], &line.unit_price_minor)) return false;
    invoice.lines.push_back(line);
    return true;
  }

  ItemIndex Item(const std::string& sku) {
    const auto [found, is_new] = items_.try_emplace(sku, world_->items.size());
    if (is_new) {
      retail::Item& item = world_->items.emplace_back();
      item.sku = sku;
      item.title = absl::StrCat("Item ", sku);
      item.handling_class = "standard";
    }
    return static_cast<ItemIndex>(found->second);
  }

  World* world_;
  Plan* plan_;
  std::set<std::string> numbers_;
  std::unordered_map<std::string, size_t> index_;
  std::unordered_map<std::string, size_t> items_;
  std::vector<Invoice> invoices_;
};

// Turns invoices into steps, and matches returns with what the same customer bought before.
class OrderPlanner {
 public:
  OrderPlanner(const Network& network, uint64_t seed, Plan* plan)
      : network_(network), seed_(seed), plan_(plan) {}

  void AddOrder(const Invoice& invoice, size_t number) {
    Draw draw(seed_, 1000 + number);
    PlannedOrder order;
    order.external_id = invoice.number;
    order.customer_ref = invoice.customer;
    network_.DrawChannel(draw, &order);
    const int32_t index = static_cast<int32_t>(plan_->orders.size());
    for (const InvoiceLine& line : invoice.lines) {
      if (!invoice.customer.empty()) {
        purchases_[{invoice.customer, line.item}].push_back(
            {index, static_cast<int32_t>(order.lines.size()), line.quantity});
      }
      order.lines.push_back({line.item, line.quantity, line.unit_price_minor});
    }
    plan_->input.order_lines += static_cast<int64_t>(order.lines.size());
    plan_->steps.push_back({index, -1});
    plan_->orders.push_back(std::move(order));
  }

  void AddReturn(const Invoice& invoice, size_t number) {
    Draw draw(seed_, 1000 + number);
    PlannedReturn planned;
    planned.external_id = invoice.number;
    const std::vector<PlaceIndex>& places = network_.return_places();
    planned.place = places[draw.Below(places.size())];
    for (const InvoiceLine& line : invoice.lines) {
      PlannedReturnLine returned{line.item, -line.quantity, {}};
      returned.parts = Match(invoice.customer, line.item, returned.quantity);
      planned.lines.push_back(std::move(returned));
    }
    plan_->input.return_lines += static_cast<int64_t>(planned.lines.size());
    plan_->steps.push_back({-1, static_cast<int32_t>(plan_->returns.size())});
    plan_->returns.push_back(std::move(planned));
  }

 private:
  // Purchases that cover the whole quantity, or none.
  std::vector<ReturnPart> Match(const std::string& customer, ItemIndex item, int32_t quantity) {
    const auto found = purchases_.find({customer, item});
    if (found == purchases_.end()) return {};
    std::vector<ReturnPart>& bought = found->second;
    int64_t left = quantity;
    for (const ReturnPart& purchase : bought) left -= purchase.quantity;
    if (left > 0) return {};
    std::vector<ReturnPart> parts;
    for (auto purchase = bought.rbegin(); purchase != bought.rend() && quantity > 0; ++purchase) {
      const int32_t taken = std::min(quantity, purchase->quantity);
      if (taken == 0) continue;
      parts.push_back({purchase->order, purchase->line, taken});
      purchase->quantity -= taken;
      quantity -= taken;
    }
    return parts;
  }

  const Network& network_;
  const uint64_t seed_;
  Plan* plan_;
  absl::flat_hash_map<std::pair<std::string, ItemIndex>, std::vector<ReturnPart>> purchases_;
};

}  // namespace

std::string RejectReason(const std::vector<std::string>& fields) {
  if (fields.size() != 5) return "not the header's number of columns";
  if (!IsInvoiceNumber(fields[0])) return "no invoice number";
  if (!IsProduct(fields[1])) return "no product's SKU";
  int32_t quantity = 0;
  if (!absl::SimpleAtoi(fields[2], &quantity) || std::abs(int64_t{quantity}) > 1'000'000'000) {
    return "no quantity";
  }
  if (quantity == 0) return "quantity of zero";
  int64_t minor = 0;
  if (!ParseMinor(fields[3], &minor) || minor < 0) return "no price";
  if (quantity < 0 && !IsReturn(fields[0])) return "negative adjustment outside of a return";
  if (quantity > 0 && IsReturn(fields[0])) return "positive quantity in a return";
  if (minor == 0) return "price of zero";
  if (fields[4].size() > 32) return "customer number too long";
  return "";
}

absl::StatusOr<World> ReadStoresAndCities(const std::string& directory, Plan* plan) {
  World world;
  world.currency = "GBP";
  QM_RETURN_IF_ERROR(ReadStores(directory, &world, plan));
  QM_RETURN_IF_ERROR(ReadCities(directory, &world, plan));
  std::vector<Place> warehouses = WarehousesAtCentres(world.cities, kWarehouses);
  world.places.insert(world.places.end(), warehouses.begin(), warehouses.end());
  return world;
}

absl::Status ReadInvoices(const std::string& directory, uint64_t seed, int64_t limit, World* world,
                          Plan* plan) {
  InvoiceReader reader(world, plan);
  QM_RETURN_IF_ERROR(ReadCsv(absl::StrCat(directory, "/", kInvoices),
                             {"invoice", "sku", "quantity", "unit_price_gbp", "customer_id"},
                             [&](const CsvRow& row) { reader.OnRow(row); }));
  const Network network(*world);
  OrderPlanner planner(network, seed, plan);
  size_t number = 0;
  for (const Invoice& invoice : reader.Take()) {
    ++number;
    if (limit > 0 && static_cast<int64_t>(plan->orders.size()) >= limit) {
      plan->input.left_out_lines += static_cast<int64_t>(invoice.lines.size());
    } else if (IsReturn(invoice.number)) {
      planner.AddReturn(invoice, number);
    } else {
      planner.AddOrder(invoice, number);
    }
  }
  if (plan->orders.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(directory, "/", kInvoices, ": no invoice makes an order"));
  }
  return absl::OkStatus();
}

}  // namespace quartermaster::retail
