// stock move-condition: a request to move units from one condition to another.
#ifndef QUARTERMASTER_TOOLS_QM_COMMANDS_STOCK_CONDITION_H_
#define QUARTERMASTER_TOOLS_QM_COMMANDS_STOCK_CONDITION_H_

namespace CLI {
class App;
}

namespace quartermaster::qm {

class Cli;

void AddStockMoveConditionCommand(Cli& cli, CLI::App* group);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_COMMANDS_STOCK_CONDITION_H_
