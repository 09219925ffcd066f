// The parts of the group `reservation` that are in files of their own.
#ifndef QUARTERMASTER_TOOLS_QM_COMMANDS_RESERVATION_COMMANDS_H_
#define QUARTERMASTER_TOOLS_QM_COMMANDS_RESERVATION_COMMANDS_H_

#include "tools/qm/subcommand.h"

namespace quartermaster::qm {

class Cli;

void AddReservationChangeCommands(Cli& cli, Subcommand group);
void AddReservationBatchCommand(Cli& cli, Subcommand group);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_COMMANDS_RESERVATION_COMMANDS_H_
