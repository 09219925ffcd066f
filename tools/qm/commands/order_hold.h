// order hold|release-hold, and the holds that an order is placed with.
#ifndef QUARTERMASTER_TOOLS_QM_COMMANDS_ORDER_HOLD_H_
#define QUARTERMASTER_TOOLS_QM_COMMANDS_ORDER_HOLD_H_

#include <string>

#include "quartermaster/orders/v1/orders.pb.h"
#include "tools/qm/subcommand.h"

namespace quartermaster::qm {

class Cli;

// "KIND[:TTL[:cancel]]": "fraud", "payment:2h:cancel". Returns what is wrong, or an empty string.
std::string ParseHold(const std::string& text, orders::v1::NewHold* hold);

// Below `order`.
void AddOrderHoldCommands(Cli& cli, Subcommand order);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_COMMANDS_ORDER_HOLD_H_
