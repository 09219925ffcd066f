// subject get|set|erase: the customer of an order as a person.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "quartermaster/orders/v1/orders.grpc.pb.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/ask.h"
#include "tools/qm/commands/commands.h"

namespace quartermaster::qm {
namespace {

namespace ordersv1 = ::quartermaster::orders::v1;
using ordersv1::OrderService;
using Stub = ordersv1::OrderService::Stub;

struct SubjectArgs {
  std::string order, reason;
};

int Get(Context& context, const SubjectArgs& args) {
  ordersv1::GetSubjectRequest request;
  request.set_order_id(args.order);
  return Ask<OrderService>(
      context, &Stub::GetSubject, request, [&](const ordersv1::Subject& subject) {
        std::string address;
        for (const std::string& line : subject.address_lines()) {
          absl::StrAppend(&address, address.empty() ? "" : ", ", line);
        }
        Table table({"NAME", "EMAIL", "PHONE", "ADDRESS", "NOTE"});
        table.Row({subject.name(), subject.email(), subject.phone(), address, subject.note()});
        return context.PrintTable(table);
      });
}

struct SetArgs {
  std::string order, name, email, phone, note, reason;
  std::vector<std::string> address;
};

int Set(Context& context, const SetArgs& args) {
  ordersv1::UpdateSubjectRequest request;
  request.set_request_id(context.RequestId());
  request.mutable_attribution()->set_reason_code(args.reason);
  request.set_order_id(args.order);
  ordersv1::Subject& subject = *request.mutable_subject();
  subject.set_name(args.name);
  subject.set_email(args.email);
  subject.set_phone(args.phone);
  subject.set_note(args.note);
  for (const std::string& line : args.address) subject.add_address_lines(line);
  return Ask<OrderService>(context, &Stub::UpdateSubject, request, [&](const ordersv1::Subject&) {
    context.PrintLine("Kept.");
    return kOk;
  });
}

int Erase(Context& context, const SubjectArgs& args) {
  ordersv1::EraseSubjectRequest request;
  request.set_request_id(context.RequestId());
  request.set_order_id(args.order);
  request.mutable_attribution()->set_reason_code(args.reason);
  return Ask<OrderService>(
      context, &Stub::EraseSubject, request, [&](const ordersv1::EraseSubjectResponse& response) {
        context.PrintLine(response.duplicate() ? "It had been erased before: nothing changed."
                                               : "Erased, for good.");
        return kOk;
      });
}

}  // namespace

void AddSubjectCommands(Cli& cli) {
  Subcommand group =
      cli.Group("subject", "The customer of an order as a person", "qm subject get o-1");

  const auto get_args = std::make_shared<SubjectArgs>();
  Subcommand get = cli.Command(group, "get", "Name and address, as the order was given them",
                               "qm subject get o-1",
                               [get_args](Context& context) { return Get(context, *get_args); });
  get.Option("ORDER", get_args->order, "The order's id").Required();

  const auto set_args = std::make_shared<SetArgs>();
  Subcommand set =
      cli.Command(group, "set", "Replace them: all that is not given is empty then",
                  "qm subject set o-1 --name 'Ada Byron' --address-line '12 St James Square' "
                  "--address-line London",
                  [set_args](Context& context) { return Set(context, *set_args); });
  set.Option("ORDER", set_args->order, "The order's id").Required();
  set.Option("--name", set_args->name, "Of the customer");
  set.Option("--email", set_args->email, "Of the customer");
  set.Option("--phone", set_args->phone, "Of the customer");
  set.Option("--address-line", set_args->address, "A line of the address; again for more");
  set.Option("--note", set_args->note, "For whoever fulfils the order");
  set.Option("--reason", set_args->reason, "A code, kept in the history");

  const auto erase_args = std::make_shared<SubjectArgs>();
  Subcommand erase =
      cli.Command(group, "erase",
                  "Destroy them, for good; the order stays. Copies of the vault lose them at the "
                  "next qm vault backup",
                  "qm subject erase o-1 --reason CUSTOMER_REQUEST",
                  [erase_args](Context& context) { return Erase(context, *erase_args); });
  erase.Option("ORDER", erase_args->order, "The order's id").Required();
  erase.Option("--reason", erase_args->reason, "A code, kept in the history");
}

}  // namespace quartermaster::qm
