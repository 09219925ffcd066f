// OrderServiceImpl::SubmitFacts, for the files of its methods.
#ifndef QUARTERMASTER_SERVICES_ORDERS_RPC_SUBMIT_FACTS_H_
#define QUARTERMASTER_SERVICES_ORDERS_RPC_SUBMIT_FACTS_H_

#include <utility>
#include <vector>

#include "services/orders/rpc/batch.h"
#include "services/orders/rpc/checks.h"
#include "services/orders/rpc/service_impl.h"
#include "services/runtime/answer_size.h"

namespace quartermaster::orders {

// Makes the command of an item that says all by itself.
template <typename Request>
auto MakerOf(const Request& request) {
  return [&request](const auto& item) { return ToCommand(item, request.attribution()); };
}

template <typename Request, typename Items, typename Response, typename Make, typename RenderItem>
OrderServiceImpl::Reactor* OrderServiceImpl::SubmitFacts(Context* context, const Request& request,
                                                         const char* field, const Items& items,
                                                         Response* response, Make make,
                                                         RenderItem render) {
  Reactor* reactor = context->DefaultReactor();
  runtime::FieldChecker check;
  Check(request, check);
  if (!check.ok()) return Finish(reactor, check.error());
  Call call = CallOf(context, request);
  std::vector<int> item_of_command =
      CheckItems(field, items, response, call.commands, std::move(make));
  if (call.commands.empty()) return Finish(reactor);
  app_->engine().Submit(std::move(call), [reactor, response, render,
                                          commanded = std::move(item_of_command)](Answer answer) {
    runtime::AnswerSize size;
    const auto error =
        FillResults(commanded, answer, response,
                    [&](const Result& done, auto* result) { render(done, size, result); });
    error ? Finish(reactor, *error) : Finish(reactor);
  });
  return reactor;
}

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_RPC_SUBMIT_FACTS_H_
