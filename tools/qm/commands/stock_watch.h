// stock watch.
#ifndef QUARTERMASTER_TOOLS_QM_COMMANDS_STOCK_WATCH_H_
#define QUARTERMASTER_TOOLS_QM_COMMANDS_STOCK_WATCH_H_

namespace CLI {
class App;
}  // namespace CLI

namespace quartermaster::qm {

class Cli;

void AddStockWatchCommand(Cli& cli, CLI::App* group);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_COMMANDS_STOCK_WATCH_H_
