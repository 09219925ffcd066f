#include "tests/fault/expected.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/fault/timestamps.h"

namespace quartermaster::crash {
namespace {

using common::v1::ErrorReason;
using orders::v1::Task;
using stock::v1::ConfirmReservationRequest;
using stock::v1::ExtendReservationRequest;
using stock::v1::FulfilReservationRequest;
using stock::v1::ReleaseReservationRequest;
using stock::v1::Reservation;
using stock::v1::ReserveRequest;
using stock::v1::ReserveResponse;
using stock::v1::UpdateReservationRequest;

// Whether a request asks for stock, and only for what is there.
bool WantsWhatIsThere(const Exchange& exchange) {
  std::set<std::string> skus;
  const auto add_lines = [&](const auto& holder) {
    for (const auto& line : holder.lines()) skus.insert(line.sku());
  };
  if (exchange.Is<ReserveRequest>()) {
    add_lines(Parse<ReserveRequest>(exchange.request));
  } else if (exchange.Is<UpdateReservationRequest>()) {
    add_lines(Parse<UpdateReservationRequest>(exchange.request));
  } else if (exchange.Is<orders::v1::PlaceOrderRequest>()) {
    const auto order = Parse<orders::v1::PlaceOrderRequest>(exchange.request);
    for (const auto& group : order.groups()) add_lines(group);
  }
  return !skus.empty() && std::all_of(skus.begin(), skus.end(), [](const std::string& sku) {
    return sku == kPlenty || sku.starts_with(kOwnPrefix);
  });
}

std::map<std::string, int64_t> RequestedOf(const Task& task) {
  std::map<std::string, int64_t> requested;
  for (const auto& line : task.lines()) requested[line.line_id()] += line.cancel_requested();
  return requested;
}

// Walks journals and adds up what their answers say.
class Reader {
 public:
  void Read(const Exchange& exchange) {
    if (!exchange.answer) {
      ++expected_.unanswered;
      return;
    }
    if (!exchange.accepted()) CheckRefusal(exchange);
    const bool read = ReadReservation(exchange) || ReadStock(exchange) || ReadOrder(exchange) ||
                      ReadTask(exchange) || ReadReturn(exchange);
    QM_CHECK(read) << exchange.method->name;
  }
  Expected Take() { return std::move(expected_); }

 private:
  // Calls read(request, response) if the exchange is of this type and was accepted, and
  // refused(request) if it was refused. True if it is of this type.
  template <typename Request, typename Response, typename Accepted, typename Refused>
  static bool On(const Exchange& exchange, Accepted accepted, Refused refused) {
    if (!exchange.Is<Request>()) return false;
    const Request request = Parse<Request>(exchange.request);
    if (exchange.accepted()) {
      accepted(request, Parse<Response>(exchange.answer->response));
    } else {
      refused(request);
    }
    return true;
  }
  template <typename Request, typename Response, typename Accepted>
  static bool On(const Exchange& exchange, Accepted accepted) {
    return On<Request, Response>(exchange, accepted, [](const Request&) {});
  }

  void Unexpected(const Exchange& exchange, const std::string& why) {
    expected_.unexpected.push_back(
        absl::StrCat(exchange.method->name, " ", exchange.request_id, ": ", why));
  }

  bool ReadReservation(const Exchange& exchange);
  bool ReadStock(const Exchange& exchange);
  bool ReadOrder(const Exchange& exchange);
  bool ReadTask(const Exchange& exchange);
  bool ReadReturn(const Exchange& exchange);
  void CheckRefusal(const Exchange& exchange);

  void Held(const Exchange& exchange, const std::string& owner, const Reservation& answer);
  // A reservation or an order that was acknowledged; answers about any other are unexpected.
  ExpectedReservation* Find(const Exchange& exchange, const std::string& reservation_id);
  ExpectedOrder::Line* FindLine(const Exchange& exchange, const std::string& order_id,
                                const std::string& line_id);
  void Ended(const Exchange& exchange, const std::string& reservation_id,
             const google::protobuf::RepeatedPtrField<stock::v1::ReservationPart>& parts,
             int64_t ExpectedReservation::Line::*how);
  void Placed(const orders::v1::PlaceOrderRequest& request,
              const orders::v1::PlaceOrderResponse& response);
  void Cancelled(const Exchange& exchange, const orders::v1::CancelOrderRequest& request,
                 const orders::v1::Order& answer);
  void CheckTaken(const Exchange& exchange, const std::string& line_id, int64_t taken,
                  int64_t wanted);
  // A location has put back what it was asked for: what is `named`, or all.
  void PutBack(const Exchange& exchange, const Task& task,
               std::optional<std::map<std::string, int64_t>> named);
  void Sold(const Exchange& exchange, const orders::v1::Sale& sale,
            const orders::v1::RecordSalesResponse::Result& result);
  void Gone(const Exchange& exchange, const Task& task);
  void Received(const Exchange& exchange, const orders::v1::ReceiveReturnRequest& request,
                const orders::v1::Return& answer);

