// stock move-condition: a request to move units from one condition to another.
#ifndef QUARTERMASTER_TOOLS_QM_COMMANDS_STOCK_CONDITION_H_
#define QUARTERMASTER_TOOLS_QM_COMMANDS_STOCK_CONDITION_H_

#include "tools/qm/subcommand.h"

namespace quartermaster::qm {

class Cli;

void AddStockMoveConditionCommand(Cli& cli, Subcommand group);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_COMMANDS_STOCK_CONDITION_H_
