// The groups of commands. Each function adds its own to the tree.
#ifndef QUARTERMASTER_TOOLS_QM_COMMANDS_COMMANDS_H_
#define QUARTERMASTER_TOOLS_QM_COMMANDS_COMMANDS_H_

namespace quartermaster::qm {

class Cli;

// status
void AddStatusCommand(Cli& cli);
// import items|locations|stock|orders
void AddImportCommands(Cli& cli);
// stock get|adjust|ledger|why
void AddStockCommands(Cli& cli);
// pool set
void AddPoolCommands(Cli& cli);
// reserve, confirm, release
void AddHoldCommands(Cli& cli);
// reservation get|list
void AddReservationCommands(Cli& cli);
// order place|get|list|cancel
void AddOrderCommands(Cli& cli);
// task list|accept|reject|pick|pack|ship|ready|hand-over
void AddTaskCommands(Cli& cli);
// return request|receive
void AddReturnCommands(Cli& cli);
// exceptions list|resolve
void AddExceptionCommands(Cli& cli);
// route explain
void AddRouteCommands(Cli& cli);
// events tail
void AddEventCommands(Cli& cli);
// verify
void AddVerifyCommand(Cli& cli);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_COMMANDS_COMMANDS_H_
