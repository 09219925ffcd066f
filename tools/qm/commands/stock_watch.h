// stock watch.
#ifndef QUARTERMASTER_TOOLS_QM_COMMANDS_STOCK_WATCH_H_
#define QUARTERMASTER_TOOLS_QM_COMMANDS_STOCK_WATCH_H_

#include "tools/qm/subcommand.h"

namespace quartermaster::qm {

class Cli;

void AddStockWatchCommand(Cli& cli, Subcommand group);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_COMMANDS_STOCK_WATCH_H_
