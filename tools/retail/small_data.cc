#include "tools/retail/small_data.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/base/status_macros.h"
#include "tools/retail/csv.h"

namespace quartermaster::retail {
namespace {

// Reads a file whose every row must be good.
absl::Status ReadStrict(const std::string& path, const std::vector<std::string>& columns,
                        const std::function<bool(const std::vector<std::string>&)>& on_row) {
  absl::Status status;
  QM_RETURN_IF_ERROR(ReadCsv(path, columns, [&](const CsvRow& row) {
    if (status.ok() && (row.fields.empty() || !on_row(row.fields))) {
      status = absl::InvalidArgumentError(absl::StrCat(path, ":", row.line, ": a bad row"));
    }
  }));
  return status;
}

std::vector<std::string> SplitList(const std::string& list) {
  return absl::StrSplit(list, ';', absl::SkipEmpty());
}

bool ParsePlace(const std::vector<std::string>& fields, Place* place) {
  place->id = fields[0];
  place->title = fields[1];
  place->warehouse = fields[2] == "WAREHOUSE";
  place->time_zone = fields[5];
  for (const std::string& capability : SplitList(fields[6])) {
    if (capability == "SHIP") place->ship = true;
    if (capability == "PICKUP") place->pickup = true;
    if (capability == "RETURN") place->takes_returns = true;
    if (capability == "TILL") place->till = true;
  }
  place->paused = fields[7] == "true";
  return !place->id.empty() && ParsePoint(fields[3], fields[4], &place->point);
}

bool ParseItem(const std::vector<std::string>& fields, Item* item) {
  item->sku = fields[0];
  item->title = fields[1];
  item->base_unit = fields[2];
  item->gtins = SplitList(fields[4]);
  item->handling_class = fields[6];
  item->returnable = fields[7] == "true";
  item->online = fields[8] == "true";
  return !item->sku.empty() && absl::SimpleAtoi(fields[3], &item->quantity_scale) &&
         absl::SimpleAtoi(fields[5], &item->weight_g);
}

// Items by popularity: rank r is drawn with a weight of r^-0.9. Which item has which rank is
// shuffled, so that popularity has nothing to do with SKU order.
class Popularity {
 public:
  Popularity(size_t items, Draw& draw) : ranks_(ZipfWeights(items)), items_(items) {
    for (size_t i = 0; i < items; ++i) items_[i] = static_cast<ItemIndex>(i);
    for (size_t i = items; i > 1; --i) std::swap(items_[i - 1], items_[draw.Below(i)]);
  }
  ItemIndex Pick(Draw& draw) const { return items_[ranks_.Pick(draw)]; }

 private:
  static std::vector<double> ZipfWeights(size_t items) {
    std::vector<double> weights;
    for (size_t i = 1; i <= items; ++i) weights.push_back(std::pow(static_cast<double>(i), -0.9));
    return weights;
  }

