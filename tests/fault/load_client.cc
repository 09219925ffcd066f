#include "tests/fault/load_client.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tools/retail/clock.h"

namespace quartermaster::crash {
namespace {

using orders::v1::Order;
using orders::v1::Task;
using retail::WallClock;
using stock::v1::Reservation;

constexpr Micros kGiveUpAfter = Seconds(30);
constexpr Micros kPatientTimeout = Seconds(3);
constexpr size_t kHoldsMax = 6;
constexpr size_t kOrdersMax = 6;
constexpr char kPool[] = "web";

void Pause(int64_t us) { std::this_thread::sleep_for(std::chrono::microseconds(us)); }

bool IsActive(Task::State state) {
  return state == Task::CREATED || state == Task::ACCEPTED || state == Task::PICKED ||
         state == Task::PACKED || state == Task::READY_FOR_PICKUP || state == Task::EXPIRING;
}

void SetDestination(orders::v1::PlaceGroup* group) {
  group->mutable_destination()->set_country_code("RO");
  group->mutable_destination()->mutable_point()->set_latitude(46.8);
  group->mutable_destination()->mutable_point()->set_longitude(23.6);
}

bool IsToBePutBack(const Task& task) {
  return std::any_of(task.lines().begin(), task.lines().end(),
                     [](const Task::Line& line) { return line.cancel_requested() > 0; });
}

template <typename T>
void RemoveAt(std::vector<T>* list, size_t index) {
  list->erase(list->begin() + static_cast<ptrdiff_t>(index));
}

}  // namespace

LoadClient::LoadClient(const retail::World* world, const tools::AddressBook& addresses, int number,
                       uint64_t seed, double patience)
    : world_(*world),
      number_(number),
      patience_(patience),
      client_(addresses, &calls_, seed + static_cast<uint64_t>(number)),
      draw_(seed, 0xFA << 8 | static_cast<uint64_t>(number)) {}

std::string LoadClient::NextId(std::string_view what) {
  return absl::StrCat(absl::string_view(what.data(), what.size()), "-", number_, "-", ++next_id_);
}

template <typename Request, typename Response>
LoadClient::Outcome LoadClient::Ask(const Request& request, Response* response) {
  Exchange& exchange = journal_.emplace_back(ExchangeOf(request));
  if (!Send(&exchange, draw_.Chance(patience_))) return Outcome::kLost;
  if (!exchange.accepted()) return Outcome::kRefused;
  *response = Parse<Response>(exchange.answer->response);
  return Outcome::kAccepted;
}

bool LoadClient::Send(Exchange* exchange, bool patient) {
  if (exchange->sent == Instant()) exchange->sent = WallClock();
  return Insist(patient, [&](Micros timeout) {
    Answer answer;
    if (!SendOnce(&client_, *exchange, timeout, &answer)) return false;
    exchange->answered = WallClock();
    exchange->answer = std::move(answer);
    return true;
  });
}

bool LoadClient::Insist(bool patient, const std::function<bool(Micros)>& attempt) {
  const Instant first = WallClock();
  while (true) {
    const Micros timeout =
        patient ? kPatientTimeout : Milliseconds(50 + static_cast<int64_t>(draw_.Below(500)));
    if (attempt(timeout)) return true;
    if (!patient) return false;
    if (WallClock() - first > kGiveUpAfter) {
      ++given_up_;
      return false;
    }
    Pause(2'000 + static_cast<int64_t>(draw_.Below(20'000)));
  }
}

void LoadClient::ResolveUnanswered() {
  for (Exchange& exchange : journal_) {
    if (!exchange.answer) Send(&exchange, true);
  }
}

