// What comes back: announced, received, matched, looked at, listed.
#include "services/orders/rpc/checks.h"

namespace quartermaster::orders {

using runtime::FieldChecker;
using runtime::FieldPath;
using runtime::Presence;

void Check(const v1::RequestReturnRequest& request, FieldChecker& check) {
  check.Id("request_id", request.request_id());
  check.Id("order_id", request.order_id());
  check.Attribution("attribution", request.attribution());
  if (!check.Size("lines", request.lines_size(), 1, kLinesMax)) return;
  for (int i = 0; i < request.lines_size() && !check.full(); ++i) {
    const auto& line = request.lines(i);
    const FieldPath path("lines", i);
    check.Id({path, "line_id"}, line.line_id());
    check.Id({path, "sku"}, line.sku(), Presence::kOptional);
    check.Range({path, "quantity"}, line.quantity(), 1, kQuantityMax);
    check.Enum({path, "condition"}, line.condition(), v1::Return::Condition_IsValid,
               Presence::kOptional);
  }
  check.Unique("lines", "line_id", request.lines_size(),
               [&](int i) -> const std::string& { return request.lines(i).line_id(); });
}

void Check(const v1::MatchReturnRequest& request, FieldChecker& check) {
  check.Id("request_id", request.request_id());
  check.Id("return_id", request.return_id());
  check.Id("order_id", request.order_id());
  check.Attribution("attribution", request.attribution());
}

void Check(const v1::InspectReturnRequest& request, FieldChecker& check) {
  check.Id("request_id", request.request_id());
  check.Id("return_id", request.return_id());
  check.Attribution("attribution", request.attribution());
  if (!check.Size("lines", request.lines_size(), 1, kLinesMax)) return;
  for (int i = 0; i < request.lines_size() && !check.full(); ++i) {
    const v1::InspectReturnRequest::Line& line = request.lines(i);
    const FieldPath path("lines", i);
    check.Id({path, "line_id"}, line.line_id(), Presence::kOptional);
    check.Id({path, "sku"}, line.sku(),
             line.line_id().empty() ? Presence::kRequired : Presence::kOptional);
    check.Range({path, "quantity"}, line.quantity(), 1, kQuantityMax);
    check.Enum({path, "condition"}, line.condition(), v1::Return::Condition_IsValid,
               Presence::kOptional);
    check.True({path, "condition"}, line.condition() != v1::Return::INSPECTION,
               "is what an inspection ends");
  }
}

void Check(const v1::ListReturnsRequest& request, FieldChecker& check) {
  check.Id("order_id", request.order_id(), Presence::kOptional);
  check.Id("location_id", request.location_id(), Presence::kOptional);
  check.Range("page_size", request.page_size(), 0, kPageSizeMax);
}

void Check(const v1::ReceiveReturnRequest& request, FieldChecker& check) {
  check.Id("request_id", request.request_id());
  check.Id("location_id", request.location_id());
  check.Id("return_id", request.return_id(), Presence::kOptional);
  check.Id("order_id", request.order_id(), Presence::kOptional);
  check.True("order_id", request.order_id().empty() || request.return_id().empty(),
             "must be empty when return_id is set");
  check.Attribution("attribution", request.attribution());
  const bool known = !request.return_id().empty() || !request.order_id().empty();
  const int lines_min = request.return_id().empty() ? 1 : 0;
  if (!check.Size("lines", request.lines_size(), lines_min, kLinesMax)) return;
  for (int i = 0; i < request.lines_size() && !check.full(); ++i) {
    const auto& line = request.lines(i);
    const FieldPath path("lines", i);
    check.Id({path, "line_id"}, line.line_id(), known ? Presence::kRequired : Presence::kOptional);
    check.Id({path, "sku"}, line.sku(), known ? Presence::kOptional : Presence::kRequired);
    check.Range({path, "quantity"}, line.quantity(), 1, kQuantityMax);
    check.Enum({path, "condition"}, line.condition(), v1::Return::Condition_IsValid,
               Presence::kOptional);
  }
}

}  // namespace quartermaster::orders
