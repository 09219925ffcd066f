#include "tools/retail/order_book.h"

#include <chrono>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tools/retail/clock.h"

namespace quartermaster::retail {
namespace {

using orders::v1::Order;
using orders::v1::Task;

constexpr Micros kRoutedWithin = Seconds(60);
constexpr Micros kGivenBackWithin = Seconds(10);

bool IsActive(Task::State state) {
  switch (state) {
    case Task::CREATED:
    case Task::ACCEPTED:
    case Task::PICKED:
    case Task::PACKED:
    case Task::READY_FOR_PICKUP:
    case Task::EXPIRING:
      return true;
    default:
      return false;
  }
}

bool IsRouted(const Order& order) {
  if (order.state() == Order::PENDING) return false;
  if (order.state() == Order::AWAITING_STOCK) return true;
  for (const Order::Line& line : order.lines()) {
    if (line.unallocated() > 0) return false;
  }
  return true;
}

void Pause() { std::this_thread::sleep_for(std::chrono::milliseconds(15)); }

}  // namespace

LineRecord* OrderBook::Line(const std::string& line_id) {
  size_t index = 0;
  if (!absl::SimpleAtoi(line_id, &index) || index >= record_.lines.size()) {
    shop_.Unexpected(record_.order_id, absl::StrCat("a line that was never sent: ", line_id));
    return nullptr;
  }
  return &record_.lines[index];
}

Order OrderBook::AwaitRouted() {
  orders::v1::GetOrderRequest request;
  request.set_order_id(record_.order_id);
  const Instant until = WallClock() + kRoutedWithin;
  Order order;
  while (true) {
    const grpc::Status status = client_.Call(CallKind::kOther, [&](grpc::ClientContext* context) {
      return client_.orders()->GetOrder(context, request, &order);
    });
    if (!status.ok()) {
      shop_.Unexpected(absl::StrCat("GetOrder ", record_.order_id), status);
      return order;
    }
    if (IsRouted(order)) return order;
    if (WallClock() > until) {
      shop_.Unexpected(record_.order_id, absl::StrCat("in state ", Order::State_Name(order.state()),
                                                      " with unallocated units for a minute"));
      return order;
    }
    Pause();
  }
}

void OrderBook::Sync(const Order& order) {
  record_.reservation_ids.assign(order.reservation_ids().begin(), order.reservation_ids().end());
  for (LineRecord& line : record_.lines) line.open.clear();
  for (const Order::Line& answered : order.lines()) {
    if (LineRecord* line = Line(answered.line_id())) line->unallocated = answered.unallocated();
  }
  for (const Task& task : order.tasks()) {
    if (!IsActive(task.state())) continue;
    const PlaceIndex place = shop_.PlaceOf(task.location_id());
    for (const Task::Line& answered : task.lines()) {
      const int64_t open = answered.quantity() - answered.short_picked() - answered.fulfilled() -
                           answered.cancelled();
      LineRecord* line = Line(answered.line_id());
      if (line != nullptr && open > 0) line->open[place] += open;
    }
  }
}

void OrderBook::MayTakeMore(ItemIndex item, int64_t quantity) {
  shop_.books.AddPossible(item, kNoPlace, quantity);
  record_.booked[item][kNoPlace] += quantity;
}

bool OrderBook::ReservationsAgree() {
  std::map<std::string, int64_t> open;
  for (const LineRecord& line : record_.lines) {
    for (const auto& [place, quantity] : line.open) {
      open[shop_.world().items[line.item].sku] += quantity;
    }
  }
  for (const std::string& id : record_.reservation_ids) {
    stock::v1::GetReservationRequest request;
    stock::v1::Reservation reservation;
    request.set_reservation_id(id);
    const grpc::Status status = client_.Call(CallKind::kOther, [&](grpc::ClientContext* context) {
      return client_.stock()->GetReservation(context, request, &reservation);
    });
    if (!status.ok()) return false;
    for (const auto& line : reservation.lines()) open[line.sku()] -= line.open();
  }
  for (const auto& [sku, difference] : open) {
    if (difference != 0) return false;
  }
  return true;
}

void OrderBook::Rebook() {
  std::map<ItemIndex, AtPlaces> now;
  for (const LineRecord& line : record_.lines) {
    AtPlaces& at = now[line.item];
    for (const AtPlaces* part : {&line.open, &line.gone, &line.missing}) {
      for (const auto& [place, quantity] : *part) at[place] += quantity;
    }
    at[kNoPlace] += line.unallocated;
  }
  std::map<ItemIndex, AtPlaces> change = now;
  bool gives_back = false;
  for (const auto& [item, places] : record_.booked) {
    for (const auto& [place, quantity] : places) change[item][place] -= quantity;
  }
  for (const auto& [item, places] : change) {
    int64_t sum = 0;
    for (const auto& [place, difference] : places) sum += difference;
    gives_back = gives_back || sum < 0;
  }
  if (gives_back) {
    // Until the server is seen to have given them back, they stay counted.
    const Instant until = WallClock() + kGivenBackWithin;
    while (!ReservationsAgree()) {
      if (WallClock() > until) return;
      Pause();
    }
  }
  // What is more first, so that no moment shows too much as free.
  for (const bool more : {true, false}) {
    for (const auto& [item, places] : change) {
      for (const auto& [place, difference] : places) {
        if (difference != 0 && (difference > 0) == more) {
          shop_.books.AddPossible(item, place, difference);
        }
      }
    }
  }
  record_.booked = std::move(now);
}

}  // namespace quartermaster::retail
