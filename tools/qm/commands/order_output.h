// Orders and tasks as tables: shared by the commands that answer with them.
#ifndef QUARTERMASTER_TOOLS_QM_COMMANDS_ORDER_OUTPUT_H_
#define QUARTERMASTER_TOOLS_QM_COMMANDS_ORDER_OUTPUT_H_

#include <string>

#include "quartermaster/orders/v1/orders.pb.h"
#include "tools/qm/context.h"

namespace quartermaster::qm {

std::string StateName(orders::v1::Order::State state);
std::string StateName(orders::v1::Task::State state);
std::string MethodName(int method);

// Head line, lines and tasks; returns kOk.
int PrintOrder(const Context& context, const orders::v1::Order& order);
// Head line, lines and parcels; returns kOk.
int PrintTask(const Context& context, const orders::v1::Task& task);
// One row a parcel.
Table ParcelTable(const google::protobuf::RepeatedPtrField<orders::v1::Parcel>& parcels);
// One row a task.
Table TaskTable(const google::protobuf::RepeatedPtrField<orders::v1::Task>& tasks);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_COMMANDS_ORDER_OUTPUT_H_
