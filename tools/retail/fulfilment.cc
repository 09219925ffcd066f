#include "tools/retail/fulfilment.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace quartermaster::retail {
namespace {

using common::v1::ErrorReason;
using orders::v1::Order;
using orders::v1::Task;

constexpr double kCancelAll = 0.03;
constexpr double kCancelOne = 0.02;
constexpr double kReject = 0.01;
constexpr double kShortPick = 0.01;
constexpr double kSkipStep = 0.05;
constexpr double kReportTwice = 0.05;
constexpr double kKeptBack = 0.02;
constexpr double kScanned = 0.5;
constexpr double kTwoParcels = 0.1;
constexpr double kLost = 0.01;
constexpr double kWrongCode = 0.03;
constexpr double kRefuseAtCounter = 0.04;
// A rejected task's units may be rejected again, but not for ever.
constexpr int kRounds = 5;

int64_t OpenUnits(const Task::Line& line) {
  return line.quantity() - line.short_picked() - line.fulfilled() - line.cancelled();
}

}  // namespace

Fulfilment::Fulfilment(Shop* shop, Client* client, OrderBook* book, const PlannedOrder& planned,
                       Draw* draw)
    : shop_(*shop), client_(*client), book_(*book), planned_(planned), draw_(*draw) {}

std::string Fulfilment::RequestId(std::string_view what) {
  // An order's requests differ by their number, orders by theirs.
  return shop_.RequestId(what, int64_t{book_.record().planned} * 1000 + ++requests_);
}

bool Fulfilment::Ok(std::string_view what, const grpc::Status& status) {
  if (!status.ok()) {
    const absl::string_view name(what.data(), what.size());
    shop_.Unexpected(absl::StrCat(name, " of ", book_.record().order_id), status);
  }
  return status.ok();
}

LineRecord* Fulfilment::RecordOf(const Task& task, int line) {
  return book_.Line(task.lines(line).line_id());
}

void Fulfilment::Gone(const Task& task, int line, int64_t quantity) {
  LineRecord* record = RecordOf(task, line);
  const PlaceIndex place = shop_.PlaceOf(task.location_id());
  if (record == nullptr || quantity == 0) return;
  record->open[place] -= quantity;
  record->gone[place] += quantity;
  record->fulfilled += quantity;
  shop_.records.AddAtKey(record->item, place, &KeyRecord::gone, quantity);
}

void Fulfilment::Work(Order order) {
  if (CancelFirst(&order) || !KeepBack(&order)) return;
  for (int round = 0; round < kRounds; ++round) {
    bool routed_again = false;
    for (const Task& task : order.tasks()) {
      if (task.state() == Task::CREATED) routed_again = WorkTask(task) || routed_again;
    }
    if (!routed_again) break;
    order = book_.AwaitRouted();
    book_.Sync(order);
    book_.Rebook();
  }
  int64_t without_stock = 0;
  for (const LineRecord& line : book_.record().lines) without_stock += line.unallocated;
  if (without_stock > 0) {
    CancelAll();
    ResolveExceptions();
  }
  book_.Rebook();
}

bool Fulfilment::CancelFirst(Order* order) {
  if (draw_.Chance(kCancelAll)) {
    CancelAll();
    return true;
  }
  if (!draw_.Chance(kCancelOne)) return false;
  for (size_t i = 0; i < book_.record().lines.size(); ++i) {
    LineRecord& line = book_.record().lines[i];
    if (line.ordered < 2 || line.unallocated > 0) continue;
    orders::v1::CancelOrderRequest request;
    request.set_request_id(RequestId("cancel"));
    request.set_order_id(book_.record().order_id);
    auto* cancelled = request.add_lines();
    cancelled->set_line_id(absl::StrCat(i));
    cancelled->set_quantity(1);
    shop_.books.AddSure(line.item, -1);
    if (!Ok("CancelOrder", client_.Call(CallKind::kOther, [&](grpc::ClientContext* context) {
          return client_.orders()->CancelOrder(context, request, order);
        }))) {
      return true;
    }
    ++shop_.tally.cancellations;
    line.cancelled += 1;
    book_.Sync(*order);
    book_.Rebook();
    return false;
  }
  return false;
}

