// Edits of orders.
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/orders/rpc/checks.h"
#include "services/orders/rpc/service_impl.h"

namespace quartermaster::orders {
namespace {

using runtime::FieldChecker;
using runtime::FieldPath;

// What the order says of what is added: its ids, and whether it has amounts, which it has from the
// start or never.
std::optional<runtime::RpcError> Prepare(const Order& order, const v1::EditOrderRequest& request,
                                         EditOrder& edit) {
  FieldChecker check;
  if (request.added_size() + static_cast<int>(order.lines.size()) > kLinesMax) {
    check.Add("added", absl::StrCat("and the order's lines are more than ", kLinesMax));
  }
  for (int i = 0; i < request.added_size() && !check.full(); ++i) {
    const v1::PlaceLine& line = request.added(i).line();
    const FieldPath added("added", i);
    const FieldPath path(added, "line");
    check.True({path, "line_id"}, !FindLine(order, line.line_id()).has_value(),
               "is the id of another line of the order");
    const auto group = FindGroup(order, request.added(i).group_id());
    const bool carried_out = group && order.groups[*group].method == Method::kCarryOut;
    check.True({path, "on_shortage"},
               !carried_out || line.on_shortage() != v1::PlaceLine::BACKORDER,
               "what is taken along at once cannot wait for stock");
    std::optional<v1::Amounts> amounts;
    if (order.amounts) {
      amounts.emplace().set_currency_code(order.amounts->currency_code);
    }
    CheckLineAmounts(line, amounts ? &*amounts : nullptr, path, check);
    if (amounts) {
      edit.added[static_cast<size_t>(i)].line.amounts =
          LineAmounts{.subtotal = line.subtotal_minor(), .tax = line.tax_minor()};
    }
  }
  if (check.ok()) return std::nullopt;
  return check.error();
}

}  // namespace

OrderServiceImpl::Reactor* OrderServiceImpl::EditOrder(Context* context,
                                                       const v1::EditOrderRequest* request,
                                                       v1::Order* response) {
  Reactor* reactor = context->DefaultReactor();
  FieldChecker check;
  Check(*request, check);
  if (!check.ok()) return Finish(reactor, check.error());
  Call call = CallOf(context, *request);
  EditCall edit{.request_id = std::move(call.request_id),
                .fingerprint = runtime::RequestFingerprint(Canonical(*request)),
                .edit = ToCommand(*request),
                .prepare =
                    [request](const Order& order, orders::EditOrder& prepared) {
                      return Prepare(order, *request, prepared);
                    },
                .deadline = call.deadline};
  app_->editor().Edit(std::move(edit), [this, reactor, response](EditReply reply) {
    if (const auto* error = std::get_if<runtime::RpcError>(&reply)) {
      Finish(reactor, *error);
      return;
    }
    RenderOrder(std::get<std::string>(reply), response);
    Finish(reactor);
  });
  return reactor;
}

}  // namespace quartermaster::orders
