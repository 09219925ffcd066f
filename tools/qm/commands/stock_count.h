// stock count apply FILE|get, stock reconcile.
#ifndef QUARTERMASTER_TOOLS_QM_COMMANDS_STOCK_COUNT_H_
#define QUARTERMASTER_TOOLS_QM_COMMANDS_STOCK_COUNT_H_

namespace CLI {
class App;
}

namespace quartermaster::qm {

class Cli;

void AddStockCountCommands(Cli& cli, CLI::App* group);
void AddStockReconcileCommand(Cli& cli, CLI::App* group);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_COMMANDS_STOCK_COUNT_H_
