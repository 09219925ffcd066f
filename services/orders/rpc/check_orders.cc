// Placing, editing, cancelling, routing again, listing; subjects and exceptions.
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "services/base/card_number.h"
#include "services/orders/codec/requests.h"
#include "services/orders/rpc/checks.h"

namespace quartermaster::orders {
namespace {

using runtime::FieldChecker;
using runtime::FieldPath;
using runtime::Presence;

constexpr int kReroutedTasksMax = 100;
constexpr int kNewHoldsMax = 10;
constexpr int kPlacedPaymentsMax = 100;
constexpr size_t kPostalAreaBytesMax = 16;
constexpr int kAddressLinesMax = 10;
constexpr size_t kSubjectTextBytesMax = 256;
constexpr size_t kNoteBytesMax = 2'000;

void CheckDestination(const common::v1::Destination& destination, const FieldPath& path,
                      FieldChecker& check) {
  check.CountryCode({path, "country_code"}, destination.country_code());
  const FieldPath postal_area(path, "postal_area");
  if (check.Id(postal_area, destination.postal_area(), Presence::kOptional)) {
    check.True(postal_area, destination.postal_area().size() <= kPostalAreaBytesMax,
               "is longer than 16 bytes");
  }
  if (destination.has_point()) check.GeoPoint({path, "point"}, destination.point());
}

void CheckSubject(const v1::Subject& subject, FieldChecker& check) {
  const FieldPath path("subject");
  check.Text({path, "name"}, subject.name(), kSubjectTextBytesMax);
  check.Text({path, "email"}, subject.email(), kSubjectTextBytesMax);
  check.Text({path, "phone"}, subject.phone(), kSubjectTextBytesMax);
  check.Text({path, "note"}, subject.note(), kNoteBytesMax);
  check.True({path, "note"}, !HasCardNumber(subject.note()), "must not have a card number in it");
  check.Size({path, "address_lines"}, subject.address_lines_size(), 0, kAddressLinesMax);
  for (int i = 0; i < subject.address_lines_size() && !check.full(); ++i) {
    check.Text({path, "address_lines", i}, subject.address_lines(i), kSubjectTextBytesMax);
  }
}

// What a line must be wherever it is placed; its amounts are checked with the order's.
void CheckPlaceLine(const v1::PlaceLine& line, const FieldPath& path, Presence line_id,
                    FieldChecker& check) {
  check.Id({path, "line_id"}, line.line_id(), line_id);
  check.Id({path, "sku"}, line.sku());
  check.Range({path, "quantity"}, line.quantity(), 1, kQuantityMax);
  if (line.has_unit_price()) check.Money({path, "unit_price"}, line.unit_price());
  check.Enum({path, "on_shortage"}, line.on_shortage(), v1::PlaceLine::OnShortage_IsValid,
             Presence::kOptional);
}

void CheckGroup(const v1::PlaceGroup& group, const v1::Amounts* amounts, const FieldPath& path,
                FieldChecker& check) {
  check.Id({path, "group_id"}, group.group_id(), Presence::kOptional);
  check.Enum({path, "method"}, group.method(), routing::v1::Method_IsValid);
  check.Id({path, "location_id"}, group.location_id(), Presence::kOptional);
  const FieldPath destination(path, "destination");
  CheckDestination(group.destination(), destination, check);
  if (group.method() == routing::v1::SHIP) {
    check.Required({destination, "point"}, group.destination().has_point());
    check.True({path, "location_id"}, group.location_id().empty(),
               "a shipment's locations are routing's choice");
  } else if (group.method() == routing::v1::CARRY_OUT) {
    check.Required({path, "location_id"}, !group.location_id().empty());
  } else if (group.method() == routing::v1::PICKUP && group.location_id().empty()) {
    check.Required({destination, "point"}, group.destination().has_point());
  }
  if (group.has_promised_by()) check.Timestamp({path, "promised_by"}, group.promised_by());
  check.Enum({path, "payment_term"}, group.payment_term(), v1::PaymentTerm_IsValid,
             Presence::kOptional);
  check.Size({path, "lines"}, group.lines_size(), 1, kLinesMax);
  for (int i = 0; i < group.lines_size() && !check.full(); ++i) {
    const v1::PlaceLine& line = group.lines(i);
    const FieldPath line_path(path, "lines", i);
    CheckPlaceLine(line, line_path, Presence::kOptional, check);
    CheckLineAmounts(line, amounts, line_path, check);
    check.True(
        {line_path, "on_shortage"},
        group.method() != routing::v1::CARRY_OUT || line.on_shortage() != v1::PlaceLine::BACKORDER,
        "what is taken along at once cannot wait for stock");
  }
}

// Line ids are unique over all groups; an empty one is the line's index.
void CheckLineIds(const v1::PlaceOrderRequest& request, FieldChecker& check) {
  absl::flat_hash_set<std::string> seen;
  int index = 0;
  for (int g = 0; g < request.groups_size() && !check.full(); ++g) {
    const FieldPath group("groups", g);
    for (int i = 0; i < request.groups(g).lines_size() && !check.full(); ++i, ++index) {
      const std::string& given = request.groups(g).lines(i).line_id();
      const FieldPath line(group, "lines", i);
      check.True({line, "line_id"}, seen.insert(given.empty() ? absl::StrCat(index) : given).second,
                 "is the id of another line as well");
    }
  }
}

void CheckGroupIds(const v1::PlaceOrderRequest& request, FieldChecker& check) {
  absl::flat_hash_set<std::string> seen;
  for (int g = 0; g < request.groups_size() && !check.full(); ++g) {
    const std::string& given = request.groups(g).group_id();
    const FieldPath group("groups", g);
    check.True({group, "group_id"}, seen.insert(given.empty() ? absl::StrCat(g) : given).second,
               "is the id of another group as well");
  }
}

// Payments that a new order comes with: about no order, and each about another event.
void CheckPayments(const v1::PlaceOrderRequest& request, FieldChecker& check) {
  check.Size("payments", request.payments_size(), 0, kPlacedPaymentsMax);
  std::string currency = request.amounts().currency_code();
  for (const v1::PaymentFact& fact : request.payments()) {
    if (!request.has_amounts() && currency.empty()) currency = fact.amount().currency_code();
  }
  absl::flat_hash_set<std::pair<std::string, std::string>> seen;
  for (int i = 0; i < request.payments_size() && !check.full(); ++i) {
    const v1::PaymentFact& fact = request.payments(i);
    const FieldPath path("payments", i);
    CheckPayment(fact, path, check);
    check.True({path, "order_id"}, fact.order_id().empty(), "must be empty: it is this order");
    check.True({path, "channel_id"}, fact.channel_id().empty(), "must be empty: it is this order");
    check.True({path, "external_id"}, fact.external_id().empty(),
               "must be empty: it is this order");
    check.True({path, "intent_id"}, fact.intent_id().empty(), "must be empty: there is none yet");
    const FieldPath amount(path, "amount");
    check.True({amount, "currency_code"},
               !fact.has_amount() || fact.amount().currency_code() == currency,
               "is not that of the order, or of its other payments");
    check.True({path, "event_ref"}, seen.emplace(fact.payment_ref(), fact.event_ref()).second,
               "is that of another event of its payment as well");
    const std::pair<const char*, const std::string*> references[] = {
        {"payment_ref", &fact.payment_ref()},
        {"event_ref", &fact.event_ref()},
        {"method", &fact.method()},
        {"reason_code", &fact.reason_code()}};
    for (const auto& [field, reference] : references) {
      check.True({path, field}, !HasCardNumber(*reference), "must not have a card number in it");
    }
  }
}

double Rounded(double degrees) { return std::round(degrees * 10) / 10; }

// As it is stored: a fingerprint of more would be personal data.
void MakeCoarse(common::v1::Destination& destination) {
  if (!destination.has_point()) return;
  common::v1::GeoPoint* point = destination.mutable_point();
  point->set_latitude(Rounded(point->latitude()));
  point->set_longitude(Rounded(point->longitude()));
}

}  // namespace

void Check(const v1::PlaceOrderRequest& request, FieldChecker& check) {
  check.Id("request_id", request.request_id());
  check.Id("channel_id", request.channel_id());
  check.Id("external_id", request.external_id(), Presence::kOptional);
  check.Id("customer_ref", request.customer_ref(), Presence::kOptional);
  check.Id("reservation_id", request.reservation_id(), Presence::kOptional);
  check.Attribution("attribution", request.attribution());
  CheckSubject(request.subject(), check);
  check.Size("holds", request.holds_size(), 0, kNewHoldsMax);
  for (int i = 0; i < request.holds_size() && !check.full(); ++i) {
    CheckHold(request.holds(i), FieldPath("holds", i), check);
  }
  if (request.has_payment_grace()) {
    check.Duration("payment_grace", request.payment_grace(), kHoldTtlMin, kHoldTtlMax);
    const bool own_hold =
        std::any_of(request.holds().begin(), request.holds().end(),
                    [](const v1::NewHold& hold) { return hold.kind() == v1::PAYMENT; });
    check.True("payment_grace", !own_hold, "must be empty with a hold for payment of its own");
    const bool later = std::any_of(
        request.groups().begin(), request.groups().end(),
        [](const v1::PlaceGroup& group) { return group.payment_term() == v1::ASYNCHRONOUS; });
    check.True("payment_grace", later, "is of groups whose payment_term is ASYNCHRONOUS");
  }
  if (request.payments_size() > 0) CheckPayments(request, check);
  if (!check.Size("groups", request.groups_size(), 1, kGroupsMax)) return;
  const v1::Amounts* const amounts = request.has_amounts() ? &request.amounts() : nullptr;
  int lines = 0;
  for (int g = 0; g < request.groups_size() && !check.full(); ++g) {
    CheckGroup(request.groups(g), amounts, FieldPath("groups", g), check);
    lines += request.groups(g).lines_size();
  }
  if (lines > kLinesMax && check.ok()) {
    check.Add("groups", absl::StrCat("have ", lines, " lines in all, more than ", kLinesMax));
  }
  CheckGroupIds(request, check);
  CheckLineIds(request, check);
  if (amounts != nullptr) CheckAmounts(*amounts, PricedLinesOf(request), "amounts", check);
}

v1::PlaceOrderRequest Canonical(const v1::PlaceOrderRequest& request) {
  v1::PlaceOrderRequest canonical = request;
  canonical.clear_subject();
  for (v1::PlaceGroup& group : *canonical.mutable_groups()) {
    MakeCoarse(*group.mutable_destination());
  }
  return canonical;
}

v1::EditOrderRequest Canonical(const v1::EditOrderRequest& request) {
  v1::EditOrderRequest canonical = request;
  for (v1::EditOrderRequest::NewDestination& wanted : *canonical.mutable_destinations()) {
    MakeCoarse(*wanted.mutable_destination());
  }
  return canonical;
}

void Check(const v1::UpdateSubjectRequest& request, FieldChecker& check) {
  check.Id("request_id", request.request_id());
  check.Id("order_id", request.order_id());
  check.Attribution("attribution", request.attribution());
  CheckSubject(request.subject(), check);
}

void Check(const v1::CancelOrderRequest& request, FieldChecker& check) {
  check.Id("request_id", request.request_id());
  check.Id("order_id", request.order_id());
  check.Id("etag", request.etag(), Presence::kOptional);
  check.Attribution("attribution", request.attribution());
  if (!check.Size("lines", request.lines_size(), 0, kLinesMax)) return;
  for (int i = 0; i < request.lines_size() && !check.full(); ++i) {
    const FieldPath line("lines", i);
    check.Id({line, "line_id"}, request.lines(i).line_id());
    check.Range({line, "quantity"}, request.lines(i).quantity(), 1, kQuantityMax);
  }
  check.Unique("lines", "line_id", request.lines_size(),
               [&](int i) -> const std::string& { return request.lines(i).line_id(); });
}

void Check(const v1::EditOrderRequest& request, FieldChecker& check) {
  check.Id("request_id", request.request_id());
  check.Id("order_id", request.order_id());
  check.Id("etag", request.etag(), Presence::kOptional);
  check.Attribution("attribution", request.attribution());
  if (!check.Size("less", request.less_size(), 0, kLinesMax) ||
      !check.Size("added", request.added_size(), 0, kLinesMax) ||
      !check.Size("destinations", request.destinations_size(), 0, kGroupsMax)) {
    return;
  }
  check.True("less", request.less_size() + request.added_size() + request.destinations_size() > 0,
             "added or destinations must say what is to change");
  for (int i = 0; i < request.less_size() && !check.full(); ++i) {
    const FieldPath line("less", i);
    check.Id({line, "line_id"}, request.less(i).line_id());
    check.Range({line, "quantity"}, request.less(i).quantity(), 1, kQuantityMax);
  }
  check.Unique("less", "line_id", request.less_size(),
               [&](int i) -> const std::string& { return request.less(i).line_id(); });
  for (int i = 0; i < request.added_size() && !check.full(); ++i) {
    const FieldPath added("added", i);
    const v1::PlaceLine& line = request.added(i).line();
    const FieldPath path(added, "line");
    check.Id({added, "group_id"}, request.added(i).group_id());
    CheckPlaceLine(line, path, Presence::kRequired, check);
    check.True({path, "on_shortage"}, line.on_shortage() != v1::PlaceLine::DROP_LINE,
               "an edit is wholly applied, or not at all");
  }
  check.Unique("added", "line.line_id", request.added_size(),
               [&](int i) -> const std::string& { return request.added(i).line().line_id(); });
  check.Unique("destinations", "group_id", request.destinations_size(),
               [&](int i) -> const std::string& { return request.destinations(i).group_id(); });
  for (int i = 0; i < request.destinations_size() && !check.full(); ++i) {
    const FieldPath wanted("destinations", i);
    check.Id({wanted, "group_id"}, request.destinations(i).group_id());
    const FieldPath destination(wanted, "destination");
    CheckDestination(request.destinations(i).destination(), destination, check);
    check.Required({destination, "point"}, request.destinations(i).destination().has_point());
  }
}

void Check(const v1::RerouteOrderRequest& request, FieldChecker& check) {
  check.Id("request_id", request.request_id());
  check.Id("order_id", request.order_id());
  check.Id("etag", request.etag(), Presence::kOptional);
  check.Attribution("attribution", request.attribution());
  if (!check.Size("task_ids", request.task_ids_size(), 0, kReroutedTasksMax)) return;
  absl::flat_hash_set<std::string> seen;
  for (int i = 0; i < request.task_ids_size() && !check.full(); ++i) {
    const FieldPath path("task_ids", i);
    check.Id(path, request.task_ids(i));
    check.True(path, seen.insert(request.task_ids(i)).second, "is named twice");
  }
}

void Check(const v1::ListOrdersRequest& request, FieldChecker& check) {
  check.Id("customer_ref", request.customer_ref(), Presence::kOptional);
  check.Id("channel_id", request.channel_id(), Presence::kOptional);
  check.Id("external_id", request.external_id(), Presence::kOptional);
  check.Id("location_id", request.location_id(), Presence::kOptional);
  check.Enum("state", request.state(), v1::Order::State_IsValid, Presence::kOptional);
  check.Id("sku", request.sku(), Presence::kOptional);
  if (request.has_created_from()) check.Timestamp("created_from", request.created_from());
  if (request.has_created_before()) check.Timestamp("created_before", request.created_before());
  check.True("order_by",
             request.order_by().empty() || request.order_by() == kByCreateTimeDesc ||
                 request.order_by() == kByCreateTime,
             "must be \"create_time\" or \"create_time desc\"");
  check.Range("page_size", request.page_size(), 0, kPageSizeMax);
}

void Check(const v1::GetOrderHistoryRequest& request, FieldChecker& check) {
  check.Id("order_id", request.order_id());
  check.Range("page_size", request.page_size(), 0, kPageSizeMax);
}

void Check(const v1::ListTasksRequest& request, FieldChecker& check) {
  check.Id("location_id", request.location_id(), Presence::kOptional);
  check.Id("order_id", request.order_id(), Presence::kOptional);
  check.Enum("state", request.state(), v1::Task::State_IsValid, Presence::kOptional);
  check.Range("page_size", request.page_size(), 0, kPageSizeMax);
}

void Check(const v1::ListExceptionsRequest& request, FieldChecker& check) {
  check.Id("order_id", request.order_id(), Presence::kOptional);
  check.Range("page_size", request.page_size(), 0, kPageSizeMax);
}

void Check(const v1::ResolveExceptionRequest& request, FieldChecker& check) {
  check.Id("request_id", request.request_id());
  check.Id("exception_id", request.exception_id());
  check.Attribution("attribution", request.attribution());
}

}  // namespace quartermaster::orders