// Somebody looks at it first: meanwhile no location may begin.
bool Fulfilment::KeepBack(Order* order) {
  if (!draw_.Chance(kKeptBack) || order->state() != Order::OPEN) return true;
  orders::v1::HoldOrderRequest hold;
  hold.set_request_id(RequestId("hold"));
  hold.set_order_id(order->order_id());
  hold.mutable_hold()->set_kind(orders::v1::FRAUD);
  if (!Ok("HoldOrder", client_.Call(CallKind::kOther, [&](grpc::ClientContext* context) {
        return client_.orders()->HoldOrder(context, hold, order);
      }))) {
    return false;
  }
  if (order->state() != Order::ON_HOLD) {
    shop_.Unexpected("HoldOrder", order->ShortDebugString());
    return false;
  }
  const auto created = std::find_if(order->tasks().begin(), order->tasks().end(),
                                    [](const Task& task) { return task.state() == Task::CREATED; });
  if (created != order->tasks().end()) {
    orders::v1::AcceptTaskRequest accept;
    Task task;
    accept.set_request_id(RequestId("accept"));
    accept.set_task_id(created->task_id());
    const grpc::Status status = client_.Call(CallKind::kOther, [&](grpc::ClientContext* context) {
      return client_.orders()->AcceptTask(context, accept, &task);
    });
    if (ReasonOf(status) != common::v1::ORDER_ON_HOLD) {
      shop_.Unexpected("AcceptTask of an order on hold", status);
      return false;
    }
  }
  orders::v1::ReleaseHoldRequest release;
  release.set_request_id(RequestId("release"));
  release.set_order_id(order->order_id());
  ++shop_.tally.kept_back;
  return Ok("ReleaseHold", client_.Call(CallKind::kOther, [&](grpc::ClientContext* context) {
    return client_.orders()->ReleaseHold(context, release, order);
  }));
}

void Fulfilment::CancelAll() {
  OrderRecord& record = book_.record();
  orders::v1::CancelOrderRequest request;
  request.set_request_id(RequestId("cancel"));
  request.set_order_id(record.order_id);
  request.mutable_attribution()->set_reason_code("CUSTOMER_REQUEST");
  for (const LineRecord& line : record.lines) {
    const int64_t left = line.ordered - line.cancelled - line.fulfilled;
    shop_.books.AddSure(line.item, -left);
  }
  Order order;
  if (!Ok("CancelOrder", client_.Call(CallKind::kOther, [&](grpc::ClientContext* context) {
        return client_.orders()->CancelOrder(context, request, &order);
      }))) {
    return;
  }
  ++shop_.tally.cancellations;
  for (LineRecord& line : record.lines) line.cancelled = line.ordered - line.fulfilled;
  book_.Sync(order);
  book_.Rebook();
}

bool Fulfilment::WorkTask(const Task& task) {
  if (!had_reject_ && draw_.Chance(kReject)) return Reject(task);
  if (!draw_.Chance(kSkipStep)) {
    orders::v1::AcceptTaskRequest request;
    Task answer;
    request.set_request_id(RequestId("accept"));
    request.set_task_id(task.task_id());
    if (!Ok("AcceptTask", client_.Call(CallKind::kOther, [&](grpc::ClientContext* context) {
          return client_.orders()->AcceptTask(context, request, &answer);
        }))) {
      return false;
    }
  }
  std::vector<int64_t> picked;
  const bool was_short = Pick(task, &picked);
  int64_t sum = 0;
  for (const int64_t quantity : picked) sum += quantity;
  // A task of which nothing was found has ended.
  if (sum > 0) {
    if (task.method() == routing::v1::PICKUP) {
      Collect(task, picked);
    } else {
      Ship(task, picked);
    }
  }
  return was_short;
}

bool Fulfilment::Reject(const Task& task) {
  had_reject_ = true;
  for (const Task::Line& line : task.lines()) {
    if (const LineRecord* record = book_.Line(line.line_id())) {
      book_.MayTakeMore(record->item, OpenUnits(line));
    }
  }
  orders::v1::RejectTaskRequest request;
  Task answer;
  request.set_request_id(RequestId("reject"));
  request.set_task_id(task.task_id());
  request.mutable_attribution()->set_reason_code("STORE_BUSY");
  ++shop_.tally.rejected_tasks;
  return Ok("RejectTask", client_.Call(CallKind::kOther, [&](grpc::ClientContext* context) {
    return client_.orders()->RejectTask(context, request, &answer);
  }));
}

