// order history|watch and task watch: what happened to orders.
#ifndef QUARTERMASTER_TOOLS_QM_COMMANDS_ORDER_EVENTS_H_
#define QUARTERMASTER_TOOLS_QM_COMMANDS_ORDER_EVENTS_H_

#include "tools/qm/subcommand.h"

namespace quartermaster::qm {

class Cli;

void AddOrderEventCommands(Cli& cli, Subcommand group);
void AddTaskWatchCommand(Cli& cli, Subcommand group);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_COMMANDS_ORDER_EVENTS_H_