  Expected expected_;
  // By effect key or sale: that it has happened.
  std::set<std::string> effects_;
  // By task and line id: units that are to be put back.
  std::map<std::string, std::map<std::string, int64_t>> requested_;
};

void Reader::CheckRefusal(const Exchange& exchange) {
  const ErrorReason reason = ReasonOf(*exchange.answer);
  switch (reason) {
    case common::v1::INSUFFICIENT_STOCK:
    case common::v1::NO_PLAN:
      if (WantsWhatIsThere(exchange)) Unexpected(exchange, Describe(*exchange.answer));
      return;
    case common::v1::HOLD_TOO_SHORT:
    // Units of a pool's allocation are no longer where the last answer saw them.
    case common::v1::QUANTITY_EXCEEDS_OPEN:
    // What became of them is checked where the reservation is known.
    case common::v1::RESERVATION_EXPIRED:
      return;
    default:
      Unexpected(exchange, Describe(*exchange.answer));
  }
}

void Reader::Held(const Exchange& exchange, const std::string& owner, const Reservation& answer) {
  const auto [entry, is_new] = expected_.reservations.try_emplace(answer.reservation_id());
  if (!is_new) {
    expected_.twice.push_back(absl::StrCat("reservation ", answer.reservation_id(),
                                           " was given to ", entry->second.owner, " and, for ",
                                           exchange.request_id, ", to ", owner));
    return;
  }
  ExpectedReservation& reservation = entry->second;
  reservation.owner = owner;
  reservation.expires = InstantOf(answer.expire_time());
  for (const auto& line : answer.lines()) {
    reservation.lines[line.line_id()] = {line.sku(), line.quantity()};
  }
}

ExpectedReservation* Reader::Find(const Exchange& exchange, const std::string& reservation_id) {
  const auto found = expected_.reservations.find(reservation_id);
  if (found != expected_.reservations.end()) return &found->second;
  Unexpected(exchange, absl::StrCat("a reservation that nobody was told of: ", reservation_id));
  return nullptr;
}

void Reader::Ended(const Exchange& exchange, const std::string& reservation_id,
                   const google::protobuf::RepeatedPtrField<stock::v1::ReservationPart>& parts,
                   int64_t ExpectedReservation::Line::*how) {
  ExpectedReservation* const reservation = Find(exchange, reservation_id);
  if (reservation == nullptr) return;
  if (parts.empty()) {
    for (auto& [id, line] : reservation->lines) line.*how += line.open();
  }
  for (const auto& part : parts) {
    ExpectedReservation::Line& line = reservation->lines[part.line_id()];
    line.*how += part.quantity();
    if (line.open() < 0) {
      expected_.twice.push_back(absl::StrCat("more units of ", reservation_id, " line ",
                                             part.line_id(), " ended than were held"));
    }
    ExpectedStock& stock = expected_.stock[{line.sku, part.location_id()}];
    if (how == &ExpectedReservation::Line::fulfilled) stock.on_hand -= part.quantity();
    if (how == &ExpectedReservation::Line::missing) stock.unusable += part.quantity();
  }
}

bool Reader::ReadReservation(const Exchange& exchange) {
  const auto expired_early = [&](const auto& request) {
    const auto found = expected_.reservations.find(request.reservation_id());
    if (found == expected_.reservations.end() ||
        ReasonOf(*exchange.answer) != common::v1::RESERVATION_EXPIRED) {
      return;
    }
    const ExpectedReservation& reservation = found->second;
    const bool a_hold = reservation.fate == ExpectedReservation::Fate::kHeld ||
                        reservation.fate == ExpectedReservation::Fate::kOffered;
    if (!a_hold || exchange.answered < reservation.expires) {
      Unexpected(exchange, "expired before its deadline");
    }
  };
  return On<ReserveRequest, ReserveResponse>(
             exchange,
             [&](const auto& request, const auto& response) {
               Held(exchange, request.owner_id(), response.reservation());
             },
             [&](const auto& request) { expected_.refused_owners.insert(request.owner_id()); }) ||
         On<UpdateReservationRequest, ReserveResponse>(
             exchange,
             [&](const auto& request, const auto& response) {
               ExpectedReservation* const old = Find(exchange, request.reservation_id());
               if (old == nullptr) return;
               old->fate = ExpectedReservation::Fate::kUpdated;
               old->replaced_by = response.reservation().reservation_id();
               Held(exchange, old->owner, response.reservation());
             },
             expired_early) ||
         On<ExtendReservationRequest, Reservation>(
             exchange,
             [&](const auto& request, const auto& response) {
               ExpectedReservation* const reservation = Find(exchange, request.reservation_id());
               if (reservation != nullptr) reservation->expires = InstantOf(response.expire_time());
             },
             expired_early) ||
         On<ConfirmReservationRequest, Reservation>(
             exchange,
             [&](const auto& request, const auto&) {
               ExpectedReservation* const reservation = Find(exchange, request.reservation_id());
               if (reservation != nullptr)
                 reservation->fate = ExpectedReservation::Fate::kConfirmed;
             },
             expired_early) ||
         On<ReleaseReservationRequest, Reservation>(
             exchange,
             [&](const auto& request, const auto&) {
               Ended(exchange, request.reservation_id(), request.parts(),
                     request.missing() ? &ExpectedReservation::Line::missing
                                       : &ExpectedReservation::Line::released);
             },
             expired_early) ||
         On<FulfilReservationRequest, Reservation>(
             exchange,
             [&](const auto& request, const auto&) {
               Ended(exchange, request.reservation_id(), request.parts(),
                     &ExpectedReservation::Line::fulfilled);
             },
             expired_early);
}

bool Reader::ReadStock(const Exchange& exchange) {
  return On<stock::v1::AdjustStockRequest, stock::v1::AdjustStockResponse>(
      exchange, [&](const auto& request, const auto& response) {
        for (int i = 0; i < request.adjustments_size(); ++i) {
          const stock::v1::Adjustment& asked = request.adjustments(i);
          const auto& result = response.results(i);
          if (result.status().code() != 0) {
            Unexpected(exchange, result.status().message());
            continue;
          }
          if (result.duplicate()) continue;
          if (!asked.effect_key().empty() &&
              !effects_.insert(absl::StrCat("effect ", asked.effect_key())).second) {
            expected_.twice.push_back(absl::StrCat("effect ", asked.effect_key()));
          }
          ExpectedStock& stock = expected_.stock[{asked.sku(), asked.location_id()}];
          stock.on_hand += asked.delta();
          const bool sellable = asked.condition() == stock::v1::Adjustment::SELLABLE ||
                                asked.condition() == stock::v1::Adjustment::CONDITION_UNSPECIFIED;
          if (!sellable) stock.unusable += asked.delta();
        }
      });
}

ExpectedOrder::Line* Reader::FindLine(const Exchange& exchange, const std::string& order_id,
                                      const std::string& line_id) {
  const auto order = expected_.orders.find(order_id);
  if (order != expected_.orders.end()) {
    const auto line = order->second.lines.find(line_id);
    if (line != order->second.lines.end()) return &line->second;
  }
  Unexpected(exchange, absl::StrCat("nobody was told of order ", order_id, " line ", line_id));
  return nullptr;
}

void Reader::Placed(const orders::v1::PlaceOrderRequest& request,
                    const orders::v1::PlaceOrderResponse& response) {
  const auto [entry, is_new] = expected_.orders.try_emplace(response.order().order_id());
  if (!is_new) {
    expected_.twice.push_back(absl::StrCat("order ", response.order().order_id(), " for ",
                                           entry->second.external_id, " and ",
                                           request.external_id()));
    return;
  }
  entry->second.external_id = request.external_id();
  for (const auto& line : response.order().lines()) {
    entry->second.lines[line.line_id()] = {line.sku(), line.ordered()};
  }
}

// How much of what was named is cancelled, and how much a location is asked to put back, is for
// orders to say: that is where the units are.
void Reader::Cancelled(const Exchange& exchange, const orders::v1::CancelOrderRequest& request,
                       const orders::v1::Order& answer) {
  std::map<std::string, int64_t> named;
  for (const auto& line : request.lines()) named[line.line_id()] += line.quantity();
  for (const auto& answered : answer.lines()) {
    auto* const line = FindLine(exchange, answer.order_id(), answered.line_id());
    if (line == nullptr) continue;
    const int64_t wanted = request.lines().empty() ? line->open() : named[answered.line_id()];
    const int64_t before = line->cancelled + line->cancel_requested;
    line->cancelled = answered.cancelled();
    line->cancel_requested = answered.cancel_requested();
    CheckTaken(exchange, answered.line_id(), line->cancelled + line->cancel_requested - before,
               wanted);
  }
  for (const Task& task : answer.tasks()) requested_[task.task_id()] = RequestedOf(task);
}

void Reader::CheckTaken(const Exchange& exchange, const std::string& line_id, int64_t taken,
                        int64_t wanted) {
  if (taken == wanted) return;
  Unexpected(exchange, absl::StrCat("takes ", taken, " units of line ", line_id, ", not ", wanted));
}

void Reader::Sold(const Exchange& exchange, const orders::v1::Sale& sale,
                  const orders::v1::RecordSalesResponse::Result& result) {
  if (result.status().code() != 0) return Unexpected(exchange, result.status().message());
  if (result.duplicate()) return;
  ExpectedOrder& order = expected_.orders[result.order_id()];
  if (!effects_.insert(absl::StrCat("sale ", result.order_id())).second) {
    expected_.twice.push_back(absl::StrCat("sale ", result.order_id()));
  }
  for (const auto& line : sale.lines()) {
    order.lines[line.line_id()] = {line.sku(), line.quantity(), 0, line.quantity()};
    expected_.stock[{line.sku(), sale.location_id()}].on_hand -= line.quantity();
  }
}

bool Reader::ReadOrder(const Exchange& exchange) {
  const auto offered = [&](const std::string& reservation_id, ExpectedReservation::Fate fate) {
    if (reservation_id.empty()) return;
    ExpectedReservation* const reservation = Find(exchange, reservation_id);
    if (reservation != nullptr) reservation->fate = fate;
  };
  return On<orders::v1::PlaceOrderRequest, orders::v1::PlaceOrderResponse>(
             exchange,
             [&](const auto& request, const auto& response) {
               Placed(request, response);
               offered(request.reservation_id(), ExpectedReservation::Fate::kTaken);
             },
             [&](const auto& request) {
               expected_.refused_external_ids.insert(request.external_id());
               offered(request.reservation_id(), ExpectedReservation::Fate::kOffered);
             }) ||
         On<orders::v1::CancelOrderRequest, orders::v1::Order>(
             exchange, [&](const auto& request,
                           const auto& answer) { Cancelled(exchange, request, answer); }) ||
         On<orders::v1::RecordSalesRequest, orders::v1::RecordSalesResponse>(
             exchange, [&](const auto& request, const auto& response) {
               for (int i = 0; i < request.sales_size(); ++i) {
                 Sold(exchange, request.sales(i), response.results(i));
               }
             });
}

// A task's units left: as its answer says, because who ships does not say how much.
void Reader::Gone(const Exchange& exchange, const Task& task) {
  expected_.tasks[task.task_id()] = task.state();
  for (const auto& answered : task.lines()) {
    if (answered.fulfilled() == 0) continue;
    auto* const line = FindLine(exchange, task.order_id(), answered.line_id());
    if (line == nullptr) continue;
    line->fulfilled += answered.fulfilled();
    expected_.stock[{line->sku, task.location_id()}].on_hand -= answered.fulfilled();
  }
  // What should have been put back has left as well, and a parcel is announced as coming back.
  for (const auto& [line_id, units] : requested_[task.task_id()]) {
    auto* const line = FindLine(exchange, task.order_id(), line_id);
    if (line == nullptr) continue;
    line->cancel_requested -= units;
    if (task.state() == Task::SHIPPED) line->return_requested += units;
  }
  requested_.erase(task.task_id());
}

void Reader::PutBack(const Exchange& exchange, const Task& task,
                     std::optional<std::map<std::string, int64_t>> named) {
  expected_.tasks[task.task_id()] = task.state();
  std::map<std::string, int64_t> left = RequestedOf(task);
  for (auto& [line_id, units] : requested_[task.task_id()]) {
    auto* const line = FindLine(exchange, task.order_id(), line_id);
    if (line == nullptr) continue;
    const int64_t put_back = units - left[line_id];
    CheckTaken(exchange, line_id, put_back, named ? (*named)[line_id] : units);
    line->cancelled += put_back;
    line->cancel_requested -= put_back;
    units -= put_back;
  }
}

bool Reader::ReadTask(const Exchange& exchange) {
  const auto moved = [&](const auto&, const Task& task) {
    expected_.tasks[task.task_id()] = task.state();
  };
  return On<orders::v1::AcceptTaskRequest, Task>(exchange, moved) ||
         On<orders::v1::PackTaskRequest, Task>(exchange, moved) ||
         On<orders::v1::RejectTaskRequest, Task>(
             exchange,
             [&](const auto&, const Task& task) { PutBack(exchange, task, std::nullopt); }) ||
         On<orders::v1::PutBackRequest, Task>(
             exchange,
             [&](const auto& request, const Task& task) {
               std::map<std::string, int64_t> named;
               for (const auto& line : request.lines()) named[line.line_id()] += line.quantity();
               PutBack(exchange, task,
                       named.empty() ? std::nullopt : std::make_optional(std::move(named)));
             }) ||
         On<orders::v1::RecordPickRequest, Task>(
             exchange,
             [&](const auto&, const Task& task) {
               expected_.tasks[task.task_id()] = task.state();
               for (const auto& line : task.lines()) {
                 if (line.short_picked() == 0) continue;
                 expected_.stock[{line.sku(), task.location_id()}].unusable += line.short_picked();
               }
             }) ||
         On<orders::v1::MarkReadyForPickupRequest, orders::v1::MarkReadyForPickupResponse>(
             exchange,
             [&](const auto& request, const auto& response) { moved(request, response.task()); }) ||
         On<orders::v1::HandOverRequest, Task>(
             exchange, [&](const auto&, const Task& task) { Gone(exchange, task); }) ||
         On<orders::v1::RecordShipmentsRequest,
            orders::v1::RecordShipmentsResponse>(exchange, [&](const auto&, const auto& response) {
           for (const auto& result : response.results()) {
             if (result.status().code() != 0) {
               Unexpected(exchange, result.status().message());
             } else if (!result.duplicate()) {
               if (!effects_.insert(absl::StrCat("shipment ", result.task().task_id())).second) {
                 expected_.twice.push_back(absl::StrCat("shipment of ", result.task().task_id()));
               }
               Gone(exchange, result.task());
             }
           }
         });
}

void Reader::Received(const Exchange& exchange, const orders::v1::ReceiveReturnRequest& request,
                      const orders::v1::Return& answer) {
  ExpectedReturn& item = expected_.returns[answer.return_id()];
  if (item.received) {
    expected_.twice.push_back(absl::StrCat("receipt of return ", answer.return_id()));
  }
  item.received = true;
  item.unmatched = request.return_id().empty() && request.order_id().empty();
  if (!request.order_id().empty()) item.order_id = request.order_id();
  for (const auto& line : request.lines()) {
    const bool sellable = !item.unmatched && line.condition() == orders::v1::Return::SELLABLE;
    std::string sku = line.sku();
    if (!item.unmatched) {
      auto* const sold = FindLine(exchange, item.order_id, line.line_id());
      if (sold == nullptr) continue;
      sold->returned += line.quantity();
      sold->return_requested -= std::min(sold->return_requested, line.quantity());
      sku = sold->sku;
    }
    ExpectedStock& stock = expected_.stock[{sku, request.location_id()}];
    stock.on_hand += line.quantity();
    if (!sellable) stock.unusable += line.quantity();
  }
}

bool Reader::ReadReturn(const Exchange& exchange) {
  return On<orders::v1::RequestReturnRequest, orders::v1::Return>(
             exchange,
             [&](const auto& request, const auto& response) {
               expected_.returns[response.return_id()].order_id = request.order_id();
               for (const auto& line : request.lines()) {
                 auto* const sold = FindLine(exchange, request.order_id(), line.line_id());
                 if (sold != nullptr) sold->return_requested += line.quantity();
               }
             }) ||
         On<orders::v1::ReceiveReturnRequest, orders::v1::Return>(
             exchange, [&](const auto& request, const auto& response) {
               Received(exchange, request, response);
             });
}

}  // namespace

int64_t ExpectedReservation::open() const {
  int64_t sum = 0;
  for (const auto& [id, line] : lines) sum += line.open();
  return sum;
}

Expected Expect(const std::vector<const Journal*>& journals) {
  Reader reader;
  for (const Journal* journal : journals) {
    for (const Exchange& exchange : *journal) reader.Read(exchange);
  }
  return reader.Take();
}

}  // namespace quartermaster::crash
