#include "tools/retail/shopper.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "tools/retail/clock.h"
#include "tools/retail/fulfilment.h"

namespace quartermaster::retail {
namespace {

constexpr double kAbandonedCart = 0.08;
constexpr double kCheckoutHold = 0.7;
constexpr double kReleasedHold = 0.03;
constexpr double kDropsLines = 0.5;
constexpr double kTellsTwice = 0.05;
// The last orders: some are still open when the replay ends.
constexpr double kLastPart = 0.05;
constexpr double kLeftOpen = 0.2;

constexpr Micros kAbandonedTtl = Seconds(2);
constexpr Micros kCheckoutTtl = Seconds(15 * 60);
// From the deadline of a hold until its units certainly count as free: the server notes an expiry
// with the next command or tick.
constexpr Micros kExpiryMargin = Seconds(2);

routing::v1::Method MethodOf(Channel channel) {
  switch (channel) {
    case Channel::kWeb:
      return routing::v1::SHIP;
    case Channel::kPickup:
      return routing::v1::PICKUP;
    default:
      return routing::v1::CARRY_OUT;
  }
}

}  // namespace

Shopper::Shopper(Shop* shop, const tools::AddressBook& addresses, int number)
    : shop_(*shop),
      client_(addresses, &shop->calls, shop->seed() + number),
      provider_(shop, &client_),
      draw_(0) {}

void Shopper::Play(const Step& step) {
  if (step.order >= 0) {
    // What happens to an order follows from the seed and the order, not from who plays it when.
    draw_ = Draw(shop_.seed(), 0x0DDu << 20 | static_cast<uint64_t>(step.order));
    PlayOrder(step.order);
    shop_.records.Finish(step.order);
  } else {
    draw_ = Draw(shop_.seed(), 0x4E7u << 20 | static_cast<uint64_t>(step.planned_return));
    PlayReturn(step.planned_return);
  }
}

void Shopper::PlayOrder(int32_t index) {
  const PlannedOrder& planned = shop_.plan().orders[index];
  OrderRecord& record = shop_.records.order(index);
  record.planned = index;
  for (const PlannedLine& line : planned.lines) record.lines.emplace_back().item = line.item;
  switch (planned.channel) {
    case Channel::kWeb:
      PlayWeb(planned, &record);
      break;
    case Channel::kPickup:
    case Channel::kCarryOut:
      Place(planned, std::nullopt, false, &record);
      break;
    case Channel::kSale:
      PlaySale(planned, &record);
      break;
  }
}

void Shopper::PlayWeb(const PlannedOrder& planned, OrderRecord* record) {
  if (draw_.Chance(kAbandonedCart)) AbandonCart(planned, record->planned);
  if (!draw_.Chance(kCheckoutHold)) {
    Place(planned, std::nullopt, draw_.Chance(kDropsLines), record);
    return;
  }
  const std::optional<Hold> hold = Checkout(planned, record->planned);
  if (!hold.has_value() || draw_.Chance(kReleasedHold)) {
    // The customer leaves.
    record->fate = OrderRecord::Fate::kRefused;
    ++shop_.tally.refused[static_cast<int>(planned.channel)];
    shop_.tally.lines_refused += static_cast<int64_t>(planned.lines.size());
    if (hold.has_value()) Release(*hold, record->planned);
    return;
  }
  HoldRecord taken{hold->reservation_id, HoldRecord::Fate::kTakenOver, hold->wants};
  if (Place(planned, hold, false, record)) {
    shop_.records.AddHold(std::move(taken));
  } else {
    Release(*hold, record->planned);
  }
}

grpc::Status Shopper::Reserve(const PlannedOrder& planned, const std::string& owner,
                              const std::string& request_id, Micros ttl,
                              stock::v1::ReserveResponse* response) {
  stock::v1::ReserveRequest request;
  request.set_request_id(request_id);
  request.set_owner_id(owner);
  request.mutable_ttl()->set_seconds(ttl.count / 1'000'000);
  for (const PlannedLine& line : planned.lines) {
    stock::v1::ReserveLine* wanted = request.add_lines();
    wanted->set_sku(shop_.world().items[line.item].sku);
    wanted->set_quantity(line.quantity);
    wanted->set_pool_id(kWebPool);
  }
  return client_.Call(CallKind::kReserve, [&](grpc::ClientContext* context) {
    return client_.stock()->Reserve(context, request, response);
  });
}

void Shopper::AbandonCart(const PlannedOrder& planned, int32_t index) {
  const std::vector<Want> wants = WantsOf(planned.lines);
  Claim claim(&shop_.books, wants, kNoPlace, kNoPlace, {});
  const Instant sent = WallClock();
  stock::v1::ReserveResponse response;
  const grpc::Status status = Reserve(planned, shop_.RequestId("left-cart", index),
                                      shop_.RequestId("left", index), kAbandonedTtl, &response);
  if (!status.ok()) {
    const bool unjustified = claim.Refused();
    if (!IsStockRefusal(status)) return shop_.Unexpected("Reserve", status);
    shop_.Refused(absl::StrCat("Reserve, cart ", index), status, unjustified);
    return;
  }
  claim.Granted(wants, /*certain=*/false);
  const Instant free = WallClock() + kAbandonedTtl + kExpiryMargin;
  for (const Want& want : wants) {
    shop_.books.Expire(want.item, want.quantity, sent + kAbandonedTtl, free);
  }
  ++shop_.tally.holds;
  shop_.records.AddHold(
      {response.reservation().reservation_id(), HoldRecord::Fate::kExpires, wants});
}

std::optional<Shopper::Hold> Shopper::Checkout(const PlannedOrder& planned, int32_t index) {
  Hold hold;
  hold.wants = WantsOf(planned.lines);
  Claim claim(&shop_.books, hold.wants, kNoPlace, kNoPlace, {});
  stock::v1::ReserveResponse response;
  const grpc::Status status = Reserve(planned, shop_.RequestId("cart", index),
                                      shop_.RequestId("hold", index), kCheckoutTtl, &response);
  if (!status.ok()) {
    const bool unjustified = claim.Refused();
    if (!IsStockRefusal(status)) {
      shop_.Unexpected("Reserve", status);
    } else {
      shop_.Refused(absl::StrCat("Reserve, checkout ", index), status, unjustified);
    }
    return std::nullopt;
  }
  claim.Granted(hold.wants);
  ++shop_.tally.holds;
  hold.reservation_id = response.reservation().reservation_id();
  return hold;
}

void Shopper::Release(const Hold& hold, int32_t index) {
  stock::v1::ReleaseReservationRequest request;
  stock::v1::Reservation answer;
  request.set_request_id(shop_.RequestId("release", index));
  request.set_reservation_id(hold.reservation_id);
  for (const Want& want : hold.wants) shop_.books.AddSure(want.item, -want.quantity);
  const grpc::Status status = client_.Call(CallKind::kOther, [&](grpc::ClientContext* context) {
    return client_.stock()->ReleaseReservation(context, request, &answer);
  });
  if (!status.ok()) return shop_.Unexpected("ReleaseReservation", status);
  for (const Want& want : hold.wants) {
    shop_.books.AddPossible(want.item, kNoPlace, -want.quantity);
  }
  shop_.records.AddHold({hold.reservation_id, HoldRecord::Fate::kReleased, hold.wants});
}

namespace {

// What the order comes to, as a shop would reckon it: taxes of a fifth are in the prices, some
// vouchers take a tenth off, and shipping is on top.
void SetAmounts(const PlannedOrder& planned, const std::string& currency,
                orders::v1::PlaceOrderRequest* request) {
  constexpr int64_t kShippingMinor = 490;
  orders::v1::Amounts& amounts = *request->mutable_amounts();
  amounts.set_currency_code(currency);
  amounts.set_prices_include_tax(true);
  int64_t goods = 0;
  for (orders::v1::PlaceLine& line : *request->mutable_groups(0)->mutable_lines()) {
    line.set_subtotal_minor(line.unit_price().amount_minor() * line.quantity());
    line.set_tax_minor(line.subtotal_minor() / 6);
    goods += line.subtotal_minor();
  }
  int64_t total = goods;
  if (planned.customer_ref.size() % 2 == 0 && goods >= 10) {
    amounts.add_discounts()->set_code("TEN");
    amounts.mutable_discounts(0)->set_amount_minor(goods / 10);
    total -= goods / 10;
  }
  if (planned.channel == Channel::kWeb) {
    amounts.add_charges()->set_kind("shipping");
    amounts.mutable_charges(0)->set_amount_minor(kShippingMinor);
    amounts.mutable_charges(0)->set_tax_minor(kShippingMinor / 6);
    total += kShippingMinor;
  }
  amounts.set_total_minor(total);
}

}  // namespace

orders::v1::PlaceOrderRequest Shopper::PlaceRequest(const PlannedOrder& planned,
                                                    const std::optional<Hold>& hold,
                                                    bool drops_lines, int32_t index) const {
  const World& world = shop_.world();
  const City& city = world.cities[planned.city];
  orders::v1::PlaceOrderRequest request;
  request.set_request_id(shop_.RequestId("order", index));
  request.set_channel_id(planned.channel == Channel::kCarryOut ? "till" : "web");
  request.set_external_id(shop_.RequestId(planned.external_id, 0));
  request.set_customer_ref(planned.customer_ref);
  if (hold.has_value()) request.set_reservation_id(hold->reservation_id);
  if (planned.channel != Channel::kCarryOut) {
    request.mutable_subject()->set_name(absl::StrCat("Customer ", planned.customer_ref));
    request.mutable_subject()->add_address_lines(absl::StrCat("1 Main Street, ", city.name));
  }
  orders::v1::PlaceGroup* group = request.add_groups();
  group->set_method(MethodOf(planned.channel));
  if (planned.channel != Channel::kCarryOut) {
    group->mutable_destination()->set_country_code(city.country);
    group->mutable_destination()->mutable_point()->set_latitude(city.point.latitude);
    group->mutable_destination()->mutable_point()->set_longitude(city.point.longitude);
  }
  if (planned.place != kNoPlace && planned.names_place) {
    group->set_location_id(world.places[planned.place].id);
  }
  for (size_t i = 0; i < planned.lines.size(); ++i) {
    orders::v1::PlaceLine* line = group->add_lines();
    line->set_line_id(absl::StrCat(i));
    line->set_sku(world.items[planned.lines[i].item].sku);
    line->set_quantity(planned.lines[i].quantity);
    line->mutable_unit_price()->set_currency_code(world.currency);
    line->mutable_unit_price()->set_amount_minor(planned.lines[i].unit_price_minor);
    if (drops_lines) line->set_on_shortage(orders::v1::PlaceLine::DROP_LINE);
  }
  SetAmounts(planned, world.currency, &request);
  return request;
}

bool Shopper::Place(const PlannedOrder& planned, const std::optional<Hold>& hold, bool drops_lines,
                    OrderRecord* record) {
  const orders::v1::PlaceOrderRequest request =
      PlaceRequest(planned, hold, drops_lines, record->planned);
  const std::vector<Want> wants = WantsOf(planned.lines);
  const std::vector<Want> held = hold.has_value() ? hold->wants : std::vector<Want>();
  // Once the order is on its way, the hold may end at any moment.
  for (const Want& want : held) shop_.books.AddSure(want.item, -want.quantity);
  const PlaceIndex counts_at = planned.names_place ? planned.place : kNoPlace;
  Claim claim(&shop_.books, wants, planned.place, counts_at, held);
  orders::v1::PlaceOrderResponse response;
  const grpc::Status status =
      client_.Call(CallKind::kPlaceOrder, [&](grpc::ClientContext* context) {
        return client_.orders()->PlaceOrder(context, request, &response);
      });
  if (!status.ok()) {
    // With its own hold in hand, no order is short of stock.
    const bool unjustified = claim.Refused() || hold.has_value();
    for (const Want& want : held) shop_.books.AddSure(want.item, want.quantity);
    Refuse(planned, status, unjustified, record);
    return false;
  }
  Accept(planned, response, &claim, wants, record);
  for (const Want& want : held) shop_.books.AddPossible(want.item, kNoPlace, -want.quantity);
  OrderBook book(&shop_, &client_, record);
  orders::v1::Order order = response.order();
  if (order.state() == orders::v1::Order::PENDING) order = book.AwaitRouted();
  book.Sync(order);
  if (planned.channel == Channel::kCarryOut) {
    // The customer has left with it.
    for (LineRecord& line : record->lines) {
      line.open.clear();
      line.fulfilled = line.ordered;
      if (line.ordered == 0) continue;
      line.gone[planned.place] = line.ordered;
      shop_.records.AddAtKey(line.item, planned.place, &KeyRecord::gone, line.ordered);
    }
    book.Rebook();
    return true;
  }
  book.Rebook();
  if (planned.channel == Channel::kWeb) {
    ++shop_.tally.shipped_orders;
    bool split = false;
    for (const auto& task : order.tasks()) {
      split = split || task.location_id() != order.tasks(0).location_id();
    }
    if (split) ++shop_.tally.split_orders;
    provider_.Authorise(order, draw_.Chance(kTellsTwice));
  }
  const size_t orders = shop_.plan().orders.size();
  const bool among_last =
      static_cast<double>(record->planned) >= (1 - kLastPart) * static_cast<double>(orders);
  if (!among_last || !draw_.Chance(kLeftOpen)) {
    Fulfilment(&shop_, &client_, &book, planned, &draw_).Work(std::move(order));
    provider_.DoIntents(record->order_id);
  }
  return true;
}

void Shopper::Accept(const PlannedOrder& planned, const orders::v1::PlaceOrderResponse& response,
                     Claim* claim, const std::vector<Want>& wants, OrderRecord* record) {
  record->fate = OrderRecord::Fate::kPlaced;
  record->order_id = response.order().order_id();
  OrderBook book(&shop_, &client_, record);
  for (const auto& answered : response.order().lines()) {
    if (LineRecord* line = book.Line(answered.line_id())) line->ordered = answered.ordered();
  }
  std::map<ItemIndex, int64_t> granted_by_item;
  int64_t dropped = 0;
  for (size_t i = 0; i < record->lines.size(); ++i) {
    const LineRecord& line = record->lines[i];
    granted_by_item[line.item] += line.ordered;
    if (line.ordered < planned.lines[i].quantity) ++dropped;
  }
  std::vector<Want> granted;
  const PlaceIndex counts_at = planned.names_place ? planned.place : kNoPlace;
  for (const Want& want : wants) {
    granted.push_back({want.item, granted_by_item[want.item]});
    record->booked[want.item][counts_at] += granted.back().quantity;
  }
  for (int i = claim->Granted(granted); i > 0; --i) {
    shop_.Refused(absl::StrCat("a dropped line of ", planned.external_id), grpc::Status::OK, true);
  }
  ++shop_.tally.placed[static_cast<int>(planned.channel)];
  shop_.tally.lines_dropped += dropped;
  shop_.tally.lines_placed += static_cast<int64_t>(record->lines.size()) - dropped;
}

void Shopper::Refuse(const PlannedOrder& planned, const grpc::Status& status, bool unjustified,
                     OrderRecord* record) {
  record->fate = OrderRecord::Fate::kRefused;
  ++shop_.tally.refused[static_cast<int>(planned.channel)];
  shop_.tally.lines_refused += static_cast<int64_t>(planned.lines.size());
  if (!IsStockRefusal(status)) {
    record->fate = OrderRecord::Fate::kUnknown;
    shop_.Unexpected(absl::StrCat("PlaceOrder ", planned.external_id), status);
    return;
  }
  shop_.Refused(absl::StrCat("PlaceOrder ", planned.external_id, ", channel ",
                             static_cast<int>(planned.channel), ", place ", planned.place),
                status, unjustified);
}

}  // namespace quartermaster::retail
