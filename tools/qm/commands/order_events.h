// order history|watch and task watch: what happened to orders.
#ifndef QUARTERMASTER_TOOLS_QM_COMMANDS_ORDER_EVENTS_H_
#define QUARTERMASTER_TOOLS_QM_COMMANDS_ORDER_EVENTS_H_

namespace CLI {
class App;
}  // namespace CLI

namespace quartermaster::qm {

class Cli;

void AddOrderEventCommands(Cli& cli, CLI::App* group);
void AddTaskWatchCommand(Cli& cli, CLI::App* group);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_COMMANDS_ORDER_EVENTS_H_