bool Fulfilment::Pick(const Task& task, std::vector<int64_t>* picked) {
  orders::v1::RecordPickRequest request;
  request.set_request_id(RequestId("pick"));
  request.set_task_id(task.task_id());
  for (const Task::Line& line : task.lines()) picked->push_back(OpenUnits(line));
  int short_line = -1;
  int64_t missing = 0;
  if (draw_.Chance(kShortPick)) {
    short_line = static_cast<int>(draw_.Below(picked->size()));
    missing = 1 + static_cast<int64_t>(draw_.Below((*picked)[short_line]));
    auto* line = request.add_lines();
    line->set_line_id(task.lines(short_line).line_id());
    line->set_picked((*picked)[short_line] - missing);
    if (const LineRecord* record = RecordOf(task, short_line)) {
      book_.MayTakeMore(record->item, missing);
    }
  }
  Task answer;
  if (!Ok("RecordPick", client_.Call(CallKind::kOther, [&](grpc::ClientContext* context) {
        return client_.orders()->RecordPick(context, request, &answer);
      }))) {
    picked->clear();
    return false;
  }
  if (short_line < 0) return false;
  ++shop_.tally.short_picks;
  (*picked)[short_line] -= missing;
  const PlaceIndex place = shop_.PlaceOf(task.location_id());
  if (LineRecord* record = RecordOf(task, short_line)) {
    record->open[place] -= missing;
    record->missing[place] += missing;
    shop_.records.AddAtKey(record->item, place, &KeyRecord::missing, missing);
  }
  return true;
}

void Fulfilment::Ship(const Task& task, const std::vector<int64_t>& picked) {
  if (!draw_.Chance(kSkipStep)) {
    orders::v1::PackTaskRequest request;
    Task answer;
    request.set_request_id(RequestId("pack"));
    request.set_task_id(task.task_id());
    if (!Ok("PackTask", client_.Call(CallKind::kOther, [&](grpc::ClientContext* context) {
          return client_.orders()->PackTask(context, request, &answer);
        }))) {
      return;
    }
  }
  std::vector<orders::v1::Shipment> parcels;
  // Some of the first line goes ahead.
  if (picked[0] > 1 && draw_.Chance(kTwoParcels)) {
    orders::v1::Shipment& ahead = parcels.emplace_back();
    ahead.set_parcel_key("ahead");
    orders::v1::Shipment::Line* line = ahead.add_lines();
    line->set_line_id(task.lines(0).line_id());
    line->set_quantity(picked[0] / 2);
  }
  parcels.emplace_back().set_parcel_key("all");
  for (size_t i = 0; i < parcels.size(); ++i) {
    parcels[i].set_task_id(task.task_id());
    parcels[i].set_carrier("dhl");
    // "JD" and the end of the task's id, which tells it from others.
    const std::string& id = task.task_id();
    parcels[i].set_tracking_number(
        absl::StrCat("JD", id.substr(id.size() - std::min<size_t>(id.size(), 60)), i));
    if (!Send(parcels[i])) return;
  }
  for (int i = 0; i < task.lines_size(); ++i) Gone(task, i, picked[i]);
  const double km = DistanceKm(shop_.world().places[shop_.PlaceOf(task.location_id())].point,
                               shop_.world().cities[planned_.city].point);
  shop_.tally.parcels += static_cast<int64_t>(parcels.size());
  shop_.tally.distance_m += static_cast<int64_t>(km * 1000) * static_cast<int64_t>(parcels.size());
  for (const orders::v1::Shipment& parcel : parcels) {
    // What a carrier has lost it finds again.
    if (draw_.Chance(kLost) && !Tell(parcel, orders::v1::Parcel::LOST)) return;
    if (!Tell(parcel, orders::v1::Parcel::DELIVERED)) return;
  }
}

// Some are told twice, and must leave once.
bool Fulfilment::Send(const orders::v1::Shipment& parcel) {
  const int times = draw_.Chance(kReportTwice) ? 2 : 1;
  for (int i = 0; i < times; ++i) {
    orders::v1::RecordShipmentsRequest request;
    orders::v1::RecordShipmentsResponse response;
    request.set_request_id(RequestId("ship"));
    *request.add_shipments() = parcel;
    if (!Ok("RecordShipments", client_.Call(CallKind::kOther, [&](grpc::ClientContext* context) {
          return client_.orders()->RecordShipments(context, request, &response);
        }))) {
      return false;
    }
    if (response.results_size() != 1 || response.results(0).status().code() != 0 ||
        response.results(0).duplicate() != (i == 1)) {
      shop_.Unexpected("RecordShipments", response.ShortDebugString());
      return false;
    }
    if (i == 1) ++shop_.tally.duplicates_sent;
  }
  return true;
}

