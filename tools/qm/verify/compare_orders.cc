#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "quartermaster/orders/v1/orders.grpc.pb.h"
#include "services/base/status_macros.h"
#include "tools/qm/input/values.h"
#include "tools/qm/verify/live_compare.h"

namespace quartermaster::qm {
namespace {

namespace ordersv1 = ::quartermaster::orders::v1;
using Stub = ordersv1::OrderService::Stub;
using google::protobuf::util::TimeUtil;

constexpr int kPageSize = 500;
constexpr int kQuietTries = 5;

void DescribeLine(std::string& text, const std::string& line_id, const std::string& sku,
                  std::initializer_list<int64_t> figures) {
  absl::StrAppend(&text, "; ", line_id, " ", sku);
  for (const int64_t figure : figures) absl::StrAppend(&text, " ", figure);
}

void DescribeParcel(std::string& text, const std::string& parcel_id, const std::string& key,
                    const std::string& tracking_number, ordersv1::Parcel::State state) {
  absl::StrAppend(&text, " | ", parcel_id, " ", key, " ", tracking_number, " ",
                  ordersv1::Parcel::State_Name(state));
}

// Of a pickup that has an end; 0: it has none.
void DescribeEnd(std::string& text, int64_t expire_unix_us, int extensions) {
  if (expire_unix_us == 0) return;
  absl::StrAppend(&text, " until ", expire_unix_us, " extended ", extensions);
}

void DescribePayment(std::string& text, const std::string& ref,
                     std::initializer_list<int64_t> amounts) {
  absl::StrAppend(&text, " | paid by ", ref);
  for (const int64_t amount : amounts) absl::StrAppend(&text, " ", amount);
}

void DescribeIntent(std::string& text, const std::string& intent_id,
                    ordersv1::PaymentIntent::Kind kind, int64_t amount) {
  absl::StrAppend(&text, " | ", intent_id, " ", ordersv1::PaymentIntent::Kind_Name(kind), " ",
                  amount);
}

// An order in one line, the same way from either side, with how many of its holds are open and how
// many there are. Per line: ordered, allocated, held back of these, unallocated,
// fulfilled, cancelled, return requested, returned, cancel requested, back-ordered, and what it
// comes to, what of that is fulfilled, cancelled and to be given back; per task line: quantity,
// picked, short, fulfilled, cancelled, cancel requested; of a pickup also when it ends, and how
// often it was extended; of each parcel its names, state and units; of each payment what is
// authorised, captured, voided and refunded; and the open intents.
std::string Describe(const std::string& order_id, const BookedOrder& order) {
  std::string text =
      absl::StrCat(ordersv1::Order::State_Name(order.State()), " of ", order.channel_id, " ",
                   order.external_id, " holds ", order.open_holds.size(), "/", order.holds_placed);
  std::vector<int64_t> cancel_requested(order.lines.size());
  for (const auto& task : order.tasks) {
    for (const auto& line : task.lines) cancel_requested[line.line] += line.cancel_requested;
  }
  for (size_t i = 0; i < order.lines.size(); ++i) {
    const auto& line = order.lines[i];
    DescribeLine(text, line.line_id, line.sku,
                 {line.ordered, line.bound(), line.held_back, line.unallocated(), line.fulfilled,
                  line.cancelled, line.return_requested, line.returned, cancel_requested[i],
                  line.backordered, line.total, line.ShareOf(line.total, line.fulfilled),
                  line.total - line.ShareOf(line.total, line.ordered - line.cancelled),
                  line.ShareOf(line.refundable, line.accepted)});
  }
  for (size_t i = 0; i < order.tasks.size(); ++i) {
    const auto& task = order.tasks[i];
    absl::StrAppend(&text, " | ", TaskIdOf(order_id, i), " ",
                    ordersv1::Task::State_Name(task.state), " at ", task.location_id);
    DescribeEnd(text, task.expire_unix_us, task.extensions);
    for (const auto& line : task.lines) {
      DescribeLine(text, order.lines[line.line].line_id, order.lines[line.line].sku,
                   {line.quantity, line.picked, line.short_picked, line.fulfilled + line.late,
                    line.cancelled, line.cancel_requested});
    }
  }
  for (size_t i = 0; i < order.tasks.size(); ++i) {
    for (size_t p = 0; p < order.parcels.size(); ++p) {
      const auto& parcel = order.parcels[p];
      if (static_cast<size_t>(parcel.task) != i + 1) continue;
      DescribeParcel(text, absl::StrCat(order_id, ".p", p + 1), parcel.key, parcel.tracking_number,
                     parcel.state);
      for (const auto& [index, units] : parcel.lines) {
        absl::StrAppend(&text, " ", units, " ",
                        order.lines[order.tasks[i].lines[index].line].line_id);
      }
    }
  }
  for (const auto& payment : order.payments) {
    DescribePayment(text, payment.ref,
                    {payment.authorised, payment.captured, payment.voided, payment.refunded});
  }
  for (size_t i = 0; i < order.intents.size(); ++i) {
    const auto& intent = order.intents[i];
    if (intent.state != ordersv1::PaymentIntent::OPEN) continue;
    DescribeIntent(text, absl::StrCat(order_id, ".i", i + 1), intent.kind, intent.amount);
  }
  for (const auto& attempt : order.attempts) {
    if (attempt.state != BookedOrder::AttemptState::kFailed) {
      absl::StrAppend(&text, " r", attempt.reservation_id);
    }
  }
  return text;
}

std::string Describe(const ordersv1::Order& order) {
  const auto open = std::count_if(order.holds().begin(), order.holds().end(), [](const auto& hold) {
    return hold.state() == ordersv1::Order::Hold::OPEN;
  });
  std::string text =
      absl::StrCat(ordersv1::Order::State_Name(order.state()), " of ", order.channel_id(), " ",
                   order.external_id(), " holds ", open, "/", order.holds_size());
  for (const auto& line : order.lines()) {
    DescribeLine(
        text, line.line_id(), line.sku(),
        {line.ordered(), line.allocated(), line.held_back(), line.unallocated(), line.fulfilled(),
         line.cancelled(), line.return_requested(), line.returned(), line.cancel_requested(),
         line.backordered(), line.amounts().total_minor(), line.amounts().fulfilled_minor(),
         line.amounts().cancelled_minor(), line.amounts().refund_minor()});
  }
  for (const auto& task : order.tasks()) {
    absl::StrAppend(&text, " | ", task.task_id(), " ", ordersv1::Task::State_Name(task.state()),
                    " at ", task.location_id());
    DescribeEnd(text, TimeUtil::TimestampToMicroseconds(task.expire_time()), task.extensions());
    for (const auto& line : task.lines()) {
      DescribeLine(text, line.line_id(), line.sku(),
                   {line.quantity(), line.picked(), line.short_picked(), line.fulfilled(),
                    line.cancelled(), line.cancel_requested()});
    }
  }
  for (const auto& task : order.tasks()) {
    for (const auto& parcel : task.parcels()) {
      DescribeParcel(text, parcel.parcel_id(), parcel.parcel_key(), parcel.tracking_number(),
                     parcel.state());
      for (const auto& line : parcel.lines()) {
        absl::StrAppend(&text, " ", line.quantity(), " ", line.line_id());
      }
    }
  }
  for (const auto& payment : order.payments()) {
    DescribePayment(text, payment.payment_ref(),
                    {payment.authorised_minor(), payment.captured_minor(), payment.voided_minor(),
                     payment.refunded_minor()});
  }
  for (const auto& intent : order.payment_intents()) {
    DescribeIntent(text, intent.intent_id(), intent.kind(), intent.amount().amount_minor());
  }
  for (const std::string& id : order.reservation_ids()) absl::StrAppend(&text, " r", id);
  return text;
}

absl::Status CompareOrderList(Context& context, Stub& stub, Audit& audit, Findings* findings,
                              Compared* compared) {
  const OrdersBooks& books = audit.orders().books();
  std::set<std::string> missing;
  bool first = true;
  ordersv1::ListOrdersRequest request;
  request.set_page_size(kPageSize);
  do {
    ordersv1::ListOrdersResponse page;
    const grpc::Status status = context.Call(stub, &Stub::ListOrders, request, &page);
    if (!status.ok()) return CallError("ListOrders", status);
    const std::optional<int64_t> position = ParseInteger(page.position());
    if (!position) return absl::InternalError("ListOrders gave no position for its cut");
    QM_RETURN_IF_ERROR(audit.AdvanceOrders(*position));
    // Newest first: what is placed later is on no later page.
    if (std::exchange(first, false)) {
      for (const auto& [order_id, order] : books.orders) missing.insert(order_id);
    }
    for (const auto& live : page.orders()) {
      ++compared->orders;
      compared->tasks += live.tasks_size();
      missing.erase(live.order_id());
      const std::string key = "order " + live.order_id();
      const auto found = books.orders.find(live.order_id());
      if (found == books.orders.end()) {
        findings->Difference(key, "is in orders' list and not in the log");
        continue;
      }
      const std::string expected = Describe(live.order_id(), found->second);
      const std::string actual = Describe(live);
      if (expected != actual) {
        findings->Difference(key, absl::StrCat("at position ", books.position, " the log says ",
                                               expected, " || orders says ", actual));
      }
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  for (const std::string& order_id : missing) {
    findings->Difference("order " + order_id, "is in the log and not in orders' list");
  }
  return absl::OkStatus();
}

absl::Status ReadExceptions(Context& context, Stub& stub,
                            std::map<std::string, std::string>* exceptions) {
  ordersv1::ListExceptionsRequest request;
  request.set_include_resolved(true);
  request.set_page_size(kPageSize);
  do {
    ordersv1::ListExceptionsResponse page;
    const grpc::Status status = context.Call(stub, &Stub::ListExceptions, request, &page);
    if (!status.ok()) return CallError("ListExceptions", status);
    for (const auto& item : page.exceptions()) {
      (*exceptions)[item.exception_id()] =
          absl::StrCat(ordersv1::ExceptionItem::Kind_Name(item.kind()), " of ", item.order_id(),
                       item.resolved() ? ", resolved" : ", open");
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

void CompareExceptionLists(const OrdersBooks& books, const std::map<std::string, std::string>& live,
                           Findings* findings) {
  std::map<std::string, std::string> booked;
  for (const auto& [position, item] : books.exceptions) {
    booked[absl::StrCat("e-", position)] = absl::StrCat(
        ordersv1::ExceptionItem::Kind_Name(static_cast<ordersv1::ExceptionItem::Kind>(item.kind)),
        " of ", item.order_id, item.resolved ? ", resolved" : ", open");
  }
  for (const auto& [id, expected] : booked) {
    const auto found = live.find(id);
    const std::string actual = found == live.end() ? "nothing" : found->second;
    if (actual != expected) {
      findings->Difference("exception " + id,
                           absl::StrCat("the log says ", expected, ", the queue says ", actual));
    }
  }
  for (const auto& [id, actual] : live) {
    if (!booked.contains(id)) {
      findings->Difference("exception " + id, "is in the queue and not in the log");
    }
  }
}

}  // namespace

absl::Status CompareOrders(Context& context, Audit& audit, RecordSource& source, Findings* findings,
                           Compared* compared) {
  const auto stub = context.Stub<ordersv1::OrderService>();
  QM_RETURN_IF_ERROR(CompareOrderList(context, *stub, audit, findings, compared));
  // The queue carries no position: compare it where the log stood still meanwhile.
  for (int attempt = 0; attempt < kQuietTries; ++attempt) {
    QM_ASSIGN_OR_RETURN(auto before, source.Heads());
    std::map<std::string, std::string> exceptions;
    QM_RETURN_IF_ERROR(ReadExceptions(context, *stub, &exceptions));
    QM_ASSIGN_OR_RETURN(auto after, source.Heads());
    QM_RETURN_IF_ERROR(audit.AdvanceOrders(after[kOrdersPartition]));
    if (before[kOrdersPartition] != after[kOrdersPartition]) continue;
    CompareExceptionLists(audit.orders().books(), exceptions, findings);
    compared->exceptions += static_cast<int64_t>(exceptions.size());
    break;
  }
  audit.orders().CheckConservation();
  return absl::OkStatus();
}

}  // namespace quartermaster::qm
