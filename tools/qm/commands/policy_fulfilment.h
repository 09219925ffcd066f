// policy fulfilment set|show: how the orders of a channel are fulfilled.
#ifndef QUARTERMASTER_TOOLS_QM_COMMANDS_POLICY_FULFILMENT_H_
#define QUARTERMASTER_TOOLS_QM_COMMANDS_POLICY_FULFILMENT_H_

#include "tools/qm/subcommand.h"

namespace quartermaster::qm {

class Cli;

// Below `policy`.
void AddFulfilmentPolicyCommands(Cli& cli, Subcommand policy);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_COMMANDS_POLICY_FULFILMENT_H_