bool Fulfilment::Tell(const orders::v1::Shipment& parcel, orders::v1::Parcel::State state) {
  orders::v1::RecordDeliveriesRequest request;
  orders::v1::RecordDeliveriesResponse response;
  request.set_request_id(RequestId("delivery"));
  orders::v1::Delivery* delivery = request.add_deliveries();
  delivery->set_carrier(parcel.carrier());
  delivery->set_tracking_number(parcel.tracking_number());
  delivery->set_state(state);
  if (!Ok("RecordDeliveries", client_.Call(CallKind::kOther, [&](grpc::ClientContext* context) {
        return client_.orders()->RecordDeliveries(context, request, &response);
      }))) {
    return false;
  }
  if (response.results_size() != 1 || response.results(0).status().code() != 0 ||
      response.results(0).duplicate() ||
      response.results(0).order_id() != book_.record().order_id) {
    shop_.Unexpected("RecordDeliveries", response.ShortDebugString());
    return false;
  }
  return true;
}

bool Fulfilment::HandOver(const orders::v1::HandOverRequest& request, ErrorReason expected) {
  Task answer;
  const grpc::Status status = client_.Call(CallKind::kOther, [&](grpc::ClientContext* context) {
    return client_.orders()->HandOver(context, request, &answer);
  });
  if (expected == common::v1::ERROR_REASON_UNSPECIFIED) return Ok("HandOver", status);
  if (status.ok() || ReasonOf(status) != expected) {
    shop_.Unexpected("HandOver with a wrong code", status);
    return false;
  }
  return true;
}

void Fulfilment::Collect(const Task& task, const std::vector<int64_t>& picked) {
  orders::v1::MarkReadyForPickupRequest ready;
  orders::v1::MarkReadyForPickupResponse answer;
  ready.set_request_id(RequestId("ready"));
  ready.set_task_id(task.task_id());
  if (!Ok("MarkReadyForPickup", client_.Call(CallKind::kOther, [&](grpc::ClientContext* context) {
        return client_.orders()->MarkReadyForPickup(context, ready, &answer);
      }))) {
    return;
  }
  orders::v1::HandOverRequest request;
  request.set_task_id(task.task_id());
  if (draw_.Chance(kWrongCode)) {
    request.set_request_id(RequestId("handover"));
    request.set_pickup_code(answer.pickup_code() == "123456" ? "654321" : "123456");
    if (!HandOver(request, common::v1::PICKUP_CODE_WRONG)) return;
    ++shop_.tally.wrong_codes;
  }
  request.set_request_id(RequestId("handover"));
  request.set_pickup_code(draw_.Chance(kScanned) ? answer.qr_payload() : answer.pickup_code());
  std::vector<int64_t> handed_over = picked;
  if (picked[0] > 0 && draw_.Chance(kRefuseAtCounter)) {
    for (int i = 0; i < task.lines_size(); ++i) {
      auto* line = request.add_lines();
      line->set_line_id(task.lines(i).line_id());
      if (i == 0) handed_over[0] = 0;
      line->set_handed_over(handed_over[i]);
      line->set_refused(picked[i] - handed_over[i]);
    }
    if (const LineRecord* record = RecordOf(task, 0)) {
      shop_.books.AddSure(record->item, -picked[0]);
    }
  }
  if (!HandOver(request, common::v1::ERROR_REASON_UNSPECIFIED)) return;
  const PlaceIndex place = shop_.PlaceOf(task.location_id());
  for (int i = 0; i < task.lines_size(); ++i) {
    Gone(task, i, handed_over[i]);
    if (LineRecord* record = RecordOf(task, i)) {
      record->open[place] -= picked[i] - handed_over[i];
      record->cancelled += picked[i] - handed_over[i];
    }
  }
}

void Fulfilment::ResolveExceptions() {
  orders::v1::ListExceptionsRequest list;
  orders::v1::ListExceptionsResponse listed;
  list.set_order_id(book_.record().order_id);
  if (!Ok("ListExceptions", client_.Call(CallKind::kOther, [&](grpc::ClientContext* context) {
        return client_.orders()->ListExceptions(context, list, &listed);
      }))) {
    return;
  }
  for (const orders::v1::ExceptionItem& item : listed.exceptions()) {
    if (item.resolved()) continue;
    orders::v1::ResolveExceptionRequest request;
    orders::v1::ExceptionItem answer;
    request.set_request_id(RequestId("resolve"));
    request.set_exception_id(item.exception_id());
    Ok("ResolveException", client_.Call(CallKind::kOther, [&](grpc::ClientContext* context) {
      return client_.orders()->ResolveException(context, request, &answer);
    }));
  }
}

}  // namespace quartermaster::retail