std::vector<Violation> LoadClient::Repeat(size_t first, size_t others) {
  std::vector<size_t> indexes;
  for (size_t i = 0; i < others && first > 0; ++i) indexes.push_back(draw_.Below(first));
  for (size_t i = first; i < journal_.size(); ++i) indexes.push_back(i);
  std::vector<Violation> violations;
  for (const size_t index : indexes) {
    const Exchange& before = journal_[index];
    if (!before.answer) continue;
    Exchange again = before;
    again.answer.reset();
    const std::string name = absl::StrCat(before.method->name, " ", before.request_id);
    if (!Send(&again, true)) {
      violations.push_back({ViolationKind::kUnanswered, name});
      continue;
    }
    const std::string difference = Difference(*before.method, *before.answer, *again.answer);
    if (difference.empty()) continue;
    violations.push_back({ViolationKind::kAnswerChanged, absl::StrCat(name, ": ", difference)});
  }
  return violations;
}

void LoadClient::Run(const std::atomic<bool>& stop) {
  const retail::Weights weights({18, 24, 10, 30, 6, 4, 5, 1, 3});
  while (!stop) {
    switch (weights.Pick(draw_)) {
      case 0:
        if (holds_.size() < kHoldsMax) Reserve();
        break;
      case 1:
        if (!holds_.empty()) WorkOnHold();
        break;
      case 2:
        if (orders_.size() < kOrdersMax) PlaceOrder(nullptr);
        break;
      case 3:
        if (!orders_.empty()) WorkOnOrder();
        break;
      case 4:
        AdjustStock(1 + static_cast<int>(draw_.Below(4)));
        break;
      case 5:
        RecordSale();
        break;
      case 6:
        if (!sold_.empty()) ReturnSold();
        break;
      case 7:
        ReturnUnknown();
        break;
      default:
        OrderWhatJustCame();
    }
    Pause(static_cast<int64_t>(draw_.Below(6'000)));
  }
}

void LoadClient::ReceiveSupply() {
  AdjustStock(20);
  ResolveUnanswered();
}

void LoadClient::ReceivePlenty() {
  constexpr int kMany = 1'000'000;
  stock::v1::AdjustStockRequest request;
  stock::v1::AdjustStockResponse response;
  request.set_request_id(NextId("adjust"));
  for (const retail::Place& place : world_.places) {
    if (!place.online()) continue;
    stock::v1::Adjustment* const row = request.add_adjustments();
    row->set_sku(kPlenty);
    row->set_location_id(place.id);
    row->set_kind(stock::v1::Adjustment::RECEIVED);
    row->set_delta(kMany);
  }
  Ask(request, &response);
  ResolveUnanswered();
}

void LoadClient::Close(const Observed& observed) {
  for (const auto& [id, order] : observed.orders) {
    if (order.state() == Order::COMPLETED || order.state() == Order::CANCELLED) continue;
    CancelOrder(order, /*whole=*/true);
  }
  for (const auto& [id, reservation] : observed.reservations) {
    const bool open =
        reservation.state() == Reservation::HELD || reservation.state() == Reservation::CONFIRMED;
    // Those of orders, whose owners have a slash, went with their orders.
    if (open && reservation.owner_id().find('/') == std::string::npos) ReleaseAll(id);
  }
  ResolveUnanswered();
  // The answers say what has been picked.
  std::vector<Task> to_put_back;
  for (const Exchange& exchange : journal_) {
    if (!exchange.Is<orders::v1::CancelOrderRequest>() || !exchange.accepted()) continue;
    const Order order = Parse<Order>(exchange.answer->response);
    std::copy_if(order.tasks().begin(), order.tasks().end(), std::back_inserter(to_put_back),
                 IsToBePutBack);
  }
  for (const Task& task : to_put_back) PutBack(task, /*whole=*/true);
  ResolveUnanswered();
}

const std::string& LoadClient::AnySku() {
  while (true) {
    const std::string& sku = world_.items[draw_.Below(world_.items.size())].sku;
    if (!sku.starts_with(kOwnPrefix)) return sku;
  }
}

const retail::Place& LoadClient::AnyPlace(bool online) {
  while (true) {
    const retail::Place& place = world_.places[draw_.Below(world_.places.size())];
    if (place.online() == online) return place;
  }
}

void LoadClient::AddLines(google::protobuf::RepeatedPtrField<stock::v1::ReserveLine>* lines) {
  for (size_t i = 0; i < 1 + draw_.Below(3); ++i) {
    stock::v1::ReserveLine* line = lines->Add();
    line->set_line_id(absl::StrCat(i));
    line->set_sku(AnySku());
    line->set_quantity(static_cast<int32_t>(1 + draw_.Below(4)));
    if (draw_.Chance(0.5)) {
      line->set_pool_id(kPool);
    } else {
      line->set_location_id(AnyPlace(/*online=*/true).id);
    }
  }
}

void LoadClient::SetTtl(google::protobuf::Duration* ttl) {
  ttl->set_seconds(draw_.Chance(0.2) ? 600 : 1 + static_cast<int64_t>(draw_.Below(4)));
}

void LoadClient::Reserve() {
  stock::v1::ReserveRequest request;
  stock::v1::ReserveResponse response;
  request.set_request_id(NextId("reserve"));
  request.set_owner_id(absl::StrCat("cart-", number_, "-", next_id_));
  request.set_allow_partial(draw_.Chance(0.1));
  AddLines(request.mutable_lines());
  SetTtl(request.mutable_ttl());
  if (Ask(request, &response) == Outcome::kAccepted) {
    holds_.push_back({std::move(*response.mutable_reservation())});
  }
}

void LoadClient::WorkOnHold() {
  const size_t index = draw_.Below(holds_.size());
  Hold& hold = holds_[index];
  const bool ours = hold.confirmed ? WorkOnConfirmed(&hold) : WorkOnHeld(&hold);
  const auto& lines = hold.reservation.lines();
  const bool open =
      std::any_of(lines.begin(), lines.end(), [](const auto& line) { return line.open() > 0; });
  if (!ours || !open) RemoveAt(&holds_, index);
}

bool LoadClient::WorkOnHeld(Hold* hold) {
  switch (retail::Weights({15, 15, 30, 10, 10, 5, 10, 5}).Pick(draw_)) {
    case 0:
      return UpdateHold(hold);
    case 1:
      return ExtendHold(hold);
    case 2:
      return ConfirmHold(hold);
    case 3:
      return ReleasePart(hold, /*missing=*/false);
    case 4:
      ReleaseAll(hold->reservation.reservation_id());
      return false;
    case 5:
      return Fulfil(hold);
    case 6:
      PlaceOrder(hold);
      return false;
    default:
      // The customer leaves.
      return false;
  }
}

bool LoadClient::WorkOnConfirmed(Hold* hold) {
  switch (retail::Weights({60, 15, 10, 15}).Pick(draw_)) {
    case 0:
      return Fulfil(hold);
    case 1:
      return ReleasePart(hold, /*missing=*/false);
    case 2:
      return ReleasePart(hold, /*missing=*/true);
    default:
      ReleaseAll(hold->reservation.reservation_id());
      return false;
  }
}

bool LoadClient::UpdateHold(Hold* hold) {
  stock::v1::UpdateReservationRequest request;
  stock::v1::ReserveResponse response;
  request.set_request_id(NextId("update"));
  request.set_reservation_id(hold->reservation.reservation_id());
  AddLines(request.mutable_lines());
  if (draw_.Chance(0.5)) SetTtl(request.mutable_ttl());
  const Outcome outcome = Ask(request, &response);
  if (outcome == Outcome::kAccepted) hold->reservation = response.reservation();
  // Refused: the old one stands, unless it has expired; the next request will tell.
  return outcome != Outcome::kLost;
}

bool LoadClient::ExtendHold(Hold* hold) {
  stock::v1::ExtendReservationRequest request;
  request.set_request_id(NextId("extend"));
  request.set_reservation_id(hold->reservation.reservation_id());
  SetTtl(request.mutable_ttl());
  return Ask(request, &hold->reservation) == Outcome::kAccepted;
}

bool LoadClient::ConfirmHold(Hold* hold) {
  stock::v1::ConfirmReservationRequest request;
  request.set_request_id(NextId("confirm"));
  request.set_reservation_id(hold->reservation.reservation_id());
  hold->confirmed = Ask(request, &hold->reservation) == Outcome::kAccepted;
  return hold->confirmed;
}

// Some units of one line at one of its places. Always by name, so that the checker knows where.
bool LoadClient::ReleasePart(Hold* hold, bool missing) {
  stock::v1::ReleaseReservationRequest request;
  request.set_request_id(NextId("release"));
  request.set_reservation_id(hold->reservation.reservation_id());
  request.set_missing(missing);
  for (const auto& line : hold->reservation.lines()) {
    const auto& places = line.placements().empty() ? line.backing() : line.placements();
    if (places.empty()) continue;
    auto* const part = request.add_parts();
    part->set_line_id(line.line_id());
    part->set_location_id(places[0].location_id());
    part->set_quantity(1);
    break;
  }
  if (request.parts().empty()) return false;
  const Outcome outcome = Ask(request, &hold->reservation);
  return outcome == Outcome::kAccepted;
}

bool LoadClient::Fulfil(Hold* hold) {
  stock::v1::FulfilReservationRequest request;
  request.set_request_id(NextId("fulfil"));
  request.set_reservation_id(hold->reservation.reservation_id());
  const bool all = draw_.Chance(0.5);
  for (const auto& line : hold->reservation.lines()) {
    const auto& places = line.placements().empty() ? line.backing() : line.placements();
    for (const auto& placement : places) {
      if (!all && !request.parts().empty()) break;
      auto* const part = request.add_parts();
      part->set_line_id(line.line_id());
      part->set_location_id(placement.location_id());
      part->set_quantity(placement.quantity());
    }
  }
  if (request.parts().empty()) return false;
  return Ask(request, &hold->reservation) == Outcome::kAccepted;
}

void LoadClient::ReleaseAll(const std::string& reservation_id) {
  stock::v1::ReleaseReservationRequest request;
  Reservation answer;
  request.set_request_id(NextId("release"));
  request.set_reservation_id(reservation_id);
  Ask(request, &answer);
}

void LoadClient::PlaceOrder(const Hold* hold) {
  orders::v1::PlaceOrderRequest request;
  orders::v1::PlaceOrderResponse response;
  request.set_request_id(NextId("order"));
  request.set_channel_id("web");
  request.set_external_id(absl::StrCat("x-", number_, "-", next_id_));
  if (draw_.Chance(0.2)) request.mutable_subject()->set_name("A Customer");
  orders::v1::PlaceGroup* const group = request.add_groups();
  SetDestination(group);
  group->set_method(routing::v1::SHIP);
  if (hold == nullptr && draw_.Chance(0.25)) {
    group->set_method(routing::v1::PICKUP);
    if (const retail::Place& place = AnyPlace(/*online=*/true); place.pickup) {
      group->set_location_id(place.id);
    }
  }
  const auto add_line = [&](const std::string& sku, int64_t quantity) {
    orders::v1::PlaceLine* const line = group->add_lines();
    line->set_line_id(absl::StrCat(group->lines_size() - 1));
    line->set_sku(sku);
    line->set_quantity(static_cast<int32_t>(quantity));
    if (draw_.Chance(0.3)) line->set_on_shortage(orders::v1::PlaceLine::DROP_LINE);
  };
  if (hold != nullptr) {
    request.set_reservation_id(hold->reservation.reservation_id());
    for (const auto& line : hold->reservation.lines()) {
      if (line.open() > 0) add_line(line.sku(), line.open());
    }
    if (group->lines().empty()) return;
  } else {
    for (size_t i = 0; i < 1 + draw_.Below(3); ++i) {
      add_line(AnySku(), 1 + static_cast<int64_t>(draw_.Below(3)));
    }
  }
  if (Ask(request, &response) == Outcome::kAccepted) {
    orders_.push_back({response.order().order_id(), ""});
  }
}

void LoadClient::WorkOnOrder() {
  const size_t index = draw_.Below(orders_.size());
  OpenOrder& open = orders_[index];
  orders::v1::GetOrderRequest request;
  request.set_order_id(open.order_id);
  Order order;
  grpc::Status status;
  const bool answered = Insist(draw_.Chance(patience_), [&](Micros timeout) {
    status = client_.Once(timeout, [&](grpc::ClientContext* context) {
      return client_.orders()->GetOrder(context, request, &order);
    });
    return IsAnswer(status);
  });
  if (!answered || !status.ok()) return;
  for (const Task& task : order.tasks()) {
    if (!IsActive(task.state())) continue;
    bool ours = true;
    if (draw_.Chance(0.06)) {
      ours = CancelOrder(order, draw_.Chance(0.5));
    } else {
      ours = WorkOnTask(&open, task);
    }
    if (!ours) RemoveAt(&orders_, index);
    return;
  }
  int64_t open_units = 0;
  Sold sold = {open.order_id, {}};
  for (const auto& line : order.lines()) {
    open_units += line.allocated() + line.unallocated();
    // What should have been put back is announced already.
    const int64_t kept = line.fulfilled() - line.return_requested();
    if (kept > 0) sold.lines.push_back({line.line_id(), line.sku(), kept});
  }
  if (open_units == 0) {
    if (!sold.lines.empty()) sold_.push_back(std::move(sold));
    RemoveAt(&orders_, index);
  } else if (order.state() == Order::AWAITING_STOCK) {
    // Some are left in the exception queue.
    if (draw_.Chance(0.5)) CancelOrder(order, /*whole=*/true);
    RemoveAt(&orders_, index);
  }
}

bool LoadClient::WorkOnTask(OpenOrder* order, const Task& task) {
  const auto step = [&](const char* what, auto request) {
    request.set_request_id(NextId(what));
    request.set_task_id(task.task_id());
    Task answer;
    return Ask(request, &answer) == Outcome::kAccepted;
  };
  if (IsToBePutBack(task)) {
    const std::optional<bool> ours = AnswerCancel(task);
    if (ours) return *ours;
  }
  switch (task.state()) {
    case Task::CREATED:
      if (draw_.Chance(0.08)) return step("reject", orders::v1::RejectTaskRequest());
      if (draw_.Chance(0.1)) return Pick(task);
      return step("accept", orders::v1::AcceptTaskRequest());
    case Task::ACCEPTED:
      return Pick(task);
    case Task::PICKED: {
      if (task.method() != routing::v1::PICKUP) {
        return draw_.Chance(0.1) ? Ship(task) : step("pack", orders::v1::PackTaskRequest());
      }
      orders::v1::MarkReadyForPickupRequest request;
      orders::v1::MarkReadyForPickupResponse answer;
      request.set_request_id(NextId("ready"));
      request.set_task_id(task.task_id());
      if (Ask(request, &answer) != Outcome::kAccepted) return false;
      order->pickup_code = answer.pickup_code();
      return true;
    }
    case Task::PACKED:
      return Ship(task);
    default:
      return HandOver(*order, task);
  }
}

std::optional<bool> LoadClient::AnswerCancel(const Task& task) {
  switch (retail::Weights({50, 20, 10, 20}).Pick(draw_)) {
    case 0:
      return PutBack(task, /*whole=*/true);
    case 1:
      return PutBack(task, /*whole=*/false);
    case 2: {
      // The counter cannot.
      if (task.state() == Task::READY_FOR_PICKUP) return std::nullopt;
      orders::v1::RejectTaskRequest request;
      Task answer;
      request.set_request_id(NextId("reject"));
      request.set_task_id(task.task_id());
      return Ask(request, &answer) == Outcome::kAccepted;
    }
    default:
      return std::nullopt;
  }
}

// All that it is asked for, or one unit of that.
bool LoadClient::PutBack(const Task& task, bool whole) {
  orders::v1::PutBackRequest request;
  Task answer;
  request.set_request_id(NextId("put-back"));
  request.set_task_id(task.task_id());
  for (const Task::Line& line : task.lines()) {
    if (whole || line.cancel_requested() == 0) continue;
    auto* const units = request.add_lines();
    units->set_line_id(line.line_id());
    units->set_quantity(1);
    break;
  }
  return Ask(request, &answer) == Outcome::kAccepted;
}

bool LoadClient::Pick(const Task& task) {
  orders::v1::RecordPickRequest request;
  Task answer;
  request.set_request_id(NextId("pick"));
  request.set_task_id(task.task_id());
  if (draw_.Chance(0.1)) {
    const Task::Line& line =
        task.lines(static_cast<int>(draw_.Below(static_cast<size_t>(task.lines_size()))));
    const int64_t open = line.quantity() - line.cancelled();
    if (open > 0) {
      request.add_lines()->set_line_id(line.line_id());
      request.mutable_lines(0)->set_picked(open - 1);
    }
  }
  return Ask(request, &answer) == Outcome::kAccepted;
}

bool LoadClient::Ship(const Task& task) {
  for (int times = draw_.Chance(0.1) ? 2 : 1; times > 0; --times) {
    orders::v1::RecordShipmentsRequest request;
    orders::v1::RecordShipmentsResponse response;
    request.set_request_id(NextId("ship"));
    auto* const shipment = request.add_shipments();
    shipment->set_task_id(task.task_id());
    shipment->set_carrier("dhl");
    if (Ask(request, &response) != Outcome::kAccepted) return false;
  }
  return true;
}

bool LoadClient::HandOver(const OpenOrder& order, const Task& task) {
  orders::v1::HandOverRequest request;
  Task answer;
  request.set_request_id(NextId("hand-over"));
  request.set_task_id(task.task_id());
  request.set_pickup_code(order.pickup_code);
  return Ask(request, &answer) == Outcome::kAccepted;
}

bool LoadClient::CancelOrder(const Order& order, bool whole) {
  orders::v1::CancelOrderRequest request;
  Order answer;
  request.set_request_id(NextId("cancel"));
  request.set_order_id(order.order_id());
  for (const auto& line : order.lines()) {
    if (whole || line.allocated() == line.cancel_requested()) continue;
    auto* const cancelled = request.add_lines();
    cancelled->set_line_id(line.line_id());
    cancelled->set_quantity(1);
    break;
  }
  return Ask(request, &answer) == Outcome::kAccepted;
}

void LoadClient::AdjustStock(int rows) {
  stock::v1::AdjustStockRequest request;
  stock::v1::AdjustStockResponse response;
  request.set_request_id(NextId("adjust"));
  const bool keyed = draw_.Chance(0.7);
  for (int i = 0; i < rows; ++i) {
    stock::v1::Adjustment* const row = request.add_adjustments();
    row->set_sku(AnySku());
    // What is sold at tills only may be taken away: nobody was promised it.
    const bool online = draw_.Chance(0.8);
    row->set_location_id(AnyPlace(online).id);
    if (!online && draw_.Chance(0.3)) {
      row->set_kind(stock::v1::Adjustment::COUNTED);
      row->set_delta(-1);
    } else {
      row->set_kind(stock::v1::Adjustment::RECEIVED);
      row->set_delta(static_cast<int32_t>(1 + draw_.Below(8)));
      if (draw_.Chance(0.05)) row->set_condition(stock::v1::Adjustment::DAMAGED);
    }
    if (keyed) row->set_effect_key(absl::StrCat("key-", number_, "-", next_id_, "-", i));
  }
  if (Ask(request, &response) != Outcome::kAccepted || !keyed || !draw_.Chance(0.2)) return;
  // The warehouse sends its messages again.
  request.set_request_id(NextId("adjust"));
  Ask(request, &response);
}

// At once, so that nobody who follows stock has had time to hear of it. The order is left alone: a
// short pick would make the next one short.
void LoadClient::OrderWhatJustCame() {
  stock::v1::AdjustStockRequest adjust;
  stock::v1::AdjustStockResponse adjusted;
  adjust.set_request_id(NextId("adjust"));
  stock::v1::Adjustment* const row = adjust.add_adjustments();
  row->set_sku(absl::StrCat(kOwnPrefix, number_));
  row->set_location_id(AnyPlace(/*online=*/true).id);
  row->set_kind(stock::v1::Adjustment::RECEIVED);
  row->set_delta(1);
  if (Ask(adjust, &adjusted) != Outcome::kAccepted) return;
  orders::v1::PlaceOrderRequest place;
  orders::v1::PlaceOrderResponse placed;
  place.set_request_id(NextId("order"));
  place.set_channel_id("web");
  place.set_external_id(absl::StrCat("x-", number_, "-", next_id_));
  orders::v1::PlaceGroup* const group = place.add_groups();
  SetDestination(group);
  group->set_method(routing::v1::SHIP);
  orders::v1::PlaceLine* const line = group->add_lines();
  line->set_line_id("0");
  line->set_sku(row->sku());
  line->set_quantity(1);
  Ask(place, &placed);
}

void LoadClient::RecordSale() {
  orders::v1::RecordSalesRequest request;
  orders::v1::RecordSalesResponse response;
  request.set_request_id(NextId("sale"));
  orders::v1::Sale* const sale = request.add_sales();
  sale->set_location_id(AnyPlace(/*online=*/false).id);
  sale->set_terminal_id(absl::StrCat("till-", number_));
  sale->set_business_day("2026-11-20");
  sale->set_sequence(next_id_);
  Sold sold;
  for (size_t i = 0; i < 1 + draw_.Below(2); ++i) {
    orders::v1::SaleLine* const line = sale->add_lines();
    line->set_line_id(absl::StrCat(i));
    line->set_sku(AnySku());
    line->set_quantity(static_cast<int32_t>(1 + draw_.Below(2)));
    sold.lines.push_back({line->line_id(), line->sku(), line->quantity()});
  }
  if (Ask(request, &response) != Outcome::kAccepted) return;
  sold.order_id = response.results(0).order_id();
  sold_.push_back(std::move(sold));
  if (!draw_.Chance(0.2)) return;
  // A till that was offline sends what it has again.
  request.set_request_id(NextId("sale"));
  Ask(request, &response);
}

void LoadClient::ReturnSold() {
  const size_t index = draw_.Below(sold_.size());
  Sold sold = std::move(sold_[index]);
  RemoveAt(&sold_, index);
  orders::v1::ReceiveReturnRequest receive;
  orders::v1::Return answer;
  const SoldLine& line = sold.lines[draw_.Below(sold.lines.size())];
  orders::v1::Return::Line* const returned = receive.add_lines();
  returned->set_line_id(line.line_id);
  returned->set_sku(line.sku);
  returned->set_quantity(1);
  returned->set_condition(draw_.Chance(0.8) ? orders::v1::Return::SELLABLE
                                            : orders::v1::Return::DAMAGED);
  if (draw_.Chance(0.5)) {
    orders::v1::RequestReturnRequest request;
    request.set_request_id(NextId("return"));
    request.set_order_id(sold.order_id);
    *request.mutable_lines() = receive.lines();
    if (Ask(request, &answer) != Outcome::kAccepted) return;
    receive.set_return_id(answer.return_id());
  } else {
    receive.set_order_id(sold.order_id);
  }
  receive.set_request_id(NextId("receive"));
  receive.set_location_id(AnyPlace(draw_.Chance(0.5)).id);
  Ask(receive, &answer);
}

void LoadClient::ReturnUnknown() {
  orders::v1::ReceiveReturnRequest request;
  orders::v1::Return answer;
  request.set_request_id(NextId("unknown"));
  request.set_location_id(AnyPlace(/*online=*/true).id);
  orders::v1::Return::Line* const line = request.add_lines();
  line->set_sku(AnySku());
  line->set_quantity(1);
  line->set_condition(orders::v1::Return::INSPECTION);
  Ask(request, &answer);
}

}  // namespace quartermaster::crash
