// policy fulfilment set|show: how the orders of a channel are fulfilled.
#ifndef QUARTERMASTER_TOOLS_QM_COMMANDS_POLICY_FULFILMENT_H_
#define QUARTERMASTER_TOOLS_QM_COMMANDS_POLICY_FULFILMENT_H_

#include <string>

#include "quartermaster/orders/v1/orders.pb.h"
#include "tools/qm/subcommand.h"

namespace quartermaster::qm {

class Cli;

// "CODE[:EFFECT]...", where an effect is available, suspect, reroute, ask, keep-location, or (once)
// the code of what is suggested then. False if it is not.
bool ParseReason(const std::string& text, orders::v1::ReasonEffect* reason);

// Below `policy`.
void AddFulfilmentPolicyCommands(Cli& cli, Subcommand policy);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_COMMANDS_POLICY_FULFILMENT_H_