  Weights ranks_;
  std::vector<ItemIndex> items_;
};

int32_t DrawQuantity(const Item& item, Draw& draw) {
  // Mostly one, sometimes a few; half units of what is measured: 1.5 m, 0.5 kg.
  const int32_t count = draw.Chance(0.7) ? 1 : static_cast<int32_t>(2 + draw.Below(4));
  int32_t scale = 1;
  for (int32_t i = 0; i < item.quantity_scale; ++i) scale *= 10;
  return scale == 1 ? count : count * scale / 2;
}

void DrawLines(const World& world, const Popularity& popularity, Draw& draw, PlannedOrder* order) {
  size_t lines = 1;
  while (lines < 8 && draw.Chance(0.55)) ++lines;
  for (size_t i = 0; i < lines; ++i) {
    const ItemIndex item = popularity.Pick(draw);
    order->lines.push_back({item, DrawQuantity(world.items[item], draw),
                            499 + static_cast<int64_t>(draw.Below(20000))});
  }
}

// One return in sixteen orders, of some lines of an order a while before; one in ten of them is of
// goods without a known sale.
void DrawReturn(const World& world, const Network& network, Draw& draw, int32_t latest,
                Plan* plan) {
  constexpr int32_t kDelay = 100;
  if (latest < 2 * kDelay || !draw.Chance(1.0 / 16)) return;
  const int32_t index = latest - kDelay - static_cast<int32_t>(draw.Below(kDelay));
  const PlannedOrder& order = plan->orders[index];
  PlannedReturn planned;
  planned.external_id = absl::StrCat("R", order.external_id, "-", latest);
  const std::vector<PlaceIndex>& places = network.return_places();
  planned.place = places[draw.Below(places.size())];
  const bool known = !draw.Chance(0.1);
  for (size_t i = 0; i < order.lines.size(); ++i) {
    const PlannedLine& line = order.lines[i];
    if (!world.items[line.item].returnable || (i > 0 && draw.Chance(0.5))) continue;
    PlannedReturnLine returned{line.item, 1 + static_cast<int32_t>(draw.Below(line.quantity)), {}};
    if (known) returned.parts.push_back({index, static_cast<int32_t>(i), returned.quantity});
    planned.lines.push_back(std::move(returned));
  }
  if (planned.lines.empty()) return;
  plan->steps.push_back({-1, static_cast<int32_t>(plan->returns.size())});
  plan->input.return_lines += static_cast<int64_t>(planned.lines.size());
  plan->returns.push_back(std::move(planned));
}

}  // namespace

absl::StatusOr<World> ReadSmallWorld(const std::string& directory) {
  World world;
  world.currency = "EUR";
  QM_RETURN_IF_ERROR(ReadStrict(directory + "/locations.csv",
                                {"location_id", "title", "kind", "latitude", "longitude",
                                 "time_zone", "capabilities", "paused"},
                                [&](const std::vector<std::string>& fields) {
                                  return ParsePlace(fields, &world.places.emplace_back());
                                }));
  QM_RETURN_IF_ERROR(ReadStrict(directory + "/items.csv",
                                {"sku", "title", "base_unit", "quantity_scale", "gtins", "weight_g",
                                 "handling_class", "returnable", "online"},
                                [&](const std::vector<std::string>& fields) {
                                  return ParseItem(fields, &world.items.emplace_back());
                                }));
  QM_RETURN_IF_ERROR(ReadStrict(
      directory + "/cities.csv", {"name", "country", "latitude", "longitude", "population"},
      [&](const std::vector<std::string>& fields) {
        City city{fields[0], fields[1], {}, 0};
        const bool good = ParsePoint(fields[2], fields[3], &city.point) &&
                          absl::SimpleAtoi(fields[4], &city.population) && city.population > 0;
        world.cities.push_back(std::move(city));
        return good;
      }));
  return world;
}

Plan DrawPlan(const World& world, const Network& network, uint64_t seed, int64_t orders) {
  Plan plan;
  Draw shuffle(seed, 1);
  const Popularity popularity(world.items.size(), shuffle);
  for (int64_t i = 0; i < orders; ++i) {
    Draw draw(seed, 1000 + i);
    PlannedOrder order;
    order.external_id = absl::StrCat(100000 + i);
    order.customer_ref = absl::StrCat("C-", draw.Below(orders / 3 + 1));
    network.DrawChannel(draw, &order);
    DrawLines(world, popularity, draw, &order);
    plan.input.order_lines += static_cast<int64_t>(order.lines.size());
    plan.steps.push_back({static_cast<int32_t>(plan.orders.size()), -1});
    plan.orders.push_back(std::move(order));
    DrawReturn(world, network, draw, static_cast<int32_t>(i), &plan);
  }
  plan.input.invoices = static_cast<int64_t>(plan.orders.size() + plan.returns.size());
  plan.input.lines = plan.input.order_lines + plan.input.return_lines;
  return plan;
}

}  // namespace quartermaster::retail
