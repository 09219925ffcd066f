// stock count apply FILE|get, stock reconcile.
#ifndef QUARTERMASTER_TOOLS_QM_COMMANDS_STOCK_COUNT_H_
#define QUARTERMASTER_TOOLS_QM_COMMANDS_STOCK_COUNT_H_

#include "tools/qm/subcommand.h"

namespace quartermaster::qm {

class Cli;

void AddStockCountCommands(Cli& cli, Subcommand group);
void AddStockReconcileCommand(Cli& cli, Subcommand group);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_COMMANDS_STOCK_COUNT_H_
