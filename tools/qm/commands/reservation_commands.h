// The parts of the group `reservation` that are in files of their own.
#ifndef QUARTERMASTER_TOOLS_QM_COMMANDS_RESERVATION_COMMANDS_H_
#define QUARTERMASTER_TOOLS_QM_COMMANDS_RESERVATION_COMMANDS_H_

namespace CLI {
class App;
}  // namespace CLI

namespace quartermaster::qm {

class Cli;

void AddReservationChangeCommands(Cli& cli, CLI::App* group);
void AddReservationBatchCommand(Cli& cli, CLI::App* group);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_COMMANDS_RESERVATION_COMMANDS_H_
