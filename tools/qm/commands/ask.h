// What most commands do: one call, then its answer as JSON, or as the command prints it.
//
//   return Ask<ordersv1::OrderService>(context, &Stub::GetOrder, request,
//              [&](const ordersv1::Order& order) { return PrintOrder(context, order); });
#ifndef QUARTERMASTER_TOOLS_QM_COMMANDS_ASK_H_
#define QUARTERMASTER_TOOLS_QM_COMMANDS_ASK_H_

#include <algorithm>
#include <string>

#include "google/protobuf/repeated_ptr_field.h"
#include "tools/qm/context.h"

namespace quartermaster::qm {

// Service is a generated service: Ask<ordersv1::OrderService>(...). `print` gets the answer and
// returns the exit code. Returns it, or that of the refusal.
template <typename Service, typename Request, typename Response, typename Print>
int Ask(Context& context,
        grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
        const Request& request, const Print& print) {
  Response response;
  const auto stub = context.Stub<Service>();
  const grpc::Status status = context.Call(*stub, method, request, &response);
  if (!status.ok()) return context.Refused(status);
  if (context.json()) return context.PrintJson(response);
  return print(response);
}

inline constexpr int kMostOfAPage = 1'000;

// A list, page after page, into `all`, at most `limit` rows. `rows` gives the rows of an answer (an
// accessor of the message). The token of what was left then stays in `request`.
template <typename Service, typename Request, typename Response, typename Row>
grpc::Status ReadList(Context& context,
                      grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&,
                                                            Response*),
                      Request& request, int limit,
                      const google::protobuf::RepeatedPtrField<Row>& (Response::*rows)() const,
                      Response& all) {
  const auto stub = context.Stub<Service>();
  do {
    request.set_page_size(std::min(kMostOfAPage, limit - (all.*rows)().size()));
    Response page;
    const grpc::Status status = context.Call(*stub, method, request, &page);
    if (!status.ok()) return status;
    request.set_page_token(page.next_page_token());
    all.clear_next_page_token();
    all.MergeFrom(page);
  } while (!request.page_token().empty() && (all.*rows)().size() < limit);
  return grpc::Status::OK;
}

// The same, and `print` prints all of them as a table.
template <typename Service, typename Request, typename Response, typename Row, typename Print>
int AskList(Context& context,
            grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
            Request request, int limit,
            const google::protobuf::RepeatedPtrField<Row>& (Response::*rows)() const,
            const Print& print) {
  Response all;
  const grpc::Status status = ReadList<Service>(context, method, request, limit, rows, all);
  if (!status.ok()) return context.Refused(status);
  const bool more = !request.page_token().empty();
  if (context.json()) {
    context.PrintList(all, (all.*rows)());
  } else {
    print(all);
  }
  // In whole JSON, next_page_token says it.
  if (more && (context.ndjson() || !context.json())) context.Note("(there are more: see --limit)");
  return kOk;
}

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_COMMANDS_ASK_H_
