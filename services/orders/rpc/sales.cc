// Sales from tills.
#include <algorithm>

#include "services/orders/rpc/batch.h"
#include "services/orders/rpc/checks.h"
#include "services/orders/rpc/service_impl.h"

namespace quartermaster::orders {

using runtime::FieldChecker;

// Answers when the sales are durable and, if there is time, stock has taken their units off hand.
OrderServiceImpl::Reactor* OrderServiceImpl::RecordSales(Context* context,
                                                         const v1::RecordSalesRequest* request,
                                                         v1::RecordSalesResponse* response) {
  Reactor* reactor = context->DefaultReactor();
  FieldChecker check;
  Check(*request, check);
  if (!check.ok()) return Finish(reactor, check.error());
  Call call = CallOf(context, *request);
  std::vector<std::string> order_ids;
  std::vector<int> item_of_command =
      CheckItems("sales", request->sales(), response, call.commands, [&](const v1::Sale& sale) {
        RecordSale command = ToCommand(sale, request->attribution(), app_->tenant());
        command.unknown_item =
            !app_->KnowsLocation(sale.location_id()) ||
            std::any_of(sale.lines().begin(), sale.lines().end(),
                        [&](const v1::SaleLine& line) { return !app_->KnowsItem(line.sku()); });
        order_ids.push_back(command.order_id);
        return command;
      });
  if (call.commands.empty()) return Finish(reactor);
  app_->SubmitAndSettle(std::move(call), std::move(order_ids), WaitUntil(context),
                        [reactor, response, items = std::move(item_of_command)](Answer answer) {
                          const auto error = FillResults(items, answer, response,
                                                         [](const Result& done, auto* result) {
                                                           result->set_order_id(done.order_id);
                                                         });
                          error ? Finish(reactor, *error) : Finish(reactor);
                        });
  return reactor;
}

}  // namespace quartermaster::orders
