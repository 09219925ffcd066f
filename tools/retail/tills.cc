// Shopper at the counter: sales that have happened, and goods that come back.
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tools/retail/shopper.h"

namespace quartermaster::retail {
namespace {

constexpr double kSaleSentTwice = 0.1;
constexpr double kAnnounced = 0.5;
constexpr double kNotSellable = 0.2;

}  // namespace

void Shopper::PlaySale(const PlannedOrder& planned, OrderRecord* record) {
  record->sale = true;
  orders::v1::Sale sale;
  sale.set_location_id(shop_.world().places[planned.place].id);
  sale.set_terminal_id("till-1");
  sale.set_business_day("2026-11-20");
  sale.set_sequence(record->planned + 1);
  int64_t not_on_shelf = 0;
  for (size_t i = 0; i < planned.lines.size(); ++i) {
    const PlannedLine& line = planned.lines[i];
    if (!shop_.shelves.Take(line.item, planned.place, line.quantity)) {
      ++not_on_shelf;
      continue;
    }
    record->lines[i].ordered = line.quantity;
    orders::v1::SaleLine* sold = sale.add_lines();
    sold->set_line_id(absl::StrCat(i));
    sold->set_sku(shop_.world().items[line.item].sku);
    sold->set_quantity(line.quantity);
    sold->mutable_unit_price()->set_currency_code(shop_.world().currency);
    sold->mutable_unit_price()->set_amount_minor(line.unit_price_minor);
  }
  if (sale.lines_size() == 0) {
    record->fate = OrderRecord::Fate::kRefused;
    ++shop_.tally.refused[static_cast<int>(planned.channel)];
    shop_.tally.lines_refused += static_cast<int64_t>(planned.lines.size());
    return;
  }
  const int times = draw_.Chance(kSaleSentTwice) ? 2 : 1;
  for (int i = 0; i < times; ++i) {
    // A till that was offline sends what it has again, as a new request.
    orders::v1::RecordSalesRequest request;
    orders::v1::RecordSalesResponse response;
    request.set_request_id(shop_.RequestId("sale", int64_t{record->planned} * 2 + i));
    *request.add_sales() = sale;
    const grpc::Status status = client_.Call(CallKind::kOther, [&](grpc::ClientContext* context) {
      return client_.orders()->RecordSales(context, request, &response);
    });
    if (!status.ok()) return shop_.Unexpected("RecordSales", status);
    if (response.results_size() != 1 || response.results(0).status().code() != 0 ||
        response.results(0).duplicate() != (i == 1)) {
      return shop_.Unexpected("RecordSales", response.ShortDebugString());
    }
    if (i == 1) ++shop_.tally.duplicates_sent;
    record->order_id = response.results(0).order_id();
    record->fate = OrderRecord::Fate::kPlaced;
  }
  ++shop_.tally.placed[static_cast<int>(planned.channel)];
  shop_.tally.lines_dropped += not_on_shelf;
  shop_.tally.lines_placed += static_cast<int64_t>(planned.lines.size()) - not_on_shelf;
  for (LineRecord& line : record->lines) {
    if (line.ordered == 0) continue;
    line.fulfilled = line.ordered;
    line.gone[planned.place] = line.ordered;
    shop_.records.AddAtKey(line.item, planned.place, &KeyRecord::gone, line.ordered);
  }
}

bool Shopper::TakeBack(const PlannedReturnLine& line) {
  for (const ReturnPart& part : line.parts) shop_.records.AwaitFinished(part.order);
  MutexLock lock(&shop_.records.returns_mutex());
  for (const ReturnPart& part : line.parts) {
    const LineRecord& bought = shop_.records.order(part.order).lines[part.line];
    if (bought.fulfilled - bought.returned < part.quantity) return false;
  }
  for (const ReturnPart& part : line.parts) {
    shop_.records.order(part.order).lines[part.line].returned += part.quantity;
  }
  return true;
}

void Shopper::Returned(PlaceIndex place, ItemIndex item, int64_t quantity, bool sellable) {
  shop_.records.AddAtKey(item, place,
                         sellable ? &KeyRecord::returned_sellable : &KeyRecord::returned_unusable,
                         quantity);
}

void Shopper::PlayReturn(int32_t index) {
  const PlannedReturn& planned = shop_.plan().returns[index];
  std::map<int32_t, std::vector<ReturnPart>> by_order;
  std::vector<PlannedReturnLine> unmatched;
  for (const PlannedReturnLine& line : planned.lines) {
    if (line.parts.empty()) {
      unmatched.push_back(line);
      ++shop_.tally.return_lines_unmatched;
    } else if (TakeBack(line)) {
      for (const ReturnPart& part : line.parts) by_order[part.order].push_back(part);
      ++shop_.tally.return_lines_matched;
    } else {
      ++shop_.tally.return_lines_not_sold;
    }
  }
  for (const auto& [order, parts] : by_order) SendMatched(planned, index, order, parts);
  if (!unmatched.empty()) SendUnmatched(planned, index, unmatched);
}

void Shopper::SendMatched(const PlannedReturn& planned, int32_t index, int32_t order,
                          const std::vector<ReturnPart>& parts) {
  const OrderRecord& record = shop_.records.order(order);
  const bool announced = draw_.Chance(kAnnounced);
  const bool sellable = !draw_.Chance(kNotSellable);
  orders::v1::ReceiveReturnRequest receive;
  orders::v1::RequestReturnRequest request;
  receive.set_request_id(shop_.RequestId(absl::StrCat("receive/", index), order));
  request.set_request_id(shop_.RequestId(absl::StrCat("return/", index), order));
  receive.set_location_id(shop_.world().places[planned.place].id);
  request.set_order_id(record.order_id);
  // Two parts of one line come back as one.
  std::map<int32_t, int64_t> quantities;
  for (const ReturnPart& part : parts) quantities[part.line] += part.quantity;
  for (const auto& [line, quantity] : quantities) {
    orders::v1::Return::Line* returned = request.add_lines();
    returned->set_line_id(absl::StrCat(line));
    returned->set_sku(shop_.world().items[record.lines[line].item].sku);
    returned->set_quantity(quantity);
    returned->set_condition(sellable ? orders::v1::Return::SELLABLE
                                     : orders::v1::Return::INSPECTION);
  }
  orders::v1::Return answer;
  if (announced) {
    const grpc::Status status = client_.Call(CallKind::kOther, [&](grpc::ClientContext* context) {
      return client_.orders()->RequestReturn(context, request, &answer);
    });
    if (!status.ok()) return shop_.Unexpected("RequestReturn", status);
    receive.set_return_id(answer.return_id());
    // Empty lines mean: as announced, and sellable. Only the counter sees what is not.
    if (!sellable) *receive.mutable_lines() = request.lines();
  } else {
    receive.set_order_id(record.order_id);
    *receive.mutable_lines() = request.lines();
  }
  const bool online = shop_.world().places[planned.place].online();
  for (const auto& [line, quantity] : quantities) {
    if (online && sellable) shop_.books.SupplySent(record.lines[line].item, quantity);
  }
  const grpc::Status status = client_.Call(CallKind::kOther, [&](grpc::ClientContext* context) {
    return client_.orders()->ReceiveReturn(context, receive, &answer);
  });
  if (!status.ok()) return shop_.Unexpected("ReceiveReturn", status);
  if (!sellable) Inspect(answer, index, order);
  for (const auto& [line, quantity] : quantities) {
    Returned(planned.place, record.lines[line].item, quantity, sellable);
  }
  shop_.records.AddReturn({answer.return_id(), true});
  provider_.DoIntents(record.order_id);
}

// It is damaged, and the refund starts all the same.
void Shopper::Inspect(const orders::v1::Return& item, int32_t index, int32_t order) {
  orders::v1::InspectReturnRequest inspect;
  inspect.set_request_id(shop_.RequestId(absl::StrCat("inspect/", index), order));
  inspect.set_return_id(item.return_id());
  for (const orders::v1::Return::Line& line : item.lines()) {
    if (line.to_inspect() == 0) continue;
    orders::v1::InspectReturnRequest::Line* looked_at = inspect.add_lines();
    looked_at->set_line_id(line.line_id());
    looked_at->set_quantity(line.to_inspect());
    looked_at->set_condition(orders::v1::Return::DAMAGED);
  }
  if (inspect.lines_size() == 0) return;
  orders::v1::Return answer;
  const grpc::Status status = client_.Call(CallKind::kOther, [&](grpc::ClientContext* context) {
    return client_.orders()->InspectReturn(context, inspect, &answer);
  });
  if (!status.ok()) shop_.Unexpected("InspectReturn", status);
}

void Shopper::SendUnmatched(const PlannedReturn& planned, int32_t index,
                            const std::vector<PlannedReturnLine>& lines) {
  orders::v1::ReceiveReturnRequest receive;
  receive.set_request_id(shop_.RequestId("unmatched", index));
  receive.set_location_id(shop_.world().places[planned.place].id);
  for (const PlannedReturnLine& line : lines) {
    orders::v1::Return::Line* returned = receive.add_lines();
    returned->set_sku(shop_.world().items[line.item].sku);
    returned->set_quantity(line.quantity);
    returned->set_condition(orders::v1::Return::INSPECTION);
  }
  orders::v1::Return answer;
  const grpc::Status status = client_.Call(CallKind::kOther, [&](grpc::ClientContext* context) {
    return client_.orders()->ReceiveReturn(context, receive, &answer);
  });
  if (!status.ok()) return shop_.Unexpected("ReceiveReturn without an order", status);
  for (const PlannedReturnLine& line : lines) {
    Returned(planned.place, line.item, line.quantity, false);
  }
  shop_.records.AddReturn({answer.return_id(), false});
}

}  // namespace quartermaster::retail
