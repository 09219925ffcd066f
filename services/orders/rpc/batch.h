// Answers of a batch of facts: one result per item, a bad one never stops the rest.
#ifndef QUARTERMASTER_SERVICES_ORDERS_RPC_BATCH_H_
#define QUARTERMASTER_SERVICES_ORDERS_RPC_BATCH_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "google/rpc/status.pb.h"
#include "services/orders/app/errors.h"
#include "services/orders/app/orders_engine.h"
#include "services/orders/rpc/checks.h"
#include "services/runtime/rpc_error.h"
#include "services/runtime/validation.h"

namespace quartermaster::orders {

// Makes a command of each item that is valid; the result of one that is not says why. Returns the
// items of the commands. `make(item)` returns the command.
template <typename Items, typename Response, typename Make>
std::vector<int> CheckItems(const char* field, const Items& items, Response* response,
                            std::vector<Command>& commands, Make make) {
  std::vector<int> item_of_command;
  for (int i = 0; i < items.size(); ++i) {
    runtime::FieldChecker check;
    Check(items.Get(i), runtime::FieldPath(field, i), check);
    auto* result = response->add_results();
    if (!check.ok()) {
      *result->mutable_status() = runtime::ToRpcStatus(check.error());
      continue;
    }
    commands.push_back(make(items.Get(i)));
    item_of_command.push_back(i);
  }
  return item_of_command;
}

// Writes the outcome of each command into the result of its item: `items[i]` is the item of the
// i-th command. Items without a command keep what they have. `render(result, message)` adds what
// an accepted one shows. An error, and no results, if there is no outcome of each.
template <typename Response, typename Render>
std::optional<runtime::RpcError> FillResults(const std::vector<int>& items, const Answer& answer,
                                             Response* response, Render render) {
  if (answer.error || answer.outcomes.size() != items.size()) {
    response->clear_results();
    if (answer.error) return answer.error;
    // Another release may have found others valid when the request was first decided.
    return runtime::InternalDefect("a repeated request has other valid items than the first time");
  }
  for (size_t i = 0; i < items.size(); ++i) {
    auto* message = response->mutable_results(items[i]);
    const Outcome& outcome = answer.outcomes[i];
    if (outcome.rejection) {
      *message->mutable_status() = runtime::ToRpcStatus(ToRpcError(*outcome.rejection));
      continue;
    }
    message->mutable_status();  // OK, and said so.
    message->set_duplicate(outcome.result.duplicate);
    render(outcome.result, message);
  }
  return std::nullopt;
}

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_RPC_BATCH_H_
